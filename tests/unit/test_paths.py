"""Every branch is checked before anything is sent: what is wrong on some paths alone names the path."""

import sys

import pytest

from flowrunner.engine import Prepared
from flowrunner.flow import load_text
from flowrunner.model import EXAMPLE_RECIPIENT, Message
from support.talks import NOW

HEAD = "name: t\ninputs:\n  name: {type: string, example: Ana}\n  items: {type: array, default: [a, b]}\nsteps:\n"
ANYTIME = "anytime: [{words: [stop], steps: [{message: 'Bye {{ name }}'}], end: opted_out}]\n"
BUTTONS = (
    "{message_type: interactive, interactive_type: button, body_text: Well?, "
    "buttons: [{id: a, title: Yes}, {id: b, title: No}]}"
)
LONG = "where q is answered with a text of 4,096 characters | write {{ q.text%s | truncate(4086, leeway=0) }}"
MAYBE_LONG, SURELY_LONG = LONG % " | default('...')", LONG % ""
LACKS = "has no value | write | default('...') after it"
UNANSWERED = "| use it where q.answered, or write | default('...') after it"
OTHERS = {"bye.yaml": "name: bye\ninputs: {who: {type: string}}\nsteps: [{message: '{{ who }}'}]\n"}


def question(name: str, message: str = "Well?", **reply: str) -> str:
    its = ", ".join(f"{key}: {value}" for key, value in {"within": "1h", "no_reply": "continue", **reply}.items())
    return f"  - id: {name}\n    message: {message}\n    reply: {{{its}}}\n"


def said(steps: str) -> list[str]:
    """What there is to say of a flow's branches, examples standing in for values."""
    loaded = load_text(HEAD + steps + ANYTIME, "t.yaml", OTHERS)
    assert loaded.flow is not None, [each.message for each in loaded.diagnostics]
    _, found = Prepared(loaded).render(EXAMPLE_RECIPIENT, {}, NOW, examples=True)
    return [f"{each.location} {each.severity} {each.code}: {each.message} | {each.hint}" for each in found]


NUMBER = {"expect": "integer", "answers": "[{number: {min: 1, max: 5000}}]", "otherwise": "continue"}
TITLED = (
    "  - message: {message_type: interactive, interactive_type: button, body_text: x, "
    "buttons: [{id: a, title: 'No. {{ q.value | default(0) }}'}]}\n"
)
PLACED = question("q", answers="[{media: location}]", otherwise="end") + "  - message: 'To {{ q.location.%s }}'\n"
WRONG = [
    (question("q") + "  - message: '{{ q.text }}'\n",
     [f"t.yaml:9:20 error undefined-value: q.text has no value where q is not answered {UNANSWERED}",
      "t.yaml:9:14 warning blank-text: content is blank, text is required where q is answered with an image without"]),
    (question("q", **NUMBER) + "  - message: '{{ q.value if q.answered else 0 }}'\n", []),
    (question("q", **{**NUMBER, "no_reply": "end"}) + "  - message: '{{ q.value }}'\n",
     [f"t.yaml:9:20 error undefined-value: q.value has no value where q is answered with something else {UNANSWERED}"]),
    (question("q", **NUMBER) + TITLED, []),
    (question("q", **NUMBER).replace("5000", "50000000000000000") + TITLED,
     ["t.yaml:9:107 error too-long: title has 21 characters, at most 20 are allowed where q is answered with 5000000"]),
    (question("q", expect="text") + "  - message: \"You wrote {{ q.text | default('-') }}\"\n",
     [f"t.yaml:9:14 warning too-long: content has 4106 characters, at most 4096 are allowed {MAYBE_LONG}"]),
    (question("q", expect="text", no_reply="end") + "  - message: \"You wrote {{ q.text }}\"\n",
     [f"t.yaml:9:14 warning too-long: content has 4106 characters, at most 4096 are allowed {SURELY_LONG}"]),
    (question("q", expect="text")
     + "  - message: \"You wrote {{ q.text | default('...') | truncate(4086, leeway=0) }}\"\n", []),
    (question("q", BUTTONS, answers="[{button: a, steps: [{message: '{{ q.media.id }}'}]}, {button: b}]",
              otherwise="end"),
     [f"t.yaml:8:91 error undefined-value: q.media {LACKS}"]),
    (question("q", BUTTONS, answers="[{button: a}, {button: b}]", otherwise="end", no_reply="end")
     + "  - choose: [{when: q.answer == 'a', steps: [{message: '{{ q.row }}'}]}]\n",
     [f"t.yaml:9:62 error undefined-value: q.row {LACKS}"]),
    (question("q", **{**NUMBER, "no_reply": "end"})
     + "  - choose: [{when: q.answered and q.value == 42, steps: [{message: '{{ q.row }}'}]}]\n",
     [f"t.yaml:9:75 error undefined-value: q.row {LACKS}"]),
    (question("q", otherwise="{again: 'No: {{ q.value }}', times: 1, then: end}", answers="[{text: [ja]}]",
              no_reply="end"),
     [f"t.yaml:8:69 error undefined-value: q.value has no value {UNANSWERED}"]),
    ("  - for_each: item\n    in: '{{ name }}'\n    steps: [{message: '{{ item }}'}]\n",
     ["t.yaml:7:9 error expression-type: in gives no list | write one expression that gives a list"]),
    (question("q", expect="text", no_reply="end") + "  - include: bye.yaml\n    with: {who: '{{ q.value }}'}\n",
     ["t.yaml:10:23 error undefined-value: q.value has no value where q is answered with an image without a text"]),
    (PLACED % "address",
     ["t.yaml:9:23 error undefined-value: q.location has no value where q is not answered | use it where q.answered",
      "t.yaml:9:32 error undefined-value: address has no value where q is answered with a location without a text"]),
    (PLACED % "name",
     ["t.yaml:9:23 error undefined-value: q.location has no value where q is not answered | use it where q.answered",
      "t.yaml:9:32 error undefined-value: name has no value where q is answered with a location without a text"]),
    (PLACED % "latitude",
     ["t.yaml:9:23 error undefined-value: q.location has no value where q is not answered | use it where q.answered"]),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "problems"), WRONG)
