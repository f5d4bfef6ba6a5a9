"""One text of a YAML file written anew in its place, in the style that it had."""

import json
import re
from typing import Any, Final

from flowrunner.diagnostics import Location
from flowrunner.source import read
from flowrunner.source.document import line_starts
from flowrunner.spec.typed import is_nothing
from flowrunner.views.visible import escaped

_BLOCKS: Final = ("|", ">")


def with_text(text: str, at: Location, new: str) -> str | None:
    """The file's text with another value at a place; None where it cannot be written there.

    Comments and layout stay. The style of the old value is kept where the new one can be written in it, else it stands
    in double quotes.

    Args:
        text: The file's text.
        at: The place of the scalar.
        new: Its new value.
    """
    starts = line_starts(text)
    start = starts[at.line - 1] + at.column - 1
    end = starts[at.end_line - 1] + at.end_column - 1
    old = text[start:end]
    for written in _candidates(text, start, old, new):
        changed = text[:start] + written + text[end:]
        if _reads(text, changed, new):
            return changed
    return None


def written(new: str) -> str:
    """A text as it stands in one line: without quotes where it can."""
    for style in (new, quoted(new)):
        document, problems = read(f"- bot: {style}\n", "")
        if document is None or problems or document.data != [{"bot": new}]:
            continue
        if not is_nothing(document.data[0]["bot"]):  # null is a word, too
            return style
    return quoted(new)


def quoted(new: str) -> str:
    """A text in double quotes, in which what no file may hold, or nobody sees, is an escape."""
    return escaped(json.dumps(new, ensure_ascii=False))


def _candidates(text: str, start: int, old: str, new: str) -> list[str]:
    if old.startswith(_BLOCKS) and new:
        return [_block(text, start, old, new), quoted(new) + _comment(old) + _end(old)]
    if old.startswith("'") and "\n" not in new:
        return [f"'{new.replace(chr(39), chr(39) * 2)}'", quoted(new)]
    plain = [] if old.startswith('"') or "\n" in new else [new]
    return [*plain, quoted(new)]


def _block(text: str, start: int, old: str, new: str) -> str:
    """A block of lines with the indentation that it had; a folded one becomes one that keeps its lines."""
    inside = next((line for line in old.split("\n")[1:] if line.strip()), "")
    line = text[text.rfind("\n", 0, start) + 1 : start]
    indent = len(inside) - len(inside.lstrip()) if inside else len(line) - len(line.lstrip()) + 2
    chomp = "-" if not new.endswith("\n") else "+" if new.endswith("\n\n") else ""
    line_break = "\r\n" if "\r\n" in old else "\n"
    lines = [f"{' ' * indent}{each}" if each else "" for each in new.rstrip("\n").split("\n")]
    return line_break.join([f"|{chomp}{_comment(old)}", *lines]) + _end(old)


def _comment(block: str) -> str:
    """The comment beside the sign that a block of lines begins with, with the space before it."""
    found = re.match(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)?", block)
    return found[1] or "" if found is not None else ""


def _end(old: str) -> str:
    """What a block ends with: it reaches to where the line after it begins, and what stands in its place must, too."""
    return old[len(old.rstrip("\r\n")) :]


def _reads(old: str, new: str, value: str) -> bool:
    """Whether the new file says this in one place, and everywhere else what the old one says."""
    before, _ = read(old, "")
    after, problems = read(new, "")
    if before is None or after is None or any(each.is_error for each in problems):
        return False
    differing = list(_differing(before.data, after.data))
    return differing in ([], [value]) and not any(map(is_nothing, differing))


def _differing(one: Any, other: Any) -> "list[Any]":
    """The values in which two files differ, as the second has them."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [each for key in one for each in _differing(one[key], other[key])]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [each for pair in zip(one, other, strict=True) for each in _differing(*pair)]
    return [] if one == other and type(one) is type(other) else [other]
