"""``# flowrunner: ignore[code]`` at the end of a line: the author knows better than a warning of that line."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from flowrunner.diagnostics import Diagnostic, warning
from flowrunner.source import Document

if TYPE_CHECKING:
    from flowrunner.flow.translations.placed import Translated

_COMMENT = r"(?:^|\s)#\s*flowrunner:\s*ignore\[([^\]\n]*)\]"


def without_ignored(
    document: Document, diagnostics: Iterable[Diagnostic], *, idle: Literal["all", "errors", "none"]
) -> list[Diagnostic]:
    """The diagnostics less the warnings that comments in their lines ignore. Errors cannot be ignored.

    Args:
        document: The file.
        diagnostics: What was found in it.
        idle: Which codes that ignore nothing get a warning: all; only those that name an error of their line, where
            other errors hold warnings back; none.
    """
    found = list(diagnostics)
    if "flowrunner:" not in document.text:
        return found
    comments = _comments(document)
    used: set[tuple[int, str]] = set()
    kept = []
    for each in found:
        line = each.location.line
        if not each.is_error and each.location.path == document.path and each.code in comments.get(line, {}):
            used.add((line, each.code))
        else:
            kept.append(each)
    if idle != "none":
        errors = {(each.location.line, each.code) for each in found if each.is_error}
        for line, codes in comments.items():
            # With an expression in its line a warning may come only with the values.
            if "{{" in document.text.split("\n")[line - 1]:
                continue
            for code, offset in codes.items():
                if (line, code) not in used and (idle == "all" or (line, code) in errors):
                    why = "an error cannot be ignored" if (line, code) in errors else "nothing here has this code"
                    idling = warning("idle-ignore", f"ignore[{code}] has no effect: {why}", "remove it")
                    kept.append(document.diagnose_text(idling, offset, len(code)))
    return kept


def unignored(document: "Document | Translated", diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics less the warnings that comments in their lines ignore, in whichever file they stand."""
    told = list(diagnostics)
    for each in document.documents:
        told = without_ignored(each, told, idle="none")
    return told


def _comments(document: Document) -> dict[int, dict[str, int]]:
    """Line -> code -> offset of the code in the text."""
    comments: dict[int, dict[str, int]] = {}
    for match in re.finditer(_COMMENT, document.text):
        if document.is_text(match.start(1)):
            continue  # it stands in a message
        line = document.text.count("\n", 0, match.start(1)) + 1
        for code in re.finditer(r"[a-z0-9-]+", match.group(1)):
            comments.setdefault(line, {})[code.group()] = match.start(1) + code.start()
    return comments
