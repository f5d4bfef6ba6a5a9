"""A message as a step has it: its text or fields, typed and checked by the message spec."""

import posixpath
from collections.abc import Collection, Mapping
from typing import Any, Final

from flowrunner.data import table
from flowrunner.diagnostics import Problem, Route, Severity
from flowrunner.expressions import expression, holds_expression
from flowrunner.flow.fields import LITERAL, Field, filled, texts_of
from flowrunner.flow.keys import seconds
from flowrunner.flow.names import Names
from flowrunner.flow.placeholders import placeholder_problems
from flowrunner.flow.steps.verb import Head, Reader
from flowrunner.model import MessageStep
from flowrunner.model.media import FILE_FIELDS
from flowrunner.spec import KINDS, as_typed, check_message, is_nothing, kind_of, message_schema
from flowrunner.spec.nested import NESTS, nested

_OF_ADDRESSES: Final = frozenset(["bad-format", "unusual-address"])


def read_message(
    entry: Mapping[str, Any], head: Head, reader: Reader, names: Names, key: str = "message"
) -> MessageStep:
    """The step of an entry whose message stands under ``key``; what is wrong with it is said to the reader."""
    body: dict[str, Any] = {}
    faulty: set[Route] = set()
    problems: list[Problem] = []
    message = entry.get(key)
    reader.add((), head, names)
    if isinstance(message, (str, Mapping)) and not is_nothing(message):
        message = _from_flow(message, reader.within[-1])
        beside = {*fields_beside(entry, key, reader.keys)}
        whole = {**message, **{name: entry[name] for name in beside}} if isinstance(message, Mapping) else message
        body, fields, problems = _read(whole, head.route, key, reader.keys)
        # Where they stand is what is wrong with them, which the step's shape says.
        fields = [each for each in fields if each.route[0] not in beside]
        problems = [each for each in problems if beside.isdisjoint(each.route)]
        if not any(each.severity is Severity.ERROR for each in problems):
            problems += [each.under((*head.route, key)) for each in reader.account.check(body, fields, reader.inputs)]
        reader.add(fields, head, names)
        faulty = {each.route for each in fields if each.expression.faults}
    waiting = {**reader.defaults, **entry}
    timeout = waiting.get("timeout")
    step = MessageStep(
        *head,
        message=body,
        until=waiting.get("until"),
        timeout=seconds(timeout) if isinstance(timeout, str) else None,
        on_timeout=waiting.get("on_timeout"),
        key=key,
    )
    found = list(placeholder_problems(step, message, reader.values(names), faulty))
    stand_in = {each.route for each in found}  # that an address with {name} is none is the same mistake
    reader.problems += [each for each in problems if each.code not in _OF_ADDRESSES or each.route not in stand_in]
    reader.problems += found
    return step


def fields_beside(entry: Mapping[Any, Any], key: str, outer: Collection[str]) -> list[str]:
    """The fields of a message that stand beside its ``key``, not below it; ``outer`` are the keys of the step."""
    message = entry.get(key)
    strays = [name for name in entry if name not in outer] if isinstance(message, Mapping) else ()
    if not strays or not isinstance(message, Mapping):
        return []
    kind = kind_of({name: str(each[name]) for each in (entry, message) for name in LITERAL if name in each})
    known = message_schema(kind)["properties"] if kind in KINDS else {}
    return [name for name in strays if name in known and name not in message]


def _from_flow(message: Any, file: str) -> Any:
    """A message whose files are named from the flow's folder, not from that of the ``file`` it stands in."""
    folder = posixpath.dirname(file)
    if not folder or isinstance(message, str):
        return message
    if isinstance(message, list):
        return [_from_flow(each, file) if isinstance(each, (dict, list)) else each for each in message]
    return {
        name: posixpath.join(folder, value)
        if name in FILE_FIELDS and isinstance(value, str) and value and not holds_expression(value)
        else _from_flow(value, file)
        if isinstance(value, (dict, list))
        else value
        for name, value in message.items()
    }


def _read(
    message: str | Mapping[str, Any], route: Route, key: str, outer: Collection[str]
) -> tuple[dict[str, Any], list[Field], list[Problem]]:
    """The body, its parts that hold expressions, and what is wrong with it; ``outer`` are the keys of the step."""
    at = (*route, key)
    short = isinstance(message, str)
    data = {"message_type": "text", "content": str(message)} if isinstance(message, str) else message
    named = kind_of({key: str(data[key]) for key in LITERAL if key in data})
    schema = message_schema(named) if named in KINDS else {}
    body: dict[str, Any] = as_typed(data, schema)
    fields: list[Field] = []
    problems: list[Problem] = []
    literal: dict[Route, str] = {}
    for place, text, wanted in texts_of(body, schema):
        if not holds_expression(text):
            continue
        if place[0] in LITERAL and len(place) == 1:
            what = f"{place[0]} cannot be an expression: it says which fields there are"
            hint = "write one step for each type, with when: to choose"
            return body, fields, [Problem("expression-not-allowed", what, (*at, *place), hint)]
        if place[-1] in FILE_FIELDS:
            what = f"{place[-1]} cannot be an expression: files are checked before any value is known"
            hint = "write one step for each file, with when: to choose; or media_url, which may have expressions"
            return body, fields, [Problem("expression-not-allowed", what, (*at, *place), hint)]
        if named == "raw":
            from flowrunner.spec.raw import raw_field  # few flows have one

            wanted = raw_field(body, place) or wanted  # noqa: PLW2901
        each = Field((key,) if short else (key, *place), place, expression(text), wanted)
        fields.append(each)
        literal[place] = text if each.wants_structure else each.expression.literal
        if each.wants_structure and not each.expression.is_whole and not each.expression.faults:
            what = f"{place[-1]} needs a list or an object, not text with an expression in it"
            problems.append(Problem("expression-type", what, (*at, *place), 'write one expression: "{{ ... }}"'))
    # How it would be written flat is shown with its expressions.
    as_nested = nested(body) if body.keys() & NESTS else []
    for problem in as_nested or check_message(filled(body, literal) if literal else body, literal.keys()):
        if problem.code == "unknown-field" and len(problem.route) == 1:
            hint = _outside(str(problem.route[0]), body, key, outer, problem.hint)
            problem = problem._replace(hint=hint)  # noqa: PLW2901
        problems.append(problem._replace(route=at) if short else problem.under(at))
    return body, fields, problems


def _outside(field: str, body: Mapping[str, Any], key: str, outer: Collection[str], hint: str) -> str:
    """The remedy for a field that no message has: further out, where a step or a flow has it; else ``hint``."""
    if field in outer and (isinstance(body.get(field), Mapping) or not hint.startswith("did you mean")):
        return f"move it to the left, in line with {key}:"
    remedy = table("flow/meant.json")["keys"]["step"].get(field)
    return remedy[1] if remedy is not None and not remedy[0] and not hint.startswith("did you mean") else hint
