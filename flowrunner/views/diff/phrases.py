"""What every drawing of a comparison says in the same words."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flowrunner.diff.values import Case, Comparison, FlowDifference, Kind, StepChange, WayChange
from flowrunner.engine.ahead.outline import Way
from flowrunner.model import Action, Json, Passed, Skipped
from flowrunner.numbers import as_shown
from flowrunner.views.message.answers import leads_to
from flowrunner.views.quiet import passed
from flowrunner.views.times import duration

SIGNS: Final[Mapping[Kind, str]] = {"added": "+", "removed": "-", "changed": "~", "moved": ">", "kept": " "}


def is_told(flow: FlowDifference) -> bool:
    """Whether there is anything to say of it."""
    return flow.state != "same" or bool(flow.notes or flow.problems)


def told(flow: FlowDifference) -> str:
    """What became of it."""
    return {"same": "customers see no difference", "unknown": "cannot be compared"}.get(flow.state, flow.state)


def counted(case: Case) -> str:
    """``1 step added, 2 changed``; ``nothing differs``."""
    found = [(count, kind) for kind, count in case.counts.items() if count and kind != "kept"]
    ways = Counter(change.kind for change in case.ways)
    said = [*_counted("step", found), *_counted("branch", [(count, kind) for kind, count in ways.items()])]
    return ", ".join(said) or "nothing differs"


def _counted(noun: str, found: Sequence[tuple[int, Kind]]) -> Iterator[str]:
    for number, (count, kind) in enumerate(found):
        yield f"{count:,} {kind}" if number else f"{plural(count, noun)} {kind}"


def plural(number: int, noun: str) -> str:
    """``1 step``, ``2 steps``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}{'es' if noun.endswith('ch') else 's'}"


def summary(comparison: Comparison) -> str:
    """How many flows differ, in one sentence."""
    total = len(comparison.flows)
    states = [flow.state for flow in comparison.flows]
    unknown, same = states.count("unknown"), states.count("same")
    different = total - same - unknown
    if unknown == total:
        return "nothing could be compared"
    if not different:
        return f"{unknown} cannot be compared, the others are the same" if unknown else "customers see no difference"
    said = "customers will see a difference" if total == 1 else f"{different} of {plural(total, 'flow')} differ"
    return f"{said}, {unknown} cannot be compared" if unknown else said


def title(change: StepChange | WayChange) -> str:
    """What became of a step, or of a way on from one, in one line without its sign.

    ``3 ready: changed, was step 2``, ``after “Later”: 1.a2.1: added``, ``1 start: answer added: “Maybe”``.
    """
    if isinstance(change, WayChange):
        label, said = _label(change.step) if change.step is not None else "", _way(change)
    else:
        action = change.after or change.before
        assert action is not None  # noqa: S101  # one of them is there
        label, said = _label(action), ", ".join(_became(change))
    return ": ".join(filter(None, (place(change.under), label, said)))


def place(under: Sequence[Way]) -> str:
    """Where a step stands that not everybody gets: ``after “Later”``; empty where everybody does."""
    return ", ".join(_there(way) for way in under)


def _there(way: Way) -> str:
    words = leads_to(way)
    return words if words.startswith("when ") else _PLACES.get(way.kind, "after {}").format(words)


_PLACES: Final[Mapping[str, str]] = {
    "branch": "{}",
    "file": "in {}",
    "turn": "in {}",
    "anytime": "whenever they write {}",
}
_NOUNS: Final[Mapping[str, str]] = {
    "remind": "reminder",
    "again": "question asked again",
    "then": "what follows that",
    "otherwise": "other answers",
    "no_reply": "silence",
    "file": "included file",
}


def _label(action: Action) -> str:
    step = action.step
    return f"{step.address} {step.id}" if step.id else step.address


def _way(change: WayChange) -> str:
    """What became of a way on: the words that lead there, also the old ones where they are others."""
    old, new = (leads_to(way) if way is not None else "" for way in (change.before, change.after))
    way = change.after or change.before
    noun = _NOUNS.get(way.kind, way.kind) if way is not None else ""
    was = f", was {old}" if old and new and old != new else ""
    return f"{noun} {change.kind}: {new or old}{was}"


def _became(change: StepChange) -> Iterator[str]:
    before, after = change.before, change.after
    if before is None or after is None:
        yield change.kind
        if isinstance(before or after, Skipped):
            yield "left out"
        elif isinstance(action := before or after, Passed):
            yield passed(action.step)
        return
    if isinstance(before, Skipped) is not isinstance(after, Skipped):
        yield "now left out" if isinstance(after, Skipped) else "no longer left out"
    elif change.kind == "changed":
        yield "changed"
    if change.moved:
        old, new = before.step.address, after.step.address
        yield f"moved from {old} to {new}" if old != new else "moved"


def whom(case: Case) -> str:
    """For whom it is so: ``rows 1-3, 7``, ``in es``; empty where it is for everybody."""
    return rows(case.rows) if case.rows else f"in {', '.join(case.languages)}" if case.languages else ""


def rows(numbers: Sequence[int]) -> str:
    """``row 2``, ``rows 1-3, 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    said = ", ".join("-".join(map(str, run)) for run in runs)
    return f"{'row' if len(numbers) == 1 else 'rows'} {said}"


def value(data: Json, name: str = "") -> str:
    """A value as it is read; a time by its units, what is not there as ``not set``."""
    if data is None:
        return "not set"
    if name in {"pause", "timeout", "within", "settle"} and isinstance(data, (int, float)):
        return duration(data)
    return as_shown(data)
