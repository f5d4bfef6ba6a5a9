"""What the author of a text that is not YAML most likely meant: each guess with the edit that its hint asks for.

Whoever asks tries the edit, so that no hint is given that does not fix the fault.
"""

import re
from collections.abc import Iterator
from typing import Final

from flowrunner.data import table
from flowrunner.source.document import shorten
from flowrunner.source.lines import ENTRY, KEY, Line, Repair, line_at
from flowrunner.source.quoting import flow_values, quotes, values

_MAX_LINE: Final = 500
"""The longest line that is looked at, in code points: some patterns take the square of it."""
_MAX_LINES: Final = 50
"""The most lines below a | or > that are tried as its text."""
_LEADING: Final = "(?:id|when)"
"""Keys with which an entry begins, and which are none alone."""
_FOLLOWING: Final = "(?:steps|until|timeout|on_timeout|reply|otherwise|in|with|reason)"
"""Keys with which no entry begins."""
PAIRS: Final = {"{": "}", "[": "]"}


def repairs(text: str, index: int, opened: int, noticed: int) -> Iterator[Repair]:
    """The guesses, the likeliest first.

    Args:
        text: What was read.
        index: Where the fault is taken to be.
        opened: Where what the parser was reading begins.
        noticed: Where it found that it cannot continue.
    """
    here = line_at(text, index)
    above = _above(text, here)
    lines = list(dict.fromkeys([here, line_at(text, opened), *above[:1]]))
    near = [each for each in lines if each.text.strip() and len(each.text) <= _MAX_LINE]
    if text[index : index + 1] == "\t":
        yield from _tabs(here, above)
        return
    for each in near:
        yield from _known("marks", each)
    yield from _block(text, here, above)
    yield from _comma(text, noticed, opened)
    for each in near:
        yield from quotes(each)
    for each in near:
        yield from _known("spaces", each)
    for each in near:
        yield from values(each)
    yield from _dash(here, above, index)
    for each in near:
        yield from _known("colon", each)
    yield from _ragged(here, above)
    yield from _bracket(text, opened, noticed)
    for each in near:
        yield from flow_values(each, noticed)


def _above(text: str, line: Line) -> list[Line]:
    """The lines above that are not blank, the nearest first; a few are enough."""
    found: list[Line] = []
    start = line.start
    while start > 0 and len(found) < 20:
        before = line_at(text, start - 1)
        start = before.start
        if before.text.strip() and not before.text.lstrip().startswith("#"):
            found.append(before)
    return found


def _known(sort: str, line: Line) -> Iterator[Repair]:
    """The mistakes of a sort, of those in ``mistakes.toml``, that the line is like."""
    for known in table("source/mistakes.toml")[sort]:
        found = re.match(known["pattern"], line.text)
        if found is not None:
            sign = f"{found['fault']} (U+{ord(found['fault'][0]):04X})"
            message = found.expand(known["message"]).replace("{sign}", sign)
            start, end = (line.start + at for at in found.span("fault"))
            first, last = (line.start + at for at in found.span("edit"))
            edited = first, last, found.expand(known["write"])
            yield Repair(start, end, message, found.expand(known["hint"]), edited)


def _block(text: str, here: Line, above: list[Line]) -> Iterator[Repair]:
    """``message: >`` whose text is not indented."""
    for head in [here, *above[:3]]:
        found = re.fullmatch(rf"( *(?:- +)*)({KEY}): *([|>][-+0-9]*)", head.text.rstrip())
        if found is None:
            continue
        column, sign = len(found[1]), found[3]
        line = head
        for _ in range(_MAX_LINES):
            if line.after >= len(text):
                return
            line = line_at(text, line.after)
            end = line.end
            if not line.text.strip() or line.indent > column:
                continue
            first = line_at(text, head.after)
            start = first.start + first.indent
            message = f"the text below {found[2]}: {sign} is not further to the right than {found[2]}"
            hint = f"put {column + 2} spaces before each line of the text"
            lowest = min(each.indent for each in _between(text, first.start, end) if each.text.strip())
            body = re.sub(rf"\n {{{lowest}}}", "\n" + " " * (column + 2), text[head.end : end])
            yield Repair(start, first.end, message, hint, (head.end, end, body))


def _between(text: str, start: int, end: int) -> Iterator[Line]:
    while start <= end:
        line = line_at(text, start)
        yield line
        start = line.after


def _comma(text: str, noticed: int, opened: int) -> Iterator[Repair]:
    """A comma in { } or [ ] that is one too many, is another sign, or is missing near where that was noticed."""
    if text[noticed : noticed + 1] == "," and text[:noticed].rstrip()[-1:] == ",":
        message, hint = "a comma follows a comma", "remove one of the two"
        yield Repair(noticed, noticed + 1, message, hint, (noticed, noticed + 1, ""))
    if text[opened : opened + 1] not in PAIRS or noticed - opened > _MAX_LINE * 4:
        return
    within = text[opened : noticed + 100]
    for each in re.finditer(rf"[，、﹐；](?=\s*{KEY}\s*:)", within):
        at, sign = opened + each.start(), each[0]
        message = f"{sign} (U+{ord(sign):04X}) is not the comma of YAML"
        yield Repair(at, at + 1, message, "write , and a space instead", (at, at + 1, ", "))
    places = re.finditer(
        rf"(?P<before>[\w'\"}}\]])(?P<space>\s+)(?P<next>{KEY}(?=\s*:)|['\"\[]|{{(?![{{%]))",
        within,
    )
    near = [each for each in places if opened + each.start("space") < noticed]
    for each in near[::-1][:4]:
        at, start = opened + each.end("before"), opened + each.start("next")
        after = shorten(each["next"])
        message = f"a comma is missing before {after}"
        yield Repair(start, start + len(each["next"]), message, f"write a comma before {after}", (at, at, ","))


