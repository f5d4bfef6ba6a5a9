"""In which encoding a text is that is not UTF-8, as far as its bytes tell."""

import re
from itertools import pairwise
from typing import NamedTuple

from flowrunner.data import table

_MOST = 100_000
"""So many bytes are looked at."""


class Encoding(NamedTuple):
    """An encoding: as a program takes it, and as people call it."""

    name: str
    called: str


def likely(content: bytes) -> Encoding | None:
    """The encoding in which bytes are a text that is commonly written; None where nothing tells, or it is Western.

    No ASCII letter stands in a word of Russian or Greek. Each letter of a Western text that is not ASCII stands alone,
    or in twos, or all that stand together are its capitals (``ÁÉÍÓÚ``, ``¿ÉÉÉ?``); there the byte is told, and the
    letter that it may be.
    """
    content = content[:_MOST]
    if content[:64:2].count(0) * 3 > len(content[:64]) or content[1:64:2].count(0) * 3 > len(content[:64]):
        return Encoding("utf-16", "UTF-16")
    if b"\x1b$B" in content and content.isascii():
        return Encoding("iso-2022-jp", "ISO-2022-JP")
    if not re.search(rb"[\x80-\xff]{3}|[\x81-\x9f\xe0-\xef][\x40-\x7e][\x81-\x9f]", content):
        return None
    runs = re.findall(rb"[A-Za-z]?[\x80-\xff]+[A-Za-z]?", content)
    is_mixed = sum(each[0] < 0x80 or each[-1] < 0x80 for each in runs) * 5 > len(runs)
    found = []
    for known in table("source/encodings.json"):
        text = _decoded(content, known["codec"])
        if any(one.islower() and two.isupper() for one, two in pairwise(text) if not two.isascii()):
            continue  # as KOI8-R has capitals where others have small letters
        letters = [each for each in text if not each.isascii()]
        share = sum(each in known["common"] or each.lower() in known["common"] for each in letters) / max(
            len(letters), 1
        )
        if share >= known["least"] and not (is_mixed and known["alone"]):
            found.append((share, Encoding(known["named"], known["called"])))
    best = max(found, key=lambda each: each[0])[1] if found else None  # of those alike the first, the Western one
    return best if best is not None and best.name else None


def _decoded(content: bytes, codec: str) -> str:
    """The bytes as text; empty where they are not in that encoding, but for a character that is cut at the end."""
    for cut in range(4):
        try:
            return content[: len(content) - cut].decode(codec)
        except UnicodeDecodeError as error:
            if error.start < len(content) - 4:
                return ""
    return ""
