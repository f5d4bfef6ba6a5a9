"""`jsonschema`, `jsonschema-rs` and `check_message` accept and refuse the same messages."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from emoji import EMOJI_DATA
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrunner.spec import KINDS, check_message, kind_of, message_schema, schema_text
from support.conformance_cases import FOLDER, FOLDERS, PATHS, messages
from support.generated_messages import right_messages, wrong_messages
from support.message_cases import LIST, TEMPLATE, VALID
from support.slices import part, some

NAMED_CHECKS = {"control-character", "not-one-emoji", "bad-date", "duplicate-value", "too-many-rows", "unlike-items"}
"""Errors that the file of a type does not state, but a named check."""
UNSTATED = {"duplicate-value", "not-one-emoji", "too-many-rows", "unlike-items"}
"""Those that message.json states in part: of two buttons that they are alike, of a reaction that it is of signs."""

QUICK = settings(
    max_examples=some(250), derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
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
    judges = {kind: library(message_schema(kind)) for kind in KINDS}

    def accepts(body: Any) -> bool:
        kind = kind_of(body) if isinstance(body, Mapping) else "text"
        return isinstance(kind, str) and kind in judges and judges[kind](body)

    return accepts


@cache
def judges_by_type() -> Mapping[str, Judge]:
    return {"jsonschema": by_type(python), "jsonschema-rs": by_type(rust)}


@cache
def judges_by_message_json() -> Mapping[str, Judge]:
    whole = json.loads(schema_text("message"))
    return {"jsonschema": python(whole), "jsonschema-rs": rust(whole)}


def verdict(judges: Mapping[str, Judge], body: Any) -> bool:
    """What all the judges say; that they differ fails the test."""
    said = {name: judge(body) for name, judge in judges.items()}
    assert len(set(said.values())) == 1, (said, body)
    return all(said.values())


def agreed(body: Any) -> bool:
    """Whether all accept the message; that they differ fails the test."""
    by_type, accepted = verdict(judges_by_type(), body), verdict(judges_by_message_json(), body)
    assert by_type or not accepted, body
    if isinstance(body, Mapping):
        errors = {each.code for each in check_message(body) if each.severity == "error"}
        if accepted and body.get("message_type") == "raw":
            return (
                accepted  # of Meta's own object the files state the form alone; its limits stand with the flat fields
            )
        assert errors <= UNSTATED if accepted else errors, (accepted, errors, body)
        assert errors <= NAMED_CHECKS if by_type else errors, (by_type, errors, body)
    return accepted


@pytest.mark.sliced
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_all_agree_on_every_case(folder: Path) -> None:
    """The messages of valid cases are accepted; those with expressions have no value yet and need only agreement."""
    refused = [
        path.name
        for path in part([path for path in PATHS if path.parent == folder], 3)
        if not all(agreed(body) for _, body in messages(path) if "{{" not in str(body))
    ]
    assert refused == [] or folder.name == "invalid"


def days(*texts: str) -> list[Any]:
    return [{"message_type": "contacts", "contacts": [{"first_name": "A", "birthday": text}]} for text in texts]


def buttons(*pairs: tuple[str, str]) -> Any:
    return {**VALID["interactive"], "buttons": [{"id": key, "title": title} for key, title in pairs]}


def rows(*counts: int) -> Any:
    sections = [
        {"title": "t", "rows": [{"id": f"{i}{j}", "title": f"{i}{j}"} for j in range(n)]} for i, n in enumerate(counts)
    ]
    return {**LIST, "sections": sections}


REFUSED_BY_NAME = [
    buttons(("a", "A"), ("a", "A")),
    *[
        {**VALID["reaction"], "reaction_emoji": text}
        for text in ("a", "ok", ":)", "\\ud83d\\udc4d", "é", "你", "1", " ", "👍 ", "👍a")
    ],
    *days(
        "1990-02-30",
        "1990-04-31",
        "1990-13-01",
        "1990-00-10",
        "1990-01-00",
        "1900-02-29",
        "2023-02-29",
        "0000-02-29",
        "0000-01-01",
    ),
    *[rows(*counts) for counts in [(6, 5), (1, 10), (10, 1), (2,) * 6, (1,) * 9 + (2,), (4, 4, 3), (1, 1, 9)]],
    {**LIST, "sections": [{"title": "t", "rows": [{"id": "a", "title": "A"}]}] * 2},
    *[{"content": f"a{sign}"} for sign in "\x00\x08\x0b\x1b\x7f\x9b"],
    {**TEMPLATE, "template_params": {"name": "a\x00"}},
]
ACCEPTED_BY_NAME = [
    buttons(("a", "A"), ("b", "B"), ("A", "a")),
    *[
        {**VALID["reaction"], "reaction_emoji": text}
        for text in islice(EMOJI_DATA, 0, None, len(EMOJI_DATA) // some(len(EMOJI_DATA)))
    ],
    *days("2024-02-29", "2000-02-29", "1600-02-29", "0004-02-29", "1990-12-31", "0001-01-01", "9999-04-30"),
    *[rows(*counts) for counts in [(5, 5), (1, 9), (10,), (2,) * 5, (1,) * 10, (4, 3, 3)]],
    {"content": "a\n\tb\r\n\x85"},
]


@pytest.mark.sliced
@pytest.mark.parametrize(
    ("bodies", "is_valid"), [(ACCEPTED_BY_NAME, True), (REFUSED_BY_NAME, False)], ids=["right", "wrong"]
)
def test_message_json_alone_states_what_is_checked_by_name(bodies: list[Any], is_valid: bool) -> None:
    """The same button twice, letters as a reaction, days that no calendar has, eleven rows, control characters."""
    assert [str(body)[-80:] for body in bodies if agreed(body) is not is_valid] == []


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
