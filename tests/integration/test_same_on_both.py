"""The same campaign, its journal in a file and in PostgreSQL: the same reports, and the same bytes for each person."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.journals import blocking
from support.program import KEY, flowrunner, start

pytestmark = pytest.mark.long

FLOW = """\
name: welcome
inputs: {name: {type: string}, plan: {type: string, enum: [free, pro]}}
steps:
  - message: "¡Hola {{ name }}! 👋"
  - when: plan == "pro"
    message: {message_type: image, media_url: "https://cdn.example.com/{{ plan }}.jpg", caption: "{{ name }}"}
  - pause: 20ms
  - id: who
    message: "How many people work with you, {{ name }}?"
    reply: {within: 20h, settle: 0s, answers: [{number: {min: 1}, steps: [{message: "{{ who.value }}, then."}]}],
            otherwise: {again: A number please., times: 1, then: continue}, no_reply: continue}
  - message: "Bye, {{ name }}."
anytime: [{words: [stop], end: opted_out}]
"""
PEOPLE = 12
SAID = {0: ["7"], 1: ["many", "8"], 2: ["stop"], 3: ["many", "too many"]}
"""What every fourth person answers."""


def test_a_campaign_comes_to_the_same_by_whatever_journal_and_workers(
    tmp_path: Path, postgres_server: Callable[[], str]
) -> None:
    """By one process on a file, by one on a server, and by three workers there that a fourth process hands it to."""
    ways = {"file": (tmp_path / "journal.db", 0), "server": (postgres_server(), 0), "workers": (postgres_server(), 3)}
    came = {name: carried_out(tmp_path / name, str(place), workers) for name, (place, workers) in ways.items()}
    sent, report, runs = came["file"]
    assert [len(sent[f"c{number}"]) for number in range(PEOPLE)] == [5, 5, 3, 4] * (PEOPLE // 4)
    for name in ("server", "workers"):
        assert came[name][0] == sent, name
        assert came[name][1] == report, name
        assert came[name][2] == runs, name


def carried_out(folder: Path, journal: str, workers: int) -> tuple[dict[str, list[bytes]], Any, Any]:
    """What each person was sent, as bytes; the report; and what `runs` lists. Without what differs each time."""
    folder.mkdir()
    (folder / "welcome.yaml").write_text(FLOW, encoding="utf-8")
    rows = "".join(f"c{n},Ana {n},{('pro', 'free')[n % 2]}\n" for n in range(PEOPLE))
    (folder / "people.csv").write_text(f"conversation,name,plan\n{rows}", encoding="utf-8")
    state = EmulatorState(api_key=KEY, delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=SYSTEM)
    for number in range(PEOPLE):
        state.conversations.create(f"+52155123456{number:02}", conversation_id=f"c{number}")
    with running(state) as url, ExitStack() as stack:
        how = {"FLOWRUNNER_JOURNAL": journal, "FLOWRUNNER_API_URL": url, "FLOWRUNNER_RATE": "1000/s"}
        command = ["run", "welcome.yaml", "--audience", "people.csv", "--yes-send-to", str(PEOPLE)]
        for _ in range(workers):
            stack.enter_context(started("worker", "--port", "0", cwd=folder, **how))
        done = flowrunner(*command, *(["--detach"] if workers else []), cwd=folder, **how)
        assert done.returncode == 0, done.stdout + done.stderr
        stack.enter_context(started("listen", "--poll", "--port", "0", cwd=folder, **how))
        answers = {f"c{number}": [*SAID[number % 4]] for number in range(PEOPLE)}
        until = time.monotonic() + 60
        while states(journal) - {"finished", "opted_out"}:
            assert time.monotonic() < until, states(journal)
            for talk, left in answers.items():
                answer(state, talk, left)
            time.sleep(0.2)
        [campaign] = json.loads(flowrunner("runs", "--format", "json", cwd=folder, **how).stdout)["campaigns"]
        report = json.loads(flowrunner("report", campaign["id"], "--format", "json", cwd=folder, **how).stdout)
    sent: dict[str, list[bytes]] = {}
    for each in state.received():
        sent.setdefault(each.conversation_id, []).append(each.raw)
    return sent, plain(report), plain(campaign)


@contextmanager
def started(*command: str, cwd: Path, **how: str) -> Iterator[None]:
    """A process that is up, and is killed at the end."""
    with start(*command, cwd=cwd, **how) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), process.stderr
            yield
        finally:
            process.kill()


def states(journal: str) -> set[str]:
    """Where people are."""
    with blocking(journal, read_only=True) as its:
        [campaign] = its.campaigns()
        return {*its.counts(campaign.id).states}


def answer(state: EmulatorState, talk: str, left: list[str]) -> None:
    """What they say next, once they are asked something that they have not answered."""
    shown = state.messages(talk, "oldest")
    if (
        left
        and shown
        and shown[-1].direction == "outbound"
        and str(shown[-1].body["content"]).endswith(("?", "please."))
    ):
        state.add_inbound(talk, inbound_body({"message_type": "text", "content": left.pop(0)}))


CHANGING = {"id", "run", "now", "created_at", "started", "updated", "updated_at", "target", "timeline", "message_id",
            "wamid", "last_message_id", "at", "audience", "detached_at"}  # fmt: skip


def plain(data: Any) -> Any:
    """Without what is another each time: ids and moments."""
    if isinstance(data, dict):
        return {name: plain(value) for name, value in data.items() if name not in CHANGING}
    return [*map(plain, data)] if isinstance(data, list) else data
