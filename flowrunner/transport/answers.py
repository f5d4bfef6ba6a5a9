"""Reading an answer: what the API said, whatever shape it said it in, and what its headers tell."""

import html
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flowrunner.model import Json

_LONGEST = 300
_LONGEST_WAIT = 86_400.0
_DEEPEST = 8
_MILLISECONDS = 1e11  # so many seconds are over in the year 5138
_SENTENCES = ("error", "title", "message", "error_message", "detail", "details", "error_data", "errors")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came. Its ``repr`` is the status alone: a server may repeat the key in the rest.

    Attributes:
        headers: By name, in any case.
        body: The bytes read.
        whole: False where the body was longer than is read; then ``body`` is empty.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    whole: bool = True


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
        at: When it was told, on the clock of ``time.monotonic``.
    """

    limit: int | None
    remaining: int | None
    at: float


def parsed(body: bytes) -> Json:
    """The JSON value in ``body``, or None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # nested too deep to read is not JSON that the API writes
        return None


def said(answer: Answer, scrub: Callable[[str], str]) -> Said:
    """The API's words and code, from any of the body shapes it is known to use.

    Args:
        answer: A refusal, or a yes that cannot be read.
        scrub: Takes the key out of a text; it sees each text before anything is cut off.
    """
    if not answer.whole:
        return Said(f"HTTP {answer.status} with an answer too large to read")
    if not answer.body.strip():
        return Said(f"HTTP {answer.status} with an empty answer")
    data = parsed(answer.body)
    if data is None:
        return Said(_not_json(answer, scrub))
    if answer.status < 300:
        return Said(f"HTTP {answer.status} with an answer that lacks what it should hold")
    words = plain(scrub(_joined(_words(data))))
    # A Graph error that was passed on as bare text still begins with its code.
    wrapped = re.match(r"\(#(\d{1,6})\)", words)
    code = next(_codes(data), wrapped[1] if wrapped else "")
    link = data.get("billing_url") if isinstance(data, Mapping) else None
    return Said(
        words=words or f"HTTP {answer.status} without a reason",
        code=plain(scrub(code)),
        link=plain(scrub(link)) if isinstance(link, str) and link.startswith("https://") else "",
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


def _not_json(answer: Answer, scrub: Callable[[str], str]) -> str:
    kind = plain(answer.headers.get("content-type", "").partition(";")[0]) or "no content type"
    text = answer.body.decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>([^<]{1,2000})</title", text, re.IGNORECASE)
    name = plain(scrub(html.unescape(title[1]))) if title else ""
    about = f', titled "{name}"' if name else ""
    return f"HTTP {answer.status} with an answer that is not JSON ({kind}{about})"


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
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
        return min(float(value), _LONGEST_WAIT)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        spoken = re.search(r"\bretry after (\d{1,9}) second", words, re.IGNORECASE)
        return min(float(spoken[1]), _LONGEST_WAIT) if spoken else None
    return min(max(0.0, _epoch(date) - now), _LONGEST_WAIT)


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
        if not math.isfinite(number):
            return 0.0
        return number / 1000 if abs(number) >= _MILLISECONDS else number
    except (ValueError, OverflowError):
        return 0.0


def _epoch(date: datetime) -> float:
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
