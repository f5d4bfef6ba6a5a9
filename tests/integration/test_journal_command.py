"""`flowrunner journal`, and what the program says of a journal that is damaged, or of which some is missing."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.journal import Journal, JournalError, open_journal
from flowrunner.journal.sqlite.backup import back_up
from flowrunner.journal.sqlite.loss import accept_loss
from support.journalled import RUN, event, named
from support.journals import blocking
from support.program import environment, flow, flowrunner, start, texts

STEPS = ["{message: one}", "{message: two, until: delivered}", "{pause: 10s}", "{message: three}"]


@pytest.fixture
def killed(tmp_path: Path, state: EmulatorState, url: str) -> Path:
    """The journal of a run that was killed in its pause, after two of three messages."""
    file = flow(tmp_path / "slow.yaml", STEPS)
    with start("run", file, "--conversation", "c1", "--api-url", url, cwd=tmp_path) as program:
        assert program.stdout is not None
        while "waiting" not in program.stdout.readline():
            pass
        program.send_signal(signal.SIGKILL)
    assert len(texts(state)) == 2
    return tmp_path / ".flowrunner" / "journal.db"


def said(done: "subprocess.CompletedProcess[str]", code: int) -> str:
    """What a command said that ended with that code, without a traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_the_main_file_alone_is_refused_until_the_loss_is_accepted(
    killed: Path, tmp_path: Path, state: EmulatorState, url: str
) -> None:
    """Issue 10, line 7: it was called complete, and the next run doubled everything."""
    alone = tmp_path / "alone.db"
    shutil.copy(killed, alone)
    journal = ("--journal", alone)
    assert "may be incomplete" in said(flowrunner("resume", *journal, cwd=tmp_path), 1)
    again = flowrunner("run", "slow.yaml", "--conversation", "c1", "--api-url", url, *journal, cwd=tmp_path)
    assert "may be incomplete" in said(again, 1)
    listed = said(flowrunner("runs", *journal, cwd=tmp_path), 0)
    assert "may be incomplete" in listed
    assert "unfinished" in listed
    checked = said(flowrunner("journal", "check", *journal, cwd=tmp_path), 1)
    assert f"flowrunner journal accept --journal {alone}" in checked
    assert "in doubt now: 1" in said(flowrunner("journal", "accept", *journal, cwd=tmp_path), 0)
    assert "nothing is missing" in said(flowrunner("journal", "check", *journal, cwd=tmp_path), 0)
    assert "part of the journal was lost" in said(flowrunner("resume", *journal, cwd=tmp_path), 4)
    again = flowrunner("run", "slow.yaml", "--conversation", "c1", "--api-url", url, *journal, cwd=tmp_path)
    assert "has not finished" in said(again, 1)
    assert len(texts(state)) == 2
    said(flowrunner("resume", "--in-doubt", "skip", *journal, cwd=tmp_path), 0)
    assert "nothing to resume" in said(flowrunner("resume", *journal, cwd=tmp_path), 0)
    again = flowrunner("run", "slow.yaml", "--conversation", "c1", "--api-url", url, *journal, cwd=tmp_path)
    assert "--again" in said(again, 1)
    assert len(texts(state)) == 2


def test_a_lost_log_is_noticed_by_the_mark(killed: Path, tmp_path: Path, state: EmulatorState) -> None:
    """Main file and mark without the `-wal` file; put back, all is well again."""
    log = Path(f"{killed}-wal")
    # It may be in the main file already what was written last: then nothing is missing.
    with closing(sqlite3.connect(killed)) as other:
        other.execute("BEGIN")
        assert other.execute("SELECT count(*) FROM runs").fetchone() == (1,)
        with blocking(killed) as journal:
            journal.append(event("waited", "2", run=journal.runs()[0].run.id))
            kept = {end: Path(f"{killed}{end}").read_bytes() for end in ("", "-wal", "-mark")}
    for end, data in kept.items():
        Path(f"{killed}{end}").write_bytes(data)
    log.unlink()
    assert "commits to it are missing" in said(flowrunner("resume", cwd=tmp_path), 1)
    log.write_bytes(kept["-wal"])
    assert "unfinished" in said(flowrunner("runs", cwd=tmp_path), 0)
    assert "nothing is missing" in said(flowrunner("journal", "check", cwd=tmp_path), 0)
    assert len(texts(state)) == 2


