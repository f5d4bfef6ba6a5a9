"""What is taken for an answer: each line of the table in ``docs/listening.md``, with the flow above it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from flowrunner.engine.decide import decide
from flowrunner.engine.decisions import End, Reconcile, TakeAnswer, WaitForReply
from flowrunner.engine.history.answered import Answered, heard
from flowrunner.engine.history.state import state_of
from flowrunner.model import Event, EventKind, Inbound
from support.talks import Talk

PAGE = (Path(__file__).parents[2] / "docs" / "listening.md").read_text(encoding="utf-8")
FLOW = re.search(r"```yaml\n(.+?)```", PAGE, re.DOTALL)[1]  # type: ignore[index]
RULES = [row.strip("| ").split(" | ")[0] for row in PAGE.split("|---|---|\n")[1].split("\n\n")[0].splitlines()]

Script = Callable[[Talk], object]
Taken = list[tuple[str, str]]
WAITS: Taken = []


def start(text: str = "Start now", choice: str = "now", context: str = "wamid.1") -> Script:
    return lambda talk: talk.hears(text, "button", choice=choice, context=context)


def says(text: str) -> Script:
    return lambda talk: talk.hears(text)


def after(seconds: float) -> Script:
    """The run looks again then."""

    def script(talk: Talk) -> None:
        talk.go_on()
        talk.passes(seconds)
        talk.go_on()

    return script


def quietly(seconds: float) -> Script:
    """Nobody looks meanwhile."""
    return lambda talk: talk.passes(seconds)


def reacts(emoji: str, context: str = "wamid.1") -> Script:
    return lambda talk: talk.hears(emoji, "reaction", context=context)


def edits(text: str, number: int) -> Script:
    return lambda talk: talk.hears(text, "edited", context=f"wamid.in{number}")


def deletes(number: int) -> Script:
    return lambda talk: talk.hears("", "deleted", context=f"wamid.in{number}")


def picture(caption: str = "", kind: str = "image") -> Script:
    return lambda talk: talk.hears(caption, kind, data={"media_id": "7"})


def many(count: int, every: float) -> Script:
    def script(talk: Talk) -> None:
        for number in range(count):
            talk.hears(f"piece {number}")
            talk.passes(every)

    return script


def repeated(talk: Talk) -> None:
    talk.hears("Start now", "button", choice="now", context="wamid.1", id="wamid.same")
    talk.go_on()
    talk.hears("Start now", "button", choice="now", context="wamid.1", id="v1-uuid", other_id="wamid.same")


def before_it_left(talk: Talk) -> None:
    talk.hears("Later", at=talk.now - 60)


def learnt_late(talk: Talk) -> None:
    talk.passes(4000)
    talk.hears("later", at=talk.now - 1000)


def too_late(talk: Talk) -> None:
    talk.passes(4000)
    talk.hears("later")


NUMBERED = "types the number of a button in the list: `2`, `la 2`, `option 2`, also with its title behind it"
ROWS: list[tuple[str, dict[str, str], list[Script], Taken]] = [
    ("taps a button", {}, [start()], [("1", "a1")]),
    ("taps a button, and the API tells its title alone", {}, [start("Later", choice="")], [("1", "a2")]),
    ("types a button's title, in any case, with other accents or commas, with emoji or signs at its ends", {},
     [says(" ¡LÀTER! 👍🏽 "), after(2)], [("1", "a2")]),
    *((NUMBERED, {}, [says(said), after(2)], [("1", "a2")])
      for said in ("2", "2.", "#2", "la 2", "Opción 2", "dos", "the two", "2. LATER")),
    *((NUMBERED, {}, [says(said), after(2)], [("1", "g1")])
      for said in ("3", "-2", "1 later", "2 people", "12", "cero", "three")),
    (NUMBERED, {"within: 1h": "within: 1h\n      typed: false"},
     [says("2"), after(2)], [("1", "g1")]),
    ("taps a button of an older message", {}, [start(context="wamid.0"), after(2)], [("1", "late")]),
    ("taps a button of an older message", {"within: 1h": "within: 1h\n      late: accept"},
     [start(context="wamid.0")], [("1", "a1")]),
    ("taps a button of a reminder, or of the question put again", {},
     [says("?"), after(2), start(context="wamid.1.g1")], [("1", "g1"), ("1", "a1")]),
    ("writes a text that an answer has under `text`", {}, [says("Call me!"), after(2)], [("1", "a3")]),
    ("writes a text that an answer has under `text`", {}, [says("Call me now"), after(2)], [("1", "g1")]),
    ("writes a sentence with a word that an answer has under `words`", {}, [says("I need HELP, please"), after(2)],
     [("1", "a4")]),
    ("writes a sentence with a word that an answer has under `words`", {}, [says("helpless"), after(2)],
     [("1", "g1")]),
    ("writes something that is two answers", {"words: [help, ayuda]": "words: [later]"}, [says("later"), after(2)],
     [("1", "a2")]),
    ("writes in pieces", {}, [says("please"), after(1.5), says("help"), after(1.5), says("me"), after(2)],
     [("1", "a4")]),
    ("writes in pieces", {"within: 1h": "within: 1h\n      settle: 0s"}, [says("please"), after(0)], [("1", "g1")]),
    ("writes in pieces", {}, [says("Later"), after(1), says("sorry!"), after(2)], [("1", "a2")]),
    ("writes in pieces", {}, [says("Later"), after(1), says("no: start now"), says("start now"), after(2)],
     [("1", "g1")]),
    ("writes without a pause", {}, [many(30, 1.0), after(0)], [("1", "g1")]),
    ("taps while a text settles", {}, [says("well"), after(1), start()], [("1", "a1")]),
    ("sends a picture with a caption", {}, [picture("help")], [("1", "a4")]),
    ("sends a picture with a caption", {}, [picture("look")], [("1", "a5")]),
    ("sends a file that no answer names", {}, [picture("look", "audio")], [("1", "g1")]),
    ("reacts to the question with an emoji that an answer names", {}, [reacts("👍🏾")], [("1", "a3")]),
    ("reacts to the question with another emoji", {}, [reacts("😡"), after(5)], WAITS),
    ("reacts to another message", {}, [reacts("👍", "wamid.0"), after(5)], WAITS),
    ("takes a reaction back", {}, [reacts(""), after(5)], WAITS),
    ("edits a text while it settles", {}, [says("xx"), after(1), edits("later", 1), after(2)], [("1", "a2")]),
    ("edits a text that was taken for an answer", {}, [says("xx"), after(2), edits("later", 1), after(5)],
     [("1", "g1")]),
    ("deletes a text while it settles", {}, [says("xx"), after(1), deletes(1), after(5)], WAITS),
    ("deletes a text that was taken for an answer", {}, [says("xx"), after(2), deletes(1), after(5)], [("1", "g1")]),
    ("wrote before the question had left", {}, [before_it_left, after(5)], WAITS),
    ("wrote before the question had left", {}, [lambda talk: talk.hears("stop", at=talk.now - 60)], [("", "@1")]),
    ("writes something else", {}, [says("x"), after(2), quietly(5), says("y"), after(2)], [("1", "g1"), ("1", "o")]),
    ("writes more before the question has been put again", {},
     [says("x"), quietly(3), says("y"), quietly(3), says("z"), after(2)], [("1", "g1")]),
    ("writes more before the question has been put again", {},
     [says("x"), quietly(3), says("later"), after(2)], [("1", "g1"), ("1", "a2")]),
    ("writes something else, and then an answer", {}, [says("x"), after(2), says("now"), after(2)],
     [("1", "g1"), ("1", "o")]),
    ("writes something else, and then an answer", {}, [says("x"), after(2), says("start now"), after(2)],
     [("1", "g1"), ("1", "a1")]),
    ("answers twice", {}, [start(), start("Later", "later")], [("1", "a1")]),
    ("answers after a reminder", {}, [after(1800), start()], [("1", "a1")]),
    ("says nothing", {}, [after(1800), after(1800)], [("1", "n")]),
    ("answers after `within` has passed", {}, [too_late, after(2)], [("1", "n")]),
    ("answers in time, and it is learnt before `no_reply` is done", {}, [learnt_late, after(2)], [("1", "a2")]),
    ("answers at night, in quiet hours", {}, [start()], [("1", "a1")]),
    ("writes words under `anytime` in pieces", {"[stop, baja]": "[stop, no more]"},
     [says("please"), after(1), says("no"), after(1), says("more")], [("", "@1")]),
    ("writes words under `anytime` in pieces", {"[stop, baja]": "[stop, no more]"},
     [says("no"), after(2), quietly(1), says("more"), after(2)], [("1", "g1"), ("1", "o")]),
    ("writes words under `anytime` in pieces",
     {'steps: [{message: "Here we go."}]': 'steps: [{pause: 10m}, {message: "Here we go."}]',
      "anytime:": "anytime:\n  - {text: [no more], steps: [{pause: 10m}], end: handed_over}"},
     [start(), after(60), says("no"), says("more"), says("more"), after(60), says("stop")],
     [("1", "a1"), ("", "@1"), ("", "@2")]),
    ("writes a word under `anytime` beside an answer", {}, [says("help, or stop")], [("", "@1")]),
    ("writes a word under `anytime` while nothing is asked",
     {'steps: [{message: "Here we go."}]': 'steps: [{pause: 10m}, {message: "Here we go."}]'},
     [start(), after(60), says("BAJA")], [("1", "a1"), ("", "@1")]),
    ("writes a word under `anytime` while the steps of another entry are done",
     {"  - words: [stop, baja]": "  - {words: [agent], steps: [{pause: 10m}, {message: Soon.}], end: handed_over}\n"
      "  - {words: [info], end: finished}\n  - words: [stop, baja]"},
     [says("agent"), after(60), says("info"), after(60), says("stop"), says("agent")], [("", "@1"), ("", "@3")]),
    ("the same message, told twice", {}, [repeated], [("1", "a1")]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "changes", "script", "taken"), ROWS)
def test_what_is_taken_for_an_answer(rule: str, changes: dict[str, str], script: list[Script], taken: Taken) -> None:
    """As the page says."""
    flow = FLOW
    for old, new in changes.items():
        assert old in flow
        flow = flow.replace(old, new)
    talk = Talk(flow, {"name": "Ana"})
    for act in script:
        act(talk)
    talk.go_on()
    assert talk.taken == taken, rule
    if taken in (WAITS, [("1", "late")]):
        assert isinstance(talk.last, WaitForReply)


def test_every_line_of_the_page_has_a_row() -> None:
    """And every row a line."""
    assert list(dict.fromkeys(row[0] for row in ROWS)) == RULES


def test_who_says_nothing_is_reminded_once_and_then_left_alone() -> None:
    """The reminder leaves at its time, only while nothing was answered."""
    talk = Talk(FLOW, {"name": "Ana"})
    assert talk.ends() == End("finished")
    assert talk.texts == ["Shall we set up your account, Ana?", "Whenever you like: tap one of the two."]


def test_what_became_of_a_message_is_asked_before_stop_is_taken() -> None:
    """Once it was asked, and nobody knows, stop counts all the same."""
    talk = Talk('{"name": "t", "anytime": [{"words": ["stop"], "end": "opted_out"}], "steps": [{"message": "Hi"}]}')
    begun = talk.events[0]
    said = Event(
        EventKind.HEARD, "r1", talk.now, "", "wamid.in1", heard(Inbound("wamid.in1", talk.now, "text", "stop"))
    )
    doubt = Event(EventKind.IN_DOUBT, "r1", talk.now, "1")
    decided = [
        decide(talk.prepared, talk.scope, state_of(events), talk.now)
        for events in ([begun, said], [begun, said, doubt])
    ]
    assert [type(each) for each in decided] == [Reconcile, TakeAnswer]


TWO = """
name: t
steps:
  - {id: one, message: First?, reply: &r {within: 1h, expect: integer, settle: %s, no_reply: continue}}
  - {id: two, message: Second?, reply: *r}
  - message: "{{ one.value }} {{ two.value | default('-') }}"
