"""A test as data, made of what happened and of the values that stand for those of the run."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from flowrunner.engine.answers.matching import FILES
from flowrunner.model import Inbound, Json
from flowrunner.testing.playing.spans import spelt
from flowrunner.testing.recording.tape import Ended, Happened, Said, Sent, Undelivered

_LEAST: Final = 60.0
"""Seconds: a shorter time passes unsaid."""
Slot = tuple[str | int, ...]
"""Which value: ``("var", "name")``; of what was said ``(3, 0, "text")``, by its place on the tape and in its turn."""
ROUNDS: Final = ("minute below", "second above", "minute above")
"""How times are rounded: what is due at a moment is due within the rounded time, or it is not, as the run itself was
late or early."""


class Draft(NamedTuple):
    """A test.

    Attributes:
        given: What is so before the first turn.
        turns: The turns, each a key with its value.
        ends: How it ends.
        vars: What can be read in the end.
    """

    given: Mapping[str, Json]
    turns: Sequence[Mapping[str, Json]]
    ends: str
    vars: Mapping[str, Json]


def slots_of(tape: Sequence[Happened]) -> dict[Slot, Json]:
    """What was said by the customer freely, by its slot."""
    found: dict[Slot, Json] = {}
    for place, each in enumerate(tape):
        if not isinstance(each, Said):
            continue
        for index, said in enumerate(each.said):
            if said.kind == "form":
                found[place, index, "form"] = said.data.get("response") or {}
            elif said.kind == "location":
                found[place, index, "location"] = [said.data.get("latitude", 0.0), said.data.get("longitude", 0.0)]
            elif said.text and said.kind not in ("button", "row", "reaction"):
                found[place, index, "text"] = said.text
    return found


def turns_of(tape: Sequence[Happened], values: Mapping[Slot, Json], rounding: str) -> list[dict[str, Json]]:
    """The turns; every message may be any."""
    turns: list[dict[str, Json]] = []
    before = tape[0].at if tape else 0.0
    for place, each in enumerate(tape):
        gap = each.at - before
        before = each.at
        is_waited = not isinstance(each, Sent) or each.due
        if is_waited and gap >= _LEAST:
            turns.append({"wait": spelt(_rounded(gap, rounding))})
        match each:
            case Sent():
                turns.append({"bot": "any"})
            case Said():
                said = [_said(its, each, values, (place, index)) for index, its in enumerate(each.said)]
                several = [one for one in said if one is not None]
                if several:
                    turns.append({"customer": several[0] if len(several) == 1 else several})
            case Undelivered(label, _, code):
                turns.append({"status": {"of": label, "is": "failed", **({"code": code} if code else {})}})
            case Ended():
                pass
    return turns


def _rounded(seconds: float, rounding: str) -> float:
    if rounding == "second above":
        return math.ceil(seconds) + 1
    return max((seconds // 60 if rounding == "minute below" else math.ceil(seconds / 60)) * 60, 60.0)


def _said(said: Inbound, turn: Said, values: Mapping[Slot, Json], at: tuple[int, int]) -> Json:
    """One thing that the customer says; None for what no test can say."""
    about = turn.about[at[1]]
    of: dict[str, Any] = {"of": about} if about else {}
    match said.kind:
        case "button" | "row":
            key = "choose" if said.kind == "row" or turn.listed else "tap"
            return {key: said.choice or said.text, **of}
        case "reaction":
            return {"react": said.text, **of}
        case "location":
            return {"location": values[*at, "location"]}
        case "form":
            return {"form": values[*at, "form"]}
        case "text":
            text = values.get((*at, "text"), said.text)
            return {"quotes": about, "text": text} if about else text
    if said.kind in FILES or said.kind == "contacts":
        words = values.get((*at, "text"))
        return {"send": said.kind, **({"caption": words} if words else {})}
    return None
