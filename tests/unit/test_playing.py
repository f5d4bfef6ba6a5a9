"""A test of a flow is played: each turn demands what it says, time passes by itself, who dies is resumed."""

from types import SimpleNamespace
from typing import Any

import pytest

from flowrunner.dialects import DIALECTS
from flowrunner.flow import load_text
from flowrunner.model import Json
from flowrunner.testing.playing.customer_messages import said_so
from flowrunner.testing.turns import Bot, Crash, Fault, Note, Said, SaidKind, Status, Turn, Window
from flowrunner.testing.values import Word, Words
from support.played import ANY, AT, bot, check, does, failing, played, says, silence, tap, until, wait

ASKS = """\
name: asks
inputs: {name: {type: string, example: Ana}}
anytime: [{words: [stop], steps: [{message: Bye for good.}], end: opted_out}]
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: "Shall we begin, {{ name }}?"
      buttons: [{id: now, title: Begin}, {id: later, title: Later}]
    reply:
      within: 20h
      remind: {after: 3h, message: Still there?}
      answers:
        - button: now
        - {button: later, steps: [{message: No hurry.}, {end: handed_over}]}
      otherwise: {again: Tap one., times: 1, then: [{message: Well.}, {end: finished}]}
      no_reply: [{end: finished}]
  - id: company
    message: What is your company called?
    reply: {within: 20h, no_reply: continue}
  - message: "Thank you, {{ company.text | default('whoever') }}."
"""
PAUSES = """\
name: pauses
steps:
  - {id: one, message: One}
  - pause: 30s
  - {id: two, message: Two, until: delivered, timeout: 1m}
  - pause: 3h
  - {id: three, message: Three}
"""
ANA = {"vars": {"name": "Ana"}}
HELLO, COMPANY = bot("Shall we begin, Ana?"), bot("What is your company called?")
BEGUN = (HELLO, tap("now"), COMPANY)
FULL = (*BEGUN, says("Acme"), bot("Thank you, Acme."))
HOUR, DAY = 3_600.0, 86_400.0


@pytest.mark.parametrize(
    ("turns", "ends"),
    [
        (FULL, "finished"),
        ((HELLO, tap("Begin"), COMPANY, says("Acme"), bot("Thank you", "starts")), "finished"),
        ((HELLO, tap("later"), bot("No hurry.")), "handed_over"),
        ((HELLO, says("begin"), COMPANY, says("Acme", "SA"), bot("Thank you, Acme\nSA.")), "finished"),
        ((HELLO, says("what?"), bot("Tap one."), says("no"), bot("Well.")), "finished"),
        ((HELLO, says("STOP"), bot("Bye for good.")), "opted_out"),
        (BEGUN, "waiting"),
        ((HELLO, silence(2 * HOUR + 59 * 60), wait(60), bot("Still there?"), silence(DAY)), "finished"),
        ((HELLO, wait(3 * HOUR), bot("Still there?"), tap("now"), COMPANY), "waiting"),
        ((HELLO, until("2026-11-23T13:00"), bot("Still there?"), until("2026-11-24T06:00")), "finished"),
        ((*BEGUN, silence(20 * HOUR - 1), wait(1), bot("Thank you, whoever.")), "finished"),
        ((HELLO, Note(AT, "she is slow"), wait(2 * HOUR), tap("now"), COMPANY), "waiting"),
    ],
)
def test_a_test_passes_whose_turns_say_what_happens(turns: tuple[Turn, ...], ends: str) -> None:
    outcome = played(ASKS, *turns, ends=ends, given=ANA)
    assert outcome.failures == ()
    assert [each.turn for each in outcome.chat if each.who == "bot"] == [
        place for place, turn in enumerate(turns, 1) if type(turn).__name__ == "Bot"
    ]


