"""Questions, branches, lists, ends and included files, as they are read: addresses, places, names, and what is wrong."""

# ruff: noqa: E501  # a table's row is read as one line

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowrunner.flow import Loaded, load_bundle, load_file, load_text
from flowrunner.flow.steps import walk, walk_flow
from flowrunner.model import Again, Bundle, ChooseStep, EndStep, Flow, ForEachStep, IncludeStep, MessageStep, Reply
from flowrunner.source import read
from flowrunner.spec.patterns import matches_whole, pattern_problem
from support.slices import crossed

WAY_OUT = "anytime: [{words: [stop], end: opted_out}]\n"
ASKING = f"""\
name: asking
{WAY_OUT}steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: Shall we begin?
      buttons: [{{id: now, title: Begin}}, {{id: later, title: Later}}]
    reply:
      within: 5h
      remind: [{{after: 1h, message: Still there?}}, {{after: 2h, message: {{content: And now?}}}}]
      answers:
        - button: now
        - button: later
          steps: [{{message: No hurry.}}, {{pause: 1s}}]
        - when: start.text == "x"
      otherwise: {{again: Please tap one., times: 2, then: [{{end: finished}}]}}
      no_reply: [{{message: Bye}}, {{end: handed_over, reason: silent}}]
      settle: 5s
      late: accept
      typed: false
  - choose:
      - when: start.answer == "now"
        steps: [{{message: Great}}]
      - {{when: start.answer == "later", steps: []}}
    otherwise: [{{message: Hm}}]
  - for_each: item
    in: [a, b]
    steps: [{{message: "{{{{ item }}}}"}}, {{choose: [{{when: loop.last, steps: [{{message: Last}}]}}]}}]
  - end: finished
"""


def flow_of(loaded: Loaded) -> Flow:
    assert loaded.flow is not None, [f"{each.location}: {each.message}" for each in loaded.diagnostics]
    return loaded.flow


def said(loaded: Loaded) -> list[str]:
    return [f"{each.location} {each.code}: {each.message}" for each in loaded.diagnostics]


def reply_of(loaded: Loaded, place: int = 0) -> Reply:
    step = flow_of(loaded).steps[place]
    assert isinstance(step, MessageStep)
    assert step.reply is not None
    return step.reply


def test_addresses_tell_the_way() -> None:
    """They are those that the journal keeps, in the order in which the steps stand in the file."""
    loaded = load_text(ASKING, "f.yaml")
    assert said(loaded) == []
    assert [step.address for step in walk_flow(flow_of(loaded))] == [
        "1", "1.r1", "1.r2", "1.a2.1", "1.a2.2", "1.g1", "1.g2", "1.o.1", "1.n.1", "1.n.2",
        "2", "2.c1.1", "2.o.1", "3", "3#.1", "3#.2", "3#.2.c1.1", "4",
    ]  # fmt: skip
    assert set(loaded.fields) == {step.address for step in walk_flow(flow_of(loaded))} | {
        "1.a3",
        "2.c1",
        "2.c2",
        "3#.2.c1",
    }


def test_routes_lead_to_the_entries() -> None:
    """Where a step's message stands is its route and its key, also for what is said again."""
    loaded = load_text(ASKING, "f.yaml")
    for step in walk_flow(flow_of(loaded)):
        entry: Any = loaded.document.data  # type: ignore[union-attr]
        for key in step.route:
            entry = entry[key]
        kind = {ChooseStep: "choose", ForEachStep: "for_each", EndStep: "end"}.get(type(step), "")
        assert (step.key if isinstance(step, MessageStep) else kind or "pause") in entry


def test_a_reply_is_read_as_it_is_written() -> None:
    """Durations in seconds, answers with their names, what is said again as often as it says."""
    reply = reply_of(load_text(ASKING, "f.yaml"))
    assert (reply.within, reply.settle, reply.late, reply.typed, reply.expect) == (
        18000.0,
        5.0,
        "accept",
        False,
        "choice",
    )
    assert [(each.after, each.step.message["content"]) for each in reply.remind] == [
        (3600.0, "Still there?"),
        (7200.0, "And now?"),
    ]
    assert [(each.address, each.name, [match.kind for match in each.matches], each.when) for each in reply.answers] == [
        ("1.a1", "now", ["button"], None), ("1.a2", "later", ["button"], None), ("1.a3", "a3", [], 'start.text == "x"'),
    ]  # fmt: skip
    assert isinstance(reply.otherwise, Again)
    assert [each.key for each in reply.otherwise.steps] == ["again", "again"]
    assert reply.no_reply[1] == EndStep("1.n.2", (*reply.route, "no_reply", 1), how="handed_over", reason="silent")


def test_a_word_stands_for_steps() -> None:
    """``continue`` is none, ``end`` is one that ends the run."""
    text = f"name: f\n{WAY_OUT}steps:\n  - message: x\n    reply: {{within: 1h, answers: [{{text: a}}], otherwise: continue, no_reply: end}}\n"
    reply = reply_of(load_text(text, "f.yaml"))
    assert reply.otherwise == ()
    assert [type(each) for each in reply.no_reply] == [EndStep]


