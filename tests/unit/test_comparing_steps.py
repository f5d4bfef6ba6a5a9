"""Which steps of two versions are one step, and what became of each."""

import json
import time
from functools import reduce
from operator import getitem
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.diff import compare_actions
from flowrunner.diff.values import StepChange
from flowrunner.model import Action, Message, MessageStep, Pause, PauseStep, Skipped

Spec = str | float | dict[str, Any]


def action(number: int, spec: Spec) -> Action:
    """A pause of so many seconds; a message object; or ``id|text``, left out where it begins with a dash."""
    if isinstance(spec, float):
        return Pause(PauseStep(str(number + 1), ("steps", number), seconds=spec), spec)
    name, _, text = ("", "", "") if isinstance(spec, dict) else spec.removeprefix("-").rpartition("|")
    body = spec if isinstance(spec, dict) else {"message_type": "text", "content": text}
    step = MessageStep(str(number + 1), ("steps", number), id=name, message=body)
    if isinstance(spec, str) and spec.startswith("-"):
        return Skipped(step, "x is false")
    return Message(step, body, json.dumps(body))


def actions(*specs: Spec) -> list[Action]:
    return [action(number, spec) for number, spec in enumerate(specs)]


def place(action: Action) -> int:
    return int(action.step.address) - 1


def told(changes: tuple[StepChange, ...]) -> str:
    """Each step as ``kind old>new``, the kept ones left out."""
    places = [
        f"{change.kind}{'+moved' if change.moved and change.kind == 'changed' else ''} "
        f"{change.before.step.address if change.before else ''}>{change.after.step.address if change.after else ''}"
        for change in changes
        if change.kind != "kept"
    ]
    return ", ".join(places)


