"""A test as data, made of what happened and of the values that stand for those of the run."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from flowrunner.engine.answers.matching import FILES
from flowrunner.model import Inbound, Json
from flowrunner.testing.playing.spans import spelt
from flowrunner.testing.recording.tape import Ended, Happened, Refused, Said, Sent, Undelivered

_LEAST: Final = 60.0
"""Seconds: a shorter time passes unsaid; the time of a short pause passes by itself, too."""
_SLACK: Final = 5.0
"""Seconds by which what falls due may have been late."""
_BAD: Final = 400
"""HTTP's status for what is refused without one."""
_OF_PLACE: Final = ("name", "address")
Slot = tuple[str | int, ...]
"""Which value: ``("var", "name")``; of what was said ``(3, 0, "text")``, by its place on the tape and in its turn."""


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


class Manner(NamedTuple):
    """How what happened is told.

    Attributes:
        grain: What times are told in, in seconds: what is said at a moment is said a little earlier, what falls due has
            done so a little later, as the run itself was late or early.
        late: What is said is said a little later, too.
        refuses: Each refusal of the API is a fault: else the flow's own doing brings it about.
        as_learnt: See `flowrunner.testing.recording.tape.tape_of`.
    """

    grain: float = 60.0
    late: bool = False
    refuses: bool = False
    as_learnt: bool = False


MANNERS: Final = tuple(
    Manner(grain, late, refuses, as_learnt)
    for as_learnt in (False, True)
    for refuses in (False, True)
    for grain, late in ((60.0, False), (1.0, False), (60.0, True))
)
"""From the plainest."""


def slots_of(tape: Sequence[Happened]) -> dict[Slot, Json]:
    """What was said by the customer freely, by its slot; what they chose, too, which a flow may make of its inputs."""
    found: dict[Slot, Json] = {}
    for place, index, said in _each(tape):
        if said.kind == "form":
            found[place, index, "form"] = said.data.get("response") or {}
        elif said.kind == "location":
            found[place, index, "location"] = [said.data.get("latitude", 0.0), said.data.get("longitude", 0.0)]
            found.update({(place, index, name): said.data[name] for name in _OF_PLACE if said.data.get(name)})
        elif said.kind in ("button", "row"):
            found[place, index, "choice"] = said.choice or said.text
        elif said.text and said.kind != "reaction":
            found[place, index, "text"] = said.text
        if said.kind == "document" and said.data.get("filename"):
            found[place, index, "filename"] = said.data["filename"]
    return found


def _each(tape: Sequence[Happened]) -> Iterator[tuple[int, int, Inbound]]:
    for place, each in enumerate(tape):
        if isinstance(each, Said):
            yield from ((place, index, said) for index, said in enumerate(each.said))


def turns_of(
    tape: Sequence[Happened], values: Mapping[Slot, Json], manner: Manner
) -> Iterator[tuple[int, Mapping[str, Json]]]:
    """The turns, each with the place on the tape that it is of; every message may be any."""
    for place, each in enumerate(tape):
        if manner.refuses and isinstance(each, Refused):
            yield place, {"fault": {"status": {"code": each.status or _BAD, "after": each.after}}}
    begins = before = tape[0].at if tape else 0.0
    passed = 0.0
    for place, each in enumerate(tape):
        turn = _turn(each, place, values)
        is_due = isinstance(each, Ended) or (isinstance(each, Sent | Refused) and each.due)
        if is_due or (turn is not None and not isinstance(each, Sent)):
            span = _rounded(each.at - begins, manner, is_due=is_due) - passed
            if span >= (_LEAST if manner.grain >= _LEAST else 1.0) and each.at - before >= _LEAST:
                yield place, {"wait": spelt(span)}
                passed += span
            elif is_due:
                passed += max(each.at - before, 0.0)
            before = max(before, each.at)
        elif turn is not None:
            before = max(before, each.at)
        if turn is not None:
            yield place, turn


def _turn(each: Happened, place: int, values: Mapping[Slot, Json]) -> Mapping[str, Json] | None:
    match each:
        case Sent():
            return {"bot": "any"}
        case Said():
            told = (_said(its, each, values, (place, index)) for index, its in enumerate(each.said))
            several = [one for one in told if one is not None]
            return {"customer": several[0] if len(several) == 1 else several} if several else None
        case Undelivered(of, _, code):
            its: dict[str, Json] = {**({"of": of} if of else {}), "is": "failed", **({"code": code} if code else {})}
            return {"status": its if len(its) > 1 else "failed"}
        case Refused() | Ended():
            return None


def _rounded(seconds: float, manner: Manner, *, is_due: bool) -> float:
    """How much time has passed until then, since the beginning."""
    if manner.grain < _LEAST:
        return math.ceil(seconds) + 1.0 if is_due else math.floor(seconds)
    if is_due:
        return math.ceil((seconds - _SLACK) / manner.grain) * manner.grain
    return (math.ceil if manner.late else math.floor)(seconds / manner.grain) * manner.grain


def _said(said: Inbound, turn: Said, values: Mapping[Slot, Json], at: tuple[int, int]) -> Json:
    """One thing that the customer says; None for what no test can say."""
    about = turn.about[at[1]]
    of: dict[str, Any] = {"of": about} if about else {}
    match said.kind:
        case "button" | "row":
            key = "choose" if said.kind == "row" or turn.listed else "tap"
            return {key: values[*at, "choice"], **of}
        case "reaction":
            return {"react": said.text, **of}
        case "location":
            return {"location": values[*at, "location"], **_beside(values, at, *_OF_PLACE)}
        case "form":
            return {"form": values[*at, "form"]}
        case "text":
            text = values.get((*at, "text"), said.text)
            return {"quotes": about, "text": text} if about else text
    if said.kind in FILES or said.kind == "contacts":
        words = values.get((*at, "text"))
        return {"send": said.kind, **({"caption": words} if words else {}), **_beside(values, at, "filename")}
    return None


def _beside(values: Mapping[Slot, Json], at: tuple[int, int], *names: str) -> dict[str, Json]:
    return {name: values[*at, name] for name in names if (*at, name) in values}
