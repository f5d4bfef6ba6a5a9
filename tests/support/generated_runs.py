"""Flows, variables and histories that hypothesis makes, and an imagined world that carries Decisions out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from flowrunner.engine.decide import Cursor, decide, digest_of
from flowrunner.engine.decisions import (
    Decision,
    End,
    Reconcile,
    Send,
    Skip,
    TakeAnswer,
    WaitForMoment,
    WaitForReply,
    WaitForStatus,
)
from flowrunner.engine.history.answered import heard
from flowrunner.engine.history.state import KINDS, State, state_of
from flowrunner.engine.render import Prepared
from flowrunner.engine.rendering.scope import Scope
from flowrunner.flow import load_text
from flowrunner.model import Event, EventKind, Inbound, Message, MessageStep, Recipient
from flowrunner.model.addresses import as_written
from flowrunner.model.plain import NOTHING

NOW = "2026-03-01T10:00:00-06:00"
_STATUSES = st.sampled_from([None, None, "accepted", "sent", "delivered", "read"])


@st.composite
def _steps(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to six steps; conditions and texts read the variables and the steps before."""
    steps: list[dict[str, Any]] = []
    named: list[str] = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        conditions = [None, None, "plan == 'pro'", "visits > 2", *(f"not {name}.skipped" for name in named)]
        step: dict[str, Any] = {"when": draw(st.sampled_from(conditions))}
        if draw(st.integers(0, 4)) == 0:
            steps.append({"pause": draw(st.sampled_from(["1s", "3h", "2d"])), **_given(step)})
            continue
        reads = ["{{ name }}", "{{ plan }}", "{{ visits + 1 }}"]
        reads += [f"{{{{ 'left out' if {name}.skipped else 'sent' }}}}" for name in named]
        text = f"{number} {draw(st.sampled_from(reads))}"
        step["message"] = draw(
            st.sampled_from(
                [text, {"message_type": "image", "media_url": "https://cdn.example.com/a.jpg", "caption": text}]
            )
        )
        step["until"] = draw(_STATUSES)
        if draw(st.booleans()):
            step["id"] = f"s{number}"
            named.append(step["id"])
        steps.append(_given(step))
    return steps


def _given(step: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in step.items() if value is not None}


