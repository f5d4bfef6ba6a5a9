"""The last look at a test before it is saved: whether anything that was replaced stands in it all the same."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple, get_args

from flowrunner.testing.reading.reader import keys_of
from flowrunner.testing.recording.patterns import found_in
from flowrunner.testing.values import EndWord

_NUMBER: Final = re.compile(r"\d(?:[\s().\-/\u00a0\u2009\u202f\u2010-\u2015]{0,3}\d){4,}")
_TAIL: Final = 7
"""So many digits at the end of a phone tell whose it is, whatever stands before them."""
_SHORTEST: Final = 3
"""Letters and digits of what is looked for: shorter texts stand everywhere."""


_WORD: Final = 4
"""Letters of a word that may be a name by itself."""


class Secret(NamedTuple):
    """What a test must not have.

    Attributes:
        name: What it is called.
        was: What it was.
        is_name: Each longer word of it is one, too, as of a name and a surname.
    """

    name: str
    was: str
    is_name: bool = False


class Leak(NamedTuple):
    """What stands in a test that must not.

    Attributes:
        name: What it is called.
        line: The line of the text, from 1.
        text: That line.
    """

    name: str
    line: int
    text: str


def leak_in(text: str, secrets: Sequence[Secret], known: str) -> Leak | None:
    """The first line that has one of the secrets in it; None where none has.

    It is found in any case, with other accents, and a number in any notation.

    Args:
        text: The test.
        secrets: What was replaced.
        known: The texts of the flow, and what stands for the secrets: that is nobody's.
    """
    there = _Folded(f"{known} {_vocabulary()}")
    sought = [(each.name, part) for each in secrets for part in _parts(each) if not there.has(part)]
    for number, line in enumerate(text.split("\n"), 1):
        its = _Folded(line)
        for name, part in sought:
            if its.has(part):
                return Leak(name, number, line.strip())
    return None


@cache
def _vocabulary() -> str:
    """The words that a test is written with."""
    kinds = ("file", "given", "recipient", "test", "golden", "turn", "customer", "status", "crash", "predicate")
    keys = [(key, schema) for kind in kinds for key, schema in keys_of(kind).items()]
    return " ".join(["recorded on", *(f"{key} {schema.get('enum', '')}" for key, schema in keys), *get_args(EndWord)])


class _Folded:
    """A text in which is looked."""

    def __init__(self, text: str) -> None:
        self._words = f" {_words(text)} "
        self._numbers = list(_numbers(text))

    def has(self, part: str) -> bool:
        """Whether a text, or a number of many digits, stands in it."""
        if part.isdecimal() and len(part) >= 5:
            return any(part in each for each in self._numbers)
        return f" {part} " in self._words


def _parts(secret: Secret) -> Iterator[str]:
    """What is looked for of a secret: the whole of it, the addresses and numbers in it, the words of a name."""
    was = secret.was
    words = _words(was)
    if secret.is_name:
        yield from (each for each in words.split() if len(each) >= _WORD and not each.isdecimal())
    if len(words.replace(" ", "")) >= _SHORTEST and not words.replace(" ", "").isdecimal():
        yield words
    for each in found_in(was):
        if "@" in each or "://" in each:
            yield _words(each)
    for digits in _numbers(was):
        yield digits[-_TAIL:] if len(digits) > _TAIL else digits


def _words(text: str) -> str:
    """Letters and digits alone, in words, without case and accents."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return " ".join(re.findall(r"\w+", plain.casefold()))


def _numbers(text: str) -> Iterator[str]:
    """The digits of each number of five or more."""
    plain = unicodedata.normalize("NFKC", text)
    for found in _NUMBER.finditer(plain):
        digits = "".join(str(unicodedata.digit(each, "")) for each in found[0])
        if len(digits) >= 5:
            yield digits
