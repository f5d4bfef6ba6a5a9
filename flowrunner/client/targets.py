"""What the journal and plans call the other side: one text for a dialect, an address and a number."""

from typing import Final, NamedTuple

from flowrunner.dialects import DIALECTS, Dialect, dialect_of

EMULATOR: Final = "emulator"
"""What stands for the emulator inside the program, where a URL stands otherwise."""
_CONFIGURED: Final = "?whatsapp_config_id="


class Target(NamedTuple):
    """Where a sender sends, and by which number.

    Attributes:
        dialect: One of `DIALECTS`.
        url: The API's base URL, or `EMULATOR`.
        number: The id of the number that sends, as the dialect knows it; empty for the only one.
    """

    dialect: str
    url: str
    number: str = ""

    @property
    def spoken(self) -> Dialect:
        """How it is written to there."""
        return dialect_of(self.dialect)

    @property
    def text(self) -> str:
        """``https://host/api/v1``, ``meta https://host/meta/whatsapp/v24.0/1234``, ``emulator``, ``emulator meta``."""
        is_first = self.dialect == DIALECTS[0]
        if self.url == EMULATOR:
            return EMULATOR if is_first else f"{EMULATOR} {self.dialect}"
        if is_first:
            return self.url + (_CONFIGURED + self.number if self.number else "")
        return f"{self.dialect} {self.url}/{self.number}"


def read_target(text: str) -> Target:
    """The target that a text of a journal or a plan names; any other text is taken for a URL of the first dialect."""
    for dialect in DIALECTS[1:]:
        if text == f"{EMULATOR} {dialect}":
            return Target(dialect, EMULATOR)
        if text.startswith(f"{dialect} "):
            url, _, number = text.removeprefix(f"{dialect} ").rpartition("/")
            return Target(dialect, url, number)
    url, _, number = text.partition(_CONFIGURED)
    return Target(DIALECTS[0], url, number)
