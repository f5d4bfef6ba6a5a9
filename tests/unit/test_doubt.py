"""A message in doubt is looked up: what the list must show for it to count as taken, as not taken, or as neither."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import Any

import pytest

from flowrunner.client import ApiClock, Rejected, RemoteMessage, Retryable
from flowrunner.clock import SYSTEM, Stamp
from flowrunner.delivery import Doubts, Pace, Rate
from flowrunner.delivery.doubt.policy import Ask
from flowrunner.delivery.doubt.reconcile import Doubt, grace_left, reconcile
from flowrunner.delivery.doubt.verdict import Ours, missing
from flowrunner.delivery.doubt.verdict import verdict as decide
from flowrunner.dialects import kapso_v1
from flowrunner.dialects.errors import Backoff
from flowrunner.engine.history.begun import Begun, Span
from flowrunner.model import Event, EventKind, Message, MessageStep, Recipient, Run, Step
from support.clocks import TestClock
from support.journalled import RUN

verdict = partial(decide, is_same=kapso_v1.is_same)

BEGUN = 1_772_380_800.0
TEXT = {"message_type": "text", "content": "Hola Ana"}
IMAGE = {"message_type": "image", "media_url": "https://cdn.example.com/a.jpg"}
BY_ID = {"message_type": "image", "media_id": "17"}
TEMPLATE = {"message_type": "template", "template_name": "welcome", "template_language": "es"}
PLACE = {"message_type": "location", "latitude": 19.43, "longitude": -99.13}
CONTACTS = {"message_type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}]}


def listed(content: str = "Hola Ana", kind: str = "text", **more: Any) -> RemoteMessage:
    """A message as the API lists it, ten seconds after ours was begun."""
    plain = {
        "message_id": "m1",
        "direction": "outbound",
        "message_type": kind,
        "content": content,
        "status": "sent",
        "created_at": BEGUN + 10,
        "error": "",
        "data": {},
    }
    return RemoteMessage(**{**plain, **more})


def showing(kind: str, **data: Any) -> RemoteMessage:
    """One whose object shows its fields, as the API's ``message_type_data`` does."""
    return listed("", kind, data={"message_type": kind, "message_type_data": data})


TAKEN, NOT_TAKEN, UNSETTLED = EventKind.ACCEPTED, EventKind.RETRYING, EventKind.IN_DOUBT
DAY = 86_400.0
KNOWN = [Span(BEGUN, BEGUN + 1, stored=False)]
OLD = listed("Uno", message_id="old1", created_at=BEGUN - 5)
LATER = listed("Dos", message_id="later", created_at=BEGUN + 90)

