"""A message in doubt is looked up: what the list must show for it to count as taken, as not taken, or as neither."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from flowrunner.model import Event, EventKind, Message, Run, Step
from flowrunner.runner import Doubts, Pace, Rate
from flowrunner.runner.doubt import Ask, settle
from flowrunner.transport import Backoff, Rejected, RemoteMessage, Retryable
from journalled import RUN

BEGUN = 1_772_380_800.0
TEXT = {"message_type": "text", "content": "Hola Ana"}
IMAGE = {"message_type": "image", "media_url": "https://cdn.example.com/a.jpg"}
BY_ID = {"message_type": "image", "media_id": "17"}
BUTTONS = {"message_type": "interactive", "interactive_type": "button", "body_text": "¿Empezamos?"}
TEMPLATE = {"message_type": "template", "template_name": "welcome", "template_language": "es"}
PLACE = {"message_type": "location", "latitude": 19.43, "longitude": -99.13}
CONTACTS = {"message_type": "contacts", "contacts": [{"name": {"formatted_name": "Ana"}}]}
REACTION = {"message_type": "reaction", "reaction_emoji": "👍", "reacted_to_message_id": "wamid.X"}


def listed(content: str = "Hola Ana", kind: str = "text", **more: Any) -> RemoteMessage:
    """A message as the API lists it, ten seconds after ours was begun."""
    plain = {
        "message_id": "m1",
        "wamid": "",
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


EARLIER = {"old1", "old2"}
TAKEN, NOT_TAKEN, UNSETTLED = EventKind.ACCEPTED, EventKind.RETRYING, EventKind.IN_DOUBT

# What was to be sent, what the list shows, and what that means. "old..." and "later" are known to be others:
# of earlier steps, and of a run that sent after this one was left in doubt.
LISTS: list[tuple[Mapping[str, Any], list[RemoteMessage], EventKind]] = [
    (TEXT, [], NOT_TAKEN),
    (TEXT, [listed()], TAKEN),
    ({"content": "Hola Ana"}, [listed()], TAKEN),
    (TEXT, [listed("Hola Ana \n")], TAKEN),
    ({**TEXT, "content": " a \r\nb\n"}, [listed("a\nb")], TAKEN),
    (TEXT, [listed("hola ana")], NOT_TAKEN),
    (TEXT, [listed("Hola Ana!")], NOT_TAKEN),
    (TEXT, [listed(direction="inbound")], NOT_TAKEN),
    (TEXT, [listed(direction="")], TAKEN),
    (TEXT, [listed(kind="template")], NOT_TAKEN),
    (TEXT, [listed(message_type="")], UNSETTLED),
    (TEXT, [listed("")], UNSETTLED),
    (TEXT, [listed(status="failed")], TAKEN),
    # Other messages: earlier ones of the same text, known or too old.
    (TEXT, [listed(message_id="old1")], NOT_TAKEN),
    (TEXT, [listed(message_id="old1"), listed()], TAKEN),
    (TEXT, [listed(message_id="old1"), listed(message_id="old2"), listed()], TAKEN),
    (TEXT, [listed(), listed(message_id="m2")], UNSETTLED),
    (TEXT, [listed(created_at=BEGUN - 3600)], NOT_TAKEN),
    (TEXT, [listed(created_at=BEGUN - 3600), listed(message_id="m2")], TAKEN),
    # By the clocks it was there before: somebody else's, or the clocks differ.
    (TEXT, [listed(created_at=BEGUN - 3)], TAKEN),
    (TEXT, [listed(created_at=BEGUN - 30)], UNSETTLED),
    # A message of ours tells the API's own time: what is older is not the one in question.
    (TEXT, [listed("x", message_id="old1", created_at=BEGUN - 2), listed(created_at=BEGUN - 8)], NOT_TAKEN),
    (TEXT, [listed("x", message_id="old1", created_at=BEGUN - 2), listed(created_at=BEGUN - 3)], UNSETTLED),
    (TEXT, [listed("x", message_id="old1", created_at=BEGUN - 40), listed(created_at=BEGUN - 30)], TAKEN),
    (TEXT, [listed("x", message_id="later", created_at=BEGUN + 60), listed()], TAKEN),
    (TEXT, [listed(created_at=0.0)], TAKEN),
    (TEXT, [listed(created_at=0.0), listed(message_id="m2")], UNSETTLED),
    # Messages that have no text of their own.
    (IMAGE, [showing("image", media_url=IMAGE["media_url"])], TAKEN),
    (IMAGE, [listed("", "image", data={"media_url": IMAGE["media_url"]})], TAKEN),
    (IMAGE, [showing("image", media_url="https://kapso.example/blob/1")], UNSETTLED),
    (IMAGE, [showing("image")], UNSETTLED),
    (IMAGE, [showing("image", media_url=IMAGE["media_url"]), showing("image")._replace(message_id="m2")], UNSETTLED),
    (IMAGE, [listed()], NOT_TAKEN),
    (BY_ID, [showing("image", media_id="17")], TAKEN),
    (BY_ID, [showing("image", media_id="171")], NOT_TAKEN),
    (BUTTONS, [showing("interactive", body_text="¿Empezamos?")], TAKEN),
    (BUTTONS, [showing("interactive", body_text="¿Seguimos?")], NOT_TAKEN),
    (TEMPLATE, [showing("template", template_name="welcome")], TAKEN),
    (TEMPLATE, [showing("template", template_name="welcome_2")], NOT_TAKEN),
    (PLACE, [showing("location", latitude=19.43, longitude=-99.13)], TAKEN),
    (PLACE, [showing("location", latitude=19.4, longitude=-99.1)], NOT_TAKEN),
    (PLACE, [showing("location", latitude=19.43, longitude=-99.2)], NOT_TAKEN),
    (CONTACTS, [showing("contacts")], UNSETTLED),
    (CONTACTS, [], NOT_TAKEN),
    (REACTION, [showing("reaction", reaction_emoji="👍")], TAKEN),
    (REACTION, [showing("reaction", reaction_emoji="👎")], NOT_TAKEN),
]


@pytest.mark.parametrize(("body", "messages", "meaning"), LISTS)
def test_the_list_tells_whether_a_message_was_taken(
    body: Mapping[str, Any], messages: list[RemoteMessage], meaning: EventKind
) -> None:
    """Exactly one that can be it: taken. None that could be: not taken. Everything else stays in doubt."""
    (event,) = settled(body, Door(messages))
    assert event.kind is meaning, event
    if meaning is TAKEN:
        found = next(each for each in messages if each.message_id not in {*EARLIER, "later"})
        assert event.message_id in {found.message_id, "m2"}
    if meaning is UNSETTLED:
        assert "could be it" in event.detail["reason"]
        assert "--in-doubt" in event.detail["hint"]


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
    (event,) = settled(TEXT, Door([], refusals), patience=0.1)
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


def test_the_list_is_asked_for_only_after_time_out_and_grace() -> None:
    """Counted from when the message was begun."""
    pen = Pen()
    settled(TEXT, Door([]), pen, begun_at=time.time(), timeout=30.0, grace=5.0)
    assert pen.slept[0] == pytest.approx(35.0, abs=0.5)


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


class Door:
    """A list of messages, after some refusals."""

    rate = None

    def __init__(self, messages: list[RemoteMessage], refusals: Sequence[Exception] = ()) -> None:
        self._messages, self._refusals = messages, list(refusals)
        self.questions = 0

    async def messages(self, _conversation: str) -> list[RemoteMessage]:
        self.questions += 1
        if self._refusals:
            raise self._refusals.pop(0)
        return self._messages


class Pen:
    """A run that writes nowhere and sleeps in no time."""

    run: Run = RUN

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.slept: list[float] = []

    async def write(self, kind: EventKind, step: Step, message_id: str = "", **detail: Any) -> Event:
        return Event(kind, self.run.id, time.time(), step.address, message_id, detail)

    async def sleep(self, seconds: float) -> bool:
        self.slept.append(seconds)
        await asyncio.sleep(min(max(seconds, 0.0), 0.01))
        return self.stop.is_set()


def settled(
    body: Mapping[str, Any],
    door: Door,
    pen: Pen | None = None,
    *,
    begun_at: float = BEGUN,
    give_up: float = float("inf"),
    **doubts: Any,
) -> list[Event]:
    """The events of one doubt being settled; time-out and grace are over unless they are given."""
    action = Message(Step("1", "message", 0), body, "{}")
    how = Doubts(**{"timeout": 0.0, "grace": 0.0, **doubts})
    pace = Pace(Rate(100_000, 1.0))

    async def whole() -> list[Event]:
        events = settle(pen or Pen(), action, begun_at, {*EARLIER, "later"}, door, pace, how, give_up, EARLIER)
        return [event async for event in events]

    return asyncio.run(whole())
