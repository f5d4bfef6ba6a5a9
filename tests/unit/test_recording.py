"""What a run's events tell, and the last search of a test for what must not stand in it: pure, a table each."""

# ruff: noqa: E501  # a table's row is read as one line

from typing import Any

import pytest

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine.history.answered import Answered, heard
from flowrunner.flow import load_text
from flowrunner.model import Event, EventKind, Inbound
from flowrunner.testing.recording.drafting import Manner, slots_of, turns_of
from flowrunner.testing.recording.leaks import Secret, leak_in
from flowrunner.testing.recording.tape import tape_of

FLOW = """
name: t
steps:
  - id: hello
    message: {message_type: interactive, interactive_type: button, body_text: Hi, buttons: [{id: a, title: A}]}
    reply: {within: 20h, no_reply: continue, remind: {after: 2h, message: Still there?}}
  - message: Which?
    reply: {within: 20h, no_reply: continue}
"""


def sent(step: str, at: float) -> list[Event]:
    """A message that was taken; its id and WhatsApp's are made of its step."""
    return [
        Event(EventKind.BEGUN, "r", at, step),
        Event(EventKind.ACCEPTED, "r", at, step, f"m{step}", {"wamid": f"wamid.{step}"}),
        Event(EventKind.ASKED, "r", at, step, detail={"wake_at": at + 7200}),
    ]


def said(at: float, kind: str, text: str = "", **more: Any) -> Event:
    """Something that was heard; its id is made of its moment."""
    its = Inbound(f"in{at:g}", at, kind, text, **more)
    return Event(EventKind.HEARD, "r", at, "", its.id, heard(its))


def taken(at: float, step: str, *ids: str, branch: str = "any", text: str = "") -> Event:
    return Event(EventKind.ANSWERED, "r", at, step, detail=Answered(branch, ids, text).detail)


FIRST = sent("1", 0)
CHATS: dict[str, tuple[list[Event], list[Any]]] = {
    "an edited text": (
        [*FIRST, said(10, "text", "So so"), said(11, "edited", "Fine", context="in10"), taken(13, "1", "in10")],
        ["any", "Fine"],
    ),
    "a text that is edited when it was taken": (
        [*FIRST, said(10, "text", "So so"), taken(13, "1", "in10"), said(20, "edited", "Fine", context="in10")],
        ["any", "So so"],
    ),
    "a deleted text": (
        [*FIRST, said(10, "text", "So"), said(11, "deleted", context="in10"), said(99, "text", "Ok"), taken(101, "1", "in99")],
        ["any", "wait 1m", "Ok"],
    ),
    "a text that quotes a message": (
        [*FIRST, said(10, "text", "Yes", context="wamid.1"), taken(13, "1", "in10")],
        ["any", {"quotes": "hello", "text": "Yes"}],
    ),
    "a tap on the question": (
        [*FIRST, said(10, "button", "A", choice="a", context="wamid.1"), taken(13, "1", "in10")],
        ["any", {"tap": "a"}],
    ),
    "a tap on its reminder": (
        [*FIRST, *sent("1.r1", 7200), said(7300, "button", "A", choice="a", context="wamid.1.r1"), taken(7301, "1", "in7300")],
        ["any", "wait 2h", "any", "wait 1m", {"tap": "a"}],
    ),
    "a tap on an older message": (
        [*FIRST, taken(50, "1", "in40"), *sent("2", 60), said(70, "button", "A", choice="a", context="wamid.1"), taken(71, "2", "in70", branch="late")],
        ["any", "any", {"tap": "a", "of": "hello"}],
    ),
    "a reaction to a message that has no name, and is not the last": (
        [*sent("2", 0), *sent("1", 5), said(10, "reaction", "👍", context="wamid.2")], ["any", "any"],
    ),
    "something that no test can say": ([*FIRST, said(10, "unknown")], ["any"]),
    "two texts of which the second alone is taken": (
        [*FIRST, said(10, "text", "A"), said(11, "text", "stop"), taken(11, "", "in11", branch="@1")],
        ["any", ["A", "stop"]],
    ),
    "a message that did not arrive, below others": (
        [*FIRST, taken(50, "1", "in40"), *sent("2", 60), Event(EventKind.FAILED, "r", 90, "1", "m1", {"learnt": True})],
        ["any", "any", {"of": "hello", "is": "failed"}],
    ),
    "a message that was in doubt, and there": (
        [Event(EventKind.BEGUN, "r", 0, "1"), Event(EventKind.IN_DOUBT, "r", 9, "1"), *sent("1", 20)[1:]], ["any"],
    ),
    "a message that was begun twice": (
        [Event(EventKind.BEGUN, "r", 0, "1"), Event(EventKind.RETRYING, "r", 9, "1"), *FIRST], ["any"],
    ),
}  # fmt: skip


