"""More messages in a row than one recipient gets at once."""

from collections.abc import Iterable
from typing import Final

from flowrunner.diagnostics import warning
from flowrunner.flow.steps import verb_of
from flowrunner.flow.windows import Found
from flowrunner.model import EndStep, ForEachStep, IncludeStep, MessageStep, Step
from flowrunner.spec.facts import PAIR_BURST, PAIR_SECONDS

_PLATFORM: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/about-the-platform"


def long_bursts(file: str, steps: Iterable[Step]) -> list[Found]:
    """A warning at the first message that is one too many on the longest way; a question begins a new row.

    Args:
        file: What the flow's own file is called.
        steps: Its steps, with those that it includes.
    """
    rows = _Rows()
    rows.walk(steps, 0, file)
    if rows.first is None:
        return []
    where, step = rows.first
    message = f"the flow has {rows.longest} messages: after {PAIR_BURST} in a row,"
    message += f" a recipient gets one every {PAIR_SECONDS:g} s"
    hint = "put pauses between them, or fewer messages"
    return [Found(where, warning("long-burst", message, hint, route=step.route, link=_PLATFORM))]


class _Rows:
    """The messages in a row of each way through a flow.

    Attributes:
        longest: How many there are on the longest.
        first: The first message that is one too many, and its file.
    """

    def __init__(self) -> None:
        self.longest = 0
        self.first: tuple[str, Step] | None = None

    def walk(self, steps: Iterable[Step], row: int, file: str) -> int | None:
        """How many messages in a row there are after these steps, at most; None where the run ends in them."""
        for step in steps:
            if isinstance(step, EndStep) and step.when in (None, True):
                return None
            after = self._step(step, row, file)
            if after is None and step.when in (None, True):
                return None
            row = max(row, after or 0) if step.when not in (None, True) else after or 0
        return row

    def _step(self, step: Step, row: int, file: str) -> int | None:
        if isinstance(step, MessageStep):
            row += step.message.get("message_type") != "read"
            self.longest = max(self.longest, row)
            if row > PAIR_BURST and self.first is None:
                self.first = file, step
            if step.reply is None:
                return row
            row = 0  # hours are between a question and what follows it
        if isinstance(step, ForEachStep):
            after = self.walk(step.steps, row, file)
            turns = len(step.items) if isinstance(step.items, list) else 1
            if after is None or turns == 1 or after <= row:
                return after
            # Each turn has as many as the first: only the last is looked at once more.
            return self.walk(step.steps, row + (after - row) * (turns - 1), file)
        lists = [each for each in verb_of(step).children(step) if each or not isinstance(step, IncludeStep)]
        within = step.file if isinstance(step, IncludeStep) else file
        ways = [self.walk(each, row, within) for each in lists]
        going = [each for each in ways if each is not None]
        return max(going) if going else None if ways else row
