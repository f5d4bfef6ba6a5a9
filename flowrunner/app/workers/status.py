"""How a worker is: what `/healthz` and `/metrics` tell of it, and whether this machine's clock is right."""

import asyncio
from collections.abc import Mapping, Sequence

from flowrunner.app.resuming.due_runs import OpenSender
from flowrunner.app.services.waiting_count import WaitingCount
from flowrunner.app.workers.units import SenderUnits
from flowrunner.client.access import target_key
from flowrunner.clock import Clock
from flowrunner.cluster import Executor
from flowrunner.delivery.rate.right_clock import RightClock
from flowrunner.journal import Journal, JournalAwayError
from flowrunner.model import Json
from flowrunner.receiver.logs import iso
from flowrunner.receiver.metrics import Metrics

_SILENT = 15.0
"""Seconds without a beat after which it is not well: the journal is away, or the process was held up."""


class WorkerStatus:
    """What is known of one worker.

    Attributes:
        right: Whether this machine's clock is right.
    """

    def __init__(
        self, names: Mapping[str, str], open_senders: Sequence[OpenSender], units: Sequence[SenderUnits],
        journal: Journal, executor: Executor, metrics: Metrics, stop: asyncio.Event, clock: Clock, grace: float,
    ) -> None:  # fmt: skip
        """Nothing is known yet.

        Args:
            names: What each target's sender is called.
            open_senders: The senders.
            units: What carries out the units of each, in the same order.
            journal: The journal.
            executor: Where units come from.
            metrics: The figures.
            stop: Once set, it takes no more.
            clock: This machine's.
            grace: Seconds by which that may be off.
        """
        self._open_senders, self._units, self._journal, self._executor = open_senders, units, journal, executor
        self._names = [names[sender.target] for sender in open_senders]
        self._metrics, self._stop, self._clock = metrics, stop, clock
        self.right, self._waiting = RightClock(journal, grace, clock), WaitingCount(journal, clock)
        self._began, self._beaten = clock.now(), clock.monotonic()
        metrics.set("working_since_seconds", self._began)

    async def look_at_clock(self) -> None:
        """Ask the journal what time it is.

        Raises:
            JournalError: It cannot be asked.
        """
        await self.right.look()
        self._metrics.set("clock_offset_seconds", self.right.offset)

    def beaten(self, workers: int) -> None:
        """The journal was reached; so many workers are there."""
        self._beaten = self._clock.monotonic()
        self._metrics.set("workers", workers)

    def health(self) -> tuple[bool, Json]:
        """Whether it takes work, and what else is known; for ``/healthz``."""
        is_reached = self._clock.monotonic() - self._beaten < _SILENT
        status = "ok"
        if self._stop.is_set():
            status = "draining"
        elif not is_reached:
            status = "journal away"
        elif self.right.is_off:
            status = "clock off"
        senders = {
            name: {
                "refused": sender.is_refused,
                "units": each.under_way,
                "in_flight": sender.in_flight + each.in_flight,
            }
            for name, sender, each in zip(self._names, self._open_senders, self._units, strict=True)
        }
        known = {"status": status, "since": iso(self._began), "clock_offset": round(self.right.offset, 3)}
        return status == "ok", {**known, "senders": senders}

    async def figures(self) -> str:
        """All figures as text; for ``/metrics``. Those of the journal are as they were where it is away."""
        is_up = 1
        for name, sender, each in zip(self._names, self._open_senders, self._units, strict=True):
            pace = sender.channel.pace
            self._metrics.set("units", each.under_way, sender=name)
            self._metrics.set("in_flight", sender.in_flight + each.in_flight, sender=name)
            self._metrics.set("sender_refused", sender.is_refused, sender=name)
            self._metrics.set("rate_allowed", 1 / pace.least_gap, sender=name)
            self._metrics.set("requests_total", pace.given, sender=name)
            try:
                await self._of_the_journal(name, sender)
            except JournalAwayError:
                is_up = 0
        self._metrics.set("journal_up", is_up)
        return self._metrics.text()

    async def _of_the_journal(self, name: str, sender: OpenSender) -> None:
        journal, target = self._journal, sender.target
        self._metrics.set("queue_units", await self._executor.waiting(target_key(target)), sender=name)
        self._metrics.set("waiting", await self._waiting.of(target), sender=name)
        self._metrics.set("in_doubt", await journal.doubts(target), sender=name)
        due = await journal.next_due([target])
        lag = max(0.0, self._clock.now() - due) if due is not None else 0.0
        self._metrics.set("lag_seconds", lag, sender=name)
