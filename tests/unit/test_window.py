"""``conversation.open``: asked when a step needs it, kept with the run, and decided by ever after."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flowrunner.client import open_client
from flowrunner.clock import Clock
from flowrunner.delivery import Pace, Rate, deliver, new_run
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import given_text
from flowrunner.engine.decide import decide
from flowrunner.engine.decisions import Decision, End, LookAtWindow, Send, Skip
from flowrunner.engine.history.state import state_of
from flowrunner.engine.render import Prepared
from flowrunner.flow import Loaded, load_text
from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind, Message, Recipient

NOW = "2026-03-01T10:00:00-06:00"
TEMPLATE = "{message_type: template, template_name: hi, template_language: en}"
EITHER = f"{{when: not conversation.open, message: {TEMPLATE}}}, {{when: conversation.open, message: hello}}"


def flow(steps: str) -> Loaded:
    loaded = load_text(f"name: t\ninputs: {{x: {{type: integer, default: 1}}}}\nsteps: [{steps}]\n", "t.yaml")
    assert loaded.flow is not None, loaded.diagnostics
    return loaded


def window(step: str, *, is_open: bool, until: float = 2000.0) -> Event:
    return Event(EventKind.WINDOW, "r1", 1.0, step, detail={"open": is_open, **({"until": until} if is_open else {})})


def other(kind: str, step: str, **detail: Any) -> Event:
    return Event(EventKind(kind), "r1", 1.0, step, "m1" if kind == "accepted" else "", detail)


def next_of(steps: str, *events: Event, now: float = 1000.0) -> Decision:
    prepared = Prepared(flow(steps))
    return decide(prepared, prepared.scope(Recipient("c1"), {"x": 1}, NOW), state_of(events), now)


def what(decision: Decision) -> str:
    if isinstance(decision, Send):
        return f"send {decision.message.step.address}"
    return f"{type(decision).__name__} {decision.step.address if decision.step else ''}"  # type: ignore[union-attr]


DECIDED = [
    # steps, events, what comes next
    (EITHER, [], "LookAtWindow 1"),
    (EITHER, [window("1", is_open=False)], "send 1"),
    (EITHER, [window("1", is_open=True)], "Skip 1"),
    # The second step goes by what the first has asked.
    (EITHER, [window("1", is_open=True), other("skipped", "1")], "send 2"),
    (EITHER, [window("1", is_open=False), other("accepted", "1")], "Skip 2"),
    # What was open until a moment is asked again after it, unless the step was begun with it.
    (EITHER, [window("1", is_open=True, until=999.0)], "LookAtWindow 1"),
    (EITHER, [window("1", is_open=True, until=999.0), other("skipped", "1")], "LookAtWindow 2"),
    (EITHER, [window("1", is_open=True, until=999.0), other("skipped", "1"), other("retrying", "2")], "send 2"),
    # A pause may be long.
    (f"{{message: hi, when: conversation.open}}, {{pause: 1s}}, {EITHER}",
     [window("1", is_open=True), other("accepted", "1"), other("paused", "2", wake_at=5.0)], "LookAtWindow 3"),
    (f"{{message: hi, when: conversation.open}}, {{pause: 1s, when: x > 1}}, {EITHER}",
     [window("1", is_open=True), other("accepted", "1"), other("skipped", "2")], "Skip 3"),
    # Nobody is asked for what is left out anyway, nor where nothing reads it.
    ("{message: \"{{ 'a' if conversation.open else 'b' }}\", when: x > 1}", [], "Skip 1"),
    ("{message: \"{{ 'a' if conversation.open else 'b' }}\", when: x > 0}", [], "LookAtWindow 1"),
    ("{message: \"{{ 'a' if conversation['open'] else 'b' }}\"}", [], "LookAtWindow 1"),
    ("{message: \"{% set c = conversation %}{{ c.open }}\"}", [], "LookAtWindow 1"),
    ("{message: \"we open conversations; {{ conversation.id }}\"}", [], "send 1"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "events", "wanted"), DECIDED)
def test_it_is_asked_once_and_then_decided_by(steps: str, events: list[Event], wanted: str) -> None:
    """Two processes with the same events come to the same."""
    assert what(next_of(steps, *events)) == wanted


def test_a_check_goes_through_both_values_and_says_each_problem_once() -> None:
    """An error in what is sent only to those who have not written for a day is found, too."""
    wrong = "{{ 1 / (1 if conversation.open else 0) }}"
    prepared = Prepared(flow(f'{{message: "{wrong}"}}, {{message: "{{{{ 1 / (x - x) }}}}"}}'))
    bound, _ = prepared.inputs.bind({"x": given_text("x", "1")})
    assert bound is not None
    actions, found = prepared.actions(Recipient("c1"), bound, NOW)
    assert actions is None
    assert [(each.location.line, each.code) for each in found] == [(3, "expression-failed"), (3, "expression-failed")]
    assert len({each.location for each in found}) == 2


def test_both_renderings_can_be_had() -> None:
    """What somebody sees who wrote lately, and what somebody else does."""
    prepared = Prepared(flow(EITHER))
    shown = {}
    for is_open in (True, False):
        rendering, found = prepared.render(Recipient("c1"), {}, NOW, is_open=is_open)
        assert rendering is not None
        assert not found
        shown[is_open] = [each.body["message_type"] for each in rendering.messages]
    assert shown == {True: ["text"], False: ["template"]}


@pytest.mark.parametrize(
    ("steps", "warns"),
    [
        ("{message: hello}", True),
        (EITHER, False),
        (f"{{message: hi, when: conversation.open}}, {{message: {TEMPLATE}}}, {{message: yes}}", False),
        ("{message: hi, when: conversation.open}, {message: hello}", True),
        (f"{{message: {TEMPLATE}}}, {{pause: 2d}}, {{message: hello}}", True),
        (f"{{message: {TEMPLATE}}}, {{pause: 2d}}, {{message: hello, when: conversation.open}}", False),
    ],
)
def test_the_warning_of_the_window_knows_who_asks(steps: str, warns: bool) -> None:
    """A free text whose condition asks is no mistake; and the hint says so."""
    loaded = load_text(f"name: t\nopens: conversation\nsteps: [{steps}]\n", "t.yaml")
    assert [each.code for each in loaded.diagnostics] == ["outside-window"] * warns


async def carried_out(loaded: Loaded, state: EmulatorState, folder: Path, clock: Clock) -> list[Event]:
    prepared, recipient = Prepared(loaded), Recipient("c1")
    client = open_client("http://127.0.0.1", "k", app=create_app(state), clock=clock)
    async with open_journal(folder / "journal.db", clock=clock) as book:
        run = new_run(prepared.flow, recipient, {"x": 1}, NOW, "http://127.0.0.1/api/v1", clock)
        await book.begin(run)
        scope, pace = prepared.scope(recipient, {"x": 1}, NOW), Pace(Rate(1000, 1.0), clock=clock)
        stream = deliver(run, prepared, scope, client, book, stop=asyncio.Event(), pace=pace)
        told = [event async for event in stream]
        assert await book.events(run.id) == told
    await client.aclose()
    return told


@pytest.mark.parametrize("has_written", [True, False])
def test_a_run_asks_writes_it_down_and_chooses(tmp_path: Path, has_written: bool) -> None:
    """The template goes to who may get nothing else."""
    state = EmulatorState(clock=Clock())
    state.conversations.create("+5215512345678", conversation_id="c1", window_open=False)
    if has_written:
        state.add_inbound("c1", {"message_type": "text", "content": "hola"})
    told = asyncio.run(carried_out(flow(EITHER), state, tmp_path, Clock()))
    (asked,) = [each for each in told if each.kind is EventKind.WINDOW]
    assert (asked.step, asked.detail["open"]) == ("1", has_written)
    assert told[-1].kind is EventKind.FINISHED
    kinds = [each.body.get("message_type") for each in state.messages("c1") if each.direction == "outbound"]
    assert kinds == ["text" if has_written else "template"]


class Ahead(Clock):
    """This machine's clock, set wrong by some days."""

    def now(self) -> float:
        return super().now() + 3 * 86_400.0


