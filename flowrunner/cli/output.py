"""Results written to files, whole or not at all, and shown in a browser."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copymode
from typing import BinaryIO

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, refuse


def write(path: Path, pieces: Iterable[str | bytes], *, private: bool = False, inputs: Iterable[Path] = ()) -> bool:
    """Put the pieces into a file that was never half written; says what is in the way, and returns whether it worked.

    None of the ``inputs`` is written over.
    """
    if any(path.exists() and each.exists() and path.samefile(each) for each in inputs):
        refuse(f"{path} is one of the input files", "name another file with --output")
        return False
    try:
        with whole(path, private=private) as file:
            file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
    except OSError as error:
        refuse_output(path, error)
        return False
    return True


@contextmanager
def whole(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """What is written within comes to its place at the end, or not at all. Only its owner can read a ``private`` file.

    What is no file of its own (``/dev/stdout``, a pipe) is written as it comes.

    Raises:
        OSError: It cannot be written.
    """
    is_file = not path.exists() or path.is_file()
    target = path.resolve() if is_file else path
    beside = target.with_name(f".{target.name}.{os.getpid()}") if is_file else target
    try:
        with open(beside, "xb" if is_file else "wb", opener=_private if private else None) as file:
            yield file
        if is_file:
            if target.exists() and not private:
                copymode(target, beside)
            beside.replace(target)
    except BaseException:
        if is_file:
            beside.unlink(missing_ok=True)
        raise


def refuse_output(path: Path, error: OSError) -> None:
    """Say why a file could not be written."""
    refuse(f"{path} cannot be written: {error.strerror or error}", "name another file with --output")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def open_in_browser(address: str) -> int:
    """Show it; returns the exit code."""
    if click.launch(address):
        refuse("no browser could be opened", f"open {address}")
        return WRONG_INPUT
    return DONE
