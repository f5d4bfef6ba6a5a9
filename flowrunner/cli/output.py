"""Results written to files, whole or not at all, and shown in a browser."""

import os
from collections.abc import Iterable
from pathlib import Path
from shutil import copymode

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, refuse


def write(path: Path, pieces: Iterable[str | bytes], *, private: bool = False, inputs: Iterable[Path] = ()) -> bool:
    """Put the pieces into a file that was never half written; says what is in the way, and answers whether it worked.

    What is no file of its own (``/dev/stdout``, a pipe) is written as it comes. Only its owner can read a ``private``
    one. None of the ``inputs`` is written over.
    """
    if any(path.exists() and each.exists() and path.samefile(each) for each in inputs):
        refuse(f"{path} is one of the input files", "name another file with --output")
        return False
    whole = not path.exists() or path.is_file()
    target = path.resolve() if whole else path
    beside = target.with_name(f".{target.name}.{os.getpid()}") if whole else target
    try:
        try:
            with open(beside, "xb" if whole else "wb", opener=_private if private else None) as file:
                file.writelines(piece.encode() if isinstance(piece, str) else piece for piece in pieces)
            if whole:
                if target.exists() and not private:
                    copymode(target, beside)
                beside.replace(target)
        except BaseException:
            if whole:
                beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        refuse(f"{path} cannot be written: {error.strerror or error}", "name another file with --output")
        return False
    return True


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def open_in_browser(address: str) -> int:
    """Show it; answers with the exit code."""
    if click.launch(address):
        refuse("no browser could be opened", f"open {address}")
        return WRONG_INPUT
    return DONE