def test_only_a_flow_that_asks_or_looks_listens() -> None:
    """What is heard is kept for those alone."""
    plain = "name: f\nsteps: [{message: x}]\n"
    assert not flow_of(load_text(plain, "f.yaml")).listens
    assert flow_of(load_text(plain + WAY_OUT, "f.yaml")).listens
    asking = "name: f\nsteps: [{message: x, reply: {within: 1h, no_reply: end}}]\n"
    assert flow_of(load_text(asking, "f.yaml")).listens


BUTTONS = "message_type: interactive, interactive_type: button, body_text: b, buttons: [{id: a, title: A}]"
EXPECTED = [
    ("hi", "", "any"),
    ("hi", "answers: [{number: {min: 1}}], otherwise: end", "number"),
    ("hi", "answers: [{number: 1}, {text: none}], otherwise: end", "any"),
    ("hi", "answers: [{text: a}, {words: [b]}, {matches: c}], otherwise: end", "text"),
    ("hi", "answers: [{media: image}], otherwise: end", "media"),
    ("hi", "expect: email", "email"),
    (f"{{{BUTTONS}}}", "", "choice"),
    (f"{{{BUTTONS}}}", "answers: [{text: a}], otherwise: end", "choice"),
    ("{message_type: interactive, interactive_type: location_request, body_text: b}", "", "location"),
    ("{message_type: interactive, interactive_type: flow, body_text: b, flow_id: '1', flow_cta: c}", "", "form"),
    ("{message_type: template, template_name: t, template_language: es}", "answers: [{button: Yes}], otherwise: end", "choice"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "reply", "expect"), EXPECTED)
def test_what_is_expected_is_what_the_message_asks_for(message: str, reply: str, expect: str) -> None:
    """Unless it is said; else what the answers are."""
    comma = ", " if reply else ""
    text = f"name: f\n{WAY_OUT}steps:\n  - message: {message}\n    reply: {{within: 1h, no_reply: end{comma}{reply}}}\n"
    assert reply_of(load_text(text, "f.yaml")).expect == expect


OF_TEXT = [
    ("hi", "answers: [{media: audio}, {when: q.text | length > 0}]", "a file"),
    ("hi", "answers: [{number: {min: 1}}, {when: q.text | length > 9}]", "a number"),
    (f"{{{BUTTONS}}}", "answers: [{when: q.text == 'A'}]", ""),
    ("{message_type: interactive, interactive_type: location_request, body_text: b}",
     "answers: [{media: location}, {when: q.text | length > 9}]", "a location"),
    ("hi", "expect: any, answers: [{media: audio}, {when: q.text | length > 0}]", ""),
    ("hi", "answers: [{media: audio}, {text: no}, {when: q.text | length > 0}]", ""),
    ("hi", "answers: [{media: audio}, {when: q.media.caption | default('') | length > 0}]", ""),
    ("hi", "answers: [{number: {max: 9}}, {when: q.value > 9}]", ""),
    ("hi", "answers: [{media: audio, when: q.text | length > 0}]", ""),
    ("hi", "expect: email, answers: [{when: q.text | length < 60}]", ""),
    ("hi", "answers: [{number: {min: 1}}, {when: p.text == 'A'}]", ""),
    ("hi", "answers: [{number: {min: 1}}, {when: q.text == 'A' and p.value == 'A'}]", "a number"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "reply", "expected"), OF_TEXT)
def test_a_condition_about_a_text_is_told_where_a_text_is_no_answer(message: str, reply: str, expected: str) -> None:
    """What is followed to the letter mends it."""
    said = f"{{within: 1h, {reply}, otherwise: end, no_reply: end}}"
    asked = "  - {id: p, message: hi, reply: {within: 1h, expect: text, no_reply: end}}\n"
    text = f"name: f\n{WAY_OUT}steps:\n{asked}  - {{id: q, message: {message}, reply: {said}}}\n"
    found = [each for each in load_text(text, "f.yaml").diagnostics if each.code == "never-reached"]
    wanted = f"a text is never this answer: {expected} is expected here"
    assert [(each.message, each.hint) for each in found] == [(wanted, "write expect: any below reply")] * bool(expected)
    if expected:
        assert load_text(text.replace(said, f"{{expect: any, {said[1:]}"), "f.yaml").diagnostics == ()


def test_each_key_with_its_fields_beside_it_is_told() -> None:
    """One of them hides neither another nor what else is wrong with the question."""
    reply = "within: never, remind: , after: 10m, message: hey, otherwise: , again: What?, times: 2, then: end"
    text = f"name: f\n{WAY_OUT}steps:\n  - message: hi\n    reply: {{{reply}, answers: [{{text: a}}], no_reply: end}}\n"
    assert [(each.code, each.message) for each in load_text(text, "f.yaml").diagnostics] == [
        ("bad-pause", 'within must be a number with ms, s, m, h or d, not "never"'),
        ("missing-field", "after is beside remind: and belongs below it"),
        ("missing-field", "again is beside otherwise: and belongs below it"),
    ]


