"""Test files are read: what is right becomes values with places, and everything that is wrong is found at once."""

# ruff: noqa: E501  # a table's row is read as one line

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml

from flowrunner.diagnostics import Location
from flowrunner.model import Recipient
from flowrunner.source import Plain
from flowrunner.testing.reading import Read, read_suite, read_text
from flowrunner.testing.reading.times import duration, moment
from flowrunner.testing.turns import Bot, Crash, Customer, Fault, Note, Silence, Status, Until, Wait, Window
from flowrunner.testing.values import BEGINS, Case
from support.slices import part

FLOW = """\
name: setup
inputs:
  name: {type: string, minLength: 1}
  guests: {type: integer, default: 2}
anytime: [{words: [stop], end: opted_out}]
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: "Hi {{ name }}?"
      buttons: [{id: now, title: Start}, {id: later, title: Más tarde}]
    reply: {within: 20h, no_reply: continue}
  - message: Bye.
"""
PLAIN = "name: plain\nsteps:\n  - message: Hello\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "setup.yaml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "plain.yaml").write_text(PLAIN, encoding="utf-8")
    return tmp_path


def read(folder: Path, text: str, name: str = "setup.test.yaml") -> Read:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_suite(path)


def cases(folder: Path, text: str) -> tuple[Case, ...]:
    found = read(folder, text)
    assert found.suite is not None, [(str(each.location), each.message) for each in found.diagnostics]
    return found.suite.cases


def chat(*turns: str, more: str = "") -> str:
    """A file with one test, each of whose turns stands in one line, the first in line 6."""
    lines = "\n".join(f"      - {each}" for each in turns)
    return f"given: {{vars: {{name: Ana}}}}\ntests:\n  - name: it\n    ends: finished\n    chat:\n{lines}\n{more}"


def turns(folder: Path, *written: str) -> list[object]:
    [case] = cases(folder, chat(*written))
    return list(case.turns)


def asked(turn: object) -> list[tuple[tuple[str | int, ...], list[tuple[str, object]]]]:
    """What a turn asks of a message, without the places."""
    assert isinstance(turn, Bot)
    return [(check.route, [(each.kind, each.value) for each in check.predicates]) for check in turn.checks]


def test_a_message_is_asked_for_by_its_text_by_predicates_and_by_its_fields(folder: Path) -> None:
    """Nested values are asked for one by one, lists with their length, and texts as they were typed."""
    found = turns(
        folder,
        "bot: 'Hi Ana?'",
        "bot: 0123",
        "bot: any",
        "bot: {count: 3}",
        "bot: {contains: Hi, length: 7}",
        "bot: {message_type: image, caption: {starts: A}}",
        "bot: {buttons: [{id: now}, {title: {one_of: [A, B]}}], latitude: 1.50}",
        "bot: {footer_text: {exists: no-one}}".replace("no-one", "false"),
    )
    assert [asked(each) for each in found] == [
        [(("text",), [("equals", "Hi Ana?")])],
        [(("text",), [("equals", "0123")])],
        [],
        [],
        [(("text",), [("contains", "Hi"), ("length", 7)])],
        [(("message_type",), [("equals", "image")]), (("caption",), [("starts", "A")])],
        [
            (("buttons",), [("length", 2)]),
            (("buttons", 0, "id"), [("equals", "now")]),
            (("buttons", 1, "title"), [("one_of", ["A", "B"])]),
            (("latitude",), [("equals", "1.50")]),
        ],
        [(("footer_text",), [("exists", False)])],
    ]
    assert [each.many for each in found if isinstance(each, Bot)] == [1, 1, 1, 3, 1, 1, 1, 1]
    last = found[6]
    assert isinstance(last, Bot)
    assert isinstance(last.checks[-1].predicates[0].value, Plain), "1.50 is 1.5 of a message, too"


BRACES = {
    "alone": ("\"Hi {{ '{{' }} name }}\"", "Hi {{ name }}"),
    "in double quotes": ("'Hi {{ \"{{\" }} name }}'", "Hi {{ name }}"),
    "a statement and a comment": ("\"{{ '{%' }} if %}{{ '{#' }} a #}\"", "{% if %}{# a #}"),
    "three": ("\"{{ '{{' }}{\"", "{{{"),
}