def test_a_journal_that_is_gone_is_not_begun_anew(killed: Path, tmp_path: Path, state: EmulatorState, url: str) -> None:
    """What is left beside it says that there was one."""
    killed.unlink()
    for command in (["resume"], ["runs"], ["run", "slow.yaml", "--conversation", "c1", "--api-url", url]):
        assert "is gone, although" in said(flowrunner(*command, cwd=tmp_path), 1)
    assert len(texts(state)) == 2


def test_accepting_a_loss_leaves_nobody_to_be_sent_to_silently(tmp_path: Path) -> None:
    """Whatever had not ended is in doubt, what had stays; where whole runs are missing it is refused."""
    path, copy = tmp_path / "journal.db", tmp_path / "copy.db"

    async def write(journal: Journal) -> None:
        for run_id in ("new", "failed", "done"):
            await journal.begin(named(run_id))
        await journal.append(event("failed", run="failed"))
        await journal.append(event("finished", "", run="done"))

    with blocking(path) as journal:
        asyncio.run(write(journal))
        back_up(path, copy)
        journal.append(event("begun", run="new"))
    shutil.copy(copy, path)
    assert accept_loss(path) == 2
    with blocking(path) as journal:
        states = {each.run.id: (each.state, each.may_have_had) for each in journal.runs()}
        assert states == {"new": ("in_doubt", True), "failed": ("in_doubt", True), "done": ("finished", False)}
        journal.begin(named("later"))
    assert accept_loss(path) == 0
    shutil.copy(copy, path)
    with pytest.raises(JournalError, match="runs that were begun are missing"):
        accept_loss(path)


def test_a_backup_of_a_journal_in_use_is_one_whole_file(tmp_path: Path) -> None:
    """Also while it is written to; an existing file is replaced only if asked for, one in use never."""
    path, copy = tmp_path / "journal.db", tmp_path / "copy.db"
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from flowrunner.clock import SYSTEM; from flowrunner.journal import open_journal\n"
        "from support.journalled import RUN, event\n"
        "async def main():\n"
        "    async with open_journal(Path(sys.argv[1]), clock=SYSTEM) as journal:\n"
        "        await journal.begin(RUN)\n"
        "        for n in range(1_000_000):\n"
        "            await journal.append(event('begun', str(n)))\n"
        "            n or print('ready', flush=True)\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    more = environment(PYTHONPATH=str(Path(__file__).parents[1]))
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=more, text=True) as writer:
        try:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            for _ in range(3):
                done = flowrunner("journal", "backup", copy, "--journal", path, "--overwrite", cwd=tmp_path)
                assert "is a whole copy" in said(done, 0)
        finally:
            writer.kill()
    assert not [each for each in tmp_path.iterdir() if each.name.startswith((".", "copy.db-"))]
    with blocking(copy, read_only=True) as journal:
        steps = [each.step for each in journal.events(RUN.id)]
        assert steps == [str(n) for n in range(len(steps))]
        assert journal.incomplete is not None
    assert "is there already" in said(flowrunner("journal", "backup", copy, "--journal", path, cwd=tmp_path), 1)
    itself = flowrunner("journal", "backup", path, "--journal", path, "--overwrite", cwd=tmp_path)
    assert "is the journal itself" in said(itself, 1)


def test_a_backup_of_a_journal_at_rest_can_take_its_place(tmp_path: Path) -> None:
    """It is all there is, and says so."""
    path, copy = tmp_path / "journal.db", tmp_path / "copy.db"
    with blocking(path) as journal:
        journal.begin(RUN)
    assert back_up(path, copy).is_whole
    with blocking(copy) as journal:
        assert journal.record(RUN.id).run == RUN
    shutil.copy(copy, path)
    Path(f"{path}-mark").unlink()
    with blocking(path) as journal:
        assert journal.record(RUN.id).run == RUN


DAMAGES = {
    "UPDATE runs SET phone = '+5215512345679'": "a row of runs is not what was written",
    "UPDATE events SET step = '2'": "a row of events is not what was written",
    "UPDATE events SET detail = '{'": "an event cannot be read",
    "UPDATE flows SET target = 'http://x'": "a row of flows is not what was written",
    "UPDATE texts SET text = 'x'": "a row of texts is not what was written",
    "DELETE FROM events": "the events are not those that were counted",
    "DELETE FROM runs": "refers to one of runs that is not there",
    "UPDATE runs SET had = 'none'": "do not say what their events do",
}


