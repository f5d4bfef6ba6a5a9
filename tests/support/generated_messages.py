"""Messages made from the schemas with hypothesis: right ones, and ones with a mistake or two, often just at a limit."""

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from flowrunner.spec import KINDS, MESSAGE_TYPES, child, kind_of, message_schema
from support.message_cases import CASES

Values = st.SearchStrategy[Any]
Route = tuple[str | int, ...]

# Line ends and spaces of every kind, since libraries differ on them; characters of one, two and four bytes.
_ODD = "\n\r\t\v\f \x1c\x1f\x85\xa0\u1680\u2007\u200b\u2028\u3000\ufeff" + "aZ09_-*~./:é\u0301👍\U0001f1f2"
_NUMBERS = [0, -0.0, 1, 1.5, 89.999, 90, 90.0, 90.001, -90, -91, 180, -180.001, 2**63, 10**30, 1e300, -1e-300]
ANYTHING = [None, True, False, 0, 7, -1.5, 10**30, "", " ", "x", "7", "https://a.b", [], ["x"], {}, {"x": "y"}]
_PARAMETERS = ["name", "day", "the_day"]
_NO_PARAMETERS = ["Day", "day1", "day\n", "ñ", "", "header", "body"]
_NAMES = sorted({name for kind in KINDS for name in message_schema(kind)["properties"]} | {"id", "title"})


def right_messages() -> Values:
    """Messages of every type with the fields it needs and some others, each field within its limits."""
    return st.one_of([_right(kind) for kind in KINDS])


@st.composite
def wrong_messages(draw: st.DrawFn) -> Any:
    """Messages after one to three changes, of which most are mistakes."""
    body = draw(st.one_of(right_messages(), st.sampled_from(_ACCEPTED)))
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        places = [place for place in _places(body, ()) if place != ("message_type",)]
        if not places:
            return draw(st.sampled_from(ANYTHING))
        # A copy each time: what is drawn from a list must stay in it as it is.
        body = _changed(draw, copy.deepcopy(body), draw(st.sampled_from(places)))
    return body


_ACCEPTED = [body for body, is_valid in CASES if is_valid and len(str(body)) < 3000]


@cache
def _right(kind: str) -> Values:
    return _values(message_schema(kind))


def _values(schema: Mapping[str, Any]) -> Values:
    """Values within the limits that stand in the schema of the value itself."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "x-plain" in schema:
        return st.sampled_from([1, 2.5, True, "x"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([_BY_KIND[kind](schema) for kind in kinds])


def _texts(schema: Mapping[str, Any]) -> Values:
    found = schema.get("examples", ["Ana"])
    is_free = "examples" not in schema or "maxLength" in schema
    return st.sampled_from([*found, *[char * schema.get("maxLength", 60) for char in "x👍" if is_free]])


def _numbers(schema: Mapping[str, Any]) -> Values:
    return st.floats(schema["minimum"], schema["maximum"], allow_nan=False)


def _integers(schema: Mapping[str, Any]) -> Values:
    return st.integers(schema["minimum"], schema["maximum"])


def _lists(schema: Mapping[str, Any]) -> Values:
    least, most = schema.get("minItems", 0), schema.get("maxItems", 3)
    return st.lists(_values(schema["items"]), min_size=least, max_size=min(most, 2))


def _objects(schema: Mapping[str, Any]) -> Values:
    fields = {name: _values(below) for name, below in schema.get("properties", {}).items()}
    if isinstance(schema.get("additionalProperties"), Mapping):
        others = st.dictionaries(st.sampled_from(_PARAMETERS), _values(schema["additionalProperties"]), max_size=2)
        return st.one_of(others, others, st.fixed_dictionaries({}, optional=fields))
    # What is needed beside `required` stands in conditions; with every second field there, it is often met.
    needed = {name: fields[name] for name in schema.get("required", ())}
    return st.fixed_dictionaries(needed, optional={name: each for name, each in fields.items() if name not in needed})


_BY_KIND = {
    "string": _texts, "number": _numbers, "integer": _integers, "boolean": lambda _: st.booleans(), "array": _lists,
    "object": _objects,
}  # fmt: skip


def _odd(draw: st.DrawFn, schema: Mapping[str, Any], value: Any) -> Any:
    """A value in the place of another: at or beyond a limit, or almost what a pattern wants."""
    if isinstance(value, str):
        texts = [f"{value}\n", f"{value} {value}", value.upper(), *schema.get("examples", ["Ana"]), *_ODD, *ANYTHING]
        for size in (schema[key] + more for key in ("minLength", "maxLength") if key in schema for more in (-1, 0, 1)):
            texts += [char * size for char in "x👍 \n"]
        return draw(st.one_of(st.sampled_from(texts), st.sampled_from(texts), _matching(schema.get("pattern", ""))))
    if isinstance(value, list):
        sizes = (schema[key] + more for key in ("minItems", "maxItems") if key in schema for more in (-1, 0, 1))
        size = draw(st.sampled_from([0, *(size for size in sizes if size >= 0)]))
        return [copy.deepcopy(each) for each in (value or [draw(st.sampled_from(ANYTHING))]) * size][:size]
    if isinstance(value, dict):
        name = draw(st.sampled_from([*_PARAMETERS, *_NO_PARAMETERS]))
        return {**value, name: draw(st.sampled_from([*ANYTHING, "Ana", "Ana\n", "a     b"]))}
    return draw(st.sampled_from([*_NUMBERS, *ANYTHING]))


@cache
def _matching(pattern: str) -> Values:
    return st.from_regex(pattern).filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text))


def _places(value: Any, route: Route) -> Iterator[Route]:
    """The way to every value inside a value; of a long list, to its first items."""
    below = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for key, each in below:
        yield (*route, key)
        yield from _places(each, (*route, key))


def _changed(draw: st.DrawFn, body: Any, place: Route) -> Any:
    owner: Any = body
    schema: Mapping[str, Any] = message_schema(draw(st.sampled_from(KINDS)))
    if isinstance(body, dict) and body.get("message_type") in list(MESSAGE_TYPES):
        schema = message_schema(kind_of(body))
    for key in place[:-1]:
        owner, schema = owner[key], child(schema, key) or {}
    last = place[-1]
    value = owner[last]
    change = draw(st.sampled_from(["odd", "odd", "odd", "drop", "rename", "add", "replace", "retype", "swap"]))
    if change == "odd":
        owner[last] = _odd(draw, child(schema, last) or {}, value)
    elif change == "drop":
        del owner[last]
    elif change == "rename" and isinstance(owner, dict):
        owner[draw(st.sampled_from([*_NAMES, f"{last}s", str(last).upper(), ""]))] = owner.pop(last)
    elif change == "add" and isinstance(owner, dict):
        owner[draw(st.sampled_from(_NAMES))] = draw(st.sampled_from(ANYTHING))
    elif change == "retype" and isinstance(body, dict):
        body["message_type"] = draw(st.sampled_from([*MESSAGE_TYPES, "Text", "sticker", "", 5, None, ["text"]]))
    elif change == "swap":
        other = draw(st.sampled_from(list(owner) if isinstance(owner, dict) else range(len(owner))))
        owner[last], owner[other] = owner[other], value
    else:
        owner[last] = draw(st.sampled_from(ANYTHING))
    return body
