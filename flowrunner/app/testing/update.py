"""The tests of flows are made to say what the flows do."""

from codecs import BOM_UTF8
from collections.abc import Iterable
from pathlib import Path

from flowrunner.app.output_files import write_whole
from flowrunner.app.testing.run import Selection, is_wanted, loading, read_suites
from flowrunner.testing.updating.update import Update, updated


def update_tests(paths: Iterable[Path], selection: Selection, *, accept: bool = False) -> list[Update]:
    """Write the texts of messages and the golden chats anew that are not as they are sent; what was changed.

    Comments and layout stay, and so does what the customer says. Files that are wrong are left as they are.

    Args:
        paths: Files and folders.
        selection: Which tests.
        accept: Add turns for messages that none names, and drop those whose message never comes.
    """
    load = loading()
    read, _ = read_suites(paths, load)
    changed = []
    for its in read:
        if its.suite is None or its.flow is None:
            continue
        update = updated(its.suite, its.flow, lambda case: is_wanted(case, selection), load, accept=accept)
        if update.text != its.suite.text:
            _write(Path(update.path), update.text)
        for file, text in update.golden.items():
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            write_whole(Path(file), [text], hint="")
        if update.text != its.suite.text or update.golden:
            changed.append(update)
    return changed


def _write(path: Path, text: str) -> None:
    """The file's new text; the mark that some editors begin a file with stays."""
    mark = BOM_UTF8 if path.read_bytes().startswith(BOM_UTF8) else b""
    write_whole(path, [mark + text.encode()], hint="")