def _dash(here: Line, above: list[Line], index: int) -> Iterator[Repair]:
    """A step without its dash, and a line that does not stand in line with those above."""
    start = here.start + here.indent
    dashes = [each.indent for each in above if each.text.lstrip(" ").startswith("- ")]
    if here.text.lstrip(" ").startswith("- "):
        for indent in dict.fromkeys(dashes):
            side = "left" if indent < here.indent else "right"
            message = "this dash is not in line with the other dashes of its list"
            hint = f"move it to the {side}, in line with the dash above: {_spaced(indent)} before it"
            yield Repair(start, start + 1, message, hint, (here.start, start, " " * indent))
        return
    if here.indent in dashes and re.match(rf" *[\"']?{KEY}[\"']?:(\s|$)", here.text):
        message, hint = "this line does not fit the list above it", "write a dash and a space before it"
        leads = above and re.match(rf" *- [\"']?{_LEADING}[\"']?:\s", above[0].text)
        goes_on = rf"(?!{_LEADING}:)" if leads else rf"{_FOLLOWING}:"
        if here.indent and re.match(goes_on, here.text.lstrip()):  # of the entry above, none of its own
            further = here.indent + 2
            right = f"move it to the right, in line with what stands behind the dash: {_spaced(further)} before it"
            yield Repair(start, here.end, message, right, (here.start, start, " " * further))
        yield Repair(start, here.end, message, hint, (here.start, start, f"{here.text[: here.indent]}- "))
    for indent in _columns(above):
        if indent != here.indent:
            side = "right" if indent < here.indent else "left"
            message = f"this line is further to the {side} than the ones above it"
            hint = f"indent it like them: {_spaced(indent)} before it"
            yield Repair(index, index + 1, message, hint, (here.start, start, " " * indent))


def _ragged(here: Line, above: list[Line]) -> Iterator[Repair]:
    """A line of a text below | or > that stands further to the left than its first line."""
    if above and not above[0].text.lstrip().startswith("- "):
        start, indent = here.start + here.indent, above[0].indent
        message = "this line is not in line with the text above it"
        edited = here.start, start, " " * indent
        yield Repair(start, start + 1, message, f"indent it like the text above: {_spaced(indent)} before it", edited)


def _columns(above: list[Line]) -> list[int]:
    """Where the keys of the lines above begin, the nearest first; below a key without a value, further in."""
    found = [each for line in above if (each := ENTRY.match(line.text))]
    columns = [len(each["lead"]) for each in found if each["key"]]
    if found and re.fullmatch(rf"{KEY}:", found[0]["value"]):
        columns.insert(0, len(found[0]["lead"]) + 2)
    return list(dict.fromkeys(columns))


def _tabs(here: Line, above: list[Line]) -> Iterator[Repair]:
    """Tabs among the spaces at the beginning of a line, or behind its dash."""
    found = re.match(r"( *(?:-[ ]*)?)([ \t]*)(-\s)?", here.text)
    if found is None or "\t" not in found[2]:
        return
    start, end = here.start + len(found[1]), here.start + found.end(2)
    at = here.start + here.text.index("\t")
    dashes = [each.indent for each in above if each.text.lstrip(" ").startswith("- ")]
    columns = [1] if "-" in found[1] else [each - len(found[1]) for each in (dashes if found[3] else _columns(above))]
    for count in dict.fromkeys([*columns, 2, 4, 6]):
        if count >= 0:
            hint = f"indent with spaces: {_spaced(count)} in place of the tab"
            yield Repair(at, at + 1, "a tab is used where only spaces are allowed", hint, (start, end, " " * count))


def _spaced(count: int) -> str:
    return "no space" if not count else "1 space" if count == 1 else f"{count} spaces"


def _bracket(text: str, opened: int, noticed: int) -> Iterator[Repair]:
    """A bracket that is not closed, or one too many."""
    line = line_at(text, opened)
    sign = text[opened : opened + 1]
    if sign in PAIRS:
        close, message = PAIRS[sign], f"this {sign} is not closed"
        end = line.start + len(line.text.rstrip())
        yield Repair(opened, opened + 1, message, f"close it: write {close} at the end of the line", (end, end, close))
        for each in re.finditer(rf",\s*({KEY})\s*:|[}}\]]", text[opened : min(noticed + 100, end)]):
            at = opened + each.start()
            hint = f"close it: write {close} before {', ' + each[1] if each[1] else each[0]}"
            yield Repair(opened, opened + 1, message, hint, (at, at, close))
    line = line_at(text, noticed)
    extra = re.search(r"([}\]])\s*$", line.text)
    if extra is not None:
        at = line.start + extra.start(1)
        yield Repair(at, at + 1, f"this {extra[1]} closes nothing", "remove it", (at, at + 1, ""))
