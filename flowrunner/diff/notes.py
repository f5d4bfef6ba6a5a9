"""What a customer does not see of a difference, and the one who runs or reviews the flow needs to know."""

import json
from collections.abc import Iterable, Iterator

from flowrunner.diff.fields import same
from flowrunner.diff.values import Case, other_files
from flowrunner.model import Flow, Input, Json

_LONG = 80


def notes(before: Flow | None, after: Flow | None, cases: Iterable[Case]) -> tuple[str, ...]:
    """A sentence for each: another name, inputs that are new, gone or not what they were, conditions, files."""
    if before is None or after is None:
        return ()
    found = []
    if before.name != after.name:
        found.append(
            f"the flow is called {after.name} now, not {before.name}: who had it under the old name may get it again"
        )
    for name in [*after.inputs, *(name for name in before.inputs if name not in after.inputs)]:
        found += _input(name, before.inputs.get(name), after.inputs.get(name))
    found += _conditions(cases)
    found += [f"{path} is another file than before" for path in other_files(before, after)]
    return tuple(dict.fromkeys(found))


def _input(name: str, old: Input | None, new: Input | None) -> Iterator[str]:
    if old is None and new is not None:
        yield f"the input {name} is new; " + (
            f"its default is {_said(new.default)}" if new.has_default else "it has no default, every run must give it"
        )
    elif new is None:
        yield f"the input {name} is gone; a run that still gives it is refused"
    elif old is not None:
        if old.has_default and not new.has_default:
            yield f"the input {name} has no default any more, every run must give it"
        elif new.has_default and not old.has_default:
            yield f"the input {name} has a default now: {_said(new.default)}"
        elif not same(old.default, new.default):
            yield f"the default of the input {name} is {_said(new.default)} now, not {_said(old.default)}"
        if not same(_rules(old), _rules(new)):
            yield f"the input {name} takes other values than before: {_said(_rules(new))}, not {_said(_rules(old))}"


def _rules(declared: Input) -> Json:
    return {key: value for key, value in declared.schema.items() if key not in {"default", "example", "description"}}


def _conditions(cases: Iterable[Case]) -> Iterator[str]:
    for case in cases:
        for change in case.steps:
            if change.before is not None and change.after is not None:
                old, new = change.before.step.when, change.after.step.when
                if old != new:
                    yield f"the condition of step {change.after.step.label} is {_when(new)} now, not {_when(old)}"


def _when(condition: Json) -> str:
    return "always true" if condition is None else str(condition) if isinstance(condition, str) else _said(condition)


def _said(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
