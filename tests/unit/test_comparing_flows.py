"""Two files or folders: which flows are one flow, what is rendered for whom, and what is said beside it."""

from pathlib import Path

import pytest

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.diff import Recipients, compare, read_side, unknown_values
from flowrunner.diff.values import Comparison
from flowrunner.engine import Given, given_text

NOW = "2026-05-04T10:00:00+02:00"


def write(path: Path, *steps: str, inputs: str = "{}", name: str = "") -> Path:
    """A flow whose steps are written in YAML's flow style."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"name: {name or path.stem}", f"inputs: {inputs}", "steps:", *(f"  - {step}" for step in steps)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def compared(before: Path, after: Path, **people: object) -> Comparison:
    given: dict[str, Given] = people.pop("given", {})  # type: ignore[assignment]
    return compare(read_side(str(before)), read_side(str(after)), Recipients(given, **people), NOW)  # type: ignore[arg-type]


def kinds(found: Comparison) -> list[list[str]]:
    """What became of the steps of the only flow, for each case."""
    (flow,) = found.flows
    assert flow.problems == ()
    return [[change.kind for change in case.changes] for case in flow.cases]


PLAIN = """name: demo
inputs:
  name: {type: string, example: Ana}
steps:
  - message: "Hi {{ name }}"
  - pause: 2s
  - message: {message_type: image, media_url: https://cdn.example.com/a.jpg, caption: "For {{ name }}"}
  - message: {message_type: image, media_url: https://cdn.example.com/a.jpg, caption: "For {{ name }}"}
"""
REWRITTEN = """# Written anew: comments, order of keys, anchors, quotes, expressions, times and ids.
steps:
- id: hello
  message:
    content: >-
      Hi {{ name | trim }}
    message_type: text
- pause: 2000ms
- message: &picture
    caption: 'For {{name}}'
    media_url: "https://cdn.example.com/a.jpg"
    message_type: "image"
- message: *picture
inputs:
  name:
    description: Who it is.
    example: Luis
    type: string
description: The same.
name: demo
"""


def test_a_rewritten_flow_is_no_difference(tmp_path: Path) -> None:
    """Customers see what is sent, not how it is written; another example is nothing to them, either."""
    (tmp_path / "a.yaml").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(REWRITTEN, encoding="utf-8")
    found = compared(tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert kinds(found) == [["kept"] * 4]
    assert not found.differs
    assert [flow.notes for flow in found.flows] == [()]


def test_both_sides_have_the_same_moment_and_the_same_values(tmp_path: Path) -> None:
    """Nothing but the flows may differ: `now` and chance are the same, and so is an example."""
    for name, example in (("a", "Ana"), ("b", "Luis")):
        inputs = f"{{who: {{type: string, example: {example}}}}}"
        step = 'message: "{{ who }} {{ now }} {{ [1, 2, 3, 4, 5, 6, 7] | random }}"'
        write(tmp_path / f"{name}.yaml", step, inputs=inputs)
    found = compared(tmp_path / "a.yaml", tmp_path / "b.yaml")
    assert kinds(found) == [["kept"]]
    assert [(each.name, each.value, each.origin) for each in found.flows[0].cases[0].variables] == [
        ("who", "Luis", "example")
    ]


def test_an_example_that_only_one_side_takes_is_that_side_s(tmp_path: Path) -> None:
    """The other side has its own."""
    before = write(tmp_path / "a.yaml", 'message: "{{ n }}"', inputs="{n: {type: integer, example: 7}}")
    after = write(tmp_path / "b.yaml", 'message: "{{ n }}"', inputs="{n: {type: string, example: seven}}")
    assert kinds(compared(before, after)) == [["removed", "added"]]


def test_a_default_that_is_another_one_is_seen(tmp_path: Path) -> None:
    """A customer gets it; a value that is given wins on both sides."""
    before = write(tmp_path / "a.yaml", 'message: "Your plan is {{ p }}"', inputs="{p: {type: string, default: free}}")
    after = write(tmp_path / "b.yaml", 'message: "Your plan is {{ p }}"', inputs="{p: {type: string, default: pro}}")
    assert kinds(compared(before, after)) == [["changed"]]
    assert kinds(compared(before, after, given={"p": given_text("p", "pro")})) == [["kept"]]


NOTES = [
    ("{}", "{n: {type: string, example: x}}", "the input n is new; it has no default, every run must give it"),
    ("{}", "{n: {type: string, default: x}}", 'the input n is new; its default is "x"'),
    ("{n: {type: string, default: x}}", "{}", "the input n is gone; a run that still gives it is refused"),
    (
        "{n: {type: string, default: x}}",
        "{n: {type: string, example: x}}",
        "the input n has no default any more, every run must give it",
    ),
    ("{n: {type: string, example: x}}", "{n: {type: string, default: x}}", 'the input n has a default now: "x"'),
    (
        "{n: {type: string, default: x}}",
        "{n: {type: string, default: y}}",
        'the default of the input n is "y" now, not "x"',
    ),
    (
        "{n: {type: string, default: x}}",
        "{n: {type: string, default: x, maxLength: 5}}",
        'the input n takes other values than before: {"type": "string", "maxLength": 5}, not {"type": "string"}',
    ),
]


@pytest.mark.parametrize(("before", "after", "note"), NOTES)
def test_other_inputs_are_noted_and_no_difference(tmp_path: Path, before: str, after: str, note: str) -> None:
    """Whoever runs the flow needs to know; customers see nothing of it."""
    old = write(tmp_path / "a.yaml", "message: Hi", inputs=before, name="f")
    new = write(tmp_path / "b.yaml", "message: Hi", inputs=after, name="f")
    found = compared(old, new)
    assert [flow.notes for flow in found.flows] == [(note,)]
    assert not found.differs


def test_another_name_and_another_condition_are_noted(tmp_path: Path) -> None:
    """The name decides who had the flow before; a condition may decide otherwise for others."""
    inputs = "{p: {type: string, default: free}}"
    old = write(tmp_path / "a.yaml", '{when: p == "free", message: Hi}', inputs=inputs, name="one")
    new = write(tmp_path / "b.yaml", '{when: p != "pro", message: Hi}', inputs=inputs, name="two")
    assert compared(old, new).flows[0].notes == (
        "the flow is called two now, not one: who had it under the old name may get it again",
        'the condition of step 1 is p != "pro" now, not p == "free"',
    )


def test_flows_of_folders_are_paired_by_path_and_then_by_name(tmp_path: Path) -> None:
    """What has no other side is shown as a whole; hidden folders are passed over, as everywhere."""
    a, b = tmp_path / "a", tmp_path / "b"
    for side in (a, b):
        write(side / "same.yaml", "message: Hi")
        write(side / "sub" / "changed.yaml", f"message: Hello from side {side.name} of it")
        write(side / ".hidden" / "no.yaml", f"message: {side.name}")
    write(a / "before.yaml", "message: Hi", name="renamed")
    write(b / "after.yaml", "message: Hi", name="renamed")
    write(a / "gone.yaml", "message: Hi", "pause: 1s")
    write(b / "sub" / "new.yml", "message: Hi")
    found = compared(a, b)
    assert [(flow.path, flow.state) for flow in found.flows] == [
        ("after.yaml", "same"),
        ("gone.yaml", "removed"),
        ("same.yaml", "same"),
        ("sub/changed.yaml", "changed"),
        ("sub/new.yml", "added"),
    ]
    assert found.flows[0].notes == ("its file was before.yaml",)
    assert [[change.kind for change in flow.cases[0].changes] for flow in found.flows if flow.cases] == [
        ["removed", "removed"],
        ["changed"],
        ["added"],
    ]


def test_flows_with_one_name_are_not_taken_for_each_other(tmp_path: Path) -> None:
    """Where a name does not say which one is meant, only the path does."""
    a, b = tmp_path / "a", tmp_path / "b"
    write(a / "one.yaml", "message: Hi", name="twin")
    write(a / "two.yaml", "message: Hi", name="twin")
    write(b / "three.yaml", "message: Hi", name="twin")
    assert [(flow.path, flow.state) for flow in compared(a, b).flows] == [
        ("one.yaml", "removed"),
        ("three.yaml", "added"),
        ("two.yaml", "removed"),
    ]


def test_a_flow_with_faults_does_not_keep_the_others_from_being_compared(tmp_path: Path) -> None:
    """Its problems stand at their places; so do those that only the values bring."""
    a, b = tmp_path / "a", tmp_path / "b"
    for side in (a, b):
        write(side / "good.yaml", f"message: Hi from {side.name}")
        write(side / "wrong.yaml", "message: Hi" if side == a else "mesage: Hi")
        inputs = "{}" if side == a else "{city: {type: string}}"
        write(side / "lacking.yaml", "message: Hi" if side == a else 'message: "Hi {{ city }}"', inputs=inputs)
    found = compared(a, b)
    assert [(flow.path, flow.state) for flow in found.flows] == [
        ("good.yaml", "changed"),
        ("lacking.yaml", "unknown"),
        ("wrong.yaml", "unknown"),
    ]
    assert [(each.code, each.location.path) for each in found.problems] == [
        ("missing-variable", str(b / "lacking.yaml")),
        ("unknown-key", str(b / "wrong.yaml")),
    ]


INPUTS = "{name: {type: string, example: Ana}, plan: {type: string, default: free}}"


@pytest.fixture
def audience(tmp_path: Path) -> Path:
    """Four people with two plans."""
    path = tmp_path / "people.csv"
    people = ["Ana,free", "Luis,pro", "Eva,free", "Max,pro"]
    rows = [f"+52155123456{number:02},{each}" for number, each in enumerate(people)]
    path.write_text("\n".join(["phone,name,plan", *rows]) + "\n", encoding="utf-8")
    return path


def test_rows_with_the_same_differences_are_one_case(tmp_path: Path, audience: Path) -> None:
    """Those that see nothing new, those that see the same, and each one that sees its own."""
    old = write(tmp_path / "a.yaml", 'message: "Hi {{ name }}"', inputs=INPUTS)
    new = write(tmp_path / "b.yaml", 'message: "Hi {{ name }}"', '{when: plan == "pro", message: Pro}', inputs=INPUTS)
    (flow,) = compared(old, new, audience=audience).flows
    assert [(case.rows, [change.kind for change in case.changes]) for case in flow.cases] == [
        ((1, 3), ["kept", "added"]),
        ((2, 4), ["kept", "added"]),
    ]
    personal = write(tmp_path / "c.yaml", 'message: "Hi dear {{ name }}"', inputs=INPUTS)
    (flow,) = compared(old, personal, audience=audience, rows=(2, 4)).flows
    assert [case.rows for case in flow.cases] == [(2,), (4,)]


def test_an_example_is_nobody_s_value(tmp_path: Path) -> None:
    """A row of an audience is a person: what it lacks is missing for both sides, as `run` says it, at its cell."""
    path = tmp_path / "people.csv"
    path.write_text("phone,name,plan\n+525512345601,Ana,pro\n+525512345602,,free\n", encoding="utf-8")
    old = write(tmp_path / "a.yaml", 'message: "Hi {{ name }}"', inputs=INPUTS)
    new = write(tmp_path / "b.yaml", 'message: "Hello {{ name }}"', inputs=INPUTS)
    (flow,) = compared(old, new, audience=path).flows
    assert [case.rows for case in flow.cases] == [(1,)]
    assert [(each.code, str(each.location), each.message) for each in flow.problems] == [
        ("missing-variable", f"{path}:3:2", "name has no value")
    ]
    (flow,) = compared(old, new, audience=path, given={"name": given_text("name", "Eva")}).flows
    assert [case.rows for case in flow.cases] == [(1, 2)]


def test_rows_that_are_not_there_or_are_wrong_are_told(tmp_path: Path, audience: Path) -> None:
    """And the others are compared."""
    old = write(tmp_path / "a.yaml", 'message: "Hi {{ name }}"', inputs=INPUTS)
    new = write(tmp_path / "b.yaml", 'message: "Hello {{ name }}"', inputs=INPUTS)
    with audience.open("a", encoding="utf-8") as file:
        file.write("12,Bad,free\n")
    (flow,) = compared(old, new, audience=audience, rows=tuple(range(4, 10))).flows
    assert [case.rows for case in flow.cases] == [(4,)]
    assert [(str(each.location), each.code) for each in flow.problems] == [
        (f"{audience}:6:1", "bad-recipient"),
        (str(audience), "bad-audience"),
    ]
    (flow,) = compared(old, new, audience=tmp_path / "none.csv").flows
    assert [each.code for each in flow.problems] == ["unreadable"]


def test_more_rows_than_anybody_reads_are_refused(tmp_path: Path) -> None:
    """Nothing is left out in silence; the first thousand are there."""
    path = tmp_path / "many.csv"
    rows = [f"+5215512{number:06}" for number in range(1001)]
    path.write_text("\n".join(["phone", *rows]) + "\n", encoding="utf-8")
    old, new = write(tmp_path / "a.yaml", "message: Hi Ana"), write(tmp_path / "b.yaml", "message: Hi Luis")
    (flow,) = compared(old, new, audience=path).flows
    assert [each.hint for each in flow.problems] == ["choose some, as --rows 1-1000"]
    assert [len(case.rows) for case in flow.cases] == [1000]
    (flow,) = compared(old, new, audience=path, rows=(1001,)).flows
    assert ([case.rows for case in flow.cases], flow.problems) == ([(1001,)], ())


def test_a_value_that_only_one_side_knows_is_given_to_that_side(tmp_path: Path) -> None:
    """One that neither knows is a mistake, with the nearest name."""
    old = write(tmp_path / "a.yaml", 'message: "Hi {{ nick }}"', inputs="{nick: {type: string, example: x}}")
    new = write(tmp_path / "b.yaml", 'message: "Hi {{ name }}"', inputs="{name: {type: string, example: x}}")
    given = {name: given_text(name, "Ana") for name in ("nick", "name")}
    assert kinds(compared(old, new, given=given)) == [["kept"]]
    sides = [*read_side(str(old)).flows.values(), *read_side(str(new)).flows.values()]
    assert unknown_values(given, sides) == []
    (problem,) = unknown_values({"nmae": given_text("nmae", "Ana")}, sides)
    assert (problem.code, str(problem.location), problem.hint) == (
        "unknown-variable",
        "--var nmae",
        "did you mean name?",
    )


def test_a_file_and_a_folder_or_no_flow_at_all_cannot_be_compared(tmp_path: Path) -> None:
    """Said with a remedy."""
    file = write(tmp_path / "flows" / "a.yaml", "message: Hi")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(RefusedError, match="is a folder") as raised:
        compared(file, file.parent)
    assert raised.value.hint == "name two files or two folders"
    with pytest.raises(RefusedError, match="neither side"):
        compared(empty, empty)
    with pytest.raises(RefusedError, match="does not exist"):
        read_side(str(tmp_path / "none.yaml"))
    assert [flow.state for flow in compared(empty, file.parent).flows] == ["added"]