TITLES = [
    ("[{text: 'No!'}]", "write button: b, which a typed title meets, too"),
    ("[{button: b, text: [nope, no, never]}]", "remove it: button: b is met by its typed title, too"),
    ("[{button: b, text: 'no'}]", "remove text: button: b is met by its typed title, too"),
]


@pytest.mark.parametrize(("answers", "hint"), TITLES)
def test_a_title_as_a_text_is_told_at_the_text(answers: str, hint: str) -> None:
    """With what mends it, also where the button stands beside it."""
    buttons = BUTTONS.replace("[{id: a, title: A}]", "[{id: b, title: 'No'}]")
    said = f"{{within: 1h, answers: {answers}, otherwise: end, no_reply: end}}"
    text = f"name: f\n{WAY_OUT}steps:\n  - message: {{{buttons}}}\n    reply: {said}\n"
    [found] = [each for each in load_text(text, "f.yaml").diagnostics if each.code == "title-as-text"]
    line = text.splitlines()[found.location.line - 1]
    assert line[found.location.column - 1 :].strip("'").lower().startswith("no")
    assert found.hint == hint


WITHOUT_ANSWERS = [
    ("hi", "expect: email", True),
    ("hi", "expect: integer", True),
    ("hi", "expect: text", True),
    (f"{{{BUTTONS}}}", "late: accept", True),
    ("hi", "expect: any", False),
    ("hi", "late: accept", False),
]


@pytest.mark.parametrize(("message", "reply", "is_right"), WITHOUT_ANSWERS)
def test_what_is_expected_may_be_all_that_is_said_of_answers(message: str, reply: str, is_right: bool) -> None:
    """``otherwise`` is for what cannot be read so; where anything will do, it is never done."""
    said = f"{{within: 1h, {reply}, otherwise: {{again: Once more., times: 1, then: end}}, no_reply: end}}"
    text = f"name: f\n{WAY_OUT}steps:\n  - {{id: q, message: {message}, reply: {said}}}\n  - message: '{{{{ q.value }}}}'\n"
    found = load_text(text, "f.yaml").diagnostics
    assert [each.code for each in found] == ([] if is_right else ["foreign-field"])
    assert is_right or found[0].hint == "remove it, or add answers above it, or what is expected, such as expect: email"


QUESTION = (
    "id: q\n    message: hi\n    reply: {within: 1h, no_reply: %s, answers: [{text: a, steps: [%s]}], otherwise: %s}"
)
NAMES = [
    (QUESTION % ("continue", "{id: x, message: y}", "end"), "x", "x has no value here after no_reply of step q"),
    (QUESTION % ("end", "{id: x, message: y}", "continue"), "x", "x has no value here after otherwise of step q"),
    (QUESTION % ("end", "{id: x, message: y}", "end"), "x", ""),
    (QUESTION % ("[{id: x, message: z}, {end: finished}]", "", "end"), "x", "x has no value here: no_reply of step q ends the run"),
    (QUESTION % ("[{id: x, message: z}]", "{id: x, message: y}", "[{id: x, message: w}]"), "x", ""),
    (QUESTION % ("continue", "", "end"), "q", ""),
    ("choose: [{when: recipient.phone == '1', steps: [{id: x, message: y}]}]", "x", "x has no value here after no branch of step 1"),
    ("for_each: item\n    in: '{{ [1] }}'\n    steps: [{id: x, message: y}]", "x", "x has no value here after step 1 without an item"),
    ("for_each: item\n    in: [1]\n    steps: [{id: x, message: y}]", "x", ""),
    ("for_each: item\n    in: [1]\n    steps: [{message: '{{ item }}'}]", "item", "item is not an input or an earlier step"),
    ("for_each: item\n    in: [1]\n    steps: [{message: '{{ loop.index }}'}]", "loop", "loop is known inside a loop only"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "name", "problem"), NAMES)
def test_a_name_that_some_path_lacks_names_the_path(step: str, name: str, problem: str) -> None:
    """One that ends the run lacks nothing, for nothing follows it."""
    text = f"name: f\n{WAY_OUT}steps:\n  - {step}\n  - message: '{{{{ {name}.message.content }}}}'\n"
    found = [each.message for each in load_text(text, "f.yaml").diagnostics if each.code == "unknown-name"]
    assert found == ([problem] if problem else [])


def test_a_name_that_only_a_list_binds_is_used_in_the_list() -> None:
    step = "for_each: item\n    in: '{{ [1] }}'\n    steps: [{id: x, message: y}]"
    found = load_text(
        f"name: f\nsteps:\n  - {step}\n  - message: '{{{{ x.message.content }}}}'\n", "f.yaml"
    ).diagnostics
    assert [each.hint for each in found] == ["use it in the steps of the list: with no item nothing in them is done"]


