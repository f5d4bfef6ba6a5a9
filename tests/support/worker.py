"""A worker for the crash test: it carries out many runs at once, and may be killed at any instant.

Started as ``python worker.py JOURNAL URL DIALECT PEOPLE TIMEOUT GRACE``. It begins a run for each person who has
none, goes on with those that did not reach their end, and says ``ready`` before the first message leaves. It ends with
0 when all have finished, with 4 when the others are in doubt, with 3 when some have stopped before their end, as may be
where this machine is too slow.
"""

import asyncio
import sys

from flowrunner.client import open_client
from flowrunner.client.access import address
from flowrunner.client.targets import Target
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Doubts, Pace, Rate, begin, deliver, new_run
from flowrunner.dialects import dialect_of
from flowrunner.engine import Prepared
from flowrunner.flow import load_text
from flowrunner.journal import open_journal
from flowrunner.model import EventKind, Recipient, Rendering
from support.delivered import source
from support.numbers import number_of

FLOW = """
name: crash
steps:
  - message: "one: Jose\\u0301 &  Zoe\\u0308 "
  - message: "the same"
  - message: {message_type: image, media_url: "https://cdn.example.com/three.jpg", caption: "three"}
    timeout: 2s
  - message: "the same"
  - message: {message_type: location, latitude: 19.43260812345, longitude: -99.13320498765, location_name: five}
  - message: "six"
"""
NOW = "2026-03-01T10:00:00+00:00"


def people(count: int, dialect: str) -> dict[str, Recipient]:
    """Whom the worker serves, by each name that the dialect writes to, and in which conversation."""
    return {f"c{number}": _named(number, number % 3, dialect) for number in range(count)}


def names(number: int) -> tuple[str, str]:
    """Somebody's phone, and their user id."""
    return f"+34600{number:06}", f"ES.9{number:06}"


def _named(number: int, way: int, dialect: str) -> Recipient:
    phone, user_id = names(number)
    if dialect == "meta":
        return (Recipient("", phone), Recipient("", "", user_id), Recipient("", phone, user_id))[way]
    return (Recipient(f"c{number}", phone), Recipient(f"c{number}"), Recipient("", phone))[way]


async def work(path: str, url: str, dialect: str, count: int, doubts: Doubts) -> int:
    """Carry out every run; answers with the exit code."""
    loaded, spoken = load_text(FLOW, "crash.yaml"), dialect_of(dialect)
    renderings: dict[Recipient, Rendering] = {}
    for whom in people(count, dialect).values():
        rendering, problems = Prepared(loaded, spoken).render(whom, {}, NOW)
        assert rendering is not None, problems
        renderings[whom] = rendering
    pace = Pace(Rate(1_000_000, 1.0), clock=SYSTEM)
    number = number_of(dialect)
    door = open_client(url, "crash-key-0000", dialect=dialect, number=number, timeout=doubts.timeout, clock=SYSTEM)
    target = Target(dialect, address(url, spoken, number).root.removesuffix(f"/{number}"), number).text
    async with open_journal(path, clock=SYSTEM) as journal:
        known = {record.run.recipient: record for record in await journal.runs()}

        async def serve(whom: Recipient) -> EventKind:
            rendering = renderings[whom]
            record = known.get(whom)
            if record is not None and record.state == "finished":
                return EventKind.FINISHED
            run = record.run if record else new_run(rendering.flow, rendering.recipient, {}, NOW, target, clock=SYSTEM)
            if record is None:
                assert await begin(run, journal, clock=SYSTEM) is None
            options = {"stop": asyncio.Event(), "pace": pace, "doubts": doubts, "max_wait": 30.0}
            events = [event async for event in deliver(run, *source(rendering, spoken), door, journal, **options)]
            if events[-1].kind not in (EventKind.FINISHED, EventKind.IN_DOUBT):
                sys.stderr.write(f"{whom.label}: {events}\n")
            return events[-1].kind

        sys.stdout.write("ready\n")
        sys.stdout.flush()
        ends = set(await asyncio.gather(*map(serve, renderings)))
    await door.aclose()
    return 3 if ends - {EventKind.FINISHED, EventKind.IN_DOUBT} else 4 if EventKind.IN_DOUBT in ends else 0


if __name__ == "__main__":
    journal_file, base_url, spoken_there, how_many, *seconds = sys.argv[1:]
    doubtful = Doubts("reconcile", *map(float, seconds))
    sys.exit(asyncio.run(work(journal_file, base_url, spoken_there, int(how_many), doubtful)))
