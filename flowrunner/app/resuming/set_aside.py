"""Runs that could not be gone on with for a reason that nobody foresaw: left for a while, so that others go on."""

from collections.abc import Callable
from typing import Final

from flowrunner.client.access import target_key
from flowrunner.clock import Clock
from flowrunner.journal import JournalError
from flowrunner.journal.many import Member

Unforeseen = Callable[[Member, Exception], None]
"""Told what ended the going on with a run, where that is a fault of this program or of this machine."""
_SECONDS: Final = 300.0
_IN_A_ROW: Final = 10


class SetAside:
    """Which runs are left, each for five minutes; after ten in a row all of the sender's, as one more would fail, too.

    Args:
        unforeseen: Told of each; None where nothing is left: any failure is to end all.
        clock: Where time comes from.
    """

    def __init__(self, unforeseen: Unforeseen | None, clock: Clock) -> None:
        self._unforeseen, self._clock = unforeseen, clock
        self._until: dict[int | str, float] = {}
        self._in_a_row: dict[str, int] = {}

    def holds(self, whose: int | str) -> bool:
        """Whether nothing is to be done yet with the run of that `Member.key`, or with those of that target."""
        its = target_key(whose) if isinstance(whose, str) else whose
        return self._until.get(its, 0.0) > self._clock.monotonic()

    def ended(self, member: Member, failure: BaseException | None) -> BaseException | None:
        """Note how the going on with a run ended. Returns the failure, where it is to end all."""
        target = target_key(member.run.target)
        if failure is None:
            self._in_a_row.pop(target, None)
            return None
        if self._unforeseen is None or isinstance(failure, JournalError) or not isinstance(failure, Exception):
            return failure
        now = self._clock.monotonic()
        self._until = {its: until for its, until in self._until.items() if until > now}
        self._in_a_row[target] = self._in_a_row.get(target, 0) + 1
        self._until[member.key] = now + _SECONDS
        if self._in_a_row[target] >= _IN_A_ROW:
            self._until[target] = now + _SECONDS
        self._unforeseen(member, failure)
        return None