TAKEN = [
    ("inputs: {item: {}}\n", "{for_each: item, in: [1], steps: [{message: '{{ item }}'}]}", "item is already an input"),
    ("", "{for_each: now, in: [1], steps: [{message: '{{ now }}'}]}", "now is already a name that every run gives"),
    ("", "{for_each: loop, in: [1], steps: [{message: '{{ loop }}'}]}", "loop is already a name that every loop gives"),
    ("", "{for_each: a, in: [1], steps: [{for_each: a, in: [2], steps: [{message: '{{ a }}'}]}]}", "a is already what an item of a list around this one is called"),
    ("", "{for_each: a, in: [1], steps: [{id: a, message: '{{ a }}'}]}", "a is already what an item of the list is called"),
    ("", "{id: a, message: hi}\n  - {for_each: a, in: [1], steps: [{message: '{{ a }}'}]}", "a is already the id of an earlier step"),
]  # fmt: skip


@pytest.mark.parametrize(("inputs", "step", "problem"), TAKEN)
def test_an_item_has_a_name_of_its_own(inputs: str, step: str, problem: str) -> None:
    """One name is one thing, wherever it is read."""
    found = [
        each.message
        for each in load_text(f"name: f\n{inputs}steps:\n  - {step}\n", "f.yaml").diagnostics
        if each.code == "name-taken"
    ]
    assert found == [problem]


PATTERNS = [
    ("[A-Z]{2}[0-9]{4}", "AB1234", True), ("[A-Z]{2}[0-9]{4}", "AB12345", False), ("[A-Z]{2}[0-9]{4}", "xAB1234", False),
    ("a|ab", "ab", True), (r"\p{L}+", "ñandú", True), (r"\w+", "ñandú", False), ("(?i)yes", "YES", True), ("a", "a\n", False),
    ("a{2}", "aa", True), ("x**", "xx", True),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "text", "matches"), PATTERNS)
def test_a_pattern_is_about_the_whole_text(pattern: str, text: str, matches: bool) -> None:
    """Beginning and end are those of the text."""
    assert pattern_problem(pattern) is None
    assert matches_whole(pattern, text) is matches


@pytest.mark.parametrize(
    "pattern", ["(a+)+", "(a|a)*b", "(a|aa)+", r"(\w+\s?)*x", "(.*)*(.*)*(.*)*=", "([a-z]+)*[A-Z]"]
)
def test_no_pattern_and_no_text_take_long(pattern: str) -> None:
    """Each of these keeps a machine that goes back busy for longer than the sun will shine."""
    assert pattern_problem(pattern) is None
    assert not matches_whole(pattern, "a" * 4095 + "!")


REFUSED = [
    ("a(b", 1, "close the bracket"), ("a)b", 1, "remove it"), ("[a", 0, "close it with ]"), ("*a", 0, "write what is repeated"),
    ("[z-a]", 1, "lower end first"), ("a(?=b)", 1, "what the whole text looks like"), ("(?<!a)b", 0, "what the whole text looks like"),
    (r"(a)\1", 3, "write what stands there once more"), ("(?>a)", 0, "(?:"), ("x" * 501, 500, "shorter"), ("(?:a{1000}){1000}", None, "simpler"),
    (r"\p{Nonsense}", None, "simpler"), ("(?x)a # b", None, "simpler"), ("a{2,1}", 2, "regular expression"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "offset", "hint"), REFUSED)
def test_a_pattern_that_is_none_is_told_where(pattern: str, offset: int | None, hint: str) -> None:
    """And what to write in its place."""
    problem = pattern_problem(pattern)
    assert problem is not None
    assert (problem.code, problem.offset) == ("bad-pattern", offset)
    assert hint in problem.hint


