"""Filters that write in a language: where nothing says which, or they are given what they never take."""

import re
from datetime import datetime
from typing import Any, Final

from jinja2 import nodes

from flowrunner.expressions.errors import ExpressionError, UnfitError
from flowrunner.expressions.localized import LOCALIZED, as_meant
from flowrunner.expressions.reader import READER, Reader
from flowrunner.expressions.syntax import parse
from flowrunner.languages.dates import LENGTHS, has_names

_OWN: Final = frozenset(["pattern", "length", "digits", "currency"])
"""What these filters take by name, but for the language; another name is told as what they do not take."""
_SAMPLES: Final = dict.fromkeys(("date", "time", "datetime"), datetime(2026, 11, 26, 10, 30))  # a day of nowhere


def unfit_argument(text: str, bare: bool) -> ExpressionError | None:
    """What is wrong with the first filter of a text without faults that can never be given what is written there."""
    tree: Any = parse(text, bare)
    for node in tree.find_all(nodes.Filter):
        written = [*node.args, *(each.value for each in node.kwargs)]
        is_constant = written and all(isinstance(each, nodes.Const) for each in written)
        if node.name not in LOCALIZED or not is_constant or node.dyn_args or node.dyn_kwargs:
            continue
        given = [each.value for each in node.args]
        named = {each.key: each.value.value for each in node.kwargs}
        try:
            LOCALIZED[node.name]({READER: Reader("en")}, _SAMPLES.get(node.name, 1), *given, **named)
        except UnfitError as error:
            found = re.search(rf"\|\s*({node.name})\b", text)
            message, hint = error.args
            return ExpressionError("expression-failed", message, hint, found.start(1) if found else 0, len(node.name))
        except (TypeError, ValueError):
            continue  # a name that it does not have, or half a character in a pattern: told where it is shown
    return None


def lacking_language(text: str, bare: bool) -> ExpressionError | None:
    """What is wrong with the first filter of a text without faults that needs a language and is given none.

    Only where the flow does not say one for all.
    """
    tree: Any = parse(text, bare)
    for node in tree.find_all(nodes.Filter):
        if node.name in LOCALIZED and _needs_one(node):
            found = re.search(rf"\|\s*({node.name})\b", text)
            at = found.start(1) if found else 0
            message = f"{node.name} writes in a language, and the flow does not say which"
            hint = "add languages: [es] at the top of the flow, with the code of its language"
            if len(node.args) == 1 and isinstance(node.args[0], nodes.Const):
                hint = as_meant(node.name, node.args[0].value) or hint
            return ExpressionError("no-language", message, hint, at, len(node.name))
    return None


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
