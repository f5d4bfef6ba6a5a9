"""A plan becomes a file: JSON Lines, a head, a line for each person, and a foot that seals them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import file_digest, sha256
from pathlib import Path

from flowrunner.campaign import Person
from flowrunner.diagnostics import Location
from flowrunner.engine import Given, bind, render
from flowrunner.engine.fast import Renderer
from flowrunner.engine.inputs import Bound
from flowrunner.flow import Loaded
from flowrunner.journal import Omission
from flowrunner.model import Json, Message, Recipient
from flowrunner.numbers import packed
from flowrunner.plan.values import Header


def plan_lines(header: Header, loaded: Loaded, people: Iterable[Person], left_out: Sequence[Omission]) -> Iterator[str]:
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


def wires(loaded: Loaded, renderer: Renderer, person: Person, now: str) -> list[str]:
    """The messages that somebody will get, as the very texts that go on the wire.

    Raises:
        ValueError: The flow cannot be rendered for them.
    """
    actions = renderer.render(person.recipient, person.variables, now)
    if actions is None:
        rendering, problems = render(loaded, person.recipient, bound_of(loaded, person), now)
        if rendering is None:
            raise ValueError(problems[0].message)
        actions = rendering.actions
    return [action.wire for action in actions if isinstance(action, Message)]


def bound_of(loaded: Loaded, person: Person) -> Bound:
    """The values of somebody's variables, with all that `bind` has to say of them.

    Raises:
        ValueError: The flow does not accept them.
    """
    given = {name: Given(value, Location("the plan")) for name, value in person.variables.items()}
    bound, problems = bind(loaded, given, examples=False)
    if bound is None:
        raise ValueError(problems[0].message)
    return bound


def _lines(header: Header, loaded: Loaded, people: Iterable[Person], left_out: Sequence[Omission]) -> Iterator[str]:
    yield _line(header.data())
    renderer = Renderer(loaded)
    for person in people:
        values = packed(dict(person.variables))
        said = {"line": person.line, **_who(person.recipient), "zone": person.zone, "variables": values}
        bodies = ",".join(wires(loaded, renderer, person, header.now))
        # The messages are JSON already, and stand here as they go on the wire.
        yield f'{_line(said)[:-2]},"messages":[{bodies}]}}\n'
    for each in left_out:
        yield _line({"left_out": each.state, "line": each.line, **_who(each.recipient), "reason": each.reason})


def _who(recipient: Recipient) -> dict[str, str]:
    return {"phone": recipient.phone} if recipient.phone else {"conversation": recipient.conversation}


def _line(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"
