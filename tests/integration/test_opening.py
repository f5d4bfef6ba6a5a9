"""Writing first: a template goes to a phone without a look-up, and whatever goes wrong it arrives once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message as Asgi
from starlette.types import Receive, Scope, Send

from flowrunner.client import open_client
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Pace, Rate, deliver
from flowrunner.engine import moment
from flowrunner.engine.history.state import Stage, state_of
from flowrunner.flow import load_text
from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind, Recipient, Rendering
from support.delivered import prepared_flow, source
from support.lab import Lab, outcome
from support.slices import crossed
from support.virtual import VirtualClock

PHONE = "+34600111222"
FIRST = "first"
TEMPLATES = """
name: opening
opens: conversation
steps:
  - message: {message_type: template, template_name: first, template_language: es}
  - message: {message_type: template, template_name: second, template_language: es}
  - message: {message_type: template, template_name: third, template_language: es}
"""
THEN_TEXT = """
name: opening
steps:
  - message: {message_type: template, template_name: first, template_language: es}
  - message: "two"
  - message: "three"
"""
EXPECTED = ["first", "second", "third"]
CONFIG = "c0000000-0000-4000-8000-000000000009"


class Watched:
    """An emulator that keeps what it is asked, and may say more than the real one: which conversation it was."""

    def __init__(self, lab: Lab, *, names: bool = False) -> None:
        self._app, self._lab, self._names = lab.app, lab, names
        self.asked: list[str] = []
        lab.app = self  # type: ignore[assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = f"{scope['method']} {scope['path'].removeprefix('/api/v1')}"
        self.asked.append(asked)
        alone = asked == "POST /whatsapp_messages"
        await self._app(scope, receive, self._naming(send) if self._names and alone else send)

    def _naming(self, send: Send) -> Callable[[Asgi], Awaitable[None]]:
        held: list[Asgi] = []

        async def naming(event: Asgi) -> None:
            if event["type"] == "http.response.start":
                held.append(event)
                return
            if held:
                start, body = held.pop(), event.get("body", b"")
                if start["status"] == 201 and not event.get("more_body"):
                    its = self._lab.state.received()[-1].conversation_id
                    body = body.replace(b'{"data":{', f'{{"data":{{"conversation_id":"{its}",'.encode(), 1)
                    size = (b"content-length", str(len(body)).encode())
                    kept = [each for each in start["headers"] if each[0].lower() != b"content-length"]
                    start, event = {**start, "headers": [*kept, size]}, {**event, "body": body}
                await send(start)
            await send(event)

        return naming


def rendered(text: str, phone: str = PHONE) -> Rendering:
    loaded = load_text(text, "flow.yaml")
    assert loaded.flow is not None, [each.message for each in loaded.diagnostics]
    rendering, problems = prepared_flow(text, "flow.yaml").render(Recipient("", phone), {}, moment(SYSTEM.now()))
    assert rendering is not None, problems
    return rendering


def taken(lab: Lab) -> list[str]:
    """What was taken for the phone, in order, in whichever conversation."""
    return lab.accepted()


def conversations(lab: Lab) -> list[str]:
    return [talk.id for talk in lab.state.conversations.all(PHONE)]


def told(events: Sequence[Event], kind: EventKind) -> list[dict[str, Any]]:
    return [dict(each.detail) for each in events if each.kind is kind]


@pytest.fixture
def everybody(tmp_path: Path, clock: VirtualClock) -> Lab:
    """Whoever is written to first may be sent free text, too."""
    lab = Lab(tmp_path, clock=clock)
    lab.state.conversations.on_demand = True
    return lab


def test_nothing_is_asked_before_nor_between(everybody: Lab, clock: VirtualClock) -> None:
    """1.0 requests a message, though the answer does not say which conversation it was: the API finds it again."""
    api = Watched(everybody)
    events = clock.run(everybody.run(rendered(THEN_TEXT)))
    assert outcome(events) == "finished"
    assert api.asked == ["POST /whatsapp_messages"] * 3
    assert taken(everybody) == ["first", "two", "three"]
    assert len(conversations(everybody)) == 1


def test_where_the_answer_names_the_conversation_the_rest_goes_there(everybody: Lab, clock: VirtualClock) -> None:
    """And the journal knows it with the answer."""
    api = Watched(everybody, names=True)
    events = clock.run(everybody.run(rendered(THEN_TEXT)))
    assert outcome(events) == "finished"
    (its,) = conversations(everybody)
    assert api.asked == ["POST /whatsapp_messages", *[f"POST /whatsapp_conversations/{its}/whatsapp_messages"] * 2]
    assert [each.get("conversation") for each in told(events, EventKind.ACCEPTED)] == [its, None, None]
    assert [each.get("by_phone") for each in told(events, EventKind.BEGUN)] == [True, None, None]


def test_a_wait_for_a_status_finds_the_conversation_once(everybody: Lab, clock: VirtualClock) -> None:
    """The first look goes by phone; what follows it, and the next message, to the conversation."""
    text = THEN_TEXT.replace("template_language: es}", "template_language: es}\n    until: read")
    api = Watched(everybody)
    events = clock.run(everybody.run(rendered(text)))
    assert outcome(events) == "finished"
    (its,) = conversations(everybody)
    assert api.asked.count("POST /whatsapp_messages") == 1
    assert api.asked.count("GET /whatsapp_conversations") == 1
    assert api.asked.count(f"POST /whatsapp_conversations/{its}/whatsapp_messages") == 2
    assert [each.get("conversation") for each in told(events, EventKind.BEGUN)] == [None, its, None]


FAULTS = [
    # faults that strike once after {k} messages, and how the run ends
    ("status:code=500,count=1,after={k}", "finished"),
    ("status:code=500,accepted=yes,count=1,after={k}", "finished"),
    ("status:code=504,accepted=yes,count=1,after={k}", "finished"),
    ("status:code=400,graph=131056,count=1,after={k}", "finished"),
    ("html:accepted=yes,count=1,after={k}", "finished"),
    ("cut-before:count=1,after={k}", "finished"),
    ("cut-after:count=1,after={k}", "finished"),
    ("timeout-after:seconds=1.5,count=1,after={k}", "finished"),
    ("slow-body:seconds=1.5,count=1,after={k}", "finished"),
    ("malformed:count=1,after={k}", "finished"),
    ("store-late:seconds=0.6,count=1,after={k}", "finished"),
    ("in-flight-409:count=2,after={k}", "finished"),
    ("agent-409:count=1,after={k}", "failed"),
    ("list-order:order=oldest,count=999 cut-after:count=1,after={k}", "finished"),
]


@pytest.mark.sliced
@pytest.mark.parametrize(("row", "names", "k"), crossed(3, FAULTS, [False, True], range(3)), ids=str)
def test_whatever_goes_wrong_each_message_is_taken_once_and_in_order(
    tmp_path: Path, clock: VirtualClock, row: tuple[str, str], names: bool, k: int
) -> None:
    """At each of the three messages; an opening that is in doubt is looked up as any other message."""
    faults, ends = row

    async def through() -> None:
        lab = Lab(tmp_path, *faults.format(k=k).split(" "), clock=clock)
        Watched(lab, names=names)
        events = await lab.run(rendered(TEMPLATES))
        assert outcome(events) == ends, [(event.kind, event.step, dict(event.detail)) for event in events]
        assert all(each["struck"] for each in lab.state.faults.data())
        assert taken(lab) == EXPECTED[: len(taken(lab))]
        if ends != "finished":
            lab.state.faults.clear()
            assert outcome(await lab.resume(rendered(TEMPLATES))) == "finished"
        assert taken(lab) == EXPECTED
        assert len(conversations(lab)) == 1

    clock.run(asyncio.wait_for(through(), 600))


class DiedError(BaseException):
    """What a process that is killed raises nowhere."""


@pytest.mark.parametrize("names", [False, True], ids=["", "named"])
@pytest.mark.parametrize("k", [0, 1, 2])
@pytest.mark.parametrize("place", ["begun", "taken"])
def test_a_process_may_die_in_any_place(tmp_path: Path, clock: VirtualClock, place: str, k: int, names: bool) -> None:
    """Before the request leaves, and when it was taken and nobody heard the answer: nothing is doubled or lost."""
    lab = Lab(tmp_path, clock=clock)
    Watched(lab, names=names)
    app, posts = lab.app, 0

    async def dying(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal posts
        posts += scope["method"] == "POST"
        is_it = scope["method"] == "POST" and posts == k + 1
        if is_it and place == "begun":
            raise DiedError
        await app(scope, receive, send)
        if is_it and place == "taken":
            raise DiedError

    async def first() -> None:
        async with open_journal(lab.path, clock=clock) as journal:
            from flowrunner.delivery import begin, new_run

            its = rendered(TEMPLATES)
            run = new_run(its.flow, its.recipient, {}, its.now, "emulator", clock)
            assert await begin(run, journal, clock=clock) is None
            client = open_client("http://127.0.0.1", "lab-key-0000", app=dying, clock=clock)
            pace = Pace(Rate(100_000, 1.0), clock=clock)
            stream = deliver(run, *source(its), client, journal, stop=asyncio.Event(), pace=pace)
            async with aclosing(stream):
                async for _ in stream:
                    pass

    with pytest.raises(DiedError):
        clock.run(first())
    assert len(taken(lab)) == k + (place != "begun")
    lab.app = app
    assert outcome(clock.run(lab.resume(rendered(TEMPLATES)))) == "finished"
    assert taken(lab) == EXPECTED
    assert len(conversations(lab)) == 1


def doubtful(lab: Lab, clock: VirtualClock, *faults: str) -> list[Event]:
    """A run whose first message is in doubt, and left so."""
    from flowrunner.delivery import Doubts
    from flowrunner.emulator.api.faults import parse_fault

    for fault in faults:
        lab.state.faults.add(parse_fault(fault))
    events = clock.run(lab.run(rendered(TEMPLATES), doubts=Doubts("stop")))
    assert outcome(events) == "in_doubt"
    return events


def test_an_opened_conversation_that_has_ended_since_is_read_too(tmp_path: Path, clock: VirtualClock) -> None:
    """Else its message would be sent a second time, and open another one."""
    lab = Lab(tmp_path, clock=clock)
    doubtful(lab, clock, "cut-after:count=1")
    (its,) = conversations(lab)
    lab.state.conversations.set_status(its, "ended")
    events = clock.run(lab.resume(rendered(TEMPLATES)))
    assert told(events, EventKind.ACCEPTED)[0]["conversation"] == its
    assert taken(lab).count(FIRST) == 1


@pytest.mark.parametrize("ended", [False, True], ids=["active", "ended"])
def test_a_resumed_run_goes_on_in_the_conversation_that_it_knows(
    everybody: Lab, clock: VirtualClock, ended: bool
) -> None:
    """Two of the person's are active, one with another number: nobody names one. Once it ended, the other does."""
    from flowrunner.emulator.api.faults import parse_fault

    other = everybody.state.conversations.create(PHONE, config_id=CONFIG).id
    Watched(everybody, names=True)
    everybody.state.faults.add(parse_fault("status:code=400,count=1,after=1"))
    assert outcome(clock.run(everybody.run(rendered(THEN_TEXT)))) == "failed"
    (its,) = {*conversations(everybody)} - {other}
    everybody.state.conversations.on_demand = False
    if ended:
        everybody.state.conversations.set_status(its, "ended")
    assert outcome(clock.run(everybody.resume(rendered(THEN_TEXT)))) == "finished"
    assert [each.conversation_id for each in everybody.state.received()] == [its, *[other if ended else its] * 2]


