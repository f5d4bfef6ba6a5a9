"""A file of recipients as lines of text: opened as often as asked, never held, unpacked on the way."""

import os
import re
from collections.abc import Iterator
from io import RawIOBase, StringIO
from itertools import chain
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Literal, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location

STDIN: Final = "<stdin>"
MAX_LINE: Final = 1 << 20
"""The longest line that is read, in bytes."""

_BLOCK = 1 << 18
_HEAD = 1 << 16
_BOM = b"\xef\xbb\xbf"
_UNREADABLE: Final = re.compile("[\0\udc80-\udcff]")


class Fault(NamedTuple):
    """What is wrong with some text, before anyone has said where the text stands.

    Attributes:
        offset: Where in the text, in code points.
    """

    code: str
    message: str
    hint: str = ""
    offset: int = 0


class Source:
    """A file that is read from its beginning as often as asked. Close it when done.

    Attributes:
        name: What to call it: the path as given, or ``<stdin>``.
    """

    def __init__(self, name: str, path: Path | None, spool: IO[bytes] | None) -> None:
        self.name = name
        self._path = path
        self._spool = spool
        self._packed = False
        with self.open() as file:
            self._stamp = _stamp(file)
            self._packed = file.read(2) == b"\x1f\x8b"

    def open(self) -> BinaryIO:
        """A new reading of the bytes as they are on the disk."""
        if self._path is not None:
            return self._path.open("rb")
        from io import BufferedReader

        assert self._spool is not None, "a source is a file or a spool"  # noqa: S101
        return BufferedReader(_Again(self._spool), _BLOCK)

    def blocks(self, size: int = _BLOCK) -> Iterator[bytes]:
        """The unpacked bytes, at most `size` at a time.

        Raises:
            OSError: It cannot be read, or is badly packed.
            EOFError: It is packed, and its end is missing.
            ValueError: It has changed since it was first opened.
        """
        import gzip
        import zlib

        with self.open() as file:
            if _stamp(file) != self._stamp:
                raise ValueError(self.name)
            stream: Any = gzip.GzipFile(fileobj=file, mode="rb") if self._packed else file
            try:
                while block := stream.read(size):
                    yield block
            except zlib.error as error:
                raise OSError(str(error)) from error
            if _stamp(file) != self._stamp:
                raise ValueError(self.name)

    def head(self) -> bytes:
        """The first 64 KiB, unpacked; raises as `blocks` does."""
        blocks = self.blocks(_HEAD)
        first = next(blocks, b"")
        blocks.close()  # type: ignore[attr-defined]
        return first

    def close(self) -> None:
        """Give the spooled standard input back to the system."""
        if self._spool is not None:
            self._spool.close()


def open_source(path: Path | Literal["-"]) -> tuple[Source | None, Diagnostic | None]:
    """The file, or the whole of standard input, kept in an unnamed temporary file; or why it cannot be read."""
    if path == "-":
        import shutil
        import sys
        import tempfile

        spool = tempfile.TemporaryFile()  # noqa: SIM115  # closed by Source.close
        shutil.copyfileobj(sys.stdin.buffer, spool, _BLOCK)
        spool.flush()  # its size is asked for
        return Source(STDIN, None, spool), None
    from flowrunner.source import read_bytes

    # Nothing has 2^63 bytes: read_bytes() is asked for its words about what is no file, never for the content.
    if not Path(path).is_file():
        return None, read_bytes(Path(path))[1]
    try:
        return Source(str(path), Path(path), None), None
    except OSError as error:
        message = f"cannot be read: {os.strerror(error.errno) if error.errno else 'the system refused'}"
        return None, Diagnostic("unreadable", message, Location(str(path)), hint="check its permissions")


class Lines:
    """The lines of a source, each with its end. Iterating costs what C costs.

    Attributes:
        tainted: A byte that is no UTF-8, or a NUL, was met: ask `unreadable` of every text from now on.
        broken: Why the lines ended before the file did.
    """

    def __init__(self, source: Source, newline: Literal["", "\n"]) -> None:
        self.tainted = False
        self.broken: Fault | None = None
        self._source = source
        self._newline = newline
        self._recent: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._texts())

    def recent(self, line: int) -> str:
        """The text from a line (1-based) on, if it was met not long ago."""
        for first, text in reversed(self._recent):
            if line >= first:
                lines = StringIO(text, newline=self._newline)
                return "".join(list(lines)[line - first :])
        return ""

    def _texts(self) -> Iterator[StringIO]:
        line = 1
        try:
            for block in self._whole():
                text = self._decoded(block)
                self._recent = [*self._recent[-1:], (line, text)]
                yield StringIO(text, newline=self._newline)
                line += text.count("\n")
        except ValueError:
            self.broken = Fault("unreadable", "the file has changed since it was checked", "begin again")
        except EOFError:
            self.broken = Fault("unreadable", "the packed file ends too early", "fetch or make it again")
        except OSError as error:
            why = os.strerror(error.errno) if error.errno else "its packing is damaged"
            self.broken = Fault("unreadable", f"cannot be read on: {why}", "fetch or make it again")

    def _whole(self) -> Iterator[bytes]:
        rest = b""
        for block in self._source.blocks():
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
                self.broken = Fault("too-large", message, "one recipient a line; is a quote closed nowhere?")
                return
        if rest:
            yield rest

    def _decoded(self, block: bytes) -> str:
        if not self._recent:
            block = block.removeprefix(_BOM)
        try:
            text = block.decode()
        except UnicodeDecodeError:
            self.tainted = True
            return block.decode(errors="surrogateescape")
        self.tainted = self.tainted or "\0" in text
        return text


def unreadable(text: str) -> Fault | None:
    """The first byte in `text` that is no UTF-8, or NUL."""
    found = None if text.isascii() and "\0" not in text else _UNREADABLE.search(text)
    if found is None:
        return None
    if found.group() == "\0":
        message = "the character NUL stands here"
        return Fault("control-character", message, "remove it; is the file UTF-16?", found.start())
    byte = ord(found.group()) - 0xDC00
    likely = bytes([byte]).decode("cp1252", errors="ignore")
    guess = f"; in Windows-1252 it would be {likely!r}" if likely.isprintable() and likely else ""
    message = f"the byte 0x{byte:02X} is not UTF-8{guess}"
    return Fault("not-utf8", message, "save the file as UTF-8 (in Excel: CSV UTF-8)", found.start())


def unlike_text(head: bytes) -> Fault | None:
    """Why a file that begins so is no file of recipients."""
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Fault("bad-audience", "the file is a spreadsheet or an archive", "save it as CSV UTF-8")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Fault("not-utf8", "the file is UTF-16", "save it as UTF-8 (in Excel: CSV UTF-8)")
    start = head[:512]
    if start.count(b"\0") * 4 > len(start):
        return Fault("not-utf8", "the file is not UTF-8 but perhaps UTF-16", "save it as UTF-8 (in Excel: CSV UTF-8)")
    if not head.removeprefix(_BOM).strip():
        return Fault("empty-file", "the file is empty", "its first line names the columns, one of them phone")
    return None


def head_text(head: bytes) -> str:
    """The beginning of a file as text; what is no UTF-8 in it is as `Lines` would have it."""
    return head.removeprefix(_BOM).decode(errors="surrogateescape")


class _Again(RawIOBase):
    """One more reading of an open file, at a place of its own."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._at)
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def _stamp(file: BinaryIO) -> tuple[int, int, int]:
    about = os.fstat(file.fileno())
    return about.st_ino, about.st_size, about.st_mtime_ns
