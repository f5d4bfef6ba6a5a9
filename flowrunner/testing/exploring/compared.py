"""What a flow's conditions and texts look for in an input, or in what was answered."""

import re
from collections.abc import Sequence
from typing import Final

from flowrunner.expressions.compared import literals
from flowrunner.flow import Loaded

_MOST: Final = 20


def compared_with(flow: Loaded, name: str) -> Sequence[str]:
    """The values that a name is compared with, as a person would write them; with each number its neighbours."""
    every = (each.expression for fields in flow.fields.values() for each in fields)
    reading = (its for its in every if name and any(use.name == name for use in its.uses))
    return list(dict.fromkeys(text for its in reading for text in literals(its)))[:_MOST]


def form_fields(flow: Loaded, name: str) -> Sequence[str]:
    """What is read of the form that is answered to a question."""
    if flow.flow is None or not name:
        return ()
    texts = "\n".join(flow.flow.bundle.files.values())
    return sorted(set(re.findall(rf"\b{re.escape(name)}\.form\.(\w+)", texts)))
