"""What flowrunner says of a template message, and what the emulator does, which shares no check with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from test_templates_checked import BUTTONS, CODE, FOLDER, MENDED, NO, PATHS, URL, fields, order

from flowrunner.dialects import meta
from flowrunner.emulator.api.numbers import ACCOUNT_ID
from flowrunner.engine import Prepared, moment
from flowrunner.flow import load_text
from flowrunner.model import EXAMPLE_RECIPIENT
from flowrunner.templates.checks import check_template
from flowrunner.templates.file import read_file
from support.emulated import Emulator

TEMPLATES = read_file(FOLDER / "templates.json").templates or {}
PICTURE = {"header_type": "image", "header_params": "https://e.example.com/a.png"}
MORE = [
    order(URL, CODE), order(URL, CODE, NO), order(CODE, URL), order(URL, CODE, template_params=["Ana"]),
    order(URL, CODE, header_params="x" * 60), order(URL, CODE, header_params="x" * 53),
    fields("picture", template_params=["Ana"], **PICTURE), fields("picture", **PICTURE),
    fields("picture", template_params=["x" * 1018], **PICTURE),
    fields("picture", template_params=["x" * 1019], **PICTURE),
    fields("greeting", "en"), fields("greeting", "en", **PICTURE),
    fields("pending"), fields("rejected"), fields("paused"),
    fields("code", template_params=["123456"], button_params=[{"index": 0, "type": "url", "value": "123456"}]),
]  # fmt: skip


def bodies_of(path: Path) -> list[dict[str, Any]]:
    """The messages of a case with the examples of its inputs, as nobody has held them against the templates."""
    prepared = Prepared(load_text(path.read_bytes(), str(path)))
    rendering, _ = prepared.render(EXAMPLE_RECIPIENT, {}, moment(0.0), examples=True)
    return [dict(each.body) for each in rendering.messages] if rendering is not None else []


@pytest.fixture(scope="module")
def bodies() -> list[dict[str, Any]]:
    return [
        *(body for path in PATHS for body in bodies_of(path)),
        *(body for body, _, hint in BUTTONS if hint != "remove one of the two"),  # the emulator takes the last
        *({**fields("greeting"), **body} for pair in MENDED for body in pair),
        *MORE,
    ]


@pytest.fixture(scope="module")
def emulator() -> Emulator:
    emulator = Emulator()
    its = json.loads((FOLDER / "templates.json").read_text(encoding="utf-8"))
    assert emulator.ask("PUT", "/_emulator/templates", json=its).status_code == 200
    assert emulator.ask("GET", f"/meta/whatsapp/v24.0/{ACCOUNT_ID}/message_templates").json()["data"]
    return emulator


def test_what_is_right_is_taken_and_what_is_wrong_is_refused(emulator: Emulator, bodies: list[dict[str, Any]]) -> None:
    """Both hold the message against the same templates."""
    strict = {"template-code", "template-needs-raw"}  # the emulator looks into neither
    for body in bodies:
        said = [each.code for each in check_template(body, TEMPLATES).problems]
        answer = emulator.say(json.loads(meta.encode(body)))
        if set(said) - strict:
            assert answer.status_code in {400, 404}, (body, said, answer.text)
        elif not said:
            assert answer.status_code == 200, (body, answer.text)


def test_both_verdicts_are_among_them(bodies: list[dict[str, Any]]) -> None:
    """Of each enough to mean something."""
    wrong = [each for each in bodies if check_template(each, TEMPLATES).problems]
    assert len(wrong) >= 30
    assert len(bodies) - len(wrong) >= 25
