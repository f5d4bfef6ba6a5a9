"""A flow prepared once: what it gives is right for everybody, and what it refuses is said."""

# ruff: noqa: E501  # a table's row is read as one line

import gc
import json
import sys
from collections.abc import Mapping
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from flowrunner.engine import Bound, Prepared, given_text
from flowrunner.engine.ahead.shown import shown
from flowrunner.flow import Loaded, load_file, load_text
from flowrunner.model import Action, Message, MessageStep, Pause, PauseStep, Recipient, Skipped, compact
from flowrunner.spec import KINDS, check_message
from support import conformance_cases, plain_jinja
from support.hostile_values import with_expressions
from support.simple_values import HOSTILE, VALUES, flows_of_simple_expressions
from support.slices import crossed, some
from support.talks import Talk

NOW = "2026-03-01T10:00:00-06:00"
WHOM = Recipient("conv-1", "+5215512345678")
FLOWS = sorted(
    path
    for path in Path(__file__).parents[2].glob("flows/*.yaml")
    if "." not in path.stem  # no translation of one
)
BOUNDED = settings(max_examples=some(150), deadline=None, suppress_health_check=list(HealthCheck))


def acted(loaded: Loaded, values: Mapping[str, Any], whom: Recipient = WHOM) -> tuple[Action, ...] | None:
    """What becomes of every step; None where there is an error, or a warning that reading the flow did not give.

    What was accepted fast, `check_message` has nothing new to say of, and a plain loop makes as well.
    """
    actions, found = Prepared(loaded).actions(whom, Bound(values, {}), NOW)
    if actions is None or found:
        assert found
        return None
    assert loaded.flow is not None
    known = {(each.code, each.message) for each in loaded.diagnostics}
    for each in actions:
        if isinstance(each, Message):
            new = [said for said in check_message(each.body) if (said.code, said.message) not in known]
            assert not new or ({said.severity for said in new} == {"warning"} and "ignore[" in loaded.flow.bundle.text)
            assert each.text.encode() == compact(each.body).encode()  # though what does not vary was encoded before
            assert json.dumps(json.loads(each.text)) == json.dumps(each.body)  # 1 is not 1.0, and not true
    is_flat = all(isinstance(step, MessageStep | PauseStep) for step in loaded.flow.steps) and not loaded.flow.listens
    if is_flat and "random" not in loaded.flow.bundle.text and "date(" not in loaded.flow.bundle.text:
        assert [each.text.casefold() for each in actions if isinstance(each, Message)] == [
            each.casefold() for each in plain_jinja.texts(loaded, whom, values, NOW)
        ]  # the first letter of true may differ
    return actions


def examples(loaded: Loaded) -> dict[str, Any]:
    assert loaded.flow is not None
    return {
        name: each.example
        if each.has_example
        else each.default
        if each.has_default
        else each.schema.get("enum", "x")[0]
        for name, each in loaded.flow.inputs.items()
    }


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_the_shipped_flows_are_accepted_with_their_examples(path: Path) -> None:
    """There is nothing to say of them."""
    loaded = load_file(path)
    actions = acted(loaded, examples(loaded))
    assert actions is not None
    assert any(isinstance(each, Message) for each in actions)


@pytest.mark.sliced
@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_the_shipped_flows_are_checked_with_hostile_values(path: Path) -> None:
    """Each hostile text stands in for each input in turn, truth values for truth values, too."""
    loaded = load_file(path)
    good = examples(loaded)
    flags = [name for name, usual in good.items() if isinstance(usual, bool)]
    for name, value in [
        *product(flags, (True, False)),
        *crossed(4, [name for name in good if name not in flags], HOSTILE),
    ]:
        acted(loaded, {**good, name: value})


@pytest.mark.parametrize("kind", [*KINDS, "flow"])
def test_the_conformance_cases_are_checked(kind: str) -> None:
    """Every message that the spec takes."""
    for path in conformance_cases.PATHS:
        if path.parts[-3:-1] == (kind, "valid"):
            loaded = load_file(path)
            assert loaded.flow is not None
            acted(loaded, examples(loaded))


