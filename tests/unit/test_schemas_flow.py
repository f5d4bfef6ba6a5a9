"""`schemas/flow.json`, the schema for editors: the same rules, held back where an expression stands."""

import json
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from flowrunner.data import schemas
from flowrunner.flow import check_flow_shape
from flowrunner.spec import check_input
from support.message_cases import ACCEPTED, BUTTON, LIST, REFUSED, TEMPLATE, VALID, at_limits


def editor_schema() -> dict[str, Any]:
    return json.loads((schemas() / "flow.json").read_text("utf-8"))


def flow(*steps: Any, **keys: Any) -> dict[str, Any]:
    return {"name": "f", "steps": list(steps), **keys}


def sent(body: dict[str, Any], **fields_: Any) -> dict[str, Any]:
    return flow({"message": {**body, **fields_}})


FLOWS_ACCEPTED = [
    flow({"message": "hi"}, {"pause": "2s"}, {"pause": "1.5h", "id": "a_b_1", "when": "x == 1"}),
    flow({"message": 5, "until": "delivered"}),
    flow({"message": {"content": "hi"}}, description="d", inputs={"name": {"type": "string", "default": "x"}}),
    *[sent(body) for body in ACCEPTED],
    sent(VALID["text"], content="{{ x }}" * 1000),
    sent(VALID["image"], media_url="{{ url }}", caption="{% if x %}" + "y" * 2000 + "{% endif %}"),
    sent(VALID["image"] | {"media_url": "{{ url }}"}),
    {"name": "f", "steps": [{"message": {"message_type": "image", "media_id": 1013859600285441}}]},
    sent(VALID["location"], latitude="{{ lat }}", longitude="{# c #}{{ lon }}"),
    sent(BUTTON, buttons="{{ buttons }}"),
    sent(BUTTON, buttons=["{{ button }}", {"id": 1, "title": True}]),
    sent(LIST, sections=[{"title": 5, "rows": "{{ rows }}"}, {"title": "b", "rows": ["{{ row }}"]}]),
    sent(TEMPLATE, template_params="{{ params }}", header_type="{{ kind }}", header_params="{{ value }}"),
    sent(TEMPLATE, template_params=[5, "{{ x }}\n"], header_type="image", header_params="{{ url }}"),
    sent(TEMPLATE, template_params={"header": "{{ h }}", "body": {"x": "{{ y }}"}}),
    sent(VALID["contacts"], contacts=["{{ contact }}", {"first_name": 5, "birthday": "{{ day }}"}]),
    flow({"message": "hi"}, inputs={"n": {"type": ["integer", "null"], "minimum": 1, "items": {"pattern": "^a"}}}),
]
FLOWS_REFUSED = [
    [],
    {},
    {"name": "f"},
    {"name": "f", "steps": []},
    flow({"message": "hi"}, extra=1),
    flow({}),
    flow({"message": "hi", "pause": "2s"}),
    flow({"mesage": "hi"}),
    flow({"message": []}),
    *[flow({"pause": text}) for text in (2, "2", "2 s", "s", "-1s", "1.s", "2w", "2s\n.")],
    flow({"pause": "2s", "until": "read"}),
    flow({"message": "hi", "until": "arrived"}),
    *[flow({"message": "hi", "id": text}) for text in ("1a", "", "a b", "ñ")],
    *[flow({"message": "hi"}, inputs={name: {}}) for name in ("1a", "a-b", "ñ")],
    flow({"message": "hi"}, inputs=[]),
]
MESSAGES_REFUSED_IN_FLOWS = [
    flow({"message": ""}),
    flow({"message": "x" * 4097}),
    sent(VALID["text"], message_type="{{ kind }}"),
    sent(BUTTON, interactive_type="{{ kind }}"),
    sent(VALID["location"], latitude="12.5"),
    sent(BUTTON, buttons="none"),
    *[sent(body) for body in REFUSED if isinstance(body, dict) and "5" not in str(body) and "12" not in str(body)],
    *[sent(body) for body, is_valid in at_limits() if not is_valid],
    flow({"message": "hi"}, inputs={"a": {"typ": "string"}}),
    flow({"message": "hi"}, inputs={"a": {"properties": {"b": {"default": 1}}}}),
]


@pytest.mark.parametrize(
    ("flows", "is_valid"),
    [(FLOWS_ACCEPTED, True), (FLOWS_REFUSED, False), (MESSAGES_REFUSED_IN_FLOWS, False)],
    ids=["right", "wrong shape", "wrong message"],
)
def test_flow_schema_judges_whole_flows(flows: list[Any], is_valid: bool) -> None:
    """An editor marks what is wrong, and leaves alone what an expression or a number typed as text may stand for."""
    rust, python = jsonschema_rs.validator_for(editor_schema()), jsonschema.Draft202012Validator(editor_schema())
    for validator in (rust, python):
        assert [str(each)[:200] for each in flows if validator.is_valid(each) is not is_valid] == []


def test_flow_schema_and_shape_check_agree() -> None:
    """`flow.json` and `check_flow_shape` refuse the same shapes."""
    texts = [each for each in FLOWS_ACCEPTED if not isinstance(each["steps"][0].get("message"), int)]
    assert [each for each in texts if check_flow_shape(each)] == []
    assert [each for each in FLOWS_REFUSED if not check_flow_shape(each)] == []


def test_flow_schema_and_input_check_know_the_same_keywords() -> None:
    """What an editor completes in an input is what `check_input` takes."""
    definitions = editor_schema()["$defs"]
    for place, wrap in (("input", lambda part: part), ("fragment", lambda part: {"items": part})):
        known = set(definitions[place]["properties"])
        tried = known | {"default", "example", "$ref", "oneOf", "examples"}
        taken = {key for key in tried if not any(p.code == "unknown-key" for p in check_input("x", wrap({key: 1})))}
        assert taken == known
