"""What all tests of a process share: a clock with its loop, an emulator with its routes, flows that are made ready."""

from typing import NamedTuple

from flowrunner.testing.playing.beginning import Flows
from flowrunner.testing.playing.outside import Emulator
from flowrunner.testing.virtual import VirtualClock


class Room(NamedTuple):
    """It is used by one test after another."""

    clock: VirtualClock
    emulator: Emulator
    flows: Flows


_OPEN: list[Room] = []


def room() -> Room:
    """This process's, made when it is first needed."""
    if not _OPEN:
        clock = VirtualClock()
        _OPEN.append(Room(clock, Emulator(clock), Flows()))
    return _OPEN[0]


def leave() -> None:
    """Use it no more: nobody knows what is left in it once something went wrong."""
    _OPEN.clear()
