"""Rendering: values in, the very bytes of the wire out; or every problem with its place and the value's origin."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flowrunner.diagnostics import Diagnostic
from flowrunner.engine import Given, Prepared, given_file, given_text, moment
from flowrunner.flow import Loaded, load_text
from flowrunner.model import Message, Pause, Recipient, Rendering, Skipped

NOW = "2026-03-01T10:00:00-06:00"
WHOM = Recipient("conv-1", "+5215512345678")


def load(text: str) -> Loaded:
    loaded = load_text(text, "f.yaml")
    assert loaded.flow is not None, [(str(each.location), each.message) for each in loaded.diagnostics]
    return loaded


def outcome(
    text: str, now: str = NOW, whom: Recipient = WHOM, **given: str
) -> tuple[Rendering | None, list[Diagnostic]]:
    loaded = load(text)
    return Prepared(loaded).render(whom, {name: given_text(name, each) for name, each in given.items()}, now)


def rendered(text: str, now: str = NOW, whom: Recipient = WHOM, **given: str) -> Rendering:
    rendering, problems = outcome(text, now, whom, **given)
    assert rendering is not None, [(str(each.location), each.message) for each in problems]
    return rendering


def bodies(text: str, **given: str) -> list[dict[str, Any]]:
    return [json.loads(each.wire) for each in rendered(text, **given).messages]


def places(problems: list[Diagnostic]) -> list[str]:
    for each in problems:
        assert each.hint, each
        for word in ("NoneType", "'str'", "'dict'", "Undefined", "properties/"):
            assert word not in each.message + each.hint
    return [f"{each.location.line}:{each.location.column} {each.code}" for each in problems]


def test_the_wire_is_compact_json_in_the_authors_order() -> None:
    """Keys as they were written, no spaces, characters as themselves; and the body is the same."""
    fields = 'caption: "¡{{ 1 + 0 }}! 👋", media_url: "https://e.com/a.jpg", message_type: image'
    text = f"name: t\nsteps:\n  - message: {{{fields}}}\n"
    (message,) = rendered(text).messages
    assert message.text == '{"caption":"¡1! 👋","media_url":"https://e.com/a.jpg","message_type":"image"}'
    assert message.wire == message.text.replace("}", ',"content":"¡1! 👋"}')
    assert json.loads(message.text) == message.body


def test_a_short_message_is_a_text_message() -> None:
    """The string form says its type."""
    assert bodies("name: t\nsteps: [{message: Hola}]\n") == [{"message_type": "text", "content": "Hola"}]


EVERYTHING = """name: t
inputs:
  name: {type: string, default: Ana}
  skip: {type: boolean, default: false}
steps:
  - {id: hi, message: "Hola {{ name }}, {{ ['a', 'b', 'c', 'd'] | random }}"}
  - pause: 1.5s
  - {id: promo, when: not skip, message: "{{ now.strftime('%d/%m') }} {{ recipient.phone }} {{ conversation.id }}"}
  - when: not promo.skipped
    message: "{{ hi.message.content | length }} {{ promo.message.content }}"
