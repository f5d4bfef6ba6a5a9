"""A test as text: in the file that it belongs to, below those that are there."""

import json
import re
from collections.abc import Mapping
from typing import Final

from flowrunner.model import Json
from flowrunner.testing.literal import literally
from flowrunner.testing.recording.drafting import Draft
from flowrunner.testing.updating.scalars import quoted, written

_PLAIN: Final = re.compile(r"[^\W\d_]\w*(?:[ .-]\w+)*")
_NOT_PLAIN: Final = frozenset({"null", "true", "false"})


def as_item(name: str, draft: Draft, golden: str = "") -> str:
    """The test as an item of ``tests:``, without indentation; as a golden chat where its file is named."""
    given, turns, ends, after = literally(draft)
    lines = [f"- name: {written(name)}", "  given:"]
    for key, value in given.items():
        lines.append(f"    {key}: {inline(value)}")
    if golden:
        answers = [turn.get("customer", turn) for turn in turns if turn.keys() & {"customer", "wait"}]
        lines.append(f"  chat: {inline({'golden': golden, 'answers': answers})}")
    else:
        lines.append("  chat:")
        for turn in turns:
            ((key, value),) = turn.items()
            said = written(value) if isinstance(value, str) else inline(value)
            lines.append(f"    - {key}: {said}")
    lines.append(f"  ends: {ends}")
    if after:
        lines += ["  vars:", *(f"    {inline(name)}: {inline(value)}" for name, value in after.items())]
    return "\n".join(lines) + "\n"


def inline(value: Json) -> str:
    """A value in one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{inline(str(key))}: {inline(each)}' for key, each in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and value.casefold() not in _NOT_PLAIN else quoted(value)
    return json.dumps(value)


def in_file(text: str, flow: str, item: str) -> str | None:
    """The text of a test file with one test more; None where its tests do not stand in lines of their own.

    Args:
        text: What is there; empty for a new file.
        flow: How a new one names its flow.
        item: The test, see `as_item`.
    """
    if not text.strip():
        return f"flow: {written(flow)}\ntests:\n{_indented(item, '  ')}"
    lines = text.replace("\r\n", "\n").split("\n")
    begin = next((number for number, line in enumerate(lines) if re.match(r"tests:\s*(#.*)?$", line)), None)
    if begin is None:
        return None
    first = next((line for line in lines[begin + 1 :] if line.lstrip().startswith("- ")), None)
    if first is None:
        return None
    end = begin + 1
    for number in range(begin + 1, len(lines)):
        line = lines[number]
        if line.strip() and not line.startswith((" ", "-", "#")):
            break
        if line.strip():
            end = number + 1
    indent = first[: len(first) - len(first.lstrip())]
    whole = "\n".join([*lines[:end], "", *_indented(item, indent).rstrip("\n").split("\n"), *lines[end:]])
    whole = whole if whole.endswith("\n") else f"{whole}\n"
    return whole.replace("\n", "\r\n") if "\r\n" in text else whole


def _indented(item: str, indent: str) -> str:
    return "".join(f"{indent}{line}\n" for line in item.rstrip("\n").split("\n"))
