"""``for_each``: the same steps for each item of a list."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.expressions import expression, holds_expression
from flowrunner.flow.fields import Field, texts_of
from flowrunner.flow.keys import COMMON_KEYS, NAME, Key, kind, text_problems
from flowrunner.flow.names import Names
from flowrunner.flow.steps.entries import check_steps
from flowrunner.flow.steps.verb import VERBS, Compared, Head, Reader, Verb, step_keys
from flowrunner.model import Action, ForEachStep, Json, Step
from flowrunner.spec import as_typed, is_nothing
from flowrunner.spec.files import key_schemas
from flowrunner.spec.layout import beside, is_empty
from flowrunner.spec.words import shown

_KEYS: Final = key_schemas("for_each")
MOST_TURNS: Final = 50
"""The most items that a list may have."""
MOST_TURNS_IN_ALL: Final = 2_500
"""The most turns of a list that stands in others, counted over all turns of those."""


def _name_problems(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value, str) or is_nothing(value) or not value:
        yield from text_problems(value, route)
    elif not re.fullmatch(NAME, value):
        message = f"for_each {shown(value)} may hold only letters without accents, digits and _, not a digit first"
        found = re.fullmatch(r"([A-Za-z_]\w*)\s+(?:in|of)\s+(\w+)", value)
        hint = "write the name of one item, such as item, and the list under in:"
        hint = f'write for_each: {found[1]}, and beside it in: "{{{{ {found[2]} }}}}"' if found else hint
        hint = f"write {name}" if (name := _braced(value)) else hint
        yield Problem("bad-format", message, route, hint)


def _braced(value: str) -> str:
    """The name in ``{{ item }}``; empty for what is no such expression."""
    found = re.fullmatch(rf"\{{\{{\s*({NAME})\s*\}}\}}", value.strip())
    return found[1] if found is not None else ""


def _items_problems(value: Any, route: Route) -> Iterator[Problem]:
    if isinstance(value, list):
        if not value:
            yield Problem("too-few-items", "in has 0 items, at least 1 is required", route, "add an item")
        if len(value) > MOST_TURNS:
            message = f"in has {len(value)} items, at most {MOST_TURNS} are allowed"
            yield Problem("too-many-items", message, (*route, MOST_TURNS), "remove some, or make two steps")
    elif not isinstance(value, str) or is_nothing(value) or not value.strip():
        hint = 'write an expression, for example "{{ items }}", or the items in brackets'
        yield Problem("wrong-type", f"in must be a list or an expression, not {kind(value)}", route, hint)
    elif not holds_expression(value):
        hint = f'write "{{{{ {value} }}}}" for the list that {value} is' if re.fullmatch(NAME, value) else ""
        hint = f"{hint}, or [{value}] for this one item" if hint else f"write the items in brackets: [{value}]"
        yield Problem("wrong-type", f"in must be a list or an expression, not the text {shown(value)}", route, hint)
    else:
        its = expression(value)
        if not its.is_whole and not its.faults:
            message = "in needs a list, not text with an expression in it"
            yield Problem("expression-type", message, route, 'write one expression: "{{ ... }}"')


class _ForEach(Verb[ForEachStep]):
    name = "for_each"
    step = ForEachStep
    keys: Mapping[str, Key] = {
        "for_each": Key(_KEYS["for_each"], _name_problems),
        "in": Key(_KEYS["in"], _items_problems),
        "steps": Key(_KEYS["steps"], check_steps),
    }
    required: Mapping[str, str] = {"in": 'in: "{{ items }}"', "steps": "steps: with what is done for each item"}

    def read(self, entry: Mapping[str, Any], head: Head, reader: Reader, names: Names) -> ForEachStep:
        written = entry.get("in")
        items: Json = as_typed(written, _KEYS["in"]) if isinstance(written, list) else written
        parts = [each for each in texts_of({"in": items}, {}) if holds_expression(each[1])]
        schema = {"type": "array"} if isinstance(items, str) else {}
        reader.add([Field(at, at, expression(text), schema) for at, text, _ in parts], head, names)
        item = entry.get("for_each")
        if is_empty(entry, "for_each"):  # what is told of it says what was meant
            item = next((its for key, its in entry.items() if key not in reader.keys), item)
        item = item if isinstance(item, str) and re.fullmatch(NAME, item) else _braced(str(item))
        from flowrunner.flow.values import of_items  # few flows have loops

        within = names.branch()
        reader.problems += within.make(item, (*head.route, "for_each"), of_items(items, names.shape))
        steps = reader.steps(entry.get("steps"), (*head.route, "steps"), within, f"{head.address}#.")
        label = head.id or head.address
        within.made = names.made
        paths = {f"a turn of step {label}": within}
        if not isinstance(items, list) or head.when is not None:
            paths[f"step {label} without an item"] = names.branch()
        names.join(paths)
        return ForEachStep(*head, item, items, steps)

    def misplaced(self, entry: Mapping[Any, Any], route: Route, *, has_verb: bool) -> Problem | None:
        """The item's name beside an empty ``for_each:``; what is done for each beside it, not below ``steps:``."""
        inner = [key for key in entry if key in step_keys(VERBS) and key not in {*COMMON_KEYS, *self.keys}]
        if "for_each" in entry and not VERBS.keys().isdisjoint(inner) and is_empty({"steps": "", **entry}, "steps"):
            problem = beside("steps", inner, route, "one-verb", is_list=True)
            if "steps" in entry:
                return problem
            return problem._replace(
                message=f"{inner[0]} is beside for_each: and belongs below steps:",
                hint=f"write steps: on a line of its own, and below it {problem.hint.removeprefix('write ')}",
            )
        return super().misplaced(entry, route, has_verb=has_verb)

    def children(self, step: ForEachStep) -> Iterable[tuple[Step, ...]]:
        return (step.steps,)

    def compared(self, action: Action) -> Compared:
        assert isinstance(action.step, ForEachStep)  # noqa: S101  # it is of this verb
        return Compared(self.name, {"for_each": action.step.item, "in": action.step.items})


FOR_EACH: Final = _ForEach()
