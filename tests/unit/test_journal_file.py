"""The journal's file: private, checked when it is opened, and honest about what is wrong with it."""

import asyncio
import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.journal import JournalAwayError, JournalError, open_journal
from flowrunner.journal.sqlite import file, log, making
from flowrunner.journal.sqlite.inspection import VERSION
from flowrunner.journal.sqlite.mark import mark_of
from flowrunner.journal.sqlite.migrations import MIGRATIONS
from flowrunner.model import Bundle, Event, EventKind, Recipient, Run
from support.journals import Blocking, blocking

BUNDLE = Bundle.of("welcome.yaml", "name: welcome", digest="00")
RUN = Run("r1", "welcome", BUNDLE, Recipient("c"), "emulator", {}, "now", 1.0)


def begin(path: Path, *runs: Run) -> None:
    """Make a journal with these runs, three hundred events each, and close it."""

    async def write() -> None:
        async with open_journal(path, clock=SYSTEM) as journal:
            for run in runs or (RUN,):
                await journal.begin(run)
                await journal.append(*[Event(EventKind.BEGUN, run.id, 1.0, str(n)) for n in range(300)])

    asyncio.run(write())


@pytest.fixture
def bare_umask() -> Iterator[None]:
    """Everything the program creates is open to all, unless it takes care."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("bare_umask")
def test_files_and_folders_are_private(tmp_path: Path) -> None:
    """The journal and its companions are 0600, the folders made for it 0700, whatever the umask."""
    path = tmp_path / "new" / "deep" / "journal.db"
    with blocking(path) as journal:
        journal.begin(RUN)
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        names = ("journal.db", "journal.db-wal", "journal.db-shm", "journal.db-mark")
        assert modes == dict.fromkeys(names, 0o600)
        assert [folder.stat().st_mode & 0o777 for folder in (path.parent, path.parent.parent)] == [0o700, 0o700]


@pytest.mark.parametrize("name", ["with space.db", "100%25?mode=memory#x.db", "día.db", "-.db"])
def test_any_file_name_is_taken_as_it_is(tmp_path: Path, name: str) -> None:
    """No character of a name has a meaning of its own."""
    begin(tmp_path / name)
    assert sorted(file.name for file in tmp_path.iterdir()) == [name, f"{name}-mark"]


def open_and_close(path: Path) -> None:
    with blocking(path):
        pass


def test_two_threads_may_make_the_file_at_once(tmp_path: Path) -> None:
    """Both have the one that came first."""
    paths = [tmp_path / "journal.db"] * 8
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(open_and_close, paths):
            pass
    assert sorted(file.name for file in tmp_path.iterdir()) == ["journal.db", "journal.db-mark"]


def test_a_lock_of_another_program_is_waited_for(tmp_path: Path) -> None:
    """Opening commits, and takes its turn."""
    path = tmp_path / "journal.db"
    begin(path)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.1, other.rollback)
        done.start()
        with blocking(path):
            done.join()


def scribble(path: Path) -> None:
    """Overwrite a page in the middle with noise."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(bytes(range(256)) * 16)


