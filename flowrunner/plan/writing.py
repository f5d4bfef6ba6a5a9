"""A plan becomes a file: JSON Lines, a head, a line for each person, and a foot that seals them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import file_digest, sha256
from pathlib import Path
from typing import NamedTuple

from flowrunner.campaign import CampaignRecipient
from flowrunner.campaign.check import begins_with_text
from flowrunner.client.targets import read_target
from flowrunner.diagnostics import Location
from flowrunner.engine import Given, Prepared
from flowrunner.flow import Loaded
from flowrunner.journal import Omission
from flowrunner.model import Json, Recipient
from flowrunner.numbers import packed
from flowrunner.plan.values import SHUT, Header


def plan_lines(
    header: Header, loaded: Loaded, people: Iterable[CampaignRecipient], left_out: Sequence[Omission]
) -> Iterator[str]:
    """A plan, line by line, each with its end; it holds numbers and texts that are nobody else's business.

    Args:
        header: What holds for everybody.
        loaded: The flow, without errors.
        people: Everybody who is to be sent to, checked.
        left_out: Everybody else of the audience.
    """
    seal = sha256()
    for line in _lines(header, loaded, people, left_out):
        seal.update(line.encode())
        yield line
    yield _line({"sha256": seal.hexdigest()})


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


class Wires(NamedTuple):
    """The messages that somebody will get, as the very texts that go on the wire.

    Attributes:
        messages: Where free text may be sent to them whenever the flow asks (``conversation.open``).
        shut: Where it may not; None where the flow does not ask.
        waits: They get free text first, whatever it asks: so they must have written lately.
    """

    messages: list[str]
    shut: list[str] | None
    waits: bool


def wires(prepared: Prepared, person: CampaignRecipient, now: str) -> Wires:
    """The messages that somebody will get.

    Raises:
        ValueError: The flow does not accept their variables, or cannot be rendered for them.
    """
    given = {name: Given(value, Location("the plan")) for name, value in person.variables.items()}
    rendering, problems = prepared.render(person.recipient, given, now)
    if rendering is None:
        raise ValueError(problems[0].message)
    messages = [message.wire for message in rendering.messages]
    shut, _ = prepared.render(person.recipient, given, now, is_open=False) if prepared.asks else (None, [])
    if shut is None:
        return Wires(messages, None, begins_with_text(rendering))
    return Wires(messages, [message.wire for message in shut.messages], begins_with_text(shut))


def _lines(
    header: Header, loaded: Loaded, people: Iterable[CampaignRecipient], left_out: Sequence[Omission]
) -> Iterator[str]:
    yield _line(header.data())
    prepared = Prepared(loaded, read_target(header.target).spoken)
    for person in people:
        values = packed(dict(person.variables))
        said = {"line": person.line, **_who(person.recipient), "zone": person.zone, "variables": values}
        its = wires(prepared, person, header.now)
        # The messages are JSON already, and stand here as they go on the wire.
        shut = "" if its.shut is None else f',"{SHUT}":[{",".join(its.shut)}]'
        yield f'{_line(said)[:-2]},"messages":[{",".join(its.messages)}]{shut}}}\n'
    for each in left_out:
        yield _line({"left_out": each.state, "line": each.line, **_who(each.recipient), "reason": each.reason})


def _who(recipient: Recipient) -> dict[str, str]:
    named = {name: text for name, text in recipient._asdict().items() if text}
    return named or {"conversation": ""}


def _line(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
