"""What a test file says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from flowrunner.diagnostics import Location
from flowrunner.dialects import DIALECTS
from flowrunner.model.plain import NOTHING, Json
from flowrunner.model.recipients import EXAMPLE_RECIPIENT, Recipient
from flowrunner.testing.turns import Check, Turn

EndWord = Literal["finished", "failed", "stopped", "waiting", "in_doubt", "opted_out", "handed_over"]
"""How a run has ended, or that it has not: what ``ends`` may be."""

BEGINS = datetime(2026, 1, 5, 10, 0)  # by the recipient's clock, whichever that is
"""When a test begins that does not say it: a Monday morning."""


class Given(NamedTuple):
    """What is so before the first turn.

    Attributes:
        vars: The flow's variables, as ``--vars`` takes them.
        recipient: Whom it is sent to.
        timezone: By which clock they live; empty for their phone's.
        language: In which language they are written to; empty lets the flow decide.
        now: When the run begins; by the recipient's clock where it has no offset.
        dialect: By which API it is sent.
        window: Whether free text may be sent to them at first.
        places: Where each variable stands, by name; under the empty name, the language.
    """

    vars: Mapping[str, Json] = NOTHING
    recipient: Recipient = EXAMPLE_RECIPIENT
    timezone: str = ""
    language: str = ""
    now: datetime = BEGINS
    dialect: str = DIALECTS[0]
    window: bool = True
    places: Mapping[str, Location] = NOTHING


class Word(NamedTuple):
    """A word of the file, and where it stands."""

    word: str
    at: Location


class Words(NamedTuple):
    """A list of words, and where it stands."""

    words: tuple[Word, ...]
    at: Location


class After(NamedTuple):
    """What is so after the last turn. Of what is None, or empty, nothing is asked.

    Attributes:
        ends: An `EndWord`.
        vars: Of what later steps could read: inputs, and what was answered.
        warnings: The codes of what flowrunner warned of, in any order, and no others.
        events: In their order; others may lie between them. The words are those of ``flowrunner runs``.
        sent: Of counts: ``messages`` that the API took, ``requests`` that it got.
        doubled: How many messages the phone has twice; it is 0 where a test does not say it.
    """

    ends: Word | None = None
    vars: tuple[Check, ...] = ()
    warnings: Words | None = None
    events: Words | None = None
    sent: tuple[Check, ...] = ()
    doubled: Check | None = None


class Golden(NamedTuple):
    """A chat that is compared as a whole.

    Attributes:
        file: The path of the text that it is held against.
        answers: What the customer says, one for each time that the flow waits for them; a `Wait` lets time pass.
        at: Where the file is named.
    """

    file: str
    answers: tuple[Turn, ...]
    at: Location


class Case(NamedTuple):
    """One test.

    Attributes:
        name: Unique in its file.
        at: Where the name stands.
        given: That of the file and its own, put together.
        turns: The chat; empty where it is a golden one.
        after: What is so in the end.
        golden: See `Golden`.
    """

    name: str
    at: Location
    given: Given
    turns: tuple[Turn, ...]
    after: After = After()
    golden: Golden | None = None


class Suite(NamedTuple):
    """One test file.

    Attributes:
        path: Its path, as it was named.
        flow: The path of the flow that it is about.
        cases: Its tests, in order; one of a table for each of its rows.
        text: The file's text, for excerpts.
    """

    path: str
    flow: str
    cases: tuple[Case, ...]
    text: str
