"""What is wrong with the names that an expression reads, where it stands."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from flowrunner.data import table
from flowrunner.diagnostics import Problem, Route, nearest, warning
from flowrunner.flow.names import Names, declared
from flowrunner.spec.words import listed

if TYPE_CHECKING:
    from flowrunner.expressions.compiled import Expression

_ANSWER_PARTS: Final = (
    "answered", "answer", "text", "value", "choice", "button", "row", "title", "at", "message_id", "media", "location",
    "form", "contacts", "message", "skipped",
)  # fmt: skip
"""What a question has for the steps after it."""
_PARTS: Final = {"recipient": ("phone", "user_id"), "conversation": ("id", "open")}
"""What can be read of what every run gives."""
_MAY_LACK: Final = (["|", "default"], ["|", "d"], ["is", "defined"], ["is", "undefined"], ["is", "not"])
"""What stands after something that need not be there."""
_DASHED: Final = r"(?<![\w.'\"-])[A-Za-z_]\w*(?:-[A-Za-z_]\w*)+(?![\w.('\"])"


def name_problems(expression: "Expression", route: Route, names: Names, language: str) -> list[Problem]:
    """One Problem for each name of the expression that is not in reach, for each fault of its own, and each habit.

    ``language`` is the flow's, as far as it is known.
    """
    problems = [fault.at(route)._replace(hint=names.hint(fault)) for fault in expression.faults]
    habits = {} if problems else {each.offset: each for each in expression.habits(names.known, language)}
    lost = {each.name: each for each in habits.values() if each.code == "lost-set"}
    dashes = list(re.finditer(_DASHED, expression.text)) if "-" in expression.text else []
    for use in expression.uses:
        found = names.problem(use.name)
        if found is not None:
            message, hint = found
            offset, length = use.offset, len(use.name)
            dashed = next((each for each in dashes if each.start() <= offset < each.end()), None)
            if dashed is not None:
                offset, length = dashed.start(), len(dashed[0])
                message, hint = names.dashed(dashed[0], message, hint)
            elif expression.text.startswith("(", offset + length):
                from flowrunner.expressions.dialects import function_meant

                hint = function_meant(use.name, expression.text, offset) or hint
            elif (part := re.match(rf"{re.escape(use.name)}\.([A-Za-z_]\w*)", expression.text[offset:])) is not None:
                hint = names.part(part[1], hint)
            if use.name in lost:
                habit = lost[use.name]
                del habits[habit.offset]
                message, hint = habit.message, habit.hint
            wrong = Problem("unknown-name", message, route, hint, offset=offset, length=length)
            problems += [wrong] if wrong not in problems else []
    problems += _unknown_parts(expression, route, names)
    for each in habits.values():
        problems.append(warning(each.code, each.message, each.hint, each.offset, each.length, route=route))
    return problems


def _unknown_parts(expression: "Expression", route: Route, names: Names) -> Iterator[Problem]:
    """A Problem for each part of an answer that no answer has, as in ``start.txt``, and of what every run gives."""
    for use in expression.uses:
        named = names.steps.get(use.name)
        parts = _PARTS.get(use.name, ()) if named is None else _ANSWER_PARTS if named.asks else ()
        if not parts:
            continue
        from flowrunner.expressions.syntax import tokens  # few flows ask

        what = use.name if named is None else "a question"
        every = [each for each in tokens(use.text, use.bare) if each.kind != "whitespace"]
        if any(makes.value in {"for", "set"} and its.value == use.name for makes, its in pairwise(every)):
            continue  # it makes another of that name, and which of them is read where is not looked at
        for place, (name, dot, part) in enumerate(zip(every, every[1:], every[2:], strict=False)):
            is_read = name.value == use.name and name.kind == "name" and (place == 0 or every[place - 1].value != ".")
            after = [each.value for each in every[place + 3 : place + 5]]
            may_lack = named is None and (after in _MAY_LACK or after[:1] == ["("])
            if is_read and dot.value == "." and part.kind == "name" and part.value not in parts and not may_lack:
                meant, near = str(table("flow/meant.json")["names"].get(part.value, "")), nearest(part.value, [*parts])
                hint = f"did you mean {near}?" if near else f"{what} has {listed(parts, 'and')}"
                if named is None and meant.startswith(f"{use.name}."):
                    hint = f"write {meant}"
                elif use.name == "recipient" and not near:
                    hint = f"declare it, {declared(part.value)}, and write {part.value}"
                message = f"{what} has no {part.value}"
                yield Problem("unknown-name", message, route, hint, offset=part.offset, length=len(part.value))
