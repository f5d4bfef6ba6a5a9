"""Why a value is refused: `jsonschema`'s errors, each turned into one Problem in plain words.

Slow and complete; imported only for data that jsonschema-rs has refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from flowrunner.diagnostics import Problem, Route
from flowrunner.spec.addresses import remedy
from flowrunner.spec.files import Schema
from flowrunner.spec.phrases import Phrase, missing, phrase
from flowrunner.spec.validators import fragment_validator
from flowrunner.spec.walk import Walk
from flowrunner.spec.words import at, field, is_blank, link_to, one_of_known, shown


class _Fault(NamedTuple):
    """One failed keyword.

    Attributes:
        keyword: The keyword; ``false`` where the schema allows no value at all.
        owner: The schema object in which the keyword stands.
        limit: The keyword's value.
        value: What failed it.
        route: Where, in the walked copy; a missing field's is the object it should be in.
        name: The field it is about, where that is not the last of `route`.
        conditions: The fields whose values decided that the keyword applies.
        causes: The fields whose presence did.
    """

    keyword: str
    owner: Schema
    limit: Any
    value: Any
    route: Route
    name: str = ""
    at_key: bool = False
    conditions: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()

    @property
    def is_sole(self) -> bool:
        """Whether every other fault of the same value is noise beside this one."""
        if self.keyword in {"minLength", "pattern"}:
            return is_blank(self.value)
        return self.keyword in {"type", "const", "enum", "false"}


def explain(schema: Schema, walk: Walk, label: str) -> list[Problem]:
    """Every fault of `walk.copy` by `schema`, in the routes of the data that was walked.

    What depends on a held value is left out, and so is what another fault has caused.
    """
    faults: dict[tuple[Route, str, str], _Fault] = {}
    for error in _explainer()(schema).iter_errors(walk.copy):
        for fault in _faults(error, schema, walk.copy):
            if not _is_held_back(fault, walk):
                faults.setdefault((fault.route, fault.keyword, fault.name), fault)
    kept = _without_consequences(list(faults.values()))
    return [_problem(fault, schema, walk, label) for fault in kept if not _is_misnamed(fault, walk)]


def _is_held_back(fault: _Fault, walk: Walk) -> bool:
    # That a key stands there, and which one, is known whatever its value will be.
    place = fault.route[:-1] if fault.at_key else fault.route
    below = any(place[: len(held)] == held for held in walk.held)
    return below or any(held[-1] in fault.conditions for held in walk.held if held)


def _is_misnamed(fault: _Fault, walk: Walk) -> bool:
    """Whether the unknown name, already reported, is all that is wrong."""
    if any(walk.is_renamed((*fault.route[:-1], cause)) for cause in fault.causes):
        return True
    return fault.keyword in {"type", "false"} and walk.is_renamed(fault.route)


def _without_consequences(faults: list[_Fault]) -> list[_Fault]:
    """One fault for one mistake: what follows from another fault is dropped."""
    foreign = [fault for fault in faults if fault.keyword == "false"]
    # Fields of another kind stand here and the kind's own are missing: the kind is the mistake, said once.
    wrong_kind = {id(each.owner) for each in foreign} & {id(f.owner) for f in faults if f.keyword == "required"}
    sole: dict[Route, _Fault] = {}
    for fault in (
        *foreign,
        *(each for each in faults if each.keyword == "type"),
        *(each for each in faults if each.is_sole),
    ):
        sole.setdefault(fault.route, fault)
    unmatched = {fault.route for fault in faults if fault.keyword == "pattern"}
    said: set[int] = set()
    kept = []
    for fault in faults:
        owner = id(fault.owner)
        if owner in wrong_kind and fault.keyword in {"false", "required"}:
            if fault.keyword == "required" or owner in said:
                continue
            said.add(owner)
        elif (
            sole.get(fault.route, fault) is not fault
            or any(fault.route[: len(each.route)] == each.route for each in foreign if each is not fault)
            or (fault.keyword == "not" and fault.route in unmatched)
        ):
            continue
        kept.append(fault)
    return kept


def _faults(error: ValidationError, root: Schema, data: Any) -> Iterator[_Fault]:
    """The faults in one error of `jsonschema`, one for each field it is about."""
    path = list(error.absolute_schema_path)
    route: Route = tuple(error.absolute_path)
    if error.validator is None:
        yield from _barred(root, path, route, data)
        return
    keyword = str(error.validator)
    value: Any = error.instance
    if "propertyNames" in path:
        owner, conditions, _ = _trail(root, path[: path.index("propertyNames")])
        yield _Fault("propertyNames", owner, None, value, (*route, str(value)), at_key=True, conditions=conditions)
        return
    owner, conditions, _ = _trail(root, path[:-1])
    fault = _Fault(keyword, owner, error.validator_value, value, route, conditions=conditions)
    if keyword == "required":
        yield from (fault._replace(name=name) for name in fault.limit if name not in value)
    elif keyword == "dependentRequired":
        for name, needed in fault.limit.items():
            if name in value and any(each not in value for each in needed):
                yield fault._replace(route=(*route, name), at_key=True)
    elif keyword == "additionalProperties":
        for name in value:
            if name not in owner.get("properties", {}):
                yield fault._replace(route=(*route, name), at_key=True)
    else:
        yield fault


def _barred(root: Schema, path: list[str | int], route: Route, data: Any) -> Iterator[_Fault]:
    """The fields that a `properties` allows no value for; `jsonschema` says which `properties`, not which field."""
    owner, conditions, causes = _trail(root, path[:-1])
    for key in route:
        data = data[key]
    for name, allowed in owner["properties"].items():
        if allowed is False and name in data:
            fault = _Fault("false", owner, False, data[name], (*route, name), at_key=True, conditions=conditions)
            yield fault._replace(causes=causes)


def _trail(root: Schema, path: list[str | int]) -> tuple[Schema, frozenset[str], frozenset[str]]:
    """The schema at the end of a path; which fields' values, and whose presence, the conditions on the way ask for."""
    here: Any = root
    conditions: set[str] = set()
    causes: set[str] = set()
    for part in path:
        if part == "then" and "if" in here:
            conditions.update(here["if"].get("properties", ()))
            causes.update(here["if"].get("required", ()))
        here = here[part]
    return here, frozenset(conditions), frozenset(causes)


