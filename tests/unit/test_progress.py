"""What a run's events say of a step: the only memory between two processes."""

from typing import Any

import pytest

from flowrunner.clock import Stamp
from flowrunner.delivery import Progress, Stage, progress_of
from flowrunner.delivery.begun import Begun, Span
from flowrunner.model import Event, EventKind


def at(up: int) -> Begun:
    return Begun(Stamp("a-boot", up))


# Events of one step: the kind, then what belongs to it. They happen at 1.0, 2.0, 3.0, ...
CASES = [
    ("", Progress()),
    ("begun", Progress(Stage.OPEN, begun=at(1))),
    ("begun accepted", Progress(Stage.ACCEPTED, begun=at(1), message_id="m")),
    ("begun failed", Progress(Stage.FAILED, begun=at(1))),
    ("begun in_doubt", Progress(Stage.IN_DOUBT, begun=at(1))),
    ("begun retrying", Progress(Stage.FAILED, begun=at(1))),
    ("begun retrying begun", Progress(Stage.OPEN, begun=at(3))),
    ("begun retrying begun in_doubt", Progress(Stage.IN_DOUBT, begun=at(3))),
    ("begun in_doubt accepted", Progress(Stage.ACCEPTED, begun=at(1), message_id="m")),
    ("begun in_doubt retrying", Progress(Stage.FAILED, begun=at(1))),
    ("begun in_doubt retrying begun", Progress(Stage.OPEN, begun=at(4))),
    ("begun in_doubt skipped", Progress(Stage.SKIPPED, begun=at(1))),
    ("begun in_doubt in_doubt", Progress(Stage.IN_DOUBT, begun=at(1))),
    ("begun accepted sent", Progress(Stage.ACCEPTED, begun=at(1), message_id="m", rank=1)),
    ("begun accepted read", Progress(Stage.ACCEPTED, begun=at(1), message_id="m", rank=3)),
    ("begun accepted read delivered", Progress(Stage.ACCEPTED, begun=at(1), message_id="m", rank=3)),
    ("begun accepted waited", Progress(Stage.ACCEPTED, begun=at(1), message_id="m", waited=True)),
    ("begun accepted late", Progress(Stage.ACCEPTED, begun=at(1), message_id="m")),
    ("begun accepted sent failed", Progress(Stage.FAILED, begun=at(1), message_id="m", rank=1)),
    ("begun accepted sent failed begun", Progress(Stage.OPEN, begun=at(5))),
    ("skipped", Progress(Stage.SKIPPED)),
    ("paused", Progress(Stage.PAUSED, wake_at=9.5, begun=at(1))),
]
DETAILS = {"late": {"late": True}, "paused": {"wake_at": 9.5}}


@pytest.mark.parametrize(("kinds", "expected"), CASES)
def test_a_step_stands_where_its_events_left_it(kinds: str, expected: Progress) -> None:
    """A begun row without a word after it is open; one that was surely not taken may be sent again."""
    events = [
        Event(
            EventKind("failed" if kind == "late" else kind),
            "r1",
            at,
            "2",
            "m" if kind in ("accepted", "sent", "delivered", "read") else "",
            {**DETAILS.get(kind, {}), "clock": ["a-boot", at]},
        )
        for at, kind in enumerate(kinds.split(), 1)
    ]
    assert progress_of(events).get("2", Progress()) == expected


def test_each_step_stands_alone_and_what_is_said_of_the_run_is_of_none() -> None:
    """Late statuses of one step change no other."""
    told = [("begun", "1"), ("accepted", "1"), ("begun", "2"), ("read", "1"), ("failed", ""), ("finished", "")]
    events = [
        Event(EventKind(kind), "r1", at, step, "m", {"clock": ["a-boot", at]})
        for at, (kind, step) in enumerate(told, 1)
    ]
    assert progress_of(events) == {
        "1": Progress(Stage.ACCEPTED, begun=at(1), message_id="m", rank=3),
        "2": Progress(Stage.OPEN, begun=at(3)),
    }


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({}, Begun()),
        ({"clock": ["b", 7.5]}, Begun(Stamp("b", 7.5))),
        ({"clock": ["b", 7.5], "api": [1, 2.5]}, Begun(Stamp("b", 7.5), Span(1, 2.5, stored=False))),
        ({"clock": ["b", 7.5], "stored": [1, 2]}, Begun(Stamp("b", 7.5), Span(1, 2, stored=True))),
        ({"clock": "b", "api": [1, 2]}, Begun()),
        ({"clock": ["b", None]}, Begun()),
        ({"clock": ["b", 7], "api": [1]}, Begun(Stamp("b", 7))),
    ],
)
def test_when_a_message_was_begun_is_read_from_its_event(detail: dict[str, Any], expected: Begun) -> None:
    """What an older flowrunner wrote, or nobody, is not known."""
    assert progress_of([Event(EventKind.BEGUN, "r1", 1.0, "1", detail=detail)])["1"].begun == expected
