"""Whatever becomes of a journal's files: it continues with all there was, or is refused. Nothing is sent twice."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from flowrunner.journal import JournalError
from flowrunner.journal.sqlite import inspection
from flowrunner.journal.sqlite.checking import check_journal
from support import torn
from support.journals import blocking
from support.slices import crossed
from support.torn import ENDS, World, copy_journal, flip, go_on, killed, places, world_of

STATES = ("alone", "many", "clean")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Path], World]:
    """Journals as kills left them, and what was sent."""
    return killed(tmp_path_factory.mktemp("made"))


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "journal.db"


def outcome(path: Path, world: World) -> str:
    """What a user gets who continues: ``continued`` or ``refused``; anything else fails the test."""
    with suppress(JournalError), blocking(path, read_only=True):
        pass
    with suppress(JournalError):
        check_journal(path)
    refusal = None
    try:
        go_on(path, world)
    except JournalError as error:
        refusal = error
    assert not world.doubled
    if refusal is None:
        complete(world)
        return "continued"
    assert str(path) in refusal.message
    assert refusal.hint
    return "refused"


def complete(world: World) -> None:
    """Everybody has everything."""
    for conversation in torn.SINGLE:
        if not conversation.startswith("refused"):
            assert world.got[conversation] == ["one", "two", "three"], world.got
    many = [conversation for conversation in torn.AUDIENCE if conversation in world.got]
    assert len(many) in (0, len(torn.AUDIENCE))
    for conversation in many:
        assert world.got[conversation] == ["many one", "many two"], world.got


@pytest.mark.parametrize("state", STATES)
def test_what_a_kill_left_continues(made: tuple[dict[str, Path], World], path: Path, state: str) -> None:
    """Nothing became of the files."""
    copies, world = made
    copy_journal(copies[state], path)
    assert outcome(path, world_of(state, world)) == "continued"


DEEDS: dict[str, Callable[[Path, Path], object]] = {
    "missing": lambda file, _: file.unlink(),
    "empty": lambda file, _: file.write_bytes(b""),
    "half": lambda file, _: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "cut short": lambda file, _: file.write_bytes(file.read_bytes()[:-1]),
    "noise": lambda file, _: file.write_bytes(Random(1).randbytes(file.stat().st_size)),  # noqa: S311
    "older": lambda file, older: shutil.copy(older, file) if older.exists() else file.unlink(),
}


@pytest.mark.sliced
@pytest.mark.parametrize(("state", "end", "deed"), crossed(2, STATES, ENDS, DEEDS))
def test_no_file_can_go_unnoticed(
    made: tuple[dict[str, Path], World], path: Path, state: str, end: str, deed: str
) -> None:
    """Each file missing, empty, cut, filled with noise, or put back from an older copy."""
    copies, world = made
    copy_journal(copies[state], path)
    file = Path(f"{path}{end}")
    if not file.exists():
        pytest.skip("it has no such file")
    DEEDS[deed](file, Path(f"{copies['early']}{end}"))
    got = outcome(path, world_of(state, world))
    if end == "-shm":
        assert got == "continued"
    if end == "" and deed in ("missing", "empty", "noise"):
        assert got == "refused"


@pytest.mark.parametrize("state", ["alone", "many"])
@pytest.mark.parametrize("kept", [("",), ("", "-wal"), ("", "-shm"), ("", "-mark")])
def test_a_copy_of_some_files_is_refused_or_whole(
    made: tuple[dict[str, Path], World], path: Path, state: str, kept: tuple[str, ...]
) -> None:
    """Who copies the main file alone, of a process that was killed, has not all of it, and is told so."""
    copies, world = made
    copy_journal(copies[state], path)
    for end in ENDS:
        if end not in kept:
            Path(f"{path}{end}").unlink(missing_ok=True)
    assert outcome(path, world_of(state, world)) == "refused"
    with blocking(path, read_only=True) as journal:
        assert journal.incomplete is not None


def test_a_copy_of_the_main_file_alone_is_whole_after_a_good_end(
    made: tuple[dict[str, Path], World], path: Path
) -> None:
    """There is nothing beside it then."""
    copies, world = made
    shutil.copy(copies["clean"], path)
    assert outcome(path, world.copy()) == "continued"


@pytest.mark.parametrize("seed", range(33))
def test_a_flip_anywhere_is_harmless_or_noticed(made: tuple[dict[str, Path], World], path: Path, seed: int) -> None:
    """One byte of one file, in a part of it that the seed chooses."""
    copies, world = made
    dice = Random(seed)  # noqa: S311
    state = STATES[seed % 3]
    copy_journal(copies[state], path)
    found = places(path, dice)
    flip(path, *found[[*found][seed // 3 % len(found)]], dice)
    outcome(path, world_of(state, world))


@pytest.mark.soak
@pytest.mark.parametrize("large", [False, True])
def test_thousands_of_flips(
    made: tuple[dict[str, Path], World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    """The same, 200 at every kind of place; and as if the file were too large to be read through when it is opened."""
    copies, world = made
    found: Counter[tuple[str, str]] = Counter()
    if large:
        monkeypatch.setattr(inspection, "CHECKED", 0)
    dice = Random(7)  # noqa: S311
    for round_ in range(200):
        state = STATES[round_ % 3]
        for part in places(copies[state], dice):
            if large and part in ("header", "schema", "page"):
                continue  # only `journal check` reads all of those
            path = tmp_path / f"{round_}-{part}" / "journal.db"
            copy_journal(copies[state], path)
            flip(path, *places(path, dice)[part], dice)
            found[part, outcome(path, world_of(state, world))] += 1
            shutil.rmtree(path.parent)
    assert all(found[part, "refused"] for part in {part for part, _ in found} - {"shm", "mark", "mark, a line"})
    assert not any(found[part, "refused"] for part in ("shm", "mark", "mark, a line"))
