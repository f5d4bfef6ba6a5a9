"""Filters that write in a language: where nothing says which, or they are given what they never take."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from jinja2 import nodes

from flowrunner.expressions.errors import ExpressionError, UnfitError
from flowrunner.expressions.localized import LOCALIZED, as_meant
from flowrunner.expressions.reader import READER, Reader
from flowrunner.expressions.syntax import parse, tokens
from flowrunner.languages.dates import LENGTHS, has_names

_OWN: Final = frozenset(["pattern", "length", "digits", "currency"])
"""What these filters take by name, but for the language; another name is told as what they do not take."""
_SAMPLES: Final = dict.fromkeys(("date", "time", "datetime"), datetime(2026, 11, 26, 10, 30))  # a day of nowhere


def unfit_argument(text: str, bare: bool) -> ExpressionError | None:
    """What is wrong with the first filter of a text without faults that can never be given what is written there."""
    for at, node in _filters(text, bare):
        written = [*node.args, *(each.value for each in node.kwargs)]
        is_constant = written and all(isinstance(each, nodes.Const) for each in written)
        if not is_constant or node.dyn_args or node.dyn_kwargs:
            continue
        given = [each.value for each in node.args]
        named = {each.key: each.value.value for each in node.kwargs}
        try:
            LOCALIZED[node.name]({READER: Reader("en")}, _SAMPLES.get(node.name, 1), *given, **named)
        except UnfitError as error:
            message, hint = error.args
            return ExpressionError("expression-failed", message, hint, at, len(node.name))
        except (TypeError, ValueError):
            continue  # a name that it does not have, or half a character in a pattern: told where it is shown
    return None


def lacking_language(text: str, bare: bool) -> ExpressionError | None:
    """What is wrong with the first filter of a text without faults that needs a language and is given none.

    Only where the flow does not say one for all.
    """
    for at, node in _filters(text, bare):
        if _needs_one(node):
            message = f"{node.name} writes in a language, and the flow does not say which"
            hint = "add languages: [es] at the top of the flow, with the code of its language"
            if len(node.args) == 1 and isinstance(node.args[0], nodes.Const):
                hint = as_meant(node.name, node.args[0].value) or hint
            return ExpressionError("no-language", message, hint, at, len(node.name))
    return None


def _filters(text: str, bare: bool) -> Iterator[tuple[int, Any]]:
    """Where each filter that writes in a language stands, in order, with what it is there of something else."""
    code = [each for each in tokens(text, bare) if each.kind != "whitespace"]
    for before, its, *after in (code[place:] for place in range(len(code) - 1)):
        if its.value not in LOCALIZED or before.value not in {"|", "filter"}:
            continue
        end, depth = its.offset + len(its.value), 0
        for each in after:
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(each.value, 0)
            if not depth:
                end = each.offset + 1 if each.value == ")" else end
                break
        yield its.offset, parse(f"0 | {text[its.offset : end]}", bare=True).find(nodes.Filter)


def _needs_one(node: nodes.Filter) -> bool:
    given = {each.key for each in node.kwargs}
    if len(node.args) > 1 or given - _OWN or "language" in given or node.dyn_args or node.dyn_kwargs:
        return False
    if node.name != "date":
        return True
    pattern = node.args[0] if node.args else next((each.value for each in node.kwargs if each.key == "pattern"), None)
    if pattern is None:
        return True
    if not isinstance(pattern, nodes.Const):
        return False  # what it is is seen when it is rendered
    return pattern.value in LENGTHS or (isinstance(pattern.value, str) and has_names(pattern.value))
