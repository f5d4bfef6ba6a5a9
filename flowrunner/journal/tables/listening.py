"""A journal in the tables of a database, for those who listen, and of those who want to be written to no more."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from flowrunner.journal.listening import Listening
from flowrunner.journal.optouts import OptOuts
from flowrunner.journal.tables import names, optouts, parked, records
from flowrunner.journal.tables.access import Access
from flowrunner.journal.values import RunRecord
from flowrunner.model import Event, Inbound, OptOut, Recipient, Told

if TYPE_CHECKING:
    from flowrunner.journal.many import Ending, Member


class TablesListening(Access, Listening, OptOuts):
    """What is heard and told, and whose time has come."""

    async def hear(self, target: str, people: Sequence[tuple[Recipient, Inbound]]) -> list[str]:
        from flowrunner.journal.tables import heard_events

        return cast("list[str]", await self._writer.submit(heard_events.hear(target, people, self._clock.now())))

    async def tell(self, target: str, statuses: Sequence[Told]) -> list[str]:
        from flowrunner.journal.tables import status_events

        return cast("list[str]", await self._writer.submit(status_events.tell(target, statuses)))

    async def news(self, run_id: str, after: int) -> list[Event]:
        return await self.soon.ask_with(records.events_of_all, (run_id, after))

    async def due(
        self, targets: Sequence[str], now: float, limit: int, lease: float = 60.0, *,
        owner: str = "", has_ended: Callable[[str], bool] = lambda _: False,
    ) -> "list[Member]":  # fmt: skip
        # It is asked twice a second, and each write keeps other processes from theirs.
        gone = await self.soon.ask(lambda db: parked.ended(db, targets, now, has_ended))
        its = (targets, now, limit, lease, owner, gone or ())
        return [] if gone is None else await self._write(lambda db: parked.due(db, *its), limit, is_durable=False)

    async def next_due(self, targets: Sequence[str]) -> float | None:
        return await self.soon.ask(lambda db: parked.next_due(db, targets))

    async def doubts(self, target: str) -> int:
        return await self.soon.ask(lambda db: parked.doubts(db, target))

    async def asking(self, target: str) -> int:
        return await self.later.ask(lambda db: parked.asking(db, target))

    async def listening_since(self, target: str) -> float | None:
        return await self.soon.ask(lambda db: parked.listening_since(db, target))

    async def asked_last(self, target: str) -> float | None:
        return await self.soon.ask(lambda db: parked.asked_last(db, target))

    async def hears(self, target: str, recipient: Recipient) -> bool:
        from flowrunner.journal.tables import heard_events

        return await self.soon.ask(lambda db: heard_events.hears(db, target, recipient))

    async def listening_to(self, target: str, recipient: Recipient) -> Sequence[RunRecord]:
        from flowrunner.journal.tables import heard_events

        return await self.soon.ask(lambda db: heard_events.listening_to(db, target, recipient))

    async def busy_with(self, target: str, recipient: Recipient, but: str) -> str:
        return await self.soon.ask_with(parked.busy_with, (target, recipient, but))

    async def note_listener(self, target: str, until: float) -> None:
        await self._write(lambda db: names.note_listener(db, target, until), is_durable=False)

    async def listened_until(self, target: str) -> float:
        return await self.soon.ask(lambda db: names.listened_until(db, target))

    async def opt_out(self, target: str, recipient: Recipient, reason: str, at: float, run: str = "") -> None:
        records.storable(target, reason, *recipient)
        await self._write(lambda db: optouts.opt_out(db, target, recipient, reason, at, run))

    async def opted_out(self, target: str, people: Sequence[Recipient]) -> set[int]:
        return await self.soon.ask(lambda db: optouts.opted_out(db, target, people))

    async def opt_out_of(self, target: str, recipient: Recipient) -> OptOut | None:
        return await self.soon.ask_with(optouts.opt_outs_of, (target, recipient))

    async def opt_in(self, target: str, recipient: Recipient) -> bool:
        records.storable(target, *recipient)
        return await self._write(lambda db: optouts.opt_in(db, target, recipient, self._clock.now()))

    async def opted_in(self, target: str, people: Sequence[Recipient]) -> dict[int, float]:
        return await self.soon.ask(lambda db: optouts.opted_in(db, target, people))

    async def optouts(self, target: str = "") -> AsyncIterator[OptOut]:
        after: int | None = 0
        while after is not None:
            page, after = await self.later.ask(partial(optouts.optouts, target=target, after=after))
            for each in page:
                yield each

    async def endings(self, name: str, limit: int) -> "list[Ending]":
        from flowrunner.journal.tables import endings

        if (found := await self.soon.ask(lambda db: endings.endings(db, name, limit))) is None:
            await self._write(lambda db: endings.begin(db, name))
        return found or []

    async def note_notified(self, name: str, place: int) -> None:
        from flowrunner.journal.tables import endings

        await self._write(lambda db: endings.note_notified(db, name, place))
