"""Files that the API has lost, as one process with many messages under way meets them."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from flowrunner.client import Rejected
from flowrunner.delivery import Pace, Rate, Uploads
from flowrunner.dialects import dialect_of
from flowrunner.dialects.values import File
from flowrunner.journal import open_journal
from flowrunner.model import Bundle
from flowrunner.model.media import MediaFile
from support.virtual import VirtualClock

CONTENT = b"a picture"
ITS = MediaFile(sha256(CONTENT).hexdigest(), len(CONTENT), "image/png")
WIRE = json.dumps({"type": "image", "image": {"id": ITS.reference}}, separators=(",", ":"))
LOST = Rejected("Media upload error", code="131053", status=400)


class Api:
    """Gives each upload an id of its own."""

    dialect = dialect_of("meta")
    uploads = 0

    async def upload(self, _: File) -> str:
        self.uploads += 1
        return f"id{self.uploads}"


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock() as clock:
        yield clock


@asynccontextmanager
async def uploads(folder: Path, clock: VirtualClock, api: Any) -> AsyncIterator[Uploads]:
    (folder / "hello.png").write_bytes(CONTENT)
    bundle = Bundle.of(str(folder / "flow.yaml"), "", {"hello.png": ITS.pointer})
    async with open_journal(folder / "journal.db", clock=clock) as journal:
        target = "meta https://api.example.com/meta/whatsapp/v24.0/17"
        yield Uploads(bundle, target, api, journal, Pace(Rate(1000, 1.0), clock=clock), 1.0)


def test_messages_that_were_under_way_with_a_lost_file_are_all_sent_again(tmp_path: Path, clock: VirtualClock) -> None:
    """The first of them has it uploaded anew; the others have left with the old one, too, and need no upload."""
    api = Api()

    async def scene() -> None:
        async with uploads(tmp_path, clock, api) as before:
            await before.ready(clock.sleep)
        async with uploads(tmp_path, clock, api) as its:
            old = [await its.filled(WIRE, clock.sleep) for _ in range(3)]
            assert {*old} == {WIRE.replace(ITS.reference, "id1")}
            assert [await its.renewed(LOST, WIRE, str(each), clock.sleep) for each in old] == [True] * 3
            new = await its.filled(WIRE, clock.sleep)
            assert new == WIRE.replace(ITS.reference, "id2")
            assert not await its.renewed(LOST, WIRE, new, clock.sleep), "what is refused again has failed"

    clock.run(scene())
    assert api.uploads == 2


def test_a_text_that_looks_like_the_reference_to_a_file_is_a_text(tmp_path: Path, clock: VirtualClock) -> None:
    """Somebody sends the digest of a file that the flow does not have."""
    body = MediaFile("0" * 64, 1, "image/png").reference
    wire = json.dumps({"type": "text", "text": {"body": body}}, separators=(",", ":"))

    async def scene() -> None:
        async with uploads(tmp_path, clock, Api()) as its:
            assert await its.filled(wire, clock.sleep) == wire
            assert not await its.renewed(LOST, wire, wire, clock.sleep)

    clock.run(scene())
