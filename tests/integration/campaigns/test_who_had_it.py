"""Who got nothing of a flow did not have it: the next campaign, plan or run sends it to them."""

from pathlib import Path

import pytest

from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import QUICK, people, received
from support.program import flow, flowrunner, start

STEPS = ['{message: "for some", when: "code == \\"never\\""}', '{message: "for {{ name }}"}']
INPUTS = "{name: {type: string}, code: {type: string}}"


@pytest.mark.parametrize("way", ["campaign", "plan", "run", "resume"])
def test_who_was_refused_everything_is_sent_to_the_next_time(
    tmp_path: Path, state: EmulatorState, url: str, way: str
) -> None:
    """Step 1 is left out by its condition, step 2 refused: nothing was taken (issue 10, line 5)."""
    file, audience = flow(tmp_path / "f.yaml", STEPS, INPUTS), people(tmp_path / "p.csv", 2)
    state.faults.add(parse_fault("status:code=422,count=2"))
    options = ("--audience", audience, "--api-url", url)
    sending = (*options, "--yes-send-to", "2", *QUICK)
    first = flowrunner("run", file, *sending, cwd=tmp_path)
    assert (first.returncode, received(state)) == (3, {}), first.stderr
    campaign = first.stderr.split("campaign ")[1].split()[0]
    if way == "campaign":
        done = flowrunner("run", file, *sending, cwd=tmp_path)
    elif way == "plan":
        planned = flowrunner("plan", file, *options, "--output", "plan", cwd=tmp_path)
        assert planned.returncode == 0, planned.stderr
        done = flowrunner("run", "plan", "--yes-send-to", "2", *QUICK, cwd=tmp_path)
    elif way == "resume":
        done = flowrunner("resume", campaign, *QUICK, cwd=tmp_path)
    else:
        for n in (0, 1):
            one = ("--conversation", f"c{n}", "--var", f"name=Ana {n}", "--var", "code=x", "--api-url", url)
            done = flowrunner("run", file, *one, *QUICK, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
    assert done.returncode == 0, done.stderr
    everybody = {"c0": ["for Ana 0"], "c1": ["for Ana 1"]}
    assert received(state) == everybody
    # Whatever goes on with the first campaign now finds that they have it.
    late = flowrunner("resume", campaign, *QUICK, cwd=tmp_path)
    assert late.returncode == 0, late.stderr
    assert received(state) == everybody


def test_a_run_that_was_overtaken_in_its_pause_sends_nothing(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """A campaign waits in its first step; a second one sends; the first leaves those people out when it wakes."""
    file = flow(tmp_path / "f.yaml", ["{pause: 3s}", '{message: "for {{ name }}"}'], INPUTS)
    audience = people(tmp_path / "p.csv", 2)
    sending = ("--audience", audience, "--api-url", url, "--yes-send-to", "2", *QUICK)
    with start("run", file, *sending, cwd=tmp_path) as first:
        other = flow(tmp_path / "g.yaml", ['{message: "for {{ name }}"}'], INPUTS)
        other.write_text(other.read_text(encoding="utf-8").replace("name: g", "name: f"), encoding="utf-8")
        while not (tmp_path / ".flowrunner" / "journal.db").exists():
            assert first.poll() is None
        second = flowrunner("run", other, *sending, cwd=tmp_path)
        assert second.returncode == 0, second.stderr
        first.communicate(timeout=30)
    assert received(state) == {"c0": ["for Ana 0"], "c1": ["for Ana 1"]}
