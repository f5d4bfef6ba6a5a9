"""What is wrong with the names that an expression reads, where it stands."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from flowrunner.data import table
from flowrunner.diagnostics import Problem, Route, nearest, warning
from flowrunner.flow.names import GIVEN, Names, declared
from flowrunner.spec.words import listed

if TYPE_CHECKING:
    from flowrunner.expressions.compiled import Expression
    from flowrunner.expressions.lacking import Lack

_IS: Final = {"text": "text", "number": "no object", "list": "a list"}
"""What a value of each kind is whose parts nobody reads."""
_DASHED: Final = r"(?<![\w.'\"-])[A-Za-z_]\w*(?:-[A-Za-z_]\w*)+(?![\w.('\"])"


_NOW: Final = r"(?i)(?:datetime|date|moment|time)\.(?:now|today|utcnow)\(\)"
"""How other languages ask for the time."""
_NEVER: Final = r"\bif +(?:false|False)\b"


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
        if found is None and re.match(r"\(\s*\)", expression.text[use.offset + len(use.name) :]):
            message = f"{use.name} is a value, not a function"
            length = len(use.name)
            problems.append(
                Problem("unknown-name", message, route, "remove the brackets", offset=use.offset, length=length)
            )
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
                if hint.startswith("declare it"):  # nobody can call an input
                    hint = "use a filter, such as | date or | upper"
            elif (part := re.match(rf"{re.escape(use.name)}\.([A-Za-z_]\w*)", expression.text[offset:])) is not None:
                hint = names.part(part[1], hint)
                if re.match(_NOW, expression.text[offset:]):
                    hint = "write now"
                elif use.name == "Math":
                    from flowrunner.expressions.dialects import function_meant

                    hint = function_meant(part[1], expression.text, offset + part.start(1)) or ""
            elif (compared := names.word(use.name, expression.text[:offset])) and not hint.startswith("did you"):
                hint = compared
            if use.name in lost:
                habit = lost[use.name]
                del habits[habit.offset]
                message, hint = habit.message, habit.hint
            wrong = Problem("unknown-name", message, route, hint, offset=offset, length=length)
            problems += [wrong] if wrong not in problems else []
    for lacking in _unknown_parts(expression, route, names):
        if lacking.offset in habits:  # how to write the names of months says how to write the day, too
            lacking = lacking._replace(hint=habits.pop(lacking.offset).hint)  # noqa: PLW2901
        problems.append(lacking)
    if re.search(_NEVER, expression.text):
        problems = [each._replace(hint=_or_removed(each.hint)) for each in problems]
    for each in habits.values():
        problems.append(warning(each.code, each.message, each.hint, each.offset, each.length, route=route))
    return problems


def _or_removed(hint: str) -> str:
    """A remedy, for a text in which ``if false`` keeps something from being sent: what is wrong there is wrong, too."""
    removed = "remove the part under if false: it is never sent"
    return f"{hint}, or {removed}" if hint else removed


def _unknown_parts(expression: "Expression", route: Route, names: Names) -> Iterator[Problem]:
    """A Problem for each part that its value surely lacks, as in ``start.txt``, and each value no filter takes so."""
    if expression.faults:
        return
    for lack in expression.lacking(names.shape):
        if not lack.is_guarded or (lack.path[:1] and names.asks(lack.path[0])):
            message, hint = _lacks(lack, names, expression.text)
            yield Problem("unknown-name", message, route, hint, offset=lack.offset, length=len(lack.part))
    for given in expression.foreign_arguments:
        other = table("flow/meant.json")["arguments"].get(given.name, "")
        near = other if other in given.known else nearest(given.name, [*given.known])
        known = f"it has {listed(given.known, 'and')}" if given.known else "remove it"
        hint = f"did you mean {near}?" if near else known
        message = f"the filter {given.filter} takes no {given.name}"
        yield Problem("unknown-filter", message, route, hint, offset=given.offset, length=len(given.name))


def _lacks(lack: "Lack", names: Names, text: str) -> tuple[str, str]:
    """Message and hint for a part that is not there."""
    from flowrunner.expressions.shapes import members
    from flowrunner.flow.values import ANSWER

    whole, part, its = lack.whole, lack.part, lack.owner
    named, near = names.steps.get(whole), nearest(part, [*its.parts, *members(its.kind)])
    what = f"an item of {whole[:-3]}" if whole.endswith("[0]") else whole or "this value"
    message = f"{'a question' if names.asks(whole) else what} has no {part}"
    if its.kind not in {"object", "loop", "moment"}:
        return f"{message}: it is {_IS[its.kind]}", _of_no_object(lack, text)
    if named is not None and not named.asks and part in ANSWER:
        hint = f"add reply: {{within: 1d, no_reply: continue}} to step {named.address}, beside its message"
        return f"{message}: nothing is asked there", hint
    if named is not None and not near and part in its.parts["message"].parts:
        return message, f"write {whole}.message.{part}"
    if its.kind == "moment" and (instead := _of_moment(part, text)):
        return message, instead
    meant = str(table("flow/meant.json")["names"].get(part, ""))
    if whole in GIVEN and meant.startswith(f"{whole}."):
        return message, f"write {meant}"
    if whole == "recipient" and not near:
        return message, f"declare it, {declared(part)}, and write {part}"
    known = its.parts or members(its.kind)
    return message, f"did you mean {near}?" if near else f"{what} has {listed(known, 'and')}" if known else ""


def _of_moment(part: str, text: str) -> str:
    """The remedy for a part that moments have in other languages; empty for what is none of these."""
    from flowrunner.expressions.dialects import attribute_meant

    meant = attribute_meant(part, text)
    return meant if " | date(" in meant else ""


def _of_no_object(lack: "Lack", text: str) -> str:
    """The remedy for a part of text, a number or a list."""
    from flowrunner.expressions.dialects import attribute_meant, filter_meant, of_list_meant

    whole, part, its = lack.whole, lack.part, lack.owner
    if its.each is not None and part in its.each.parts:
        return f"write {whole}[0].{part} for that of its first item"
    known = of_list_meant(part, text) if its.kind == "list" else attribute_meant(part, text)
    if known.startswith("write "):
        return known
    near = filter_meant(part)
    return f"write {whole} | {near}" if near else f"write {whole}" if its.kind != "list" else "write | join(', ')"
