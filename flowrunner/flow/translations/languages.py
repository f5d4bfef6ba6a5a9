"""Which languages a flow has: ``languages``, the input ``language``, and the language of its templates."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.flow.keys import kind
from flowrunner.model import Input, Json
from flowrunner.spec import check_value, is_nothing
from flowrunner.spec.words import shown

LANGUAGE: Final = "language"
"""The input that says which language a person is written to in."""
TIMEZONE: Final = "timezone"
"""The input that says by which clock a person lives."""
_TELLS_TIME: Final = r"\|\s*(?:date|time|datetime)\b"
_MOST: Final = 30
_LIKE: Final = "write codes such as es, en or pt_BR: languages: [es, en]"


def languages_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with the list of a flow's languages."""
    from flowrunner.languages.codes import is_language, meant, normal  # few flows say theirs

    if not isinstance(value, list):
        code = meant(value) if isinstance(value, str) else ""
        hint = f"write languages: [{code}]" if code else _LIKE
        yield Problem("wrong-type", f"languages must be a list of codes, not {kind(value)}", route, hint)
        return
    if not value:
        yield Problem("too-few-items", "languages has 0 items, at least 1 is required", route, _LIKE)
    if len(value) > _MOST:
        message = f"languages has {len(value)} items, at most {_MOST} are allowed"
        yield Problem("too-many-items", message, route, "remove those that nobody reads")
        return
    met: set[str] = set()
    for index, written in enumerate(value):
        at = (*route, index)
        if not isinstance(written, str) or is_nothing(written):
            yield Problem("wrong-type", f"a language must be a code, not {kind(written)}", at, _LIKE)
            continue
        code = normal(written)
        if not code or not is_language(code):
            close = meant(written)
            message = f"{shown(str(written))} is not the code of a language"
            yield Problem("bad-language", message, at, f"write {close}" if close else _LIKE)
        elif code != written:
            yield Problem("bad-language", f"the code {written} is written {code}", at, f"write {code}")
        elif code in met:
            yield Problem("bad-language", f"{code} is there twice", at, "remove one of them")
        met.add(code)


def languages_of(data: Mapping[Any, Any]) -> tuple[str, ...]:
    """A flow's languages, its own first; empty where it says none, or what it says is wrong."""
    value = data.get("languages")
    if value is None or any(True for _ in languages_problems(value, ())):
        return ()
    return tuple(map(str, value))


def with_reader(
    inputs: dict[str, Input], languages: tuple[str, ...], text: str
) -> tuple[dict[str, Input], list[Problem]]:
    """The inputs of a flow with those that say how its reader reads, whether or not its author has declared them.

    ``language`` is among them where the flow is in several, ``timezone`` where its texts tell the time in one.

    Args:
        inputs: Those that are declared.
        languages: The flow's.
        text: The text of its file.

    Returns:
        The inputs, and what is wrong with a declared one.
    """
    problems: list[Problem] = []
    if re.search(_TELLS_TIME, text):
        if TIMEZONE in inputs:
            its = inputs[TIMEZONE] = inputs[TIMEZONE]._replace(schema={**inputs[TIMEZONE].schema, "x-zone": True})
            problems += (each.under(("inputs", TIMEZONE)) for each in _zone_problems(its))
        elif languages:
            schema = {"type": "string", "x-zone": True}
            inputs[TIMEZONE] = Input(TIMEZONE, schema, has_default=True, default="")
    if len(languages) < 2:
        return inputs, problems
    declared = inputs.get(LANGUAGE)
    if declared is None:
        return {**inputs, LANGUAGE: Input(LANGUAGE, {"type": "string", "enum": [*languages]})}, problems
    refused = [code for code in languages if check_value(declared.schema, code)]
    if refused:
        message = f"the input language does not take {', '.join(refused)}, which the flow is written in"
        hint = f"write language: {{enum: [{', '.join(languages)}]}}, or remove it: the flow has it without"
        problems.append(Problem("bad-language", message, ("inputs", LANGUAGE), hint, at_key=True))
    elif declared.has_default and declared.default not in languages:
        message = f"the default of language, {declared.default}, is not one of the flow's languages"
        hint = f"write one of {', '.join(languages)}"
        problems.append(Problem("bad-language", message, ("inputs", LANGUAGE, "default"), hint))
    return inputs, problems


def _zone_problems(timezone: Input) -> Iterator[Problem]:
    """What is wrong with the values that a flow says itself of the clock that it is read by."""
    said: list[tuple[Route, Any]] = [
        ((key,), value) for key, value in (("default", timezone.default), ("example", timezone.example))
    ]
    said += [(("enum", at), value) for at, value in enumerate(timezone.schema.get("enum", ()))]
    for route, value in said:
        yield from (each.under(route) for each in check_value({"x-zone": True}, value))


def with_template_language(data: Json, language: str) -> Json:
    """The same steps as they were written, with a language for each template message that names none."""
    if isinstance(data, list):
        made = [with_template_language(each, language) for each in data]
        return data if all(one is other for one, other in zip(made, data, strict=True)) else made
    if not isinstance(data, Mapping):
        return data
    changed = {key: new for key, value in data.items() if (new := with_template_language(value, language)) is not value}
    if data.get("message_type") == "template" and "template_language" not in data:
        changed["template_language"] = language
    return {**data, **changed} if changed else data
