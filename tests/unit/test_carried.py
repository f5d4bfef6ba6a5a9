"""What only some dialects have is named before anything is sent, at its place and with a remedy."""

# ruff: noqa: E501  # a table's row is read as one line

import json
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.flows import for_dialect
from flowrunner.app.reviewing.check import check_flows
from flowrunner.data import schemas
from flowrunner.diagnostics.errors import FlowError
from flowrunner.dialects import DIALECTS, dialect_of
from flowrunner.engine import Prepared, moment
from flowrunner.flow import load_text
from flowrunner.flow.carried import carriers, not_in
from flowrunner.model import EXAMPLE_RECIPIENT
from flowrunner.spec import KINDS, message_schema
from flowrunner.spec.carried import not_carried
from support.message_cases import BUTTON, TEMPLATE, VALID

V1 = {"text", "image", "video", "audio", "document", "template", "location", "interactive", "reaction", "contacts"}
LACKING: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    *[(VALID[kind], ("message_type" if kind in {"sticker", "read", "raw"} else "interactive_type",), "leave the step out") for kind in KINDS if kind not in V1],
    *[({**VALID[kind], "reply_to": "wamid.1"}, ("reply_to",), "remove reply_to") for kind in sorted(V1 - {"reaction"})],
    ({"message_type": "image", "media_file": "a.png"}, ("media_file",), "write media_url in its place"),
    ({"content": "c", "preview_url": False}, ("preview_url",), "remove preview_url"),
    ({**VALID["audio"], "voice": True}, ("voice",), "remove voice"),
    ({**BUTTON, "header_type": "text", "header_text": "h"}, ("header_type",), "remove header_type"),
    ({**TEMPLATE, "header_type": "location", "header_location": {"latitude": 1, "longitude": 2}}, ("header_type",), "write another header_type"),
    ({**TEMPLATE, "header_type": "image", "header_media_id": "1"}, ("header_media_id",), "remove header_media_id"),
    ({**TEMPLATE, "button_params": [{"index": 0, "type": "flow"}]}, ("button_params",), "remove button_params"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "route", "hint"), LACKING, ids=str)
def test_what_v1_lacks_is_named(body: dict[str, Any], route: tuple[str, ...], hint: str) -> None:
    """Once, where it stands; the other dialect has it all."""
    found = [*not_carried(body, "kapso-v1")]
    assert found[0].route == route
    assert {each.code for each in found} == {"not-in-dialect"}
    assert hint in found[0].hint
    assert [*not_carried(body, "meta")] == []


@pytest.mark.parametrize("kind", sorted(V1))
def test_what_v1_has_both_have(kind: str) -> None:
    """Flows of old are for either."""
    assert [problem for name in DIALECTS for problem in not_carried(VALID[kind], name)] == []


def test_the_schemas_name_dialects_that_there_are() -> None:
    """A misspelt one would have nothing."""

    def named(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return set().union(*map(named, schema))
        if not isinstance(schema, dict):
            return set()
        return set(schema.get("x-dialects", ())) | set().union(*map(named, schema.values()))

    assert set().union(*(named(message_schema(kind)) for kind in KINDS)) < set(DIALECTS)
    config, given = (json.loads((schemas() / name).read_text("utf-8")) for name in ("config.json", "test_keys.json"))
    assert config["$defs"]["sender"]["properties"]["dialect"]["enum"] == [*DIALECTS]
    assert given["given"]["dialect"]["enum"] == [*DIALECTS]


LINK = """name: dates
inputs: {kind: {enum: [image, location], default: location}}
steps:
  - message: Hello
  - id: dates
    when: kind == "location"
    message: {message_type: sticker, media_id: "1"}
  - message: {message_type: template, template_name: a, template_language: es, header_type: "{{ kind }}", header_location: {latitude: 1, longitude: 2}}
"""  # fmt: skip


def test_a_flow_is_for_the_dialects_that_have_all_of_it(tmp_path: Path) -> None:
    """Which is said; where one is asked for, what it lacks."""
    path = tmp_path / "f.yaml"
    path.write_text(
        "name: f\nsteps:\n  - message: Hello\n  - message: {message_type: sticker, media_id: '1'}\n", "utf-8"
    )
    assert check_flows([path]).notes == (f"{path} can be sent with the dialect meta only",)
    assert check_flows([path]).diagnostics == check_flows([path], dialect="meta").diagnostics == []
    [problem] = check_flows([path], dialect="kapso-v1").diagnostics
    assert (problem.code, problem.location.line, problem.is_error) == ("not-in-dialect", 4, True)
    path.write_text("name: f\nsteps:\n  - message: Hello\n", "utf-8")
    assert check_flows([path]).notes == ()


def test_what_a_dialect_lacks_is_never_rendered_for_it() -> None:
    """Neither by what the file says, nor by what a value makes of it; what is skipped is in nobody's way."""
    loaded = load_text(LINK, "f.yaml")
    assert carriers(loaded) == ("meta",)
    assert [each.location.line for each in not_in(loaded, "kapso-v1")] == [7, 8]
    with pytest.raises(FlowError):
        for_dialect(loaded, "kapso-v1")
    now = moment(0.0)
    rendering, found = Prepared(loaded, dialect_of("kapso-v1")).render(EXAMPLE_RECIPIENT, {}, now)
    assert (rendering, {each.code for each in found}) == (None, {"not-in-dialect"})
    rendering, found = Prepared(for_dialect(loaded, "meta")).render(EXAMPLE_RECIPIENT, {}, now)
    assert rendering is not None
    assert '"type":"location"' in rendering.messages[2].wire


def test_a_value_that_a_dialect_lacks_is_named_where_its_expression_stands() -> None:
    """Nobody knows it before."""
    text = LINK.replace(", header_location: {latitude: 1, longitude: 2}", "").replace('kind == "location"', "false")
    loaded = load_text(text, "f.yaml")
    _, found = Prepared(loaded, dialect_of("kapso-v1")).render(EXAMPLE_RECIPIENT, {}, moment(0.0))
    assert ("not-in-dialect", 8) in [(each.code, each.location.line) for each in found]
