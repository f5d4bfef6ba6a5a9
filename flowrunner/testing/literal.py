"""A text of a test that has ``{{`` in it: in the file it stands as ``{{ '{{' }}``, as in a flow."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from flowrunner.expressions import holds_expression

_OPENING: Final = re.compile(r"\{[{%#]")
_LITERAL: Final = re.compile(r"""\{\{ *(['"])(\{[{%#])\1 *\}\}""")


def literally(data: Any) -> Any:
    """Data as a test file has it: nothing in its texts looks like an expression."""
    if isinstance(data, Mapping):
        return {key: literally(each) for key, each in data.items()}
    if isinstance(data, list | tuple):
        return [literally(each) for each in data]
    return _OPENING.sub(lambda found: f"{{{{ '{found[0]}' }}}}", data) if isinstance(data, str) else data


def as_said(data: Any) -> Any:
    """Data as a test file means it; a text in which nothing is written so is the same object."""
    if isinstance(data, dict):
        return {key: as_said(each) for key, each in data.items()}
    if isinstance(data, list):
        return [as_said(each) for each in data]
    return _LITERAL.sub(r"\2", data) if isinstance(data, str) and holds_expression(data) else data


def has_column(text: str) -> bool:
    """Whether something is to be filled in."""
    return holds_expression(text) and holds_expression(_LITERAL.sub(" ", text))


def protected(text: str) -> str:
    """The text of which evaluating leaves what is written so as it is written."""
    return _LITERAL.sub(lambda found: f"{{{{ {json.dumps(found[0])} }}}}", text)
