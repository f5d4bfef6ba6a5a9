"""A whole campaign against an emulator that limits its requests, in virtual time; and what it came to."""

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from flowrunner.audience import read_audience
from flowrunner.campaign import (
    CampaignDelivery,
    Channel,
    Limits,
    Schedule,
    Selection,
    begin_campaign,
    check_audience,
    facts_of,
    new_campaign,
    recipients_of,
)
from flowrunner.client import open_client
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Doubts, Pace, Rate
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.rates import Quota, RateLimit
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import Prepared, moment
from flowrunner.flow import load_text
from flowrunner.journal import Journal
from flowrunner.journal.sqlite.memory import MemoryJournal
from flowrunner.model import EventKind, Told
from support.numbers import number_of
from support.virtual import VirtualClock

_ALL = Limits()
LATENCY = 0.1
"""Seconds until a message is answered."""


class Came(NamedTuple):
    """What a campaign came to.

    Attributes:
        messages: How many were taken.
        requests: How many requests the API counted, those that it refused too.
        seconds: From its begin to its end.
        spans: Of each person, from their first message to their last.
        done: When each person's last message was taken, since the begin.
        estimate: Seconds that were said before it began.
        refused: Requests that were refused for going too fast.
        at_once: Messages that were on their way at once, at most.
    """

    messages: int
    requests: int
    seconds: float
    spans: Sequence[float]
    done: Sequence[float]
    estimate: float
    refused: int
    at_once: int

    @property
    def each(self) -> float:
        """Requests a message."""
        return self.requests / self.messages

    @property
    def looks(self) -> int:
        """Requests that were no messages."""
        return self.requests - self.messages

    @property
    def span(self) -> float:
        """The median person's."""
        return median(self.spans)


class Counted(EmulatorState):
    """An emulator that counts what it is asked."""

    requests = refused = flying = at_once = 0

    def count_request(self, key: str) -> Quota | None:
        """See `EmulatorState.count_request`."""
        self.requests += 1
        quota = super().count_request(key)
        self.refused += quota is not None and quota.exceeded
        return quota

    @contextmanager
    def in_flight(self, talk: Talk) -> Iterator[None]:
        """See `EmulatorState.in_flight`."""
        with super().in_flight(talk):
            self.flying += 1
            self.at_once = max(self.at_once, self.flying)
            try:
                yield
            finally:
                self.flying -= 1


async def _listen(state: EmulatorState, target: str, journal: Journal, *, deaf: bool) -> None:
    """Tell the journal each status when it comes."""
    told: set[tuple[str, str]] = set()
    await journal.note_listener(target, state.now() + 1e6)
    while True:
        new = []
        for its in () if deaf else state.history():
            for status in its.statuses:
                if status.status != "pending" and status.at <= state.now() and (its.id, status.status) not in told:
                    told.add((its.id, status.status))
                    new.append(Told((its.id, its.wamid), EventKind(status.status), status.at))
        if new:
            await journal.tell(target, new)
        await state.clock.sleep(0.1)


async def campaign(
    text: str,
    count: int,
    rate: Rate,
    folder: Path,
    clock: Clock,
    *faults: str,
    delays: Delays | None = None,
    latency: float = LATENCY,
    dialect: str = "kapso-v1",
    limits: Limits = _ALL,
    listens: bool = False,
    deaf: bool = False,
) -> Came:
    """Send a flow to ``count`` people, at a rate that the emulator holds its clients to.

    With ``listens`` somebody writes into the journal how far messages are, as who receives webhooks does; one who is
    ``deaf`` receives none.
    """
    state = Counted(clock=clock, delays=delays or Delays(), rate_limit=RateLimit(rate.count, rate.seconds))
    for fault in (*faults, *([f"latency:count=1000000,seconds={latency}"] if latency else [])):
        state.faults.add(parse_fault(fault))
    path = folder / "people.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("phone\n" if dialect == "meta" else "conversation\n")
        for number in range(count):
            state.conversations.create(f"+346{number:08}", conversation_id=f"c{number}")
            file.write(f"+346{number:08}\n" if dialect == "meta" else f"c{number}\n")
    client = open_client(
        "http://127.0.0.1", "limits-key-0000", app=create_app(state), clock=clock, dialect=dialect,
        number=number_of(dialect),
    )  # fmt: skip
    target, now = "http://emulator", moment(clock.now())
    loaded = load_text(text, "flow.yaml")
    assert loaded.flow is not None, loaded.diagnostics
    audience, problems = read_audience(path, inputs=loaded.flow.inputs)
    assert audience is not None, problems
    with audience, closing(MemoryJournal(clock)) as journal:
        checked = await check_audience(loaded, audience, now, Selection(), journal=journal, target=target, clock=clock)
        assert checked.people == count, checked
        people = list(recipients_of(loaded, audience, checked))
        first, _ = Prepared(loaded, client.dialect).render(people[0].recipient, {}, now, examples=True)
        assert first is not None
        facts = facts_of(first, checked, target, Schedule(), rate, clock.now(), is_heard=listens)
        options = {"messages": checked.messages, "look_ups": checked.phones, "looks": facts.looks}
        its = new_campaign(loaded.flow, audience.name, target, now, count, options, clock)
        await begin_campaign(its, people, checked.omissions, journal)
        channel = Channel(client, journal, Pace(rate, rate.seconds, clock=clock), Doubts(), asyncio.Event())
        delivery = CampaignDelivery(its, loaded, channel, limits)
        begun, wall = clock.monotonic(), clock.now()
        listener = asyncio.create_task(_listen(state, target, journal, deaf=deaf)) if listens else None
        async for each in delivery.events():
            assert each.event.kind not in (EventKind.FAILED, EventKind.IN_DOUBT), each
        seconds = clock.monotonic() - begun
        if listener is not None:
            listener.cancel()
    await client.aclose()
    times = [
        [each.created_at for each in state.stretch(f"c{number}", 1, state.count(f"c{number}"))]
        for number in range(count)
    ]
    return Came(
        sum(map(len, times)), state.requests, seconds,
        [max(its) - min(its) for its in times], [max(its) - wall for its in times], facts.seconds, state.refused,
        state.at_once,
    )  # fmt: skip


def main() -> None:
    """What a campaign came to that standard input describes, as JSON: for `bench/limits.py`."""
    said = json.load(sys.stdin)
    with TemporaryDirectory() as folder, VirtualClock() as virtual:
        sending = campaign(
            said["text"],
            said["people"],
            Rate.parse(said["rate"]),
            Path(folder),
            SYSTEM if said["is_real"] else virtual,
            delays=Delays(sent=0.3, delivered=0.8, read=0.8),
            listens=said["listens"],
        )
        came = asyncio.run(sending) if said["is_real"] else virtual.run(sending)
    figures = {"each": came.each, "span": came.span, "seconds": came.seconds, "estimate": came.estimate}
    json.dump({**figures, "requests": came.requests, "messages": came.messages}, sys.stdout)


if __name__ == "__main__":
    main()
