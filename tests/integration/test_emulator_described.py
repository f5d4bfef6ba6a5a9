"""The emulator before a judge that shares no code with it: schemathesis, on the description that Kapso published.

``.ci/run`` installs it. Elsewhere: install schemathesis from PyPI, or name it in SCHEMATHESIS.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.rates import RateLimit
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.described import description

pytestmark = pytest.mark.long

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
SPOKEN = re.compile(
    "(list|get)Whatsapp(Conversation|Message|Template|Config)|.*WhatsappMessage|updateWhatsappConv|.*AsRead"
)
"""What the emulator speaks, by the description's names of it: nothing that makes or changes templates and senders."""


@pytest.fixture(scope="module")
def judge() -> str:
    command = os.environ.get("SCHEMATHESIS") or shutil.which("schemathesis")
    if not command:
        pytest.skip("no schemathesis: install it from PyPI, or name it in SCHEMATHESIS")
    return command


def spoken(methods: dict[str, Any], state: EmulatorState) -> dict[str, Any]:
    """Of one path what the emulator speaks, with ids of things that are there as examples."""
    known = {
        "template_id": next(iter(state.templates)).uuid if len(state.templates) else None,
        "id": next(iter(state.numbers)).config_id,
    }
    found = {method: its for method, its in methods.items() if SPOKEN.match(its["operationId"])}
    for its in found.values():
        for parameter in its.get("parameters", ()):
            if parameter["in"] == "path" and known.get(parameter["name"]):
                parameter["example"] = known[parameter["name"]]
    return found


def judged(
    judge: str, folder: Path, state: EmulatorState, examples: int, only: str = ""
) -> subprocess.CompletedProcess[str]:
    """Its verdict on all that the emulator speaks, or on one path of it."""
    described = description()
    described["paths"] = {path: spoken(methods, state) for path, methods in described["paths"].items()}
    described["paths"] = {path: its for path, its in described["paths"].items() if only in ("", path)}
    (folder / "v1.yaml").write_text(yaml.safe_dump(described, sort_keys=False), encoding="utf-8")
    with running(state) as url:
        return subprocess.run(
            [
                judge, "run", "v1.yaml", "--url", f"{url}/api/v1", "--header", "X-API-Key: any", "--no-color",
                "--checks", CHECKS, "--max-examples", str(examples),
                "--seed", "20261125", "--warnings", "off",
            ],
            cwd=folder, capture_output=True, encoding="utf-8", timeout=1500, check=False,
        )  # fmt: skip


def talking() -> EmulatorState:
    """An emulator that has every conversation it is asked for."""
    state = EmulatorState(clock=SYSTEM)
    state.conversations.on_demand = True
    state.add_inbound(state.conversations.create("+5215512345678").id, {"content": "hi"})
    state.templates.replace([{"name": "t", "language": "es", "components": [{"type": "BODY", "text": "Hola {{1}}"}]}])
    return state


def test_a_slice_finds_no_error_and_nothing_undocumented(judge: str, tmp_path: Path) -> None:
    """1,500 requests, right and wrong ones, in sequences, too; of what is made by chance, two each."""
    done = judged(judge, tmp_path, talking(), 2)
    assert done.returncode == 0, done.stdout


def test_it_would_find_what_is_undocumented(judge: str, tmp_path: Path) -> None:
    """An emulator with a limit answers 429, which the description does not have."""
    state = EmulatorState(rate_limit=RateLimit(5), clock=SYSTEM)
    done = judged(judge, tmp_path, state, 1, only="/whatsapp_conversations")
    assert done.returncode == 1
    assert "Received: 429" in done.stdout


@pytest.mark.soak
def test_thousands_of_requests_find_no_error_and_nothing_undocumented(judge: str, tmp_path: Path) -> None:
    """The long form."""
    done = judged(judge, tmp_path, talking(), 1000)
    assert done.returncode == 0, done.stdout
