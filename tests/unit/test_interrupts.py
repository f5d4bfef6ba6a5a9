"""What a program around this one does with its signals stays as it is."""

import asyncio
import signal

import pytest

from flowrunner.cli.interrupts import asking, interruptible


def test_a_handler_that_was_set_in_c_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python calls it None, and could not put it back."""
    taken: list[int] = []
    monkeypatch.setattr(signal, "getsignal", lambda _: None)
    monkeypatch.setattr(signal, "signal", lambda number, _: taken.append(number))

    async def work() -> None:
        taken.clear()  # what the event loop's runner takes
        with interruptible(asyncio.Event()), asking():
            assert taken == []
        assert taken == []

    asyncio.run(work())
