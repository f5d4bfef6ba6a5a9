"""A campaign that writes first, as a user starts it: one request a message; killed it doubles and loses nothing."""

import json
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.dialects import DIALECTS
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.rates import Quota
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.numbers import sending_as
from support.program import KEY, flow, flowrunner, start
from support.started import Started

STEPS = (
    "{message: {message_type: template, template_name: welcome, template_language: es, template_params: [Ana]}}",
    '{message: "two"}',
    '{message: "three"}',
)
EXPECTED = ["template", "two", "three"]
SLOWNESS = ("latency:seconds=0.02", "store-late:seconds=0.08")
"""A request is taken after the first and answered after the second: most kills land in between."""
ALIKE = ("--rate", "100000/s", "--journal", "j.db")
IMPATIENT = ("--timeout", "0.7", "--grace", "0.5")
"""So that what a kill leaves in doubt is looked up soon."""


class Counting(EmulatorState):
    """An emulator that counts every request, whatever is asked."""

    requests = 0

    def count_request(self, key: str) -> Quota | None:
        """See `EmulatorState.count_request`."""
        self.requests += 1
        return super().count_request(key)


class Campaign:
    """So many phones without a conversation, and the program that writes to them first, in one dialect.

    What follows the template may be written at once, as if everybody answered it.
    """

    def __init__(self, folder: Path, dialect: str, people: int, *faults: str) -> None:
        self._folder, self.people = folder, people
        self.state = Counting(api_key=KEY, delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=SYSTEM)
        self.state.conversations.on_demand = True
        for fault in faults:
            self.state.faults.add(parse_fault(fault))
        self._as = sending_as(dialect)
        self._file = flow(folder / "first.yaml", STEPS)
        self._audience = folder / "p.csv"
        rows = "".join(f"+3460{number:07}\n" for number in range(people))
        self._audience.write_text(f"phone\n{rows}", encoding="utf-8")

    def begin(self, url: str, *more: str) -> Started:
        """The program that begins it."""
        to = ("--audience", self._audience, "--yes-send-to", str(self.people), "--max-failures", "100")
        return start("run", self._file, *to, "--api-url", url, *self._as, *ALIKE, *more, cwd=self._folder)

    def resume(self) -> Started:
        """The program that goes on with it."""
        return start("resume", *ALIKE, *IMPATIENT, cwd=self._folder)

    def count(self) -> int:
        """How many messages were taken."""
        return len(self.state.received())

    def killed(self, url: str, kills: int, dice: Random) -> Started:
        """Begin it and kill the program so often, each time after some messages more; the one that goes on then."""
        process, share = self.begin(url, *IMPATIENT), self.people * len(EXPECTED) // (kills + 2)
        for _ in range(kills):
            enough = self.count() + dice.randint(1, share)
            while self.count() < enough:
                assert process.poll() is None, process.communicate()
                time.sleep(0.002)
            process.kill()
            process.communicate()
            process = self.resume()
        return process

    def taken(self) -> dict[str, list[str]]:
        """What each phone got, in order, in whichever conversation."""
        got: dict[str, list[str]] = {}
        for each in self.state.received():
            phone = self.state.conversations.get(each.conversation_id).phone
            got.setdefault(phone, []).append(words(json.loads(each.raw)))
        return got


def words(posted: dict[str, Any]) -> str:
    """What was posted, in either dialect: a text's words, else its type."""
    its = posted.get("message", posted)
    kind = str(its.get("message_type") or its["type"])
    return str(its["content"] if "content" in its else its["text"]["body"]) if kind == "text" else kind


def finished(process: Started, people: int) -> None:
    said, complaints = process.communicate(timeout=300)
    assert (process.returncode, f"{people} finished" in said) == (0, True), said + complaints


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("people", "kills"), [(40, 2), pytest.param(500, 10, marks=pytest.mark.soak)], ids=["slice", "soak"]
)
def test_phones_without_a_conversation_get_everything_once(
    tmp_path: Path, dialect: str, people: int, kills: int
) -> None:
    """By one request a message, nothing looked up before nor between; killed meanwhile nobody is doubled or lost."""
    (tmp_path / "whole").mkdir()
    whole = Campaign(tmp_path / "whole", dialect, people)
    with running(whole.state) as url:
        finished(whole.begin(url), people)
    assert whole.taken() == {f"+3460{number:07}": EXPECTED for number in range(people)}
    assert whole.state.requests == people * len(EXPECTED)

    (tmp_path / "killed").mkdir()
    killed = Campaign(tmp_path / "killed", dialect, people, *SLOWNESS)
    with running(killed.state) as url:
        finished(killed.killed(url, kills, Random(people)), people)  # noqa: S311  # repeats itself
    assert killed.taken() == whole.taken()
    sys.stdout.write(
        f"\n{dialect}: {people} people, {whole.count()} messages by {whole.state.requests} requests; "
        f"killed {kills} times: {killed.count()} messages by {killed.state.requests} requests\n"
    )


def test_late_statuses_of_those_whose_conversation_no_answer_named(tmp_path: Path) -> None:
    """They are found by phone: what was not delivered is known by `status --refresh`, and is sent again when asked."""
    its = Campaign(tmp_path, "kapso-v1", 3, "read-failed:count=1")
    with running(its.state) as url:
        finished(its.begin(url), 3)
        deadline = time.monotonic() + 30
        learnt = ""
        while "1 could not be delivered" not in learnt:
            assert time.monotonic() < deadline, learnt
            learnt += flowrunner("status", "--refresh", "--journal", "j.db", cwd=tmp_path).stderr
        (campaign,) = json.loads(flowrunner("runs", "--format", "json", "--journal", "j.db", cwd=tmp_path).stdout)[
            "campaigns"
        ]
        again = flowrunner("resume", campaign["id"], "--only", "undelivered", *ALIKE, cwd=tmp_path)
        assert (again.returncode, "3 finished" in again.stdout) == (0, True), again.stderr
    assert sorted(map(len, its.taken().values())) == [3, 3, 4]
    assert len({each.conversation_id for each in its.state.received()}) == 3
