"""How often the API is asked how far a message is: as seldom as it can be, and never instead of sending one."""

import asyncio
from pathlib import Path

import pytest

from flowrunner.client.targets import EMULATOR, Target
from flowrunner.delivery import Rate
from flowrunner.dialects import DIALECTS
from flowrunner.emulator.api.messages import Delays
from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind, Told
from support.lab import Lab, outcome, rendered
from support.limits import Came, campaign
from support.slices import crossed
from support.virtual import VirtualClock

IMAGE = '  - message: {message_type: image, media_url: "https://cdn.example.com/a.jpg"}\n'
BUTTONS = (
    "  - message: {message_type: interactive, interactive_type: button, body_text: B, buttons: [{id: a, title: A}]}\n"
)
TEXT = "  - message: Hello\n"
# Three of six are slow: each is followed by one that must not overtake it.
SLOW = "name: slow\nsteps:\n" + (IMAGE + TEXT + BUTTONS + TEXT + IMAGE + TEXT)
UNTIL = "name: until\nsteps:\n" + (TEXT[:-1] + "\n    until: delivered\n") * 3 + TEXT
PER_MINUTE, PER_SECOND = Rate(100, 60.0), Rate(80, 1.0)
MEDIA = Delays(sent=0.5, delivered=0.8, read=2.0, media=2.0)
MISSES = 4
"""Looks too early at the first message of a sort, of which nothing is known, at most."""


def came(flow: str, people: int, rate: Rate, folder: Path, *faults: str, **more: object) -> Came:
    """What a campaign came to, by a clock of its own."""
    folder.mkdir(exist_ok=True)
    with VirtualClock() as clock:
        return clock.run(campaign(flow, people, rate, folder, clock, *faults, **more))  # type: ignore[arg-type]


KINDS = {"fast": (SLOW, Delays()), "slow": (SLOW, MEDIA), "until": (UNTIL, MEDIA)}


@pytest.mark.sliced
@pytest.mark.parametrize(("kind", "rate", "dialect"), crossed(2, KINDS, [PER_MINUTE, PER_SECOND], DIALECTS), ids=str)
def test_a_slow_message_is_looked_at_once(kind: str, rate: Rate, dialect: str, tmp_path: Path) -> None:
    """But for the first ones of each sort; the median person takes at most twice what it takes alone."""
    (flow, delays), looks, people = KINDS[kind], 3, 30
    alone = came(flow, 1, rate, tmp_path / "alone", delays=delays, dialect=dialect)
    all_of_them = came(flow, people, rate, tmp_path / "all", delays=delays, dialect=dialect)
    assert all_of_them.looks <= looks * people + 2 * MISSES
    assert all_of_them.looks >= looks * people
    assert alone.looks <= looks + 2 * MISSES
    assert all_of_them.span <= 2 * alone.span
    assert all_of_them.refused == 0


def test_who_listens_asks_nothing(tmp_path: Path) -> None:
    """The journal is told; a message is one request."""
    heard = came(SLOW, 30, PER_MINUTE, tmp_path / "heard", delays=MEDIA, listens=True)
    assert heard.each <= 1.05
    assert heard.messages == 180
    assert heard.seconds <= 2 * 61.2 + 20


def test_what_a_webhook_was_lost_of_is_asked_for_before_it_is_given_up(tmp_path: Path) -> None:
    """A listener that hears nothing of it costs the time that the author gave, and one look."""
    flow = "name: lost\nsteps:\n" + TEXT[:-1] + "\n    until: delivered\n    timeout: 30s\n" + TEXT
    lost = came(flow, 1, PER_SECOND, tmp_path, delays=MEDIA, listens=True, deaf=True)
    assert lost.looks == 1
    assert 30 <= lost.span <= 31


def test_phones_that_are_off_cost_few_looks_and_none_of_the_rate(tmp_path: Path) -> None:
    """Their messages go on after 20 s; others begin meanwhile."""
    flow = "name: off\nsteps:\n" + IMAGE + TEXT
    off = came(flow, 60, PER_MINUTE, tmp_path, "media-late:seconds=3600,probability=0.2,count=1000000", delays=MEDIA)
    assert off.messages == 120
    assert off.looks <= 60 + 12 * 2 * 6
    assert off.seconds <= (off.requests - 1) // 100 * 61.2 + 2 * 25


def test_until_what_did_not_come_in_time_is_looked_at_once_though_the_rate_is_used(tmp_path: Path) -> None:
    """Nobody fails because no look was to be had: a minute's requests leave at once, and then for a minute none."""
    until = came(UNTIL, 40, PER_MINUTE, tmp_path, delays=MEDIA)
    assert until.messages == 160


def test_what_a_listener_is_told_to_have_failed_stops_its_run(tmp_path: Path, clock: VirtualClock) -> None:
    """As a look would have: the author waits for it, and it never comes. The API is not asked."""
    flow = "name: f\nsteps:\n" + TEXT[:-1] + "\n    until: delivered\n" + TEXT
    rendering = rendered(flow)
    lab = Lab(tmp_path, delays=Delays(sent=60, delivered=120, read=180), clock=clock)

    async def work() -> list[Event]:
        sending = asyncio.ensure_future(lab.run(rendering))
        async with open_journal(lab.path, clock=clock) as journal:
            target = Target("kapso-v1", EMULATOR).text
            await journal.note_listener(target, clock.now() + 3600)
            await clock.sleep(5)
            [its] = lab.state.history()
            failed = Told((its.id,), EventKind.FAILED, clock.now(), "131026: not on WhatsApp")
            assert await journal.tell(target, [failed])
        return await sending

    events = clock.run(work())
    assert outcome(events) == "failed"
    assert events[-1].detail["reason"] == "131026: not on WhatsApp"
    assert "accepted terms" in events[-1].detail["hint"]
    assert clock.monotonic() < 10
    assert lab.accepted() == ["Hello"]


def test_what_a_listener_is_told_is_written_once(tmp_path: Path, clock: VirtualClock) -> None:
    """The run goes on by what is in the journal, and adds nothing to it but that the wait is over."""
    flow = "name: f\nsteps:\n" + TEXT[:-1] + "\n    until: delivered\n" + TEXT
    lab = Lab(tmp_path, delays=Delays(sent=60, delivered=120, read=180), clock=clock)

    async def work() -> list[Event]:
        sending = asyncio.ensure_future(lab.run(rendered(flow)))
        async with open_journal(lab.path, clock=clock) as journal:
            target = Target("kapso-v1", EMULATOR).text
            await journal.note_listener(target, clock.now() + 3600)
            for kind in (EventKind.SENT, EventKind.DELIVERED):
                await clock.sleep(5)
                its = lab.state.history()[0]
                assert await journal.tell(target, [Told((its.id,), kind, clock.now())])
            events = await sending
            return await journal.events(events[0].run)

    kept = [event.kind for event in clock.run(work()) if event.step == "1"]
    assert kept == ["begun", "accepted", "sent", "delivered", "waited"]