@settings(BOUNDED, max_examples=some(250))
@given(content=flows_of_simple_expressions(), values=VALUES)
def test_generated_flows_are_checked(content: str, values: dict[str, Any]) -> None:
    """Every kind of message, simple and less simple expressions in it, values that nobody would give."""
    loaded = load_text(content, "f.yaml")
    assume(loaded.flow is not None)
    acted(loaded, values)


@BOUNDED
@given(content=with_expressions(), values=st.data())
def test_hostile_expressions_are_checked(content: str, values: st.DataObject) -> None:
    """Whatever Jinja's grammar allows, with the declared examples and with hostile texts."""
    loaded = load_text(content, "f.yaml")
    assume(loaded.flow is not None)
    acted(loaded, {**examples(loaded), "name": values.draw(st.sampled_from(HOSTILE))})


def test_what_is_not_reached_is_not_worked_out() -> None:
    """Neither here nor by the judge, though it is constant and cannot be worked out."""
    loaded = load_text("name: a\nsteps:\n  - message: \"{{ 'a' or {[1]: 2} }}\"\n", "f.yaml")
    actions = acted(loaded, {})
    assert actions is not None
    assert [each.body["content"] for each in actions if isinstance(each, Message)] == ["a"]


@pytest.mark.parametrize(
    "text",
    ["{{ name | upper }}" * 30, "{{ name }}" * 99, "{% for x in name %}{{ name }}{% endfor %}", "{{ name * 9 }}"],
)
def test_the_bounds_hold_for_a_million_characters(text: str) -> None:
    """They are refused, not made."""
    loaded = load_text(f"name: t\ninputs: {{name: {{}}}}\nsteps: [{{message: {json.dumps(text)}}}]\n", "f.yaml")
    actions, found = Prepared(loaded).actions(WHOM, Bound({"name": "x" * 1_000_000}, {}), NOW)
    assert actions is None
    assert [each.code for each in found] == ["expression-limit"]


STEPS = """name: t
inputs: {name: {type: string}, skip: {type: boolean, default: false}}
steps:
  - {id: hi, message: "Hi {{ name }}, {{ ['a', 'b', 'c', 'd'] | random }}"}
  - {id: wait, pause: 1.5s}
  - {id: promo, when: not skip, message: "{{ now.strftime('%d/%m') }} {{ recipient.phone }} {{ conversation.id }}"}
  - {when: false, message: never}
  - {when: promo.skipped, message: "{{ hi.message.content | length }}"}
  - message: {message_type: contacts, contacts: [{formatted_name: "{{ name }}", first_name: A, phones: [{phone: "+34600000000"}]}]}
"""  # fmt: skip


@pytest.mark.parametrize("skip", [True, False])
def test_steps_see_the_steps_before_them(skip: bool) -> None:
    """Skipped, paused and sent steps, chance and the moment: as in a single run."""
    loaded = load_text(STEPS, "f.yaml")
    actions = acted(loaded, {"name": "Ana", "skip": skip})
    assert actions is not None
    sent = Skipped if skip else Message
    assert [type(each) for each in actions] == [Message, Pause, sent, Skipped, Message if skip else Skipped, Message]
    for number in range(20):
        acted(loaded, {"name": "Ana", "skip": skip}, Recipient(f"c{number}", f"+34{number}"))


def test_a_prepared_flow_forgets_whom_it_rendered_for() -> None:
    """What it gives to one recipient does not depend on those before."""
    prepared = Prepared(load_text(STEPS, "f.yaml"))
    first = prepared.actions(WHOM, Bound({"name": "Ana", "skip": False}, {}), NOW)
    assert prepared.actions(WHOM, Bound({"name": "\ud800", "skip": True}, {}), NOW)[0] is None
    assert prepared.actions(Recipient("other"), Bound({"name": "Zoë", "skip": True}, {}), NOW) != first
    assert prepared.actions(WHOM, Bound({"name": "Ana", "skip": False}, {}), NOW) == first


