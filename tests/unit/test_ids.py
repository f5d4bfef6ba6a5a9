"""Runs and campaigns are found by what their ids begin with; who means several is told which."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from flowrunner.app.runs.find import find, find_campaign, find_run
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.journal.sqlite.memory import MemoryJournal
from support.journalled import CAMPAIGN, named

RUNS, CAMPAIGNS = ("k3w0", "k3w1", "a", "ab", "c7", *(f"m{number}" for number in range(7))), ("c7x2", "c7x3", "d1")


@pytest.fixture
def journal() -> Iterator[MemoryJournal]:
    with closing(MemoryJournal(SYSTEM)) as journal:

        async def fill() -> None:
            for run_id in RUNS:
                await journal.begin(named(run_id))
            for campaign_id in CAMPAIGNS:
                await journal.begin_campaign(CAMPAIGN._replace(id=campaign_id))

        asyncio.run(fill())
        yield journal


@pytest.mark.parametrize(
    ("asked", "found"),
    [("k3w0", "k3w0"), ("a", "a"), ("ab", "ab"), ("d", "d1"), ("c7x2", "c7x2"), ("c7", "c7"), ("m6", "m6")],
)
def test_an_id_is_found_by_itself_or_by_how_it_alone_begins(journal: MemoryJournal, asked: str, found: str) -> None:
    """Also where others begin with all of it."""
    its = asyncio.run(find(asked, journal))
    assert getattr(its, "run", its).id == found


@pytest.mark.parametrize(
    ("finding", "asked", "said", "hint"),
    [
        (find, "x", "no run matches x", "`runs` lists them"),
        (find, "", "no run matches ''", "`runs` lists them"),
        (find, "%", "no run matches %", "`runs` lists them"),
        (find, "a\udcff", r"no run matches 'a\udcff'", "`runs` lists them"),
        (find_campaign, "\0", r"no campaign matches '\x00'", "`runs` lists them"),
        (find, "k3", "more than one run matches k3: k3w1, k3w0", "give more of its id"),
        (find, "c", "more than one run matches c: c7x3, c7x2, c7", "give more of its id"),
        (find, "m", "more than one run matches m: m6, m5, m4, m3, m2 and more", "give more of its id"),
        (find_campaign, "k3w0", "no campaign matches k3w0", "`runs` lists them"),
        (find_campaign, "c7", "more than one campaign matches c7: c7x3, c7x2", "give more of its id"),
        (find_run, "d1", "no run matches d1", "`runs` lists them"),
        (find_run, "k3", "more than one run matches k3: k3w1, k3w0", "give more of its id"),
    ],
)  # fmt: skip
def test_who_is_not_found_is_told_why(journal: MemoryJournal, finding: Any, asked: str, said: str, hint: str) -> None:
    """Nobody; or several, by name. An empty id, as a script has it by mistake, is none."""
    with pytest.raises(RefusedError) as refused:
        asyncio.run(finding(asked, journal, "`runs` lists them"))
    assert (refused.value.message, refused.value.hint) == (said, hint)
