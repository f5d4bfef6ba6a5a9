"""Two clocks that disagree, and lists that are not to be believed: nothing is sent twice, and nothing is lost."""

import asyncio
import json
from contextlib import aclosing
from pathlib import Path

import pytest

from flowrunner.client.access import Key, address
from flowrunner.client.http import Client
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Doubts, Pace, Rate, begin, deliver, new_run
from flowrunner.dialects import kapso_v1
from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind, Recipient, Run
from support.clocks import TestClock
from support.delivered import source
from support.doubtful_messages import CASES, Case
from support.lab import rendered
from support.slices import crossed
from support.strange_api import STAMPS, StrangeApi

TWO = "name: two\nsteps:\n  - message: Hola Ana\n  - message: ¿Cómo estás?\n"
TIMEOUT, GRACE = 30.0, 5.0
ONCE, STOPS = "finished", "in_doubt"


class Bench:
    """A journal, an API and a clock of the test's; workers come and go."""

    def __init__(self, folder: Path, api: StrangeApi, flow: str = TWO) -> None:
        self.api, self.path = api, folder / "journal.db"
        self.clock = TestClock(lambda: api.passed, self._let_pass)
        self.rendering = rendered(flow)
        self.run: Run | None = None
        self.told: list[tuple[str, float]] = []

    def _let_pass(self, seconds: float) -> None:
        self.api.passed += seconds

    async def work(self, *, dies_at: EventKind | None = None) -> list[Event]:
        """A worker: its events up to its end, or to its death after an event of that kind."""
        its = address("http://127.0.0.1", kapso_v1)
        door = Client(its, Key("k-of-the-bench"), kapso_v1, timeout=5.0, app=self.api, clock=self.clock)
        doubts = Doubts(timeout=TIMEOUT, grace=GRACE, tell=lambda *told: self.told.append(told))
        events: list[Event] = []
        async with open_journal(self.path, clock=self.clock) as journal:
            if self.run is None:
                # As the program does before it begins.
                await door.conversations(Recipient("c1"))
                self.run = new_run(
                    self.rendering.flow, self.rendering.recipient, {}, self.rendering.now, "api", clock=SYSTEM
                )
                assert await begin(self.run, journal, clock=SYSTEM) is None
            whole = deliver(
                self.run, *source(self.rendering), door, journal,
                stop=asyncio.Event(), pace=Pace(Rate(100_000, 1.0), clock=self.clock), doubts=doubts,
            )  # fmt: skip
            async with aclosing(whole):
                async for event in whole:
                    events.append(event)
                    if event.kind is dies_at:
                        break
        await door.aclose()
        return events

    def runs(self, *, dies_at: EventKind | None = None) -> str:
        """How a worker ends."""
        return str(asyncio.run(self.work(dies_at=dies_at))[-1].kind)

    @property
    def contents(self) -> list[str]:
        return [each["content"] for each in self.api.taken]


@pytest.fixture(autouse=True)
def _workers_that_were_replaced_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowrunner.delivery.session.has_ended", lambda _, **_more: True)


BOTH = ["Hola Ana", "¿Cómo estás?"]


@pytest.mark.sliced
@pytest.mark.parametrize(
    ("ahead", "post", "cut", "stamp"),
    crossed(
        4,
        [0.0, 120.0, -120.0, 3600.0, -3600.0],
        [1, 2],
        ["before", "after"],
        [each for each in STAMPS if each not in ("none", "no zone, and not UTC")],
    ),
)
def test_how_far_apart_two_clocks_are_decides_nothing(
    tmp_path: Path, ahead: float, post: int, cut: str, stamp: str
) -> None:
    """The API says its time with every answer; a message that was cut off is found, or is surely not there."""
    bench = Bench(tmp_path, StrangeApi(ahead=ahead, cuts={post: cut}, stamp=stamp))
    assert bench.runs() == ONCE
    assert bench.contents == BOTH


# What the API tells of time, which post is cut and how, and how the run ends. What was taken is there once, whichever.
TIMES = [
    ({"date": None}, 1, "before", ONCE),  # nothing in the list could be it, whatever the time
    ({"date": None}, 1, "after", STOPS),
    ({"date": None}, 2, "before", ONCE),
    ({"date": None}, 2, "after", ONCE),  # the first message was dated by the API
    ({"date": None, "receipts": False}, 2, "after", ONCE),  # in the list it is
    ({"date": None, "stamp": "none"}, 2, "after", STOPS),
    ({"stamp": "none"}, 1, "before", ONCE),
    ({"stamp": "none"}, 1, "after", STOPS),
    # An answer's Date of a proxy with a clock of its own.
    ({"date": 600.0}, 1, "before", ONCE),
    ({"date": 600.0}, 1, "after", STOPS),
    ({"date": -600.0}, 1, "after", STOPS),
    ({"date": 600.0}, 2, "after", ONCE),
    ({"date": -600.0}, 2, "after", ONCE),
    ({"stamp": "no zone, and not UTC"}, 1, "before", ONCE),
    ({"stamp": "no zone, and not UTC"}, 1, "after", STOPS),
    ({"stamp": "no zone, and not UTC"}, 2, "after", ONCE),
    # The API's clock is set while a message is on its way, or between two of them.
    ({"steps": {1: 90.0}}, 1, "before", ONCE),
    ({"steps": {1: -90.0}}, 1, "after", STOPS),
    ({"steps": {1: 3600.0}}, 1, "after", ONCE),  # what is dated in the time to come tells that it was set
    ({"steps": {1: -3600.0}}, 1, "after", STOPS),
    ({"steps": {2: -3600.0}}, 2, "before", ONCE),
    ({"steps": {2: -3600.0}}, 2, "after", STOPS),
    ({"steps": {2: 3600.0}}, 2, "after", STOPS),
    ({"steps": {1: 3600.0, 2: -3600.0}}, 2, "after", STOPS),
]