def test_what_is_wrong_on_some_paths_names_what_was_answered(steps: str, problems: list[str]) -> None:
    """What an answer's bounds allow is an error; what nothing bounds a warning with the remedy."""
    found = said(steps)
    assert len(found) == len(problems), found
    for one, other in zip(sorted(found), sorted(problems), strict=True):
        assert one.startswith(other), found


@pytest.mark.parametrize(
    ("expect", "when", "hint"),
    [
        ("date", "q.value - now > 3", "write .date() after the moment, as in now.date()"),
        ("date", "q.value - now.date() > 3", "write .days after the difference in its brackets"),
        ("date", 'q.value < "24.12.2026"', "write the day as in 2026-12-24"),
        ("time", 'q.value > "noon"', "write the time as in 18:00"),
        pytest.param(
            "date",
            "now < q.value",
            "write .date() after the moment, as in now.date()",
            marks=pytest.mark.skipif(sys.version_info >= (3, 13), reason="this Python asks the day, which can"),
        ),
        ("time", "q.value > 9", "write .hour after it"),
        ("time", "9 < q.value", "write .hour after it"),
        ("time", "q.value > now", "write .time() after the moment, as in now.time()"),
    ],
)
def test_what_a_day_or_an_hour_is_not_compared_with_is_told_with_what_to_write(
    expect: str, when: str, hint: str
) -> None:
    """A day has no difference to a moment, and an hour is no number."""
    [found] = said(question("q", expect=expect, answers=f"[{{when: {when}}}]", otherwise="end"))
    assert "error expression-failed" in found
    assert found.endswith(hint)


def test_each_step_of_each_branch_is_rendered_with_what_leads_there() -> None:
    """And what depends on an answer says so."""
    steps = (
        question("q", BUTTONS, answers="[{button: a, steps: [{message: A}]}, {button: b, steps: [{end: finished}]}]",
                 otherwise="end", remind="{after: 10m, message: 'Still there, {{ name }}?'}")
        + "  - for_each: item\n    in: '{{ items }}'\n"
        + "    steps: [{message: '{{ loop.index }} {{ item }} {{ q.answered }}'}]\n"
        + "  - include: bye.yaml\n    with: {who: '{{ name }}'}\n"
    )  # fmt: skip
    loaded = load_text(HEAD + steps + ANYTIME, "t.yaml", OTHERS)
    rendering, found = Prepared(loaded).render(EXAMPLE_RECIPIENT, {}, NOW, examples=True, answers={"q": "No"})
    assert rendering is not None, found
    texts = {at: each.body.get("content") for at, each in rendering.acts.items() if isinstance(each, Message)}
    assert texts == {
        "1": None, "1.r1": "Still there, Ana?", "1.a1.1": "A", "2#1.1": "1 a true", "2#2.1": "2 b true", "3/1": "Ana",
        "@1.1": "Bye Ana",
    }  # fmt: skip
    assert rendering.depends == {"2#1.1": ("q",), "2#2.1": ("q",)}
    assert rendering.taken == {"1": "a2"}
    assert [each.step.address for each in rendering.actions] == ["1", "1.a2.1"]


@pytest.mark.parametrize(
    ("answers", "texts"),
    [
        ({"q": "7", "r": None}, ["Well?", "Go on?", "Still there? You said 7, they none"]),
        ({"q": "7", "r": "so so"}, ["Well?", "Go on?", "Again: 7, so so"]),
        ({"q": "8", "r": "ja"}, ["Well?", "Go on?"]),
    ],
)
def test_what_is_sent_while_a_question_is_open_reads_the_answers_of_the_path(
    answers: dict[str, str | None], texts: list[str]
) -> None:
    """Not the samples that every branch is checked with."""
    again = "{again: 'Again: {{ q.value }}, {{ r.text }}', times: 1, then: end}"
    remind = "{after: 10m, message: \"Still there? You said {{ q.value }}, they {{ r.text | default('none') }}\"}"
    steps = question("q", **{**NUMBER, "otherwise": "end", "no_reply": "end"})
    steps += question("r", "Go on?", answers="[{text: [ja]}]", otherwise=again, remind=remind)
    rendering, found = Prepared(load_text(HEAD + steps, "t.yaml")).render(
        EXAMPLE_RECIPIENT, {}, NOW, examples=True, answers=answers
    )
    assert rendering is not None, found
    assert [each.body["content"] for each in rendering.actions if isinstance(each, Message)] == texts


def test_a_flow_with_more_paths_than_are_told_apart_is_checked_in_part_and_says_so() -> None:
    """In a time that grows with its steps."""
    rows = ", ".join(f"{{id: r{each}, title: T{each}}}" for each in range(10))
    several = (
        "{message_type: interactive, interactive_type: list, body_text: x, list_button_text: y, "
        f"sections: [{{rows: [{rows}]}}]}}"
    )
    names = [f"q{each}" for each in range(8)]
    steps = "".join(question(name, several) for name in names)
    apart = "".join(f"  - message: '{{{{ {name}.answer }}}}'\n" for name in names)
    together = "".join(f"{{{{ {name}.answer }}}} " for name in names)
    assert said(steps + apart)[:1] == []
    [warning] = said(steps + f"  - message: '{together}'\n")
    assert "warning too-many-paths: more than 100 different conversations" in warning
