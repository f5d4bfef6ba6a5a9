"""Every hint in the program's own text begins with a small letter and ends without a full stop."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import flowrunner

ROOM = Path(flowrunner.__file__).parent
SECOND = {
    *("CampaignError", "Diagnostic", "Fault", "JournalError", "PlanError", "RefusedError", "TransportError", "refuse"),
}  # these take the hint as their second argument, except a Diagnostic, which takes its message there: same rule
NAMES = re.compile(r"[A-Z]+[A-Z0-9_]+\b|WhatsApp|Kapso|Meta|YAML|Windows|Ctrl-C|Chromium")


def _texts(node: ast.expr) -> Iterator[str]:
    """The literal texts that an expression may come to; what is filled in is shown as ``x``."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in parts)
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one)
            yield from _texts(other)
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from _texts(part)
        case _:
            pass


def _named(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _hints(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        match node:
            case ast.Call(args=args, keywords=keywords):
                given = [each.value for each in keywords if each.arg == "hint"]
                given += args[1:2] if _named(node) in SECOND else []
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name.lower().endswith("hint"):
                given = [value]
            case _:
                pass
        for each in given:
            yield from ((node.lineno, text) for text in _texts(each) if text)


def _wrong(hint: str) -> bool:
    is_sentence = hint[0].isupper() and not NAMES.match(hint)
    has_stop = hint.endswith(("!", ".")) and not hint.endswith("...")
    return is_sentence or has_stop or ". " in hint.replace("... ", "")


def test_a_hint_begins_small_and_ends_without_a_stop() -> None:
    """It is one sentence, and part of the line that it stands in."""
    found = [
        (f"{path.relative_to(ROOM)}:{line}", text)
        for path in sorted(ROOM.rglob("*.py"))
        for line, text in _hints(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(found) > 100
    assert [each for each in found if _wrong(each[1])] == []