"""


def test_steps_become_actions_in_order() -> None:
    """One action for each step: messages, pauses, and what is left out with its reason."""
    kinds = [type(each) for each in rendered(EVERYTHING).actions]
    assert kinds == [Message, Pause, Message, Message]
    _, pause, promo, last = rendered(EVERYTHING, skip="true").actions
    assert isinstance(pause, Pause)
    assert pause.seconds == 1.5
    assert isinstance(promo, Skipped)
    assert promo.reason == "not skip is false"
    assert isinstance(last, Skipped)
    assert last.step.label == "4"


def test_later_steps_see_what_earlier_ones_send() -> None:
    """`now`, the recipient, and the bodies of earlier steps are values."""
    first, promo, last = bodies(EVERYTHING)
    assert promo["content"] == "01/03 +5215512345678 conv-1"
    assert last["content"] == f"{len(first['content'])} 01/03 +5215512345678 conv-1"


def test_the_same_run_renders_to_the_same_bytes() -> None:
    """Twice with the same moment, conversation and values: the same wire; chance differs between conversations."""
    wires = [[each.wire for each in rendered(EVERYTHING).messages] for _ in range(3)]
    assert wires[0] == wires[1] == wires[2]
    text = "name: t\nsteps: [{message: '{{ range(1000) | random }}'}, {message: '{{ range(1000) | random }}'}]\n"
    one, two = bodies(text)
    assert one["content"] != two["content"]
    others = {rendered(text, whom=Recipient(str(each))).messages[0].wire for each in range(20)}
    assert len(others) > 10


def test_the_moment_keeps_its_offset() -> None:
    """ISO 8601 to the second, and back to the same in `now`."""
    when = datetime.fromisoformat("2026-03-01T10:00:00.987-06:00")
    assert datetime.fromisoformat(moment(when.timestamp())) == when.replace(microsecond=0)
    assert datetime.fromisoformat(moment(0.0)).tzinfo is not None
    text = "name: t\nsteps: [{message: '{{ now.isoformat() }}'}]\n"
    assert bodies(text)[0]["content"] == NOW
    assert rendered(text, now="2026-01-01T00:00:00+00:00").messages[0].body["content"] == "2026-01-01T00:00:00+00:00"


STRUCTURES: list[tuple[str, str, str, Any]] = [
    (
        "message_type: interactive, interactive_type: button, body_text: x",
        "buttons",
        "{{ [{'id': n, 'title': 'No'}] }}",
        [{"id": "7", "title": "No"}],
    ),
    (
        "message_type: interactive, interactive_type: button, body_text: x",
        "buttons",
        "{{ rows }}",
        [{"id": "1", "title": "Uno"}, {"id": "2", "title": "No"}],
    ),
    (
        "message_type: interactive, interactive_type: list, body_text: x, list_button_text: y",
        "sections",
        "{{ [{'title': 'A', 'rows': rows}] }}",
        [{"title": "A", "rows": [{"id": "1", "title": "Uno"}, {"id": "2", "title": "No"}]}],
    ),
    ("message_type: template, template_name: a, template_language: es", "template_params", "{{ [n, 1.5, 'x'] }}",
     ["7", "1.5", "x"]),
    ("message_type: template, template_name: a, template_language: es", "template_params", "{{ {'a': n} }}",
     {"a": "7"}),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "name", "written", "sent"), STRUCTURES)
def test_a_list_or_object_may_be_one_expression(fields: str, name: str, written: str, sent: Any) -> None:
    """Its parts are typed by the spec: a number where text is wanted is sent as text."""
    text = f"""name: t
inputs:
  n: {{type: integer, default: 7}}
  rows: {{type: array, default: [{{id: 1, title: Uno}}, {{id: 2, title: No}}]}}
steps:
  - message: {{{fields}, {name}: "{written}"}}
"""
    assert bodies(text)[0][name] == sent


def test_a_part_of_a_list_may_be_an_expression() -> None:
    """An entry, or a field of one, beside literal ones."""
    text = """name: t
inputs:
  extra: {type: object, default: {id: z, title: Zeta}}
steps:
  - message:
      message_type: interactive
      interactive_type: button
      body_text: x
      buttons: [{id: a, title: "{{ extra.id }}"}, "{{ extra }}"]
"""
    assert bodies(text)[0]["buttons"] == [{"id": "a", "title": "z"}, {"id": "z", "title": "Zeta"}]


BROKEN: list[tuple[str, list[str]]] = [
    # steps after the inputs of HEAD, what is said when they are rendered
    ('  - message: "{{ long }}"\n', ["8:14 too-long"]),
    ('  - message: "{{ blank }}"\n', ["8:14 blank-text"]),
    ('  - message: "{{ o.zz }}"\n', ["8:20 undefined-value"]),
    ('  - message: "a {{ o }}"\n', ["8:17 expression-failed"]),
    ('  - message: "{{ n }} {{ n / 0 }}"\n', ["8:23 expression-failed"]),
    ("  - message: |\n      a {{ n }}\n      b {{ o.zz }}\n", ["10:14 undefined-value"]),
    ("  - {when: n, message: x}\n", ["8:12 when-not-boolean"]),
    ("  - {when: n / 0 > 1, message: x}\n", ["8:12 expression-failed"]),
    ('  - message: {message_type: location, latitude: "{{ n }}", longitude: 1}\n', ["8:49 out-of-range"]),
    ('  - message: {message_type: location, latitude: "{{ blank }}x", longitude: 1}\n', ["8:49 wrong-type"]),
    ('  - message: {message_type: image, media_url: "{{ blank }}"}\n', ["8:47 bad-format"]),
    (
        '  - message: {message_type: interactive, interactive_type: button, body_text: x, buttons: "{{ o }}"}\n',
        ["8:91 wrong-type"],
    ),
    (
        '  - message: {message_type: interactive, interactive_type: button, body_text: x, buttons: "{{ [o.zz] }}"}\n',
        ["8:98 undefined-value"],
    ),
    ('  - {id: a, when: false, message: x}\n  - message: "{{ a.message.content }}"\n', ["9:20 undefined-value"]),
    ('  - message: fine\n  - pause: 2s\n  - message: "{{ long }}"\n', ["10:14 too-long"]),
    ('  - message: "{{ long }}"\n  - message: "{{ o.zz }}"\n', ["8:14 too-long", "9:20 undefined-value"]),
]
HEAD = f"""name: t
inputs:
  n: {{type: number, default: 91}}
  long: {{type: string, default: {"x" * 4097}}}
  blank: {{type: string, default: " "}}
  o: {{type: object, default: {{a: 1}}}}