FOREIGN = [
    ("goto: x", "there is no jump"), ("message: hi\n    next: x", "there is no jump"), ("ask: Your name?", "beside it reply:"),
    ("wait_for_response: 30", "beside it reply:"), ("message: hi\n    wait_for_response: {timeout: 30}", "did you mean reply?"),
    ("handoff: true", "write end: handed_over"), ("opt_out: true", "write end: opted_out"), ("stop: true", "did you mean end?"),
    ("set: {a: 1}", "declare an input"), ("switch: []", "did you mean choose?"), ("for: item\n    in: [a]\n    steps: [{message: x}]", "did you mean for_each?"),
    ("message: hi\n    within: 1d", "write it below reply:"), ("message: hi\n    otherwise: []", "write it below reply:"),
    ("message: hi\n    on: x", "write reply: beside message:"), ("message: hi\n    reply: {timeout: 1d, no_reply: end}", "did you mean within?"),
    ("message: hi\n    reply: {within: 1d, on_timeout: end}", "did you mean no_reply?"),
    ("message: hi\n    reply: {within: 1d, no_reply: end, again: x}", "below otherwise: {again:"),
    ("message: hi\n    reply: {within: 1d, no_reply: handoff}", "write [{end: handed_over}]"),
    ("message: hi\n    reply: {within: 1d, no_reply: Bye bye}", "write [{message: Bye bye}]"),
    ("message: hi\n    reply: {within: 1d, no_reply: {message: bye}}", "write a dash before each step"),
    ("message: hi\n    reply: {within: 1d, no_reply: end, answers: {now: []}, otherwise: end}", "- button: now"),
    ("message: hi\n    reply: {within: 1d, no_reply: end, answers: [{text: a, message: hi}], otherwise: end}", "write it as a step"),
    ("message: hi\n    reply: {within: 1d, no_reply: end, answers: [{text: a}], otherwise: ask again}", "{again:"),
    ("message: hi\n    reply: {within: 1d, no_reply: end, answers: [{else: []}], otherwise: end}", "beside answers:"),
    ("message: hi\n    reply: {within: 1d, no_reply: end, expect: bool}", "did you mean yes_no?"),
    ("choose: [{when: recipient.phone, steps: []}, {else: []}]", "write otherwise: beside choose:"),
    ("for_each: item in items\n    in: [a]\n    steps: [{message: x}]", 'write for_each: item, and beside it in: "{{ items }}"'),
    ("include: https://example.com/a.yaml", "write a path from this file"),
    ("message: hi\n    within: 1d", "reply: stands in line with message:"),
    ("message:\n      content: hi\n      reply: {within: 1d, no_reply: end}", "move it to the left, in line with message:"),
    ("message:\n      content: hi\n      no_reply: end", "write it below reply:, two more spaces to the right"),
    ("message:\n      content: hi\n      anytime: []", "write it at the left edge, in line with steps:"),
    ("message: hi\n    anytime: []", "write it at the left edge"), ("message: hi\n    inputs: {}", "write it at the left edge"),
    ("message: hi\n    reply:\n      within: 1d\n      no_reply: end\n      answers:\n        - text: a\n        steps: []", "10 spaces before it"),
]  # fmt: skip


@pytest.mark.parametrize("name", ["reply", "answer", "response"])
def test_an_answer_is_read_by_the_id_of_its_question(name: str) -> None:
    """Not by a word that every program has for it: a declared input of that name would hold nothing of it."""
    flow = """
name: f
anytime: [{words: [stop], end: opted_out}]
steps:
  - %smessage: How many?
    reply: {within: 20h, no_reply: [{end: finished}]}
  - message: "You said {{ %s }}."
"""
    hints = [
        [each.hint for each in load_text(flow % (named, name), "f.yaml").diagnostics] for named in ("", "id: q\n    ")
    ]
    assert hints == [["give the question an id, for example id: start, and write start.text"], ["write q.text"]]
    assert load_text(flow % ("id: q\n    ", "q.text"), "f.yaml").flow is not None, "the hint, followed, mends it"


@pytest.mark.parametrize(("step", "hint"), FOREIGN)
def test_words_of_other_programs_have_a_remedy(step: str, hint: str) -> None:
    """One error, that says what to write here."""
    [first, *_] = [
        each for each in load_text(f"name: f\n{WAY_OUT}steps:\n  - {step}\n", "f.yaml").diagnostics if each.is_error
    ]
    assert hint in first.hint


