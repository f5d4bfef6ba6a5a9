"""Placeholders of other programs, ``{name}``, ``%name%``, ``[name]``: they would be sent as they are typed."""

import re
from collections.abc import Collection, Container, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route, warning
from flowrunner.expressions import holds_expression
from flowrunner.flow.fields import LITERAL, texts_of
from flowrunner.model import Input, MessageStep

_MARKS: Final = frozenset("{}[<%$#@\uff5b\u00ab")
_WORDS: Final = r"[ \t]*(?P<{}>[A-Za-z_][\w.]*(?:[ -][\w.]+){{0,4}})[ \t]*"
_SURE: Final = (
    r"[$%#]?\{{{}\}}\}}?", r"(?<![\w%])%%?{}%%?", r"\[\[{}\]\]", r"<<{}>>", r"\*\|{}\|\*", r"<%[=-]?{}%>",
    r"\uff5b{{1,2}}{}\uff5d{{1,2}}", r"\{{[!@$#^&]{}\}}", r"%\({}\)s",
)  # fmt: skip
_UNSURE: Final = (r"\u00ab{}\u00bb", r"\[{}\](?!\()", r"<{}>", r"(?<![\w#])#{}#(?!\w)", r"(?<![\w@])@{}@")
_PLACEHOLDER: Final = (
    "|".join(each.format(_WORDS.format(f"n{at}")) for at, each in enumerate((*_SURE, *_UNSURE)))
    + r"|(?<![\w$])\$(?P<n99>[A-Za-z_]\w*)"
)
"""These are compiled where a text may hold one, for it takes a millisecond."""
_NAMELESS: Final = (
    r"(?<![\w{])[$#%]?\{\d{1,2}\}(?!\})|(?<![\w%])%(?:\d{1,2}\$)?[sd](?!\w)|\*\|[\w:.-]{1,40}\|\*|<%[=-][^%\n]{1,80}%>"
)
"""What is a placeholder whatever its name, or has none: {1}, %s, *|FNAME|*."""
_LEFT: Final = r"(?<=\0)\}(?!\})"
"""A brace behind an expression."""
_NOT_TEXT: Final = r"(?s)\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|```.*?```|`[^`\n]*`"
"""Expressions, and what stands between backquotes: WhatsApp shows that as code."""
_MOST: Final = 20
"""The most placeholders that are told of one text; to find the place of each takes as long as the text."""
_GIVEN: Final = frozenset(["recipient.phone", "recipient.user_id", "conversation.id"])


def placeholder_problems(
    step: MessageStep, written: Any, names: Collection[str], skipped: Container[Route]
) -> Iterator[Problem]:
    """An error for each placeholder that surely stands for a value, a warning where it may be meant.

    Args:
        step: The step.
        written: Its message, as its author wrote it.
        names: What a value may be called there: the flow's inputs, the items of loops.
        skipped: The parts of the message that cannot be read.
    """
    at: Route = (*step.route, step.key)
    for route, text, _ in texts_of(step.message, {}):
        if _may_hold_one(text) and route[0] not in LITERAL and route not in skipped:
            yield from placeholders_in(text, at if isinstance(written, str) else (*at, *route), names)


def placeholders_in(text: str, route: Route, names: Collection[str]) -> Iterator[Problem]:
    """The same for one text at its route."""
    return islice(_in_text(text, route, names), _MOST)


def expression_in_default(inputs: Mapping[str, Input]) -> Iterator[Problem]:
    """An error for each default that holds an expression: nobody computes it."""
    for name, declared in inputs.items():
        for key, value in (("default", declared.default), ("example", declared.example)):
            if isinstance(value, str) and holds_expression(value) and ("{{" in value or "{%" in value):
                message = f"the {key} of {name} holds an expression, which would be sent as it is typed"
                hint = "write the value itself, and the expression in a message"
                yield Problem("expression-not-allowed", message, ("inputs", name, key), hint)


def _may_hold_one(text: str) -> bool:
    """Whether a text has any sign of a placeholder in it; a star alone makes words bold."""
    return not _MARKS.isdisjoint(text) or "*|" in text


def _in_text(text: str, route: Route, names: Collection[str]) -> Iterator[Problem]:
    plain = re.sub(_NOT_TEXT, lambda found: "\0" * len(found[0]), text)
    if not _may_hold_one(plain):
        return
    folded = {name.casefold(): name for name in reversed(list(names))}
    told: set[int] = set()
    for found in re.finditer(_PLACEHOLDER, plain):
        group = str(found.lastgroup)
        words = found[group].strip()
        path = re.sub(r"[ -]", "_", words)
        root, dot, rest = path.partition(".")
        known = root in names or path in _GIVEN
        meant = root if known else folded.get(root.casefold(), "")
        if not meant or (words != path and meant not in names):
            continue
        spaced = re.search(r"[{\[<%]\s|\s[}\]>%]", found[0]) is not None and not found[0].startswith("<%")
        if spaced and plain[: found.start()].rstrip()[-1:] == found[0][0]:
            continue  # { { name } } is drawn, not meant
        told.add(found.start())
        sure = int(group[1:]) < len(_SURE) and words == path and meant == root and not spaced
        shown = f"{{{{ {meant}{dot}{rest} }}}}".replace(". }}", " }}")
        hint = f"write {shown}" + (", and put the whole value in quotes" if not found.start() else "")
        message = f"{found[0]} would be sent as it is typed"
        if sure:
            yield Problem("foreign-placeholder", message, route, hint, offset=found.start(), length=len(found[0]))
        else:
            yield _likely(f"{message}: does it stand for {meant}?", route, hint, found)
    first = next(iter(names), "")
    hint = f"write an expression in its place, for example {{{{ {first} }}}}" if first else ""
    for found in re.finditer(_NAMELESS, plain):
        if found.start() not in told:
            message = f"{found[0]} would be sent as it is typed: is it a placeholder?"
            yield _likely(message, route, hint, found)
    if (left := re.search(_LEFT, plain)) and plain.count("}") > plain.count("{"):
        yield _likely("the } after the expression would be sent as it is typed", route, "remove it", left)


def _likely(message: str, route: Route, hint: str, found: re.Match[str]) -> Problem:
    return warning("likely-placeholder", message, hint, found.start(), len(found[0]), route=route)
