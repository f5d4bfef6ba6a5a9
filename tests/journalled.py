"""A run and its events, for the tests of the journal."""

from typing import Any

from flowrunner.model import Event, EventKind, Recipient, Run

RUN = Run(
    id="k3v9",
    flow_name="onboarding",
    flow_path="flows/onboarding.yaml",
    flow_digest="ab" * 32,
    flow_text="name: onboarding\nsteps: [{message: ¡Hola!}]\n",
    recipient=Recipient("conv-1", "+5215512345678"),
    target="https://api.example.com",
    variables={"name": "Ana 👋", "plan": "pro", "n": 0, "list": [1, None, {"a": "é"}]},
    now="2026-03-01T10:00:00-06:00",
    created_at=1_772_380_800.123456,
)


def event(kind: str, step: str = "1", at: float = 1_772_380_801.5, **more: Any) -> Event:
    return Event(EventKind(kind), more.pop("run", RUN.id), at, step, **more)


def named(run_id: str, **more: Any) -> Run:
    return RUN._replace(id=run_id, **more)
