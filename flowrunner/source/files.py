"""Bytes on disk -> text, with what can go wrong on the way."""

import os
import re
from pathlib import Path

from flowrunner.diagnostics import Diagnostic, Location, Problem

MAX_BYTES = 1 << 20
"""The largest file that is read, in bytes: some 4,000 steps."""


_UNSEEN = "[\x85\u2028\u2029\ud800-\udfff]"


def read_bytes(path: Path) -> tuple[bytes, Diagnostic | None]:
    """The file's bytes; or a Diagnostic when there is no such file, it is no regular file, unreadable or too large."""
    try:
        # Asked before it is opened: opening a named pipe would wait for a writer.
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
            hint = "name a file in it" if path.is_dir() else "check the path"
            return b"", Diagnostic("unreadable", f"{path} {what}", Location(str(path)), hint=hint)
        size = path.stat().st_size
        if size > MAX_BYTES:
            message = f"the file has {size:,} bytes, at most {MAX_BYTES:,} are read"
            return b"", Diagnostic("too-large", message, Location(str(path)), hint="split it in two")
        return path.read_bytes(), None
    except OSError as error:
        message = f"cannot be read: {os.strerror(error.errno) if error.errno else 'the system refused'}"
        return b"", Diagnostic("unreadable", message, Location(str(path)), hint="check its permissions")


def is_file(path: Path) -> bool:
    """Whether there is a file of that name; a name that is too long for one is nobody's."""
    return os.path.isfile(path)  # noqa: PTH113  # which raises nothing, as Path does


def is_folder(path: Path) -> bool:
    """The same of a folder."""
    return os.path.isdir(path)  # noqa: PTH112  # as above


def decode(content: bytes) -> tuple[str, Problem | None]:
    """UTF-8 bytes as text, without a byte order mark; what cannot be decoded gives the text before it and a problem."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", Problem("not-utf8", "the file is UTF-16", hint="save it as UTF-8")
    if b"\0" in content[:64] or b"\x1b$" in content:  # those are ASCII, byte by byte
        from flowrunner.source.encodings import likely  # few files are not UTF-8

        if (its := likely(content)) is not None:
            return "", Problem("not-utf8", f"the file is {its.called}", hint="save it as UTF-8")
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        from flowrunner.source.encodings import likely  # as above

        before = content[: error.start].decode("utf-8-sig", errors="replace")
        byte = content[error.start]
        message = f"the byte 0x{byte:02X} is not UTF-8"
        if (its := likely(content)) is not None:
            message += f": the file seems to be {its.called}"
        elif (western := bytes([byte]).decode("cp1252", errors="ignore")) and western.isprintable():
            message += f"; in Windows-1252 it would be {western!r}"
        return before, Problem("not-utf8", message, hint="save the file as UTF-8")


def unfit(text: str) -> tuple[Problem, int, int] | None:
    """The first character that no file may hold although YAML's parser lets it pass, and its span."""
    found = re.search(_UNSEEN, text) if _may_be_unfit(text) else None
    if found is None:
        return None
    sign = ord(found.group())
    if sign > 0xD7FF:
        message = "there is half of a character here (a lone surrogate)"
        return Problem("lone-surrogate", message, hint="write the character itself"), found.start(), found.end()
    # Editors show them as nothing or as one line; the parser ends a line there, and folds it into a space.
    message = f"there is an invisible line break here: U+{sign:04X}"
    hint = f"remove it; in double quotes it can be written as \\u{sign:04x}"
    return Problem("control-character", message, hint=hint), found.start(), found.end()


def _may_be_unfit(text: str) -> bool:
    """Whether there is such a character: to make the pattern that finds it takes longer than all else here."""
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a character
        return True
    return any(sign in text for sign in "\x85\u2028\u2029")
