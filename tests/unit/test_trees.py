"""What must hold of every flow that listens, whoever answers, and whenever a process dies."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from flowrunner.diagnostics import Location
from flowrunner.engine import Bound
from flowrunner.engine.decide import Cursor, decide
from flowrunner.engine.decisions import End, Send, TakeAnswer
from flowrunner.engine.history.answered import heard
from flowrunner.engine.history.state import state_of
from flowrunner.engine.rendering.scope import StepProblems
from flowrunner.engine.values.given import Given
from flowrunner.flow.steps import walk_flow
from flowrunner.model import Event, EventKind, Inbound, Message, Recipient
from flowrunner.model.addresses import as_written
from support.generated_runs import NOW, OUTCOMES, World, is_telling
from support.generated_trees import Tree, trees
from support.slices import some

WHOM = Recipient("c1", "+5215512345678")
QUICK = settings(
    max_examples=some(90), derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
LONG = settings(QUICK, max_examples=1000, derandomize=False)
INPUTS = ("name", "plan", "visits", "things")


def passes(tree: Tree) -> bool:
    """Whether nothing is wrong on any path."""
    bound = Bound({name: tree.case.scope.values[name] for name in INPUTS}, {})
    return tree.case.prepared.actions(WHOM, bound, NOW)[0] is not None


def carried_out(tree: Tree, outcomes: list[str], events: list[Event] | None = None) -> World:
    """To the end."""
    world = World(tree.case, events, tree.said)
    list(world.run(outcomes))
    return world


def what_was_let_pass_is_never_refused(tree: Tree, outcomes: list[str]) -> None:
    """Whatever is answered, every Decision can be carried out; a Cursor and a fresh walk agree after every event."""
    assume(passes(tree))
    assert isinstance(carried_out(tree, outcomes).fresh(), End)


def what_is_refused_on_some_path_names_what_was_answered(tree: Tree) -> None:
    """What cannot be sent in a run was an error before, too."""
    world = World(tree.case, None, tree.said)
    try:
        list(world.run([]))
    except StepProblems:
        assert not passes(tree)


def a_run_that_is_stopped_on_its_way_sends_what_one_that_is_not_sends(tree: Tree, outcomes: list[str]) -> None:
    """Each once and in order; what may be with its recipient is never sent again."""
    assume(passes(tree))
    smooth, rough = carried_out(tree, []), carried_out(tree, outcomes)
    given_up = {address for address, step in state_of(rough.events).steps.items() if step.stage == "given_up"}
    last = {step: wire for step, wire in rough.taken if step not in given_up}
    assert list(last.items()) == [(step, wire) for step, wire in smooth.taken if step not in given_up]


def from_any_prefix_of_the_events_the_rest_of_the_same_messages_follows(tree: Tree, data: st.DataObject) -> None:
    """Whichever process goes on, it does so where the last one was."""
    assume(passes(tree))
    whole = carried_out(tree, [])
    events = whole.events[: data.draw(st.integers(0, len(whole.events)))]
    done = {each.step for each in events if each.kind is EventKind.ACCEPTED}
    rest = carried_out(tree, [], list(events))
    assert rest.taken == [each for each in whole.taken if each[0] not in done]


def the_path_that_is_shown_for_some_answers_is_the_one_that_is_taken(tree: Tree) -> None:
    """The same bytes, for whoever answers each question once; what is answered otherwise is put again first."""
    assume(passes(tree))
    # The id of a button stands for a tap on it where answers are asked for; who types it has said nothing.
    first = {address: [text for text in texts if text != "b"][:1] for address, texts in tree.said.items()}
    world = carried_out(Tree(tree.case, first), [])
    answers = {address: texts[0] if texts else None for address, texts in first.items()}
    values = {name: Given(tree.case.scope.values[name], Location("here")) for name in INPUTS}
    rendering, found = tree.case.prepared.render(WHOM, values, NOW, answers=answers)
    assert rendering is not None, found
    asked_again = [
        each.step for each in world.events if each.kind is EventKind.ANSWERED and each.detail["branch"][0] == "g"
    ]
    assume(not asked_again)
    assert [message.wire for message in rendering.messages] == [wire for _, wire in world.taken]


def every_step_that_is_sent_was_checked(tree: Tree) -> None:
    """With the very bytes where nothing of it depends on an answer."""
    assume(passes(tree))
    values = {name: Given(tree.case.scope.values[name], Location("here")) for name in INPUTS}
    rendering, _ = tree.case.prepared.render(WHOM, values, NOW)
    assert rendering is not None
    for step, wire in carried_out(tree, []).taken:
        known = rendering.acts[step]
        assert isinstance(known, Message)
        if step not in rendering.depends:
            assert known.wire == wire


def who_says_stop_hears_no_more_of_it(tree: Tree, outcomes: list[str], data: st.DataObject) -> None:
    """At whatever moment: nothing else leaves than what belongs to that, and what had left is only asked about."""
    assume(passes(tree))
    whole = carried_out(tree, [])
    events = whole.events[: data.draw(st.integers(0, len(whole.events)))]
    assume(not any(each.kind is EventKind.FINISHED for each in events))
    said = Inbound("wamid.stop", 5000.0, "text", "please STOP")
    events.append(Event(EventKind.HEARD, "r1", whole.now + 1, "", said.id, heard(said)))
    world = carried_out(tree, outcomes, events)
    assert {each.message.step.address for each in world.decisions if isinstance(each, Send)} == {"@1.1"}
    assert world.fresh() == End("opted_out", reason="please STOP")


KINDS = st.sampled_from([kind for kind in EventKind if kind is not EventKind.CANCELLED])
PARTS = st.sampled_from(
    ["1", "2", "3", "1.a1.1", "1.a2.1", "1.o.1", "1.n.1", "1.g1", "1.r1", "2.c1.1", "2#1.1", "@1.1", ""]
)
DETAILS = st.sampled_from(
    [
        {},
        {"late": True},
        *(
            {"branch": branch, "ids": ["m1"], "text": "hm"}
            for branch in ("a1", "a2", "o", "n", "g1", "g2", "late", "any", "@1")
        ),
        *(
            {"kind": "text", "text": text, "at": at}
            for text in ("hm", "42", "b", "stop")
            for at in (1.0, 900.0, 4000.0)
        ),
    ]
)
TOLD = st.lists(st.tuples(KINDS, PARTS, DETAILS, st.integers(1, 4)))


def nothing_is_sent_of_which_the_recipient_may_have_something(
    tree: Tree, told: list[tuple[EventKind, str, dict[str, Any], int]]
) -> None:
    """Whatever stands in a journal, in whichever order."""
    assume(passes(tree))
    cursor = Cursor(tree.case.prepared, tree.case.scope)
    latest: dict[str, EventKind] = {}
    events: list[Event] = []
    for kind, step, detail, number in told:
        events.append(Event(kind, "r1", float(len(events)), step, f"m{number}", detail))
        cursor.add(events[-1])
        if is_telling(events[-1]):
            latest[step] = kind
        now = 1000.0 + len(events) * 600
        try:
            decision = cursor.decide(now)
        except StepProblems:
            # Of a question that was given up while in doubt there is no answer: what reads one ends the run, unsent.
            asking = {each.address for each in walk_flow(tree.case.prepared.flow) if getattr(each, "reply", None)}
            assert any(kind is EventKind.SKIPPED for step, kind in latest.items() if step in asking)
            return
        assert decision == decide(tree.case.prepared, tree.case.scope, state_of(events), now)
        if isinstance(decision, Send):
            assert latest.get(decision.message.step.address) in (None, EventKind.RETRYING, EventKind.FAILED)


def a_run_comes_to_its_end_without_asking_the_same_twice(tree: Tree, outcomes: list[str]) -> None:
    """Between two equal Decisions something has happened, or time has passed."""
    assume(passes(tree))
    world = carried_out(tree, outcomes)
    assert len(world.decisions) <= 2 * len(world.events) + 2
    taken = [each for each in world.decisions if isinstance(each, TakeAnswer)]
    assert len(taken) == len([each for each in world.events if each.kind is EventKind.ANSWERED])
    used = [its for each in taken for its in each.answered.ids]
    assert len(used) == len(set(used)), "a message is one answer"


PROPERTIES: list[tuple[Callable[..., None], Mapping[str, Any]]] = [
    (what_was_let_pass_is_never_refused, {"outcomes": OUTCOMES}),
    (what_is_refused_on_some_path_names_what_was_answered, {}),
    (a_run_that_is_stopped_on_its_way_sends_what_one_that_is_not_sends, {"outcomes": OUTCOMES}),
    (from_any_prefix_of_the_events_the_rest_of_the_same_messages_follows, {"data": st.data()}),
    (the_path_that_is_shown_for_some_answers_is_the_one_that_is_taken, {}),
    (every_step_that_is_sent_was_checked, {}),
    (who_says_stop_hears_no_more_of_it, {"outcomes": OUTCOMES, "data": st.data()}),
    (nothing_is_sent_of_which_the_recipient_may_have_something, {"told": TOLD}),
    (a_run_comes_to_its_end_without_asking_the_same_twice, {"outcomes": OUTCOMES}),
]


ALL = pytest.mark.parametrize(("holds", "strategies"), PROPERTIES, ids=lambda each: getattr(each, "__name__", ""))


@ALL
def test_what_must_hold_of_every_flow_that_listens(holds: Callable[..., None], strategies: Mapping[str, Any]) -> None:
    """Over generated trees, people and histories: the same ones in every run."""
    QUICK(given(tree=trees(), **strategies)(holds))()


@pytest.mark.soak
@ALL
def test_what_must_hold_of_many_flows_that_listen(holds: Callable[..., None], strategies: Mapping[str, Any]) -> None:
    """Others in every run, for minutes."""
    LONG(given(tree=trees(), **strategies)(holds))()


def test_the_generated_trees_are_worth_it() -> None:
    """Enough of them are right, and reach every kind of branch."""
    seen: set[str] = set()

    @settings(QUICK, max_examples=some(200))
    @given(tree=trees(), outcomes=OUTCOMES)
    def look(tree: Tree, outcomes: list[str]) -> None:
        if passes(tree):
            world = carried_out(tree, outcomes)
            seen.update(each.detail["branch"][:1] for each in world.events if each.kind is EventKind.ANSWERED)
            seen.update("#" for step, _ in world.taken if "#" in step)
            seen.update("/" for step, _ in world.taken if "/" in as_written(step))
            seen.update(step.rpartition(".")[2][0] for step, _ in world.taken if not step[-1:].isspace())

    look()
    assert {"a", "o", "n", "g", "#", "/", "r"} <= seen
