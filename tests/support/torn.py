"""A journal that was in use when its process was killed, what may become of its files, and a user who continues."""

import asyncio
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from email.utils import formatdate
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from flowrunner.campaign import (
    CampaignDelivery,
    CampaignRecipient,
    Channel,
    Limits,
    begin_campaign,
    new_campaign,
)
from flowrunner.client import ApiClock, Receipt, Rejected, RemoteMessage
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Doubts, Pace, Rate, begin, deliver, new_run
from flowrunner.dialects import kapso_v1
from flowrunner.engine import Prepared
from flowrunner.engine.history.phases import LEFT
from flowrunner.flow import load_text
from flowrunner.journal import Journal, open_journal
from flowrunner.model import Recipient, Rendering, Run
from support.delivered import source

ALONE = "name: alone\nsteps: [{message: one}, {message: two}, {message: three}]\n"
MANY = "name: many\nsteps: [{message: many one}, {message: many two}]\n"
NOW, TARGET = "2026-03-01T10:00:00+00:00", "https://api.example.com"
ENDS = ("", "-wal", "-shm", "-mark")
"""The files of a journal, by what is added to its name."""


class World:
    """The API, and the phones behind it; it outlives every process."""

    dialect = kapso_v1
    lists, says_status = True, False

    def __init__(self) -> None:
        self.got: dict[str, list[str]] = {}
        self.when: dict[str, float] = {}
        self.rate = None
        self.api_clock = ApiClock()
        self.at: dict[tuple[str, str], Callable[[], None]] = {}

    def copy(self) -> "World":
        """Another world in which the same was sent."""
        world = World()
        world.got = {conversation: [*texts] for conversation, texts in self.got.items()}
        world.when = dict(self.when)
        return world

    async def send(self, recipient: Recipient, wire: str, *_: str) -> Receipt:
        """Take a message; somebody may look at the files before the answer is known."""
        conversation = recipient.conversation
        if conversation.startswith("refused"):
            raise Rejected("no", status=422)
        text = wire.partition('"content":"')[2].partition('"')[0]
        left, now = SYSTEM.up(), time.time()
        self.got.setdefault(conversation, []).append(text)
        self.when[f"{conversation}-{text}"] = now
        self.api_clock.dated(now, left, SYSTEM.up())
        self.at.get((conversation, text), lambda: None)()
        return Receipt(f"{conversation}-{text}")

    async def messages(
        self,
        recipient: Recipient,
        *,
        to_the_end: bool = False,  # noqa: ARG002
        since: float = 0.0,  # noqa: ARG002
    ) -> list[RemoteMessage]:
        """What was sent to a conversation."""
        left = SYSTEM.up()
        self.api_clock.answered(formatdate(usegmt=True), left, SYSTEM.up())
        return [
            RemoteMessage(
                f"{recipient.conversation}-{text}", "outbound", "text", text, "read",
                self.when[f"{recipient.conversation}-{text}"], "", {}, rank=3,
            )
            for text in self.got.get(recipient.conversation, [])
        ]  # fmt: skip

    @property
    def doubled(self) -> dict[str, list[str]]:
        """Conversations with a message that came more than once."""
        return {conversation: texts for conversation, texts in self.got.items() if max(Counter(texts).values()) > 1}


def rendered(text: str, conversation: str) -> Rendering:
    loaded = load_text(text, "flow.yaml")
    rendering, problems = Prepared(loaded).render(Recipient(conversation), {}, NOW)
    assert rendering is not None, problems
    return rendering


def options() -> dict[str, Any]:
    doubts = Doubts(timeout=0.0, grace=0.0, patience=1.0)
    return {
        "stop": asyncio.Event(),
        "pace": Pace(Rate(1_000_000, 1.0), clock=SYSTEM),
        "doubts": doubts,
        "max_wait": 1.0,
    }


async def carry(run: Run, journal: Journal, world: World) -> None:
    """Carry a run out to its end, whichever that is."""
    rendering = rendered(run.bundle.text, run.recipient.conversation)
    events = deliver(run, *source(rendering), world, journal, **options())  # type: ignore[arg-type]
    async with aclosing(events):
        async for _ in events:
            pass


async def send_alone(conversation: str, journal: Journal, world: World) -> None:
    """What `run --conversation` does."""
    rendering = rendered(ALONE, conversation)
    run = new_run(rendering.flow, rendering.recipient, {}, NOW, TARGET, clock=SYSTEM)
    if await begin(run, journal, clock=SYSTEM) is None:
        await carry(run, journal, world)


async def send_many(conversations: list[str], journal: Journal, world: World) -> None:
    """What `run --audience` does."""
    flow = load_text(MANY, "flow.yaml").flow
    assert flow is not None
    had = await journal.had_before("many", TARGET, [Recipient(each) for each in conversations])
    people = [CampaignRecipient(n, Recipient(each), {}) for n, each in enumerate(conversations) if n not in had]
    if not people:
        return
    campaign = new_campaign(flow, "people.csv", TARGET, NOW, len(people), {}, clock=SYSTEM)
    await begin_campaign(campaign, people, [], journal)
    await resume_many(campaign, journal, world)


async def resume_many(campaign: Any, journal: Journal, world: World) -> None:
    """What `resume CAMPAIGN` does."""
    its = SimpleNamespace(**options())
    channel = Channel(world, journal, its.pace, its.doubts, its.stop, its.max_wait)  # type: ignore[arg-type]
    delivery = CampaignDelivery(campaign, load_text(MANY, "flow.yaml"), channel, Limits(window=1))
    async for _ in delivery.events():
        pass


