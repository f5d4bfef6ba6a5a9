"""The test files of flows that have changed: what they say is put right, as far as that is asked for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.diagnostics import Location
from flowrunner.flow import Loaded
from flowrunner.source.document import line_starts
from flowrunner.testing.golden import drawn
from flowrunner.testing.literal import has_column, literally
from flowrunner.testing.outcomes import Failure, Outcome
from flowrunner.testing.reading import read_text
from flowrunner.testing.trying import tried
from flowrunner.testing.turns import Bot
from flowrunner.testing.updating.scalars import with_text
from flowrunner.testing.updating.turns import with_turn, without_turn
from flowrunner.testing.values import Case, Golden, Suite

_MOST: Final = 500
"""The most changes to one file: each is played anew."""


class Update(NamedTuple):
    """A test file put right.

    Attributes:
        path: Its path.
        text: Its text.
        texts: How many texts of messages are other than before.
        turns: How many turns were added or dropped.
        golden: The golden chats that are to be written: the text by the file's path.
    """

    path: str
    text: str
    texts: int
    turns: int
    golden: dict[str, str]


def updated(
    suite: Suite, flow: Loaded, wanted: Callable[[Case], bool], load: Callable[[Path], Loaded], *, accept: bool
) -> Update:
    """Put a test file right: the texts of its messages, its golden chats, and with ``accept`` its turns.

    Args:
        suite: The file.
        flow: Its flow.
        wanted: Tells which of its tests are looked at.
        load: Reads the flow when the changed file is read again.
        accept: Add a turn for a message that none names, and drop one whose message never comes.
    """
    found = Update(suite.path, suite.text, 0, 0, {})
    done: set[tuple[str, int, str]] = set()
    for name in [case.name for case in suite.cases if wanted(case)]:
        for _ in range(_MOST):
            case = next(case for case in suite.cases if case.name == name)
            outcome = tried(case, flow)
            if case.golden is not None:
                found = found._replace(golden={**found.golden, **_golden(case.golden, outcome)})
                break
            changed = next(_changed(found, suite, outcome, done, accept=accept), None)
            read = read_text(changed.text, Path(suite.path), load) if changed is not None else None
            if changed is None or read is None or read.suite is None:
                break  # nothing mends it, or what would is no test file any more
            found, suite = changed, read.suite
    return found


def _golden(golden: Golden, outcome: Outcome) -> dict[str, str]:
    """The golden chat that is to be written; nothing where it is as it should be, or was not played to its end."""
    differs = any(failure.at == golden.at for failure in outcome.failures)
    text = drawn(outcome)
    return {golden.file: text} if differs and text is not None else {}


def _changed(
    found: Update, suite: Suite, outcome: Outcome, done: set[tuple[str, int, str]], *, accept: bool
) -> Iterator[Update]:
    """The file with what mends the failure of a turn; nothing where that is not to be mended."""
    case = outcome.case
    failure = next((each for each in outcome.failures if each.turn), None)
    if failure is None or outcome.verdict == "internal":
        return
    turn = case.turns[failure.turn - 1]
    if isinstance(turn, Bot) and _is_text(turn, failure):
        # What a column is filled into, or two tests of a table say differently, is the author's to change.
        key = (case.name, failure.turn, str(failure.expected))
        if has_column(_written(suite.text, failure.at)) or key in done:
            return
        done.add(key)
        if (text := with_text(suite.text, failure.at, literally(str(failure.got)))) is not None:
            yield found._replace(text=text, texts=found.texts + 1)
    elif accept and failure.amends and sum(each.at == case.at for each in suite.cases) == 1:
        text = _with_amends(suite.text, failure)
        if text is not None:
            yield found._replace(text=text, turns=found.turns + 1)


def _with_amends(text: str, failure: Failure) -> str | None:
    if failure.amends == "drop":
        return without_turn(text, failure.at)
    return with_turn(text, failure.at, literally(str(failure.got)), below=failure.amends == "add below")


def _is_text(turn: Bot, failure: Failure) -> bool:
    """Whether it failed since a text is another one."""
    if failure.expected is None or failure.got is None:
        return False
    equal = (each for check in turn.checks for each in check.predicates if each.kind == "equals")
    return any(each.at == failure.at and isinstance(each.value, str) for each in equal)


def _written(text: str, at: Location) -> str:
    starts = line_starts(text)
    return text[starts[at.line - 1] + at.column - 1 : starts[at.end_line - 1] + at.end_column - 1]