def test_a_clock_that_is_wrong_by_days_asks_once(tmp_path: Path) -> None:
    """By it the 24 hours are over; by the API's, which counts, they are not."""
    state = EmulatorState(clock=Clock())
    state.conversations.create("+5215512345678", conversation_id="c1", window_open=False)
    state.add_inbound("c1", {"message_type": "text", "content": "hola"})
    told = asyncio.run(asyncio.wait_for(carried_out(flow(EITHER), state, tmp_path, Ahead()), 20))
    assert [each.detail.get("open") for each in told if each.kind is EventKind.WINDOW] == [True]
    kinds = [each.body.get("message_type") for each in state.messages("c1") if each.direction == "outbound"]
    assert kinds == ["text"]


def test_what_cannot_be_asked_fails_before_anything_leaves(tmp_path: Path) -> None:
    """With the API's own words; who resumes asks again."""
    told = asyncio.run(carried_out(flow(EITHER), EmulatorState(clock=Clock()), tmp_path, Clock()))
    assert [(each.kind, each.step) for each in told] == [(EventKind.FAILED, "1")]
    assert "Conversation not found" in told[0].detail["reason"]
    assert isinstance(next_of(EITHER, *told), LookAtWindow)


def test_the_end_of_a_flow_that_asks_is_an_end() -> None:
    """Left out and done."""
    done = [window("1", is_open=True), other("skipped", "1"), other("accepted", "2")]
    assert isinstance(next_of(EITHER, *done), End)
    assert not isinstance(next_of(EITHER, *done[:2]), Skip | Message)