def written(folder: Path, **files: str) -> Loaded:
    """A flow of several files; ``_`` in a name is a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('_', '/')}.yaml"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, "utf-8")
    return load_file(folder / "main.yaml")


MAIN = "name: main\ninputs: {who: {type: string, example: Ana}}\nsteps:\n  - {include: parts/hello.yaml, with: {name: '{{ who }}'}}\n  - message: End\n"
HELLO = "name: hello\ninputs: {name: {type: string}, count: {type: integer, default: 2}}\nsteps:\n  - {id: x, message: 'Hello {{ name }}, {{ count }}'}\n  - include: more.yaml\n"
MORE = "name: more\nsteps: [{message: More}, {message: y, id: y}]\n"


def test_an_included_file_is_named_from_the_one_that_includes_it(tmp_path: Path) -> None:
    """Its steps stand below the step, with its own names and places; the bundle has the texts of all."""
    loaded = written(tmp_path, main=MAIN, parts_hello=HELLO, parts_more=MORE)
    flow = flow_of(loaded)
    assert [(step.address, step.route) for step in walk(flow.steps)] == [
        ("1", ("steps", 0)), ("1/1", ("steps", 0)), ("1/2", ("steps", 1)), ("1/2/1", ("steps", 0)), ("1/2/2", ("steps", 1)), ("2", ("steps", 1)),
    ]  # fmt: skip
    assert list(flow.bundle.files) == ["main.yaml", "parts/hello.yaml", "parts/more.yaml"]
    step = flow.steps[0]
    assert isinstance(step, IncludeStep)
    assert (step.file, step.given, list(step.inputs)) == ("parts/hello.yaml", {"name": "{{ who }}"}, ["name", "count"])
    assert loaded.document_of("1/2/1").path.endswith("parts/more.yaml")
    assert loaded.document_of("2").path.endswith("main.yaml")


def test_a_bundle_needs_no_files(tmp_path: Path) -> None:
    """What a run has kept is read as the files were, whatever became of them."""
    loaded = written(tmp_path, main=MAIN, parts_hello=HELLO, parts_more="name: more\nsteps: [{message: More}]\n")
    bundle = flow_of(loaded).bundle
    again = load_bundle(Bundle("elsewhere/main.yaml", bundle.files, bundle.digest))
    assert flow_of(again).steps == flow_of(loaded).steps
    assert flow_of(again).bundle.digest == bundle.digest


INCLUDING = [
    ({"name": "'{{ who }}'", "nmae": "x"}, "", "main.yaml:4:59 unknown-variable: parts/hello.yaml has no input nmae"),
    ({}, "", "main.yaml:4:15 missing-variable: parts/hello.yaml needs a value for name"),
    ({"name": "'{{ whom }}'"}, "", "main.yaml:4:50 unknown-name: whom is not an input or an earlier step"),
    ({"name": "a", "count": "three"}, "", "main.yaml:4:56 bad-variable: count of parts/hello.yaml must be a whole number, not text"),
    ({"name": "'{{ who }}'"}, "colour: red\n", "parts/hello.yaml:1:1 unknown-key: unknown key colour"),
    ({"name": "'{{ who }}'"}, "steps: 5\n", "parts/hello.yaml:1:8 wrong-type: steps must be a list, not text"),
    ({"name": "'{{ who }}'"}, "- [\n", "parts/hello.yaml:"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "text", "problem"), INCLUDING)
def test_what_is_wrong_is_told_in_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], text: str, problem: str
) -> None:
    """What it is given in the file that includes it; what it says itself in its own."""
    monkeypatch.chdir(tmp_path)
    values = ", ".join(f"{name}: {value}" for name, value in given.items())
    main = MAIN.replace(", with: {name: '{{ who }}'}", f", with: {{{values}}}" if values else "")
    more = "name: more\nsteps: [{message: More}]\n"
    written(tmp_path, main=main, parts_hello=text or HELLO, parts_more=more)
    found = said(load_file(Path("main.yaml")))
    assert any(each.startswith(problem) for each in found), found


@pytest.mark.parametrize(
    ("declared", "known", "value"),
    [
        ("example: Ana", "who", "Ana"),
        ("type: string", "who", '"{{ name }}"'),
        ("example: Ana", "name", '"{{ name }}"'),
        ("{type: [string, 'null'], example: null}", "who", "null"),
    ],
)
def test_a_value_that_an_included_file_lacks_is_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, declared: str, known: str, value: str
) -> None:
    """What has that name here, else the file's own example; without one, the name that is to be given a value."""
    monkeypatch.chdir(tmp_path)
    main = f"name: m\ninputs: {{{known}: {{example: x}}}}\nsteps: [{{message: '{{{{ {known} }}}}'}}, {{include: parts/hello.yaml}}]\n"
    written(
        tmp_path,
        main=main,
        parts_hello=f"name: h\ninputs:\n  name: {{{declared.strip('{}')}}}\nsteps: [{{message: '{{{{ name }}}}'}}]\n",
    )
    [problem] = load_file(Path("main.yaml")).diagnostics
    assert (problem.code, problem.hint) == ("missing-variable", f"add it, for example with: {{name: {value}}}")


REFUSED_FILES = [
    ("nosuch.yaml", "include-file", "check the name"), ("parts/helo.yaml", "include-file", "did you mean parts/hello.yaml?"),
    ("../main.yaml", "include-file", "move the file into that folder"), ("/etc/hosts", "include-file", "a path from this file"),
    ("main.yaml", "include-cycle", "remove this step"), ("parts", "include-file", "check the name"), ("parts/latin.yaml", "not-utf8", "UTF-8"),
    ("'{{ who }}.yaml'", "expression-not-allowed", "one step for each file"), ("loop/a.yaml", "include-cycle", "one of those between"),
    ("parts/link.yaml", "include-file", "copy the file into that folder"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "code", "hint"), REFUSED_FILES)
