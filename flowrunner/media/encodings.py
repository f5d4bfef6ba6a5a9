"""What of a file WhatsApp may refuse although it is of a right type: depth, colours, codecs, channels."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from flowrunner.media.boxes import tracks
from flowrunner.media.limits import KILOBYTE, MOST_STILL, size

Odd = tuple[str, str]
"""What is odd, and what to do."""
_RGB: Final = "save it as 8-bit RGB (or RGBA)"
_AGAIN: Final = "export or copy the file again"
_CODECS: Final = "convert it: ffmpeg -i IN -c:v libx264 -c:a aac OUT.mp4"
_MONO: Final = "convert it: ffmpeg -i IN -c:a libopus -ac 1 OUT.ogg"
_PNG_COLOURS: Final = {0: "grey", 3: "a palette", 4: "grey with transparency"}
_SIDE: Final = 512
_MOVES: Final = 0x02


def oddities(kind: str, mime: str, content: bytes) -> Iterator[Odd]:
    """All that may keep a file of a right type from being shown, for the kind of message it is to be sent as."""
    look = _LOOKS.get(mime)
    if look is not None:
        yield from look(content)
    if kind == "sticker":
        yield from _sticker(content)


def still_too_large(content: bytes) -> str:
    """Why a sticker is too large although its kind allows more; empty where it is not."""
    if is_moving(content) or len(content) <= MOST_STILL:
        return ""
    return f"the sticker does not move and has {size(len(content))}, at most {size(MOST_STILL)} are allowed then"


def is_moving(content: bytes) -> bool:
    """Whether a WebP file is an animation (https://developers.google.com/speed/webp/docs/riff_container)."""
    return content[12:16] == b"VP8X" and len(content) > 20 and bool(content[20] & _MOVES)


def _png(content: bytes) -> Iterator[Odd]:
    if b"IEND" not in content[-4 * KILOBYTE :]:
        yield "the picture's end is missing", _AGAIN
    if content[12:16] == b"IHDR" and len(content) > 25:
        depth, colours = content[24], content[25]
        if depth != 8:
            yield f"the picture has {depth} bits a colour, WhatsApp takes 8", _RGB
        elif colours in _PNG_COLOURS:
            yield f"the picture has {_PNG_COLOURS[colours]}, WhatsApp takes RGB or RGBA", _RGB


def _jpeg(content: bytes) -> Iterator[Odd]:
    if b"\xff\xd9" not in content[2:]:
        yield "the picture's end is missing", _AGAIN
    at = 2
    while at + 10 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _FRAMES:
            depth, parts = content[at + 4], content[at + 9]
            if depth != 8:
                yield f"the picture has {depth} bits a colour, WhatsApp takes 8", _RGB
            if parts != 3:
                name = {1: "grey", 4: "CMYK"}.get(parts, f"of {parts} colours")
                yield f"the picture is {name}, WhatsApp takes RGB", _RGB
            return
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big") if marker != 0xFF else 1


_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""The markers of a frame's head, which tells depth and colours."""


def _film(content: bytes) -> Iterator[Odd]:
    its = tracks(content)
    if not its.is_whole:
        yield "the file's end, or the table of what is in it, is missing", _AGAIN
    for code in its.pictures:
        if code not in {"avc1", "avc3"}:
            yield f"its pictures are {_called(code)}, WhatsApp takes H.264", _CODECS
    for code in its.sounds:
        if code != "mp4a":
            yield f"its sound is {_called(code)}, WhatsApp takes AAC", _CODECS
    if len(its.sounds) > 1:
        yield (
            f"it has {len(its.sounds)} tracks of sound, WhatsApp takes one",
            "keep one: ffmpeg -i IN -map 0:v -map 0:a:0 OUT.mp4",
        )


def _song(content: bytes) -> Iterator[Odd]:
    its = tracks(content)
    if not its.is_whole:
        yield "the file's end, or the table of what is in it, is missing", _AGAIN
    for code in its.sounds:
        if code != "mp4a":
            yield f"its sound is {_called(code)}, WhatsApp takes AAC", "convert it: ffmpeg -i IN -c:a aac OUT.m4a"


_NAMES: Final = {
    "hvc1": "H.265", "hev1": "H.265", "av01": "AV1", "vp09": "VP9", "mp4v": "MPEG-4 Part 2", "s263": "H.263",
    "Opus": "Opus", "samr": "AMR", "alac": "Apple Lossless",
}  # fmt: skip


def _called(code: str) -> str:
    return _NAMES.get(code, repr(code))


def _opus(content: bytes) -> Iterator[Odd]:
    found = re.search(rb"OpusHead.(.)", content[:512], re.DOTALL)
    if found and found[1][0] != 1:
        yield f"it has {found[1][0]} channels, WhatsApp takes one (mono)", _MONO


def _sticker(content: bytes) -> Iterator[Odd]:
    if len(content) < 30:
        return
    if content[12:16] == b"VP8X":
        sides = [int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27)]
    elif content[12:16] == b"VP8 ":
        sides = [int.from_bytes(content[at : at + 2], "little") & 0x3FFF for at in (26, 28)]
    elif content[12:16] == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        sides = [(bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1]
    else:
        return
    if sides != [_SIDE, _SIDE]:
        yield f"the sticker has {sides[0]} x {sides[1]} pixels, WhatsApp asks for {_SIDE} x {_SIDE}", "scale it"


_LOOKS: Final[Mapping[str, Callable[[bytes], Iterator[Odd]]]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "video/mp4": _film,
    "video/3gpp": _film,
    "audio/mp4": _song,
    "audio/ogg": _opus,
}