def test_a_run_renders_a_step_once_for_what_it_may_read() -> None:
    """The same action again for the same values; another where an earlier step came out otherwise."""
    prepared = Prepared(load_text(STEPS, "f.yaml"))
    bound, promo = Bound({"name": "Ana", "skip": False}, {}), 2
    one = prepared.for_one()
    actions, _ = one.actions(WHOM, bound, NOW)
    assert actions is not None
    scope = one.scope(WHOM, bound.values, NOW)
    again = shown(one, scope, []).actions
    assert again == actions
    assert all(a is b for a, b in zip(again, actions, strict=True))
    steps = prepared.flow.steps
    left_out = one.bind(one.bind(scope, steps[0], actions[0]), steps[promo], Skipped(steps[promo], ""))
    assert isinstance(one.act(steps[4], left_out), Message)
    assert isinstance(one.act(steps[4], one.bind(scope, steps[promo], actions[promo])), Skipped)
    assert prepared.actions(WHOM, bound, NOW)[0] == actions


def test_nothing_is_kept_of_a_recipient() -> None:
    """Memory does not grow with the audience."""
    prepared = Prepared(load_text(STEPS, "f.yaml"))

    def blocks(begin: int) -> int:
        for number in range(begin, begin + 200):
            bound, _ = prepared.inputs.bind({"name": given_text("name", f"Ana {number}")})
            assert bound is not None
            whom = Recipient(f"c{number}", WHOM.phone)
            assert prepared.actions(whom, bound, NOW)[0] is not None
            assert prepared.for_one().actions(whom, bound, NOW)[0] is not None
        gc.collect()
        return sys.getallocatedblocks()

    counts = [blocks(begin) for begin in range(0, 800, 200)]
    # Python itself may begin to keep something in one of the rounds; what is kept of recipients grows in each.
    assert min(after - before for before, after in pairwise(counts)) < 100


def test_a_warning_of_the_flow_itself_is_not_said_again() -> None:
    """It was said when the flow was read; one that only a value brings is said for whoever has it."""
    content = 'name: t\ninputs: {u: {}, c: {}}\nsteps: [{message: {message_type: image, media_url: "http://e.com/{{ u }}", caption: "{{ c }}"}}]'
    constant = content.replace("/{{ u }}", "/a.jpg")
    loaded = load_text(constant.replace("u: {}, ", ""), "f.yaml")
    assert [each.code for each in loaded.diagnostics] == ["plain-http"]
    assert acted(loaded, {"c": "x"}) is not None
    loaded = load_text(content, "f.yaml")
    assert [each.code for each in loaded.diagnostics] == ["plain-http"]
    assert acted(loaded, {"u": "a.jpg", "c": "x"}) is not None
    assert acted(loaded, {"u": "a.gif", "c": "x"}) is None
    assert acted(loaded, {"u": "a.jpg", "c": "x **y**"}) is None


TEXTS = [
    "plain",
    "a\\nb",
    "**b**",
    "<b>x</b>",
    "“x”",
    "a\0b",
    "a\x1fb",
    "a\x7fb",
    "a\x9bb",
    "a\bb",
    "a\fb",
    "\\u0000",
    "\\b",
    "é\n\tx",
    "a\ud83d",
]


@pytest.mark.parametrize("literal", ["{{ v }}", "**Hi** {{ v }}", "<br>{{ v }}", "a\\\\nb {{ v }}", "“{{ v }}”"])
@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_what_is_sent_as_it_was_typed_is_said_once(literal: str, text: str) -> None:
    """What stands in the flow was said of the flow; what a value brings is said with it."""
    loaded = load_text(f"name: t\ninputs: {{v: {{}}}}\nsteps: [{{message: {json.dumps(literal)}}}]", "f.yaml")
    is_fine = text in {"plain", "\\b", "é\n\tx"}
    assert (acted(loaded, {"v": text}) is not None) >= is_fine
    assert literal != "{{ v }}" or (acted(loaded, {"v": text}) is not None) is is_fine


