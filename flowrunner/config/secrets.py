"""What looks like an API key: it is refused where a name is expected, and repeated nowhere."""

import re
from collections.abc import Container
from typing import Final

_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]*")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_+/=~-]{12,}")
_MIXED: Final = re.compile(r"[0-9][A-Za-z]")
"""A name has its digits at the end of a word: SALES2_KEY."""
_BOTH_CASES: Final = re.compile(r"(?=.*[a-z])(?=.*[A-Z]).{20,}")

SECRETS: Final = ("key", "api_key", "apikey", "token", "access_token", "secret", "password", "kapso_api_key")
"""What people call the key, where they write it down."""
_PLACES: Final = (
    re.compile(rf"(?i)(\b(?:{'|'.join(SECRETS)}|key_env|\w*(?:secret|verify)\w*)\"?\s*[=:]\s*)([^\s,}}#][^,}}#]*)"),
    re.compile(r"(//)([^\s/@\"']*)(?=@)"),  # a user and a password in a URL
    re.compile(r"(\?)([^\s\"']+)"),  # its query
)


def is_variable(text: str, environ: Container[str]) -> bool:
    """Whether a text is the name of an environment variable: it is one, or in capitals as they are, and no key."""
    return text in environ or bool(_NAME.fullmatch(text) and not _is_key(text))


def masked_line(text: str) -> str:
    """A line of the file with asterisks for whatever stands where a key may; as long as before."""
    for pattern in _PLACES:
        text = pattern.sub(lambda found: found[1] + "*" * len(found[2]), text)
    return without_keys(text)


def without_keys(text: str) -> str:
    """The text with asterisks for whatever in it looks like a key; as long as before."""
    return _TOKEN.sub(lambda found: "*" * len(found[0]) if _is_key(found[0]) else found[0], text)


def _is_key(text: str) -> bool:
    """Whether a word of it is too long and too mixed to be written by hand; the id of a number has digits alone."""
    if _UUID.fullmatch(text):
        return False
    words = re.split(r"[_\-/=]", text)
    return any((len(word) >= 12 and _MIXED.search(word)) or _BOTH_CASES.fullmatch(word) for word in words)
