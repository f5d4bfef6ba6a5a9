"""What may be answered to a question, as samples: each end of what it may be, to go through a flow with before a run.

A branch is shown with the first of its samples, and checked with all of them.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from flowrunner.engine.answers.matching import FILES, Option, Said, answer_to, anytime_of, options_of
from flowrunner.engine.history.answered import OTHERWISE, SILENCE, Answered
from flowrunner.model import Answer, Anytime, Expect, Inbound, Json, Match, Message, Reply
from flowrunner.spec.pattern_examples import MOST, pattern_examples

LONG: Final = "a" * MOST
"""The longest text that a person can write: https://developers.facebook.com/docs/whatsapp/cloud-api/messages/text-messages"""

_OFTEN: Final = 99  # as if it had been put again as often as it may be
_WORDS: Final = ("Hm", "Perhaps", "So so", "?", "qx")
_BY_EXPECT: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("1", "-123456789012.75"),
    "integer": ("1", "-123456789012345"),
    "date": ("2026-03-12", "2026-12-31"),
    "time": ("9:00", "23:59"),
    "email": ("a@b.co", f"{'a' * 64}@{'b' * 180}.com"),
    "phone": ("+5215512345678", "+491512345678"),
    "yes_no": ("yes", "no"),
}


class Sample(NamedTuple):
    """One thing that a person may answer.

    Attributes:
        answered: What the question takes it for.
        said: The messages that it is; none for silence.
        is_free: Nothing that the flow says bounds it: what a message makes of it may be too long.
    """

    answered: Answered
    said: tuple[Inbound, ...] = ()
    is_free: bool = False


class AnyForm(dict[str, Json]):
    """The answers to a form, of which no flow knows the fields: each has some text."""

    def __contains__(self, _key: object) -> bool:
        return True

    def __missing__(self, _key: str) -> str:
        return "a"


def samples_of(
    question: Message,
    reply: Reply,
    now: datetime,
    holds: Callable[[Answer, Sample], bool],
    compared: Sequence[str] = (),
) -> Mapping[str, tuple[Sample, ...]]:
    """The samples of each branch of a question, by `Answered.branch`, in the order in which they stand.

    Args:
        question: Its message.
        reply: What may be answered.
        now: When the run began.
        holds: Whether the condition of an answer holds, taken for one.
        compared: Values that the flow compares an answer with: what makes a difference there is a sample, too.
    """
    options = options_of(question)
    found: dict[str, list[Sample]] = {}

    def add(said: Inbound, is_free: bool, meant: str = "") -> None:
        heard = Said((said,), options, reply.typed, now)
        taken = answer_to(reply, heard, _OFTEN, lambda answer, its: holds(answer, Sample(its, (said,))))
        if taken is not None and (not meant or taken.branch == meant):
            its = found.setdefault(taken.branch, [])
            its.append(Sample(taken, (said,), is_free))

    for place, answer in enumerate(reply.answers, 1):
        branch = f"a{place}"
        for match in answer.matches:
            for said, is_free in _meeting(match, options, reply.expect, now):
                add(said, is_free, branch)
        if not answer.matches or branch not in found:
            for said, is_free in _of_expectation(reply, options, now):
                add(said, is_free, branch)
    if not reply.answers:
        for said, is_free in _of_expectation(reply, options, now):
            add(said, is_free)
    for text in compared:
        add(_text(text, now), is_free=True)
    for said, is_free in (*((_text(each, now), False) for each in _WORDS), (_text(LONG, now), True), *_files(now)):
        add(said, is_free, "any" if reply.otherwise is None and not reply.answers else OTHERWISE)
    every = [f"a{place}" for place in range(1, len(reply.answers) + 1)] or ["any"]
    by_branch = {branch: tuple(_differing(found.get(branch, ()))) for branch in (*every, OTHERWISE)}
    by_branch[SILENCE] = (Sample(Answered(SILENCE, name="no_reply")),)
    return {branch: samples for branch, samples in by_branch.items() if samples}


def of_anytime(entry: Anytime, now: datetime) -> Iterator[Sample]:
    """What is looked for at any time."""
    for match in entry.matches:
        for said, is_free in _meeting(match, (), "any", now):
            if (taken := anytime_of((entry,), said)) is not None:
                yield Sample(taken, (said,), is_free)