# What was to be sent, what the list shows besides what is known to be ours, what is known of the time, and what that
# means. How alike two messages are has tests of its own.
LISTS: list[tuple[Mapping[str, Any], list[RemoteMessage], Sequence[Span], EventKind]] = [
    (TEXT, [], KNOWN, NOT_TAKEN),
    (TEXT, [], (), NOT_TAKEN),
    (TEXT, [listed()], KNOWN, TAKEN),
    (TEXT, [listed()], (), UNSETTLED),
    ({"content": "Hola Ana"}, [listed()], KNOWN, TAKEN),
    (TEXT, [listed("Adiós")], (), NOT_TAKEN),
    (TEXT, [listed(direction="inbound")], (), NOT_TAKEN),
    (TEXT, [listed(direction="")], KNOWN, TAKEN),
    (TEXT, [listed(status="failed")], KNOWN, TAKEN),
    (TEXT, [listed(kind="template")], (), NOT_TAKEN),
    (TEXT, [listed(message_type="")], KNOWN, UNSETTLED),
    (TEXT, [listed("")], KNOWN, UNSETTLED),
    (TEXT, [listed("Hola")], KNOWN, UNSETTLED),
    (TEXT, [listed(), listed(message_id="m2")], KNOWN, UNSETTLED),
    (TEXT, [listed(), listed("Hola", message_id="m2")], KNOWN, UNSETTLED),
    (TEXT, [listed(), listed("Adiós", message_id="m2")], KNOWN, TAKEN),
    (TEXT, [listed(), listed("", message_id="m2")], KNOWN, UNSETTLED),
    # What is of the time in which ours was sent, or of another.
    (TEXT, [listed(created_at=BEGUN + 0.5)], KNOWN, TAKEN),
    (TEXT, [listed(created_at=BEGUN - 1)], KNOWN, TAKEN),  # whole seconds
    (TEXT, [listed(created_at=BEGUN - 0.5)], KNOWN, UNSETTLED),
    (TEXT, [listed(created_at=BEGUN - 30)], KNOWN, UNSETTLED),
    (TEXT, [listed(created_at=BEGUN - DAY)], KNOWN, UNSETTLED),
    (TEXT, [listed(created_at=BEGUN - 2 * DAY)], KNOWN, NOT_TAKEN),
    (TEXT, [listed(created_at=BEGUN - 2 * DAY)], (), UNSETTLED),
    (TEXT, [listed(created_at=BEGUN - 2 * DAY), listed(message_id="m2")], KNOWN, TAKEN),
    (TEXT, [listed(created_at=BEGUN + 200)], KNOWN, UNSETTLED),
    (TEXT, [listed(created_at=BEGUN + 2 * DAY)], KNOWN, NOT_TAKEN),
    (TEXT, [listed(created_at=0.0)], KNOWN, UNSETTLED),
    (TEXT, [listed("Adiós", created_at=0.0)], KNOWN, NOT_TAKEN),
    # Two ways to know the time that contradict each other: it must be ours by both.
    (TEXT, [listed()], [*KNOWN, Span(BEGUN + 5, BEGUN + 6, stored=False)], TAKEN),
    (TEXT, [listed()], [*KNOWN, Span(BEGUN + 60, BEGUN + 61, stored=False)], UNSETTLED),
    (TEXT, [listed()], [*KNOWN, Span(BEGUN - 3600, BEGUN - 3599, stored=False)], UNSETTLED),
    (TEXT, [listed(created_at=BEGUN - 2 * DAY)], [*KNOWN, Span(BEGUN - 2 * DAY, BEGUN, stored=True)], UNSETTLED),
    # The API's own messages tell its clock better than an answer's Date, unless too much time lies between.
    (TEXT, [listed()], [Span(BEGUN + 60, BEGUN + 61, stored=False), Span(BEGUN, BEGUN + 1, stored=True)], TAKEN),
    (TEXT, [listed()], [Span(BEGUN + 60, BEGUN + 61, stored=False), Span(BEGUN, BEGUN + 99, stored=True)], UNSETTLED),
    # Messages that have no text of their own.
    (IMAGE, [showing("image", media_url=IMAGE["media_url"])], KNOWN, TAKEN),
    (IMAGE, [showing("image", media_url="https://kapso.example/blob/1")], KNOWN, UNSETTLED),
    (
        IMAGE,
        [showing("image", media_url=IMAGE["media_url"]), showing("image")._replace(message_id="m2")],
        KNOWN,
        UNSETTLED,
    ),
    (IMAGE, [listed()], KNOWN, NOT_TAKEN),
    (BY_ID, [showing("audio", media_id="18")], KNOWN, NOT_TAKEN),
    (BY_ID, [showing("image", media_id="18")], KNOWN, UNSETTLED),
    (TEMPLATE, [showing("template", template_name="welcome_2")], KNOWN, NOT_TAKEN),
    (PLACE, [showing("location", latitude=19.4326081, longitude=-99.1332049)], KNOWN, NOT_TAKEN),
    (CONTACTS, [showing("contacts")], KNOWN, UNSETTLED),
]


