"""An earlier state of a database is put back, as docs/operating.md says: nobody gets anything a second time."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from flowrunner.app.journals.restored import put_back, put_in_doubt
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Rate
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from flowrunner.journal import JournalError, open_journal
from flowrunner.journal.places import DatabaseUrl
from support import postgres
from support.campaigns import INPUTS, STEPS, people, received
from support.journalled import RUN
from support.postgres_keeper import programs
from support.program import KEY, flow, flowrunner
from support.virtual import VirtualClock
from support.workers import Shop, shopped
from support.working import RealWorker, becomes, left

pytestmark = pytest.mark.long

TWO = 'name: two\nsteps: [{message: "one"}, {message: "two"}]\n'
PAUSES = 'name: pausing\nsteps: [{message: "one"}, {pause: 2m}, {message: "two"}]\n'


def test_whatever_had_not_ended_is_in_doubt_and_nothing_of_it_is_sent(tmp_path: Path, clock: VirtualClock) -> None:
    """Neither by workers, nor as moments come; who had ended stays so."""

    async def work(its: Shop) -> None:
        done, parked = await its.campaign(TWO, 5), await its.campaign(PAUSES, 5)
        new = await its.campaign(TWO.replace("two", "new", 1), 40)
        await its.hand_over(done)
        await its.hand_over(parked)
        worker = its.start(rate=Rate(100_000, 1.0))
        await its.becomes(done, 60, finished=5)
        await its.becomes(parked, 60, paused=5)
        await worker.drain()
        await its.hand_over(new)
        before = its.sent()
        assert await put_in_doubt(its.journal, clock) == 45
        its.start()
        await clock.sleep(300)
        assert its.sent() == before
        assert await its.states(done) == {"finished": 5}
        assert await its.states(parked) == {"in_doubt": 5}
        assert await its.states(new) == {"in_doubt": 40}
        assert "put back" in await its.stopped(new)

    shopped(tmp_path, clock, work)


@pytest.mark.parametrize(("decision", "state_then", "messages"), [("skip", "skipped", 3), ("resend", "finished", 6)])
def test_a_dump_that_is_put_back_is_told_and_then_decided_upon(
    tmp_path: Path, own_postgres: postgres.Cluster, decision: str, state_then: str, messages: int
) -> None:
    """With pg_dump and pg_restore; whoever was sent to since gets it again only where somebody says so."""
    state = EmulatorState(api_key=KEY, clock=SYSTEM)
    state.conversations.on_demand = True
    with running(state) as url:
        journal = own_postgres.url()
        api = ("--api-url", url, "--journal", journal)
        file = flow(tmp_path / "f.yaml", STEPS, INPUTS)
        audience = people(tmp_path / "p.csv", 40)
        its = left(
            flowrunner("run", file, "--audience", audience, *api, "--yes-send-to", "40", "--detach", cwd=tmp_path)
        )
        where = ("--host", str(own_postgres.data.parent), "--port", str(own_postgres.port), "--username", "postgres")
        dump = tmp_path / "dump"
        subprocess.run([f"{programs()}/pg_dump", *where, "--format=custom", "--file", dump, "postgres"], check=True)
        with RealWorker(*api, "--rate", "100000/s", cwd=tmp_path) as worker:
            becomes(its, journal, tmp_path, finished=40)
            refused = flowrunner("journal", "accept", "--restored", "--journal", journal, cwd=tmp_path)
            assert "end all workers and listeners first" in refused.stderr
            assert worker.stop() == 0
        restore = [f"{programs()}/pg_restore", *where, "--clean", "--if-exists", "--dbname", "postgres", dump]
        subprocess.run(restore, check=True)
        unsaid = flowrunner("journal", "accept", "--journal", journal, cwd=tmp_path)
        assert unsaid.returncode == 1
        assert "flowrunner journal accept --restored" in unsaid.stderr
        done = flowrunner("journal", "accept", "--restored", "--journal", journal, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "the journal counts as complete; runs in doubt now: 40\n")
        first = received(state)
        with RealWorker(*api, "--rate", "100000/s", cwd=tmp_path):
            becomes(its, journal, tmp_path, in_doubt=40)
            assert received(state) == first
            left(flowrunner("resume", its, "--in-doubt", decision, "--detach", "--journal", journal, cwd=tmp_path))
            becomes(its, journal, tmp_path, **{state_then: 40})
        assert all(len(each) == messages for each in received(state).values())


def test_nobody_listens_meanwhile(postgres_url: str) -> None:
    """A listener would go on with those who are due."""

    async def scene() -> None:
        async with open_journal(postgres_url, clock=SYSTEM) as journal:
            await journal.begin(RUN)
            await journal.note_listener(RUN.target, SYSTEM.now() + 30)
        place = DatabaseUrl(postgres_url)
        with pytest.raises(JournalError, match="listens to") as caught:
            await put_back(place, SYSTEM)
        assert "end all workers and listeners first" in caught.value.hint
        async with open_journal(postgres_url, clock=SYSTEM) as journal:
            await journal.note_listener(RUN.target, SYSTEM.now() - 1)
        assert await put_back(place, SYSTEM) == 1

    asyncio.run(scene())
