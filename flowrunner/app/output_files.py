"""A result becomes a file, whole or not at all."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copymode
from typing import BinaryIO

from flowrunner.diagnostics.errors import RefusedError

ANOTHER = "name another file with --output"
_MOST_LINKS = 40
_SQLITE = b"SQLite format 3\0"


def write_whole(
    path: Path, pieces: Iterable[str | bytes], *, private: bool = False, inputs: Iterable[Path] = (),
    hint: str = ANOTHER,
) -> None:  # fmt: skip
    """Put the pieces into a file; for the rest see `whole`."""
    with whole(path, private=private, inputs=inputs, hint=hint) as file:
        file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)


@contextmanager
def whole(path: Path, *, private: bool = False, inputs: Iterable[Path] = (), hint: str = ANOTHER) -> Iterator[BinaryIO]:
    """What is written within comes to its place at the end, or not at all.

    What is no file of its own (a pipe, or what is open already as ``/dev/stdout`` is, to which a shell may append) is
    written as it comes. Only its owner can read a ``private`` one. None of the ``inputs`` is written over, nor a
    database: who replaces a journal by mistake sends everything again. The
    ``hint`` says what else to do where it cannot be written.

    Raises:
        RefusedError: It cannot be written, is one of the inputs, or a database.
    """
    if any(path.exists() and each.exists() and path.samefile(each) for each in inputs):
        raise RefusedError(f"{path} is one of the input files", hint)
    descriptor = _descriptor(path)
    is_file = descriptor is None and (not path.exists() or path.is_file())
    if is_file and _is_database(path):
        raise RefusedError(f"{path} is a database, such as a journal", hint)
    target = Path(os.path.realpath(path)) if is_file else path
    if is_file and target.is_symlink():
        raise RefusedError(f"{path} is a link that leads in a circle", hint)
    beside = target.with_name(f".{target.name}.{os.getpid()}") if is_file else target
    try:
        try:
            place = beside if descriptor is None else os.dup(descriptor)
            with open(place, "xb" if is_file else "wb", opener=_private if private else None) as file:
                yield file
            if is_file:
                if target.exists() and not private:
                    copymode(target, beside)
                beside.replace(target)
        except BaseException:
            if is_file:
                beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise RefusedError(f"{path} cannot be written: {error.strerror or error}", hint) from None


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False  # there is none, or writing will tell


def _descriptor(path: Path) -> int | None:
    """What is open already and is named by the system's own link to it; None for any other path."""
    ours = rf"/dev/fd|/proc/{os.getpid()}(/task/\d+)?/fd"
    for _ in range(_MOST_LINKS):
        if path.name.isdecimal() and re.fullmatch(ours, os.path.realpath(path.parent)):
            return int(path.name)
        if not path.is_symlink():
            break
        path = path.parent / path.readlink()
    return None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
