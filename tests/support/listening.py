"""``flowrunner listen`` as a user starts it, beside an emulator that tells it what happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.messages import Delays, StoredMessage
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from flowrunner.emulator.webhooks.values import webhook
from support.numbers import sending_as
from support.program import flowrunner
from support.served import Served

if TYPE_CHECKING:
    import subprocess

SECRET = "whsec-planted-9d1f"
PHONE = "+5215512345678"


class Listening(Served):
    """A listener that is up."""

    def __init__(self, *options: str | Path, cwd: Path) -> None:
        super().__init__("listen", "listening on ", ";", *options, cwd=cwd, WEBHOOK_SECRET=SECRET)


class Town:
    """An emulator with one person, and the flow that they are asked by.

    Attributes:
        url: Where the emulator is.
        api: The options by which commands send to it.
    """

    def __init__(self, folder: Path, url: str, state: EmulatorState, dialect: str) -> None:
        self.folder, self.url, self.state = folder, url, state
        self.talk = state.conversations.create(PHONE)
        self.api = ["--api-url", url, *sending_as(dialect), "--rate", "80/s", "--journal", folder / "j.db"]

    def listening(self, *options: str | Path) -> Listening:
        return Listening(*self.api, *options, cwd=self.folder)

    def told(self, listening: Listening, form: str) -> None:
        """From now on the emulator tells the listener what happens."""
        self.state.webhooks.append(webhook(f"{listening.url}/webhooks/default", form, SECRET))

    def run(self, flow: Path, *options: str) -> "subprocess.CompletedProcess[str]":
        return flowrunner("run", flow, "--phone", PHONE, *options, *self.api, cwd=self.folder)

    def sent(self) -> list[str]:
        """What was sent, in order."""
        return [each.content for each in self.state.history() if each.direction == "outbound"]

    def says(self, body: dict[str, Any]) -> StoredMessage:
        return self.state.add_inbound(self.talk.id, inbound_body(body))

    def tap(self, button: str) -> dict[str, Any]:
        """A tap on a button of the last message."""
        last = [each for each in self.state.history() if each.direction == "outbound"][-1]
        said = {"id": button, "title": button.title()}
        return {"message_type": "interactive", "button_reply": said, "context": {"id": last.wamid}}


@contextmanager
def town(folder: Path, dialect: str = "meta") -> Iterator[Town]:
    """An emulator without delays."""
    state = EmulatorState(clock=SYSTEM, delays=Delays(sent=0, delivered=0, read=0))
    with running(state) as url:
        yield Town(folder, url, state, dialect)
