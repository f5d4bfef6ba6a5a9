"""Diagnostics in the Test Anything Protocol, version 14 (https://testanything.org/tap-version-14-specification.html)."""

import json
from collections.abc import Iterable, Mapping, Sequence

from flowrunner.diagnostics import Diagnostic
from flowrunner.views.problems.text import in_sentences
from flowrunner.views.visible import visible


def as_tap(diagnostics: Sequence[Diagnostic], files: Mapping[str, str]) -> str:
    """One test point a file, not ok where the file has an error; its diagnostics are in a YAML block.

    Args:
        diagnostics: What was found. A place that is not among ``files`` gets a point of its own.
        files: What there is to say of each file that was checked, by its path.
    """
    found: dict[str, list[Diagnostic]] = {path: [] for path in files}
    for each in diagnostics:
        found.setdefault(each.location.path, []).append(each)
    lines = ["TAP version 14", f"1..{len(found)}"]
    for number, (path, its) in enumerate(found.items(), 1):
        is_ok = not any(each.is_error for each in its)
        lines.append(point(number, f"{path}: {files[path]}" if path in files else path, is_ok=is_ok))
        if its:
            said = (f"{each.location}: {each.severity}[{each.code}]: {in_sentences(each)}" for each in its)
            lines += block([("message", its[0].message), ("severity", str(its[0].severity)), ("said", "\n".join(said))])
    return "\n".join(lines)


def point(number: int, description: str, *, is_ok: bool) -> str:
    """A test point on one line: nothing of its description is read as a directive."""
    its = visible(" ".join(description.split())).replace("\\", "\\\\").replace("#", "\\#")
    return f"{'ok' if is_ok else 'not ok'} {number} - {its}"


def block(facts: Iterable[tuple[str, str]]) -> list[str]:
    """A block of YAML in which every value is one line: a text of JSON is one of YAML."""
    return ["  ---", *(f"  {name}: {json.dumps(value)}" for name, value in facts), "  ..."]