PAIRS: list[tuple[str, list[Spec], list[Spec], str]] = [
    ("nothing", ["a", 2.0, "b"], ["a", 2.0, "b"], ""),
    ("added at the end", ["a"], ["a", "b"], "added >2"),
    ("added at the beginning", ["a"], ["b", "a"], "added >1"),
    ("removed in between", ["a", "b", "c"], ["a", "c"], "removed 2>"),
    ("all new", [], ["a", "b"], "added >1, added >2"),
    ("all gone", ["a", "b"], [], "removed 1>, removed 2>"),
    ("moved down", ["a", "b", "c", "d"], ["b", "c", "a", "d"], "moved 1>3"),
    ("moved up", ["a", "b", "c", "d"], ["c", "a", "b", "d"], "moved 3>1"),
    ("two exchanged", ["a", "b"], ["b", "a"], "moved 1>2"),
    ("changed", ["Hi Ana, how are you"], ["Hi Ana, who are you"], "changed 1>1"),
    ("too different", ["one two three"], ["four five six"], "removed 1>, added >1"),
    ("an emoji is a word", ["👍🎉"], ["👍🎉, thank you"], "changed 1>1"),
    ("signs make nothing alike", ["one, two!"], ["uno, dos!"], "removed 1>, added >1"),
    ("too different, with an id", ["x|one two three"], ["x|four five six"], "changed 1>1"),
    ("an id is renamed", ["x|one", "b"], ["y|one", "b"], ""),
    ("ids are exchanged, texts not", ["x|one", "y|two"], ["y|one", "x|two"], ""),
    ("an id is given", ["one", "two"], ["x|one", "two", "three"], "added >3"),
    ("moved and changed", ["x|one two", "b", "c"], ["b", "c", "x|one 2"], "changed+moved 1>3"),
    ("a pause is longer", ["a", 2.0, "b"], ["a", 5.0, "b"], "changed 2>2"),
    ("a pause among equal ones", ["a", 2.0, "b", 2.0, "c"], ["b", 2.0, "c"], "removed 1>, removed 2>"),
    ("a pause elsewhere", ["a", 2.0, "b", "c"], ["a", "b", 5.0, "c"], "removed 2>, added >3"),
    ("an equal one added", ["a", "a"], ["a", "a", "a"], "added >3"),
    ("of another type, by its id", ["x|one"], [{"message_type": "image", "media_id": "1"}], "removed 1>, added >1"),
    ("now left out", ["x|one"], ["-x|one"], "changed 1>1"),
    ("now left out, without an id", ["one two"], ["-one two"], "changed 1>1"),
    ("no longer left out", ["-x|one"], ["x|one"], "changed 1>1"),
    ("left out as before, written otherwise", ["-x|one", "b"], ["-x|two", "b"], ""),
    ("a left-out step is new", ["a"], ["a", "-x|one"], "added >2"),
    ("long apart", ["a", "m n o p"], ["b", "c", "m n o q"], "removed 1>, added >1, added >2, changed 2>3"),
    ("a pause after a changed message", ["a b c", 1.0, "d"], ["a b e", 2.0, "d"], "changed 1>1, changed 2>2"),
    ("no type is text", [{"content": "a"}], [{"message_type": "text", "content": "a"}], ""),
    ("whole numbers", [{"content": "a", "latitude": 19}], [{"content": "a", "latitude": 19.0}], ""),
    ("true is not 1", [{"content": "a", "flag": 1}], [{"content": "a", "flag": True}], "changed 1>1"),
    ("keys in another order", [{"content": "a", "filename": "b"}], [{"filename": "b", "content": "a"}], ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after", "expected"), PAIRS, ids=[each[0] for each in PAIRS])
def test_what_became_of_each_step(name: str, before: list[Spec], after: list[Spec], expected: str) -> None:
    """By id, by what it says, by likeness; in place or moved."""
    found = told(compare_actions(actions(*before), actions(*after)))
    assert sorted(found.split(", ")) == sorted(expected.split(", "))


def test_a_step_of_one_id_that_does_something_else_is_another_step() -> None:
    """A pause never becomes a message."""
    pause = Pause(PauseStep("1", ("steps", 0), id="x", seconds=2.0), 2.0)
    assert told(compare_actions([pause], actions("x|one"))) == "removed 1>, added >1"


def test_a_removed_step_stands_after_what_it_followed() -> None:
    """And one that was removed from the beginning stands first."""
    changes = compare_actions(actions("a", "b", "c", "d"), actions("b", "e", "d"))
    order = [(change.kind, (change.before or change.after).step.message["content"]) for change in changes]  # type: ignore[union-attr]
    assert order == [("removed", "a"), ("kept", "b"), ("removed", "c"), ("added", "e"), ("kept", "d")]


def test_what_a_step_waits_for_is_compared() -> None:
    """Until, timeout and what happens then decide when the next message comes."""
    body = {"message_type": "text", "content": "a"}
    old = Message(MessageStep("1", ("steps", 0), message=body, until="delivered"), body, "")
    new = Message(MessageStep("1", ("steps", 0), message=body, until="read", timeout=30.0), body, "")
    (change,) = compare_actions([old], [new])
    assert [(field.name, field.before, field.after) for field in change.fields] == [
        ("until", "delivered", "read"),
        ("timeout", None, 30.0),
    ]


BUTTONS = {
    "message_type": "interactive",
    "interactive_type": "button",
    "body_text": "Shall we?",
    "footer_text": "Any time",
    "buttons": [{"id": "a", "title": "Yes"}, {"id": "b", "title": "No"}],
}
FIELDS: list[tuple[dict[str, Any], list[tuple[str, Any, Any]]]] = [
    ({"body_text": "Shall I?"}, [("body_text", "Shall we?", "Shall I?")]),
    ({"footer_text": None}, [("footer_text", "Any time", None)]),
    ({"header_text": "New"}, [("header_text", None, "New")]),
    ({"buttons": [{"id": "a", "title": "Sure"}, {"id": "b", "title": "No"}]}, [("buttons[0].title", "Yes", "Sure")]),
    ({"buttons": [{"id": "b", "title": "No"}]}, [("buttons[0].id", "a", None), ("buttons[0].title", "Yes", None)]),
    (
        {"buttons": [{"id": "c", "title": "Perhaps"}, *BUTTONS["buttons"]]},
        [("buttons[0].id", None, "c"), ("buttons[0].title", None, "Perhaps")],
    ),
    ({"buttons": [{"id": "x", "title": "Yes"}, {"id": "b", "title": "No"}]}, [("buttons[0].id", "a", "x")]),
]


@pytest.mark.parametrize(("change", "fields"), FIELDS)
def test_values_are_compared_one_by_one(change: dict[str, Any], fields: list[tuple[str, Any, Any]]) -> None:
    """Buttons and rows are known by their ids; a new one does not make the others differ."""
    body = {name: value for name, value in {**BUTTONS, **change}.items() if value is not None}
    (found,) = compare_actions(actions(BUTTONS), actions(body))
    assert [(field.name, field.before, field.after) for field in found.fields] == fields
    for field in found.fields:
        assert (not field.route, not field.old_route) == (field.after is None, field.before is None)
        for route, whole, value in ((field.route, body, field.after), (field.old_route, BUTTONS, field.before)):
            assert not route or reduce(getitem, route[1:], whole) == value  # type: ignore[arg-type]


def test_no_flow_takes_long() -> None:
    """As many steps as a file can hold, half of them equal pauses, a few or all of the others changed and moved."""
    old = [2.0 if number % 2 else f"message {number} of a long flow" for number in range(4000)]
    begun = time.process_time()
    for every in (40, 2):
        new = [f"{spec} now" if number % every == 0 else spec for number, spec in enumerate(old)]
        changes = compare_actions(actions(*old), actions(*new[3:], *new[:3]))
        assert sum(change.kind == "changed" for change in changes) >= 4000 // every - 3
    assert time.process_time() - begun < 5


# --- what holds for all

SPECS = st.lists(
    st.one_of(
        st.sampled_from(["a", "b", "a b c", "a b d", "x|a b", "y|c d e", "z|a", "-w|a b", "-c d", "a c d"]),
        st.sampled_from([1.0, 2.0]),
        st.sampled_from([BUTTONS, {**BUTTONS, "body_text": "Or not?"}, {"message_type": "image", "media_id": "1"}]),
    ),
    max_size=9,
)


def unique_ids(specs: list[Spec]) -> list[Action]:
    """Two steps of one flow never have the same id."""
    seen: set[str] = set()
    kept = []
    for spec in specs:
        name = spec.removeprefix("-").rpartition("|")[0] if isinstance(spec, str) else ""
        if not name or name not in seen:
            kept.append(spec)
        seen.add(name)
    return actions(*kept)


@settings(deadline=None)
@given(SPECS)
def test_nothing_differs_from_itself(specs: list[Spec]) -> None:
    """Not even a move."""
    its = unique_ids(specs)
    assert [change.kind for change in compare_actions(its, its)] == ["kept"] * len(its)


@settings(deadline=None)
@given(SPECS, SPECS)
def test_each_step_of_both_sides_is_told_once(before: list[Spec], after: list[Spec]) -> None:
    """The new ones in their order; what is kept keeps its order; what is kept or moved is the same message."""
    old, new = unique_ids(before), unique_ids(after)
    changes = compare_actions(old, new)
    assert [change.after for change in changes if change.after is not None] == new
    assert sorted(place(change.before) for change in changes if change.before) == list(range(len(old)))
    staying = [place(change.before) for change in changes if change.before and change.after and not change.moved]
    assert staying == sorted(staying)
    for change in changes:
        if change.kind in {"kept", "moved"} and isinstance(change.after, Message):
            assert isinstance(change.before, Message)
            assert change.before.body == change.after.body


@settings(deadline=None)
@given(SPECS, SPECS)
def test_the_other_way_round_added_is_removed(before: list[Spec], after: list[Spec]) -> None:
    """Pairs and moves are the same, seen from the other side."""
    old, new = unique_ids(before), unique_ids(after)
    there = {
        (change.before and place(change.before), change.after and place(change.after), change.moved)
        for change in compare_actions(old, new)
    }
    back = {
        (change.after and place(change.after), change.before and place(change.before), change.moved)
        for change in compare_actions(new, old)
    }
    assert there == back


@settings(deadline=None)
@given(SPECS, SPECS)
def test_applying_the_changes_gives_the_new_messages(before: list[Spec], after: list[Spec]) -> None:
    """Each old message with its changed values put in is the new message."""
    for change in compare_actions(unique_ids(before), unique_ids(after)):
        if isinstance(change.before, Message) and isinstance(change.after, Message):
            body = json.loads(json.dumps(change.before.body))
            for field in change.fields:
                assert field.route == field.old_route, "these messages have values at the same places"
                target = body
                for part in field.route[1:-1]:
                    target = target[part]
                target[field.route[-1]] = field.after
                if field.spans:
                    assert "".join(span.text for span in field.spans if span.kind != "removed") == field.after
            assert body == change.after.body
