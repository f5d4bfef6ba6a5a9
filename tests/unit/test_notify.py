"""A program is told how runs ended: each at least once, in order, signed, across restarts."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flowrunner.client.callbacks import checked
from flowrunner.clock import SYSTEM
from flowrunner.journal import Journal, open_journal
from flowrunner.model import Recipient
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics
from flowrunner.receiver.notify import Address, Notifier
from support.journalled import event, named

URL = "https://crm.example.com/flowrunner?token=s3cret-in-it"
SECRET = "shared"
ANA = Recipient("c-1", "+5215512345678")


class Program:
    """Answers as it is told to, and keeps what it took."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.taken: list[tuple[Mapping[str, str], Any]] = []
        self.waited: list[float] = []
        self.lines: list[str] = []

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        assert url == URL
        assert headers["X-Webhook-Signature"] == hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        answer = self.answers.pop(0) if self.answers else 200
        if 200 <= answer < 300:
            self.taken.append((headers, json.loads(body)))
        return answer

    async def sleep(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return len(self.waited) > 9

    @property
    def runs(self) -> list[str]:
        return [each["run"] for _, each in self.taken]

    async def told(self, journal: Journal) -> None:
        log, address = Log(self.lines.append, SYSTEM), Address(URL, SECRET)
        await Notifier(address, journal, self.post, Metrics(), log, SYSTEM).tell_news(self.sleep)


async def ends(journal: Journal, run: str, kind: str = "finished", **detail: Any) -> None:
    await journal.begin(named(run, recipient=ANA, listens=True))
    await journal.append(event("begun", run=run), event(kind, "", run=run, detail=detail))


def test_each_end_is_told_once_it_is_taken_and_in_its_order(tmp_path: Path) -> None:
    """What is not taken is told again, later and later; nobody is told before them. A restart goes on there."""
    program = Program(500, 0, 302, 200)

    async def listen() -> None:
        async with open_journal(tmp_path / "j.db", clock=SYSTEM) as journal:
            await ends(journal, "before")
            await program.told(journal)
            await ends(journal, "a", "handed_over", reason="asked for a person")
            await ends(journal, "b", "failed", reason="no")
            await ends(journal, "c", "opted_out")
            await program.told(journal)
            await ends(journal, "d")
        async with open_journal(tmp_path / "j.db", clock=SYSTEM) as journal:
            await program.told(journal)

    asyncio.run(listen())
    assert program.runs == ["a", "c", "d"]
    assert program.waited == [1, 2, 4]
    headers, first = program.taken[0]
    assert headers["X-Webhook-Event"] == first["event"] == "run.handed_over"
    assert (first["reason"], first["campaign"], first["flow"]) == ("asked for a person", None, "onboarding")
    assert first["recipient"] == {"conversation": "c-1", "phone": "+5215512345678", "user_id": None}
    assert [each["event"] for _, each in program.taken[1:]] == ["run.opted_out", "run.finished"]
    assert len({each["X-Idempotency-Key"] for each, _ in program.taken}) == 3
    assert not [each for each in ("+52155", "s3cret", SECRET) if each in "".join(program.lines)]


def test_a_stop_ends_the_trying_and_nothing_is_lost(tmp_path: Path) -> None:
    """The next listener tells it; the secret's address is nowhere in the journal."""
    down, up = Program(*[503] * 99), Program()

    async def listen() -> None:
        async with open_journal(tmp_path / "j.db", clock=SYSTEM) as journal:
            await down.told(journal)
            await ends(journal, "a")
            await down.told(journal)
        async with open_journal(tmp_path / "j.db", clock=SYSTEM) as journal:
            await up.told(journal)
            await up.told(journal)

    asyncio.run(listen())
    assert (down.taken, max(down.waited)) == ([], 60)
    assert up.runs == ["a"]
    assert b"s3cret-in-it" not in b"".join(each.read_bytes() for each in tmp_path.iterdir())


def test_a_stop_is_not_kept_waiting_by_all_that_is_still_to_be_told(tmp_path: Path) -> None:
    """What is under way is told; the rest is the next listener's."""
    program = Program()

    async def listen() -> None:
        async with open_journal(tmp_path / "j.db", clock=SYSTEM) as journal:
            await program.told(journal)
            for run in ("a", "b", "c"):
                await ends(journal, run)
            address = Address(URL, SECRET)
            notifier = Notifier(address, journal, program.post, Metrics(), Log(program.lines.append, SYSTEM), SYSTEM)
            await notifier.tell_news(program.sleep, lambda: len(program.taken) >= 2)
            assert program.runs == ["a", "b"]
            await program.told(journal)

    asyncio.run(listen())
    assert program.runs == ["a", "b", "c"]


RIGHT = ["https://crm.example.com/x?y=1", "http://127.0.0.1:9000/", "http://localhost/x", "http://[::1]:8080/x"]
WRONG = ["http://crm.example.com/", "ftp://x", "crm.example.com", "", "https://", "https://u:p@x.com/", "https://x:port/",
         "http://127.0.0.1.evil.com/", "https://a b/", "http://2130706433/"]  # fmt: skip


@pytest.mark.parametrize("url", RIGHT)
def test_what_is_told_goes_over_https_or_stays_here(url: str) -> None:
    """Names of people are in it."""
    assert checked(url) == url


@pytest.mark.parametrize("url", WRONG)
def test_what_others_could_read_on_its_way_is_not_told(url: str) -> None:
    """Nor is what stands in the address repeated."""
    with pytest.raises(ValueError, match=r"^(the URL|over http)") as refusal:
        checked(url)
    assert not [each for each in ("crm", "u:p", "evil", "port/") if each in str(refusal.value)]
