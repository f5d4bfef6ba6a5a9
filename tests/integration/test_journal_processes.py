"""The journal among processes: killed ones, rival ones, and disks that refuse."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest

from flowrunner.journal import Claim, Journal, JournalError
from flowrunner.model import Bundle, Recipient, Run
from support.journals import blocking
from support.program import begin
from support.started import Started

PRELUDE = """
import asyncio, json, sys
from pathlib import Path
from flowrunner.clock import SYSTEM
from flowrunner.journal import *
from flowrunner.model import *

path, name = Path(sys.argv[1]), sys.argv[2]

def say(word):
    print(json.dumps(word), flush=True)

async def attempt(write):
    try:
        await write
    except JournalError as error:
        return error.message
"""

APPENDER = """
async def main():
    async with open_journal(path, clock=SYSTEM) as journal:
        async def loop(lane):
            for n in range(1_000_000):
                await journal.append(Event(EventKind.BEGUN, "r1", 1.0, f"{lane}.{n}"))
                say([lane, n])
        await asyncio.gather(*(loop(lane) for lane in range(5)))
asyncio.run(main())
"""

CLAIMER = """
async def main():
    say("ready")
    sys.stdin.readline()
    async with open_journal(path, clock=SYSTEM) as journal:
        got = [await journal.claim("api", Recipient(f"conv-{n}"), name) for n in range(100)]
    say([n for n, claim in enumerate(got) if isinstance(claim, Claim)])
asyncio.run(main())
"""

NAMER = """
NAMES = {"phone": "+52155{:08}", "user_id": "MX.{}", "conversation": "conv-{}"}
async def main():
    say("ready")
    sys.stdin.readline()
    async with open_journal(path, clock=SYSTEM) as journal:
        people = [Recipient(**{name: NAMES[name].format(n)}) for n in range(60)]
        got = [await journal.claim("api", person, name) for person in people]
    say([n for n, claim in enumerate(got) if isinstance(claim, Claim)])
asyncio.run(main())
"""

HOLDER = """
async def main():
    async with open_journal(path, clock=SYSTEM) as journal:
        claim = await journal.claim("api", Recipient("conv"), name, 0.3)
        say(claim.epochs[0])
        sys.stdin.readline()
        try:
            await journal.append(Event(EventKind.BEGUN, "r1", 1.0, "late"), claim=claim)
        except LostClaim:
            say("lost")
asyncio.run(main())
"""

FILLER = """
import resource
if name:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(name), resource.RLIM_INFINITY))

async def fill(journal):
    for n in range(1_000_000):
        event = Event(EventKind.BEGUN, "r1", 1.0, str(n), detail={"padding": "x" * 3000})
        if failure := await attempt(journal.append(event)):
            return n, failure

async def main():
    async with open_journal(path, clock=SYSTEM) as journal:
        say(await fill(journal))
        sys.stdin.readline()
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        await journal.append(Event(EventKind.FINISHED, "r1", 2.0, "last"))
        say("went on")
asyncio.run(main())
"""

OPENER = """
import os, resource
import flowrunner.journal.sqlite.opening  # as long as its files can be read

if name == "nobody":
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
elif name == "limited":
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
async def main():
    async with open_journal(path, clock=SYSTEM):
        pass

try:
    asyncio.run(main())
except JournalError as error:
    say([error.message, error.hint])
else:
    say("opened")
"""

BUNDLE = Bundle.of("welcome.yaml", "name: welcome", digest="00")
RUN = Run("r1", "welcome", BUNDLE, Recipient("c"), "emulator", {}, "now", 1.0)


class Child(NamedTuple):
    """A process with a journal."""

    process: Started
    says: IO[str]
    hears: IO[str]


@contextmanager
def child(script: str, path: Path, name: str = "") -> Iterator[Child]:
    """A Python process with a journal at ``path``, killed at the end."""
    (its_in, hears), (says, its_out) = os.pipe(), os.pipe()
    files = (its_in, its_out, sys.__stderr__.fileno())
    process = begin(PRELUDE + script, path, name, files=files, cwd=Path.cwd(), module="support.script")
    for each in (its_in, its_out):
        os.close(each)
    with process, os.fdopen(says, encoding="utf-8") as said, os.fdopen(hears, "w", encoding="utf-8") as heard:
        try:
            yield Child(process, said, heard)
        finally:
            process.kill()


def hear(its: Child) -> Any:
    """The next thing the process says."""
    return json.loads(its.says.readline())


def tell(its: Child) -> None:
    """Let a process go on that waits for a line."""
    its.hears.write("\n")
    its.hears.flush()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with one run."""
    path = tmp_path / "journal.db"
    with blocking(path) as journal:
        journal.begin(RUN)
    return path


@pytest.mark.parametrize("after", [1, 50, 400])
def test_what_returned_before_a_kill_is_there(path: Path, after: int) -> None:
    """Every append that returned is in the file of a process killed in the middle, each lane in order."""
    with child(APPENDER, path) as its:
        said = [hear(its) for _ in range(after)]
        its.process.kill()
        said += [json.loads(line) for line in its.says if line.endswith("\n")]
    with blocking(path) as journal:
        kept = [tuple(map(int, event.step.split("."))) for event in journal.events("r1")]
    assert {(lane, n) for lane, n in said} <= set(kept)
    for lane in range(5):
        numbers = [n for its, n in kept if its == lane]
        assert numbers == list(range(len(numbers)))


