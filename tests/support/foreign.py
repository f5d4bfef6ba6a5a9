"""Programs of others that judge the emulator: where each is, and an emulator with what they ask for."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.state import EmulatorState

FOLDER = Path(__file__).parents[1] / "foreign"
PHONE = "5215551234567"
PNG = b"\x89PNG\r\n\x1a\nabcd"
TEMPLATES = [
    {
        "name": "order",
        "language": "es",
        "components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://e.org/a.png"]}},
            {"type": "BODY", "text": "Hola {{name}}, {{order}}", "example": {"body_text_named_params": [
                {"param_name": "name", "example": "Ana"}, {"param_name": "order", "example": "7"}]}},
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Ver", "url": "https://e.org/{{1}}", "example": ["https://e.org/1"]},
                {"type": "QUICK_REPLY", "text": "No"}]},
        ],
    },
    {"name": "plain", "language": "es", "components": [{"type": "BODY", "text": "Hola"}]},
]  # fmt: skip


def named(variable: str, program: str, where: str) -> str:
    """What the environment variable names, else the program on the path; skips the test where there is neither."""
    found = os.environ.get(variable) or (shutil.which(program) if program else "")
    if not found:
        pytest.skip(f"no {where}; name it in {variable}")
    return found


def talking() -> tuple[EmulatorState, str]:
    """An emulator with one person who has written, and the wamid of what they wrote."""
    state = EmulatorState(clock=SYSTEM)
    talk = state.conversations.create(PHONE, "Ana")
    state.templates.replace(TEMPLATES)
    return state, state.add_inbound(talk.id, {"message_type": "text", "content": "hi"}).wamid


def run(command: list[str], environment: Mapping[str, str] | None = None, text: str = "") -> str:
    """What a program printed; fails with what it complained of where it failed."""
    plain = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        command,
        env={**plain, **(environment or {})},
        input=text,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