def _problem(fault: _Fault, root: Schema, walk: Walk, label: str) -> Problem:
    code, message, hint = _told(fault, at(root, fault.route), field(fault.route, label))
    route = (*fault.route, fault.name) if fault.name else fault.route
    link = fault.owner.get("x-link") or link_to(root, route)
    return Problem(code, message, walk.origin(fault.route), hint, link=link, at_key=fault.at_key)


def _told(fault: _Fault, schema: Schema, name: str) -> Phrase:
    """The schema's own words for this fault, else the words for its keyword."""
    special = fault.owner.get("x-errors", {}).get("properties" if fault.keyword == "false" else fault.keyword)
    if not special:
        if fault.name:
            return missing(fault.name, schema)
        code, message, hint = phrase(fault.keyword, fault.limit, fault.value, name, schema)
        return code, message, schema.get("x-hint", hint)
    size = str(len(fault.value)) if isinstance(fault.value, (str, list)) else ""
    values = {"{field}": name, "{value}": shown(fault.value), "{length}": size, "{count}": size}
    near = one_of_known(fault.value, schema["x-known"]) if "x-known" in schema else ""
    if fault.owner.get("x-remedy") == "day":
        from flowrunner.languages.days import day_hint  # few values are no day

        near = day_hint(fault.value) if re.search(r"\d{4}", fault.value) else ""  # '90 is no year of birth to be
    elif "x-remedy" in fault.owner:
        near = remedy(fault.value, name, media=fault.owner["x-remedy"] == "media-address")
    return special["code"], _fill(special["message"], values), near or _fill(special["hint"], values)


def _fill(text: str, values: Mapping[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


@cache
def _explainer() -> Any:
    """The class `jsonschema` explains with; for some keywords it asks jsonschema-rs.

    Python's own regular expressions can be made to hang, and differ in small things, as do formats and remainders.
    """
    asked = {name: _asked(name) for name in ("pattern", "format", "multipleOf")}
    checks = {**asked, "additionalProperties": _additional}
    return extend(Draft202012Validator, checks)  # type: ignore[no-untyped-call]  # the stubs leave it untyped


def _additional(validator: Any, limit: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """The library's own check, in the order of the data: it goes through a set of the names."""
    found = list(Draft202012Validator.VALIDATORS["additionalProperties"](validator, limit, instance, schema))
    if found:
        order = {name: place for place, name in enumerate(instance)}
        found.sort(key=lambda error: order[error.path[0]] if error.path else -1)
    yield from found


def _asked(keyword: str) -> Any:
    def check(_validator: Any, limit: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
        if not fragment_validator(json.dumps({keyword: limit})).is_valid(instance):
            yield ValidationError(f"{keyword} refuses it")

    return check