def test_rival_processes_share_out_the_conversations(tmp_path: Path) -> None:
    """Four processes make the same new journal at once and claim the same conversations: each goes to one of them."""
    path = tmp_path / "new" / "journal.db"
    with (
        child(CLAIMER, path, "a") as a,
        child(CLAIMER, path, "b") as b,
        child(CLAIMER, path, "c") as c,
        child(CLAIMER, path, "d") as d,
    ):
        rivals = (a, b, c, d)
        assert [hear(rival) for rival in rivals] == ["ready"] * 4
        for rival in rivals:
            tell(rival)
        shares = [hear(rival) for rival in rivals]
    assert sorted(n for share in shares for n in share) == list(range(100))


def test_people_of_three_names_are_shared_out_among_processes(path: Path) -> None:
    """Each knows them by another name; each person goes to one process, and to no other."""
    with blocking(path) as journal:
        for n in range(60):
            journal.learn("api", Recipient(f"conv-{n}", f"+52155{n:08}"))
            journal.learn("api", Recipient(f"conv-{n}", user_id=f"MX.{n}"))
    with ExitStack() as stack:
        rivals = [stack.enter_context(child(NAMER, path, name)) for name in Recipient._fields]
        assert [hear(rival) for rival in rivals] == ["ready"] * 3
        for rival in rivals:
            tell(rival)
        shares = [hear(rival) for rival in rivals]
    assert sorted(n for share in shares for n in share) == list(range(60))


def test_a_process_thought_dead_cannot_write(path: Path) -> None:
    """After its lease another takes over with the next epoch; the first, awake again, is refused."""

    async def take_over(journal: Journal) -> Claim:
        taken = await journal.claim("api", Recipient("conv"), "second")
        if isinstance(taken, Claim):
            return taken
        await asyncio.sleep(0.02)
        return await take_over(journal)

    with child(HOLDER, path, "first") as process, blocking(path) as journal:
        assert hear(process) == 1
        assert asyncio.run(take_over(journal)).epochs == (2,)
        tell(process)
        assert hear(process) == "lost"
        assert journal.events("r1") == []


def test_a_file_that_may_not_grow_is_an_error_until_it_may(path: Path) -> None:
    """The append that finds no room fails with a sentence; all earlier ones are there, and then it can go on."""
    with child(FILLER, path, "400000") as process:
        failed, message = hear(process)
        tell(process)
        assert hear(process) == "went on"
    assert failed > 10
    assert "cannot be" in message
    with blocking(path) as journal:
        assert [event.step for event in journal.events("r1")] == [*(str(n) for n in range(failed)), "last"]


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 600 KB of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder]
        if not shutil.which("mount") or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting is not allowed here")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_up(small_disk: Path) -> None:
    """The append that finds no room fails with a sentence; once there is room, all earlier ones are there."""
    path, ballast = small_disk / "journal.db", small_disk / "ballast"
    ballast.write_bytes(bytes(150_000))
    with blocking(path) as journal:
        journal.begin(RUN)
    with child(FILLER, path) as process:
        failed, message = hear(process)
        ballast.unlink()
        tell(process)
        assert hear(process) == "went on"
    assert "the disk is full" in message
    with blocking(path) as journal:
        assert [event.step for event in journal.events("r1")] == [*(str(n) for n in range(failed)), "last"]


def fill(folder: Path) -> None:
    """Leave no block free."""
    with (folder / "rest").open("wb", buffering=0) as rest:
        while True:
            rest.write(bytes(4096))


def test_a_full_disk_is_refused_before_anything_is_sent(small_disk: Path) -> None:
    """A new journal needs room, and the commit made by opening finds that there is none."""
    with pytest.raises(OSError, match="No space"):
        fill(small_disk)
    with pytest.raises(JournalError, match="cannot be"), blocking(small_disk / "journal.db"):
        pass


def test_a_new_journal_that_cannot_grow_is_refused(tmp_path: Path) -> None:
    """The commit made by opening shows it before anything is sent."""
    with child(OPENER, tmp_path / "journal.db", "limited") as process:
        message, hint = hear(process)
    assert "cannot be" in message
    assert hint


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize(
    ("folder_mode", "file_mode"),
    [(0o755, 0o644), (0o777, 0o444), (0o755, 0o666), (0o777, 0o600), (0o700, 0o666), (0o755, None)],
)
def test_a_read_only_file_or_folder_is_refused(folder_mode: int, file_mode: int | None) -> None:
    """Whether the file or its folder may not be written or seen: a sentence, before anything is sent."""
    with tempfile.TemporaryDirectory() as top:
        Path(top).chmod(0o755)
        path = Path(top) / "folder" / "journal.db"
        path.parent.mkdir()
        if file_mode is not None:
            with blocking(path) as journal:
                journal.begin(RUN)
            path.chmod(file_mode)
        path.parent.chmod(folder_mode)
        with child(OPENER, path, "nobody") as process:
            message, hint = hear(process)
    assert "cannot be" in message
    assert hint