def chat(events: list[Event]) -> list[Any]:
    """The turns, in short."""
    flow = load_text(FLOW, "t.yaml").flow
    assert flow is not None
    tape = tape_of(events, flow)
    turns = [turn for _, turn in turns_of(tape, slots_of(tape), Manner())]
    return [f"wait {its}" if key == "wait" else its for turn in turns for key, its in turn.items()]


@pytest.mark.parametrize("name", CHATS)
def test_what_happened_is_told_in_turns(name: str) -> None:
    events, turns = CHATS[name]
    assert chat(events) == turns


def test_what_no_test_could_name_is_refused_with_what_to_do() -> None:
    events = [*sent("2", 0), *sent("1", 60), Event(EventKind.FAILED, "r", 90, "2", "m2", {"learnt": True})]
    with pytest.raises(RefusedError, match="of step 2 did not arrive") as refused:
        chat(events)
    assert refused.value.hint.startswith("give the step an id")


LEAKS: dict[str, tuple[str, Secret, bool]] = {
    "as it was": ("bot: Hi Maria Lopez", Secret("name", "Maria Lopez"), True),
    "in another case, without accents": ("bot: ZOE is here", Secret("name", "Zoë"), True),
    "a part of a name": ("bot: Dear Lopez,", Secret("name", "Maria Lopez", is_name=True), True),
    "a part of what was written": ("bot: very dear", Secret("text", "very good", is_name=False), False),
    "a part of a word": ("bot: Anatomy", Secret("name", "Ana", is_name=True), False),
    "what the flow says": ("bot: Ask for Eva", Secret("name", "Eva"), False),
    "a phone, spaced": ("bot: call +52 1 55-1234.5678", Secret("phone", "+5215512345678"), True),
    "a phone, without its country": ("bot: (55) 1234 5678", Secret("phone", "+5215512345678"), True),
    "a phone, its last digits": ("bot: 12345678", Secret("phone", "+5215512345678"), True),
    "another phone": ("bot: +5215512345674", Secret("phone", "+5215512345678"), False),
    "a phone in other digits": ("bot: ٥٥١٢٣٤٥٦٧٨", Secret("phone", "+5215512345678"), True),
    "an address in a text": ("bot: to MARIA@firm.example", Secret("mail", "write to maria@firm.example, please"), True),
    "a link": ("bot: https://x.example/a?token=t1", Secret("link", "see https://x.example/a?token=t1"), True),
    "a user id": ("bot: MX.1349", Secret("user id", "MX.1349"), True),
    "a word of tests": ("customer: {send: image}", Secret("name", "Image", is_name=True), False),
    "a number": ("bot: code 123456", Secret("code", "it is 123456"), True),
    "a short number": ("bot: 12", Secret("people", "12"), False),
}


@pytest.mark.parametrize("name", LEAKS)
def test_what_was_replaced_is_found_wherever_it_stands(name: str) -> None:
    text, secret, is_leak = LEAKS[name]
    found = leak_in(f"- name: recorded on 2026-01-01\n{text}", [secret], "message: Eva asks for you")
    assert (found is not None) is is_leak
    if found is not None:
        assert (found.name, found.line, found.text) == (secret.name, 2, text)
