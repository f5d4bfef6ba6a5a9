"""A million runs may be parked: what is asked of them looks at those that it is about, by an index."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrunner.client.access import target_key
from flowrunner.journal.many import Beginning
from flowrunner.journal.work import Terms
from flowrunner.model import EventKind, Inbound, Recipient, Told
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking, blocking, traced

WHO = Recipient("conv-1", "+5215512345678", "MX.1")
SAID = Inbound("wamid.1", 1.0, "text", "hi", other_id="m-9")
CALLS: dict[str, Callable[[Blocking], Any]] = {
    "hear": lambda journal: journal.hear(RUN.target, [(WHO, SAID)]),
    "hear again": lambda journal: [journal.hear(RUN.target, [(WHO, SAID)]) for _ in range(2)],
    "tell": lambda journal: journal.tell(RUN.target, [Told(("wamid.x", "m-1"), EventKind.READ, 1.0)]),
    "tell by reference": lambda journal: journal.tell(
        RUN.target, [Told(("x",), EventKind.READ, 1.0, "", "fr:k3v9:2:1")]
    ),
    "news": lambda journal: journal.news(RUN.id, 1),
    "due": lambda journal: journal.due([RUN.target], 9e9, 5),
    "next_due": lambda journal: journal.next_due([RUN.target]),
    "wake": lambda journal: journal.wake(CAMPAIGN.id, 9e9, 5),
    "listening_since": lambda journal: journal.listening_since(RUN.target),
    "asked_last": lambda journal: journal.asked_last(RUN.target),
    "asking": lambda journal: journal.asking(RUN.target),
    "hears": lambda journal: journal.hears(RUN.target, WHO),
    "busy_with": lambda journal: journal.busy_with(RUN.target, WHO, ""),
    "opt_out": lambda journal: journal.opt_out(RUN.target, WHO, "stop", 1.0),
    "opted_out": lambda journal: journal.opted_out(RUN.target, [WHO]),
    "opt_in": lambda journal: journal.opt_in(RUN.target, WHO),
    "an opted_out event": lambda journal: journal.append(event("opted_out", "")),
}


def test_no_table_that_grows_with_the_people_is_read_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As SQLite plans each statement of a call."""
    statements = traced(monkeypatch)
    path, asked = tmp_path / "journal.db", dict[str, list[str]]()
    with blocking(path) as journal:
        journal.begin(named(RUN.id, recipient=WHO, listens=True))
        journal.append(event("begun"), event("accepted", message_id="m-1"), event("begun", "2"))
        journal.append(event("asked", detail={"wake_at": 5.0}))
        journal.begin_campaign(CAMPAIGN._replace(listens=True))
        journal.begin_runs(CAMPAIGN.id, [beginning(n) for n in range(200)])
        journal.append(*(event("asked", run=f"r{n:04}", detail={"wake_at": 5.0}) for n in range(200)))
        journal.opt_out(RUN.target, Recipient(phone="+34600000001"), "stop", 1.0)
        for name, call in CALLS.items():
            statements.clear()
            call(journal)
            asked[name] = [each for each in statements if re.match(r"\s*(SELECT|WITH|UPDATE|INSERT|DELETE)", each)]
    with closing(sqlite3.connect(path)) as db:
        db.create_function("target_key", 1, target_key, deterministic=True)
        every = [each for its in asked.values() for each in its]
        plans = [(row[3], each) for each in every for row in db.execute(f"EXPLAIN QUERY PLAN {each}")]
    grows = re.compile(r"SCAN (runs|events|names|optouts|other|one)\b")
    assert not [(plan, each) for plan, each in plans if grows.match(plan) and "LIMIT 1" not in each]
    assert [name for name, its in asked.items() if not its] == []


@pytest.mark.parametrize("name", ["due", "wake"])
def test_while_nobody_is_due_nothing_is_written(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits asks again and again: a commit waits for the disk, and others wait for it."""
    statements = traced(monkeypatch)
    with blocking(tmp_path / "journal.db") as journal:
        journal.begin_campaign(CAMPAIGN._replace(listens=True))
        journal.begin_runs(CAMPAIGN.id, [beginning(n) for n in range(3)])
        journal.append(*(event("paused", run=f"r{n:04}", detail={"wake_at": 50.0 + n}) for n in range(3)))
        asks: dict[str, Callable[[float], list[Any]]] = {
            "due": lambda now: journal.due([CAMPAIGN.target], now, 5),
            "wake": lambda now: journal.wake(CAMPAIGN.id, now, 5),
        }
        statements.clear()
        assert asks[name](49.0) == []
        assert not [each for each in statements if each.startswith("BEGIN IMMEDIATE")]
        assert [each.run.id for each in asks[name](51.0)] == ["r0000", "r0001"]
        assert [each for each in statements if each.startswith("BEGIN IMMEDIATE")]


@pytest.mark.parametrize("name", ["due", "next_due", "listening_since"])
def test_a_stopped_campaign_is_passed_by_however_many_wait_in_it(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In steps of SQLite's machine; though they have been due for longer than the others, who are found."""
    took = [_steps(tmp_path / f"{count}.db", name, count, monkeypatch) for count in (50, 1_000)]
    assert took[1] < 1.2 * took[0]


def _steps(path: Path, name: str, count: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """What a call takes, in tens of steps, beside so many who wait in a campaign that was stopped."""
    steps = [0]
    connect = sqlite3.connect

    def connected(*args: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*args, **options)
        db.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 10)
        return db

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", connected)
        with blocking(path) as journal:
            for place, (campaign, people) in enumerate([("stopped", count), ("one", 2), ("other", 2)]):
                journal.begin_campaign(CAMPAIGN._replace(id=campaign, listens=True))
                runs = [f"{campaign}-{number:04}" for number in range(people)]
                whom = [Recipient(f"{campaign} {number}") for number in range(people)]
                journal.begin_runs(
                    campaign, [Beginning(run, each, {}, 1) for run, each in zip(runs, whom, strict=True)]
                )
                kinds = [("asked", "1") if number % 2 else ("paused", "1") for number in range(people)]
                journal.append(*(
                    event(kind, step, run=run, at=90.0 + place, detail={"wake_at": 10.0 + place})
                    for run, (kind, step) in zip(runs, kinds, strict=True)
                ))  # fmt: skip
            journal.work.hand_over("stopped", Terms(), 1.0)
            journal.work.stop("stopped", "it was enough")
            steps[0] = 0
            found = CALLS[name](journal)
            took = steps[0]
    assert (len(found) if name == "due" else found) == {"due": 4, "next_due": 11.0, "listening_since": 90.0}[name]
    return took
