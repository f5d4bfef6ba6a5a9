"""A line of the table of what refusals mean: HTTP status, code and words in; what to do next out."""

from typing import Final, NamedTuple

from flowrunner.dialects.errors import STEADY, Backoff, Concerns, InDoubt, Rejected, Retryable, TransportError

NO_MARKETING: Final = frozenset(["131050", "marketing_preference_stopped"])
"""Codes that say that a person has stopped this number's marketing messages: for good, until they start them again.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""
OUTSIDE: Final = "131047"
"""The code that says that a person has written nothing for 24 hours, so that only a template may be sent."""
_REFUSALS: Final = frozenset([400, 401, 402, 403, 404, 409, 422, 429])


class Row(NamedTuple):
    """One line of the table.

    Attributes:
        status: ``409``, ``5xx``, ``no`` for every refusal the APIs are known to give, or ``any``.
        codes: The codes it is for, as text; empty for any.
        words: Lower-case pieces of the API's text, one of which must be there; empty for any.
        backoff: For a retryable one.
        concerns: Whom such an answer is about.
        stands_for: The code that its words stand for, where an answer tells none.
    """

    status: str
    codes: frozenset[str]
    words: tuple[str, ...]
    kind: type[TransportError]
    backoff: Backoff
    hint: str
    concerns: Concerns = "message"
    stands_for: str = ""

    def fits(self, status: int, code: str, words: str) -> bool:
        """Whether this row is for such an answer; ``words`` in lower case."""
        return (
            self.status in {"any", str(status), f"{status // 100}xx", "no" if status in _REFUSALS else ""}
            and (not self.codes or code in self.codes)
            and (not self.words or any(piece in words for piece in self.words))
        )


def retry(status: str, codes: str, words: str, backoff: Backoff, hint: str) -> Row:
    """A refusal that a wait ends; codes and words as in `reject`."""
    return _row(status, codes, words, Retryable, backoff, hint)


def reject(status: str, codes: str, words: str, hint: str) -> Row:
    """A refusal for good; codes as in ``10 200-299``, words as in ``in-flight|in flight``, both empty for any."""
    return _row(status, codes, words, Rejected, STEADY, hint)


def exclude(status: str, codes: str, words: str, hint: str) -> Row:
    """A refusal for good of this person; codes and words as in `reject`."""
    return reject(status, codes, words, hint)._replace(concerns="recipient")


def stop(status: str, codes: str, words: str, hint: str) -> Row:
    """A refusal for good of whatever this sender sends, to anybody; codes and words as in `reject`."""
    return reject(status, codes, words, hint)._replace(concerns="sender")


def doubt(status: str, codes: str, words: str, hint: str) -> Row:
    """An answer that does not say whether the message was taken; codes and words as in `reject`."""
    return _row(status, codes, words, InDoubt, STEADY, hint)


def _row(status: str, codes: str, words: str, kind: type[TransportError], backoff: Backoff, hint: str) -> Row:
    each: set[str] = set()
    for word in codes.split():
        first, _, last = word.partition("-")
        each.update(map(str, range(int(first), int(last) + 1)) if last else [word])
    return Row(status, frozenset(each), tuple(words.split("|") if words else ()), kind, backoff, hint)
