"""Reading an answer: what the API said, whatever shape it said it in, and what its headers tell."""

import html
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flowrunner.model import Json

_LONGEST = 300
_LONGEST_WAIT = 86_400.0
_LONGEST_DATE = 100
_DEEPEST = 8
_MILLISECONDS = 1e11  # so many seconds are over in the year 5138
_SENTENCES = ("error", "title", "message", "error_message", "detail", "details", "error_data", "errors")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `read` makes it. Nothing in it holds the key.

    Attributes:
        headers: By name, in lower case.
        text: The body.
        whole: False where the body was longer than is read; then ``text`` is empty.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    whole: bool = True


def read(
    status: int, headers: Iterable[tuple[str, str]], body: bytes, scrub: Callable[[str], str], *, whole: bool = True
) -> Answer:
    """The answer that these bytes are: the one door by which a text of the network comes in.

    The key is taken out here, before anything is read out of an answer, whatever form it has and wherever it stands.

    Args:
        status: The HTTP status.
        headers: As they came.
        body: As it came; what is not in the encoding that JSON has is read as U+FFFD.
        scrub: Takes the key out of a text.
        whole: False where the body was longer than is read.
    """
    named = {scrub(name).lower(): scrub(value) for name, value in headers}
    return Answer(status, named, scrub(body.decode(json.detect_encoding(body), "replace")), whole)


@dataclass(frozen=True, slots=True)
class Said:
    """What the API said in a refusal.

    Attributes:
        words: One readable line, never empty.
        code: Its code as text, or an empty string.
        link: The page it names for a remedy, or an empty string.
    """

    words: str
    code: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class RateSeen:
    """The rate limit as the last answer told it.

    Attributes:
        limit: Requests allowed in a window; None where not told.
        remaining: Requests left in this window; None where not told.
        at: When it was told, on the clock of `Clock.monotonic`.
    """

    limit: int | None
    remaining: int | None
    at: float


def parsed(text: str) -> Json:
    """The JSON value in ``text``, or None where there is none. NaN and halves of characters are not taken over."""
    try:
        value = json.loads(text, parse_constant=lambda _: None)
        return _whole(value) if re.search(r"\\u[dD][89a-fA-F]", text) else value
    except (ValueError, RecursionError):  # nested too deep to read is not JSON that the API writes
        return None


def _whole(value: Json) -> Json:
    """A value whose texts can be written as UTF-8: half of a surrogate pair becomes U+FFFD."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, Mapping):
        return {_whole(name): _whole(item) for name, item in value.items()}
    return value


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
    words = plain(_joined(_words(data)))
    # A Graph error that was passed on as bare text still begins with its code.
    wrapped = re.match(r"\(#(\d{1,6})\)", words)
    code = next(_codes(data), wrapped[1] if wrapped else "")
    link = data.get("billing_url") if isinstance(data, Mapping) else None
    return Said(
        words=f"{words} (HTTP {answer.status})" if words else f"HTTP {answer.status} without a reason",
        code=plain(code),
        link=plain(link) if isinstance(link, str) and link.startswith("https://") else "",
    )


def failure(data: Mapping[str, Json]) -> str:
    """Why a listed message failed, with the code in front, or an empty string where it does not say."""
    for place in (data, data.get("metadata")):
        if not isinstance(place, Mapping):
            continue
        found = {name: place[name] for name in ("error", "errors", "error_message") if place.get(name)}
        words = plain(_joined(_words(found)))
        code = next(_codes(found), "")
        if words or code:
            return ": ".join(filter(None, (code, words)))
    return ""


def plain(text: str) -> str:
    """``text`` on one line, without control characters, cut to a readable length."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _not_json(answer: Answer) -> str:
    kind = _shown(answer, "content-type").partition(";")[0]
    title = re.search(r"<title[^>]*>([^<]{1,2000})</title", answer.text, re.IGNORECASE)
    # What a server writes that understood nothing of the request is short, and has no type or this one.
    text = html.unescape(title[1]) if title else answer.text if kind in {"", "text/plain"} else ""
    about = f': "{name}"' if (name := plain(text)) else ""
    return f"HTTP {answer.status} with an answer that is not JSON ({kind or 'no content type'}){about}"


def _shown(answer: Answer, header: str) -> str:
    return plain(answer.headers.get(header, ""))


def _joined(words: Iterator[str]) -> str:
    kept: list[str] = []
    for word in words:
        if word and not any(word in other for other in kept):
            kept.append(word)
    return ": ".join(kept)


def _words(data: Json, deep: int = _DEEPEST) -> Iterator[str]:
    """Every sentence of an error body, the most general first."""
    if isinstance(data, str):
        yield data.strip()
    elif isinstance(data, list) and deep:
        for item in data:
            yield from _words(item, deep - 1)
    elif isinstance(data, Mapping) and deep:
        for name in _SENTENCES:
            yield from _words(data.get(name), deep - 1)
        errors = data.get("errors")
        if isinstance(errors, Mapping):  # Rails: {"errors": {"content": ["can't be blank"]}}
            for name in (name for name in errors if name not in _SENTENCES):
                yield from (f"{name} {word}" for word in _words(errors[name], deep - 1))


def _codes(data: Json, deep: int = _DEEPEST) -> Iterator[str]:
    """Every code of an error body, that of the innermost error first."""
    if isinstance(data, list) and deep:
        for item in data:
            yield from _codes(item, deep - 1)
    elif isinstance(data, Mapping) and deep:
        yield from _codes(data.get("error"), deep - 1)
        yield from _codes(data.get("errors"), deep - 1)
        code = data.get("code")
        if isinstance(code, str) and code.strip():
            yield code.strip()
        elif isinstance(code, int) and not isinstance(code, bool):
            yield str(code)


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
        return _epoch(parsedate_to_datetime(value))
    except (ValueError, OverflowError):
        return None


def rate_seen(headers: Mapping[str, str], at: float) -> RateSeen | None:
    """What the headers tell of the rate limit, or None where they are silent."""
    limit, remaining = (_count(headers.get(f"x-ratelimit-{name}", "")) for name in ("limit", "remaining"))
    return None if limit is None and remaining is None else RateSeen(limit, remaining, at)


def _count(value: str) -> int | None:
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value.strip()) else None


def epoch(value: Json) -> float:
    """Seconds since the epoch, from ISO 8601 or a number of seconds or milliseconds; 0.0 where it is neither."""
    try:
        if isinstance(value, str) and not re.fullmatch(r"[0-9]{9,14}(\.[0-9]+)?", value):
            return _epoch(datetime.fromisoformat(value))
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
        found = number / 1000 if abs(number) >= _MILLISECONDS else number
    except (ValueError, OverflowError):
        return 0.0
    return found if math.isfinite(found) else 0.0


def _epoch(date: datetime) -> float:
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