@pytest.mark.parametrize(("written", "meant"), BRACES.values(), ids=BRACES.keys())
def test_what_looks_like_an_expression_is_written_as_in_a_flow(folder: Path, written: str, meant: str) -> None:
    """Wherever a text stands; in a test with a table, too, beside its columns and in them."""
    said, quoted, form, equal, within, one, *fields = turns(
        folder,
        f"customer: {written}",
        f"customer: {{quotes: start, text: {written}}}",
        f"customer: {{form: {{a: [{written}]}}}}",
        f"bot: {written}",
        f"bot: {{contains: {written}}}",
        f"bot: {{one_of: [{written}]}}",
    )
    assert fields == []
    assert [each.said[0].value for each in (said, quoted) if isinstance(each, Customer)] == [meant, meant]
    assert isinstance(form, Customer)
    assert form.said[0].value == {"a": [meant]}
    assert [value for each in (equal, within, one) for _, value in asked(each)[0][1]] == [meant, meant, [meant]]
    more = f"  - name: more\n    ends: finished\n    vars: {{start.text: {written}}}\n    each: [{{a: {written}, b: [c]}}]\n"
    more += f'    given: {{vars: {{name: "{{{{ a }}}}"}}}}\n    chat: [{{customer: "{{{{ a }}}} {{{{ a }}}}"}}, {{customer: {written}}}]\n'
    _, case = cases(folder, chat("bot: any", more=more))
    assert case.given.vars["name"] == meant
    assert [each.said[0].value for each in case.turns if isinstance(each, Customer)] == [f"{meant} {meant}", meant]
    assert case.after.vars[0].predicates[0].value == meant


def test_what_a_customer_says(folder: Path) -> None:
    """Each thing that a customer can do, with what stands beside it."""
    found = turns(
        folder,
        "customer: yes",
        "customer: 12",
        "customer: [Acme, SA]",
        "customer: {tap: now}",
        "customer: {tap: más TARDE, of: start}",
        "customer: {send: image, caption: my cat}",
        "customer: {location: [19.4, -99]}",
        "customer: {send: document, filename: a.pdf, caption: 12}",
        "customer: {location: [19.4, -99], name: Office, address: Calle 5}",
        "customer: {react: 👍, of: start}",
        "customer: {react: ''}",
        "customer: {quotes: start, text: this one}",
        "customer: {form: {name: Ana, age: 7, ok: true}}",
    )
    said = [
        [(each.kind, each.value, each.about, each.text) for each in turn.said]
        for turn in found
        if isinstance(turn, Customer)
    ]
    assert said == [
        [("text", "yes", "", "")],
        [("text", "12", "", "")],
        [("text", "Acme", "", ""), ("text", "SA", "", "")],
        [("tap", "now", "", "")],
        [("tap", "más TARDE", "start", "")],
        [("send", "image", "", "my cat")],
        [("location", [19.4, -99], "", "")],
        [("send", "document", "", "12")],
        [("location", [19.4, -99], "", "")],
        [("react", "👍", "start", "")],
        [("react", "", "", "")],
        [("text", "this one", "start", "")],
        [("form", {"name": "Ana", "age": 7, "ok": True}, "", "")],
    ]
    told = [dict(turn.said[0].more) for turn in found if isinstance(turn, Customer) and turn.said[0].more]
    assert told == [{"filename": "a.pdf"}, {"name": "Office", "address": "Calle 5"}]


def test_time_and_what_goes_wrong(folder: Path) -> None:
    """Every other turn."""
    found = turns(
        folder,
        "wait: 2h 59m",
        "silence: 1d",
        "until: 2026-11-24 08:00",
        "until: 2026-11-24T08:00Z",
        "status: delivered",
        "status: {of: start, is: failed, code: 131026}",
        "fault: {cut-after: {count: 1}}",
        "fault: cut-after:count=1",
        "crash",
        "crash:",
        "crash: {after: request}",
        "crash: {before: commit}",
        "window: closed",
        "note: she is away",
    )
    assert [each[1:] for each in found if not isinstance(each, Fault)] == [  # type: ignore[index]
        (10740.0,), (86400.0,), (datetime(2026, 11, 24, 8),), (datetime(2026, 11, 24, 8, tzinfo=UTC),),
        ("", "delivered", 0), ("start", "failed", 131026), ("now",), ("now",), ("after request",), ("before commit",),
        (False,), ("she is away",),
    ]  # fmt: skip
    kinds = [Wait, Silence, Until, Until, Status, Status, Fault, Fault, Crash, Crash, Crash, Crash, Window, Note]
    assert [type(each) for each in found] == kinds
    first, second = (each.fault for each in found if isinstance(each, Fault))
    assert first == second
    assert (first["kind"], first["count"]) == ("cut-after", 1)