anytime: [{words: [stop], end: opted_out}]
"""


@pytest.mark.parametrize("settle", ["0s", "2s"])
def test_what_was_heard_before_a_question_was_begun_is_no_answer_to_it(settle: str) -> None:
    """Whatever the clocks say: the same number twice in a row is the answer to one question."""
    talk = Talk(TWO % settle)
    talk.hears("4")
    talk.hears("4")
    talk.go_on()
    talk.passes(2)
    talk.go_on()
    assert talk.taken == [("1", "any")]
    talk.hears("5", at=talk.now - 3)
    talk.ends()
    assert talk.texts[-1] == "4 5"


def test_a_further_try_counts_after_the_question_was_put_again_also_where_nobody_knows_that_it_was() -> None:
    """What was given up while in doubt may be with its person."""
    talk = Talk(FLOW, {"name": "Ana"})
    talk.hears("x")
    talk.passes(2)
    talk.add(EventKind.ANSWERED, "1", detail=Answered("g1", ("wamid.in1",), "x", None, "otherwise").detail)
    for kind in (EventKind.BEGUN, EventKind.IN_DOUBT, EventKind.SKIPPED):
        talk.add(kind, "1.g1")
    talk.passes(5)
    talk.hears("y")
    talk.passes(2)
    talk.go_on()
    assert talk.taken == [("1", "o")]
