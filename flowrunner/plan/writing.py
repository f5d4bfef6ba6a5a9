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
from flowrunner.journal.many import Omission
from flowrunner.model import Json, Message, Recipient, Rendering, compact
from flowrunner.numbers import packed
from flowrunner.plan.values import DEPENDS, SHUT, Header


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
    """The messages that somebody will get, as JSON in which each is the very text that goes on the wire.

    A list of them; of a flow that listens an object, by the address of each message's step, with those of every branch.
    One that depends on an answer stands there as its author wrote it, with the questions on which it depends.

    Attributes:
        messages: Where free text may be sent to them whenever the flow asks (``conversation.open``).
        shut: Where it may not; None where the flow does not ask.
        number: How many there are, where the first of the answers is given to each question.
        waits: They get free text first, whatever it asks: so they must have written lately.
    """

    messages: str
    shut: str | None
    number: int
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
    messages, count = _messages(rendering), len(rendering.messages)
    shut, _ = prepared.render(person.recipient, given, now, is_open=False) if prepared.asks else (None, [])
    if shut is None:
        return Wires(messages, None, count, begins_with_text(rendering))
    return Wires(messages, _messages(shut), count, begins_with_text(shut))


def _messages(rendering: Rendering) -> str:
    if not rendering.acts:
        return f"[{','.join(message.wire for message in rendering.messages)}]"
    found = (
        f"{compact(address)}:{_by_answers(action, rendering.depends[address])}"
        if address in rendering.depends
        else f"{compact(address)}:{action.wire}"
        for address, action in rendering.acts.items()
        if isinstance(action, Message)
    )
    return f"{{{','.join(found)}}}"


def _by_answers(message: Message, questions: Sequence[str]) -> str:
    """What stands in place of a message that depends on answers."""
    return compact({DEPENDS: list(questions), "as_written": dict(message.step.message)})


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
        shut = "" if its.shut is None else f',"{SHUT}":{its.shut}'
        yield f'{_line(said)[:-2]},"messages":{its.messages}{shut}}}\n'
    for each in left_out:
        yield _line({"left_out": each.state, "line": each.line, **_who(each.recipient), "reason": each.reason})


def _who(recipient: Recipient) -> dict[str, str]:
    named = {name: text for name, text in recipient._asdict().items() if text}
    return named or {"conversation": ""}


def _line(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