def test_a_file_that_cannot_be_included(tmp_path: Path, name: str, code: str, hint: str) -> None:
    """Each has its remedy."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "latin.yaml").write_bytes("name: café\n".encode("latin-1"))
    (tmp_path / "parts" / "link.yaml").symlink_to("/etc/hosts")
    around = "name: a\nsteps: [{include: %s}]\n"
    text = f"name: main\ninputs: {{who: {{type: string, default: '{{{{'}}}}\nsteps:\n  - include: {name}\n".replace(
        "default: '{{'", "example: a"
    )
    loaded = written(
        tmp_path,
        main=text,
        parts_hello="name: h\nsteps: [{message: x}]\n",
        loop_a=around % "b.yaml",
        loop_b=around % "a.yaml",
    )
    [found] = [each for each in loaded.diagnostics if each.is_error]
    assert found.code == code
    assert hint in found.hint


def test_files_that_include_each_other_twice_are_bounded(tmp_path: Path) -> None:
    """Thirty files, each of which includes the next one twice, would be a thousand million steps."""
    for number in range(30):
        (tmp_path / f"f{number}.yaml").write_text(
            f"name: f\nsteps: [{{include: f{number + 1}.yaml}}, {{include: f{number + 1}.yaml}}]\n"
        )
    (tmp_path / "f30.yaml").write_text("name: f\nsteps: [{message: x}]\n")
    found = load_file(tmp_path / "f0.yaml").diagnostics
    assert {each.code for each in found} == {"include-cycle"}
    assert "more than 100 times" in found[0].message


def test_a_file_of_media_is_named_from_the_file_that_names_it(tmp_path: Path) -> None:
    """In the bundle it is named from the flow's folder, as all are."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "note.pdf").write_bytes(b"%PDF-1.4\n" + b"x" * 100 + b"\n%%EOF\n")
    part = "name: p\nsteps: [{message: {message_type: document, media_file: note.pdf, filename: Note.pdf}, until: delivered}]\n"
    loaded = written(tmp_path, main="name: m\nsteps: [{include: parts/p.yaml}]\n", parts_p=part)
    assert [each for each in said(loaded) if "media" in each] == []
    assert "parts/note.pdf" in flow_of(loaded).bundle.media


def test_the_names_of_an_included_file_are_its_own(tmp_path: Path) -> None:
    """Neither the ids nor the inputs of one are known in the other."""
    hello = "name: h\nsteps: [{message: '{{ who }}', id: x}]\n"
    loaded = written(
        tmp_path,
        main="name: m\ninputs: {who: {type: string}}\nsteps: [{include: h.yaml}, {message: '{{ x.message.content }} {{ who }}'}]\n",
        h=hello,
    )
    assert [each.rpartition("/")[2] for each in said(loaded) if "unknown-name" in each] == [
        "main.yaml:3:42 unknown-name: x is not an input or an earlier step",
        "h.yaml:2:23 unknown-name: who is not an input or an earlier step",
    ]


CARDS = "{message_type: interactive, interactive_type: carousel, body_text: b, cards: [{header_type: image, media_id: '1', buttons: [{id: a, title: A}]}, {header_type: image, media_id: '2', buttons: [{id: b, title: B}]}]}"
RAW = "{message_type: raw, raw: {type: interactive, interactive: {type: button, body: {text: b}, action: {buttons: [{type: reply, reply: {id: a, title: A}}]}}}}"
RAW_LIST = "{message_type: raw, raw: {type: interactive, interactive: {type: list, body: {text: b}, action: {button: l, sections: [{title: s, rows: [{id: a, title: A}]}]}}}}"
TEMPLATE = "{message_type: template, template_name: t, template_language: es}"
TAPPED = [
    (CARDS, "[{button: [a, b]}]", []),
    (CARDS, "[{button: a}]", ["unanswered-button"]),
    (CARDS, "[{button: [a, b, c]}]", ["unknown-button"]),
    (RAW, "[{button: a}]", []),
    (RAW, "[{button: b}]", ["unknown-button"]),
    (RAW, "[{text: other}]", ["unanswered-button"]),
    (RAW_LIST, "[{row: a}]", []),
    (RAW_LIST, "[{row: x}]", ["unknown-button"]),
    (TEMPLATE, "[{button: anything}]", []),
    ("hi", "[{button: a}]", ["unknown-button"]),
    ("{message_type: interactive, interactive_type: location_request, body_text: b}", "[{media: location}]", []),
    ("{message_type: interactive, interactive_type: button, body_text: b, buttons: [{id: '{{ recipient.phone }}', title: A}]}", "[{button: x}]", []),
]  # fmt: skip


@pytest.mark.parametrize(("message", "answers", "codes"), TAPPED)
def test_answers_are_held_against_what_can_be_tapped(message: str, answers: str, codes: list[str]) -> None:
    """Whatever kind of message has it; what only a run knows is not guessed."""
    text = f"name: f\n{WAY_OUT}steps:\n  - message: {message}\n    reply: {{within: 1h, no_reply: end, answers: {answers}, otherwise: end}}\n"
    assert [each.code for each in load_text(text, "f.yaml").diagnostics] == codes


