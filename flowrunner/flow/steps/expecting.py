"""What an answer is read as where its author has not said it: what the message asks for."""

from collections.abc import Mapping, Sequence
from typing import Final, get_args

from flowrunner.model import Answer, Expect, Json

EXPECT: Final[tuple[Expect, ...]] = get_args(Expect)
"""All that an answer may be read as."""
_ASKED: Final[Mapping[str, Expect]] = {
    "button": "choice",
    "list": "choice",
    "location_request": "location",
    "flow": "form",
}
"""By ``interactive_type``."""
_BY_MATCH: Final[Mapping[str, Expect]] = {
    "button": "choice",
    "row": "choice",
    "text": "text",
    "words": "text",
    "matches": "text",
    "number": "number",
    "media": "media",
}


def expected(message: Mapping[str, Json], answers: Sequence[Answer]) -> Expect:
    """What a question expects: by the message, else by what all of its answers are, else anything."""
    if message.get("message_type") == "interactive":
        asked = _ASKED.get(str(message.get("interactive_type")))
        if asked is not None:
            return asked
    found = {_BY_MATCH[match.kind] for answer in answers for match in answer.matches}
    return found.pop() if len(found) == 1 else "any"
