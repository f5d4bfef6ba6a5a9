"""Workers: what is handed over is carried out by whichever are there, once, in order, whatever becomes of them."""

import asyncio
from pathlib import Path

import pytest

from flowrunner.app.campaigns.handover import require_shared, submit
from flowrunner.clock import Clock
from flowrunner.delivery import Rate
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.journal import Claim, JournalAwayError, JournalError
from flowrunner.journal.work import Terms
from flowrunner.model import Event, EventKind, Recipient
from support.virtual import VirtualClock
from support.workers import TARGETS, Shop, shopped

TWO = 'name: two\nsteps: [{message: "one"}, {message: "two"}]\n'
PAUSES = 'name: pausing\nsteps: [{message: "one"}, {pause: 2m}, {message: "two"}]\n'
BOTH = ["one", "two"]


class Ahead(Clock):
    """A clock whose wall's time is another's, so many seconds later."""

    def __init__(self, other: Clock, seconds: float) -> None:
        self._other, self._seconds = other, seconds

    def now(self) -> float:
        return self._other.now() + self._seconds


def everybody(count: int) -> dict[str, list[str]]:
    return {f"c{number}": BOTH for number in range(count)}


@pytest.mark.parametrize("workers", [1, 3])
def test_a_campaign_is_carried_out_by_whichever_workers_there_are(
    tmp_path: Path, clock: VirtualClock, workers: int
) -> None:
    async def work(its: Shop) -> None:
        campaign = await its.campaign(TWO, 60)
        await its.hand_over(campaign)
        for _ in range(workers):
            its.start()
        await its.becomes(campaign, 60, finished=60)
        assert its.sent() == everybody(60)

    shopped(tmp_path, clock, work)


@pytest.mark.parametrize(
    ("people", "units", "largest"),
    [(1, 1, 1), (10, 1, 10), (25, 3, 10), (200, 13, 16), (1200, 12, 100), (3000, 20, 150)],
)
def test_a_small_campaign_is_cut_into_small_parts(
    tmp_path: Path, clock: VirtualClock, people: int, units: int, largest: int
) -> None:
    """So that several workers share it; of a large one each is large, so that the queue costs little."""

    async def work(its: Shop) -> None:
        await its.hand_over(await its.campaign(TWO, people))
        sizes = [each.last - each.first + 1 for each in its.queue.units.values()]
        assert (len(sizes), max(sizes), sum(sizes)) == (units, largest, people)

    shopped(tmp_path, clock, work)


