"""Files that somebody saves anew between the check and the yes: only what was checked is sent, or it is refused."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import flowrunner
from flowrunner.app.campaigns.audience import AudienceRequest
from flowrunner.app.plans.make import planned, save_plan
from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import people
from support.journals import blocking
from support.program import KEY, flow
from support.program import flowrunner as program
from support.terminal import Terminal

CHANGES: dict[str, Callable[[Path], object]] = {
    "saved with others": lambda path: path.write_text("conversation;name\nc0;Eve\nc1;Eve\n", encoding="utf-8"),
    "longer": lambda path: path.write_text(f"{path.read_text(encoding='utf-8')}c9,Zed\n", encoding="utf-8"),
    "cut": lambda path: path.write_text(path.read_text(encoding="utf-8")[:-8], encoding="utf-8"),
    "empty": lambda path: path.write_text("", encoding="utf-8"),
    "gone": lambda path: path.unlink(),
    "another in its place": lambda path: people(path.with_suffix(".new"), 2).replace(path),
}


@pytest.fixture
def loaded(tmp_path: Path) -> flowrunner.Loaded:
    return flowrunner.load(flow(tmp_path / "f.yaml", ['{message: "Hello {{ name }}"}'], "{name: {type: string}}"))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_audience_that_changes_before_the_yes_is_refused(
    tmp_path: Path, loaded: flowrunner.Loaded, state: EmulatorState, url: str, change: Callable[[Path], object]
) -> None:
    file, journal = people(tmp_path / "p.csv", 3), tmp_path / "j.db"

    def confirm(_: flowrunner.Facts) -> bool:
        change(file)
        return True

    with pytest.raises(flowrunner.FlowError, match=r"p\.csv.*(has changed|reading it stopped)") as caught:
        flowrunner.run_campaign(loaded, file, flowrunner.Sender(KEY, url), journal=journal, confirm=confirm)
    assert caught.value.diagnostics[0].hint
    assert state.received() == ()
    with blocking(journal, read_only=True) as its:
        assert sum(its.counts(its.campaigns()[0].id).states.values()) == 0


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_of_an_audience_that_changes_before_it_is_saved_no_plan_is_made(
    tmp_path: Path, loaded: flowrunner.Loaded, change: Callable[[Path], object]
) -> None:
    file, plan = people(tmp_path / "p.csv", 3), tmp_path / "p.plan"

    async def scene() -> None:
        sender = flowrunner.Sender(KEY)
        async with planned(loaded, AudienceRequest(file), sender, tmp_path / "j.db", clock=SYSTEM) as ready:
            change(file)
            save_plan(ready, [tmp_path / "f.yaml", file], tmp_path / "j.db", plan)

    with pytest.raises((flowrunner.FlowError, flowrunner.RefusedError), match=r"p\.csv"):
        asyncio.run(scene())
    assert not plan.exists()


def test_a_plan_that_is_made_again_before_the_yes_is_refused(
    tmp_path: Path, loaded: flowrunner.Loaded, state: EmulatorState, url: str
) -> None:
    """What was confirmed is not what it says by then."""
    file, plan, sender = people(tmp_path / "p.csv", 3), tmp_path / "p.plan", flowrunner.Sender(KEY, url)

    def made() -> None:
        flowrunner.make_plan(loaded, file, plan, sender, journal=tmp_path / "j.db")

    def confirm(_: flowrunner.Facts) -> bool:
        file.write_text(file.read_text(encoding="utf-8").replace("c1", "c7"), encoding="utf-8")
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(made).result()
        return True

    made()
    with pytest.raises(flowrunner.RefusedError, match="has changed since it was checked"):
        flowrunner.run_plan(plan, sender, confirm=confirm)
    assert state.received() == ()


def test_who_answers_at_a_terminal_is_told_what_to_do(tmp_path: Path, state: EmulatorState, url: str) -> None:
    file, audience = flow(tmp_path / "f.yaml", ["{message: Hello}"]), people(tmp_path / "p.csv", 3)
    with Terminal("run", file, "--audience", audience, "--api-url", url, cwd=tmp_path) as its:
        its.until("Type the number")
        CHANGES["longer"](audience)
        its.type("3\n")
        its.until("the file has changed since it was checked")
        its.until("run the command again")
        assert its.end() == 1
    assert state.received() == ()


def test_who_confirms_a_plan_at_a_terminal_is_told_what_to_do(tmp_path: Path, state: EmulatorState, url: str) -> None:
    file, audience = flow(tmp_path / "f.yaml", ["{message: Hello}"]), people(tmp_path / "p.csv", 3)
    command = ("plan", file, "--audience", audience, "--api-url", url, "--output", "p.plan")
    assert program(*command, cwd=tmp_path).returncode == 0
    with Terminal("run", "p.plan", cwd=tmp_path) as its:
        its.until("Type the number")
        assert program(*command, cwd=tmp_path).returncode == 0
        its.type("3\n")
        its.until("has changed since it was checked")
        its.until("run the command again")
        assert its.end() == 1
    assert state.received() == ()
