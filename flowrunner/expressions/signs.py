"""What Jinja cannot read, in words for the author: signs that no expression has, and words side by side."""

import re
from typing import Final
from unicodedata import category

from flowrunner.data import table
from flowrunner.expressions.dialects import slip
from flowrunner.expressions.errors import ExpressionError
from flowrunner.source.unseen import described

_NAMED: Final = r"\bset\s+\w+\s*\Z|\b(?!(?:if|elif|and|or|not|in|is)\()\w+\([^()]*\Z"
"""Before a = that gives a name a value: in ``{% set %}``, or between the brackets of a call."""


def sign_error(text: str, position: int) -> ExpressionError:
    """What is wrong with the character at which Jinja stopped."""
    sign, doubled = text[position], text[position : position + 2]
    quotes, meanings = table("expressions/signs.json")["quotes"], table("expressions/signs.json")["signs"]
    seen = f"{sign} (U+{ord(sign):04X})" if not sign.isascii() else sign
    length = 1
    if category(sign) in {"Cf", "Zs", "Cc", "Zl", "Zp"}:
        message, hint = f"the invisible character {described(sign)} is in the expression", "remove it"
    elif sign in "'\"":
        message, hint = "a quote that is not closed", f"close it: write {sign} at the end of the text"
        if curly := re.compile(r"[^'\"‘’“”{}]*([’”])(?!\w)").match(text, position + 1):
            message = f"{curly[1]} (U+{ord(curly[1]):04X}) does not end a text in quotes"
            return ExpressionError("expression-syntax", message, f"write {sign} for it", curly.start(1), 1)
        if re.search(r"\w'\w", text[:position].rpartition("{{")[2]):
            return _apostrophe(text, position)
    elif sign in quotes:
        end = re.compile(f"[{quotes[sign]}]").search(text, position + 1)
        words = text[position + 1 : end.start()] if end is not None else "..."
        message = f"{seen} is not a quote in expressions"
        hint = f"write '{words}', or \"{words}\" if the whole value is in single quotes"
        length = len(words) + 2 if end is not None else 1
        if end is not None and not position and end.end() == len(text):  # a condition, all of it
            message, hint = f"{seen} does not belong around a condition", f"remove {sign} and {end[0]}"
    elif doubled in meanings or sign in meanings:
        meant = meanings.get(doubled) or meanings[sign]
        if meant == "=" and not re.search(_NAMED, text[:position]):
            meant = "=="
        length = 2 if doubled in meanings else 1
        message, hint = f"{doubled if length == 2 else seen} cannot be used in an expression", f"write {meant}"
    elif sign == "?":
        message, hint = "? cannot be used in an expression", "write: 'this' if condition else 'that'"
    else:
        message, hint = f"{seen} cannot be used in an expression", "remove it"
    return ExpressionError("expression-syntax", message, hint, position, length)


def words_error(text: str, offset: int, length: int, said: str) -> ExpressionError | None:
    """What is wrong where two values stand side by side in the expression at ``offset``; None: something else.

    ``said`` is Jinja's complaint.
    """
    part = text[offset : offset + length]
    if found := slip("besides", part, said):
        return found.further(offset)
    inside = re.search(r"'[^'{}]*\w'\w", part)
    if inside is not None:
        return _apostrophe(text, offset + inside.end())
    for each in re.finditer(r"(?<![\w'\".|][ ])(?<![\w'\".])[A-Za-z_]\w*(?:[ ]+[A-Za-z_]\w*)+(?![\w'])", part):
        words = each[0].split()
        if _OPERATORS.isdisjoint(words):
            joined = "_".join(words)
            message = f"a name cannot hold a space: {each[0]}"
            start = offset + each.start()
            return ExpressionError("expression-syntax", message, f"write {joined}", start, len(each[0]), joined)
    for sign, hint in table("expressions/signs.json")["side by side"].items():
        at = part.find(sign)
        if at >= 0:
            message = f"{sign} cannot be used in an expression"
            return ExpressionError("expression-syntax", message, hint, offset + at, len(sign))
    for opened, closed in ("()", "[]"):
        if part.count(opened) > part.count(closed):
            at, message = offset + part.rindex(opened), f"a {opened} that is not closed"
            return ExpressionError("expression-syntax", message, f"close it with {closed}", at, 1)
    return None


def _apostrophe(text: str, before: int) -> ExpressionError:
    """What is wrong with ``'It's'``: the apostrophe is the last one with a letter on either side."""
    found = list(re.finditer(r"(?<=\w)'(?=\w)", text[: before + 1]))
    at = found[0].start() if found else before
    message, hint = "the apostrophe ends the text in quotes", "write ’ (U+2019) for it"
    return ExpressionError("expression-syntax", message, hint, at, 1)


_OPERATORS: Final = frozenset("and or not in is if else set for true false none True False None".split())
