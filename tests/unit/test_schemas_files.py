"""The schema files themselves: exact limits, in agreement with each other and under every validator."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from flowrunner.data import schemas
from flowrunner.spec import KINDS, check_message, kind_of, message_schema
from schemas import generate
from support.message_cases import CASES

OWN_KEYWORDS = {
    "x-link", "x-facts", "x-words", "x-hint", "x-errors", "x-warn", "x-also", "x-check", "x-known", "x-extensions",
    "x-by", "x-without", "x-remedy", "x-unique", "x-alike", "x-same", "x-some", "x-max-total", "x-dialects", "x-values",
    "x-plain",
}  # fmt: skip


def read(name: str) -> dict[str, Any]:
    return json.loads((schemas() / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def validators() -> dict[str, Any]:
    """Every way to judge a message: per type and whole, by both libraries."""
    whole = read("message.json")
    per_type = {kind: message_schema(kind) for kind in KINDS}
    rust = {kind: jsonschema_rs.validator_for(schema) for kind, schema in per_type.items()}
    python = {kind: jsonschema.Draft202012Validator(schema) for kind, schema in per_type.items()}

    def dispatched(by_type: dict[str, Any], body: Any) -> bool:
        kind = kind_of(body) if isinstance(body, dict) else "text"
        return kind in by_type and by_type[kind].is_valid(body)

    return {
        "jsonschema-rs, per type": lambda body: dispatched(rust, body),
        "jsonschema, per type": lambda body: dispatched(python, body),
        "jsonschema-rs, message.json": jsonschema_rs.validator_for(whole).is_valid,
        "jsonschema, message.json": jsonschema.Draft202012Validator(whole).is_valid,
    }


def test_every_validator_judges_every_case_alike(validators: dict[str, Any]) -> None:
    """Both libraries, with the file of the type and with message.json alone, accept and refuse the same messages."""
    wrong = [
        (name, str(body)[:200])
        for body, is_valid in CASES
        for name, accepts in validators.items()
        if accepts(body) is not is_valid
    ]
    assert wrong == []


def test_check_message_errs_exactly_where_the_schemas_refuse() -> None:
    """No message that the schemas refuse passes, and none that they accept fails."""
    objects = [(body, is_valid) for body, is_valid in CASES if isinstance(body, dict)]
    errors = [any(each.severity == "error" for each in check_message(body)) for body, _ in objects]
    wrong = [str(body)[:200] for (body, is_valid), failed in zip(objects, errors, strict=True) if failed is is_valid]
    assert wrong == []


def test_no_generated_file_is_stale() -> None:
    """`python schemas/generate.py` would change nothing."""
    built = generate.build()
    assert [name for name, text in built.items() if (schemas() / name).read_text("utf-8") != text] == []


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema object in a schema, conditions included."""
    if isinstance(schema, dict):
        yield schema
        for key in ("items", "additionalProperties", "if", "then", "not", "propertyNames"):
            yield from parts(schema.get(key))
        for key in ("allOf", "anyOf"):
            for each in schema.get(key, ()):
                yield from parts(each)
        for each in schema.get("properties", {}).values():
            yield from parts(each)


def fields(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every field and item that is found by following properties, items and additionalProperties."""
    for each in (*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(each, dict):
            yield each
            yield from fields(each)


@pytest.mark.parametrize("kind", KINDS)
class TestEachType:
    """What holds for the file of every message type."""

    def test_is_valid_json_schema(self, kind: str) -> None:
        """The file is a schema of draft 2020-12 for both libraries."""
        jsonschema.Draft202012Validator.check_schema(message_schema(kind))
        jsonschema_rs.meta.validate(message_schema(kind))

    def test_every_field_is_described_and_typed(self, kind: str) -> None:
        """An editor can document each field, and `as_typed` finds each field's type."""
        assert [
            each
            for each in fields(message_schema(kind))
            if not each.get("description") or not {"type", "x-plain"} & each.keys()
        ] == []

    def test_every_example_is_valid(self, kind: str) -> None:
        """What an editor or a hint suggests is accepted."""
        checked = [(each, example) for each in fields(message_schema(kind)) for example in each.get("examples", ())]
        assert checked
        assert [e for schema, e in checked if not jsonschema_rs.validator_for(schema).is_valid(e)] == []

    def test_annotations_are_known_and_errors_name_their_keyword(self, kind: str) -> None:
        """No annotation is misspelt, and each special message stands beside the keyword it is for."""
        for part in parts(message_schema(kind)):
            assert {key for key in part if key.startswith("x-")} <= OWN_KEYWORDS
            for keyword, told in part.get("x-errors", {}).items():
                assert keyword in part
                assert set(told) == {"code", "message", "hint"}

    def test_takes_content_and_no_unknown_field(self, kind: str) -> None:
        """`content` is allowed on all that a chat shows; nothing else that is not named is."""
        assert ("content" in message_schema(kind)["properties"]) is (kind not in {"read", "raw"})
        assert message_schema(kind)["additionalProperties"] is False

    def test_links_to_a_page(self, kind: str) -> None:
        """Each limit leads to the page it comes from."""
        links = [part["x-link"] for part in parts(message_schema(kind)) if "x-link" in part]
        assert message_schema(kind)["x-link"] in links
        assert all(link.startswith("https://") for link in links)


@pytest.mark.parametrize("name", ["message.json", "flow.json", "test.json"])
def test_generated_file_stands_alone(name: str) -> None:
    """Strict validators take it: no keyword of our own, no reference out of the file."""
    schema = read(name)
    text = json.dumps(schema)
    assert '"x-' not in text
    assert text.count('"$ref": "') == text.count('"$ref": "#/$defs/')
    jsonschema.Draft202012Validator.check_schema(schema)
