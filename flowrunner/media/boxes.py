"""The tracks of an MP4, 3GPP or M4A file, by the tables in it (ISO/IEC 14496-12)."""

from collections.abc import Iterator
from typing import Final, NamedTuple

_HOLDS_BOXES: Final = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_DESCRIPTIONS: Final = 8
"""Bytes of a sample description's own before the first entry: version, flags, how many there are."""


class Tracks(NamedTuple):
    """What a file holds.

    Attributes:
        pictures: The code of each video track's format: ``avc1``, ``hvc1``.
        sounds: The same of each audio track: ``mp4a``.
        is_whole: The tables and all that they tell of are there.
    """

    pictures: tuple[str, ...]
    sounds: tuple[str, ...]
    is_whole: bool


def tracks(content: bytes) -> Tracks:
    """The tracks of a file, as far as its tables can be read."""
    pictures: list[str] = []
    sounds: list[str] = []
    found: set[bytes] = set()
    end = handler = 0
    kind = b""
    for name, start, stop in _boxes(content, 0, len(content)):
        found.add(name)
        end = max(end, stop)
        if name == b"hdlr":
            kind, handler = content[start + 8 : start + 12], handler + 1
        elif name == b"stsd":
            code = content[start + _DESCRIPTIONS + 4 : start + _DESCRIPTIONS + 8].decode("latin-1")
            {b"vide": pictures, b"soun": sounds}.get(kind, []).append(code)
    return Tracks(tuple(pictures), tuple(sounds), b"moov" in found and end <= len(content))


def _boxes(content: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Every box, those within others after them: its name, where its content begins and where it should end."""
    while start + 8 <= stop:
        size, name, head = int.from_bytes(content[start : start + 4], "big"), content[start + 4 : start + 8], 8
        if size == 1:
            size, head = int.from_bytes(content[start + 8 : start + 16], "big"), 16
        elif size == 0:
            size = stop - start
        if size < head:
            return
        yield name, start + head, start + size
        if name in _HOLDS_BOXES:
            yield from _boxes(content, start + head, min(start + size, stop))
        start += size
