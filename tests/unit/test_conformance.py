"""The conformance suite: each case gives exactly what it expects, and no rule, limit, type or code is without cases."""

from collections import defaultdict
from pathlib import Path

import pytest

from flowrunner.diagnostics.codes import rules as codes
from flowrunner.flow import load_file
from flowrunner.spec import KINDS, message_schema
from support.conformance_cases import FOLDER, FOLDERS, PATHS, expected, expected_codes, messages
from support.conformance_rules import LIMITS, Limit, broken, limits, rules

NOT_IN_A_FILE = {
    "not-in-dialect": "is about the API that is asked for",
    "undefined-value": "arises with values",
    "expression-failed": "arises with values",
    "when-not-boolean": "arises with values",
    "missing-variable": "arises with values",
    "bad-variable": "is about a value given",
    "unknown-variable": "is about a value given",
    "bad-variables": "is about the file of variables",
    "unreadable": "is about a file that is not there",
    "no-flows": "is about a folder",
    "media-unreachable": "is about what stands in the web",
    "media-size": "files of megabytes are not checked in",
    "media-encoding": "is about what stands in a picture",
    "too-large": "a file of a megabyte is not checked in",
    "bad-audience": "is about a file of recipients",
    "bad-recipient": "is about a file of recipients",
    "repeated-recipient": "is about a file of recipients",
    "unknown-column": "is about a file of recipients",
    "unknown-time-zone": "is about a file of recipients",
    "bad-encoding": "is about a file of recipients",
    "broken-cell": "is about a file of recipients",
    "odd-cell": "is about a file of recipients",
    **dict.fromkeys(
        ("toml-syntax", "unknown-sender", "key-in-file", "sender-clash", "no-key"), "is about flowrunner.toml"
    ),
    "too-many-paths": "is about what may have been answered",
    **dict.fromkeys((code for code in codes() if "template" in code), "is about the account's templates"),
}


def said(path: Path) -> list[str]:
    """The diagnostics of a case, as its first lines have them."""
    return [
        f"{each.location.line}:{each.location.column} {'' if each.is_error else f'{each.severity} '}{each.code}"
        for each in load_file(path).diagnostics
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(FOLDER)))
def test_each_case_gives_exactly_what_it_expects(folder: Path) -> None:
    """Every diagnostic by line, column, severity and code; a valid case has none."""
    cases = {path.name: (said(path), expected(path)) for path in PATHS if path.parent == folder}
    assert {name: its for name, its in cases.items() if its[0] != its[1]} == {}
    assert {bool(its) for its, _ in cases.values()} == {folder.name == "invalid"}


def test_every_type_has_valid_and_invalid_cases() -> None:
    """Three hundred cases at least, and no file where nobody reads it."""
    folders = {tuple(path.relative_to(FOLDER).parts[:-1]) for path in FOLDER.rglob("*.*")}
    assert folders == {(kind, verdict) for kind in (*KINDS, "flow") for verdict in ("valid", "invalid")}
    assert len(PATHS) == len(list(FOLDER.rglob("*.*"))) >= 300


@pytest.mark.parametrize("kind", KINDS)
def test_valid_cases_of_a_type_hold_that_type_only(kind: str) -> None:
    """What proves a rule of one type stands in its folder."""
    paths = [path for path in PATHS if path.parts[-3:-1] == (kind, "valid")]
    assert [path.name for path in paths if {each for each, _ in messages(path)} != {kind}] == []


def test_every_code_has_a_case() -> None:
    """Each code of the book is expected by a case, unless no single file can show it."""
    seen = set().union(*map(expected_codes, PATHS))
    assert seen <= set(codes())
    shown = {code for code, rule in codes().items() if rule.wrong_command}  # by a command, in the book
    assert set(codes()) - seen - shown == set(NOT_IN_A_FILE) - shown


def reached(verdict: str) -> dict[Limit, set[float]]:
    """How far the messages of the cases with a verdict go, for each limit; beyond one only where that is said."""
    sizes: dict[Limit, set[float]] = defaultdict(set)
    for path in PATHS:
        if path.parent.name == verdict:
            for kind, body in messages(path):
                for limit, found in limits(message_schema(kind), [body], kind):
                    if verdict == "valid" or LIMITS[limit.keyword] & expected_codes(path):
                        sizes[limit].update(found)
    return sizes


def test_every_limit_has_its_pair_of_cases() -> None:
    """For each limit of the schemas one case goes exactly as far, and another, which is refused, just beyond."""
    valid, invalid = reached("valid"), reached("invalid")
    every = [limit for kind in KINDS for limit, _ in limits(message_schema(kind), [], kind)]
    assert len(every) > 60
    assert [limit for limit in every if limit.number not in valid[limit]] == []
    assert [limit for limit in every if not any(_is_just_beyond(limit, size) for size in invalid[limit])] == []


def _is_just_beyond(limit: Limit, size: float) -> bool:
    beyond = limit.number - size if limit.keyword.startswith("min") else size - limit.number
    if limit.keyword in {"minimum", "maximum"} and isinstance(size, float):
        return 0 < beyond < 0.01
    return beyond == 1


def test_every_rule_is_broken_by_a_case() -> None:
    """Each keyword of the schemas refuses a message of some case: none is there for nothing."""
    seen = {place for path in PATHS for kind, body in messages(path) for place in broken(kind, body)}
    every = [place for kind in KINDS for place in rules(message_schema(kind), (kind,))]
    assert len(every) > 250
    # The type chooses the schema, so no message breaks what that says of the type; a body is always an object.
    chosen = {place for place in every if "message_type" in place or ("interactive_type" in place and "_" in place[0])}
    assert [place for place in every if place not in seen and place not in chosen and len(place) > 2] == []