@pytest.mark.parametrize(("body", "messages", "spans", "meaning"), LISTS)
def test_the_list_tells_whether_a_message_was_taken(
    body: Mapping[str, Any], messages: list[RemoteMessage], spans: Sequence[Span], meaning: EventKind
) -> None:
    """Exactly one that is it, of its time: taken. None that could be: not taken. Everything else stays in doubt."""
    known = Ours(("old1",), ("later",))
    found = verdict(body, [OLD, *messages, LATER], known, spans, patience=35.0)
    if meaning is TAKEN:
        assert isinstance(found, RemoteMessage)
        assert found.message_id in {messages[0].message_id, "m2"}
    elif meaning is NOT_TAKEN:
        assert found is None
    else:
        assert isinstance(found, str)
        assert "could be it" in found


@pytest.mark.parametrize("theirs", ["[redacted]", "Bot: Hola Ana", "HOLA ANA"])
def test_where_ours_is_listed_as_another_s_no_other_message_is_surely_another_s(theirs: str) -> None:
    """Our own message tells what the API does to a text."""
    known, messages = Ours(("old1",)), [listed(theirs, message_id="old1"), listed("[redacted]")]
    faithful = [listed("before", message_id="old1"), listed("[redacted]")]
    bodies = {"old1": {"message_type": "text", "content": "before"}}
    found = verdict(TEXT, messages, known, KNOWN, 35.0, bodies)
    assert isinstance(found, str)
    assert "could be it" in found
    assert verdict(TEXT, faithful, known, KNOWN, 35.0, bodies) is None


# Our ids from before the message and after it, those that are listed, and those that are missed.
MUST_HOLD = [
    ("", "", "", ""),
    ("a", "", "a", ""),
    ("a", "", "", "a"),
    ("a b c", "", "", "c"),
    ("a b c", "", "a b c", ""),
    ("a b c", "", "b c", ""),  # a list may have a beginning
    ("a b c", "", "c", ""),
    ("a b c", "", "a", "b c"),
    ("a b c", "", "a c", "b"),
    ("a b c", "", "a b", "c"),
    ("", "d", "d", ""),
    ("", "d e", "e", "d"),
    ("a", "d", "d", "a"),  # it does not reach back to ours
    ("a", "d", "a", "d"),
    ("a b", "d", "b d", ""),
]


@pytest.mark.parametrize(("before", "after", "there", "lacking"), MUST_HOLD)
def test_a_list_must_hold_what_the_api_took_from_us(before: str, after: str, there: str, lacking: str) -> None:
    """From its own beginning on, which must be before the message in question."""
    messages = [listed("x", message_id=each) for each in there.split()]
    ours = Ours(tuple(before.split()), tuple(after.split()))
    assert missing(messages, ours) == lacking.split()
    assert isinstance(verdict(TEXT, messages, ours, KNOWN, 35.0), str) is bool(lacking)


STEADY = Backoff(first=0.01, factor=1, most=0.01)
DOWN = Retryable("HTTP 503", backoff=STEADY)

# What the list does before it answers, and what that means for a message that it does not show.
ANSWERS = [
    ([DOWN, DOWN], NOT_TAKEN, ""),
    ([DOWN] * 1000, UNSETTLED, "could not be read: HTTP 503"),
    ([Rejected("Conversation not found")], UNSETTLED, "could not be read: Conversation not found"),
]


@pytest.mark.parametrize(("refusals", "meaning", "reason"), ANSWERS)
def test_a_list_that_cannot_be_read_settles_nothing(refusals: list[Exception], meaning: EventKind, reason: str) -> None:
    """It is asked for again while that may help; unread, it does not mean that nothing was taken."""
    (event,) = settled(TEXT, Door([], refusals), patience=0.1, fast=False)
    assert event.kind is meaning
    assert reason in event.detail["reason"]


async def resend(_message: Message, _reason: str) -> Any:
    return "resend"


async def leave_out(_message: Message, _reason: str) -> Any:
    return "skip"


