"""Every example flow is sent whole, to the emulator on a real socket; both go by a clock that runs fast."""

import json
from pathlib import Path

import pytest

from flowrunner.emulator.api.state import EmulatorState
from flowrunner.flow import load_file
from flowrunner.model import MessageStep
from support.examples import ON_BOTH, ONLY_META
from support.hasty import HASTY
from support.program import KEY, flowrunner, hasty, texts

PATIENT = ("--timeout", "50")
"""By the fast clock this is five seconds."""


@pytest.fixture
def state() -> EmulatorState:
    state = EmulatorState(api_key=KEY, clock=HASTY)
    state.conversations.create("+5215512345678", conversation_id="c1")
    return state


@pytest.mark.parametrize("file", ONLY_META, ids=lambda f: f.stem)
def test_what_only_meta_has_arrives_there_and_is_refused_before_anything_is_sent_elsewhere(
    tmp_path: Path, state: EmulatorState, url: str, file: Path
) -> None:
    """Every message of an example flow, whose inputs get their examples."""
    import yaml

    inputs = yaml.safe_load(file.read_text(encoding="utf-8"))["inputs"]
    given = [f"{name}={each.get('default', each.get('example'))}" for name, each in inputs.items()]
    to = ("--phone", "+5215512345678", "--api-url", url, *(word for each in given for word in ("--var", each)))
    theirs = state.add_inbound("c1", {"message_type": "text", "content": "Is there a place left?"})
    refused = hasty("run", file, *to, cwd=tmp_path)
    assert (refused.returncode, state.received()) == (1, ())
    assert "error[not-in-dialect]" in refused.stderr
    done = hasty("run", file, *to, "--dialect", "meta", "--number", "100000000000001", *PATIENT, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("finished")
    kinds = [step.message.get("message_type") for step in load_file(file).flow.steps if isinstance(step, MessageStep)]
    assert len(state.received()) == len([kind for kind in kinds if kind != "read"])
    marked = state.message(theirs.id)
    assert marked is not None
    assert (marked.statuses[-1].status == "read") == ("read" in kinds)


@pytest.mark.parametrize("file", ON_BOTH, ids=lambda f: f.stem)
def test_what_is_previewed_is_what_arrives(tmp_path: Path, state: EmulatorState, url: str, file: Path) -> None:
    """Preview, plan, and what the emulator received are equal byte for byte, for every example flow."""
    import yaml

    flow = yaml.safe_load(file.read_text(encoding="utf-8"))
    inputs = flow.get("inputs", {})
    values = {name: each.get("default", each.get("example")) for name, each in inputs.items()}
    given = tmp_path / "vars.json"
    given.write_text(json.dumps(values, default=str), encoding="utf-8")
    to_them = ("--phone", "+5215512345678")  # c1's: it tells which language they read
    shown = flowrunner("preview", file, "--vars", given, *to_them, "--format", "json", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    done = hasty("run", file, "--vars", given, "--conversation", "c1", "--api-url", url, *PATIENT, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    sent = texts(state)
    assert "[\n" + ",\n".join(sent) + "\n]\n" == shown.stdout
    state.conversations.create("+5215512345670", conversation_id="c2")
    # A plan asks nobody for the phone of a conversation, which tells the language.
    named_by = ("--phone", "+5215512345670") if "languages" in flow else ("--conversation", "c2")
    to = (*named_by, "--api-url", url)
    assert hasty("plan", file, "--vars", given, *to, "--output", "p.plan", cwd=tmp_path).returncode == 0
    planned = (tmp_path / "p.plan").read_text(encoding="utf-8").splitlines()[1]
    assert f'"messages":[{",".join(sent)}]' in planned  # beside what they would get after 24 hours
    assert hasty("run", "p.plan", "--yes-send-to", "1", *PATIENT, cwd=tmp_path).returncode == 0
    assert texts(state) == sent * 2
