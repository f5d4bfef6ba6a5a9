"""Who cannot be sent the first message is said before anybody is sent anything, or left out."""

from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.campaigns.audience import AudienceRequest, NobodyLeftError, ready_for
from flowrunner.app.campaigns.send import run_campaign_async
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import Facts
from flowrunner.campaign.reachability import NO_CONVERSATION, SHUT, Asking, Reach
from flowrunner.cli.confirmation import warn_of_asking
from flowrunner.client import ApiClock, Rejected, Retryable, TransportError, open_client
from flowrunner.client.http import Client
from flowrunner.delivery import Pace, Rate
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.dialects.values import Conversation, Named, Window
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.flow import load_text
from flowrunner.model import Recipient
from support.virtual import VirtualClock

HOUR = 3600.0


def phone(number: int) -> str:
    return f"+346001{number:05d}"


def people(count: int) -> list[tuple[int, Recipient]]:
    return [(number + 2, Recipient("", phone(number))) for number in range(count)]


class Told:
    """An API that has some conversations, and keeps what it was asked."""

    class _Dialect:
        name = "kapso-v1"

    dialect: Any = _Dialect()
    lists = True
    rate = None

    def __init__(self, clock: VirtualClock, there: dict[str, float], listed: dict[str, float] | None = None) -> None:
        """``there`` has the phones with how long ago they wrote; ``listed`` what the list has of them."""
        self._clock, self._there, self._listed = clock, there, there if listed is None else listed
        self.api_clock = ApiClock()
        self.windows = self.bulks = 0
        self.without_phones: dict[str, str] = {}
        self.fails: TransportError | None = None
        self.fails_for = ""  # everybody

    async def window(self, whom: Recipient) -> Window:
        self.windows += 1
        if self.fails is not None and self.fails_for in whom.phone:
            raise self.fails
        if whom.phone not in self._there:
            return Window()
        return Window(self._clock.now() - self._there[whom.phone] + 24 * HOUR, "c")

    async def reachable(self, _since: float) -> list[Conversation]:
        self.bulks += 1
        now = self._clock.now()
        return [
            Conversation(
                f"c{number}",
                "" if each in self.without_phones else each,
                "active",
                Named((), (), (self.without_phones.get(each, f"MX.0{number}"),)),
                inbound_at=now - ago,
            )
            for number, (each, ago) in enumerate(self._listed.items())
        ]


def asked(clock: VirtualClock, api: Told, count: int, *, rate: int = 1000, longest: float = 60.0) -> Reach:
    return clock.run(Asking(api, Pace(Rate(rate, 60.0), clock=clock), longest).reach(people(count)))  # type: ignore[arg-type]


def test_few_are_asked_for_one_by_one(clock: VirtualClock) -> None:
    """Who has none, and whose window is shut."""
    api = Told(clock, {phone(0): HOUR, phone(1): 25 * HOUR})
    found = asked(clock, api, 3)
    assert found == Reach({3: SHUT, 4: NO_CONVERSATION}, 0)
    assert (api.windows, api.bulks) == (3, 0)


def test_many_are_listed_first(clock: VirtualClock) -> None:
    """A hundred a request; only three of those who are not in it are asked for, to prove it."""
    api = Told(clock, {phone(each): HOUR for each in range(490)})
    found = asked(clock, api, 500)
    assert sorted(found.unreachable) == [line for line, _ in people(500)][490:]
    assert {*found.unreachable.values()} == {NO_CONVERSATION}
    assert found.unasked == 0
    assert (api.windows, api.bulks) == (3, 1)


def test_a_list_that_lacks_people_proves_nothing(clock: VirtualClock) -> None:
    """One who is not in it has a conversation after all: then each is asked for, as long as there is time."""
    there = {phone(each): HOUR for each in range(500)}
    api = Told(clock, there, {})
    found = asked(clock, api, 500)
    assert found == Reach({}, 0)
    assert api.windows == 500


