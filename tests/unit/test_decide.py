"""What comes next follows from the flow, the variables and the events alone, whoever asks and however often."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrunner.clock import Stamp
from flowrunner.engine.ahead.shown import shown
from flowrunner.engine.decide import Cursor, decide, digest_of
from flowrunner.engine.decisions import Decision, End, Reconcile, Send, Skip, WaitForMoment, WaitForStatus
from flowrunner.engine.history.state import State, state_of
from flowrunner.engine.render import Prepared
from flowrunner.flow import load_text
from flowrunner.model import Event, EventKind, Recipient, Skipped
from support.generated_runs import NOW, OUTCOMES, Case, World, cases, is_telling

IMAGE = '{message_type: image, media_url: "https://cdn.example.com/a.jpg"}'
REACTION = '{message_type: reaction, reacted_to_message_id: wamid.x, reaction_emoji: "👍"}'


def case(steps: str) -> Case:
    loaded = load_text(f"name: t\nsteps: [{steps}]\n", "t.yaml")
    assert loaded.flow is not None, loaded.diagnostics
    prepared = Prepared(loaded)
    return Case(prepared, prepared.scope(Recipient("c1"), {}, NOW))


def event(kind: str, step: str, **detail: Any) -> Event:
    return Event(EventKind(kind), "r1", 1.0, step, "m1" if kind == "accepted" else "", detail)


def next_of(its: Case, *events: Event, now: float = 1000.0, stamp: Stamp | None = None) -> Decision:
    return decide(its.prepared, its.scope, state_of(events), now, stamp)


def a_run_that_is_stopped_on_its_way_sends_what_one_that_is_not_sends(its: Case, outcomes: list[str]) -> None:
    """Each once and in order, but for those that were given up; a Cursor and a fresh walk agree after every event."""
    smooth, rough = World(its), World(its)
    list(smooth.run([]))
    list(rough.run(outcomes))
    given_up = {address for address, step in state_of(rough.events).steps.items() if step.stage == "given_up"}
    # One that was lost on its way is sent again.
    last = {step: wire for step, wire in rough.taken if step not in given_up}
    assert list(last.items()) == [(step, wire) for step, wire in smooth.taken if step not in given_up]
    assert isinstance(rough.fresh(), End)


def from_any_prefix_of_the_events_the_rest_of_the_same_messages_follows(its: Case, data: st.DataObject) -> None:
    """Whichever process goes on, it does so where the last one was."""
    whole = World(its)
    list(whole.run([]))
    events = whole.events[: data.draw(st.integers(0, len(whole.events)))]
    done = {each.step for each in events if each.kind is EventKind.ACCEPTED}
    rest = World(its, list(events))
    list(rest.run([]))
    assert rest.taken == [each for each in whole.taken if each[0] not in done]


def what_is_decided_one_by_one_is_what_a_whole_rendering_shows(its: Case, outcomes: list[str]) -> None:
    """What was shown before is what is sent, and what it left out is left out."""
    rough = World(its)
    list(rough.run(outcomes))
    drawn = {each.step.address: each for each in shown(its.prepared, its.scope, []).actions}
    for decision in rough.decisions:
        if isinstance(decision, Send | Reconcile):
            assert decision.message is not None
            assert decision.message == drawn[decision.message.step.address]
        elif isinstance(decision, Skip):
            assert drawn[decision.step.address] == Skipped(decision.step, decision.reason)


KINDS = st.sampled_from([kind for kind in EventKind if kind is not EventKind.CANCELLED])
TOLD = st.lists(st.tuples(KINDS, st.integers(1, 6), st.sampled_from([{}, {"late": True}])))
"""Events of any kind, of any step, in any order."""


def nothing_is_sent_of_which_the_recipient_may_have_something(
    its: Case, told: list[tuple[EventKind, int, dict[str, Any]]]
) -> None:
    """Whatever stands in a journal, in whichever order: taken, perhaps taken and given up is not sent."""
    cursor = Cursor(its.prepared, its.scope)
    latest: dict[str, EventKind] = {}
    events = []
    for kind, number, detail in told:
        step = str(number)
        events.append(Event(kind, "r1", 1.0, step, "m", detail))
        cursor.add(events[-1])
        if is_telling(events[-1]):
            latest[step] = kind
        decision = cursor.decide(1000.0)
        assert decision == decide(its.prepared, its.scope, state_of(events), 1000.0)
        if isinstance(decision, Send):
            assert latest.get(decision.message.step.address) in (None, EventKind.RETRYING, EventKind.FAILED)


def a_run_comes_to_its_end_without_asking_the_same_twice(its: Case) -> None:
    """Between two equal Decisions there would be nothing that had happened."""
    world = World(its)
    list(world.run([]))
    assert all(one != other for one, other in zip(world.decisions, world.decisions[1:], strict=False))
    assert len(world.decisions) <= 3 * len(its.prepared.flow.steps)


PROPERTIES: list[tuple[Callable[..., None], Mapping[str, Any]]] = [
    (a_run_that_is_stopped_on_its_way_sends_what_one_that_is_not_sends, {"outcomes": OUTCOMES}),
    (from_any_prefix_of_the_events_the_rest_of_the_same_messages_follows, {"data": st.data()}),
    (what_is_decided_one_by_one_is_what_a_whole_rendering_shows, {"outcomes": OUTCOMES}),
    (nothing_is_sent_of_which_the_recipient_may_have_something, {"told": TOLD}),
    (a_run_comes_to_its_end_without_asking_the_same_twice, {}),
]


@pytest.mark.parametrize("examples", [60, pytest.param(5_000, marks=pytest.mark.soak)], ids=["slice", "soak"])
@pytest.mark.parametrize(("holds", "strategies"), PROPERTIES, ids=lambda each: getattr(each, "__name__", ""))
def test_what_must_hold_of_every_flow(holds: Callable[..., None], strategies: Mapping[str, Any], examples: int) -> None:
    """Over generated flows, variables and histories."""
    checked = given(its=cases(), **strategies)(holds)
    settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))(checked)()


def test_a_step_goes_from_sent_to_waited_for_to_done() -> None:
    """A slow message is waited for when another follows it."""
    its = case(f"{{message: {IMAGE}}}, {{message: dos}}")
    first = next_of(its)
    assert isinstance(first, Send)
    begun = event("begun", "1", digest=digest_of(first.message))
    assert next_of(its, begun) == Reconcile(first.message)
    assert next_of(its, begun, event("in_doubt", "1")) == Reconcile(first.message)
    assert next_of(its, begun, event("retrying", "1")) == first
    taken = [begun, event("accepted", "1")]
    assert next_of(its, *taken) == WaitForStatus(first.message.step, 2, 20.0, "continue")
    assert next_of(its, *taken, event("sent", "1")) == next_of(its, *taken)
    for end in (event("delivered", "1"), event("waited", "1")):
        second = next_of(its, *taken, end)
        assert isinstance(second, Send)
        assert second.message.body["content"] == "dos"


# A message, its step's keys, whether another one follows, and the wait that belongs to it.
WAITS = [
    ("uno", "", True, None),
    (IMAGE, "", True, (2, 20.0, "continue")),
    (IMAGE, "", False, None),
    (IMAGE, "timeout: 3s, on_timeout: stop", True, (2, 3.0, "stop")),
    ("uno", "until: read", False, (3, 60.0, "stop")),
    ("uno", "until: sent, timeout: 5s, on_timeout: continue", False, (1, 5.0, "continue")),
    ("uno", "until: accepted", True, None),
    (REACTION, "until: read", True, (1, 60.0, "stop")),
]


@pytest.mark.parametrize(("message", "keys", "followed", "wait"), WAITS)
def test_how_long_a_message_is_waited_for(message: str, keys: str, followed: bool, wait: Any) -> None:
    """By what its author said, else by its type and whether something follows that could overtake it."""
    its = case(f"{{message: {message}, {keys}}}, {{pause: 1s}}" + (", {message: dos}" if followed else ""))
    decision = next_of(its, event("accepted", "1"))
    if wait is None:
        assert isinstance(decision, WaitForMoment)
    else:
        assert isinstance(decision, WaitForStatus)
        assert decision[1:] == wait


def test_what_follows_only_in_another_case_does_not_follow() -> None:
    """The step after it is left out, and nothing else comes."""
    its = case(f"{{message: {IMAGE}}}, {{message: dos, when: false}}")
    assert isinstance(next_of(its, event("accepted", "1")), Skip)


def test_a_step_that_was_left_out_stays_so() -> None:
    """What was written down is not worked out again."""
    its = case("{message: uno, id: a}, {message: \"{{ 'left out' if a.skipped else 'sent' }}\"}")
    decision = next_of(its, event("skipped", "1"))
    assert isinstance(decision, Send)
    assert decision.message.body["content"] == "left out"


@pytest.mark.parametrize(
    ("now", "up", "boot", "left"),
    [
        (1004.0, None, "", 6.0),
        (1009.9, None, "", pytest.approx(0.1)),
        (1010.0, None, "", None),
        (900.0, None, "", 10.0),  # never longer than the pause is
        (1004.0, 54.0, "a", 6.0),
        (9999.0, 54.0, "a", 6.0),  # the wall's clock was set
        (0.0, 60.0, "a", None),
        (1004.0, 54.0, "b", 6.0),  # the machine started again
        (1004.0, 40.0, "a", 6.0),  # it was put back to an earlier state
    ],
)
def test_a_pause_ends_by_the_machine_s_own_count_where_that_is_known(
    now: float, up: float | None, boot: str, left: float | None
) -> None:
    """Ten seconds that began at 1000, when the machine had been up for 50."""
    its = case("{pause: 10s}, {message: uno}")
    begun = event("paused", "1", wake_at=1010.0, clock=["a", 50.0])
    decision = next_of(its, begun, now=now, stamp=None if up is None else Stamp(boot, up))
    if left is None:
        assert isinstance(decision, Send)
    else:
        assert isinstance(decision, WaitForMoment)
        assert (decision.until, decision.left) == (1010.0, left)


def test_the_end_has_three_ways() -> None:
    """Finished, called off, or begun with another text than would be sent now."""
    its = case("{message: uno}, {message: dos}")
    steps = its.prepared.flow.steps
    assert next_of(its, event("finished", "")) == End("finished")
    assert next_of(its, event("cancelled", "")) == End("cancelled")
    assert next_of(its, event("in_doubt", "")) == Reconcile(None)
    assert next_of(its, event("accepted", "1"), event("accepted", "2")) == End("finished")
    for kind in ("accepted", "failed", "in_doubt", "retrying", "waited"):
        history = [event("begun", "1", digest="0123456789abcdef"), event(kind, "1")]
        assert next_of(its, *history) == End("changed", steps[0])


def test_what_an_older_flowrunner_did_not_write_down_is_not_compared() -> None:
    """A journal without digests goes on as it did."""
    its = case("{message: uno}, {message: dos}")
    decision = next_of(its, event("begun", "1"), event("accepted", "1"))
    assert isinstance(decision, Send)
    assert decision.message.body["content"] == "dos"


def test_a_cursor_sees_that_a_step_behind_it_must_be_sent_again() -> None:
    """WhatsApp could not deliver it, and a person wishes it sent again."""
    its = case("{message: uno}, {message: dos}")
    cursor = Cursor(its.prepared, its.scope, State())
    for kind, step in (("accepted", "1"), ("accepted", "2"), ("waited", "1"), ("retrying", "1")):
        assert isinstance(cursor.decide(1000.0), End) == (kind in ("waited", "retrying"))
        cursor.add(event(kind, step))
    decision = cursor.decide(1000.0)
    assert isinstance(decision, Send)
    assert decision.message.body["content"] == "uno"
