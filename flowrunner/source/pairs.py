r"""An emoji written as two ``\u`` escapes, as JSON and Meta's pages write it: YAML's parser refuses its halves.

The parser is given stand-ins of the same length, so that every place stays where it is; what it read is put right.
"""

import re

_PAIR = r"(?<!\\)((?:\\\\)*)\\u([dD])([89abAB][0-9a-fA-F]{2})\\u([dD])([c-fC-F][0-9a-fA-F]{2})"
_STAND_IN = r"\\u([eE])([89abAB][0-9a-fA-F]{2})\\u([eE])([c-fC-F][0-9a-fA-F]{2})"
# What the stand-ins' escapes read as; Unicode gives them no meaning.
_READ = "([\ue800-\uebff])([\uec00-\uefff])"


def hidden(text: str) -> str:
    """The text with a stand-in for each pair; as it is, where it has none, or has what looks like a stand-in."""
    if "\\u" not in text or re.search(_STAND_IN, text) or re.search(_READ, text):
        return text
    return re.sub(_PAIR, lambda found: rf"{found[1]}\u{_next(found[2])}{found[3]}\u{_next(found[4])}{found[5]}", text)


def joined(value: str, *, is_escaped: bool) -> str:
    """What was meant by a scalar's value: the characters; or, where backslashes are no escapes, the pairs as typed."""
    if is_escaped:
        return re.sub(
            _READ, lambda found: chr(0x10000 + (ord(found[1]) - 0xE800) * 0x400 + ord(found[2]) - 0xEC00), value
        )
    return re.sub(_STAND_IN, lambda found: rf"\u{_before(found[1])}{found[2]}\u{_before(found[3])}{found[4]}", value)


def _next(letter: str) -> str:
    return chr(ord(letter) + 1)


def _before(letter: str) -> str:
    return chr(ord(letter) - 1)
