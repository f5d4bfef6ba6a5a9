"""A rate is one for all processes of a journal, also for those that begin after others have ended; by real ones."""

import time
from pathlib import Path

import pytest

from flowrunner.emulator.api.state import EmulatorState
from support.program import flow, start
from support.started import Started

pytestmark = pytest.mark.long

PROCESSES, WANTED, RATE = 3, 30, 40


@pytest.fixture(params=["sqlite", "postgres"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the journal is that they have in common."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else str(tmp_path / "j.db")


def started(folder: Path, number: int, journal: str, url: str) -> Started:
    """A process that sends to so many people, each one message, by a template: nobody is looked up."""
    message = "{message: {message_type: template, template_name: hi, template_language: en}, until: accepted}"
    people = folder / f"{number}.csv"
    people.write_text("conversation\n" + "".join(f"c{number}-{each}\n" for each in range(WANTED)), encoding="utf-8")
    return start(
        "run", flow(folder / f"f{number}.yaml", [message]), "--audience", people, "--yes-send-to", str(WANTED),
        "--api-url", url, "--rate", f"{RATE}/min", FLOWRUNNER_JOURNAL=journal, cwd=folder,
    )  # fmt: skip


def test_all_processes_together_keep_to_the_rate_and_so_do_those_that_come_later(
    tmp_path: Path, journal: str, state: EmulatorState, url: str
) -> None:
    """Whoever begins while the others' messages are of the last minute waits, though all of those have ended."""
    for number in range((PROCESSES + 1) * WANTED):
        process, each = divmod(number, WANTED)
        state.conversations.create(f"+3460000{number:04}", conversation_id=f"c{process}-{each}")
    begun = time.monotonic()
    running = [started(tmp_path, number, journal, url) for number in range(PROCESSES)]
    while len(state.received()) < RATE:
        assert time.monotonic() < begun + 50, "they take too long: it is not known what a minute had"
        assert any(each.poll() is None for each in running), [each.communicate() for each in running]
        time.sleep(0.05)
    time.sleep(1)
    for each in running:
        each.terminate()
    for each in running:
        each.communicate(timeout=30)
    late = started(tmp_path, PROCESSES, journal, url)
    assert late.stderr is not None
    assert any("campaign " in line for line in late.stderr), "it has not begun"
    time.sleep(1)
    late.terminate()
    late.communicate(timeout=30)
    assert len(state.received()) == RATE or time.monotonic() > begun + 60
    assert len({each.conversation_id.partition("-")[0] for each in state.received()}) > 1
