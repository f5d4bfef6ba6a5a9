"""Another program is told how runs ended: each at least once, in the order in which they ended, signed."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple

from flowrunner.clock import Clock
from flowrunner.dialects.webhooks.signing import signature
from flowrunner.journal import Journal
from flowrunner.journal.many import Ending
from flowrunner.model import EventKind, Json
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics

Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]
"""Posts a body; gives the answer's status, 0 where none came."""
_NAMES: Final[Mapping[EventKind, str]] = {
    EventKind.FINISHED: "run.finished",
    EventKind.HANDED_OVER: "run.handed_over",
    EventKind.OPTED_OUT: "run.opted_out",
}
"""How a run ended, as it is told."""
_AT_ONCE: Final = 100
_LONGEST: Final = 60.0
"""Seconds between two tries at most; they double from one."""


class Address(NamedTuple):
    """Who is told.

    Attributes:
        url: https, or http to this machine.
        secret: What the bodies are signed with; empty for no signature.
    """

    url: str
    secret: str = ""

    def __repr__(self) -> str:
        return "Address(***)"


class Notifier:
    """Tells one program; what it has been told is in the journal, so that a restart goes on after it.

    Args:
        address: Where it is.
        journal: Where the runs are.
        post: Carries a body.
        metrics: Counts what was told.
        log: Told of what was not taken.
        clock: Where time comes from.
    """

    def __init__(
        self, address: Address, journal: Journal, post: Post, metrics: Metrics, log: Log, clock: Clock
    ) -> None:
        self._address, self._journal, self._post = address, journal, post
        self._name = sha256(address.url.encode()).hexdigest()  # a URL may have a secret in it
        self._metrics, self._log, self._clock = metrics, log, clock

    async def tell_news(
        self, sleep: Callable[[float], Awaitable[bool]], is_stopped: Callable[[], bool] = lambda: False
    ) -> None:
        """Tell all that has ended and was not told yet, until there is no more, or a stop was asked for.

        Args:
            sleep: Sleeps so many seconds; returns whether a stop was asked for.
            is_stopped: Whether one was; asked after each that was told.

        Raises:
            JournalError: The journal cannot be used.
        """
        while endings := await self._journal.endings(self._name, _AT_ONCE):
            for ending in endings:
                if not await self._told(ending, sleep):
                    return
                await self._journal.note_notified(self._name, ending.place)
                if is_stopped():
                    return

    async def _told(self, ending: Ending, sleep: Callable[[float], Awaitable[bool]]) -> bool:
        """Tell one until it is taken. Returns whether it was: a stop may have been asked for."""
        name = _NAMES[ending.kind]
        body = json.dumps(notification(name, ending), ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "flowrunner",
            "X-Webhook-Event": name,
            "X-Idempotency-Key": f"{ending.run.id}:{ending.place}",
        }
        if self._address.secret:
            headers["X-Webhook-Signature"] = signature(self._address.secret, body)
        wait = 1.0
        while True:
            status = await self._post(self._address.url, body, headers)
            self._metrics.count("notifications_total", answer=str(status))
            if 200 <= status < 300:
                return True
            self._log.say("not notified", "warning", run=ending.run.id, status=status, again_in=wait)
            if await sleep(wait):
                return False
            wait = min(wait * 2, _LONGEST)


def notification(name: str, ending: Ending) -> Json:
    """What is told of one run."""
    run = ending.run
    return {
        "event": name,
        "run": run.id,
        "campaign": ending.campaign or None,
        "flow": run.flow_name,
        "at": datetime.fromtimestamp(ending.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "reason": ending.reason or None,
        "recipient": {field: value or None for field, value in run.recipient._asdict().items()},
    }
