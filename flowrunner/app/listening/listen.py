"""Listening: webhooks taken in, runs gone on with as their people write, and other programs told how they ended."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from flowrunner.app.blocking import blocking
from flowrunner.app.listening.unheard import warn_of_unheard
from flowrunner.app.resuming.due_runs import OpenSender, carry_on, opened
from flowrunner.app.senders.sender import Sender
from flowrunner.app.services.clock_check import look_now_and_then, require_right
from flowrunner.app.services.lifecycle import Work, attend, while_allowed
from flowrunner.app.services.log import RunLog
from flowrunner.app.services.waiting_count import WaitingCount
from flowrunner.client.access import target_key
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery.rate.right_clock import RightClock
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.journal import Journal, JournalAwayError, open_journal
from flowrunner.journal.places import Place
from flowrunner.model import Json
from flowrunner.receiver.endpoints import Hook
from flowrunner.receiver.logs import Log, iso
from flowrunner.receiver.metrics import Metrics
from flowrunner.receiver.receiving import Receiver

if TYPE_CHECKING:
    from flowrunner.receiver.notify import Address, Notifier

_BEAT: Final = 5.0
"""Seconds between two moments at which others are told that somebody listens."""
_ALIVE: Final = 15.0
"""Seconds for which they may believe it: a receiver that is frozen is none."""
_PROVEN: Final = 7 * 86_400.0
"""Seconds for which a status that was told proves that they are."""
_DOWN: Final = 86_400.0
"""Seconds before it began for which it asks who has said stop while nobody listened, where no run waits."""
_NEWS: Final = 2.0
"""Seconds between two looks whether runs have ended of which somebody is to be told."""


class Listened(NamedTuple):
    """A sender whose API is listened to.

    Attributes:
        name: What it is called; its webhooks come to the path of that name.
        sender: Who sends what its runs send.
        secret: What its webhooks are signed with; empty where none come.
        verify: What Meta says when the address is entered.
    """

    name: str
    sender: Sender
    secret: str = ""
    verify: str = ""

    def __repr__(self) -> str:
        return f"Listened({self.name!r})"


async def listen_async(
    listened: Sequence[Listened],
    *,
    journal: Place | str,
    host: str = "127.0.0.1",
    port: int = 8700,
    poll: bool = False,
    notify: str = "",
    notify_secret: str = "",
    stop: asyncio.Event | None = None,
    ready: Callable[[str], None] = lambda _: None,
    log: Callable[[str], None] = lambda _: None,
    clock: Clock = SYSTEM,
) -> None:
    """Take in what people write and what becomes of messages, and go on with the runs that wait for it.

    Each API is asked once, at the beginning, what was written while nobody listened.

    Args:
        listened: Whose APIs; each of another number.
        journal: The file that the runs are in.
        host: The address on which webhooks come.
        port: 0 for any that is free.
        poll: Ask the APIs what people write, too, as often as is worth it.
        notify: The URL of a program that is told how runs end; empty for none. https, or http to this machine.
        notify_secret: What that is signed with; empty for no signature.
        stop: Once set, webhooks under way are answered, nothing further is begun, and it returns.
        ready: Called with the base URL once webhooks are answered.
        log: Takes a line of JSON for each thing that is odd, or that ends.
        clock: Where time comes from.

    Raises:
        RefusedError: The address cannot be had, a sender has no secret, two are one, nobody may be told there, or this
            machine's clock is wrong.
        SenderError: A key or a URL cannot be used.
        JournalError: The journal cannot be used.
    """
    require(listened, poll=poll)
    address = _address(notify, notify_secret) if notify else None
    stop = stop or asyncio.Event()
    async with AsyncExitStack() as stack:
        kept = await stack.enter_async_context(open_journal(journal, clock=clock))
        # A pause would end by a clock that others do not go by.
        right = RightClock(kept, min(each.sender.grace for each in listened), clock)
        await right.look()
        require_right(right)
        open_senders = [await stack.enter_async_context(opened(each.sender, kept, stop, clock)) for each in listened]
        listener = _Listener(listened, open_senders, kept, stop, log, clock, right, poll=poll)
        if address is not None:
            await stack.enter_async_context(listener.notifying(address))
        await listener.run(host, port, ready)


def _address(url: str, secret: str) -> "Address":
    from flowrunner.client.callbacks import checked
    from flowrunner.receiver.notify import Address

    try:
        return Address(checked(url), secret)
    except ValueError as error:
        raise RefusedError(f"--notify: {error}", "name an address like https://crm.example.com/flowrunner") from None


def require(listened: Sequence[Listened], *, poll: bool) -> None:
    """Refuse senders of whom nobody would tell what people write, and two that are one number.

    Raises:
        RefusedError: It is so.
    """
    known: dict[str, str] = {}
    for name, sender, secret, _ in listened:
        if not secret and not poll:
            hint = f'write webhook_secret_env = "KAPSO_WEBHOOK_SECRET" below [senders.{name}], and set that variable; '
            raise RefusedError(f"nobody could tell whose the webhooks of {name} are", f"{hint}or ask the API: --poll")
        if not secret and not sender.can_look_up:
            hint = f'write webhook_secret_env = "META_APP_SECRET" below [senders.{name}]'
            raise RefusedError(f"the API of {name} tells what people write by webhooks alone", hint)
        if (other := known.setdefault(target_key(sender.check()), name)) != name:
            raise RefusedError(f"{name} and {other} are one number", f"name one of them: --sender {name}")


class _Listener:
    """All that is done while it listens."""

    def __init__(
        self, listened: Sequence[Listened], open_senders: Sequence[OpenSender], journal: Journal, stop: asyncio.Event,
        write: Callable[[str], None], clock: Clock, right: RightClock, *, poll: bool,
    ) -> None:  # fmt: skip
        self._open_senders, self._journal, self._stop = open_senders, journal, stop
        self._clock, self._poll = clock, poll
        self._right = right
        self._names = {sender.target: each.name for each, sender in zip(listened, open_senders, strict=True)}
        self._stir, self._ended = asyncio.Event(), asyncio.Event()
        self._log, self._metrics = Log(write, clock), Metrics()
        self._run_log = RunLog(self._names, self._metrics, self._log)
        self._began, self._beaten = clock.now(), clock.monotonic()
        self._waiting = WaitingCount(journal, clock)
        self._notifier: Notifier | None = None
        self._down_since: dict[str, float] = {}  # by target; 0.0 where nobody has ever listened
        hooks = [
            Hook(each.name, sender.target, each.sender.dialect, each.sender.number, each.secret, each.verify)
            for each, sender in zip(listened, open_senders, strict=True)
            if each.secret
        ]
        self._receiver = Receiver(hooks, journal, self._stir.set, self._metrics, self._log, clock)
        self._metrics.set("listening_since_seconds", self._began)

    @asynccontextmanager
    async def notifying(self, address: "Address") -> AsyncIterator[None]:
        """Within, that program is told how runs end."""
        from flowrunner.client.callbacks import Teller
        from flowrunner.receiver.notify import Notifier

        teller = Teller()
        self._notifier = Notifier(address, self._journal, teller.post, self._metrics, self._log, self._clock)
        try:
            yield
        finally:
            await teller.aclose()

    async def run(self, host: str, port: int, ready: Callable[[str], None]) -> None:
        """Listen until a stop is asked for, or something fails.

        Raises:
            RefusedError: The address cannot be had.
            JournalError: The journal cannot be used.
        """
        from flowrunner.receiver.site import site

        async def began(where: str) -> None:
            self._log.say("listening", senders=list(self._names.values()), url=where)
            ready(where)

        works: list[Work] = [
            self._beat,
            *(partial(self._ask, sender) for sender in self._open_senders if sender.channel.client.lists),
            self._go_on,
            self._mind_the_clock,
            *([partial(self._notify, self._notifier)] if self._notifier is not None else []),
        ]
        for sender in self._open_senders:
            until = min(await self._journal.listened_until(sender.target), self._began)
            self._down_since[sender.target] = max(until, self._began - _DOWN) if until else 0.0
        await warn_of_unheard(self._journal, self._names, self._log, self._began)
        app = site(self._receiver, self._health, self._figures)
        await attend(works, app, host, port, stop=self._stop, log=self._log, clock=self._clock, began=began)
        await self._note(until=self._clock.now())
        self._log.say("stopped")

    async def _beat(self) -> None:
        """Tell others that webhooks are heard, as long as they are known to come."""
        while True:
            await self._note(until=self._clock.now() + _ALIVE)
            self._beaten = self._clock.monotonic()
            if await self._clock.sleep(_BEAT if self._is_proven else 1.0, self._stop):
                return

    @property
    def _is_proven(self) -> bool:
        return len(self._receiver.proven) == len(self._receiver.hooks)

    async def _note(self, until: float) -> None:
        """Say until when somebody listens to each API whose webhooks have come.

        An address may be entered nowhere: who waits for what nobody tells would wait for ever.
        """
        for target in {each.target for each in self._receiver.hooks.values()}:
            since = await self._journal.listened_until(target)
            if target in self._receiver.proven or since > self._clock.now() - _PROVEN:
                await self._journal.note_listener(target, until)
                self._receiver.keeps = True

    async def _ask(self, sender: OpenSender) -> None:
        """Ask what was written while nobody listened; and what is written, where that is wanted.

        Where no run waits, too: whoever wants no more messages may say so at any time.
        """
        since = self._down_since.get(sender.target) or (self._began if self._poll else None)
        while True:
            heard = await sender.hearing.ask(even_if_told=True, stops_since=since)
            failure = sender.hearing.failure
            self._run_log.asked(sender.target, len(heard), failure)
            if heard:
                self._stir.set()
            done = failure is None and not self._poll
            if done or await sender.hearing.rest():
                return

    async def _go_on(self) -> None:
        async def take(halt: asyncio.Event) -> None:
            its = self._run_log
            await carry_on(
                self._open_senders, self._journal, halt, tell=its.told, unforeseen=its.unforeseen, stir=self._stir
            )  # fmt: skip

        await while_allowed(take, lambda: self._right.is_off, self._stop, self._clock)

    async def _mind_the_clock(self) -> None:
        await look_now_and_then(self._right, self._right.look, self._stop, self._log, self._clock)

    async def _notify(self, notifier: "Notifier") -> None:
        sleep = partial(self._clock.sleep, stop=self._stop)
        while not self._stop.is_set():
            await notifier.tell_news(sleep, self._stop.is_set)
            await sleep(_NEWS)

    def _health(self) -> tuple[bool, Json]:
        is_there = self._clock.monotonic() - self._beaten < _ALIVE and self._receiver.keeps
        is_well = is_there and not self._right.is_off
        senders = {
            name: {"webhooks": name in self._receiver.hooks, "last_webhook": iso(self._receiver.heard_at.get(target))}
            for target, name in self._names.items()
        }
        status = "ok" if is_well else "clock off" if is_there else "failing"
        return is_well, {"status": status, "since": iso(self._began), "senders": senders}

    async def _figures(self) -> str:
        for target, name in self._names.items():
            with suppress(JournalAwayError):  # then it is as it was
                self._metrics.set("waiting", await self._waiting.of(target), sender=name)
        return self._metrics.text()


listen = blocking(listen_async)
