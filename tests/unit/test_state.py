"""What a run's events say of a step: the only memory between two processes."""

import sys
from typing import Any

import pytest

from flowrunner.clock import Stamp
from flowrunner.engine.history.begun import Begun, Span
from flowrunner.engine.history.phases import Phase, RunState
from flowrunner.engine.history.state import Stage, StepState, state_of, step_of
from flowrunner.model import Event, EventKind


def at(up: int) -> Begun:
    return Begun(Stamp("a-boot", up))


# Events of one step: the kind, then what belongs to it. They happen at 1.0, 2.0, 3.0, ...
CASES = [
    ("", StepState()),
    ("begun", StepState(Stage.BEGUN, begun=at(1))),
    ("begun accepted", StepState(Stage.ACCEPTED, begun=at(1), message_id="m", taken=True, accepted_at=2)),
    ("begun failed", StepState(Stage.FAILED, begun=at(1))),
    ("begun in_doubt", StepState(Stage.IN_DOUBT, begun=at(1))),
    ("begun retrying", StepState(Stage.RETRYING, begun=at(1))),
    ("begun retrying begun", StepState(Stage.BEGUN, begun=at(3))),
    ("begun retrying begun in_doubt", StepState(Stage.IN_DOUBT, begun=at(3))),
    ("begun in_doubt accepted", StepState(Stage.ACCEPTED, begun=at(1), message_id="m", taken=True, accepted_at=3)),
    ("begun in_doubt retrying", StepState(Stage.RETRYING, begun=at(1))),
    ("begun in_doubt retrying begun", StepState(Stage.BEGUN, begun=at(4))),
    ("begun in_doubt skipped", StepState(Stage.GIVEN_UP, begun=at(1), accepted_at=3)),
    ("begun in_doubt in_doubt", StepState(Stage.IN_DOUBT, begun=at(1))),
    ("begun accepted sent", StepState(Stage.ACCEPTED, begun=at(1), message_id="m", taken=True, rank=1, accepted_at=2)),
    ("begun accepted read", StepState(Stage.ACCEPTED, begun=at(1), message_id="m", taken=True, rank=3, accepted_at=2)),
    (
        "begun accepted read delivered",
        StepState(Stage.ACCEPTED, begun=at(1), message_id="m", taken=True, rank=3, accepted_at=2),
    ),
    (
        "begun accepted waited",
        StepState(Stage.ACCEPTED, begun=at(1), message_id="m", taken=True, waited=True, accepted_at=2),
    ),
    ("begun accepted late", StepState(Stage.ACCEPTED, begun=at(1), message_id="m", taken=True, accepted_at=2)),
    (
        "begun accepted sent failed",
        StepState(Stage.FAILED, begun=at(1), message_id="m", taken=True, rank=1, accepted_at=2),
    ),
    ("begun accepted sent failed begun", StepState(Stage.BEGUN, begun=at(5))),
    ("skipped", StepState(Stage.NOT_APPLICABLE)),
    ("paused", StepState(Stage.WAITING, until=9.5, begun=at(1))),
]
DETAILS = {"late": {"late": True}, "paused": {"wake_at": 9.5}}


@pytest.mark.parametrize(("kinds", "expected"), CASES)
def test_a_step_stands_where_its_events_left_it(kinds: str, expected: StepState) -> None:
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
    assert state_of(events).step("2") == expected


