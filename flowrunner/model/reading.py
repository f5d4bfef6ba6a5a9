"""How a file of recipients is to be read."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Reading(NamedTuple):
    """How a file of recipients is to be read.

    Attributes:
        region: The country of the phone numbers that are written without one, as two letters.
        columns: The names of columns by the input (or ``phone`` and the like) that they are for.
        encoding: What the file's text is in; empty for UTF-8.
        comma: Whether numbers have a decimal comma.
        timezone: By which clock those live whose row and phone do not say.
    """

    region: str = ""
    columns: Mapping[str, str] = MappingProxyType({})
    encoding: str = ""
    comma: bool = False
    timezone: str = ""