def _differing(samples: Sequence[Sample]) -> Iterator[Sample]:
    """Of samples that are read alike the first: of texts that none bounds the shortest and the longest are enough."""
    seen: set[tuple[Json, ...]] = set()
    short = 0
    for each in samples:
        kinds = tuple(sorted(each.said[-1].data)) if each.said else ()
        is_word = each.answered.text in _WORDS
        short += is_word
        key = (each.answered.text, str(each.answered.value), kinds)
        if key not in seen and not (is_word and short > 1):
            seen.add(key)
            yield each


def _text(text: str, now: datetime, kind: str = "text", choice: str = "", **data: Json) -> Inbound:
    return Inbound(f"wamid.{kind}", now.timestamp(), kind, text, choice, data=data)


def _tap(option: Option, now: datetime) -> Inbound:
    return _text(option.title, now, option.kind, option.id)


def _files(now: datetime) -> Iterator[tuple[Inbound, bool]]:
    yield _file("image", "", now), True


def _file(kind: str, caption: str, now: datetime) -> Inbound:
    its = {"media_id": "123", "url": "https://example.com/file", "mime_type": f"{kind}/x", "filename": "file"}
    return _text(
        caption, now, kind, **{name: value for name, value in its.items() if name != "filename" or kind == "document"}
    )


def _place(now: datetime, **more: str) -> Inbound:
    return _text("", now, "location", latitude=19.4326, longitude=-99.1332, **more)


def _meeting(match: Match, options: Sequence[Option], expect: Expect, now: datetime) -> Iterator[tuple[Inbound, bool]]:
    """What meets one thing that an answer may be, and whether nothing bounds it."""
    match match.kind:
        case "button" | "row":
            its = next((each for each in options if each.id == match.value), None)
            yield _tap(its or Option(match.kind, str(match.value), str(match.value)), now), False
        case "text":
            texts = [str(each) for each in match.value]
            for text in dict.fromkeys((texts[0], max(texts, key=len))):
                yield _text(text, now), False
        case "words":
            yield _text(str(match.value[0]), now), False
            yield _text(f"{match.value[0]} {LONG}"[:MOST], now), True
        case "matches":
            for text in pattern_examples(str(match.value)):
                yield _text(text, now), len(text) > MOST // 2
        case "number":
            for bound in _ends(match.value, whole=expect == "integer"):
                yield _text(f"{bound:.10g}" if isinstance(bound, float) else str(bound), now), False
        case "media":
            yield from _of_kind(str(match.value), now)


def _ends(bounds: Mapping[str, Json], *, whole: bool) -> Sequence[float]:
    low, high = bounds.get("min"), bounds.get("max")
    if low is None:
        low = min(-123456789012, (high or 0) - 1)
    if high is None:
        high = max(123456789012, low + 1)
    if whole:
        low, high = math.ceil(low), math.floor(high)
    return (low, high)


def _of_kind(kind: str, now: datetime) -> Iterator[tuple[Inbound, bool]]:
    if kind in FILES:
        yield _file(kind, "", now), False
        yield _file(kind, LONG[:1024], now), True
    elif kind == "location":
        yield _place(now), False
        yield _place(now, name=LONG[:1000], address=LONG[:1000]), True
    elif kind == "form":
        yield _text("Sent", now, "form", response=AnyForm()), False
    else:
        yield _text("", now, kind), False


def _of_expectation(reply: Reply, options: Sequence[Option], now: datetime) -> Iterator[tuple[Inbound, bool]]:
    """What a question expects, whatever its answers are."""
    match reply.expect:
        case "choice":
            for option in options or (Option("button", "a", "A"),):
                yield _tap(option, now), False
        case "media":
            for kind in ("image", "document", "audio", "video", "sticker"):
                yield _file(kind, "", now), False
        case "location" | "form" as kind:
            yield from _of_kind(kind, now)
        case "text" | "any" as expect:
            for text in _WORDS[:1]:
                yield _text(text, now), False
            yield _text(LONG, now), True
            if expect == "any":
                yield _file("image", "", now), True
        case expect:
            for text in _BY_EXPECT[expect]:
                yield _text(text, now), False
