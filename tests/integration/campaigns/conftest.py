"""An API that knows everybody, and a flow of three steps to send to them."""

from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import INPUTS, STEPS
from support.program import KEY, flow


@pytest.fixture
def state() -> EmulatorState:
    """An emulator with the tests' key, that has a conversation as soon as one is written to."""
    state = EmulatorState(api_key=KEY, clock=SYSTEM)
    state.conversations.on_demand = True
    return state


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The flow that `campaigns.expected` speaks of."""
    return flow(tmp_path / "f.yaml", STEPS, INPUTS)