@pytest.mark.parametrize(("manners", "post", "cut", "ends"), TIMES)
def test_what_cannot_be_known_of_time_is_in_doubt(
    tmp_path: Path, manners: dict[str, object], post: int, cut: str, ends: str
) -> None:
    """It stops where it would be a guess; never is a message sent twice, or taken for sent that was not."""
    bench = Bench(tmp_path, StrangeApi(cuts={post: cut}, **manners))  # type: ignore[arg-type]
    assert bench.runs() == ends
    assert bench.contents == (BOTH if ends == ONCE else BOTH[: post - (cut == "before")])


# Somebody else's equal message in the conversation: how old, what becomes of ours, how the run ends.
FOREIGN = [
    (0.5, "before", STOPS),
    (5.0, "before", STOPS),
    (90.0, "before", STOPS),
    (3600.0, "before", STOPS),
    (3600.0, "after", STOPS),
    (40 * 3600.0, "before", ONCE),
    (40 * 3600.0, "after", ONCE),
]


@pytest.mark.sliced
@pytest.mark.parametrize(("row", "ahead"), crossed(3, FOREIGN, [0.0, 120.0, -120.0, 3600.0, -3600.0]))
def test_somebody_else_s_equal_message_is_not_taken_for_ours(
    tmp_path: Path, row: tuple[float, str, str], ahead: float
) -> None:
    """Whatever this machine's clock says."""
    ago, cut, ends = row
    api = StrangeApi(ahead=ahead, cuts={1: cut})
    api.foreign(ago + api.passed - 1000.0, content="Hola Ana")
    bench = Bench(tmp_path, api)
    assert bench.runs() == ends
    assert bench.contents == (BOTH if ends == ONCE else BOTH[: cut == "after"])


def test_the_customer_s_own_words_are_nobody_s_message(tmp_path: Path) -> None:
    """Inbound messages count for nothing."""
    api = StrangeApi(cuts={1: "before"})
    api.foreign(1.0, "inbound", content="Hola Ana")
    bench = Bench(tmp_path, api)
    assert bench.runs() == ONCE
    assert bench.contents == BOTH


# What the list is like after the second of two messages was cut off, and how the run ends.
LISTS = [
    ({"lists": "empty"}, STOPS),
    ({"lists": "lacking"}, STOPS),
    ({"order": "oldest"}, ONCE),
    ({"page": 1}, ONCE),
    ({"page": 1, "order": "oldest"}, ONCE),
]


@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize(("manners", "ends"), LISTS)
def test_a_list_without_what_it_must_hold_proves_nothing(
    tmp_path: Path, manners: dict[str, object], ends: str, cut: str
) -> None:
    """It is read again, and then believed in nothing; in whichever order and pages it comes."""
    bench = Bench(tmp_path, StrangeApi(cuts={2: cut}, **manners))  # type: ignore[arg-type]
    assert bench.runs() == ends
    assert bench.contents == (BOTH if ends == ONCE else BOTH[: 2 - (cut == "before")])


def test_what_an_earlier_run_sent_must_be_in_the_list_too(tmp_path: Path) -> None:
    """A conversation with five messages of last week's run is not empty because its list is."""
    first = Bench(tmp_path, StrangeApi())
    assert first.runs() == ONCE
    first.run, first.rendering = None, rendered(TWO.replace("two", "again"))
    first.api.cuts, first.api.lists = {3: "after"}, "empty"
    assert first.runs() == STOPS
    assert first.contents == [*BOTH, BOTH[0]]
    first.api.lists = "whole"
    assert first.runs() == ONCE
    assert first.contents == [*BOTH, *BOTH]


def test_a_list_that_was_late_is_read_again(tmp_path: Path) -> None:
    """What it lacked is there after the grace."""
    api = StrangeApi(cuts={2: "after"}, lists="lacking")
    bench = Bench(tmp_path, api)

    def let_pass(seconds: float) -> None:
        api.passed += seconds
        api.lists = "whole" if api.readings else api.lists

    bench.clock = TestClock(lambda: api.passed, let_pass)
    assert bench.runs() == ONCE
    assert bench.contents == BOTH