@pytest.mark.parametrize(
    ("turns", "says_so"),
    [
        ((bot("Shall we begin, Eva?"),), "1: sent instead"),
        ((HELLO, bot("Still there?")), "2: nothing was sent"),
        ((HELLO, tap("never")), '2: the last message has no button "never"'),
        ((HELLO, does("choose", "now")), '2: the last message has no row "now"'),
        ((HELLO, tap("now")), "2: it ends with a message that no turn names"),
        ((HELLO, tap("now"), says("Acme")), "3: the customer would talk over a message that no turn names"),
        ((HELLO, silence(3 * HOUR)), "2: a message was sent after 3h"),
        ((HELLO, tap("now"), silence(5)), "3: a message was sent before the silence that no turn names"),
        ((HELLO, wait(4 * HOUR)), "2: a message was sent in the time before that no turn names"),
        ((HELLO, wait(4 * HOUR), tap("now")), "3: a message was sent in the time before that no turn names"),
        ((HELLO, wait(2 * HOUR), bot("Still there?")), "3: nothing was sent"),
        ((HELLO, until("2026-11-23T09:00")), "2: that moment is over since 1h"),
        ((HELLO, tap("later"), bot("No hurry."), bot("And then?")), "4: nothing was sent"),
        ((HELLO, Crash(AT, "after request")), "2: it never died after request: no message was sent after this turn"),
        ((HELLO, Status(AT, "company", "read")), "2: no message of company was sent"),
    ],
)
def test_a_test_fails_at_the_turn_that_is_not_so(turns: tuple[Turn, ...], says_so: str) -> None:
    assert failing(ASKS, *turns, given=ANA) == says_so


def test_a_failure_tells_what_sent_the_message_and_what_would_mend_it() -> None:
    [failure] = played(ASKS, HELLO, tap("never"), given=ANA).failures
    assert failure.origin is not None
    assert (failure.origin.label, failure.origin.at.line) == ("start", 7)
    assert failure.hint == "it has now (Begin), later (Later)"
    [failure] = played(PAUSES, bot("One"), bot("Two"), bot("Three")).failures
    assert failure.hint == "the flow pauses: write wait: 3h before this turn"


def test_a_pause_that_is_over_soon_passes_by_itself_and_a_longer_one_does_not() -> None:
    assert played(PAUSES, bot("One"), bot("Two"), wait(3 * HOUR), bot("Three"), ends="finished").failures == ()
    assert played(PAUSES, bot("One"), silence(29), bot("Two"), ends="waiting").failures == ()
    assert failing(PAUSES, bot("One"), wait(10), bot("Two")) == "3: nothing was sent"  # who says when means it
    assert played(PAUSES, bot("One"), wait(30), bot("Two"), ends="waiting").failures == ()
    assert failing(PAUSES, bot("One"), silence(31)) == "2: a message was sent after 30s"
    assert failing(PAUSES, bot("One")) == "1: it ends with a message that no turn names"


@pytest.mark.parametrize("when", ["now", "before commit", "before request", "after request"])
@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_process_that_dies_anywhere_is_resumed_and_nothing_is_sent_twice(when: str, place: int, dialect: str) -> None:
    turns = (*FULL[:place], Crash(AT, when), *FULL[place:])  # type: ignore[arg-type]  # it is one of these
    given = {**ANA, "dialect": dialect}
    outcome = played(ASKS, *turns, ends="finished", given=given, sent=(check(("messages",), 3),))
    assert outcome.failures == ()


def test_a_process_that_dies_after_its_request_looks_the_message_up() -> None:
    from flowrunner.testing.values import Word, Words

    events = Words((Word("looked up", AT), Word("finished", AT)), AT)
    died = played(ASKS, HELLO, tap("now"), COMPANY, Crash(AT, "after request"), *FULL[3:], given=ANA, events=events)
    assert died.failures == ()
    assert died.seconds > 5.0  # the API may list it so late
    lived = played(ASKS, *FULL, given=ANA, events=events)
    assert [each.says for each in lived.failures] == ["there was no such event after those before it: looked up"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "cut-after"}, {"kind": "cut-before"}, {"kind": "status", "code": 503}, {"kind": "timeout-after"},
        {"kind": "status", "code": 429, "retry_after": "20"}, {"kind": "malformed"}, {"kind": "html"},
        {"kind": "store-late"}, {"kind": "webhook-duplicate"}, {"kind": "webhook-late", "seconds": 1.5},
        {"kind": "answer-late"}, {"kind": "in-flight-409"}, {"kind": "latency", "seconds": 3},
    ],
)  # fmt: skip
def test_whatever_the_api_does_the_same_messages_come_once(fault: dict[str, object]) -> None:
    turns = (HELLO, tap("now"), Fault(AT, {**fault, "count": 1}), *FULL[2:])
    assert played(ASKS, *turns, ends="finished", given=ANA).failures == ()
    assert played(ASKS, Fault(AT, {**fault, "count": 1}), *FULL, ends="finished", given=ANA).failures == ()


