"""What every drawing of a comparison says in the same words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flowrunner.diff.values import Case, Comparison, FlowDifference, Kind, StepChange
from flowrunner.model import Json, Skipped
from flowrunner.numbers import as_shown
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
    if not found:
        return "nothing differs"
    first, *others = found
    return ", ".join([f"{plural(first[0], 'step')} {first[1]}", *(f"{count} {kind}" for count, kind in others)])


def plural(number: int, noun: str) -> str:
    """``1 step``, ``2 steps``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


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


def title(change: StepChange) -> str:
    """What became of a step, in one line without its sign: ``3 ready: changed, was step 2``."""
    action = change.after or change.before
    assert action is not None  # noqa: S101  # one of them is there
    step = action.step
    label = f"{step.address} {step.id}" if step.id else step.address
    return f"{label}: {', '.join(_became(change))}"


def _became(change: StepChange) -> Iterator[str]:
    before, after = change.before, change.after
    if before is None or after is None:
        yield change.kind
        if isinstance(before or after, Skipped):
            yield "left out"
        return
    if isinstance(before, Skipped) is not isinstance(after, Skipped):
        yield "now left out" if isinstance(after, Skipped) else "no longer left out"
    elif change.kind == "changed":
        yield "changed"
    if change.moved:
        old, new = before.step.address, after.step.address
        yield f"moved from {old} to {new}" if old != new else "moved"


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
    if name in {"pause", "timeout"} and isinstance(data, (int, float)):
        return duration(data)
    return as_shown(data)
