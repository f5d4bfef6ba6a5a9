"""What a file's bytes are as text: the encodings that may be named, and UTF-8 made of them block by block."""

import codecs
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Final

from flowrunner.audience.source import BOM, Fault, FaultError, Source, unlike_text
from flowrunner.data import table
from flowrunner.diagnostics import Diagnostic, Location, nearest

_NOT_TEXT: Final = frozenset(["idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"])
# As browsers do it: who says Latin-1 has quotes and euro signs, which Latin-1 lacks.
_MEANT: Final = {"ansi": "cp1252", "iso8859-1": "cp1252", "utf-8-sig": "utf-8"}


def codec(name: str) -> tuple[str, Diagnostic | None]:
    """What Python calls an encoding, empty for UTF-8; or why it is not one."""
    typed = name.strip().lower()
    meant = _MEANT.get(typed, typed) or "utf-8"
    its = ""
    with suppress(LookupError, ValueError):
        found = codecs.lookup(meant).name
        with suppress(UnicodeDecodeError):
            b"a".decode(meant)  # refuses what is a codec and no encoding, such as zip
        its = found
    if not its or its in _NOT_TEXT:
        close = nearest(typed, table("audience/words.json")["encodings"])
        hint = f"did you mean {close}?" if close else "write cp1252, utf-16 or the like"
        return "", Diagnostic("bad-encoding", f"{name} is not a known encoding", Location("--encoding"), hint=hint)
    its = _MEANT.get(its, its)
    return its if its != "utf-8" else "", None


def transcoded(blocks: Iterator[bytes], encoding: str, *, to_the_end: bool = True) -> Iterator[bytes]:
    """The same text in UTF-8, a block at a time.

    Raises:
        FaultError: It is not in its encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for block in chain(blocks, [b""] if to_the_end else []):
        try:
            text = decoder.decode(block, not block)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].decode(encoding, "ignore").count("\n")
            message = f"the byte 0x{error.object[error.start]:02X} in line {line} is not {encoding}"
            hint = "name the encoding that the file was saved in, or save it as UTF-8"
            raise FaultError(Fault("bad-encoding", message, hint)) from None
        line += text.count("\n")
        if text:
            yield text.encode()


def head_text(head: bytes, encoding: str = "") -> str:
    """The beginning of a file as text; what is not UTF-8 in it is as `Lines` would have it.

    Raises:
        FaultError: It is not in its encoding.
    """
    if encoding:
        head = next(transcoded(iter([head]), encoding, to_the_end=False), b"")
    return head.removeprefix(BOM).decode(errors="surrogateescape")


def beginning(source: Source) -> tuple[str, Fault | None]:
    """The beginning of a file as text, or why it is none."""
    try:
        head = source.head()
        fault = unlike_text(head, source.encoding)
        return (head_text(head, source.encoding) if fault is None else ""), fault
    except FaultError as error:
        return "", error.fault
    except (EOFError, OSError):
        return "", Fault("unreadable", "the compressed file is damaged", "fetch or make it again")