def test_the_window_may_be_shut_and_a_message_may_fail_on_its_way() -> None:
    shut = played(ASKS, Window(AT, is_open=False), given=ANA, ends="failed")
    assert shut.failures == ()
    failed = Status(AT, "two", "failed", 131026)
    assert played(PAUSES, bot("One"), bot("Two"), failed, ends="failed").failures == ()
    assert played(PAUSES, bot("One"), bot("Two"), Status(AT, "", "read"), wait(3 * HOUR), ANY).failures == ()


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("pause", "is_open"), [("23h", True), ("1439m", True), ("1d", False), ("86401s", False)])
def test_the_window_is_over_a_little_early(dialect: str, pause: str, is_open: bool) -> None:
    """A pause of a day ends just as it does: what leaves in the last second would be refused."""
    flow = f"""\
name: f
anytime: [{{words: [stop], end: opted_out}}]
steps:
  - {{id: q, message: Well?, reply: {{within: 1h, settle: 0s, no_reply: continue}}}}
  - pause: {pause}
  - {{message: Still here, when: conversation.open}}
"""
    turns = (bot("Well?"), says("Hi"), wait(2 * DAY), *([bot("Still here")] if is_open else []))
    assert played(flow, *turns, given={"dialect": dialect}, ends="finished").failures == ()


def test_the_same_test_has_the_same_outcome_whatever_was_played_before() -> None:
    def all_of(*tests: tuple[Turn, ...]) -> list[object]:
        return [played(ASKS, *turns, given=ANA) for turns in tests]

    tests: list[tuple[Turn, ...]] = [
        FULL,
        (HELLO, wait(3 * HOUR), bot("Still there?")),
        (HELLO, Crash(AT), tap("now"), ANY),
        (HELLO, ANY),
    ]
    assert all_of(*tests) == all_of(*tests) == [*reversed(all_of(*reversed(tests)))]


KINDS = """\
name: kinds
anytime: [{words: [stop], end: opted_out}]
steps:
  - id: what
    message: {message_type: interactive, interactive_type: list, body_text: Pick one., list_button_text: Open,
              sections: [{title: All, rows: [{id: a, title: First}, {id: b, title: Second}]}]}
    reply: {within: 1h, answers: [{row: a}, {row: b}], otherwise: continue, no_reply: continue}
  - id: where
    message: And where?
    reply: {within: 1h, expect: any, no_reply: continue}
"""
PICK, WHERE = bot("Pick one."), bot("And where?")


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (does("location", [19.4, -99.1]), (check(("where", "location", "latitude"), 19.4),)),
        (does("send", "image", text="Here"), (check(("where", "text"), "Here"),)),
        (does("send", "document"), (check(("where", "answered"), True),)),
        (
            does("send", "document", filename="a.docx"),
            (
                check(("where", "media", "filename"), "a.docx"),
                check(("where", "media", "mime_type"), "wordprocessing", "contains"),
            ),
        ),
        (
            does("location", [19.4, -99.1], name="Office", address="Calle 5"),
            (
                check(("where", "location", "name"), "Office"),
                check(("where", "location", "address"), "Calle 5"),
            ),
        ),
        (does("text", "There", "what"), (check(("where", "text"), "There"),)),
        (says("a", "b", "c"), (check(("where", "text"), "a\nb\nc"),)),
    ],
)
def test_a_customer_does_what_whatsapp_lets_them_do(said: Turn, asked: tuple[object, ...]) -> None:
    for choice in ("a", "First"):
        turns = (PICK, does("choose", choice), WHERE, said)
        outcome = played(KINDS, *turns, ends="finished", vars=(check(("what", "answer"), "a"), *asked))
        assert outcome.failures == ()


@pytest.mark.parametrize(
    ("kind", "value"), [("text", "There"), ("send", "image"), ("send", "contacts"), ("location", [19.4, -99.1])]
)
def test_whatever_quotes_a_message_tells_which(kind: SaidKind, value: Json) -> None:
    about: Any = SimpleNamespace(message=SimpleNamespace(wamid="wamid.7"))
    told = said_so(Said(kind, value, AT, "start"), about, load_text(KINDS, "kinds.yaml"))
    assert told["context"] == {"id": "wamid.7"}