async def quit_here(_message: Message, _reason: str) -> Any:
    return "stop"


UNCLEAR = [listed(), listed(message_id="m2")]

# The policy, the person, what the list shows, what becomes of the message, and whether the list was asked for.
POLICIES: list[tuple[Any, Ask | None, list[RemoteMessage], EventKind, bool]] = [
    ("reconcile", None, [], NOT_TAKEN, True),
    ("reconcile", None, UNCLEAR, UNSETTLED, True),
    ("reconcile", resend, UNCLEAR, EventKind.RETRYING, True),
    ("reconcile", leave_out, UNCLEAR, EventKind.SKIPPED, True),
    ("reconcile", quit_here, UNCLEAR, UNSETTLED, True),
    ("reconcile", quit_here, [listed()], TAKEN, True),
    ("ask", resend, [listed()], TAKEN, True),
    ("ask", leave_out, UNCLEAR, EventKind.SKIPPED, True),
    ("ask", None, UNCLEAR, UNSETTLED, True),
    ("stop", leave_out, [], UNSETTLED, False),
    ("resend", quit_here, [listed()], EventKind.RETRYING, False),
    ("skip", quit_here, [], EventKind.SKIPPED, False),
]


@pytest.mark.parametrize(("policy", "ask", "messages", "meaning", "asked"), POLICIES)
def test_a_policy_decides_only_what_the_list_does_not(
    policy: Any, ask: Ask | None, messages: list[RemoteMessage], meaning: EventKind, asked: bool
) -> None:
    """Only reconcile and ask look it up, and nobody is asked about what the list has settled."""
    door = Door(messages)
    (event,) = settled(TEXT, door, policy=policy, ask=ask)
    assert event.kind is meaning
    assert bool(door.questions) is asked


# Seconds since it was begun; since this process gave it up; the machine's start; and what is left of 30 s and 5 s.
GRACES = [
    (0.0, None, "a-boot", 35.0),
    (34.0, None, "a-boot", 1.0),
    (3600.0, None, "a-boot", 0.0),
    (3600.0, None, "another", 35.0),
    (-50.0, None, "a-boot", 35.0),
    (30.0, 0.0, "a-boot", 5.0),
    (300.0, 0.0, "a-boot", 5.0),
    (300.0, 4.0, "a-boot", 1.0),
    (300.0, 400.0, "a-boot", 0.0),
]


@pytest.mark.parametrize(("ago", "given_up", "boot", "left"), GRACES)
def test_the_list_is_asked_for_only_after_time_out_and_grace(
    ago: float, given_up: float | None, boot: str, left: float
) -> None:
    """Counted from when it was begun, or from now where that was before this machine's start."""
    clock = Pen().clock
    begun = Begun(Stamp(boot, clock.up() - ago))
    ended = None if given_up is None else Stamp("a-boot", clock.up() - given_up)
    assert grace_left(begun, ended, 30.0, 5.0, clock) == pytest.approx(left)
    assert grace_left(Begun(), None, 30.0, 5.0, clock) == 35.0


def test_what_is_said_is_what_is_waited() -> None:
    """A person sees what is done, and for how long."""
    pen = Pen()
    said: list[tuple[str, float]] = []
    settled(
        TEXT, Door([]), pen, begun=Begun(pen.clock.stamp()), timeout=30.0, grace=5.0, tell=lambda *one: said.append(one)
    )
    assert said == [("step 1: waiting until its request must have ended, then looking it up", 35.0)]
    assert pen.clock.slept == [35.0]


def test_a_stop_ends_the_waiting_and_decides_nothing() -> None:
    """The next resume looks it up."""
    pen, door = Pen(), Door([])
    pen.stop.set()
    assert settled(TEXT, door, pen, ask=resend) == []
    assert door.questions == 0


def test_what_was_not_taken_again_and_again_is_given_up() -> None:
    """It surely was not taken, so that resume may send it."""
    (event,) = settled(TEXT, Door([]), give_up=0.0)
    assert event.kind is EventKind.FAILED
    assert event.detail["reason"] == "looked up: the API had not taken it"


