"""How far a journal came, in a small file beside it: what tells that the journal's own end is missing.

SQLite drops, without a word, what follows a damaged place of its `-wal` file, and opens a file whose `-wal` is gone.
The mark is written after each commit that waited for the disk, before anybody is told of it. It need not reach the disk
then: a process that is killed leaves it to the system, and after a power cut it may lag behind the journal, never be
ahead of it. What was committed since without waiting is not missed: a journal without it is one that the power cut.
"""

import os
import zlib
from pathlib import Path
from typing import Final, Self

from flowrunner.journal.sqlite.ledger import Ledger

_LINE: Final = 128
_SLOT: Final = 2 * _LINE
"""The same line twice: one damaged place takes no more than one of them."""
_SLOTS: Final = 16
"""Processes write at once, each its own line, and never back: the highest counts."""


def mark_of(path: Path) -> Path:
    """Where the mark of the journal at ``path`` is."""
    return path.with_name(f"{path.name}-mark")


class Mark:
    """This process's line of the mark."""

    def __init__(self, path: Path, file: int) -> None:
        """Use `Mark.open`."""
        self._path, self._file = path, file

    @classmethod
    def open(cls, journal: Path) -> Self:
        """Open the mark of a journal, or make it, private.

        Raises:
            OSError: It cannot be written.
        """
        path = mark_of(journal)
        mark = cls(path, os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o600))
        try:
            if os.fstat(mark._file).st_size < _SLOT * _SLOTS:
                os.truncate(mark._file, _SLOT * _SLOTS)
        except BaseException:
            mark.close()
            raise
        return mark

    def write(self, ledger: Ledger) -> None:
        """Say that the journal has come so far: only what a power cut would leave of it, too."""
        os.lseek(self._file, os.getpid() % _SLOTS * _SLOT, os.SEEK_SET)
        os.write(self._file, _line(ledger) * 2)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


def replace_mark(journal: Path, ledger: Ledger) -> None:
    """Forget what the mark said, and say this."""
    mark_of(journal).unlink(missing_ok=True)
    mark = Mark.open(journal)
    try:
        mark.write(ledger)
    finally:
        mark.close()


def read_mark(journal: Path) -> tuple[Ledger, ...]:
    """All that the mark of a journal says; nothing where it is missing, or damaged from one end to the other.

    Raises:
        OSError: It is there, and cannot be read.
    """
    try:
        with mark_of(journal).open("rb") as file:
            data = file.read(_SLOT * _SLOTS)
    except FileNotFoundError:
        return ()
    lines = (_read(data[start : start + _LINE]) for start in range(0, len(data), _LINE))
    return tuple(ledger for ledger in lines if ledger)


def _line(ledger: Ledger) -> bytes:
    text = " ".join(map(str, ledger))
    return f"{text} {zlib.crc32(text.encode()):08x}".ljust(_LINE - 1).encode() + b"\n"


def _read(line: bytes) -> Ledger | None:
    journal, *numbers = line.decode("latin-1").split() or [""]
    try:
        commits, runs, events, digest = map(int, numbers[:4])
    except ValueError:
        return None
    ledger = Ledger(journal, commits, runs, events, digest)
    return ledger if _line(ledger) == line else None
