"""A file that a flow names, looked at: what it is, and what is wrong with it for what it is to be sent as."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from flowrunner.diagnostics import Problem, warning
from flowrunner.media.encodings import oddities, still_too_large
from flowrunner.media.finding import find, read
from flowrunner.media.limits import LIMITS, NAMES, Limit, sizes
from flowrunner.media.types import type_of
from flowrunner.model.media import MediaFile
from flowrunner.spec.words import listed

_STORED_ELSEWHERE: Final = b"version https://git-lfs.github.com/spec/"


def look(folder: Path, written: str, kind: str) -> tuple[MediaFile | None, list[Problem]]:
    """What a file is, and all that is wrong with it; the problems stand at the route of its name.

    Args:
        folder: The flow's.
        written: How the flow names it.
        kind: What it is to be sent as, one of `LIMITS`; of any other, which has problems of its own, nothing is said.

    Returns:
        None for the file where an error keeps it from being sent.
    """
    path = find(folder, written)
    if isinstance(path, Problem):
        return None, [path]
    content = read(path, written)
    if isinstance(content, Problem):
        return None, [content]
    limit = LIMITS.get(kind)
    if limit is None:
        return None, []
    mime = type_of(content)
    if mime not in limit.types:
        return None, [_wrong_type(written, kind, mime, limit, content)]
    if len(content) > limit.most:
        count, most = sizes(len(content), limit.most)
        message = f"{written} has {count}, {_one(kind)} may have at most {most}"
        return None, [Problem("media-size", message, hint="make it smaller", link=limit.page)]
    if kind == "sticker" and (why := still_too_large(content)):
        return None, [Problem("media-size", why, hint="make it smaller", link=limit.page)]
    odd = [
        warning("media-encoding", f"{written} may be refused: {what}", hint, link=limit.page)
        for what, hint in oddities(kind, mime, content)
    ]
    return MediaFile(sha256(content).hexdigest(), len(content), mime), odd


def _wrong_type(written: str, kind: str, mime: str, limit: Limit, content: bytes) -> Problem:
    names = listed(dict.fromkeys(limit.types.values()))
    message = f"{written} is {NAMES.get(mime, 'of no type that WhatsApp takes')}, {_one(kind)} must be {names}"
    hint = f"convert it to {next(iter(limit.types.values()))}"
    if content.startswith(_STORED_ELSEWHERE):
        message, hint = f"{written} is only the pointer that Git LFS keeps in its place", "fetch the file: git lfs pull"
    elif content.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html")):
        message = f"{written} is a web page (HTML), {_one(kind)} must be {names}"
        hint = "save the file itself, not the page that shows it or says that there is none"
    elif fitting := next((name for name, other in LIMITS.items() if mime in other.types and name != "document"), ""):
        hint = f"send it as message_type: {fitting}, or {hint}"
    return Problem("media-type", message, hint=hint, link=limit.page)


def _one(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