steps:
"""


@pytest.mark.parametrize(("steps", "said"), BROKEN)
def test_what_only_shows_with_values_is_an_error_at_its_expression(steps: str, said: list[str]) -> None:
    """Nothing is rendered when any step, the last one too, cannot be; each mistake is said once."""
    rendering, problems = outcome(HEAD + steps)
    assert rendering is None
    assert places([each for each in problems if each.is_error]) == said


def test_a_value_that_breaks_a_limit_is_named_with_its_origin(tmp_path: Path) -> None:
    """The note leads to --var, to the file's line or to the default, and shows the value, shortened."""
    text = 'name: t\ninputs:\n  v: {type: string, default: "' + "d" * 5_000 + '"}\nsteps:\n  - message: "{{ v }}"\n'
    file = tmp_path / "vars.yaml"
    file.write_text(f"# people\nv: {'f' * 5_000}\n")
    from_file, problems = given_file(file)
    assert problems == []
    for given, origin, letter in [
        ({}, "f.yaml:3:30", "d"),
        ({"v": given_text("v", "g" * 5_000)}, "--var v", "g"),
        (from_file, f"{file}:2:4", "f"),
    ]:
        loaded = load(text)
        rendering, (problem,) = Prepared(loaded).render(WHOM, given, NOW)
        assert rendering is None
        assert (problem.code, problem.location.line) == ("too-long", 5)
        (note,) = problem.notes
        assert str(note.location) == origin
        assert letter * 39 + "…" in note.message
        assert len(note.message) < 80


def test_an_expression_that_fails_names_the_origin_of_its_values() -> None:
    """Also where it is not a limit that is broken."""
    _, (problem,) = outcome(HEAD + '  - message: "{{ o.zz }}"\n')
    assert [str(each.location) for each in problem.notes] == ["f.yaml:6:30"]


INPUTS = """name: t
inputs:
  name: {type: string, minLength: 2}
  plan: {type: string, enum: [free, pro], default: free}
  when: {type: integer, example: 3}
  who: {type: object, properties: {age: {type: integer}}, required: [age], default: {age: 5}}
steps: [{message: "{{ name }} {{ plan }} {{ when }} {{ who.age + 1 }}"}]
"""


@pytest.mark.parametrize(
    ("given", "code", "origin", "part"),
    [
        ({"nam": "Ana", "name": "Ana", "when": "1"}, "unknown-variable", "--var nam", "did you mean name?"),
        ({"nmae": "Ana", "when": "1"}, "unknown-variable", "--var nmae", "did you mean name?"),
        ({"zzz": "Ana", "name": "Ana", "when": "1"}, "unknown-variable", "--var zzz", "its inputs are name, plan"),
        ({"when": "1"}, "missing-variable", "f.yaml:3:3", "give --var name=..."),
        ({"name": "Ana"}, "missing-variable", "f.yaml:5:3", "give --var when=..."),
        ({"name": "A", "when": "1"}, "bad-variable", "--var name", "add 1 character"),
        ({"name": "Ana", "when": "x"}, "bad-variable", "--var when", "whole number"),
        ({"name": "Ana", "when": "1.5"}, "bad-variable", "--var when", "whole number"),
        ({"name": "Ana", "when": "1", "plan": "pros"}, "bad-variable", "--var plan", "did you mean pro?"),
        ({"name": "Ana", "when": "1", "who": "{age: x}"}, "bad-variable", "--var who", "whole number"),
        ({"name": "Ana", "when": "1", "who": "{}"}, "bad-variable", "--var who", "add age"),
        ({"name": "Ana", "when": "1", "who": "[a"}, "bad-variable", "--var who", "in braces"),
    ],
)
def test_a_bad_value_is_one_error_with_its_origin(given: dict[str, str], code: str, origin: str, part: str) -> None:
    """Unknown, missing and unfitting values are told where they came from, with what would mend them."""
    rendering, problems = outcome(INPUTS, **given)
    assert rendering is None
    (problem,) = problems
    assert (problem.code, str(problem.location)) == (code, origin)
    assert part in problem.hint


