"""A run and its events, for the tests of the journal."""

from contextlib import closing
from pathlib import Path
from typing import Any

from flowrunner.journal.many import Beginning
from flowrunner.journal.sqlite.connection import connected
from flowrunner.journal.sqlite.sealing import seal_all
from flowrunner.model import Bundle, Event, EventKind, Recipient, Run
from flowrunner.model.campaigns import Campaign

RUN = Run(
    id="k3v9",
    flow_name="onboarding",
    bundle=Bundle.of("flows/onboarding.yaml", "name: onboarding\nsteps: [{message: ¡Hola!}]\n", digest="ab" * 32),
    recipient=Recipient("conv-1", "+5215512345678"),
    target="https://api.example.com",
    variables={"name": "Ana 👋", "plan": "pro", "n": 0, "list": [1, None, {"a": "é"}]},
    now="2026-03-01T10:00:00-06:00",
    created_at=1_772_380_800.123456,
)


CAMPAIGN = Campaign(
    id="c7x2",
    flow_name="onboarding",
    bundle=Bundle.of("flows/onboarding.yaml", "name: onboarding\nsteps: [{message: ¡Hola!}]\n", digest="ab" * 32),
    target="https://api.example.com",
    now="2026-03-01T10:00:00-06:00",
    created_at=1_772_380_800.125,
    audience="people.csv",
    total=5,
    options={"canary": 10, "quiet_hours": "21:00-08:00"},
)


def beginning(number: int, **variables: Any) -> Beginning:
    return Beginning(f"r{number:04}", Recipient(f"conv-{number}", f"+52155{number:08}"), variables, number + 1)


def event(kind: str, step: str = "1", at: float = 1_772_380_801.5, **more: Any) -> Event:
    return Event(EventKind(kind), more.pop("run", RUN.id), at, step, **more)


def named(run_id: str, **more: Any) -> Run:
    return RUN._replace(id=run_id, **more)


def wake(journal: Path) -> None:
    """Write into a journal that its pauses are over, as if it had always said so."""
    with closing(connected(f"{journal.as_uri()}?mode=rw")) as db:
        db.execute("BEGIN")
        db.execute("UPDATE events SET detail = '{\"wake_at\":0}' WHERE kind = 'paused'")
        db.execute("UPDATE runs SET wake_at = 0 WHERE wake_at IS NOT NULL")
        seal_all(db)
        db.execute("UPDATE ledger SET commits = commits + 1, digest = (SELECT COALESCE(sum(seal), 0) FROM events)")
        db.execute("COMMIT")