def test_a_conversation_of_another_configuration_is_not_it(tmp_path: Path, clock: VirtualClock) -> None:
    """The same person got the same message from another number of the project, at the same time."""
    lab = Lab(tmp_path, clock=clock)

    def client(number: str) -> Any:
        return open_client("http://127.0.0.1", "lab-key-0000", app=lab.app, clock=clock, number=number)

    async def both() -> list[Event]:
        its = rendered(TEMPLATES)
        other = client(CONFIG)
        (wire, *_) = (each.wire for each in its.messages)
        await other.send(Recipient("", PHONE), wire)
        listed = await other.messages(Recipient("", PHONE))
        mine = await client("").messages(Recipient("", PHONE))
        first = await client("e0000000-0000-4000-8000-000000000001").messages(Recipient("", PHONE))
        assert (len(listed), len(mine), len(first)) == (1, 1, 0)
        return []

    clock.run(both())


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        ("agent-409:count=1", "an agent holds this conversation: hand it over or stop the agent in Kapso"),
        ("status:code=422,error=WhatsApp configuration not found,count=1",
         "connect a WhatsApp number in Kapso, or check the configuration's id"),
        ("status:code=400,error=Phone number is required,count=1", "name the person by a phone: --phone"),
    ],
)  # fmt: skip
def test_a_refusal_of_the_standalone_endpoint_has_a_remedy(
    tmp_path: Path, clock: VirtualClock, fault: str, hint: str
) -> None:
    """And nothing was sent."""
    lab = Lab(tmp_path, fault, clock=clock)
    events = clock.run(lab.run(rendered(TEMPLATES)))
    assert (outcome(events), events[-1].detail["hint"]) == ("failed", hint)
    assert not taken(lab)


