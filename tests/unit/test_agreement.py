"""`jsonschema`, `jsonschema-rs` and `check_message` accept and refuse the same messages."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance_cases import FOLDER, PATHS, messages
from flowrunner.schema import MESSAGE_TYPES, check_message, message_schema, schema_text
from generated_messages import right_messages, wrong_messages
from message_cases import CASES

NAMED_CHECKS = {"header-markup", "not-one-emoji", "bad-date", "duplicate-value", "too-many-rows"}
"""Errors that JSON Schema cannot state: the sum of the rows of several sections is one of them."""

QUICK = settings(
    max_examples=250, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
LONG = settings(QUICK, max_examples=20_000, derandomize=False)
GENERATED = pytest.mark.parametrize("strategy", [right_messages(), wrong_messages()], ids=["right", "wrong"])

Judge = Callable[[Any], bool]


def python(schema: Any) -> Judge:
    return jsonschema.Draft202012Validator(schema).is_valid


def rust(schema: Any) -> Judge:
    return jsonschema_rs.Draft202012Validator(schema).is_valid


def by_type(library: Callable[[Any], Judge]) -> Judge:
    """A judge that asks the file of the message's own type."""
    judges = {kind: library(message_schema(kind)) for kind in MESSAGE_TYPES}

    def accepts(body: Any) -> bool:
        kind = body.get("message_type", "text") if isinstance(body, Mapping) else "text"
        return isinstance(kind, str) and kind in judges and judges[kind](body)

    return accepts


WHOLE = json.loads(schema_text("message"))
JUDGES = {
    "jsonschema, file of the type": by_type(python),
    "jsonschema-rs, file of the type": by_type(rust),
    "jsonschema, message.json": python(WHOLE),
    "jsonschema-rs, message.json": rust(WHOLE),
}


def agreed(body: Any) -> bool:
    """Whether all accept the message; that they differ fails the test."""
    verdicts = {name: judge(body) for name, judge in JUDGES.items()}
    assert len(set(verdicts.values())) == 1, (verdicts, body)
    accepted = all(verdicts.values())
    if isinstance(body, Mapping):
        errors = {each.code for each in check_message(body) if each.severity == "error"}
        assert errors <= NAMED_CHECKS if accepted else errors, (accepted, errors, body)
    return accepted


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(FOLDER).with_suffix("")))
def test_all_agree_on_every_case(path: Path) -> None:
    """The messages of valid cases are accepted; those with expressions have no value yet and need only agreement."""
    accepted = [agreed(body) for _, body in messages(path) if "{{" not in str(body)]
    assert all(accepted) or path.parent.name == "invalid"


def test_all_agree_on_the_table_of_messages() -> None:
    """The messages that the schemas' own tests are made of."""
    assert [str(body)[:200] for body, is_valid in CASES if agreed(body) is not is_valid] == []


def verdicts_on(strategy: st.SearchStrategy[Any], profile: settings) -> Counter[bool]:
    """How many generated messages all accepted, and how many all refused."""
    seen: Counter[bool] = Counter()

    @profile
    @given(strategy)
    def judge(body: Any) -> None:
        seen[agreed(body)] += 1

    judge()
    return seen


@GENERATED
def test_all_agree_on_generated_messages(strategy: st.SearchStrategy[Any]) -> None:
    """The same ones in every run; to agree on good ones only, or on bad ones only, would prove little."""
    seen = verdicts_on(strategy, QUICK)
    assert min(seen[True], seen[False]) > 0.05 * seen.total()


@pytest.mark.soak
@GENERATED
def test_all_agree_on_many_generated_messages(strategy: st.SearchStrategy[Any]) -> None:
    """Others in every run, for minutes."""
    seen = verdicts_on(strategy, LONG)
    assert min(seen[True], seen[False]) > 0.05 * seen.total()
