"""``choose``: the steps of the first branch whose condition holds."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.flow.keys import Key, kind, text_problems
from flowrunner.flow.names import Names
from flowrunner.flow.steps.entries import each_of, no_steps_or_more, object_problems
from flowrunner.flow.steps.verb import Compared, Head, Reader, Verb
from flowrunner.model import Action, Branch, ChooseStep, Step
from flowrunner.spec.files import key_schemas
from flowrunner.spec.layout import Entry, beside, is_empty
from flowrunner.spec.words import listed

_KEYS: Final = key_schemas("choose")
_BRANCH: Final = {
    "when": Key(key_schemas("branch")["when"], text_problems),
    "steps": Key(key_schemas("branch")["steps"], no_steps_or_more),
}
_REQUIRED: Final = {"when": 'when, for example: when: plan == "pro"', "steps": "steps: with what is done then"}


def _problems(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value, list):
        hint = "write a list of branches: - when: with a condition, and below it steps:"
        if isinstance(value, Mapping) and "when" in value:
            hint = "write a dash before its first key: it is a list of branches"
        yield Problem("wrong-type", f"choose must be a list, not {kind(value)}", route, hint)
        return
    if not value:
        message = "choose has 0 items, at least 1 is required"
        yield Problem("too-few-items", message, route, 'add a branch, for example: - {when: plan == "pro", steps: []}')
    entry = Entry(_BRANCH, lambda keys: not _REQUIRED.keys() <= {*keys})
    yield from each_of(value, route, entry, "missing-field", _branch_problems)


def _branch_problems(value: Any, route: Route) -> Iterator[Problem]:
    return object_problems(value, route, _BRANCH, _REQUIRED, "it like {when: a condition, steps: []}", "branch")


_IF: Final = ("if", "when", "condition")
_CASES: Final = ("switch", "case", "match")
_THEN: Final = ("then", "steps", "do", "cases", "else", "otherwise", "elif", "elseif", "else_if", "default")


class _Choose(Verb[ChooseStep]):
    name = "choose"
    step = ChooseStep
    keys: Mapping[str, Key] = {
        "choose": Key(_KEYS["choose"], _problems),
        "otherwise": Key(_KEYS["otherwise"], no_steps_or_more),
    }

    def read(self, entry: Mapping[str, Any], head: Head, reader: Reader, names: Names) -> ChooseStep:
        paths: dict[str, Names] = {}
        branches: list[Branch] = []
        label = head.id or head.address
        written = entry.get("choose")
        for index, each in enumerate(written if isinstance(written, list) else ()):
            if not isinstance(each, Mapping):
                continue
            address, at = f"{head.address}.c{index + 1}", (*head.route, "choose", index)
            path = paths[f"branch {index + 1} of step {label}"] = names.branch()
            when = reader.condition(each.get("when"), Head(address, at, "", None), path)
            branches.append(
                Branch(address, at, when, reader.steps(each.get("steps"), (*at, "steps"), path, f"{address}."))
            )
        path = paths[f"otherwise of step {label}" if "otherwise" in entry else f"no branch of step {label}"] = (
            names.branch()
        )
        route = (*head.route, "otherwise")
        otherwise = reader.steps(entry.get("otherwise"), route, path, f"{head.address}.o.")
        if head.when is not None:
            paths[f"step {label} that was left out"] = names.branch()
        names.join(paths)
        return ChooseStep(*head, tuple(branches), otherwise)

    def misplaced(self, entry: Mapping[Any, Any], route: Route, *, has_verb: bool) -> Problem | None:
        """A branch beside an empty ``choose:``; ``if:`` with ``then:``, ``switch:`` with ``cases:``: no verbs."""
        if is_empty(entry, "choose") and "steps" in entry:
            return beside("choose", [key for key in entry if key in _BRANCH], route, "one-verb", is_list=True)
        asks = next((each for each in entry if each in (*_IF, *_CASES)), "")
        then = [each for each in entry if each in _THEN]
        if has_verb or not asks or not then:
            return None
        message = f"{listed([f'{each}:' for each in (asks, *then)], 'and')} make no step"
        condition = entry[asks] if asks in _IF and isinstance(entry[asks], str) else f'{entry[asks]} == "..."'
        hint = f"write choose: and below it - when: {condition}, with its steps: below when:"
        if {"else", "otherwise", "default"}.intersection(then):
            hint += ", and otherwise: beside choose:"
        return Problem("one-verb", message, (*route, asks), hint, at_key=True)

    def children(self, step: ChooseStep) -> Iterable[tuple[Step, ...]]:
        return (*(branch.steps for branch in step.branches), step.otherwise)

    def compared(self, action: Action) -> Compared:
        assert isinstance(action.step, ChooseStep)  # noqa: S101  # it is of this verb
        return Compared(self.name, {})  # its branches are compared one by one


CHOOSE: Final = _Choose()
