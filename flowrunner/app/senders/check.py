"""Do the senders of a file work: each API is asked which number sends, and whether it can."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from flowrunner.app.blocking import blocking
from flowrunner.app.senders.configured import chosen, entry_of
from flowrunner.app.senders.sender import Sender, SenderError, open_sender
from flowrunner.client import TransportError
from flowrunner.clock import SYSTEM, Clock
from flowrunner.config.overrides import Overrides
from flowrunner.config.reading import ConfigError
from flowrunner.config.values import Config, SenderEntry
from flowrunner.delivery import Pace
from flowrunner.delivery.queries import ask
from flowrunner.dialects.values import Account

_AT_ONCE: Final = 8
"""So many are asked at the same time."""
PATIENCE: Final = Sender(timeout=10.0, max_wait=10.0)
"""How long an answer is waited for: somebody sits at the terminal."""


class SenderCheck(NamedTuple):
    """What is known of one sender.

    Attributes:
        entry: As the file has it.
        sender: The same as it would send; its key is shown nowhere.
        account: What the API says of its number; None where it was not asked, or has refused.
        reason: Why it cannot be used; empty where nothing is known to be wrong.
        hint: What to do about that.
    """

    entry: SenderEntry
    sender: Sender
    account: Account | None = None
    reason: str = ""
    hint: str = ""

    @property
    def has_key(self) -> bool:
        """Whether the environment has its key."""
        return bool(self.sender.key.strip())

    @property
    def works(self) -> bool:
        """Whether it can send, as far as is known."""
        return not self.reason and (self.account is None or self.account.health != "unhealthy")


def list_senders(config: Config, names: Sequence[str] = ()) -> list[SenderCheck]:
    """The senders of a file, as they would send; nothing is asked.

    Args:
        config: The file.
        names: Which; by default all.

    Raises:
        SenderError: There is none of such a name.
    """
    entries = [entry_of(config, name) for name in names] if names else [*config.senders.values()]
    return [
        SenderCheck(each, chosen(config, Overrides(each.name), PATIENCE, needs_key=False))
        for each in entries
        if each is not None
    ]


async def check_senders_async(
    config: Config,
    names: Sequence[str] = (),
    *,
    how: Sender = PATIENCE,
    clock: Clock = SYSTEM,
) -> list[SenderCheck]:
    """Ask the API of each sender whether its key works, which number it is, and how that number is; nothing is sent.

    Args:
        config: What `load_config` gave.
        names: Which senders; by default all.
        how: How they ask: ``timeout``, ``max_wait`` and ``insecure`` count.
        clock: Where time comes from.

    Returns:
        Each in the order of the file, or of the names.

    Raises:
        SenderError: There is none of such a name.
    """
    turns = asyncio.Semaphore(_AT_ONCE)

    async def check(its: SenderCheck) -> SenderCheck:
        async with turns:
            return await _asked(its, config, how, clock)

    return [*await asyncio.gather(*map(check, list_senders(config, names)))]


async def _asked(its: SenderCheck, config: Config, how: Sender, clock: Clock) -> SenderCheck:
    try:
        sender = chosen(config, Overrides(its.entry.name), how)
        async with open_sender(sender, clock=clock) as (client, _):
            sleep = partial(clock.sleep, stop=asyncio.Event())
            account = await ask(client.account, client, Pace(sender.rate, clock=clock), sleep, sender.max_wait)
            return its._replace(account=account)
    except ConfigError as error:
        [problem] = error.diagnostics
        return its._replace(reason=problem.message, hint=problem.hint)
    except SenderError as error:
        return its._replace(reason=error.message, hint=error.hint)
    except TransportError as error:
        return its._replace(reason=error.reason, hint=error.hint)


check_senders = blocking(check_senders_async)