def test_one_who_is_there_after_all_outweighs_those_who_are_not(clock: VirtualClock) -> None:
    """Nobody may be left out by a list that is known to lack people."""
    there = {phone(each): HOUR for each in range(1, 500)}
    api = Told(clock, there, {name: ago for name, ago in there.items() if name > phone(9)})
    assert asked(clock, api, 500) == Reach({2: NO_CONVERSATION}, 0)


def test_a_list_tells_people_by_their_user_ids_too(clock: VirtualClock) -> None:
    """Whoever has no phone number is in it, and is reached."""
    api = Told(clock, {phone(each): HOUR for each in range(10, 250)})
    api.without_phones = {phone(249): "MX.249"}
    found = clock.run(
        Asking(api, Pace(Rate(1000, 60.0), clock=clock), 60.0).reach([*people(249), (251, Recipient(user_id="MX.249"))])  # type: ignore[arg-type]
    )
    assert sorted(found.unreachable) == [line for line, _ in people(10)]
    assert found.unasked == 0


@pytest.mark.parametrize("ahead", [-3 * 24 * HOUR, 3 * 24 * HOUR])
def test_a_window_is_reckoned_by_the_clock_of_the_api(clock: VirtualClock, ahead: float) -> None:
    """Ours may be days off: its answers tell what the time is."""
    api = Told(clock, {phone(0): ahead + HOUR, phone(1): ahead + 25 * HOUR})
    date = datetime.fromtimestamp(clock.now() - ahead, UTC)
    api.api_clock.answered(format_datetime(date, usegmt=True), clock.up(), clock.up())
    assert asked(clock, api, 2).unreachable == {3: SHUT}


def test_it_takes_no_longer_than_it_may(clock: VirtualClock) -> None:
    """At a hundred a minute two hundred cannot be asked for in one; how many were not is said."""
    api = Told(clock, {phone(each): HOUR for each in range(200)})
    before = clock.now()
    found = asked(clock, api, 200, rate=100)
    assert clock.now() - before <= 60.0
    assert (api.windows, found.unasked) == (100, 100)


def test_an_api_that_refuses_the_sender_is_asked_no_further(clock: VirtualClock) -> None:
    """It would refuse for everybody, and each question is one message less."""
    api = Told(clock, {})
    api.fails = Rejected("no such key", hint="check it", status=401, concerns="sender")
    with pytest.raises(Rejected, match="no such key"):
        asked(clock, api, 150)
    assert api.windows <= 20, "those who were asked for at the same time"


def test_an_api_that_answers_nobody_is_not_waited_for_until_the_end(clock: VirtualClock) -> None:
    api, before = Told(clock, {phone(each): HOUR for each in range(150)}), clock.now()
    api.fails = Retryable("it refused the connection")
    found = asked(clock, api, 150, longest=600.0)
    assert (found.unasked, found.unreachable) == (150, {})
    assert clock.now() - before < 60.0


def test_who_alone_cannot_be_asked_for_keeps_nobody_from_being_asked_for(clock: VirtualClock) -> None:
    api = Told(clock, {phone(each): HOUR for each in range(150)})
    api.fails, api.fails_for = Retryable("it fails"), phone(3)
    assert asked(clock, api, 150, rate=100, longest=600.0).unasked == 1


FLOW = """
name: news
steps:
  - message: hello
  - message: bye
"""


@pytest.fixture
def state(clock: VirtualClock) -> EmulatorState:
    """Three people: one who wrote, one who did not for a day, and one who never did."""
    its = EmulatorState(clock=clock)
    its.conversations.create(phone(0))
    its.conversations.create(phone(1), window_open=False)
    return its