@pytest.mark.parametrize("ahead", [3600.0, -3600.0])
def test_who_hands_over_may_have_a_wrong_clock(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """Who failed before it is tried again, once; and what was left unsubmitted is submitted when it is time."""

    async def work(its: Shop) -> None:
        campaign = await its.campaign(TWO, 3)
        for member in await its.journal.pending(campaign.id, limit=3):
            failed = Event(EventKind.FAILED, member.run.id, clock.now(), detail={"reason": "no route"})
            await its.journal.append(failed)
        await clock.sleep(600)

        async def offset() -> float:
            return ahead

        monkeypatch.setattr(its.journal, "clock_offset", offset)
        right, its.clock = its.clock, Ahead(clock, ahead)
        await its.hand_over(campaign)
        its.clock = right
        monkeypatch.undo()
        its.start()
        await its.becomes(campaign, 60, finished=3)

    shopped(tmp_path, clock, work)


def test_handing_over_twice_submits_everything_once(tmp_path: Path, clock: VirtualClock) -> None:
    """Also what a worker submits because nobody knows whether all of it was; another handing over is another."""

    async def work(its: Shop) -> None:
        campaign = await its.campaign(TWO, 40)
        await its.hand_over(campaign)
        first = set(its.queue.units)
        submit, its.queue.submit = its.queue.submit, _dying  # type: ignore[method-assign]
        with pytest.raises(RuntimeError):
            await its.hand_over(campaign)
        its.queue.submit = submit  # type: ignore[method-assign]
        assert set(its.queue.units) == first
        worker = its.start()
        await its.becomes(campaign, 90, finished=40)
        assert its.sent() == everybody(40)
        assert [each["event"] for each in worker.log].count("submitted") == 1

    async def _dying(*_: object) -> None:
        raise RuntimeError("killed")

    shopped(tmp_path, clock, work)


def test_what_two_submit_while_it_is_being_sent_is_cut_alike(tmp_path: Path, clock: VirtualClock) -> None:
    """A large campaign takes longer to submit than others wait for it; nothing is carried out by two at once."""

    async def work(its: Shop) -> None:
        campaign = await its.campaign(TWO, 150)
        await its.hand_over(campaign)
        first = set(its.queue.units)
        its.fault("latency:count=1000,seconds=1")
        worker = its.start(window=40)
        await clock.sleep(5)
        assert 10 < len(its.sent()) < 150
        await worker.drain()
        its.queue.units.clear()
        handed = await its.journal.work.of(campaign.id)
        await submit(handed, campaign, its.journal, its.queue)
        assert set(its.queue.units) == first

    shopped(tmp_path, clock, work)


def test_only_the_first_are_handed_over_where_that_was_asked_for(tmp_path: Path, clock: VirtualClock) -> None:
    """Also where somebody dies on the way: a worker that submits the rest knows how far it goes."""

    async def work(its: Shop) -> None:
        campaign = await its.campaign(TWO, 100)
        await its.hand_over(campaign, first=30)
        its.queue.units.clear()
        await its.journal.work.hand_over(
            campaign.id, Terms(last=(await its.journal.work.of(campaign.id)).terms.last), 0.0
        )
        its.start()
        await its.becomes(campaign, 90, finished=30, waiting=70)
        await clock.sleep(120)
        assert len(its.sent()) == 30

    shopped(tmp_path, clock, work)


def test_a_worker_that_drains_gives_back_what_is_left(tmp_path: Path, clock: VirtualClock) -> None:
    """At once, and the others go on with it; nothing is sent twice."""

    async def work(its: Shop) -> None:
        its.fault("latency:count=100000,seconds=1")
        campaign = await its.campaign(TWO, 100)
        await its.hand_over(campaign)
        first = its.start(window=10)
        await clock.sleep(5)
        began = clock.now()
        draining = asyncio.ensure_future(first.drain())
        await clock.sleep(0.1)
        assert first.health()[0] is False
        assert first.health()[1]["status"] == "draining"
        await draining
        assert clock.now() - began < 10
        assert 0 < len(its.sent()) < 100
        its.start(window=100)
        await its.becomes(campaign, 120, finished=100)
        assert its.sent() == everybody(100)
        assert "given back" in {each["event"] for each in first.log}

    shopped(tmp_path, clock, work)


def test_the_parked_are_gone_on_with_by_any_worker(tmp_path: Path, clock: VirtualClock) -> None:
    """A pause holds no unit; how they end counts for the campaign."""

    async def work(its: Shop) -> None:
        campaign = await its.campaign(PAUSES, 30)
        await its.hand_over(campaign)
        first = its.start()
        await its.becomes(campaign, 60, paused=30)
        assert its.queue.units == {}
        await first.drain()
        its.start(), its.start()
        await its.becomes(campaign, 220, finished=30)
        assert its.sent() == everybody(30)
        handed = await its.journal.work.of(campaign.id)
        assert (handed.ended, handed.failed) == (30, 0)

    shopped(tmp_path, clock, work)


def test_a_sender_that_is_refused_stops_its_own_work_alone(tmp_path: Path, clock: VirtualClock) -> None:
    """Its campaign says why; after a while it is tried again."""

    async def work(its: Shop) -> None:
        its.fault("status:code=401,count=100000", "news")
        refused, other = await its.campaign(TWO, 40, "news"), await its.campaign(TWO, 40, "sales")
        later = await its.campaign(TWO, 20, "news")
        await its.hand_over(refused)
        await its.hand_over(other)
        worker = its.start(window=2)
        await its.becomes(other, 120, finished=40)
        assert "401" in await its.stopped(refused)
        assert (await its.states(refused))["failed"] <= 2
        assert worker.health()[1]["senders"]["news"]["refused"] is True
        assert (await worker.figures())['flowrunner_sender_refused{sender="news"}'] == 1
        its.apis["news"].faults.clear()
        await its.hand_over(later)
        units = {*its.queue.units}
        await clock.sleep(60)
        assert its.queue.units.keys() == units, "it is left alone for a while"
        await its.becomes(later, 400, finished=20)

    shopped(tmp_path, clock, work)


def test_units_of_a_sender_whose_key_is_elsewhere_are_left_to_others(tmp_path: Path, clock: VirtualClock) -> None:
    async def work(its: Shop) -> None:
        campaign = await its.campaign(TWO, 60, "news")
        await its.hand_over(campaign)
        its.start("sales")
        await clock.sleep(60)
        assert its.sent("news") == {}
        its.start("news")
        await its.becomes(campaign, 60, finished=60)

    shopped(tmp_path, clock, work)


def test_a_clock_that_is_off_takes_no_work_until_it_is_right(tmp_path: Path, clock: VirtualClock) -> None:
    """It is looked at again while the worker works; `/healthz` says so."""

    async def work(its: Shop) -> None:
        offset = 0.0

        async def told() -> float:
            return offset

        its.journal.clock_offset = told  # type: ignore[method-assign]
        campaign, parked = await its.campaign(TWO, 60), await its.campaign(PAUSES, 20)
        worker = its.start(window=1)
        await its.hand_over(parked)
        await its.becomes(parked, 600, paused=20)
        offset = -7.5
        await clock.sleep(70)
        await its.hand_over(campaign)
        await clock.sleep(150)
        assert await its.states(campaign) == {"waiting": 60}
        assert await its.states(parked) == {"paused": 20}
        is_well, known = worker.health()
        assert (is_well, known["status"], known["clock_offset"]) == (False, "clock off", -7.5)
        with pytest.raises(RefusedError, match=r"7\.5 s behind the database's, and at most 5 s"):
            await worker.worker.require_right_clock()
        offset = 0.3
        await its.becomes(campaign, 600, finished=60)
        await its.becomes(parked, 600, finished=20)
        assert worker.health()[0] is True
        assert [each["event"] for each in worker.log if "clock" in each["event"]] == ["clock off", "clock right again"]

    shopped(tmp_path, clock, work)


def test_while_the_journal_is_away_it_waits_and_then_goes_on(tmp_path: Path, clock: VirtualClock) -> None:
    """Nothing is lost or sent twice; it says so meanwhile."""

    async def work(its: Shop) -> None:
        its.fault("latency:count=100000,seconds=0.5")
        campaign = await its.campaign(TWO, 100)
        await its.hand_over(campaign)
        away = False
        for name in ("append", "claim", "renew", "pending", "cancelled_at", "due", "record", "events"):
            setattr(its.journal, name, failing(getattr(its.journal, name), lambda: away))
        for name in ("of", "add_up", "note_worker", "workers", "unsubmitted"):
            setattr(its.journal.work, name, failing(getattr(its.journal.work, name), lambda: away))
        worker = its.start(window=20)
        await clock.sleep(3)
        away = True
        await clock.sleep(40)
        assert worker.health()[1]["status"] == "journal away"
        assert (await worker.figures())["flowrunner_working_since_seconds"] > 0
        before = sum(map(len, its.sent().values()))
        assert 0 < before < 200
        await clock.sleep(40)
        assert sum(map(len, its.sent().values())) == before, "what is not written down is not sent"
        away = False
        await its.becomes(campaign, 200, finished=100)
        assert its.sent() == everybody(100)
        await clock.sleep(6)
        assert worker.health()[0] is True
        assert not any(each.done() for each in worker.tasks)

    shopped(tmp_path, clock, work)


def failing(method: object, is_away: object) -> object:
    async def call(*given: object, **named: object) -> object:
        if is_away():
            raise JournalAwayError("the journal is away")
        return await method(*given, **named)

    return call


def test_what_a_dead_worker_was_looking_up_is_found_out_by_another(tmp_path: Path, clock: VirtualClock) -> None:
    """It had taken a parked run; its machine is gone, so that nobody can ask whether its process has ended."""

    async def work(its: Shop) -> None:
        campaign = await its.campaign(PAUSES, 1)
        await its.hand_over(campaign)
        first = its.start()
        await its.becomes(campaign, 60, paused=1)
        its.fault("cut-after:count=1")  # the API takes it, and nobody hears of it
        await clock.sleep(110)
        while (await its.states(campaign)) != {"in_doubt": 1}:
            await clock.sleep(0.1)
        await first.die()
        began = clock.now()
        its.start()
        await its.becomes(campaign, 120, finished=1)
        assert clock.now() - began <= 2 * 30
        assert its.sent() == {"c0": BOTH}

    shopped(tmp_path, clock, work)


def test_whom_a_dead_worker_was_sending_to_is_taken_over_within_two_leases(tmp_path: Path, clock: VirtualClock) -> None:
    async def work(its: Shop) -> None:
        its.fault("latency:count=100000,seconds=0.5")
        campaign = await its.campaign(TWO, 60)
        await its.hand_over(campaign)
        first, _ = its.start(window=10), its.start(window=10)
        await clock.sleep(3)
        await first.die()
        await its.becomes(campaign, 100, finished=60)
        assert its.sent() == everybody(60)

    shopped(tmp_path, clock, work)


def test_a_flow_that_this_flowrunner_refuses_stops_its_campaign_with_the_reason(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """A worker of another version, say; the others go on."""

    async def work(its: Shop) -> None:
        campaign, other = await its.campaign(TWO, 20), await its.campaign(TWO.replace("two", "three", 1), 20)
        await its.hand_over(campaign)
        await its.hand_over(other)
        broken = campaign.bundle.of("flow.yaml", "name: two\nsteps: [{massage: one}]\n")
        told = its.journal.campaign

        async def found(campaign_id: str) -> object:
            its = await told(campaign_id)
            return its._replace(bundle=broken) if campaign_id == campaign.id else its

        its.journal.campaign = found  # type: ignore[method-assign]
        its.start()
        await its.becomes(other, 60, finished=20)
        assert "massage" in await its.stopped(campaign)
        assert await its.states(campaign) == {"waiting": 20}

    shopped(tmp_path, clock, work)


def test_a_cancelled_campaign_is_left_by_all(tmp_path: Path, clock: VirtualClock) -> None:
    async def work(its: Shop) -> None:
        its.fault("latency:count=100000,seconds=1")
        campaign = await its.campaign(TWO, 120)
        await its.hand_over(campaign)
        its.start(window=5), its.start(window=5)
        await clock.sleep(10)
        await its.journal.cancel(campaign.id)
        await clock.sleep(10)
        sent = its.sent()
        await clock.sleep(100)
        assert its.sent() == sent
        assert 0 < len(sent) < 100
        assert its.queue.units == {}

    shopped(tmp_path, clock, work)


def test_a_slow_sender_holds_up_no_other(tmp_path: Path, clock: VirtualClock) -> None:
    """Each has its own slots."""

    async def work(its: Shop) -> None:
        its.fault("latency:count=100000,seconds=4", "news")
        slow, quick = await its.campaign(TWO, 60, "news"), await its.campaign(TWO, 40)
        await its.hand_over(slow)
        await its.hand_over(quick)
        its.start(window=3)
        await its.becomes(quick, 60, finished=40)
        assert (await its.states(slow))["waiting"] > 40

    shopped(tmp_path, clock, work)


def test_figures_say_how_it_goes(tmp_path: Path, clock: VirtualClock) -> None:
    """The queue, who is sent to, what became of messages, how late the latest is, and the rate."""

    async def work(its: Shop) -> None:
        its.fault("status:code=403,count=1")
        campaign, parked = await its.campaign(TWO, 60), await its.campaign(PAUSES, 3)
        await its.hand_over(parked)
        worker = its.start("sales", rate=Rate(80, 1.0))
        await clock.sleep(30)
        await worker.drain()
        await its.hand_over(campaign)
        await clock.sleep(520)
        figures = await worker.figures()
        assert figures['flowrunner_queue_units{sender="sales"}'] == len(its.queue.units) > 1
        assert figures['flowrunner_in_flight{sender="sales"}'] == 0
        assert 300 < figures['flowrunner_lag_seconds{sender="sales"}'] < 500
        assert figures['flowrunner_messages_total{sender="sales",outcome="accepted"}'] == 2
        assert figures['flowrunner_messages_total{sender="sales",outcome="failed"}'] == 1
        assert figures['flowrunner_rate_allowed{sender="sales"}'] == 80
        assert figures['flowrunner_requests_total{sender="sales"}'] >= 3
        assert figures['flowrunner_in_doubt{sender="sales"}'] == 0
        assert figures["flowrunner_journal_up"] == 1

    shopped(tmp_path, clock, work)


def test_a_log_has_nothing_of_people(tmp_path: Path, clock: VirtualClock) -> None:
    """Neither who they are nor what they are told."""

    async def work(its: Shop) -> None:
        its.fault("status:code=403,count=3")
        campaign = await its.campaign(TWO.replace("one", "a secret text"), 20)
        await its.hand_over(campaign)
        worker = its.start("sales")
        await its.becomes(campaign, 60, finished=17, failed=3)
        said = str(worker.log)
        assert "failed" in said
        assert campaign.id in said
        for each in ("a secret text", "+346", "'c1'", "lab-key"):
            assert each not in said

    shopped(tmp_path, clock, work)


def test_a_worker_needs_a_journal_that_other_machines_reach(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"needs a journal in PostgreSQL, and .* is a file") as error:
        require_shared(tmp_path / "journal.db")
    assert "FLOWRUNNER_JOURNAL=postgresql://" in error.value.hint
    with pytest.raises(JournalError, match="cannot be read"):
        require_shared("postgresql://a b@c")


def test_what_was_taken_by_hand_is_not_lost(tmp_path: Path, clock: VirtualClock) -> None:
    """A process of another machine died with somebody claimed, before anything was begun."""

    async def work(its: Shop) -> None:
        campaign = await its.campaign(TWO, 3)
        [member, *_] = await its.journal.pending(campaign.id, limit=1)
        claim = await its.journal.claim(TARGETS["sales"], Recipient("c0"), f"{member.run.id}/x.4/17/3/ab.1", 30.0)
        assert isinstance(claim, Claim)
        await its.journal.append(Event(EventKind.RETRYING, member.run.id, clock.now(), "1"), claim=claim)
        await its.hand_over(campaign)
        its.start()
        assert await its.becomes(campaign, 60, finished=3) < 60
        assert its.sent() == everybody(3)

    shopped(tmp_path, clock, work)