@pytest.mark.tampers
@pytest.mark.parametrize("statement", DAMAGES)
def test_check_names_what_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    """Also in a file too large to be read through whenever it is opened."""
    from flowrunner.journal.sqlite import inspection
    from flowrunner.journal.sqlite.checking import check_journal

    path = tmp_path / "journal.db"

    async def write(journal: Journal) -> None:
        await journal.begin(RUN)
        await journal.append(*[event("begun"), event("accepted")])

    with blocking(path) as journal:
        asyncio.run(write(journal))
    with closing(sqlite3.connect(path)) as db:
        db.execute(statement)
        db.commit()
    monkeypatch.setattr(inspection, "CHECKED", 0)
    assert DAMAGES[statement] in " ".join(check_journal(path).damages)


def test_check_as_json(tmp_path: Path) -> None:
    """For a program that watches over journals."""
    path = tmp_path / "journal.db"
    with blocking(path) as journal:
        journal.begin(RUN)
    command = ("journal", "check", "--format", "json", "--journal", path)
    whole = {"journal": str(path), "ok": True, "runs": 1, "events": 0, "missing_runs": 0, "problems": []}
    assert json.loads(said(flowrunner(*command, cwd=tmp_path), 0)) == whole
    path.write_bytes(path.read_bytes()[:9000])
    found = json.loads(said(flowrunner(*command, cwd=tmp_path), 1))
    assert found["ok"] is False
    assert "damaged" in found["problems"][0]["message"]
    assert "there is no journal" in said(flowrunner("journal", "check", "--journal", "no.db", cwd=tmp_path), 1)


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk that was mounted to be read only, once the test has filled it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
        if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting is not allowed here")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(os.name == "nt", reason="no mount there")
def test_a_journal_on_a_read_only_disk_can_be_read(read_only: Path, tmp_path: Path) -> None:
    """By all that only read; what writes is refused, with a sentence."""
    path = read_only / "journal.db"
    with blocking(path) as journal:
        journal.begin(RUN)
    subprocess.run(["mount", "-o", "remount,ro", str(read_only)], check=True)
    journal_option = ("--journal", path)
    for command in (["runs"], ["runs", RUN.id], ["status"], ["journal", "check"]):
        said(flowrunner(*command, *journal_option, cwd=tmp_path), 0)
    said(flowrunner("journal", "backup", "copy.db", *journal_option, cwd=tmp_path), 0)
    assert "read-only" in said(flowrunner("resume", *journal_option, cwd=tmp_path), 1).lower()


def test_the_journal_is_whole_while_nothing_is_written(tmp_path: Path) -> None:
    """A second after the last commit the main file has all of it, whatever becomes of the others."""
    path = tmp_path / "journal.db"

    async def scene(journal: Journal) -> int:
        await journal.begin(RUN)
        for step in range(20):
            await journal.append(event("begun", str(step)))
        for _ in range(200):
            if events := alone(path, tmp_path / "alone.db"):
                return events
            await asyncio.sleep(0.05)
        return 0

    with blocking(path) as journal:
        assert asyncio.run(scene(journal)) == 20


def alone(path: Path, copy: Path) -> int:
    """How many events a copy of the main file alone has, if it has all."""
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as db:
        (count,) = db.execute("SELECT count(*) FROM events").fetchone()
    return count if count == 20 else 0


def test_a_run_is_in_the_main_file_before_its_first_message_leaves(tmp_path: Path) -> None:
    """Should the log be lost, it is known at least who may have been sent to."""
    path = tmp_path / "journal.db"

    async def begun(journal: Journal, run_id: str) -> bool:
        await journal.begin(named(run_id))
        await journal.append(event("begun", run=run_id))
        shutil.copy(path, tmp_path / "alone.db")
        async with open_journal(tmp_path / "alone.db", read_only=True, clock=SYSTEM) as copy:
            return await copy.record(run_id) is not None

    with blocking(path) as journal:
        for number in range(5):
            assert asyncio.run(begun(journal, f"run-{number}"))
