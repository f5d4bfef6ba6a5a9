"""One round of listening: each API is asked what people wrote, and runs are gone on with as far as they go now."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from flowrunner.app.blocking import blocking
from flowrunner.app.listening.listen import Listened, require
from flowrunner.app.listening.unheard import warn_of_unheard
from flowrunner.app.resuming.due_runs import carry_on, opened
from flowrunner.app.services.log import RunLog
from flowrunner.clock import SYSTEM, Clock
from flowrunner.journal import open_journal
from flowrunner.journal.places import Place
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics


async def listen_once_async(
    listened: Sequence[Listened],
    *,
    journal: Place | str,
    stop: asyncio.Event | None = None,
    log: Callable[[str], None] = lambda _: None,
    clock: Clock = SYSTEM,
) -> bool:
    """Ask what people wrote, go on with all runs that can be gone on with, and return when each waits again or ended.

    Args:
        listened: Whose APIs; each of another number.
        journal: Where the runs are.
        stop: Once set, nothing further is begun, and it returns.
        log: Takes a line of JSON for each thing that is odd, or that ends.
        clock: Where time comes from.

    Returns:
        Whether no API refused to tell or to send, and nothing failed that nobody foresaw.

    Raises:
        RefusedError: An API tells what people write by webhooks alone, or two senders are one.
        SenderError: A key or a URL cannot be used.
        JournalError: The journal cannot be used.
    """
    require(listened, poll=True)
    stop = stop or asyncio.Event()
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        kept = await stack.enter_async_context(open_journal(journal, clock=clock))
        open_senders = [await stack.enter_async_context(opened(each.sender, kept, stop, clock)) for each in listened]
        names = {sender.target: each.name for each, sender in zip(listened, open_senders, strict=True)}
        lines = Log(log, clock)
        run_log = RunLog(names, metrics, lines)
        await warn_of_unheard(kept, names, lines, clock.now())
        for sender in open_senders:
            heard = await sender.hearing.ask(even_if_told=True)
            run_log.asked(sender.target, len(heard), sender.hearing.failure)
        await carry_on(open_senders, kept, stop, tell=run_log.told, unforeseen=run_log.unforeseen, once=True)
        return run_log.is_well


listen_once = blocking(listen_once_async)