def test_all_bad_values_are_said_at_once() -> None:
    """One error for each."""
    _, problems = outcome(INPUTS, zzz="x", plan="pros", who="{}")
    assert sorted(each.code for each in problems) == [
        "bad-variable", "bad-variable", "missing-variable", "missing-variable", "unknown-variable"
    ]  # fmt: skip


def test_an_example_stands_in_only_where_it_may() -> None:
    """A preview takes it, and says so in the variable's origin; a run does not."""
    loaded = load(INPUTS)
    given = {"name": given_text("name", "Ana")}
    bound, _ = Prepared(loaded).inputs.bind(given, examples=True)
    assert bound is not None
    assert [(each.name, each.value, each.origin) for each in bound.variables] == [
        ("name", "Ana", "--var name"),
        ("plan", "free", "default"),
        ("when", 3, "example"),
        ("who", {"age": 5}, "default"),
    ]
    assert Prepared(loaded).inputs.bind(given)[0] is None


def test_values_of_the_python_api_are_taken_as_they_are() -> None:
    """A value that is no text is not turned into another type."""
    from flowrunner.diagnostics import Location

    loaded = load(INPUTS)
    where = Location("variable")
    bound, _ = Prepared(loaded).inputs.bind({"name": Given("Ana", where), "when": Given(4, where)})
    assert bound is not None
    assert bound.values["when"] == 4
    assert Prepared(loaded).inputs.bind({"name": Given(5, where), "when": Given(4, where)})[0] is None


@pytest.mark.parametrize(
    ("written", "code", "place"),
    [
        ("a: 1\na: 2\n", "duplicate-key", "2:1"),
        ("a: {{ x }}\n", "unquoted-expression", "1:4"),
        ("- a\n", "bad-variables", "1:1"),
        ("hola\n", "bad-variables", "1:1"),
        ("", "empty-file", "1:1"),
        ("{'a': \"x\ny\"", "yaml-syntax", "1:1"),
    ],
)
def test_a_file_of_variables_is_checked_like_a_flow(written: str, code: str, place: str, tmp_path: Path) -> None:
    """What is wrong with it has its own line, and no value is taken from it."""
    file = tmp_path / "vars"
    file.write_text(written)
    given, (problem,) = given_file(file)
    assert given == {}
    assert (problem.code, str(problem.location)) == (code, f"{file}:{place}")
    assert problem.hint
    assert "steps" not in problem.hint


def test_a_warning_about_a_file_of_variables_takes_no_value_away(tmp_path: Path) -> None:
    """What may be a comment is said, and the values are there; text that a # surely cuts is an error."""
    file = tmp_path / "vars.yaml"
    file.write_text("a: Ana #1\nb: x\n")
    given, (error,) = given_file(file)
    assert (given, error.code, error.is_error) == ({}, "comment-cuts-text", True)
    file.write_text("a: Ana #one\nb: x\n")
    given, (warning,) = given_file(file)
    assert (warning.code, warning.is_error) == ("comment-cuts-text", False)
    assert {name: each.value for name, each in given.items()} == {"a": "Ana", "b": "x"}


def test_a_missing_file_of_variables_is_a_diagnostic(tmp_path: Path) -> None:
    """Nothing is raised."""
    given, (problem,) = given_file(tmp_path / "none.yaml")
    assert (given, problem.code) == ({}, "unreadable")


def test_warnings_do_not_stop_a_rendering() -> None:
    """They come with it."""
    text = "name: t\nsteps:\n  - message: {message_type: image, media_url: \"{{ 'http' }}://e.com/1.jpg\"}\n"
    rendering, problems = outcome(text)
    assert rendering is not None
    assert [each.code for each in problems] == ["plain-http"]


NAMED = [
    # who it is for, what is wanted of them, by what they are given, by what they would have to be
    (Recipient("c1"), "recipient.phone", "conversation", "phone"),
    (Recipient("c1"), "recipient.user_id", "conversation", "user id"),
    (Recipient(phone="+5215512345678"), "conversation.id", "phone", "conversation"),
    (Recipient(phone="+5215512345678"), "recipient.user_id", "phone", "user id"),
    (Recipient(user_id="MX.1"), "recipient.phone", "user id", "phone"),
    (Recipient("c1", "", "MX.1"), "recipient.phone", "conversation and user id", "phone"),
    (Recipient("", "+5215512345678", "MX.1"), "conversation.id", "phone and user id", "conversation"),
]


