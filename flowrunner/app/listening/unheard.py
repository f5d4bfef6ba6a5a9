"""Runs that wait for an answer where nobody listens."""

from collections.abc import Iterable

from flowrunner.client import EMULATOR
from flowrunner.client.access import target_key
from flowrunner.client.targets import read_target
from flowrunner.journal import Journal
from flowrunner.receiver.logs import Log


async def warn_of_unheard(journal: Journal, targets: Iterable[str], log: Log, now: float) -> None:
    """Log each API at which runs wait and that is none of ``targets``, unless another listener is known to be there.

    They would wait for ever where the dialect or the number of a sender was changed after they had begun.

    Raises:
        JournalError: The journal cannot be used.
    """
    known = {target_key(each) for each in targets}
    for target in await journal.targets():
        is_over = read_target(target).url == EMULATOR  # within a program that has ended
        if is_over or target_key(target) in known or await journal.listened_until(target) > now:
            continue
        known.add(target_key(target))
        if waiting := await journal.asking(target):
            log.say("not listened to", "warning", target=target, waiting=waiting)