def test_every_value_knows_its_place(folder: Path) -> None:
    """A failure points at what was not met, not at the whole turn."""
    [case] = cases(folder, chat("bot: {contains: Hi}", "bot: Bye.", more="    vars: {start.text: later}\n"))
    first, second = case.turns
    path = str(folder / "setup.test.yaml")
    assert isinstance(first, Bot)
    assert first.checks[0].predicates[0].at == Location(path, 6, 25, 6, 27)
    assert second.at == Location(path, 7, 14, 7, 18)
    assert case.at == Location(path, 3, 11, 3, 13)
    assert case.after.vars[0].at == Location(path, 8, 24, 8, 29)
    assert case.after.vars[0].route == ("start", "text")


def test_what_is_given_stands_for_all_tests_and_each_may_say_its_own(folder: Path) -> None:
    """Variables are put together one by one; all else is the test's own, else the file's."""
    text = """\
given:
  vars: {name: Ana, guests: 4}
  recipient: {phone: +5215512345678, timezone: America/Mexico_City}
  now: 2026-11-23 10:00
  window: closed
tests:
  - {name: a, ends: finished, chat: [{bot: any}]}
  - name: b
    given: {vars: {guests: 5}, recipient: +34 600 12 34 56, now: 2026-11-24T09:30:10+02:00, dialect: meta, window: open}
    ends: finished
    chat: [{bot: any}]
"""
    first, second = (each.given for each in cases(folder, text))
    assert (first.vars, first.recipient, first.timezone) == (
        {"name": "Ana", "guests": "4"}, Recipient("", "+5215512345678"), "America/Mexico_City",
    )  # fmt: skip
    assert (first.now, first.dialect, first.window) == (datetime(2026, 11, 23, 10), "kapso-v1", False)
    assert second.vars == {"name": "Ana", "guests": "5"}
    assert second.recipient == Recipient("", "+34600123456")
    assert second.now == datetime(2026, 11, 24, 9, 30, 10, tzinfo=timezone(timedelta(hours=2)))
    assert (second.dialect, second.window) == ("meta", True)
    [case] = cases(folder, "flow: plain.yaml\ntests: [{name: a, chat: [{bot: Hello}]}]\n")
    assert case.given.now == BEGINS
    assert case.after.ends is not None, "a flow that can end in one way alone must end so"
    assert case.after.ends.word == "finished"


def test_a_table_is_one_test_for_each_row(folder: Path) -> None:
    """Its columns are filled into every text; a text that is one column alone becomes its value."""
    text = """\
given: {vars: {name: Ana}}
tests:
  - name: "{{ words }} means stop"
    each: [{words: STOP, count: 1}, {words: "  baja. ", count: 2}]
    chat:
      - bot: {count: "{{ count }}"}
      - customer: "{{ words }}"
      - customer: "{{ words }}{{ count }}"
    ends: opted_out
  - name: all alike
    each: [{n: 1}, {n: 2}]
    chat: [{bot: any}]
    ends: waiting
"""
    found = cases(folder, text)
    assert [each.name for each in found] == ["STOP means stop", "baja. means stop", "all alike [1]", "all alike [2]"]
    said = [[turn.said[0].value for turn in case.turns if isinstance(turn, Customer)] for case in found]
    assert said == [["STOP", "STOP1"], ["  baja. ", "  baja. 2"], [], []]
    assert [turn.many for case in found for turn in case.turns if isinstance(turn, Bot)] == [1, 2, 1, 1]


def test_a_golden_chat_names_its_file_and_the_answers(folder: Path) -> None:
    """The file is named from the test file."""
    text = "given: {vars: {name: Ana}}\ntests:\n  - name: a\n    chat: {golden: golden/a.chat, answers: [{tap: now}, {wait: 3h}, Acme]}\n"
    [case] = cases(folder, text)
    assert case.golden is not None
    assert case.golden.file == str(folder / "golden" / "a.chat")
    assert [type(each) for each in case.golden.answers] == [Customer, Wait, Customer]
    assert case.turns == ()


