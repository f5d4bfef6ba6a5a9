"""A file of recipients: opened as often as asked, never held, unpacked and decoded on the way."""

import os
import re
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location

STDIN: Final = "<stdin>"
MAX_RATIO: Final = 100
"""How many times its size a packed file may unpack to, once that is more than 32 MiB; people's names give 3 to 20."""

_BLOCK = 1 << 18
_HEAD = 1 << 16
_FREE = 1 << 25
BOM: Final = b"\xef\xbb\xbf"
AS_UTF8: Final = "save the file as UTF-8 (in Excel: CSV UTF-8)"


class Fault(NamedTuple):
    """What is wrong with some text, before anyone has said where the text stands.

    Attributes:
        offset: Where in the text, in code points.
    """

    code: str
    message: str
    hint: str = ""
    offset: int = 0

    def at(self, name: str, line: int = 0, column: int = 0, excerpt: str = "") -> Diagnostic:
        """The same, once that is known: in which file, at which line and cell or character (1-based; 0 for none)."""
        return Diagnostic(self.code, self.message, Location(name, line, column), hint=self.hint, excerpt=excerpt)


class FaultError(Exception):
    """The whole file is no good, and this is why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Source:
    """A file that is read from its beginning as often as asked. Close it when done.

    Attributes:
        name: What to call it: the path as given, or ``<stdin>``.
        encoding: What its text is in, as Python calls it; empty for UTF-8.
    """

    def __init__(self, name: str, path: Path | None, spool: IO[bytes] | None, encoding: str) -> None:
        self.name = name
        self.encoding = encoding
        self._path = path
        self._spool = spool
        self._packed = False
        with self.open() as file:
            self._stamp = stamp(file)
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
            FaultError: It unpacks to too much.
            ValueError: It has changed since it was first opened.
        """
        import gzip
        import zlib

        with self.open() as file:
            if stamp(file) != self._stamp:
                raise ValueError(self.name)
            stream: Any = gzip.GzipFile(fileobj=file, mode="rb") if self._packed else file
            total = 0
            try:
                while block := stream.read(size):
                    total += len(block)
                    if self._packed and total > max(_FREE, MAX_RATIO * file.tell()):
                        message = f"the compressed file unpacks to more than {MAX_RATIO} times its size"
                        raise FaultError(Fault("too-large", message, "unpack it, and see what it holds"))
                    yield block
            except zlib.error as error:
                raise OSError(str(error)) from error
            if stamp(file) != self._stamp:
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


def open_source(path: Path, encoding: str = "") -> tuple[Source | None, Diagnostic | None]:
    """The file, or the whole of standard input, kept in an unnamed temporary file; or why it cannot be read.

    ``encoding`` is what `codec` gave.
    """
    if str(path) == "-":
        import shutil
        import sys
        import tempfile

        spool = tempfile.TemporaryFile()  # noqa: SIM115  # closed by Source.close
        shutil.copyfileobj(sys.stdin.buffer, spool, _BLOCK)
        spool.flush()  # its size is asked for
        return Source(STDIN, None, spool, encoding), None
    from flowrunner.source import read_bytes

    # Nothing has 2^63 bytes: read_bytes() is asked for its words about what is no file, never for the content.
    if not path.is_file():
        return None, read_bytes(path)[1]
    try:
        return Source(str(path), path, None, encoding), None
    except OSError as error:
        message = f"cannot be read: {os.strerror(error.errno) if error.errno else 'the system refused'}"
        return None, Diagnostic("unreadable", message, Location(str(path)), hint="check its permissions")


def unlike_text(head: bytes, encoding: str = "") -> Fault | None:
    """Why a file that begins so is not a file of recipients, or is not in the encoding that was named."""
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Fault("bad-audience", "the file is a spreadsheet or an archive", "save it as CSV UTF-8")
    if re.match(rb"\s*<(!doctype|html|table|\?xml)\b", head.removeprefix(BOM), re.IGNORECASE):
        return Fault("bad-audience", "the file is a page or XML, whatever it is called", "save it as CSV UTF-8")
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")) and encoding[:6] != "utf-32":
        return Fault("not-utf8", "the file is UTF-32", f"{AS_UTF8}, or pass --encoding utf-32")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and encoding[:6] not in {"utf-16", "utf-32"}:
        return Fault("not-utf8", "the file is UTF-16", f"{AS_UTF8}, or pass --encoding utf-16")
    if encoding and head.startswith(BOM):
        return Fault("bad-encoding", f"the file is UTF-8, not {encoding}", "leave out --encoding")
    start = head.split(b"\n", 1)[0][:512]
    if not encoding and start.count(b"\0") * 4 > len(start):
        name = "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
        hint = f"{AS_UTF8}, or pass --encoding {name}"
        return Fault("not-utf8", "the file is not UTF-8 but perhaps UTF-16", hint)
    if not head.removeprefix(BOM).strip():
        return Fault("empty-file", "the file is empty", "its first line names the columns, one of them phone")
    return None


class _Again(RawIOBase):
    """One more reading of an open file, at a place of its own."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def fileno(self) -> int:
        return self._file.fileno()

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._at)
        content = self._file.read(len(buffer))
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)


def stamp(file: BinaryIO) -> tuple[int, int, int]:
    """What tells an open file from another one in its place, and from itself once it was written to."""
    about = os.fstat(file.fileno())
    return about.st_ino, about.st_size, about.st_mtime_ns