FORMED = [
    *((case, form, form) for case in CASES for form in ("as it came", "rounded, as text", "NFD")),
    *((case, "cut with dots", "") for case in CASES if case.name in ("text", "image", "document")),
]


@pytest.mark.parametrize(("case", "form", "recognised"), FORMED, ids=lambda each: getattr(each, "name", each))
def test_a_message_in_another_form_is_not_sent_twice(tmp_path: Path, case: Case, form: str, recognised: str) -> None:
    """The API had taken it, and lists what it has made of it; another's message of the same type stands beside it."""
    flow = f"name: f\nsteps: [{{message: {json.dumps(case.body, ensure_ascii=False)}}}, {{message: Adiós}}]"
    api = StrangeApi(cuts={1: "after"}, form=form)
    for other in case.another:
        api.foreign(600.0, **other)
    bench = Bench(tmp_path, api, flow)
    assert bench.runs() == (ONCE if recognised else STOPS)
    assert api.taken[0] == {"content": api.taken[0]["content"], **case.body}
    assert len(api.taken) == (2 if recognised else 1)


@pytest.mark.parametrize("case", [case for case in CASES if case.another], ids=lambda each: each.name)
def test_another_s_message_of_the_same_type_is_not_taken_for_ours(tmp_path: Path, case: Case) -> None:
    """The API had not taken ours: what stands there instead surely is not it, and it is sent."""
    api = StrangeApi(cuts={1: "before"})
    bench = Bench(tmp_path, api, f"name: f\nsteps: [{{message: {json.dumps(case.body, ensure_ascii=False)}}}]")
    for other in case.another:
        api.foreign(1.0, **other)
    assert bench.runs() == ONCE
    assert [dict(each) for each in api.taken] == [{"content": api.taken[0]["content"], **case.body}]


# What happens between a worker's death in flight and the next one, and how long that one waits before it looks.
DEATHS = [
    (0.0, 0.0, "a-boot", 35.0),
    (10.0, 0.0, "a-boot", 25.0),
    (50.0, 0.0, "a-boot", 0.0),
    (0.0, 60.0, "a-boot", 35.0),
    (0.0, -3600.0, "a-boot", 35.0),
    (0.0, 86_400.0 * 365, "a-boot", 35.0),
    (10.0, -3600.0, "a-boot", 25.0),
    (50.0, -60.0, "another", 35.0),
    (86_400.0, 0.0, "another", 35.0),
]


@pytest.mark.parametrize("cut", ["before", "after"])
@pytest.mark.parametrize(("passed", "wall", "boot", "waited"), DEATHS)
def test_the_grace_is_waited_for_whatever_the_wall_s_clock_does(
    tmp_path: Path, passed: float, wall: float, boot: str, waited: float, cut: str
) -> None:
    """It is counted from the machine's start, and from now where that was another; what is said is what is waited."""
    bench = Bench(tmp_path, StrangeApi())
    assert bench.runs(dies_at=EventKind.BEGUN) == "begun"
    if cut == "after":
        bench.api.post({"message_type": "text", "content": "Hola Ana"})
    bench.api.passed += passed
    bench.clock.wall, bench.clock.boot = wall, boot
    bench.clock.slept.clear()
    assert bench.runs() == ONCE
    assert bench.contents == BOTH
    longest = max(bench.clock.slept, default=0.0)
    assert longest == pytest.approx(waited, abs=1.0)
    said = [seconds for text, seconds in bench.told if "must have ended" in text]
    assert said == ([pytest.approx(waited, abs=1.0)] if waited else [])


@pytest.mark.parametrize(
    ("wall", "boot"), [(0.0, "a-boot"), (-3600.0, "a-boot"), (-3600.0, "another"), (7.0, "a-boot")]
)
def test_a_pause_is_as_long_as_it_says_whatever_the_wall_s_clock_does(tmp_path: Path, wall: float, boot: str) -> None:
    """A worker dies in a pause of ten seconds, four of which are over when the next one goes on."""
    bench = Bench(
        tmp_path, StrangeApi(), "name: p\nsteps: [{message: Hola Ana}, {pause: 10s}, {message: ¿Cómo estás?}]"
    )
    assert bench.runs(dies_at=EventKind.PAUSED) == "paused"
    bench.api.passed += 4.0
    bench.clock.wall, bench.clock.boot = wall, boot
    bench.clock.slept.clear()
    assert bench.runs() == ONCE
    (slept,) = bench.clock.slept
    assert slept == pytest.approx(6.0 if boot == "a-boot" else 10.0, abs=0.5)


def test_a_machine_that_was_put_back_to_an_earlier_state_waits_the_whole_grace(tmp_path: Path) -> None:
    """Its seconds are fewer than those it has written."""
    bench = Bench(tmp_path, StrangeApi())
    assert bench.runs(dies_at=EventKind.BEGUN) == "begun"
    bench.api.passed -= 100.0
    bench.api.ahead += 100.0
    bench.clock.slept.clear()
    assert bench.runs() == ONCE
    assert max(bench.clock.slept) == pytest.approx(35.0)