def test_the_flow_is_the_one_of_the_same_name_where_none_is_said(folder: Path) -> None:
    """And a file whose flow is nowhere says so."""
    found = read(folder, "tests: [{name: a, chat: [{bot: Hello}]}]\n", "plain.test.yaml")
    assert found.suite is not None
    assert found.suite.flow == str(folder / "plain.yaml")
    lost = read(folder, "tests: [{name: a, chat: [{bot: Hello}]}]\n", "nobody.test.yaml")
    assert [each.code for each in lost.diagnostics] == ["missing-field"]


WRONG = {
    "no list of tests": ("flow: setup.yaml\n", "missing-field", "tests is missing"),
    "unknown key": ("gven: 1\ngiven: {vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "unknown-key", "remove it; the keys here are flow, description, given and tests"),
    "key near": ("test: []\n", "unknown-key", "did you mean tests?"),
    "a list": ("- a\n", "wrong-type", "write flow: and tests:"),
    "no tests": ("tests: []\n", "too-few-items", "write name: and chat: after a dash"),
    "no name": ("tests: [{chat: [{bot: any}]}]\n", "missing-field", "add name, for example: name: she starts at once"),
    "a test torn in two": ("given: {vars: {name: Ana}}\ntests:\n  - name: a\n  - ends: finished\n    chat: [{bot: any}]\n", "missing-field", "write a space for the dash before ends"),
    "a turn beside chat": ("given: {vars: {name: Ana}}\ntests:\n  - name: a\n    ends: finished\n    chat:\n    bot: any\n", "unknown-key", "write a dash before bot"),
    "values beside given": ("tests:\n  - name: a\n    ends: finished\n    given:\n    recipient: {phone: +5215512345678}\n    chat: [{bot: any}]\n", "unknown-key", "indent it by two more spaces"),
    "a time in another language": ("given: {vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}, {silence: 2 horas}]}]\n", "bad-pause", "write 2h"),
    "values beside vars": ("tests:\n  - name: a\n    ends: finished\n    given:\n      vars:\n      name: Ana\n    chat: [{bot: any}]\n", "unknown-key", "indent it by two more spaces"),
    "a phone beside recipient": ("tests:\n  - name: a\n    ends: finished\n    given:\n      vars: {name: Ana}\n      recipient:\n      phone: +5215512345678\n    chat: [{bot: any}]\n", "unknown-key", "indent it by two more spaces"),
    "what is asked of a message beside bot": ("given: {vars: {name: Ana}}\ntests:\n  - name: a\n    ends: finished\n    chat:\n      - bot:\n        contains: Hello\n", "unknown-key", "indent it by two more spaces"),
    "a tap beside customer": ("given: {vars: {name: Ana}}\ntests:\n  - name: a\n    ends: finished\n    chat:\n      - bot: any\n      - customer:\n        tap: now\n", "unknown-key", "indent it by two more spaces"),
    "a tap torn from customer": (chat("bot: any", "customer:", "tap: now"), "unknown-key", "write three spaces for the dash before tap"),
    "a file torn from customer": (chat("bot: any", "customer:", "send: document\n        filename: a.pdf"), "unknown-key", "write three spaces for the dash before send, and indent filename by two more spaces"),
    "what is asked of a message torn from bot": (chat("bot:", "contains: Hello"), "unknown-key", "write three spaces for the dash before contains"),
    "another word for chat": ("given: {vars: {name: Ana}}\ntests: [{name: a, ends: finished, steps: [{bot: any}]}]\n", "unknown-key", "did you mean chat?"),
    "no turns": ("given: {vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: []}]\n", "too-few-items", "add a turn, such as - bot: Hello"),
    "a name twice": ("given: {vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}, {name: a, ends: finished, chat: [{bot: any}]}]\n", "duplicate-value", "give each test a name of its own"),
    "no such flow": ("flow: stup.yaml\ntests: [{name: a, chat: [{bot: any}]}]\n", "unreadable", "write the path of the flow, seen from this file"),
    "no end": ("given: {vars: {name: Ana}}\ntests: [{name: a, chat: [{bot: any}]}]\n", "missing-field", "add ends: finished, opted_out or waiting"),
    "a value that is missing": ("tests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "missing-variable", "write given: {vars: {name: ...}}"),
    "a value that does not fit": ("given: {vars: {name: Ana, guests: two}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "bad-variable", "write a whole number without quotes"),
    "a value of no input": ("given: {vars: {nme: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "unknown-variable", "did you mean name?"),
    "a phone": ("given: {recipient: 12, vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "bad-recipient", "write +, the country code and the number"),
    "a user id": ("given: {recipient: {user_id: x}, vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "bad-recipient", "write it like MX.13491208655302741918"),
    "a clock": ("given: {recipient: {timezone: america/mexico city}, vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "unknown-time-zone", "did you mean America/Mexico_City?"),
    "a language": ("given: {language: es, vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "bad-language", "remove language"),
    "a dialect": ("given: {dialect: kapso, vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "bad-value", "did you mean kapso-v1?"),
    "a golden chat elsewhere": ("given: {vars: {name: Ana}}\ntests: [{name: a, chat: {golden: ../a.chat}}]\n", "bad-value", "name a file below it, such as golden/welcome.chat"),
    "a golden chat that is another file": ("given: {vars: {name: Ana}}\ntests: [{name: a, chat: {golden: setup.yaml}}]\n", "bad-value", "name a text file, such as setup.chat"),
    "a golden chat that is a folder": ("given: {vars: {name: Ana}}\ntests: [{name: a, chat: {golden: ./}}]\n", "bad-value", "name a file, such as golden/welcome.chat"),
    "a golden chat of no name": ("given: {vars: {name: Ana}}\ntests: [{name: a, chat: {golden: \"a\\0b\"}}]\n", "bad-value", "name a file, such as golden/welcome.chat"),
    "a golden chat of two": ("given: {vars: {name: Ana}}\ntests: [{name: '{{ a }}', each: [{a: x}, {a: y}], chat: {golden: a.chat, answers: ['{{ a }}']}}]\n", "duplicate-value", "name a file for each; in a test with a table, with a column: golden/{{ words }}.chat"),
    "a row without columns": ("given: {vars: {name: Ana}}\ntests: [{name: '{{ a }}', each: [{a: 1}, {}], ends: finished, chat: [{bot: any}]}]\n", "wrong-type", "write {column: value}"),
    "a moment before telephones": ("given: {now: 0001-01-01 10:00, vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: [{bot: any}]}]\n", "bad-moment", "write a year from 1970 to 9000"),
    "turns without dashes": ("given: {vars: {name: Ana}}\ntests: [{name: a, ends: finished, chat: {bot: any}}]\n", "wrong-type", "write a dash before each turn"),
    "a column": ("given: {vars: {name: Ana}}\ntests: [{name: '{{ wrods }}', each: [{words: a}], ends: finished, chat: [{bot: any}]}]\n", "unknown-name", "did you mean words?"),
    "a row": ("given: {vars: {name: Ana}}\ntests: [{name: '{{ a }}', each: [{a: 1}, {b: 1}], ends: finished, chat: [{bot: any}]}]\n", "missing-field", "every row has the same columns, here a"),
    "an expression of a table": ("given: {vars: {name: Ana}}\ntests: [{name: '{{ a. }}', each: [{a: 1}], ends: finished, chat: [{bot: any}]}]\n", "expression-syntax", None),
    "two rows alike": ("given: {vars: {name: Ana}}\ntests: [{name: x, each: [{a: 1}, {a: 1}], ends: finished, chat: [{bot: any}]}]\n", "duplicate-value", "give each test a name of its own"),
    "the end": (chat("bot: any").replace("finished", "done"), "bad-value", None),
    "an end of no such flow": (chat("bot: any").replace("finished", "handed_over"), "bad-value", "by its own words it ends finished or opted_out"),
    "an end with a space": (chat("bot: any").replace("finished", "opted out"), "bad-value", "did you mean opted_out?"),
    "a variable": (chat("bot: any", more="    vars: {strt.text: a}\n"), "unknown-name", "did you mean start?"),
    "a part of an answer": (chat("bot: any", more="    vars: {start.anser: a}\n"), "unknown-name", "did you mean answer?"),
    "a part of a text": (chat("bot: any", more="    vars: {start.text.length: 3}\n"), "unknown-name", "write start.text"),
    "values under another name": (chat("bot: any").replace("given:", "givens:"), "unknown-key", "did you mean given?"),
    "an end under another name": (chat("bot: any").replace("ends:", "end:"), "unknown-key", "did you mean ends?"),
    "an end in other words": (chat("bot: any").replace("ends: finished", "ends: done").replace("ends: waiting", "ends: done"), "bad-value", "did you mean finished?"),
    "an event": (chat("bot: any", more="    events: [in dobt]\n"), "bad-value", "did you mean in doubt?"),
    "a code": (chat("bot: any", more="    warnings: [long-brst]\n"), "bad-value", "did you mean long-burst?"),
    "a count": (chat("bot: any", more="    sent: {messages: {mx: 3}}\n"), "unknown-key", "write equals, min or max"),
    "a count below nothing": (chat("bot: any", more="    doubled: -1\n"), "wrong-type", "write a whole number of at least 0"),
}  # fmt: skip
TURNS = {
    "a turn that is none": ("hello", "wrong-type", "write bot: or customer: before the text"),
    "nobody's turn": ("botty: hello", "unknown-key", "did you mean bot?"),
    "another word": ("user: hello", "unknown-key", "did you mean customer?"),
    "two turns": ("{bot: a, customer: b}", "one-turn", "make it two turns: write a dash before customer"),
    "no turn": ("{}", "one-turn", "write bot: or customer: after the dash"),
    "no text": ("bot:", "wrong-type", "write the text of the message, or bot: any; one bot: turn for each message"),
    "two messages": ("bot: [a, b]", "wrong-type", "write the text of the message, or bot: any; one bot: turn for each message"),
    "a predicate": ("bot: {contans: a}", "unknown-field", "did you mean contains?"),
    "another predicate": ("bot: {begins_with: a}", "unknown-field", "did you mean starts?"),
    "a field": ("bot: {media_ulr: a}", "unknown-field", "did you mean media_url?"),
    "a field of another type": ("bot: {message_type: text, caption: a}", "foreign-field", "remove it, or ask for another type"),
    "a field of another interactive type": ("bot: {message_type: interactive, interactive_type: carousel, buttons: [{id: a}]}", "foreign-field", "remove it, or ask for another type"),
    "a word beside a predicate": ("bot: {caption: {contains: a, lenght: 3}}", "unknown-key", "did you mean length?"),
    "a pattern": ('bot: {matches: "a(b"}', "bad-pattern", "close the bracket with ), or write \\( for a bracket in the text"),
    "an expression": ('bot: "Hi {{ name }}"', "expression-not-allowed", "write the text as it is sent, and {{ in it as {{ '{{' }}; only a test with a table, each:, fills its columns in"),
    "how many": ("bot: {count: 0}", "wrong-type", "write a whole number of at least 1"),
    "count and more": ("bot: {count: 2, contains: a}", "foreign-field", "write one bot: turn for each message that is looked at"),
    "nothing to be one of": ("bot: {one_of: []}", "too-few-items", "write [one, other]"),
    "a number that is none": ("bot: {latitude: {min: high}}", "wrong-type", "write a number"),
    "there or not": ("bot: {footer_text: {exists: maybe}}", "wrong-type", "write true or false"),
    "nothing": ("bot: {footer_text: null}", "wrong-type", 'write a value, "" for an empty text, or exists: false'),
    "a customer who does nothing": ("customer: {of: start}", "one-turn", "add text, tap, choose, send, location, react or form"),
    "a customer who does two things": ("customer: {tap: now, text: a}", "one-turn", None),
    "a name of what is no document": ("customer: {send: image, filename: a.jpg}", "foreign-field", "remove it, or write send: document"),
    "a file's name of a place": ("customer: {location: [1, 2], filename: a.pdf}", "foreign-field", "remove it; it belongs to send"),
    "a name of a file": ("customer: {send: document, name: a.pdf}", "foreign-field", "remove it; it belongs to location"),
    "quotes beside a tap": ("customer: {tap: now, quotes: start}", "foreign-field", "write of"),
    "no such button": ("customer: {tap: nwo}", "unknown-button", "did you mean now?"),
    "a row": ("customer: {choose: now}", "unknown-button", "write tap: now"),
    "no such step": ("customer: {quotes: strat, text: a}", "unknown-step", "did you mean start?"),
    "a kind of file": ("customer: {send: picture}", "bad-value", "write image, video, audio, sticker, document or contacts"),
    "a place": ("customer: {location: [91, 0]}", "out-of-range", "write it like [19.4, -99.1]"),
    "a form": ("customer: {form: Ana}", "wrong-type", "write name: value lines below it"),
    "a number for a time": ("wait: 3", "bad-pause", "write 3s for seconds, 3m for minutes"),
    "a time in words": ("wait: 2 hours and 5 min", "bad-pause", "write 2h 5m"),
    "a time upside down": ("silence: 5m 2h", "bad-pause", "write each unit once, the largest first: 1d 2h 30m"),
    "no time": ("silence: 0s", "bad-pause", "write it like 3h or 2h 59m"),
    "a long time": ("wait: 4000d", "bad-pause", "write it like 3h or 2h 59m"),
    "an hour": ("until: 10:00", "bad-moment", "write the date, too, like 2026-11-23 10:00"),
    "no day": ("until: 2026-02-30 10:00", "bad-moment", "write a day of the calendar and a time from 00:00 to 23:59"),
    "a status": ("status: seen", "bad-value", "did you mean read?"),
    "a status of no step": ("status: {of: strt, is: read}", "unknown-step", "did you mean start?"),
    "a code of none": ("status: {is: read, code: 131026}", "foreign-field", "remove it, or write is: failed"),
    "a fault": ("fault: {cut-afterr: {count: 1}}", "bad-value", "did you mean cut-after?"),
    "a space in a time": ("wait: 2 h", "bad-pause", "write 2h"),
    "a moment in words": ("until: 26 November 2026 9:00", "bad-moment", "write 2026-11-26 09:00"),
    "a moment of spreadsheets": ("until: 26/11/2026 09:00", "bad-moment", "write 2026-11-26 09:00"),
    "a fault that nobody knows": ("fault: {flood: {count: 1}}", "bad-value", "write it like {cut-after: {count: 1}}"),
    "a fault's parameter": ("fault: {cut-after: {cuont: 1}}", "bad-value", "write it like {cut-after: {count: 1}}"),
    "two faults": ("fault: {cut-after: {}, html: {}}", "bad-value", "write it like {cut-after: {count: 1}}"),
    "when to crash": ("crash: {after: commit}", "bad-value", None),
    "twice": ("crash: {after: request, before: request}", "one-turn", "write {after: request}"),
    "the window": ("window: shut", "bad-value", "write closed or open"),
    "no note": ("note: ' '", "blank-text", "write some text"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "code", "hint"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_with_its_remedy(folder: Path, text: str, code: str, hint: str | None) -> None:
    """One mistake in a file gives one problem."""
    found = read(folder, text)
    assert found.suite is None
    [problem] = found.diagnostics
    assert problem.code == code
    assert problem.location.path.endswith("setup.test.yaml")
    assert hint is None or hint in (problem.hint, problem.message)


@pytest.mark.parametrize(("turn", "code", "hint"), TURNS.values(), ids=TURNS.keys())
def test_what_is_wrong_with_a_turn_is_said_at_its_line(folder: Path, turn: str, code: str, hint: str | None) -> None:
    """And nowhere else."""
    found = read(folder, chat("bot: any", turn))
    assert found.suite is None
    [problem] = found.diagnostics
    assert (problem.code, problem.location.line) == (code, 7)
    assert hint is None or problem.hint == hint


def test_all_problems_are_found_at_once_and_in_their_order(folder: Path) -> None:
    """Also those that only the flow shows."""
    found = read(folder, chat("bott: a", "customer: {tap: nwo}", "wait: 3", more="    vars: {strt.text: a}\n"))
    assert [(each.location.line, each.code) for each in found.diagnostics] == [
        (6, "unknown-key"), (7, "unknown-button"), (8, "bad-pause"), (9, "unknown-name"),
    ]  # fmt: skip


def test_what_is_wrong_with_the_flow_is_said_where_it_is(folder: Path) -> None:
    """Its tests are not played."""
    (folder / "setup.yaml").write_text(FLOW.replace("within: 20h", "within: 20"), encoding="utf-8")
    found = read(folder, chat("bot: any"))
    assert found.suite is None
    assert [(Path(each.location.path).name, each.code) for each in found.diagnostics] == [("setup.yaml", "bad-pause")]


UNREADABLE = {
    "nothing": (b"", "empty-file"),
    "no UTF-8": (b"tests: \xff", "not-utf8"),
    "a tab": (b"tests:\n\t- name: a\n", "yaml-syntax"),
    "no YAML": (b"tests: [", "yaml-syntax"),
    "two documents": (b"tests: 1\n---\ntests: 1\n", "second-document"),
    "very long": (b"# " + b"x" * (1 << 20), "too-large"),
    "a bomb": (b"".join(b"%c: &%c [%s]\n" % (name, name, b", ".join([b"*%c" % (name - 1)] * 10 if name > 97 else [b"x"] * 10)) for name in b"abcdef"), "too-many-values"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "code"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_at_all(folder: Path, content: bytes, code: str) -> None:
    """The loader is that of flows, with its traps."""
    found = read_text(content, folder / "setup.test.yaml")
    assert found.suite is None
    assert code in [each.code for each in found.diagnostics]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3h", 10800.0), ("2h 59m", 10740.0), ("2h59m", 10740.0), ("1d 1s", 86401.0), ("1.5h", 5400.0), ("250ms", 0.25)],
)
def test_a_time_may_have_several_units(text: str, seconds: float) -> None:
    assert duration(text) == seconds


def test_a_moment_needs_a_date() -> None:
    """Its hour may be left out: then it is midnight."""
    assert moment("2026-11-23") == datetime(2026, 11, 23)
    assert moment("2026-11-23 9:05") == datetime(2026, 11, 23, 9, 5)
    assert isinstance(moment("23/11/2026"), tuple)


ODD = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    " ",
    "x",
    "{{ x }}",
    "{{ x",
    [],
    [[]],
    {},
    {"x": 1},
    {"contains": {}},
    ["a", {"b": []}],
    "\u202e",
)


def replaced(data: object, at: int, new: object) -> tuple[object, int]:
    """The same data with the value of that number, in the order of the file, replaced; and how many were counted."""
    if at == 0:
        return new, 1
    counted = 1
    if isinstance(data, dict):
        made: dict[object, object] = {}
        for key, value in data.items():
            made[key], more = replaced(value, at - counted, new)
            counted += more
        return made, counted
    if isinstance(data, list):
        items = []
        for value in data:
            item, more = replaced(value, at - counted, new)
            items.append(item)
            counted += more
        return items, counted
    return data, counted


WHOLE = """\
flow: setup.yaml
description: d
given: {vars: {name: Ana, guests: 3}, recipient: {phone: +5215512345678, timezone: America/Mexico_City}, now: 2026-11-23 10:00}
tests:
  - name: "{{ a }} of {{ b }}"
    given: {vars: {name: "{{ a }}"}, language: es, dialect: meta, window: open}
    each: [{a: 1, b: x}, {a: 2, b: y}]
    chat:
      - bot: {message_type: image, caption: {contains: "{{ b }}", length: 3}, latitude: {min: 1, max: 2}}
      - bot: {one_of: [a, b], buttons: [{id: now, title: {exists: true}}]}
      - bot: {count: 3}
      - customer: [a, {tap: now, of: start}, {send: image, caption: c}, {location: [1, 2]}, {form: {a: 1}}]
      - wait: 2h 59m
      - until: 2026-11-24 08:00
      - silence: 1d
      - status: {of: start, is: failed, code: 131026}
      - fault: {cut-after: {count: 1}}
      - crash: {after: request}
      - window: closed
      - note: a
    ends: finished
    vars: {start.text: {starts: a}}
    warnings: [long-burst]
    events: [in doubt]
    sent: {messages: 4, requests: {max: 6}}
    doubled: 0
  - {name: g, chat: {golden: a.chat, answers: [{tap: now}, {wait: 3h}]}}
"""


@pytest.mark.sliced
def test_no_value_in_any_place_is_too_odd(folder: Path) -> None:
    """Whatever stands wherever, the file is read, or what is wrong with it is said with its place."""
    data = yaml.safe_load(WHOLE.replace(": 2026", ": T2026"))
    places = replaced(data, -1, None)[1]
    assert places > 100
    for at in range(places):
        # All of them in each place would take a minute; in all places together each stands in some.
        for new in part((ODD[at % len(ODD)], ODD[(at + 7) % len(ODD)]), 2):
            text = yaml.safe_dump(replaced(data, at, new)[0], allow_unicode=True, width=10_000)
            found = read_text(text, folder / "setup.test.yaml")
            assert found.suite is not None or found.diagnostics, text
            assert all(each.location.line > 0 for each in found.diagnostics), text
