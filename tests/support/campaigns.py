"""Campaigns as a user starts them: an audience, and what its people got."""

import json
from pathlib import Path

from flowrunner.emulator.api.state import EmulatorState

STEPS = ['{message: "one {{ name }}"}', '{message: "two {{ name }}"}', '{message: "three {{ code }}"}']
INPUTS = "{name: {type: string, minLength: 2}, code: {type: string, default: none}}"
QUICK = ("--rate", "100000/s", "--timeout", "2", "--grace", "0.3")
"""Options without which a test would wait for minutes."""


def received(state: EmulatorState) -> dict[str, list[str]]:
    """What each conversation got, in order."""
    got: dict[str, list[str]] = {}
    for each in state.received():
        got.setdefault(each.conversation_id, []).append(json.loads(each.raw)["message"]["content"])
    return got


def people(path: Path, count: int) -> Path:
    """An audience of conversations c0, c1, ..."""
    rows = "".join(f"c{number},Ana {number},0{number}\n" for number in range(count))
    path.write_text("conversation,name,code\n" + rows, encoding="utf-8")
    return path


def expected(count: int) -> dict[str, list[str]]:
    """What they get by the flow of the tests."""
    return {f"c{n}": [f"one Ana {n}", f"two Ana {n}", f"three 0{n}"] for n in range(count)}
