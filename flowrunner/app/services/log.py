"""What a listener says in its log of the APIs that it asks and of the runs that it goes on with, and how it counts."""

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from flowrunner.client import TransportError
from flowrunner.client.access import target_key
from flowrunner.journal import JournalError
from flowrunner.journal.many import Member
from flowrunner.model import Event, EventKind
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics

_ENDS: Final = frozenset(
    [
        EventKind.FINISHED, EventKind.FAILED, EventKind.IN_DOUBT, EventKind.CANCELLED, EventKind.OPTED_OUT,
        EventKind.HANDED_OVER,
    ]
)  # fmt: skip
"""Events after which a run is gone on with no more by itself."""


_OF_MESSAGES: Final = frozenset([EventKind.ACCEPTED, EventKind.FAILED, EventKind.IN_DOUBT, EventKind.RETRYING])


class RunLog:
    """Tells of runs without what their people are called or write.

    Args:
        names: What each target's sender is called.
        metrics: Counts.
        log: Told of what ends, or is odd.

    Attributes:
        is_well: Whether no API has refused to tell or to send, and nothing was unforeseen.
    """

    def __init__(self, names: Mapping[str, str], metrics: Metrics, log: Log) -> None:
        self._names = {target_key(target): name for target, name in names.items()}
        self._metrics, self._log = metrics, log
        self.is_well = True

    def count(self, member: Member, event: Event) -> None:
        """Count an event of a run."""
        self._metrics.count("run_events_total", kind=event.kind)
        if event.step and event.kind in _OF_MESSAGES:
            sender = self._names.get(target_key(member.run.target), "")
            self._metrics.count("messages_total", sender=sender, outcome=event.kind)

    def told(self, member: Member, event: Event) -> None:
        """Note an event of a run."""
        self.count(member, event)
        sender, its = self._names.get(target_key(member.run.target)), event.detail
        of: Mapping[str, Any] = {"run": member.run.id, "campaign": member.campaign or None, "sender": sender}
        if event.kind in _ENDS:
            self._log.say(event.kind, **of)
        elif "put_off" in its:
            self.is_well = False
            self._log.say("put off", "warning", **of, status=its.get("status"), seconds=its.get("wait"))
        if its.get("concerns") == "sender":
            self.is_well = False
            self._log.say("sender refused", "error", sender=sender, status=its.get("status"))

    def asked(self, target: str, heard: int, failure: TransportError | None) -> None:
        """Note that an API was asked what people wrote: how much was news, or why it did not tell."""
        sender = self._names.get(target_key(target), "")
        self._metrics.count("polls_total", sender=sender, result="failed" if failure is not None else "done")
        if failure is not None:
            self.is_well = False
            said = {"status": failure.status, "code": failure.code or None}
            self._log.say("not asked", "warning", sender=sender, why=type(failure).__name__, **said)
        if heard:
            self._metrics.count("heard_total", heard, sender=sender, by="poll")

    def unforeseen(self, member: Member, error: Exception) -> None:
        """Note what a run failed of that can only be a bug: where, and as what; its words may be somebody's."""
        self._unforeseen(error, self._names.get(target_key(member.run.target), ""), member.run.id, member.campaign)

    @contextmanager
    def watching(self, target: str, campaign: str) -> Iterator[None]:
        """Within, what fails of a campaign as a whole is noted likewise, and raised all the same."""
        try:
            yield
        except JournalError:
            raise
        except Exception as error:
            self._unforeseen(error, self._names.get(target_key(target), ""), "", campaign)
            raise

    def _unforeseen(self, error: Exception, sender: str, run: str, campaign: str) -> None:
        self.is_well = False
        self._metrics.count("run_errors_total", sender=sender)
        at = [f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(error.__traceback__)]
        its = {"run": run or None, "campaign": campaign or None}
        self._log.say("unforeseen", "error", **its, sender=sender, error=type(error).__name__, traceback=at)
