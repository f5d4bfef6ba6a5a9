"""What was begun and what would be sent now must be the same: else a run stops before its next message."""

import asyncio
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.delivery import begin, new_run
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from flowrunner.engine.decide import digest_of
from flowrunner.engine.history.state import state_of
from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind
from support.lab import rendered
from support.program import flowrunner, texts

TWO = "name: two\nsteps: [{message: uno}, {message: dos}]\n"
OTHER = "0123456789abcdef"
"""The digest of another text: another flowrunner began it, which made something else of the same flow."""

SAME = "1b35afa1d1c77d9c"
"""That of the first message: what the first flowrunner wrote, and every one since."""


def begun(path: Path, url: str, kinds: list[str], digest: str) -> str:
    """A run of which another process has begun the first step, and what came of that; its id."""
    rendering = rendered(TWO)

    async def write() -> str:
        async with open_journal(path, clock=SYSTEM) as journal:
            run = new_run(rendering.flow, rendering.recipient, {}, rendering.now, url, clock=SYSTEM)
            assert await begin(run, journal, clock=SYSTEM) is None
            at = [
                Event(EventKind(kind), run.id, run.created_at, "1", "m1" if kind == "accepted" else "")
                for kind in kinds
            ]
            await journal.append(at[0]._replace(detail={"digest": digest}), *at[1:])
            return run.id

    return asyncio.run(write())


def left_as(path: Path, run_id: str) -> tuple[str, bool]:
    """What the journal says now: of the first step, and whether its person may have had anything."""

    async def read() -> tuple[str, bool]:
        async with open_journal(path, read_only=True, clock=SYSTEM) as journal:
            record, events = await journal.record(run_id), await journal.events(run_id)
            assert record is not None
            return state_of(events).step("1").stage, record.may_have_had

    return asyncio.run(read())


# What came of the message that was begun, the exit code, and what is said of it.
STOPS = [
    (["begun", "accepted"], 3, "failed"),
    (["begun", "failed"], 3, "failed"),
    (["begun"], 4, "in doubt"),
    (["begun", "in_doubt"], 4, "in doubt"),
]


@pytest.mark.parametrize("choice", [(), ("--in-doubt", "resend"), ("--in-doubt", "skip")])
@pytest.mark.parametrize(("kinds", "code", "said"), STOPS)
def test_a_run_that_would_send_another_text_than_was_begun_stops(
    tmp_path: Path, kinds: list[str], code: int, said: str, choice: tuple[str, ...]
) -> None:
    """Nothing is sent, whatever was chosen for messages in doubt; it says what to do, and says it again."""
    state = EmulatorState(clock=SYSTEM)
    state.conversations.create("+5215512345678", conversation_id="c1")
    with running(state) as url:
        run_id = begun(tmp_path / "journal.db", url, kinds, OTHER)
        for _ in range(2):
            done = flowrunner("resume", run_id, "--journal", "journal.db", *choice, cwd=tmp_path)
            assert done.returncode == code, done.stdout + done.stderr
            told = " ".join((done.stdout + done.stderr).split())
            assert said in told
            assert "what was begun of this step is not what would be sent now" in told
            assert "run the flow again with --again" in told
    assert texts(state) == []
    stage, may_have_had = left_as(tmp_path / "journal.db", run_id)
    assert stage == {"begun": "in_doubt"}.get(kinds[-1], kinds[-1])
    assert may_have_had == (kinds[-1] != "failed")


@pytest.mark.parametrize("kinds", [["begun", "accepted"], ["begun", "failed"]])
@pytest.mark.parametrize("digest", [SAME, ""])
def test_a_run_of_the_same_text_or_of_a_journal_without_digests_goes_on(
    tmp_path: Path, kinds: list[str], digest: str
) -> None:
    """Where there is no digest, nothing can be compared."""
    assert digest_of(rendered(TWO).messages[0]) == SAME
    state = EmulatorState(clock=SYSTEM)
    state.conversations.create("+5215512345678", conversation_id="c1")
    with running(state) as url:
        run_id = begun(tmp_path / "journal.db", url, kinds, digest)
        done = flowrunner("resume", run_id, "--journal", "journal.db", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(texts(state)) == (1 if "accepted" in kinds else 2)
