"""Check fast, explain slowly: jsonschema-rs accepts, and only what it refuses goes to `jsonschema` for its reasons."""

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from flowrunner.diagnostics import Problem, Severity
from flowrunner.spec.files import Schema, message_schema
from flowrunner.spec.walk import Walk

if TYPE_CHECKING:
    import jsonschema_rs


def faults(validator: "jsonschema_rs.Validator", schema: Schema, walk: Walk, label: str) -> list[Problem]:
    """Everything wrong with a walked value, by the walk and by `schema`, whose compiled form is `validator`."""
    if validator.is_valid(walk.copy):
        return walk.problems
    from flowrunner.spec.explain import explain

    errors = explain(schema, walk, label)
    if not errors and not walk.problems and not walk.held:
        raise RuntimeError("jsonschema-rs refuses what jsonschema accepts")
    wrong = {error.route for error in errors}
    # A warning about a value that is wrong anyway is noise.
    return [*(each for each in walk.problems if each.severity is Severity.ERROR or each.route not in wrong), *errors]


@cache
def message_validator(kind: str) -> "jsonschema_rs.Validator":
    """The compiled schema of one kind of message."""
    return compiled(message_schema(kind))


@lru_cache(maxsize=256)
def fragment_validator(fragment_json: str) -> "jsonschema_rs.Validator":
    """The compiled form of a schema written as JSON text; formats are checked."""
    return compiled(json.loads(fragment_json))


def compiled(schema: Schema | dict[str, Any]) -> "jsonschema_rs.Validator":
    """The compiled form of `schema`; its patterns run with a bound on backtracking, so none can hang.

    Raises:
        jsonschema_rs.ValidationError: `schema` is not valid, or a pattern in it is no regular expression.
    """
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
