"""Regular expressions of authors, held against what strangers write: in time that grows with the text alone.

They are those of Rust's ``regex`` (https://docs.rs/regex/latest/regex/#syntax), which `jsonschema_rs` brings along: no
look-around, no back-references, and a bound on the size of what is compiled.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flowrunner.diagnostics import Problem

if TYPE_CHECKING:
    import jsonschema_rs

MAX_PATTERN: Final = 500
"""The longest pattern, in code points."""
_BACK: Final = re.compile(r"\\[1-9]|\(\?P=|\\k<")
_AROUND: Final = re.compile(r"\(\?<?[=!]")
_ATOMIC: Final = re.compile(r"\(\?>")
_CLASS: Final = re.compile(r"\\[pP](?:\{\^?\w+\}|\w)")
"""What Python's ``re``, which says best what is wrong, does not know; it has no length of its own in the remedy."""


def pattern_problem(pattern: str) -> Problem | None:
    """What is wrong with a pattern, its place in it where that is known; None where nothing is."""
    if len(pattern) > MAX_PATTERN:
        message = f"the pattern has {len(pattern):,} characters, at most {MAX_PATTERN} are allowed"
        return Problem("bad-pattern", message, hint="write a shorter one", offset=MAX_PATTERN)
    if _matcher(pattern) is not None:
        return None
    for foreign, what, hint in (
        (_AROUND, "looks ahead or behind, which is not read here", "write what the whole text looks like"),
        (_BACK, "refers back to a group, which is not read here", "write what stands there once more"),
        (_ATOMIC, "has an atomic group, which is not read here", "write (?: for it: no pattern can take long here"),
    ):
        if found := foreign.search(pattern):
            message = f"the pattern {what}: {found[0]}"
            return Problem("bad-pattern", message, hint=hint, offset=found.start(), length=len(found[0]))
    try:
        re.compile(_CLASS.sub("[a-z]", pattern))
    except re.error as error:
        message = f"the pattern is not a regular expression: {error.msg}"
        return Problem("bad-pattern", message, hint=_hint(error.msg), offset=error.pos)
    except (OverflowError, RecursionError):
        pass
    message = "the pattern is not a regular expression of the kind that is read here, or makes too large a one"
    return Problem("bad-pattern", message, hint="write a simpler one, for example [A-Z]{2}[0-9]{4}")


def matches_whole(pattern: str, text: str) -> bool:
    """Whether a whole text is as a pattern says; one that is wrong matches nothing."""
    matcher = _matcher(pattern)
    return matcher is not None and bool(matcher.is_valid(text))


def matches_within(pattern: str, text: str) -> bool:
    """Whether some of a text is as a pattern says; one that is wrong matches nothing."""
    its = _searcher(pattern)
    return its is not None and bool(its.is_valid(text))


def _hint(why: str) -> str:
    if "unterminated subpattern" in why:
        return "close the bracket with ), or write \\( for a bracket in the text"
    if "unbalanced parenthesis" in why:
        return "remove it, or write \\) for a bracket in the text"
    if "unterminated character set" in why:
        return "close it with ], or write \\[ for a bracket in the text"
    if "nothing to repeat" in why:
        return "write what is repeated before it, or a \\ before it for the sign itself"
    if "bad character range" in why:
        return "write the lower end first, as in [a-z]"
    return "write a regular expression, for example [A-Z]{2}[0-9]{4}"


@lru_cache(maxsize=256)
def _matcher(pattern: str) -> "jsonschema_rs.Validator | None":
    return _searcher(f"^(?:{pattern})$") if _searcher(pattern) is not None else None  # ``a)(b`` is none by itself


@lru_cache(maxsize=256)
def _searcher(pattern: str) -> "jsonschema_rs.Validator | None":
    import jsonschema_rs

    try:
        return jsonschema_rs.validator_for({"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions())
    except ValueError:
        return None
