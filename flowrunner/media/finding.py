"""Which file a flow names, and whether it may: within the repository, spelt as it is there, a file, readable."""

import os
from pathlib import Path
from typing import Final

from flowrunner.diagnostics import Problem, nearest
from flowrunner.media.limits import LARGEST, sizes

_RELATIVE: Final = "write where it is from the flow's folder, with /: ./pictures/welcome.jpg"


def find(folder: Path, written: str) -> Path | Problem:
    """The file that is named from a flow's folder; or what is wrong with it, at the route of the name.

    A symbolic link is followed, and may lead to nowhere outside. What bounds it is the repository that the folder is
    in (the folder above with ``.git``), else the folder itself.
    """
    if problem := _misnamed(written):
        return problem
    here = folder.absolute()
    path = Path(os.path.normpath(here / written))
    top = top_of(here)
    if not is_in(path, top):
        return _outside(written, top)
    if problem := _misspelt(path, here, written):
        return problem
    try:
        if not is_in(Path(os.path.realpath(path)), top.resolve()):
            return _outside(written, top, " (it is a link)")
        if not path.is_file():
            return _no_file(path, written)
        count = path.stat().st_size
    except OSError as error:
        return _bad(f"{written} cannot be looked at: {_why(error)}", "check its permissions")
    if count == 0:
        return _bad(f"{written} is empty", "export or copy the file again")
    if count > LARGEST:
        its, most = sizes(count, LARGEST)
        return Problem("media-size", f"{written} has {its}, no message takes more than {most}", hint="shorten it")
    return path


def read(path: Path, written: str) -> bytes | Problem:
    """The bytes of a file that was found; or why there are none."""
    try:
        return path.read_bytes()
    except OSError as error:
        return _bad(f"{written} cannot be read: {_why(error)}", "check its permissions")


def _misnamed(written: str) -> Problem | None:
    if not written.strip() or written != written.strip() or not written.isprintable():
        return _bad("the path is blank, or has a space around it or a sign in it that nobody sees", _RELATIVE)
    if "://" in written:
        hint = "write media_url for a web address, media_file for a file of the repository"
        return _bad("the path is a web address", hint)
    if "\\" in written or ":" in written:
        return _bad(f"{written} is not a path that every system knows", _RELATIVE)
    if written.startswith(("/", "~")):
        return _bad(f"{written} is not named from the flow's folder: it would be another file elsewhere", _RELATIVE)
    return None


def top_of(here: Path) -> Path:
    """What bounds the files of a flow in that folder: the repository that it is in, else the folder itself."""
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), here)


def is_in(path: Path, top: Path) -> bool:
    """Whether a path is a folder, or below it."""
    return path == top or top in path.parents


def _outside(written: str, top: Path, how: str = "") -> Problem:
    is_repository = (top / ".git").exists()
    where = "the repository" if is_repository else "the flow's folder"
    hint = f"copy the file into {where}" + ("" if is_repository else ", or keep both in a git repository")
    return Problem("media-outside", f"{written} is outside of {where}{how}", hint=hint)


def _misspelt(path: Path, here: Path, written: str) -> Problem | None:
    """A part of the path that is not there in just these letters, on whatever system."""
    common = Path(os.path.commonpath([here, path]))
    at = common
    for part in path.relative_to(common).parts:
        try:
            names = os.listdir(at)  # noqa: PTH208  # names, not paths
        except OSError as error:
            return _bad(f"{written} cannot be looked for: {_why(error)}", "check the permissions of its folder")
        if part not in names:
            folded = [name for name in names if name.casefold() == part.casefold()]
            if folded:
                message = f"{written} is spelt {folded[0]} on this disk: a system that minds the case finds no {part}"
                return _bad(message, f"write {written.replace(part, folded[0])}")
            near = nearest(part, sorted(names))
            hint = (
                f"did you mean {written.replace(part, near)}?"
                if near
                else "check the path; it begins at the flow's folder"
            )
            return _bad(f"{written} does not exist", hint)
        at /= part
    return None


def _no_file(path: Path, written: str) -> Problem:
    if path.is_dir():
        return _bad(f"{written} is a folder", "name a file in it")
    if path.is_symlink():
        return _bad(f"{written} is a link that leads to no file", "mend the link, or copy the file there")
    return _bad(f"{written} is not a file", "name a file")


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else "the system refused"


def _bad(message: str, hint: str) -> Problem:
    return Problem("media-file", message, hint=hint)
