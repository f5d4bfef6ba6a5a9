"""A journalled run becomes a test beside its flow: redacted, and saved only where it passes."""

from collections.abc import Collection, Mapping, Sequence
from os.path import relpath
from pathlib import Path
from typing import Any, NamedTuple

from flowrunner.app.output_files import write_whole
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.flow import Loaded, load_bundle, load_file
from flowrunner.journal import RunRecord
from flowrunner.model import Event
from flowrunner.source import read
from flowrunner.testing.golden import drawn
from flowrunner.testing.reading import read_text
from flowrunner.testing.recording.leaks import leak_in
from flowrunner.testing.recording.record import PERSONS, Recording, Replaced, record
from flowrunner.testing.recording.takes import Recorded
from flowrunner.testing.recording.writing import as_item, in_file, inline
from flowrunner.testing.trying import tried


class Saved(NamedTuple):
    """A test that passes.

    Attributes:
        path: The test file that it belongs to.
        text: That file's whole text, with it.
        flow: How that file names its flow.
        item: The test alone, as text.
        golden: The path and the text of its golden chat; None where it has none.
        replaced: What of the run is not in it.
        note: What else to know; empty for nothing.
        known: The name of the test by which the file says the same already; empty for none.
    """

    path: Path
    text: str
    flow: str
    item: str
    golden: tuple[Path, str] | None
    replaced: tuple[Replaced, ...]
    note: str
    known: str

    def save(self) -> None:
        """Write it."""
        if self.golden is not None:
            self.golden[0].parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.golden[0], [self.golden[1]])
        write_whole(self.path, [self.text])


def record_run(
    found: RunRecord, events: Sequence[Event], *, flow: Path | None = None, output: Path | None = None,
    keep: Collection[str] = (), golden: bool = False,
) -> Saved:  # fmt: skip
    """A test of a run; to be called where no event loop runs, since it is played.

    Args:
        found: The run.
        events: What its journal has of it.
        flow: The flow's file; None for the one that it was sent from.
        output: The test file; None for the one beside the flow. It gets the test below those that it has.
        keep: The names of values that stay as they are.
        golden: Hold the chat against a text file.

    Raises:
        RefusedError: It cannot become one.
    """
    run = found.run
    path = flow or Path(run.bundle.path)
    loaded = load_file(path)
    if loaded.flow is None or any(each.is_error for each in loaded.diagnostics):
        wrong = next((each.message for each in loaded.diagnostics if each.is_error), "it has errors")
        raise RefusedError(f"{path}, the flow of the run, cannot be read: {wrong}", "name its file with --flow")
    changed = loaded.flow.bundle.files != run.bundle.files
    recording = record(Recorded(run, events, found.phase, load_bundle(run.bundle), loaded), keep)
    note = f"{path} was changed after the run: this is a test of it as it is now" if changed else ""
    return _checked(recording, path, output or path.with_suffix(".test.yaml"), run.now[:10], note, golden=golden)


def _checked(recording: Recording, flow: Path, path: Path, day: str, note: str, *, golden: bool) -> Saved:
    try:
        before = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        before = ""
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"{path} cannot be read: {error}", "name another file with --output") from None
    name = _free(f"recorded on {day}", before)
    file = Path("golden") / f"{flow.stem}.{name.replace(' ', '-').replace('(', '').replace(')', '')}.chat"
    item = as_item(name, recording.draft, file.as_posix() if golden else "")
    named = Path(relpath(flow, path.parent)).as_posix()
    text = in_file(before, named, item)
    if text is None:
        raise RefusedError(f"the tests of {path} do not stand in lines of their own", "name a new file with --output")
    whole = read_text(text, path)
    if whole.suite is None or whole.flow is None:
        wrong = next(each for each in whole.diagnostics if each.is_error)
        raise RefusedError(f"{path} would not be right: {wrong.message}", "name a new file with --output")
    if Path(whole.suite.flow).resolve() != flow.resolve():
        raise RefusedError(f"{path} has the tests of another flow, {whole.suite.flow}", "name another with --output")
    case = next(each for each in whole.suite.cases if each.name == name)
    outcome = tried(case, whole.flow)
    chat = drawn(outcome) if golden else None
    failed = [each for each in outcome.failures if case.golden is None or each.at != case.golden.at]
    if failed or (golden and chat is None) or outcome.verdict == "internal":
        why = f"turn {failed[0].turn}: {failed[0].says}" if failed else outcome.internal[-200:]
        raise RefusedError(
            f"nothing is saved, for the test does not pass: {why}", "record it with --output to a new file"
        )
    known = _nobodys(recording, whole.flow, day)
    _hold_back(item, path, recording, known)
    if chat is not None:
        _hold_back(chat, path.parent / file, recording, known)
    kept = (path.parent / file, chat) if chat is not None else None
    return Saved(path, text, named, item, kept, recording.replaced, note, _known(item, before))


def _known(item: str, before: str) -> str:
    """What a test of the file is called that says the same; empty for none."""
    (new, _), (there, _) = read(item, ""), read(before, "")
    if new is None or there is None:
        return ""
    return next((str(each["name"]) for each in there.data["tests"] if _says(each) == _says(new.data[0])), "")


def _says(test: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a test says, whatever it and its golden chat are called."""
    chat = test["chat"]
    return {**test, "name": "", "chat": chat.get("answers") if isinstance(chat, Mapping) else chat}


def _nobodys(recording: Recording, flow: Loaded, day: str) -> str:
    """What stands in a test and is no secret of its run: what the flow says, the stand-ins, moments and places."""
    its = recording.draft.given
    files = flow.flow.bundle.files.values() if flow.flow is not None else ()
    return "\n".join(
        [*files, *(each.now for each in recording.replaced), day, inline(its.get("now")), inline(its.get("recipient"))]
    )


def _hold_back(text: str, path: Path, recording: Recording, known: str) -> None:
    """See that nothing of the run's person stands in what is about to be written.

    Raises:
        RefusedError: Something does.
    """
    leak = leak_in(text, recording.secrets, known)
    if leak is not None:
        message = f"nothing is saved, for the {leak.name} of the run would stand in {path}: {leak.text}"
        hint = f"keep it with --keep {leak.name}, if nobody's secret is in it"
        if leak.name in PERSONS:
            hint = "record it without the --keep that has it in it"
        raise RefusedError(message, hint)


def _free(name: str, text: str) -> str:
    """A name that no test of the file has."""
    number = 1
    while (its := name if number == 1 else f"{name} ({number})") in text and f"name: {its}\n" in text:
        number += 1
    return its