def change(*statements: str) -> Callable[[Path], None]:
    """Do this to the file with another program."""

    def done(path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            for statement in statements:
                db.execute(statement)
            db.commit()

    return done


def foreign(path: Path) -> None:
    """Put another program's database in the journal's place."""
    path.unlink()
    change("CREATE TABLE theirs (x)")(path)


def empty_database(path: Path) -> None:
    """Leave what an older flowrunner's journal was without its `-wal` file: a page without a table."""
    path.unlink()
    change("PRAGMA journal_mode = WAL")(path)
    assert path.stat().st_size == 4096


def pipe(path: Path) -> None:
    """Put a named pipe in the journal's place."""
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    """Put a folder in the journal's place."""
    path.unlink()
    path.mkdir()


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("This is no database at all.\n" * 100), "is not a journal"),
    "a few bytes": (lambda path: path.write_bytes(b"SQLite"), "is not a journal"),
    "cut in the middle": (lambda path: os.truncate(path, path.stat().st_size // 2), "is damaged"),
    "cut in the header": (lambda path: os.truncate(path, 60), "is not a journal|is damaged"),
    "noise": (lambda path: path.write_bytes(bytes(range(256)) * 100), "is not a journal"),
    "noise in the middle": (scribble, "is damaged"),
    "newer": (change("PRAGMA user_version = 99"), "newer flowrunner .*version 99"),
    "version -1": (change("PRAGMA user_version = -1"), "is damaged: it says that its version is -1"),
    "version 0": (change("PRAGMA user_version = 0"), "is damaged: it says that its version is 0"),
    "version 3": (change("PRAGMA user_version = 3"), "is damaged|older copy"),
    "version 2147483647": (change("PRAGMA user_version = 2147483647"), "newer flowrunner"),
    "version -2147483648": (change("PRAGMA user_version = -2147483648"), "is damaged"),
    "no mark of ours": (change("PRAGMA application_id = 0"), "another program's database"),
    "nothing": (lambda path: os.truncate(path, 0), "is empty"),
    "no table": (empty_database, "is empty"),
    "pipe": (pipe, "is not a file"),
    "foreign": (foreign, "another program's database"),
    "foreign with a mark": (change("PRAGMA application_id = 5"), "another program's database"),
    "folder": (folder, "is a folder"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_is_no_good_is_refused_and_left_alone(tmp_path: Path, fault: str) -> None:
    """One sentence with the file's name, a hint, and not a byte is changed."""
    path = tmp_path / "journal.db"
    begin(path)
    spoil, words = FAULTS[fault]
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(JournalError, match=words) as caught:
        open_and_close(path)
    assert str(path) in caught.value.message
    assert caught.value.hint
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    """The folder cannot be made, and the error says so."""
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="cannot be made"):
        open_and_close(tmp_path / "file" / "journal.db")


def test_a_link_to_nowhere_is_refused(tmp_path: Path) -> None:
    """A broken link is not quietly filled with a new journal."""
    (tmp_path / "journal.db").symlink_to(tmp_path / "gone" / "journal.db")
    with pytest.raises(JournalError, match="cannot be made"):
        open_and_close(tmp_path / "journal.db")


def test_a_lock_that_lasts_is_an_error_and_then_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every caller of the commit is told; when the lock is gone, writing goes on."""
    path = tmp_path / "journal.db"
    begin(path)
    monkeypatch.setattr(log, "PATIENCE", 0.05)

    async def scene(journal: Blocking, other: sqlite3.Connection) -> Sequence[object]:
        other.execute("BEGIN IMMEDIATE")
        events = [Event(EventKind.BEGUN, "r1", 2.0, f"x{n}") for n in range(3)]
        answers = await asyncio.gather(*map(journal.append, events), return_exceptions=True)
        other.rollback()
        await journal.append(Event(EventKind.FINISHED, "r1", 3.0))
        return answers

    with (
        blocking(path) as journal,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        answers = asyncio.run(scene(journal, other))
        assert [type(answer) for answer in answers] == [JournalAwayError] * 3
        assert all("is locked by another program" in str(answer) for answer in answers)
        assert [event.step for event in journal.events("r1")][300:] == [""]


@pytest.mark.parametrize("put_another", [False, True])
def test_a_journal_taken_away_while_open_is_noticed(tmp_path: Path, put_another: bool) -> None:
    """Nothing is called durable that went into a deleted file."""
    path = tmp_path / "journal.db"
    begin(path)
    with blocking(path) as journal:
        for file in tmp_path.iterdir():
            file.unlink()
        if put_another:
            begin(path)
        with pytest.raises(JournalError, match="moved, replaced or deleted"):
            journal.append(Event(EventKind.BEGUN, "r1", 2.0))


def test_the_version_is_the_number_of_changes() -> None:
    """Who opens a journal of this version loads none of them."""
    assert len(MIGRATIONS) == VERSION


def test_two_that_make_a_journal_at_once_have_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second would write while the first still looks whether there has been a journal: it waits for its turn."""
    path, is_open, may_end = tmp_path / "journal.db", threading.Event(), threading.Event()

    def second() -> None:
        with blocking(path) as journal:
            journal.begin(RUN)
            is_open.set()
            may_end.wait(60)

    other = threading.Thread(target=second)
    check_gone = making.check_gone

    def overtaken(path: Path) -> None:
        if not other.ident:
            other.start()
            is_open.wait(0.1)
        check_gone(path)

    monkeypatch.setattr(making, "check_gone", overtaken)
    with blocking(path):
        is_open.wait(60)
        may_end.set()
        other.join()
    with blocking(path) as journal:
        assert journal.record(RUN.id) is not None
    assert mark_of(path).exists()


def test_a_reader_in_the_way_does_not_keep_the_file_from_saying_that_a_process_writes(tmp_path: Path) -> None:
    """The next commit says so: the file alone, without its log and its mark, is no journal then."""
    begin(path := tmp_path / "journal.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT 1 FROM runs").fetchone()
        with blocking(path) as first:
            first.claim(RUN.target, RUN.recipient, "me")  # need not wait for the disk: the log alone says so
            with blocking(path) as second:
                second.append(Event(EventKind.BEGUN, RUN.id, 2.0, "301"))
                reader.execute("ROLLBACK")
                second.append(Event(EventKind.BEGUN, RUN.id, 2.0, "302"))
                alone = Path(shutil.copy(path, tmp_path / "alone.db"))
    with pytest.raises(JournalError, match="may be incomplete"), blocking(alone):
        pass


@pytest.mark.parametrize("fails", ["sync", "sync_folder"])
def test_a_mark_that_cannot_be_kept_is_let_go_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    """Whoever tries again for days has no more files open than before."""
    begin(path := tmp_path / "journal.db")
    mark_of(path).unlink()

    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(file, fails, full)
    with pytest.raises(JournalError), blocking(path):
        pass
    assert str(mark_of(path)) not in [os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()]


FIRST: dict[str, Callable[[Blocking], object]] = {
    "a run": lambda journal: journal.begin(RUN._replace(id="r2")),
    "a message": lambda journal: journal.append(Event(EventKind.BEGUN, RUN.id, 2.0, "301")),
    "an opt-out": lambda journal: journal.opt_out(RUN.target, RUN.recipient, "stop", 1.0),
}
"""What a process may write first that a power cut must not take."""


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("write", FIRST.values(), ids=FIRST)
def test_a_copy_of_the_file_alone_is_no_journal_once_something_is_kept(
    tmp_path: Path, write: Callable[[Blocking], object], alone: bool
) -> None:
    """By one process, or beside one that has written nothing that would be missed."""
    begin(path := tmp_path / "journal.db")

    def copied(name: str) -> Path:
        return Path(shutil.copy(path, tmp_path / name))

    with blocking(path) as journal:
        journal.claim(RUN.target, RUN.recipient, "me")
        with blocking(copied("before.db")) as copy:
            assert [record.run.id for record in copy.runs()] == [RUN.id]
        with nullcontext(journal) if alone else blocking(path) as writing:
            write(writing)
            after = copied("after.db")
        with pytest.raises(JournalError, match="may be incomplete"), blocking(after):
            pass