@pytest.mark.parametrize(("whom", "part", "given", "hint"), NAMED)
def test_what_is_not_known_of_somebody_is_an_error_with_its_place(
    whom: Recipient, part: str, given: str, hint: str
) -> None:
    """What is known is there, in texts and conditions; a remedy that mends it is told."""
    text = f'name: t\nsteps:\n  - message: one\n  - message: "To {{{{ {part} }}}}"\n'
    loaded = load_text(text, "flow.yaml")
    rendering, (problem,) = Prepared(loaded).render(whom, {}, NOW)
    assert rendering is None
    assert problem.message == f"{part} is not known here: the recipient is given by {given}"
    assert problem.hint == f"name the recipient by {hint}"
    assert problem.location.line == 4
    mended = whom._replace(**{hint.replace(" ", "_"): "MX.7" if hint == "user id" else "+5215500000007"})
    rendering, problems = Prepared(loaded).render(mended, {}, NOW)
    assert rendering is not None, problems
    assert rendering.messages[1].body["content"].startswith(("To MX.7", "To +5215500000007"))
    optional = load_text(text.replace(part, f"{part} | default('nobody')"), "flow.yaml")
    rendering, problems = Prepared(optional).render(whom, {}, NOW)
    assert rendering is not None, problems
    assert rendering.messages[1].body["content"] == "To nobody"


def test_a_recipient_named_otherwise_is_the_only_reason_given() -> None:
    """What the step's other names are has nothing to do with it."""
    text = 'name: t\ninputs: {n: {type: string}}\nsteps: [{message: "{{ n }} {{ recipient.phone }}"}]\n'
    prepared = Prepared(load_text(text, "f.yaml"))
    _, (problem,) = prepared.render(Recipient("c1"), {"n": given_text("n", "Ana")}, NOW)
    assert problem.message == "recipient.phone is not known here: the recipient is given by conversation"
    assert problem.notes == ()


def test_in_an_object_of_unknown_types_a_whole_expression_keeps_its_own() -> None:
    """A text that looks like a number stays one; what is known to be text is sent as text."""
    flow = """
name: own
inputs:
  dates: {type: array, items: {type: string}, default: [Mon, Tue]}
  seats: {type: integer, default: 12}
  price: {type: number, default: 1.50}
  code: {type: string, default: "007"}
  open: {type: boolean, default: true}
steps:
  - message:
      message_type: raw
      raw:
        type: order_x
        order_x: {all: "{{ dates }}", n: "{{ seats }}", p: "{{ price }}", c: "{{ code }}",
                  o: "{{ open }}", t: "n {{ seats }}"}
  - message: {message_type: raw, raw: {type: text, text: {body: "{{ seats }}"}}}
  - message:
      message_type: interactive
      interactive_type: flow
      body_text: Book
      flow_id: "7"
      flow_cta: Book
      flow_action: navigate
      flow_screen: A
      flow_data: {days: "{{ dates }}", n: "{{ seats }}", item: [{first: "{{ dates[0] }}"}]}
"""
    raw, text, form = bodies(flow)
    assert raw["order_x"] == {"all": ["Mon", "Tue"], "n": 12, "p": 1.5, "c": "007", "o": True, "t": "n 12"}
    assert text["text"] == {"body": "12"}
    payload = form["interactive"]["action"]["parameters"]["flow_action_payload"]
    assert payload["data"] == {"days": ["Mon", "Tue"], "n": 12, "item": [{"first": "Mon"}]}


def test_a_list_in_a_raw_message_is_checked_as_one() -> None:
    """Where the spec wants one, an expression gives it, and what is in it has the same limits."""
    flow = """
name: own
inputs:
  rows: {type: array, items: {type: object}}
steps:
  - message:
      message_type: raw
      raw:
        type: interactive
        interactive: {type: list, body: {text: b}, action: {button: b, sections: [{rows: "{{ rows }}"}]}}
"""
    [right] = bodies(flow, rows='[{"id": "a", "title": "A"}]')
    assert right["interactive"]["action"]["sections"] == [{"rows": [{"id": "a", "title": "A"}]}]
    _, said = outcome(flow, rows='[{"id": "a", "title": "AAAAAAAAAAAAAAAAAAAAAAAAA"}]')
    assert [each.code for each in said] == ["too-long"]