SINGLE = ["c0", "c1", "refused0", "c2"]
AUDIENCE = [f"k{n}" for n in range(5)]


def killed(folder: Path) -> tuple[dict[str, Path], World]:
    """Journals as a kill leaves them, and as they were before: each a path, with its other files beside it.

    ``alone``: in a single run, a message just taken. ``many``: in a campaign, likewise. ``clean``: after a good end.
    And what was sent until that end. Its process has ended, so that nobody takes it for one that goes on.
    """
    subprocess.run([sys.executable, "-m", "support.torn", str(folder)], check=True, cwd=Path(__file__).parents[1])
    world = World()
    world.got, world.when = json.loads((folder / "got.json").read_text(encoding="utf-8"))
    return {name: folder / name / "journal.db" for name in ("early", "alone", "many", "clean")}, world


def work_and_keep(folder: Path) -> None:
    """What the process does that is killed, as far as the files are concerned."""
    world = World()
    path = folder / "work" / "journal.db"

    def keep(name: str) -> Callable[[], None]:
        return lambda: copy_journal(path, folder / name / "journal.db")

    world.at = {
        ("c1", "one"): keep("early"),
        ("c2", "two"): keep("alone"),
        ("k2", "many two"): keep("many"),
    }

    async def work() -> None:
        async with open_journal(path, clock=SYSTEM) as journal:
            for conversation in SINGLE:
                await send_alone(conversation, journal, world)
            await send_many(AUDIENCE, journal, world)

    asyncio.run(work())
    copy_journal(path, folder / "clean" / "journal.db")
    (folder / "got.json").write_text(json.dumps([world.got, world.when]), encoding="utf-8")


def world_of(name: str, world: World) -> World:
    """What had been sent when that copy was made."""
    ends = {"early": ("c1", "one"), "alone": ("c2", "two"), "many": ("k2", "many two")}
    past = world.copy()
    if name in ends:
        order = [(each, text) for each in [*SINGLE, *AUDIENCE] for text in world.got.get(each, [])]
        kept = order[: order.index(ends[name]) + 1]
        past.got = {each: [text for its, text in kept if its == each] for each, _ in kept}
    return past


def copy_journal(path: Path, to: Path) -> None:
    """Copy all of its files that there are."""
    to.parent.mkdir(parents=True, exist_ok=True)
    for end in ENDS:
        if Path(f"{path}{end}").exists():
            shutil.copy(f"{path}{end}", f"{to}{end}")


def go_on(path: Path, world: World) -> None:
    """Do all that a user may: resume what did not end, and start the same again.

    Raises:
        JournalError: The journal is refused.
    """

    async def work() -> None:
        async with open_journal(path, clock=SYSTEM) as journal:
            for record in await journal.runs(*LEFT, "failed"):
                await carry(record.run, journal, world)
            for campaign in await journal.campaigns(*LEFT):
                await resume_many(campaign, journal, world)
        async with open_journal(path, clock=SYSTEM) as journal:
            for conversation in SINGLE:
                await send_alone(conversation, journal, world)
            if world.got.keys() & set(AUDIENCE):
                await send_many(AUDIENCE, journal, world)
            for campaign in await journal.campaigns():
                report = await journal.report(campaign.id)
                assert len([each async for each in report.recipients]) == campaign.total

    asyncio.run(work())


def places(path: Path, dice: Random) -> dict[str, tuple[str, int]]:
    """One place in each part of a journal's files: which file, and which byte of it."""
    sizes = {end: Path(f"{path}{end}").stat().st_size if Path(f"{path}{end}").exists() else 0 for end in ENDS}
    found = {
        "header": ("", dice.randrange(100)),
        "schema": ("", dice.randrange(100, 4096)),
        "page": ("", dice.choice(_written(path, "", 4096))),
        "mark": ("-mark", dice.randrange(max(sizes["-mark"], 1))),
        "mark, a line": ("-mark", next((n for n, b in enumerate(Path(f"{path}-mark").read_bytes()) if b > 32), 0)),
    }
    if sizes["-shm"]:
        found["shm"] = ("-shm", dice.randrange(sizes["-shm"]))
    if sizes["-wal"] > 32 + 24:
        frame = 32 + dice.randrange((sizes["-wal"] - 32) // 4120) * 4120
        found["log header"] = ("-wal", dice.randrange(32))
        found["page number"] = ("-wal", frame + dice.randrange(8))
        found["salts"] = ("-wal", frame + 8 + dice.randrange(8))
        found["checksums"] = ("-wal", frame + 16 + dice.randrange(8))
        found["frame"] = ("-wal", dice.choice(_written(path, "-wal", 32)))
    return found


def _written(path: Path, end: str, start: int) -> list[int]:
    """The places of a file that are not empty."""
    return [place for place, byte in enumerate(Path(f"{path}{end}").read_bytes()) if byte and place >= start]


def flip(path: Path, end: str, place: int, dice: Random) -> None:
    """Change one bit, or the whole byte."""
    file = Path(f"{path}{end}")
    data = bytearray(file.read_bytes())
    if place < len(data):
        data[place] ^= dice.choice([1 << dice.randrange(8), dice.randrange(1, 256)])
        file.write_bytes(data)


if __name__ == "__main__":
    work_and_keep(Path(sys.argv[1]))
