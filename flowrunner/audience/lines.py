"""The lines of a file of recipients, at the speed of C, and what in them is not text."""

import os
import re
from collections.abc import Iterator
from io import StringIO
from itertools import chain
from typing import Final, Literal

from flowrunner.audience.encodings import transcoded
from flowrunner.audience.source import AS_UTF8, BOM, Fault, FaultError, Source
from flowrunner.source.encodings import likely

MAX_LINE: Final = 1 << 20
"""The longest line that is read, in bytes."""

_EMPTY: Final = re.compile(r"[\r\n]+")
_UNREADABLE: Final = re.compile("[\0\udc80-\udcff]")


class Lines:
    """The lines of a source, each with its end. Iterating costs what C costs.

    Attributes:
        tainted: A byte that is not UTF-8, or a NUL, was met: ask `unreadable` of every text from now on.
        mixed: Such a byte was met, and letters in UTF-8, too.
        broken: Why the lines ended before the file did.
    """

    def __init__(self, source: Source, newline: Literal["", "\n"]) -> None:
        self.tainted = False
        self.mixed = False
        self.broken: Fault | None = None
        self._source = source
        self._newline = newline
        self._recent: list[tuple[int, str]] = []
        self._block = StringIO()
        self._has_letters = False

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._texts())

    def recent(self, line: int) -> str:
        """The text from a line (1-based) on, if it was met not long ago."""
        for first, text in reversed(self._recent):
            if line >= first:
                lines = StringIO(text, newline=self._newline)
                return "".join(list(lines)[line - first :])
        return ""

    def skip_empty(self) -> int:
        """Pass over the empty lines that come next, at the speed of a search; how many they were."""
        at, text = self._block.tell(), self._recent[-1][1]
        found = _EMPTY.match(text, at)
        if found is None:
            return 0
        self._block.seek(found.end())
        passed = found.group()
        return passed.count("\n") + (passed.count("\r") - passed.count("\r\n") if not self._newline else 0)

    @property
    def around(self) -> str:
        """What was read last, a block of whole lines."""
        return self._recent[-1][1] if self._recent else ""

    def _texts(self) -> Iterator[StringIO]:
        line = 1
        try:
            for block in self._whole():
                text = self._decoded(block)
                self._recent = [*self._recent[-1:], (line, text)]
                self._block = StringIO(text, newline=self._newline)
                yield self._block
                line += text.count("\n")
        except FaultError as error:
            self.broken = error.fault
        except ValueError:
            self.broken = Fault("unreadable", "the file has changed since it was checked", "run the command again")
        except EOFError:
            self.broken = Fault("unreadable", "the compressed file ends too early", "fetch or make it again")
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else "the compressed file is damaged"
            self.broken = Fault("unreadable", f"reading it stopped: {why}", "fetch or make it again")

    def _whole(self) -> Iterator[bytes]:
        rest = b""
        blocks, encoding = self._source.blocks(), self._source.encoding
        for block in transcoded(blocks, encoding) if encoding else blocks:
            rest += block
            cut = rest.rfind(b"\n") + 1
            if not cut and not self._newline:
                # The line ends of old Macs; the last one may be half of a pair.
                cut = rest.rfind(b"\r", 0, -1) + 1
            if cut:
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > MAX_LINE:
                message = f"the line has more than {MAX_LINE:,} bytes"
                self.broken = Fault("too-large", message, "write one recipient per line, and close every quote")
                return
        if rest:
            yield rest

    def _decoded(self, block: bytes) -> str:
        if not self._recent:
            block = block.removeprefix(BOM)
        try:
            text = block.decode()
        except UnicodeDecodeError:
            self.tainted = True
            self.mixed = self._has_letters or any(map(_is_utf8_with_letters, block.split(b"\n")))
            return block.decode(errors="surrogateescape")
        self._has_letters = self._has_letters or not text.isascii()
        self.tainted = self.tainted or "\0" in text
        return text


def unreadable(text: str, around: str = "", *, is_mixed: bool = False) -> Fault | None:
    """The first byte in `text` that is not UTF-8, or NUL.

    Args:
        text: What is read.
        around: What stands around it in the file, by which its encoding is told.
        is_mixed: Whether others of the file's letters are UTF-8.
    """
    found = None if text.isascii() and "\0" not in text else _UNREADABLE.search(text)
    if found is None:
        return None
    if found.group() == "\0":
        hint = "remove it, or pass --encoding utf-16 if the file is UTF-16"
        return Fault("control-character", "the character NUL is here", hint, found.start())
    byte = ord(found.group()) - 0xDC00
    if not is_mixed and (its := likely((around or text).encode(errors="surrogateescape"))) is not None:
        message = f"the byte 0x{byte:02X} is not UTF-8: the file seems to be {its.called}"
        return Fault("not-utf8", message, f"{AS_UTF8}, or pass --encoding {its.name}", found.start())
    western = bytes([byte]).decode("cp1252", errors="ignore")
    guess = f"; in Windows-1252 it would be {western!r}" if western.isprintable() and western else ""
    # Excel for Mac writes Mac Roman: a sign in the middle of a word may be one of its letters.
    other = bytes([byte]).decode("mac-roman")
    is_mac = other.islower() and not western.islower() and text[: found.start()][-1:].islower()
    if guess and is_mac:
        guess += f", in Mac Roman {other!r}"
    message = f"the byte 0x{byte:02X} is not UTF-8{guess}"
    if is_mixed:
        hint = "other letters of the file are UTF-8: correct what was put in from elsewhere, and save it as UTF-8"
    else:
        hint = f"{AS_UTF8}, or pass --encoding cp1252" if guess else AS_UTF8
        if is_mac:
            hint += f"{' or' if guess else ', or pass --encoding'} mac-roman, whichever gives the right letter"
    return Fault("not-utf8", message, hint, found.start())


def _is_utf8_with_letters(line: bytes) -> bool:
    if line.isascii():
        return False
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
