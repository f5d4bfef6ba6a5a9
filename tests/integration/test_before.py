"""What an earlier flowrunner wrote is read, listed and reported to the letter as it did, and gone on with as it did."""

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowrunner.cli.group import commands
from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.before import BEFORE, Before
from support.hasty import Hasty
from support.slices import part


def kinds(told: str) -> list[tuple[str, str, str]]:
    """Each commit, journal and kind of run or campaign of which something was told then."""
    return [
        (commit, journal, kind)
        for commit, its in BEFORE.items()
        for journal, names in its.facts[told].items()
        for kind in names
    ]


Call = Callable[..., tuple[Any, str]]


@pytest.fixture
def before(commit: str) -> Before:
    return BEFORE[commit]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: Before) -> Iterator[Call]:
    """The program in this process, as it was called then: its exit code, and what it printed."""
    settings = {"TZ": "UTC", "COLUMNS": "100", "NO_COLOR": "1", "KAPSO_API_KEY": before.facts["key"]}
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.delenv("FLOWRUNNER_API_URL", raising=False)
        patch.setattr(SYSTEM, "__class__", Hasty)
        time.tzset()

        def once(*arguments: str, journal: str = "journal") -> tuple[Any, str]:
            patch.setenv("FLOWRUNNER_JOURNAL", f"{journal}.db")
            done = CliRunner().invoke(commands, list(arguments), standalone_mode=False, catch_exceptions=False)
            return done.return_value, done.stdout

        yield once
    time.tzset()


@pytest.fixture
def state(before: Before) -> EmulatorState:
    return before.emulator()


@pytest.fixture
def url(state: EmulatorState) -> Iterator[str]:
    with running(state) as url:
        yield url


@pytest.mark.sliced
@pytest.mark.parametrize(("commit", "journal", "kind"), part(kinds("shown"), 2))
def test_what_is_said_of_an_old_journal_is_what_was_said_then(
    before: Before, journal: str, kind: str, call: Call, tmp_path: Path
) -> None:
    """Lists, statuses and reports, in all their formats; and nothing is taken for damaged. Pages may look better."""
    before.journal(journal, tmp_path)
    for words, said in before.facts["shown"][journal][kind].items():
        assert _plain(call(*words.split(), journal=journal)[1]) == _plain(said), words


def _plain(text: str) -> Any:
    """What is said, without what was added since to what programs read."""
    try:
        data = json.loads(text)
    except ValueError:
        return _unstyled(text)
    for each in [data.get("campaign"), *data.get("campaigns", ())] if isinstance(data, dict) else ():
        for added in ("detached_at", "stopped"):
            if each is not None:
                each.pop(added, None)
    return data


def _unstyled(text: str) -> str:
    """What a page says, without how it is drawn and the hash of that, and without a campaign's options, which are in
    other words since; any other text as it is, but for a moment that has passed, which was told as one to come.
    """
    text = text.replace("next one continues at 2026-03-02", "next one can go on since 2026-03-02")
    said = re.sub(r"<style>.*?</style>|style-src 'sha256-[^']*'", "", text, flags=re.DOTALL)
    return re.sub(r"(<div><dt>To</dt>.*?</div>)(\s*<div><dt>.*?</div>)*", r"\1", said)


@pytest.mark.sliced
@pytest.mark.parametrize(("commit", "journal", "kind"), part(kinds("named"), 2))
def test_what_began_under_an_older_version_goes_on(
    before: Before, journal: str, kind: str, call: Call, tmp_path: Path, state: EmulatorState, url: str
) -> None:
    """The very messages that are left leave, to the very people, and it ends as it did then."""
    before.journal(journal, tmp_path, url)
    name, then = before.facts["named"][journal][kind], before.facts["resumed"][journal][kind]
    known = len(state.received())
    code, said = call(
        "resume", name, "--grace", "0", "--timeout", "1", "--rate", "1000/s", *then["options"], journal=journal
    )
    received = [(each, json.loads(each.raw)["message"]) for each in state.received()[known:]]
    assert all(isinstance(message["content"], str) for _, message in received)
    posted = [[state.conversations.get(each.conversation_id).phone, _as_written(message)] for each, message in received]
    assert sorted(posted, key=lambda each: each[0]) == [[phone, _as_written(its)] for phone, its in then["posted"]], (
        said
    )
    assert code == then["code"]
    listed = json.loads(call("runs", name, "--format", "json", journal=journal)[1])
    its_own = listed.get("run", listed.get("campaign"))
    assert its_own.get("states", its_own.get("state")) == then["states"]
    assert call("journal", "check", journal=journal)[0] == 0


def _as_written(message: dict[str, Any]) -> dict[str, Any]:
    """A message without what was added in time: its content, and the phone where a template opens a conversation."""
    added = {"phone_number"} if message["message_type"] == "text" else {"phone_number", "content"}
    return {name: value for name, value in message.items() if name not in added}


@pytest.mark.parametrize("commit", BEFORE)
@pytest.mark.parametrize(("name", "people"), [("one", 1), ("all", 5)])
def test_a_plan_of_then_is_carried_out(
    before: Before, name: str, people: int, call: Call, tmp_path: Path, state: EmulatorState, url: str
) -> None:
    """Exactly the messages that stand in it."""
    plan = before.plan(name, tmp_path, url)
    planned = [json.loads(line) for line in plan.read_text(encoding="utf-8").splitlines()[1:-1]]
    if name == "one":
        state.conversations.create("+5215500009999", conversation_id="planned")
    known = len(state.received())
    options = ("--max-age", "36500d", "--yes-send-to", str(people), "--rate", "1000/s")
    assert call("run", "plan.jsonl", *options)[0] == 0
    posted: dict[str, list[Any]] = {}
    for each in state.received()[known:]:
        talk = state.conversations.get(each.conversation_id)
        posted.setdefault(talk.id if name == "one" else talk.phone, []).append(json.loads(each.raw)["message"])
    wanted = {row.get("conversation", row.get("phone")): row["messages"] for row in planned if "left_out" not in row}
    assert posted == wanted
