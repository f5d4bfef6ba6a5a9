"""What happened in a test: each message with the step that sent it, each act of the customer."""

from collections.abc import Callable, Mapping

from flowrunner.diagnostics import Location
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.flow import Loaded
from flowrunner.flow.steps import walk_flow
from flowrunner.model import Json, MessageStep, Step
from flowrunner.model.addresses import as_written
from flowrunner.testing.outcomes import Entry, Origin
from flowrunner.testing.playing.outside import Sent


class Chat:
    """What happened so far.

    Attributes:
        entries: In order.
    """

    def __init__(self, flow: Loaded, now: Callable[[], float]) -> None:
        """``flow`` in the language of the customer; ``now`` tells how many seconds have passed."""
        self.entries: list[Entry] = []
        self._flow, self._now = flow, now
        self._steps: dict[str, Step] = {}

    def heard(self, sent: Sent, turn: int) -> None:
        """The customer has a message that a turn names, or none: 0."""
        body = sent.message.body
        self.entries.append(Entry("bot", sent.at, turn, words_of(sent.message), body, self.origin(sent.step)))

    def said(self, message: StoredMessage, turn: int) -> None:
        """The customer has said something."""
        self.entries.append(Entry("customer", self._now(), turn, words_of(message), message.body))

    def happened(self, text: str, turn: int) -> None:
        """Something else that a reader should know."""
        self.entries.append(Entry("event", self._now(), turn, text))

    def origin(self, address: str) -> Origin | None:
        """What of the flow has this address, in its turn; None for nothing."""
        step = self.step(address)
        if step is None:
            return None
        route = (*step.route, step.key) if isinstance(step, MessageStep) else step.route
        return Origin(step.label, self.place(step.address, route))

    def place(self, address: str, route: "tuple[str | int, ...]") -> Location:
        """Where in its file stands what belongs to a step."""
        try:
            document = self._flow.document_of(address)
        except KeyError:
            return Location(self._flow.path, 1, 1)
        return document.location(route)

    def step(self, address: str) -> Step | None:
        """The step of an address, in its turn."""
        if not self._steps and self._flow.flow is not None:
            self._steps.update((each.address, each) for each in walk_flow(self._flow.flow))
        return self._steps.get(as_written(address))


def words_of(message: StoredMessage) -> str:
    """What is read of a message; what it is, where there are no words."""
    return message.content or f"({message.body.get('message_type', 'text')})"


def body_of(sent: Sent) -> Mapping[str, Json]:
    """A message as it was posted, in the flow's words; of a template with what it says."""
    body = sent.message.body
    if body.get("message_type") == "template" and sent.message.content != body.get("template_name"):
        return {**body, "text": sent.message.content}
    return body
