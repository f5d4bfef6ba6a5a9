"""A plan becomes a file: JSON Lines, a head, a line for each person, and a foot that seals them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import file_digest, sha256
from pathlib import Path

from flowrunner.campaign import CampaignRecipient
from flowrunner.client.targets import read_target
from flowrunner.diagnostics import Location
from flowrunner.engine import Given, Prepared
from flowrunner.flow import Loaded
from flowrunner.journal import Omission
from flowrunner.model import Json, Recipient
from flowrunner.numbers import packed
from flowrunner.plan.values import Header


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


def wires(prepared: Prepared, person: CampaignRecipient, now: str) -> list[str]:
    """The messages that somebody will get, as the very texts that go on the wire.

    Raises:
        ValueError: The flow does not accept their variables, or cannot be rendered for them.
    """
    given = {name: Given(value, Location("the plan")) for name, value in person.variables.items()}
    rendering, problems = prepared.render(person.recipient, given, now)
    if rendering is None:
        raise ValueError(problems[0].message)
    return [message.wire for message in rendering.messages]


def _lines(
    header: Header, loaded: Loaded, people: Iterable[CampaignRecipient], left_out: Sequence[Omission]
) -> Iterator[str]:
    yield _line(header.data())
    prepared = Prepared(loaded, read_target(header.target).spoken)
    for person in people:
        values = packed(dict(person.variables))
        said = {"line": person.line, **_who(person.recipient), "zone": person.zone, "variables": values}
        bodies = ",".join(wires(prepared, person, header.now))
        # The messages are JSON already, and stand here as they go on the wire.
        yield f'{_line(said)[:-2]},"messages":[{bodies}]}}\n'
    for each in left_out:
        yield _line({"left_out": each.state, "line": each.line, **_who(each.recipient), "reason": each.reason})


def _who(recipient: Recipient) -> dict[str, str]:
    named = {name: text for name, text in recipient._asdict().items() if text}
    return named or {"conversation": ""}


def _line(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