def test_a_template_s_quick_replies_are_those_of_the_account(tmp_path: Path) -> None:
    """By the value that the message gives each, else by its text."""
    buttons = '[{"type": "QUICK_REPLY", "text": "Yes"}, {"type": "URL", "text": "See", "url": "https://example.com"}, {"type": "QUICK_REPLY", "text": "No"}]'
    components = f'[{{"type": "BODY", "text": "Shall we?"}}, {{"type": "BUTTONS", "buttons": {buttons}}}]'
    template = (
        f'{{"name": "t", "language": "es", "status": "APPROVED", "category": "UTILITY", "components": {components}}}'
    )
    (tmp_path / "templates.json").write_text(f'{{"templates": [{template}]}}')
    body = "{message_type: template, template_name: t, template_language: es, button_params: [{index: 0, type: quick_reply, value: sure}]}"
    text = "name: f\n%ssteps:\n  - message: %s\n    reply: {within: 1h, no_reply: end, answers: %s, otherwise: end}\n"
    found = written(tmp_path, main=text % (WAY_OUT, body, "[{button: sure}, {button: 'No'}]"))
    assert said(found) == []
    found = written(tmp_path, main=text % (WAY_OUT, body, "[{button: sur}]"))
    assert [(each.code, each.hint) for each in found.diagnostics] == [("unknown-button", "did you mean sure?")]


COVERED = [
    ("[{number: {max: 5}}, {number: {min: 5}}, {number: 5}]", 1), ("[{number: {max: 5}}, {number: {min: 6}}, {number: {min: 5, max: 6}}]", 0),
    ("[{number: {min: 1, max: 9}}, {number: {min: 1}}]", 0), ("[{number: {min: 1, max: 9}, when: start.value > 3}, {number: 4}]", 0),
    ("[{text: [a, b]}, {text: Á}]", 1), ("[{text: a}, {words: a}]", 0), ("[{words: a}, {text: it is a}, {words: [a dog, cat]}]", 2),
    ("[{matches: '[0-9]+'}, {text: '12'}, {text: '12a'}]", 1), ("[{media: [image, video]}, {media: video}]", 1), ("[{media: image}, {text: image}]", 0),
    ("[{matches: a.}, {matches: a.}]", 1), ("[{text: a}, {text: a, when: start.text == 'A'}]", 1),
]  # fmt: skip


@pytest.mark.parametrize(("answers", "count"), COVERED)
def test_an_answer_that_one_above_takes_is_told(answers: str, count: int) -> None:
    """What a condition may let pass is not."""
    text = f"name: f\n{WAY_OUT}steps:\n  - {{id: start, message: hi, reply: {{within: 1h, no_reply: end, answers: {answers}, otherwise: end}}}}\n"
    found = load_text(text, "f.yaml").diagnostics
    assert [each.code for each in found if each.code == "never-reached"] == ["never-reached"] * count, said(
        load_text(text, "f.yaml")
    )
    assert not [each for each in found if each.is_error]


def values_of(data: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield route
    for key, each in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from values_of(each, (*route, key))


def put(data: Any, route: tuple[Any, ...], value: Any) -> Any:
    if not route:
        return value
    copied = dict(data) if isinstance(data, dict) else list(data)
    copied[route[0]] = put(data[route[0]], route[1:], value)
    return copied


STRANGE = [None, "", "x", 5, True, [], {}, [[]], [None], {"a": 1}, "{{ x }}", "{{", [{"message": "hi"}], "1d"]


@pytest.mark.sliced
@pytest.mark.parametrize("place", range(len(STRANGE)), ids=lambda place: repr(STRANGE[place]))
def test_whatever_stands_anywhere_is_told(place: int) -> None:
    """Each value of a flow is replaced by another: it is read or told, with a remedy, and nothing is raised."""
    document, _ = read(ASKING, "f.yaml")
    assert document is not None
    value = STRANGE[place]
    for route in (route for its, route in crossed(5, range(len(STRANGE)), values_of(document.data)) if its == place):
        loaded = load_text(json.dumps(put(document.data, route, value)), "f.yaml")
        assert loaded.flow is not None or any(each.is_error for each in loaded.diagnostics)
        assert [each.message for each in loaded.diagnostics if each.is_error and not each.hint] == []


def test_what_an_included_file_ignores_is_idle_only_where_it_is_read_alone(tmp_path: Path) -> None:
    """The flow around it may have what it lacks by itself."""
    part = "name: p\nsteps:\n  - message: hi\n    reply: {within: 1h, no_reply: end}%s\n"
    ignored = part % "  # flowrunner: ignore[no-way-out]"
    main = "name: m\n%ssteps: [{include: p.yaml}]\n"
    assert said(written(tmp_path, main=main % WAY_OUT, p=ignored)) == []
    assert said(load_file(tmp_path / "p.yaml")) == []
    assert [each.code for each in written(tmp_path, main=main % "", p=part % "").diagnostics] == ["no-way-out"]
    assert said(written(tmp_path, main=main % "", p=ignored)) == []
    idle = part % "  # flowrunner: ignore[long-burst]"
    assert [each.code for each in written(tmp_path, main=idle, p=ignored).diagnostics] == ["no-way-out", "idle-ignore"]
