"""An independent renderer to compare with: jinja2 by itself and `jsonschema`.

It knows what flow files promise beyond Jinja, and nothing of how flowrunner keeps it: true is shown as ``true``; what
is no text, number or moment is not shown at all; a dot reads an object's field first.
"""

import ast
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache, wraps
from typing import Any

from jinja2 import StrictUndefined, Template, Undefined
from jinja2.sandbox import SandboxedEnvironment
from jsonschema import Draft202012Validator

from flowrunner.flow import Loaded
from flowrunner.model import MessageStep, Recipient
from flowrunner.spec import kind_of, message_schema

_TEXT_FILTERS = "capitalize center indent lower replace string title trim truncate upper wordwrap".split()
_LIST_FILTERS = "batch map reject rejectattr select selectattr slice unique".split()


def shown(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if type(value) is Undefined:
        return ""  # 'x' if y, without an else
    if not isinstance(value, (str, int, float, date, time, timedelta, StrictUndefined)):
        raise TypeError("not to be shown")
    return value


class _Environment(SandboxedEnvironment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        return obj[attribute] if isinstance(obj, Mapping) and attribute in obj else super().getattr(obj, attribute)


def _of_text(function: Any) -> Any:
    """The filter, given the text of what is no text; Jinja gives some of them something else first."""
    place = int(hasattr(function, "jinja_pass_arg"))

    @wraps(function)
    def given_text(*args: Any, **named: Any) -> Any:
        return function(*args[:place], str(shown(args[place])), *args[place + 1 :], **named)

    return given_text


def _as_list(function: Any) -> Any:
    """The filter, giving a list: a generator is true even where nothing is in it."""

    @wraps(function)
    def listed(*args: Any, **named: Any) -> Any:
        return list(function(*args, **named))

    return listed


# Not optimized: what is constant would be worked out where it is not reached, too.
ENVIRONMENT = _Environment(undefined=StrictUndefined, finalize=shown, keep_trailing_newline=True, optimized=False)
ENVIRONMENT.filters.update({name: _of_text(ENVIRONMENT.filters[name]) for name in _TEXT_FILTERS})
ENVIRONMENT.filters.update({name: _as_list(ENVIRONMENT.filters[name]) for name in _LIST_FILTERS})


def render(text: str, values: Mapping[str, Any]) -> str:
    """The text as Jinja renders it; raises whatever Jinja raises."""
    return _template(text).render(values)


@lru_cache(200)
def _template(text: str) -> Template:
    return ENVIRONMENT.from_string(text)


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """The value of one expression without braces; raises whatever Jinja raises, and where it is undefined."""
    found = ENVIRONMENT.compile_expression(text, undefined_to_none=False)(**values)
    if isinstance(found, StrictUndefined):
        raise TypeError("undefined")
    return shown(found) if type(found) is Undefined else found


def texts(loaded: Loaded, recipient: Recipient, values: Mapping[str, Any], now: str) -> list[str]:
    """The messages that a plain loop over the steps makes, as JSON; raises where it can make none, or one is wrong."""
    assert loaded.flow is not None
    names: dict[str, Any] = {
        **values,
        "now": datetime.fromisoformat(now),
        "recipient": {"phone": recipient.phone},
        "conversation": {"id": recipient.conversation},
    }
    made = []
    for step in loaded.flow.steps:
        applies = evaluate(step.when, names) if isinstance(step.when, str) else step.when is not False
        assert isinstance(applies, bool)
        if not isinstance(step, MessageStep):
            continue
        if applies:
            schema = message_schema(kind_of(step.message))
            body = _filled(step.message, schema, names)
            Draft202012Validator(dict(schema)).validate(body)
            made.append(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
            names[step.id] = {"skipped": False, "message": body}
        else:
            names[step.id] = {"skipped": True}
    return made


def _filled(data: Any, schema: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    if isinstance(data, dict):
        return {key: _filled(value, _below(schema, key), names) for key, value in data.items()}
    if isinstance(data, list):
        return [_filled(item, schema.get("items", {}), names) for item in data]
    if not isinstance(data, str) or "{" not in data:
        return data
    kinds = schema.get("type", "string")
    if "string" in kinds:
        return render(data, names)
    if "array" in kinds or "object" in kinds:
        return _typed(evaluate(data.strip()[2:-2], names), schema)
    text = render(data, names).strip()
    return int(text) if re.fullmatch("[-+]?[0-9]+", text) else ast.literal_eval(text)  # 0042 is a number here


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    """What an expression gave, numbers as text where text is wanted."""
    if isinstance(value, dict):
        return {key: _typed(item, _below(schema, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item, schema.get("items", {})) for item in value]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return str(value) if is_number and "string" in schema.get("type", ()) else value


def _below(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    more = schema.get("additionalProperties")
    found: Mapping[str, Any] = schema.get("properties", {}).get(key, more if isinstance(more, dict) else {})
    return found
