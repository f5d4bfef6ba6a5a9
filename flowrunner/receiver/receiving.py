"""One webhook: whether it is what it says it is, what it tells, and that this is in the journal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from flowrunner.clock import Clock
from flowrunner.delivery.inbound.late_optouts import keep_stops
from flowrunner.dialects import dialect_of
from flowrunner.dialects.webhooks.values import UNREADABLE, Part
from flowrunner.journal import Journal, JournalError
from flowrunner.receiver.duplicates import Once
from flowrunner.receiver.endpoints import Hook, whose
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics

DONE, UNSIGNED, AGAIN = 200, 401, 503
"""Answers: it is in the journal; it is nobody's; tell it again."""
_KEY: Final = "x-idempotency-key"


class Receiver:
    """Takes webhooks into the journal.

    Args:
        hooks: Whose they may be.
        journal: Where they go.
        stir: Called when a run has heard something.
        metrics: Counts them.
        log: Told of what is odd.
        clock: Where time comes from.
    """

    def __init__(
        self,
        hooks: Sequence[Hook],
        journal: Journal,
        stir: Callable[[], None],
        metrics: Metrics,
        log: Log,
        clock: Clock,
    ) -> None:
        self.hooks: Final = {hook.name: hook for hook in hooks}
        self.heard_at: Final[dict[str, float]] = {}
        """When each target was last told of by a webhook that was signed, in seconds since the epoch."""
        self.proven: Final[set[str]] = set()
        """Targets of which a status was told that was news: webhooks come, and name messages as they are known here."""
        self.keeps = True
        """Whether the journal could be written, as far as is known: since a webhook could not be written down."""
        self._journal, self._stir, self._metrics, self._log, self._clock = journal, stir, metrics, log, clock
        self._once = Once()

    async def take(self, hook: Hook, headers: Mapping[str, str], body: bytes) -> int:
        """Take one webhook. Returns the status to answer with.

        Args:
            hook: Whose address it came to.
            headers: By name, in lower case.
            body: The bytes as they came.
        """
        began = self._clock.monotonic()
        status = await self._taken(hook, headers, body)
        self._metrics.took(self._clock.monotonic() - began)
        self._metrics.count("webhooks_total", sender=hook.name, answer=str(status))
        return status

    def refused(self, hook: Hook, status: int) -> None:
        """Count one whose body was not read."""
        self._log.warn_seldom("unread", sender=hook.name, status=status)
        self._metrics.count("webhooks_total", sender=hook.name, answer=str(status))

    async def _taken(self, hook: Hook, headers: Mapping[str, str], body: bytes) -> int:
        payload = dialect_of(hook.dialect).webhook(hook.secret, headers, body)
        if payload is None:
            self._log.warn_seldom("unsigned", sender=hook.name)
            return UNSIGNED
        key = self._once.key(hook.name, headers.get(_KEY, ""), body)
        if key in self._once:
            self._metrics.count("webhook_duplicates_total", sender=hook.name)
            return DONE
        for event, count in payload.ignored.items():
            self._metrics.count("webhook_ignored_total", count, sender=hook.name, event=event)
        if UNREADABLE in payload.ignored:
            self._log.warn_seldom(UNREADABLE, sender=hook.name)
        try:
            for part in payload.parts:
                its = whose(part, hook, tuple(self.hooks.values()))
                if its is None:
                    self._metrics.count("webhook_ignored_total", sender=hook.name, event="another number")
                else:
                    await self._keep(its, part)
        except JournalError as error:
            self._log.say("not kept", "error", sender=hook.name, reason=error.message)
            self.keeps = False
            return AGAIN
        self.keeps = True
        self._once.add(key)
        return DONE

    async def _keep(self, hook: Hook, part: Part) -> None:
        """Write what it tells; when this returns, it is on the disk.

        Raises:
            JournalError: The journal cannot be written.
        """
        now = self._clock.now()
        self.heard_at[hook.target] = now
        if part.told:
            told = [each if each.at else each._replace(at=now) for each in part.told]
            runs = await self._journal.tell(hook.target, told)
            if runs:
                self.proven.add(hook.target)
                self._stir()
            self._metrics.count("statuses_total", len(told), sender=hook.name, news="yes" if runs else "no")
        if part.heard:
            heard = [(whom, each if each.at else each._replace(at=now)) for whom, each in part.heard]
            if await self._journal.hear(hook.target, heard):
                self._stir()
            self._metrics.count("heard_total", len(heard), sender=hook.name, by="webhook")
            for run in await keep_stops(self._journal, hook.target, heard):
                self._log.say("opted_out", run=run, sender=hook.name)
        for whom in part.refusing:
            await self._journal.refuse_marketing(hook.target, whom)
        for whom in part.allowing:
            await self._journal.allow_marketing(hook.target, whom)
