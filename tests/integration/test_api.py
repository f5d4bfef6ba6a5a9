"""The Python API as a program calls it: with an event loop and without, with a phone and a conversation."""

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flowrunner
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from support.program import KEY, flow, texts
from support.program import flowrunner as program

PHONE = "+5215512345678"
Run = Callable[..., flowrunner.RunResult]


def run_async(*arguments: Any, **more: Any) -> flowrunner.RunResult:
    """`run_async` in a loop of its own."""
    return asyncio.run(flowrunner.run_async(*arguments, **more))


RUNS = pytest.mark.parametrize("run", [flowrunner.run, run_async], ids=["run", "run_async"])
RIGHT = [
    flowrunner.Recipient(conversation="c1"),
    flowrunner.Recipient(phone=PHONE),
    flowrunner.Recipient(phone="+52 1 55 1234-5678"),
    flowrunner.Recipient(phone="+525512345678"),
    flowrunner.Recipient(conversation="c1", phone=PHONE),
]
WRONG = [
    (flowrunner.Recipient(), "rendered without a recipient"),
    (None, "rendered without a recipient"),
    (flowrunner.Recipient(phone="+4915112345678"), "no active conversation with +4915112345678"),
    (flowrunner.Recipient(phone="Ana"), "no active conversation with Ana"),
    (flowrunner.Recipient(conversation="nosuch"), "not found"),
    (flowrunner.Recipient(conversation="c1", phone="+4915112345678"), "+5215512345678"),
]


def rendered(folder: Path, recipient: flowrunner.Recipient | None) -> flowrunner.Rendering:
    """A flow of two messages, rendered."""
    loaded = flowrunner.load(flow(folder / "f.yaml", ['{message: "one {{ recipient.phone }}"}', '{message: "two"}']))
    whom = {} if recipient is None else {"recipient": recipient._replace(phone=recipient.phone or PHONE)}
    if recipient == flowrunner.Recipient():
        whom = {"recipient": recipient}
        loaded = flowrunner.load(flow(folder / "g.yaml", ['{message: "one"}']))
    elif recipient is not None and not recipient.phone:
        whom = {"recipient": recipient}
        loaded = flowrunner.load(flow(folder / "g.yaml", [f'{{message: "one {PHONE}"}}', '{message: "two"}']))
    return flowrunner.render(loaded, **whom)


@RUNS
@pytest.mark.parametrize("recipient", RIGHT, ids=str)
def test_a_person_is_found_and_sent_to(
    tmp_path: Path, state: EmulatorState, url: str, run: Run, recipient: flowrunner.Recipient
) -> None:
    """By the conversation, or by the phone in any spelling; what was rendered is what is sent."""
    rendering = rendered(tmp_path, recipient)
    result = run(rendering, key=KEY, journal=tmp_path / "j.db", api_url=url)
    assert result.state == "finished"
    assert texts(state) == [each.wire for each in rendering.messages]
    with pytest.raises(flowrunner.SentBeforeError):
        run(rendering, key=KEY, journal=tmp_path / "j.db", api_url=f"{url}/api/v1/")
    assert run(rendering, key=KEY, journal=tmp_path / "j.db", api_url=url, again=True).state == "finished"


@RUNS
@pytest.mark.parametrize(("recipient", "said"), WRONG, ids=str)
def test_nobody_to_send_to_is_an_error_before_anything_is_written(
    tmp_path: Path, state: EmulatorState, url: str, run: Run, recipient: flowrunner.Recipient | None, said: str
) -> None:
    """No run that failed, with hints about options that a program does not have."""
    with pytest.raises(flowrunner.RecipientError) as caught:
        run(rendered(tmp_path, recipient), key=KEY, journal=tmp_path / "j.db", api_url=url)
    assert said in str(caught.value)
    assert texts(state) == []
    assert not (tmp_path / "j.db").exists()


@RUNS
def test_a_key_that_is_refused_is_an_error_before_anything_is_written(tmp_path: Path, url: str, run: Run) -> None:
    """It is learnt when the person is looked up."""
    with pytest.raises(flowrunner.RecipientError, match="KAPSO_API_KEY"):
        run(rendered(tmp_path, RIGHT[1]), key="wrong-key-0000", journal=tmp_path / "j.db", api_url=url)
    assert not (tmp_path / "j.db").exists()


def test_run_within_a_running_loop_names_run_async(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """As in Jupyter and FastAPI; and nothing was sent, nor is a coroutine left that nobody awaited."""

    async def notebook() -> flowrunner.RunResult:
        rendering = rendered(tmp_path, RIGHT[1])
        with pytest.raises(RuntimeError, match=r"await flowrunner\.run_async"):
            flowrunner.run(rendering, key=KEY, journal=tmp_path / "j.db", api_url=url)
        assert texts(state) == []
        return await flowrunner.run_async(rendering, key=KEY, journal=tmp_path / "j.db", api_url=url)

    assert asyncio.run(notebook()).state == "finished"


def test_both_take_the_same_arguments() -> None:
    """`run_async` can be stopped besides."""
    ours, theirs = (inspect.signature(each).parameters for each in (flowrunner.run, flowrunner.run_async))
    assert dict(theirs) == {**ours, "stop": theirs["stop"]}


def test_what_a_program_began_the_command_line_resumes(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """One journal, one name of the API: neither sends what the other has sent."""
    state.faults.add(parse_fault("status:code=401,after=1,count=1"))
    rendering = rendered(tmp_path, RIGHT[1])
    result = flowrunner.run(rendering, key=KEY, journal=tmp_path / "j.db", api_url=url)
    assert result.state == "failed"
    assert program("resume", result.run_id, "--journal", "j.db", cwd=tmp_path).returncode == 0
    assert texts(state) == [each.wire for each in rendering.messages]
    refused = program(
        "run", "f.yaml", "--phone", PHONE, "--api-url", url, "--journal", "j.db", cwd=tmp_path
    )  # fmt: skip
    assert (refused.returncode, "was sent to this conversation" in refused.stderr) == (1, True)
