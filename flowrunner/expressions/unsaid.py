"""Filters that write in a language, where nothing says which."""

import re
from typing import Any

from jinja2 import nodes

from flowrunner.expressions.errors import ExpressionError
from flowrunner.expressions.localized import LOCALIZED
from flowrunner.expressions.syntax import parse
from flowrunner.languages.dates import LENGTHS, has_names


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
            return ExpressionError("no-language", message, hint, at, len(node.name))
    return None


def _needs_one(node: nodes.Filter) -> bool:
    given = {each.key for each in node.kwargs}
    if len(node.args) > 1 or "language" in given or node.dyn_args or node.dyn_kwargs:
        return False
    if node.name != "date":
        return True
    pattern = node.args[0] if node.args else next((each.value for each in node.kwargs if each.key == "pattern"), None)
    if pattern is None:
        return True
    if not isinstance(pattern, nodes.Const):
        return False  # what it is is seen when it is rendered
    return pattern.value in LENGTHS or (isinstance(pattern.value, str) and has_names(pattern.value))
