"""The API on a real socket, for tests of the program."""

from collections.abc import Iterator

import pytest

from flowrunner.emulator.serve import running
from flowrunner.emulator.state import EmulatorState
from program import KEY


@pytest.fixture
def state() -> EmulatorState:
    """An emulator with the tests' key, and one conversation."""
    state = EmulatorState(api_key=KEY)
    state.conversations.create("+5215512345678", conversation_id="c1")
    return state


@pytest.fixture
def url(state: EmulatorState) -> Iterator[str]:
    """Where it listens."""
    with running(state) as url:
        yield url
