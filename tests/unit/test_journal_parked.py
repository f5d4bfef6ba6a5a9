"""A million runs may be parked: what is asked of them looks at those that it is about, by an index."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrunner.client.access import target_key
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
    "asking": lambda journal: journal.asking(RUN.target),
    "hears": lambda journal: journal.hears(RUN.target, WHO),
    "busy_with": lambda journal: journal.busy_with(RUN.target, WHO, ""),
    "opt_out": lambda journal: journal.opt_out(RUN.target, WHO, "stop", 1.0),
    "opted_out": lambda journal: journal.opted_out(RUN.target, [WHO]),
    "opt_in": lambda journal: journal.opt_in(RUN.target, WHO),
    "an opted_out event": lambda journal: journal.append(event("opted_out", "")),
}


@pytest.mark.parametrize("name", CALLS)
def test_no_table_that_grows_with_the_people_is_read_through(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SQLite plans each statement of a call."""
    statements = traced(monkeypatch)
    path = tmp_path / "journal.db"
    with blocking(path) as journal:
        journal.begin(named(RUN.id, recipient=WHO, listens=True))
        journal.append(event("begun"), event("accepted", message_id="m-1"), event("begun", "2"))
        journal.append(event("asked", detail={"wake_at": 5.0}))
        journal.begin_campaign(CAMPAIGN._replace(listens=True))
        journal.begin_runs(CAMPAIGN.id, [beginning(n) for n in range(200)])
        journal.append(*(event("asked", run=f"r{n:04}", detail={"wake_at": 5.0}) for n in range(200)))
        journal.opt_out(RUN.target, Recipient(phone="+34600000001"), "stop", 1.0)
        statements.clear()
        CALLS[name](journal)
        asked = [each for each in statements if re.match(r"\s*(SELECT|WITH|UPDATE|INSERT|DELETE)", each)]
    with closing(sqlite3.connect(path)) as db:
        db.create_function("target_key", 1, target_key, deterministic=True)
        plans = [(row[3], each) for each in asked for row in db.execute(f"EXPLAIN QUERY PLAN {each}")]
    grows = re.compile(r"SCAN (runs|events|names|optouts|other|one)\b")
    assert not [(plan, each) for plan, each in plans if grows.match(plan) and "LIMIT 1" not in each]
    assert asked