def campaign(
    clock: VirtualClock, state: EmulatorState, folder: Path, monkeypatch: pytest.MonkeyPatch, **selection: Any
) -> list[Facts]:
    from contextlib import asynccontextmanager

    from flowrunner.app.campaigns import closed_windows as reaching
    from flowrunner.app.campaigns import send as sending
    from flowrunner.campaign import Selection

    @asynccontextmanager
    async def opened(_sender: Sender, *_: Any, **__: Any) -> Any:
        client = open_client("http://127.0.0.1", "k", app=create_app(state), clock=clock)
        yield client, Recipient()
        await client.aclose()

    monkeypatch.setattr(reaching, "open_sender", opened)
    monkeypatch.setattr(sending, "open_sender", opened)
    audience = folder / "people.csv"
    audience.write_text("phone\n" + "".join(f"{phone(each)}\n" for each in range(3)), encoding="utf-8")
    told: list[Facts] = []

    def confirm(facts: Facts) -> bool:
        assert not state.received()
        told.append(facts)
        return True

    request = AudienceRequest(audience, selection=Selection(**selection))
    sender = Sender("k", "http://127.0.0.1", Rate(1000, 60.0))
    work = run_campaign_async(
        load_text(FLOW, "f.yaml"), request, sender, journal=folder / "j.db", confirm=confirm, clock=clock
    )
    result = clock.run(work)
    told.append(result)  # type: ignore[arg-type]
    return told


def test_it_is_said_before_anything_leaves(
    clock: VirtualClock, state: EmulatorState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how many they are; who goes on all the same sends to the others, as ever."""
    facts, result = campaign(clock, state, tmp_path, monkeypatch)
    assert (facts.people, facts.unreachable, facts.unasked) == (3, {SHUT: 1, NO_CONVERSATION: 1}, 0)
    assert result.states == {"finished": 1, "failed": 2}  # type: ignore[attr-defined]


def test_a_key_that_the_api_refuses_is_told_before_the_question(
    clock: VirtualClock, state: EmulatorState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: Any) -> Window:
        raise Rejected("no such key", hint="check it", status=401, concerns="sender")

    monkeypatch.setattr(Client, "window", refused)
    with pytest.raises(RefusedError, match="no such key") as caught:
        campaign(clock, state, tmp_path, monkeypatch)
    assert caught.value.hint == "check it"
    assert state.received() == ()


def test_they_are_left_out_where_that_is_asked_for(
    clock: VirtualClock, state: EmulatorState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their number stands among those who are left out, and the reason in the report."""
    facts, result = campaign(clock, state, tmp_path, monkeypatch, skip_unreachable=True)
    assert (facts.people, facts.messages, facts.unreachable) == (1, 2, {})
    assert facts.left_out == {"unreachable": 2}
    assert result.states == {"finished": 1, "skipped": 2}  # type: ignore[attr-defined]
    assert len(state.received()) == 2


def test_nobody_left_is_said(clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written down then."""
    with pytest.raises(NobodyLeftError) as raised:
        campaign(clock, EmulatorState(clock=clock), tmp_path, monkeypatch, skip_unreachable=True)
    assert raised.value.checked.left_out == {"unreachable": 3}


@pytest.mark.parametrize(
    ("count", "rate", "said"),
    [
        (150, Rate(100, 60.0), "asking the API who of 150 people can be sent free text now: 60 seconds at most\n"),
        (2_000, Rate(100, 60.0), "asking the API who of 2,000 people can be sent free text now: 6 minutes at most\n"),
        (100, Rate(100, 60.0), ""),
        (150, Rate(100, 1.0), ""),
    ],
)
def test_minutes_without_a_word_are_announced(
    clock: VirtualClock, tmp_path: Path, capsys: pytest.CaptureFixture[str], count: int, rate: Rate, said: str
) -> None:
    """A large plan seemed to hang: nothing was seen until everybody had been asked about."""
    audience = tmp_path / "people.csv"
    audience.write_text("phone\n" + "".join(f"{phone(each)}\n" for each in range(count)), encoding="utf-8")
    request, sender = AudienceRequest(audience), Sender("k", "http://127.0.0.1", rate)

    async def announce() -> None:
        async with ready_for(load_text(FLOW, "f.yaml"), request, sender.target, None, warn=bool, clock=clock) as ready:
            warn_of_asking(ready, sender)

    clock.run(announce())
    assert capsys.readouterr() == ("", said)