def test_each_step_stands_alone_and_what_is_said_of_the_run_is_of_none() -> None:
    """Late statuses of one step change no other."""
    told = [("begun", "1"), ("accepted", "1"), ("begun", "2"), ("read", "1"), ("failed", ""), ("finished", "")]
    events = [
        Event(EventKind(kind), "r1", at, step, "m", {"clock": ["a-boot", at]})
        for at, (kind, step) in enumerate(told, 1)
    ]
    assert state_of(events).steps == {
        "1": StepState(Stage.ACCEPTED, begun=at(1), message_id="m", taken=True, rank=3, accepted_at=2),
        "2": StepState(Stage.BEGUN, begun=at(3)),
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
    assert state_of([Event(EventKind.BEGUN, "r1", 1.0, "1", detail=detail)]).step("1").begun == expected


def told(history: str) -> list[Event]:
    """Events from their short form, ``kind step mark``; ``-`` for no step."""
    found = []
    for at, each in enumerate(filter(None, history.split(", ")), 1):
        kind, step, *marks = each.split()
        detail: dict[str, Any] = {
            **dict.fromkeys(marks, True),
            **({"wake_at": 9.5} if kind in ("paused", "asked") else {}),
        }
        found.append(Event(EventKind(kind), "r1", float(at), "" if step == "-" else step, f"m{step}", detail))
    return found


# A run's events, and what the run as a whole has come to: its phase, until when, and what its person had.
RUNS = [
    ("", RunState(Phase.NEW)),
    ("begun 1", RunState(Phase.UNDER_WAY, had="open")),
    ("begun 1, accepted 1", RunState(Phase.UNDER_WAY, had="took")),
    ("begun 1, accepted 1, paused 2", RunState(Phase.PAUSED, 9.5, "took")),
    ("begun 1, accepted 1, paused 2, delivered 1", RunState(Phase.PAUSED, 9.5, "sent")),
    ("begun 1, accepted 1, paused 2, begun 3", RunState(Phase.UNDER_WAY, had="sent")),
    ("paused -", RunState(Phase.HELD, 9.5)),
    ("skipped -", RunState(Phase.WITHHELD)),
    ("skipped 1", RunState(Phase.UNDER_WAY)),
    ("skipped 1, finished -", RunState(Phase.FINISHED)),
    ("begun 1, accepted 1, finished -, read 1", RunState(Phase.FINISHED, had="sent")),
    ("begun 1, accepted 1, finished -, failed 1 learnt", RunState(Phase.UNDELIVERED, had="took")),
    ("begun 1, accepted 1, failed 1 late", RunState(Phase.FAILED, had="took")),
    ("begun 1, in_doubt 1", RunState(Phase.IN_DOUBT, had="open")),
    ("begun 1, in_doubt 1, skipped 1", RunState(Phase.UNDER_WAY, had="sent")),
    ("begun 1, cancelled -, accepted 1", RunState(Phase.CANCELLED, had="took")),
    ("begun 1, cancelled -, accepted 1, paused 2", RunState(Phase.CANCELLED, had="took")),
    ("begun 1, cancelled -, failed 1", RunState(Phase.FAILED)),
    ("in_doubt -", RunState(Phase.IN_DOUBT, had="sent")),
    ("asked 1", RunState(Phase.ASKED, 9.5, asked=1.0)),
    ("asked 1, asked 1", RunState(Phase.ASKED, 9.5, asked=1.0)),
    ("asked 1, heard -", RunState(Phase.ASKED, 2.0, asked=1.0, heard=1)),
    ("asked 1, heard -, answered 1", RunState(Phase.UNDER_WAY, asked=None, heard=1)),
    ("asked 1, heard -, answered 1, asked 1", RunState(Phase.ASKED, 9.5, asked=4.0, heard=1)),
    ("asked 1, delivered 1", RunState(Phase.ASKED, 9.5, "sent", asked=1.0)),
    ("asked 1, begun 1.r1", RunState(Phase.UNDER_WAY, None, "open", asked=1.0)),
    ("asked 1, failed 1.r1", RunState(Phase.FAILED)),
    ("asked 1, in_doubt 1.r1", RunState(Phase.IN_DOUBT, None, "open", asked=1.0)),
    ("asked 1, cancelled -", RunState(Phase.CANCELLED)),
    ("asked 1, opted_out -", RunState(Phase.OPTED_OUT)),
    ("asked 1, handed_over -, heard -", RunState(Phase.HANDED_OVER, heard=1)),
    ("heard -", RunState(Phase.NEW, heard=1)),
    ("paused 2, heard -, heard -", RunState(Phase.PAUSED, 3.0, heard=2)),
    ("paused -, heard -", RunState(Phase.HELD, 2.0, heard=1)),
    ("begun 1, heard -", RunState(Phase.UNDER_WAY, None, "open", heard=1)),
    ("begun 1, accepted 1, failed 1 learnt", RunState(Phase.UNDER_WAY, None, "took", undelivered=True)),
    ("begun 1, accepted 1, failed 1 learnt, finished -", RunState(Phase.UNDELIVERED, None, "took")),
    ("begun 1, accepted 1, failed 1 learnt, retrying 1, finished -", RunState(Phase.FINISHED)),
    ("begun 1, accepted 1, failed 1 learnt, opted_out -", RunState(Phase.OPTED_OUT, None, "took", undelivered=True)),
    ("accepted 1, handed_over -, failed 1 learnt", RunState(Phase.HANDED_OVER, None, "took", undelivered=True)),
    ("accepted 1, asked 1, failed 1 learnt", RunState(Phase.ASKED, 9.5, "took", 2.0, undelivered=True)),
]


@pytest.mark.parametrize(("history", "expected"), RUNS)
def test_what_a_run_has_come_to_is_folded_from_its_events(history: str, expected: RunState) -> None:
    """A late status says nothing of where a run stands; one that was called off is left so but by an end in flight."""
    assert state_of(told(history)).run == expected


def test_a_skipped_step_was_not_applicable_or_given_up() -> None:
    """On disk both are `skipped`: what was open before was given up."""
    state = state_of(told("skipped 1, begun 2, skipped 2, begun 3, in_doubt 3, skipped 3"))
    stages = {address: step.stage for address, step in state.steps.items()}
    assert stages == {"1": Stage.NOT_APPLICABLE, "2": Stage.GIVEN_UP, "3": Stage.GIVEN_UP}


def test_a_run_is_in_doubt_as_a_whole_until_that_is_decided() -> None:
    """Part of its journal was lost."""
    lost, decided = told("begun 1, accepted 1, in_doubt -, retrying -")[2:]
    assert state_of([lost]).lost is lost
    assert state_of([lost, *told("in_doubt 1, retrying 1")]).lost is lost
    assert state_of([lost, decided]).lost is None


def test_every_message_that_was_taken_is_known_by_its_id() -> None:
    """Also one that was sent again since: another's list may hold both."""
    events = told("begun 1, accepted 1, finished -, failed 1 learnt, retrying 1, begun 1")
    again = Event(EventKind.ACCEPTED, "r1", 9.0, "1", "another")
    assert {message_id: each.step for message_id, each in state_of([*events, again]).accepted.items()} == {
        "m1": "1",
        "another": "1",
    }


@pytest.mark.parametrize(
    ("kinds", "stage", "reached"),
    [
        ("begun", Stage.BEGUN, ""),
        ("begun,accepted", Stage.ACCEPTED, "accepted"),
        ("begun,accepted,read,delivered,late", Stage.ACCEPTED, "read"),
        ("begun,accepted,sent,failed", Stage.FAILED, "sent"),
        ("begun,accepted,sent,failed,begun", Stage.BEGUN, ""),
        ("begun,accepted,learnt", Stage.ACCEPTED, "accepted"),
        ("begun,in_doubt,skipped", Stage.GIVEN_UP, ""),
        ("skipped", Stage.NOT_APPLICABLE, ""),
        ("paused", Stage.WAITING, ""),
    ],
)
def test_the_kinds_of_a_step_s_events_say_what_became_of_it(kinds: str, stage: Stage, reached: str) -> None:
    """An index has no more than them."""
    step = step_of(kinds.split(","))
    assert (step.stage, step.reached) == (stage, reached)


def test_a_message_that_is_told_twice_was_heard_once_by_whichever_of_its_ids() -> None:
    """A webhook knows WhatsApp's, a list the API's own, too."""
    told = [("wamid.a", ""), ("wamid.a", "own-a"), ("own-b", ""), ("wamid.b", "own-b"), ("wamid.c", "")]
    state = state_of(Event(EventKind.HEARD, "r", 1.0, "", its, {"other_id": other}) for its, other in told)
    assert [each.id for each in state.heard] == ["wamid.a", "own-b", "wamid.c"]


def test_a_flood_is_read_in_steps_that_grow_with_it_alone() -> None:
    """Somebody may write thousands of messages: twice as many take twice the work, not four times."""

    def steps(count: int) -> int:
        events = [Event(EventKind.HEARD, "r", 1.0, "", f"wamid.{place}", {"text": "hi"}) for place in range(count)]
        found = 0

        def count_one(*_: object) -> None:
            nonlocal found
            found += 1

        before = sys.getprofile()
        sys.setprofile(count_one)
        try:
            state_of(events)
        finally:
            sys.setprofile(before)
        return found

    assert steps(400) < 3 * steps(200)
