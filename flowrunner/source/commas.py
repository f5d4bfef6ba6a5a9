"""Texts within ``{ }`` that a comma cuts in two: ``enum: free, pro`` is ``enum: free`` and a key without a value."""

import re
from typing import Any

from flowrunner.diagnostics import Problem
from flowrunner.source.document import Node, shorten
from flowrunner.source.yaml_lean import yaml

_LISTS = frozenset(
    ["button", "enum", "events", "in", "languages", "media", "products", "required", "row", "warnings", "words"]
)
"""What takes several texts: there a comma mostly stands between two of them."""
_RUN = re.compile(r"[^,:{}\[\]]+(?:,[^,:{}\[\]]+)*(?=[,}])")


def rest_of_text(text: str, key: Any, container: dict[Any, Any], place: Node) -> tuple[Problem, int, int] | None:
    """What is to be said of a word in ``{ }`` that has no colon, and where; None where it was said with the one before.

    Where the key above it takes a list, that is read on as the list that was meant.

    Args:
        text: The file.
        key: The word's event.
        container: The mapping as far as it was read.
        place: Where that stands.
    """
    start, end = key.start_mark.index, key.end_mark.index
    name = next(reversed(container), "")
    node: Any = place.children.get(name)
    if isinstance(node, Node) and _is_made_here(node):
        node.children[len(node.children)] = key
        container[name].append(key.value)
        return None
    message = f"{shorten(key.value)} has no value"
    if not isinstance(node, yaml.ScalarEvent) or not (node.value or node.style):
        return Problem("yaml-syntax", message, hint="write a colon and its value after it, or remove it"), start, end
    first: Any = node.start_mark
    why = "within { } a comma ends the text before it"
    if name not in _LISTS:
        hint = "put the text with the comma in quotes"
        if name == "text":
            hint += f", or write [{text[first.index : end]}] where any of them will do"
        return Problem("yaml-syntax", f"{message}: {why}", hint=hint), start, end
    run = _RUN.match(text, first.index)
    whole = run[0].rstrip() if run is not None and run.end() >= end else text[first.index : end]
    place.children[name] = meant = Node(yaml.SequenceStartEvent(None, None, True, first, first, flow_style=True))
    meant.children = {0: node, 1: key}
    container[name] = [container[name], key.value]
    message = f"{shorten(whole)} is not a list: {why}"
    return Problem("yaml-syntax", message, hint=f"write [{whole}]"), first.index, first.index + len(whole)


def _is_made_here(node: Node) -> bool:
    """Whether a list has no brackets: its first item begins where it does."""
    first = node.children.get(0)
    return isinstance(first, yaml.ScalarEvent) and first.start_mark == node.start.start_mark