BUTTON = {"id": "a", "title": "A"}
ROW = {"id": "a", "title": "A"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("buttons", [BUTTON, BUTTON]),
        ("sections", [{"rows": [ROW, ROW]}]),
        (
            "sections",
            [{"title": "t", "rows": [{"id": f"{i}{j}", "title": f"{i}{j}"} for j in range(6)]} for i in range(2)],
        ),
    ],
)
def test_what_a_whole_list_holds_twice_is_refused(field: str, value: Any) -> None:
    """An expression may give a list of which only the whole is wrong."""
    kind = {"buttons": "button", "sections": "list, list_button_text: l"}[field]
    message = f'{{message_type: interactive, interactive_type: {kind}, body_text: b, {field}: "{{{{ v }}}}"}}'
    loaded = load_text(f"name: t\ninputs: {{v: {{}}}}\nsteps: [{{message: {message}}}]", "f.yaml")
    assert loaded.flow is not None, loaded.diagnostics
    assert acted(loaded, {"v": value}) is None


@pytest.mark.parametrize(("wa_id", "is_fine"), [("5215512345678", True), ("", False), ("+52 1", False)])
def test_a_card_whose_number_varies(wa_id: str, is_fine: bool) -> None:
    """A wa_id that is blank is none."""
    card = '{first_name: A, phones: [{phone: "+521", wa_id: "{{ w }}"}]}'
    loaded = load_text(
        f"name: t\ninputs: {{w: {{}}}}\nsteps: [{{message: {{message_type: contacts, contacts: [{card}]}}}}]", "f"
    )
    assert (acted(loaded, {"w": wa_id}) is not None) is is_fine


def test_a_card_without_a_wa_id_is_known_before_its_values() -> None:
    """It is said of the flow, and not again for each name."""
    card = '{first_name: "{{ n }}", phones: [{phone: "+521"}]}'
    loaded = load_text(
        f"name: t\ninputs: {{n: {{}}}}\nsteps: [{{message: {{message_type: contacts, contacts: [{card}]}}}}]", "f"
    )
    assert [each.code for each in loaded.diagnostics] == ["no-wa-id"]
    assert acted(loaded, {"n": "Ana"}) is not None


@pytest.mark.parametrize(("kind", "is_fine"), [("video", True), ("image", False), ("nonsense", False)])
def test_a_value_may_decide_how_a_constant_beside_it_is_checked(kind: str, is_fine: bool) -> None:
    """An .mp4 goes with a video header only, and which header it is comes from a value."""
    header = 'header_type: "{{ kind }}", header_params: "https://e.com/a.mp4"'
    message = f"{{message_type: template, template_name: a, template_language: es, {header}}}"
    loaded = load_text(f"name: t\ninputs: {{kind: {{}}}}\nsteps: [{{message: {message}}}]\n", "f.yaml")
    assert (acted(loaded, {"kind": kind}) is not None) is is_fine


@pytest.mark.parametrize(("ending", "is_fine"), [("mp4", True), ("pdf", False)])
def test_a_constant_may_decide_how_a_value_beside_it_is_checked(ending: str, is_fine: bool) -> None:
    """A video header takes an .mp4, and warns of a .pdf."""
    header = 'header_type: video, header_params: "https://e.com/a.{{ ending }}"'
    message = f"{{message_type: template, template_name: a, template_language: es, {header}}}"
    loaded = load_text(f"name: t\ninputs: {{ending: {{}}}}\nsteps: [{{message: {message}}}]\n", "f.yaml")
    assert (acted(loaded, {"ending": ending}) is not None) is is_fine


TURNS = """
name: turns
inputs: {items: {type: array, items: {type: string}}}
steps:
  - for_each: item
    in: "{{ items }}"
    steps: [{message: "{{ loop.index }} {{ item }}"}]
  - message: done
"""


@pytest.mark.parametrize("item", ["<b>Tea</b>", "**Tea**", "Tea\\nHoney", "\u200b", "_Tea_"])
def test_a_message_that_is_warned_of_is_sent_in_its_turn_and_once(item: str) -> None:
    """What a customer's own text looks like is no reason to send it again and again."""
    talk = Talk(TURNS, {"items": [item, "Honey", item]})
    assert talk.sent == [("1#1.1", f"1 {item}"), ("1#2.1", "2 Honey"), ("1#3.1", f"3 {item}"), ("2", "done")]
