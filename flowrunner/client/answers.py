"""Reading an answer: what the API said, whatever shape it said it in, and what its headers tell."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

from flowrunner.dialects.reading import codes, parsed, plain, sentences
from flowrunner.dialects.values import Answer

_LONGEST_WAIT: Final = 86_400.0
_LONGEST_DATE: Final = 100


def read(
    status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes, scrub: Callable[[str], str], *, whole: bool = True
) -> Answer:
    """The answer that these bytes are: the one place where a text of the network comes in.

    The key is taken out here, before anything is read out of an answer, whatever form it has and wherever it stands.

    Args:
        status: The HTTP status.
        headers: As they came. One that came more than once is one with all of its values.
        body: As it came; what is not in the encoding that JSON has is read as U+FFFD.
        scrub: Takes the key out of a text.
        whole: False where the body was longer than is read.
    """
    told = [(_text(name), _text(value)) for name, value in headers]
    text = body.decode(json.detect_encoding(body), "replace")
    # One look at all of it: next to none has anything of the key in it. The sign between them keeps them apart.
    everything = "|".join([*(each for header in told for each in header), text])
    if scrub(everything) != everything:
        told, text = [(scrub(name), scrub(value)) for name, value in told], scrub(text)
    named: dict[str, str] = {}
    for raw_name, value in told:
        name = raw_name.lower()
        named[name] = f"{named[name]}, {value}" if name in named else value
    return Answer(status, named, text, whole)


def _text(raw: bytes) -> str:
    """A header, which most servers write in UTF-8, if not in ASCII."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


class Said(NamedTuple):
    """What the API said in a refusal.

    Attributes:
        words: One readable line, never empty.
        code: Its code as text, or an empty string.
        link: The page it names for a remedy, or an empty string.
    """

    words: str
    code: str = ""
    link: str = ""


def said(answer: Answer) -> Said:
    """The API's words and code, from any of the body shapes it is known to use.

    Args:
        answer: A refusal, or a yes that cannot be read.
    """
    if 300 <= answer.status < 400:
        return Said(f"HTTP {answer.status}: the API's URL redirects to {_shown(answer, 'location') or 'nowhere'}")
    if not answer.whole:
        return Said(f"HTTP {answer.status} with an answer too large to read")
    if not answer.text.strip():
        return Said(f"HTTP {answer.status} with an empty answer")
    data = parsed(answer.text)
    if data is None:
        return Said(_not_json(answer))
    if answer.status < 300:
        return Said(f"HTTP {answer.status} with an answer that lacks what it should hold")
    words = sentences(data)
    # A Graph error that was passed on as bare text still begins with its code.
    wrapped = re.match(r"\(#(\d{1,6})\)", words)
    code = next(codes(data), wrapped[1] if wrapped else "")
    link = data.get("billing_url") if isinstance(data, Mapping) else None
    return Said(
        words=f"{words} (HTTP {answer.status})" if words else f"HTTP {answer.status} without a reason",
        code=plain(code),
        link=plain(link) if isinstance(link, str) and link.startswith("https://") else "",
    )


def _not_json(answer: Answer) -> str:
    import html  # the API itself writes JSON

    kind = _shown(answer, "content-type").partition(";")[0]
    title = re.search(r"<title[^>]*>([^<]{1,2000})</title", answer.text, re.IGNORECASE)
    # What a server writes that understood nothing of the request is short, and has no type or this one.
    text = html.unescape(title[1]) if title else answer.text if kind in {"", "text/plain"} else ""
    about = f': "{name}"' if (name := plain(text)) else ""
    return f"HTTP {answer.status} with an answer that is not JSON ({kind or 'no content type'}){about}"


def _shown(answer: Answer, header: str) -> str:
    return plain(answer.headers.get(header, ""))


def retry_after(headers: Mapping[str, str], words: str, now: float) -> float | None:
    """Seconds the API asks to wait: its header, in seconds or as a date, else its words; None where neither says.

    Args:
        headers: The answer's headers.
        words: The answer's text, as in "Please retry after 30 seconds".
        now: Seconds since the epoch, what a date is counted from.
    """
    spoken = re.search(r"\bretry after ([0-9]{1,9}) second", words, re.IGNORECASE)
    for value in (headers.get("retry-after", "").strip(), spoken[1] if spoken else ""):
        if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,20})?", value):
            return min(float(value), _LONGEST_WAIT)
        if (at := http_date(value)) is not None:
            return min(max(0.0, at - now), _LONGEST_WAIT)
    return None


def http_date(value: str) -> float | None:
    """Seconds since the epoch of a header's date; None where there is none in it, or one outside of the calendar."""
    if len(value) > _LONGEST_DATE:
        return None
    try:
        date = parsedate_to_datetime(value)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def rate_limit(headers: Mapping[str, str]) -> int | None:
    """How many requests the key may make in a window; None where the headers do not say."""
    told = headers.get("x-ratelimit-limit", "").strip()
    return int(told) if re.fullmatch(r"[0-9]{1,9}", told) else None
