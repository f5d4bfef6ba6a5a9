"""Texts as PostgreSQL takes them: all but those with a NUL in them, which a file keeps and an API may send."""

from typing import Final

from psycopg.abc import Buffer
from psycopg.adapt import Loader

_MARK: Final = "\x01"
_NUL: Final = f"{_MARK}0"
_ITSELF: Final = f"{_MARK}1"


def escaped(text: str) -> str:
    """A text as it is kept; a plain one, whatever kind of text it was."""
    if "\0" not in text and _MARK not in text:
        return str(text)
    return text.replace(_MARK, _ITSELF).replace("\0", _NUL)


class TextLoader(Loader):
    """Texts as they were given."""

    def load(self, data: Buffer) -> str:
        """Of UTF-8."""
        text = str(data, "utf-8")
        return text if _MARK not in text else text.replace(_NUL, "\0").replace(_ITSELF, _MARK)
