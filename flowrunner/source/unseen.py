"""Spaces that are none, and characters that nobody sees, where YAML wants its own spaces."""

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import category, name

from flowrunner.diagnostics import Problem

UNSEEN: Final = "\u00a0\u00ad\u1680\u180e\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\ufeff"
"""A pattern's class: spaces that are no ASCII, and what takes no room."""
_STRUCTURE: Final = (
    rf"(?m)^(?P<before>[ \t]*(?:-[ \t]+)*)(?P<unseen>[{UNSEEN}][{UNSEEN} \t]*)(?=-\s|[\"']?[A-Za-z_]\w*[\"']?\s*:)"
    rf"|^[ \t]*(?:-[ \t]+)*(?:-|[A-Za-z_]\w*:)(?P<after>[{UNSEEN}]+)"
)


def described(sign: str) -> str:
    """A character that cannot be seen, in words: ``U+00A0 (no-break space)``."""
    known = name(sign, "").lower()
    return f"U+{ord(sign):04X}{f' ({known})' if known else ''}"


def unseen_structure(text: str) -> Iterator[tuple[Problem, int, int]]:
    """A problem and its span for each line whose dash, key or indentation stands beside such a character."""
    # Each pattern is made where it may find something.
    if all(map(str.isprintable, text.splitlines())) or not re.search(f"[{UNSEEN}]", text):
        return
    for each in re.finditer(_STRUCTURE, text):
        group = "unseen" if each["unseen"] else "after"
        start = each.start(group)
        sign = text[start]
        if category(sign) == "Zs":
            message = f"{described(sign)} is used where an ordinary space belongs"
            hint = "replace it with an ordinary space"
            if group == "unseen" and len(each["unseen"]) > 1:
                hint = f"indent the line with ordinary spaces: {len(each['before']) + len(each['unseen'])} in all"
        else:
            message = f"there is an invisible character here: {described(sign)}"
            hint = "remove it"
        yield Problem("yaml-syntax", message, hint=hint), start, start + 1