def test_a_reaction_is_no_answer_and_who_cannot_tap_is_told_what_there_is() -> None:
    assert played(KINDS, PICK, does("react", "👍"), ends="waiting").failures == ()
    assert played(KINDS, PICK, does("choose", "b"), WHERE, does("react", "👍", "what"), ends="waiting").failures == ()
    [failure] = played(KINDS, PICK, tap("a")).failures
    assert failure.hint == "write choose: it has a, b"


def test_a_chat_may_be_taken_as_it_is() -> None:
    """What is compared with a file as a whole."""
    from flowrunner.testing.values import Golden

    def golden(flow: str, *answers: Turn, **given: object) -> list[tuple[str, str]]:
        outcome = played(flow, given=given, golden=Golden("x.chat", answers, AT))
        assert outcome.failures == ()
        return [(each.who, each.text) for each in outcome.chat]

    begins = [("bot", "Shall we begin, Ana?")]
    assert golden(ASKS, **ANA) == begins
    assert golden(ASKS, tap("now"), says("Acme"), **ANA) == [
        *begins, ("customer", "Begin"), ("bot", "What is your company called?"), ("customer", "Acme"),
        ("bot", "Thank you, Acme."),
    ]  # fmt: skip
    assert golden(ASKS, wait(DAY), **ANA) == [*begins, ("event", "1d pass"), ("bot", "Still there?")]
    assert golden(PAUSES, wait(3 * HOUR)) == [("bot", "One"), ("bot", "Two"), ("event", "3h pass"), ("bot", "Three")]


TWICE = "name: f\nsteps:\n  - {id: one, message: One}\n  - {id: two, message: Two}\n"


@pytest.mark.parametrize(
    ("turn", "ends", "events"),
    [
        (Crash(AT), "finished", ()),
        (Crash(AT, "before request"), "finished", ("begun", "begun")),
        (Crash(AT, "after request"), "finished", ("in doubt", "looked up")),
        (Crash(AT, "before commit"), "finished", ("begun", "begun")),
        (Fault(AT, {"kind": "cut-after", "count": 1}), "finished", ("in doubt", "looked up")),
        (Window(AT, is_open=False), "failed", ("accepted", "failed")),
    ],
    ids=["now", "before request", "after request", "before commit", "fault", "window"],
)
def test_what_a_turn_between_two_messages_does_comes_before_the_second(
    turn: Turn, ends: str, events: tuple[str, ...]
) -> None:
    """Also where the flow waits for nothing between them: the second had left before such a turn was looked at."""
    asked = Words(tuple(Word(each, AT) for each in events), AT)
    two = () if ends == "failed" else (bot("Two"),)
    assert played(TWICE, bot("One"), turn, *two, ends=ends, events=asked).failures == ()


def test_a_message_that_no_turn_names_is_found_although_the_next_one_waits_for_it() -> None:
    assert failing(TWICE, bot("One")) == "1: it ends with a message that no turn names"
    assert failing(TWICE, bot("One"), silence(DAY)) == "2: a message was sent before the silence that no turn names"
    assert failing(TWICE, bot("One"), wait(DAY), bot("Two"), ends="finished") == ""


def test_what_is_not_there_at_all_is_not_held_against_other_words() -> None:
    """What is read of the message is shown; nothing would be right in the place of a field that it has not."""
    picture = "name: g\nsteps:\n  - message: {message_type: image, media_url: https://cdn.example.com/a.jpg}\n"
    [found] = played(picture, bot("Hello")).failures
    assert (found.says, found.expected, found.difference) == ("sent instead", None, ())
    [found] = played(TWICE, Bot(AT, (check(("body_text",), "Hello"),))).failures
    assert (found.says, found.expected, found.got) == ("sent, but there is no body_text", None, "One")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_tap_on_a_question_that_was_looked_up_is_its_answer_after_a_reminder_too(dialect: str) -> None:
    """Of what was looked up only the API's own id is known; the reminder's other id made the tap one of elsewhere."""
    turns = (Crash(AT, "after request"), HELLO, wait(4 * HOUR), bot("Still there?"), does("tap", "now", "start"))
    assert failing(ASKS, *turns, COMPANY, ends="waiting", given={**ANA, "dialect": dialect}) == ""