@pytest.mark.parametrize("ahead", [-3 * DAY, 0.0, 3 * DAY])
def test_a_clock_of_ours_that_is_days_off_leaves_nothing_out(ahead: float) -> None:
    """The API may leave out conversations in which nothing was written since; it reckons by its own clock."""
    pen = Pen()
    (event,) = settled(TEXT, Elsewhen(pen.clock, ahead), pen, begun=Begun(pen.clock.stamp()))
    assert event.kind is EventKind.ACCEPTED


class Door:
    """A list of messages, after some refusals."""

    dialect = kapso_v1
    rate, lists, says_status = None, True, False

    def __init__(self, messages: list[RemoteMessage], refusals: Sequence[Exception] = ()) -> None:
        self._messages, self._refusals = messages, list(refusals)
        self.api_clock = ApiClock()
        self.questions = 0

    async def messages(
        self,
        _recipient: Recipient,
        *,
        to_the_end: bool = False,  # noqa: ARG002
        since: float = 0.0,  # noqa: ARG002
    ) -> list[RemoteMessage]:
        self.questions += 1
        if self._refusals:
            raise self._refusals.pop(0)
        return self._messages


class Elsewhen(Door):
    """An API by whose clock ours is ``ahead``; it tells its own with each answer."""

    def __init__(self, clock: TestClock, ahead: float) -> None:
        super().__init__([listed(created_at=clock.now() - ahead)])
        self._clock, self._now = clock, clock.now() - ahead

    async def messages(
        self, recipient: Recipient, *, to_the_end: bool = False, since: float = 0.0
    ) -> list[RemoteMessage]:
        date, up = format_datetime(datetime.fromtimestamp(self._now, UTC), usegmt=True), self._clock.up()
        self.api_clock.answered(date, up, up)
        every = await super().messages(recipient, to_the_end=to_the_end)
        return [each for each in every if each.created_at >= since]


class Pen:
    """A run that writes nowhere and sleeps in no time, unless it is not to be so ``fast``."""

    run: Run = RUN
    recipient = RUN.recipient
    put_off = None

    def __init__(self, *, fast: bool = True) -> None:
        self.stop = asyncio.Event()
        self._fast, self._passed = fast, 0.0
        self.clock = TestClock(lambda: self._passed, self._let_pass)
        self.client: Any = None
        self.pace = Pace(Rate(100_000, 1.0), clock=SYSTEM)

    def _let_pass(self, seconds: float) -> None:
        self._passed += seconds

    async def write(self, kind: EventKind, step: Step, message_id: str = "", **detail: Any) -> Event:
        return Event(kind, self.run.id, self.clock.now(), step.address, message_id, detail)

    async def sleep(self, seconds: float) -> bool:
        if not self._fast:
            await asyncio.sleep(max(seconds, 0.0))
        return await self.clock.sleep(seconds, self.stop)


def settled(
    body: Mapping[str, Any],
    door: Door,
    pen: Pen | None = None,
    *,
    begun: Begun | None = None,
    give_up: float = float("inf"),
    fast: bool = True,
    **doubts: Any,
) -> list[Event]:
    """The events of one doubt being settled; time-out and grace are over unless they are given."""
    pen = pen or Pen(fast=fast)
    action = Message(MessageStep("1", ("steps", 0)), body, "{}")
    doubt = Doubt(action, begun or Begun(pen.clock.stamp(), Span(BEGUN, BEGUN + 1, stored=True)))
    how = Doubts(**{"timeout": 0.0, "grace": 0.0, **doubts})
    pen.client = door

    async def told() -> str:
        return ""

    async def whole() -> list[Event]:
        events = reconcile(pen, doubt, how, give_up, told)  # type: ignore[arg-type]
        return [event async for event in events]

    return asyncio.run(whole())