def test_free_text_first_needs_a_conversation(tmp_path: Path, clock: VirtualClock) -> None:
    """Nothing opens one; the reason says what would."""
    lab = Lab(tmp_path, clock=clock)
    text = "name: t\nsteps: [{message: hello}, {message: again}]\n"
    events = clock.run(lab.run(rendered(text)))
    assert [each.kind for each in events] == [EventKind.FAILED]
    assert "there is no active conversation" in events[0].detail["reason"]
    assert "the flow must begin with a template" in events[0].detail["hint"]
    lab.state.conversations.create(PHONE, conversation_id="c9")
    api = Watched(lab)
    assert outcome(clock.run(lab.resume(rendered(text)))) == "finished"
    assert api.asked == ["GET /whatsapp_conversations", *["POST /whatsapp_conversations/c9/whatsapp_messages"] * 2]


@pytest.mark.parametrize("ends", [False, True])
def test_after_a_pause_a_template_opens_anew_and_free_text_is_looked_up(
    everybody: Lab, clock: VirtualClock, ends: bool
) -> None:
    """The conversation may have ended meanwhile; a run that waits in its process knows that, too."""
    api = Watched(everybody, names=True)
    text = """
name: opening
steps:
  - message: {message_type: template, template_name: first, template_language: es}
  - pause: 3d
  - message: {message_type: template, template_name: second, template_language: es}
"""

    async def both() -> list[Event]:
        running = asyncio.ensure_future(everybody.run(rendered(text)))
        await clock.sleep(86_400)
        if ends:
            everybody.state.conversations.set_status(conversations(everybody)[0], "ended")
        return await running

    events = clock.run(both())
    assert outcome(events) == "finished"
    assert api.asked == ["POST /whatsapp_messages"] * 2
    assert len(conversations(everybody)) == 1 + ends
    with_it = state_of(events)
    assert [each.stage for each in with_it.steps.values()] == [Stage.ACCEPTED, Stage.WAITING, Stage.ACCEPTED]
    assert with_it.recipient_of(Recipient("", PHONE)).conversation == conversations(everybody)[0]


def test_what_fails_before_a_message_leaves_takes_none_back_that_was_sent(everybody: Lab, clock: VirtualClock) -> None:
    """Whoever runs the flow again must be told that its person has had a part of it."""
    text = """
name: opening
steps:
  - message: {message_type: template, template_name: first, template_language: es}
  - pause: 3d
  - message: "two"
"""

    async def both() -> list[Event]:
        running = asyncio.ensure_future(everybody.run(rendered(text)))
        await clock.sleep(86_400)
        everybody.state.conversations.on_demand = False
        everybody.state.conversations.set_status(conversations(everybody)[0], "ended")
        return await running

    Watched(everybody, names=True)
    events = clock.run(both())
    assert (outcome(events), taken(everybody)) == ("failed", ["first"])
    assert state_of(events).run.may_have_had