class Case(NamedTuple):
    """A flow that is ready, and what its first step may read."""

    prepared: Prepared
    scope: Scope


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A flow with a value for each of its inputs."""
    inputs = {"name": {"type": "string"}, "plan": {"type": "string", "enum": ["free", "pro"]}}
    flow = {"name": "t", "inputs": {**inputs, "visits": {"type": "integer"}}, "steps": draw(_steps())}
    loaded = load_text(json.dumps(flow, ensure_ascii=False), "t.json")
    assert loaded.flow is not None, loaded.diagnostics
    values = {
        "name": draw(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10)),
        "plan": draw(st.sampled_from(["free", "pro"])),
        "visits": draw(st.integers(0, 5)),
    }
    prepared = Prepared(loaded)
    return Case(prepared, prepared.scope(Recipient("c1", "+5215512345678"), values, NOW))


OUTCOMES = st.lists(st.sampled_from(["well", "well", "tried twice", "refused", "unclear", "dies", "given up", "lost"]))
"""How the world takes the Decisions of a run, one after the other; all that follow go well."""


class World:
    """Carries Decisions out, and keeps what its events are and what the API took."""

    def __init__(
        self, case: Case, events: list[Event] | None = None, said: Mapping[str, Sequence[str]] = NOTHING
    ) -> None:
        """``said`` are the texts that are written while a question is open, one after the other, by its address."""
        self.case, self._said = case, said
        self.events = events or []
        self.now = max([1000.0, *(each.at for each in self.events)])
        self.taken: list[tuple[str, str]] = []
        self.decisions: list[Decision] = []

    def fresh(self) -> Decision:
        """What a process says that has but the events."""
        return decide(self.case.prepared, self.case.scope, state_of(self.events), self.now)

    def run(self, outcomes: list[str]) -> Iterator[None]:
        """Go on to the end, whatever happens on the way; yields after each event."""
        told = iter(outcomes)
        cursor = Cursor(self.case.prepared, self.case.scope, state_of(self.events))
        while not isinstance(decision := cursor.decide(self.now), End):
            self.decisions.append(decision)
            assert decision == self.fresh()
            outcome = next(told, "well")
            for event in self._events(decision, outcome, cursor.state):
                self.now += 1.0
                self.events.append(event._replace(at=self.now))
                cursor.add(self.events[-1])
                if event.kind is EventKind.ACCEPTED:
                    message = cursor.actions[event.step]
                    assert isinstance(message, Message)
                    self.taken.append((event.step, message.wire))
                assert cursor.decide(self.now) == self.fresh()
                yield
            if outcome == "dies":
                cursor = Cursor(self.case.prepared, self.case.scope, state_of(self.events))

    def _events(self, decision: Decision, outcome: str, state: State) -> list[Event]:
        match decision:
            case Send(message):
                told = [each.kind for each in self.events if each.step == message.step.address and is_telling(each)]
                assert told[-1:] in ([], [EventKind.RETRYING], [EventKind.FAILED]), "they may have it"
                begun = self._event("begun", message.step.address, digest=digest_of(message))
                return [begun, *(self._event(kind, message.step.address) for kind in _SENT.get(outcome, ["accepted"]))]
            case Reconcile(message):
                step = message.step.address if message is not None else ""
                return [self._event(kind, step) for kind in _RECONCILED.get(outcome, ["accepted"])]
            case WaitForStatus(step=step, rank=rank):
                if outcome in ("refused", "lost"):
                    mark = {"late": True} if outcome == "refused" else {}
                    return [self._event("failed", step.address, **mark)]
                kinds = [KINDS[each] for each in range(1, rank + 1)]
                ends = [] if outcome == "dies" else ["waited"]
                return [self._event(kind, step.address) for kind in (*kinds, *ends)]
            case WaitForReply(step=step, until=until):
                return self._answer(step, until)
            case TakeAnswer(step=asked, answered=answered):
                return [self._event("answered", asked.address if asked is not None else "", **answered.detail)]
            case WaitForMoment(step=step, until=until):
                if step.address not in state.steps:
                    return [self._event("paused", step.address, wake_at=until)]
                self.now = until
                return []
            case Skip(step=step, reason=reason):
                return [self._event("skipped", step.address, reason=reason)]
        raise AssertionError(decision)

    def _answer(self, question: MessageStep, until: float) -> list[Event]:
        """What is written to an open question: nothing while something settles, or where nothing is left to say."""
        told = [each for each in self.events if each.kind is EventKind.ANSWERED and each.step == question.address]
        texts = self._said.get(as_written(question.address), ())
        used = {its for each in self.events if each.kind is EventKind.ANSWERED for its in each.detail["ids"]}
        settles = any(each.kind is EventKind.HEARD and each.message_id not in used for each in self.events)
        if settles or len(told) >= len(texts):
            self.now = until
            return []
        said = Inbound(f"wamid.{question.address}.{len(told)}", self.now + 1.0, "text", texts[len(told)])
        return [Event(EventKind.HEARD, "r1", 0.0, "", said.id, heard(said))]

    def _event(self, kind: str, step: str, **detail: Any) -> Event:
        message_id = f"m{len(self.events)}" if kind == "accepted" else ""
        return Event(EventKind(kind), "r1", 0.0, step, message_id, detail)


def is_telling(event: Event) -> bool:
    """Whether it says what became of a step's message itself."""
    return event.kind not in _OF_NO_MESSAGE and not (event.kind is EventKind.FAILED and event.detail.get("late"))


_OF_NO_MESSAGE = frozenset(
    [
        *KINDS.values(),
        EventKind.WAITED,
        EventKind.WINDOW,
        EventKind.FINISHED,
        EventKind.ASKED,
        EventKind.HEARD,
        EventKind.ANSWERED,
        EventKind.OPTED_OUT,
        EventKind.HANDED_OVER,
    ]
)
_SENT = {
    "tried twice": ["retrying", "begun", "accepted"],
    "refused": ["failed"],
    "unclear": ["in_doubt"],
    "given up": ["in_doubt", "skipped"],
    "dies": [],
}
_RECONCILED = {
    "tried twice": ["retrying"],
    "refused": ["failed"],
    "unclear": ["in_doubt"],
    "given up": ["skipped"],
    "dies": ["in_doubt"],
}
