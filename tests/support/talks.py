"""A run and the person it talks to, in a time of their own: Decisions are carried out as if an API took all."""

from collections.abc import Mapping
from typing import Any

from flowrunner.engine.decide import Cursor, decide, digest_of
from flowrunner.engine.decisions import Decision, End, LookAtWindow, Send, Skip, TakeAnswer, WaitForMoment, WaitForReply
from flowrunner.engine.history.answered import heard
from flowrunner.engine.history.state import state_of
from flowrunner.engine.render import Prepared
from flowrunner.flow import load_text
from flowrunner.model import Event, EventKind, Inbound, Json, Recipient

NOW = "2026-03-01T10:00:00-06:00"
BEGUN = 1_772_380_800.0
"""The same moment."""


class Talk:
    """One run of a flow.

    Attributes:
        now: The moment, in seconds since the epoch.
        sent: What the person has, by the address of its step: the text, or the type of what has none.
        taken: What was taken for answers: the question's address, and the branch.
        last: What comes next, nothing of it carried out.
    """

    def __init__(
        self, flow: str, values: Mapping[str, Json] | None = None, others: Mapping[str, str] | None = None
    ) -> None:
        loaded = load_text(flow, "t.yaml", others or {})
        assert loaded.flow is not None, [(each.location.line, each.message) for each in loaded.diagnostics]
        self.prepared = Prepared(loaded)
        self.scope = self.prepared.scope(Recipient("c1", "+5215512345678"), values or {}, NOW)
        self.cursor = Cursor(self.prepared, self.scope)
        self.events: list[Event] = []
        self.now = BEGUN
        self.sent: list[tuple[str, str]] = []
        self.taken: list[tuple[str, str]] = []
        self._heard = 0
        self.last = self.go_on()

    def add(
        self, kind: EventKind, step: str = "", message_id: str = "", detail: Mapping[str, Json] | None = None
    ) -> None:
        """An event of the run."""
        self.events.append(Event(kind, "r1", self.now, step, message_id, detail or {}))
        self.cursor.add(self.events[-1])

    def hears(self, text: str = "", kind: str = "text", **its: Any) -> str:
        """Its person writes something; the id of it."""
        self._heard += 1
        said = Inbound(its.pop("id", f"wamid.in{self._heard}"), its.pop("at", self.now), kind, text, **its)
        self.add(EventKind.HEARD, "", said.id, heard(said))
        return said.id

    def passes(self, seconds: float) -> None:
        """Nothing is asked of the run for a while."""
        self.now += seconds

    def go_on(self) -> Decision:
        """Carry out all that can be done now; what comes next is waited for, or the end."""
        while True:
            decision = self.cursor.decide(self.now)
            assert decision == decide(self.prepared, self.scope, state_of(self.events), self.now)
            match decision:
                case Send(message):
                    step = message.step.address
                    self.add(EventKind.BEGUN, step, detail={"digest": digest_of(message)})
                    self.add(EventKind.ACCEPTED, step, f"wamid.{step}")
                    body = message.body
                    self.sent.append((step, str(body.get("content") or body.get("body_text") or body["message_type"])))
                case TakeAnswer(step, answered):
                    self.taken.append((step.address if step is not None else "", answered.branch))
                    self.add(EventKind.ANSWERED, self.taken[-1][0], detail=answered.detail)
                case Skip(step):
                    self.add(EventKind.SKIPPED, step.address)
                case LookAtWindow(step):
                    self.add(EventKind.WINDOW, step.address, detail={"open": True, "until": self.now + 3600})
                case WaitForMoment(step, until) if not self.cursor.state.step(step.address).until:
                    self.add(EventKind.PAUSED, step.address, detail={"wake_at": until})
                case WaitForReply() | WaitForMoment() | End():
                    self.last = decision
                    return decision
                case _:
                    raise AssertionError(decision)

    def wakes(self) -> Decision:
        """Let the time pass that the run waits for, then go on."""
        assert isinstance(self.last, WaitForReply | WaitForMoment)
        self.now = max(self.now, self.last.until)
        return self.go_on()

    def ends(self) -> End:
        """Let all time pass that the run waits for; how it ends."""
        for _ in range(1000):
            if isinstance(self.last, End):
                return self.last
            self.wakes()
        raise AssertionError("it never ends")

    @property
    def texts(self) -> list[str]:
        """What the person has, in order."""
        return [text for _, text in self.sent]
