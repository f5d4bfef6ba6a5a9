"""A stand-in for the API on this machine, as long as it is wanted."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from flowrunner.clock import SYSTEM, Clock

if TYPE_CHECKING:
    from flowrunner.emulator.api.state import EmulatorState

SOMEBODY: Final = "+5215512345678"
"""Who has a conversation where nobody is named."""


class Emulator(NamedTuple):
    """One that listens.

    Attributes:
        url: What to give as ``api_url``; any key opens it.
        state: What it knows: its conversations and their messages.
    """

    url: str
    state: "EmulatorState"


@contextmanager
def open_emulator(
    *, phones: Iterable[str] = (SOMEBODY,), everybody: bool = False, faults: Iterable[str] = (), port: int = 0
) -> Iterator[Emulator]:
    """Answer as the API would, on a port of 127.0.0.1, until the end of the ``with``.

    Args:
        phones: Who has a conversation.
        everybody: Any number that is asked for has one.
        faults: Ways to misbehave, as ``status:code=429,count=2``.
        port: 0 for any that is free.

    Raises:
        ValueError: A phone or a fault is none.
        OSError: The port cannot be had.
    """
    from flowrunner.emulator.serve import running

    state = new_state(faults, everybody=everybody)
    for phone in phones:
        state.conversations.create(phone)
    with running(state, page=True, port=port) as url:
        yield Emulator(url, state)


def new_state(faults: Iterable[str] = (), *, everybody: bool, clock: Clock = SYSTEM) -> "EmulatorState":
    """What an emulator begins with, still without conversations.

    Raises:
        ValueError: A fault is none.
    """
    from flowrunner.emulator.api.faults import parse_fault
    from flowrunner.emulator.api.state import EmulatorState

    state = EmulatorState(clock=clock)
    state.conversations.on_demand = everybody
    for text in faults:
        state.faults.add(parse_fault(text))
    return state


def read_templates(state: "EmulatorState", path: Path) -> None:
    """Have the templates of a JSON file: a list as Meta gives it, bare or under ``templates`` or ``data``.

    Raises:
        ValueError: It holds no such list; the text is a sentence.
        OSError: It cannot be read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError("this is not JSON") from None
    listed = data.get("templates", data.get("data")) if isinstance(data, dict) else data
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise ValueError("there is no list of templates in it")
    state.templates.replace(listed)
