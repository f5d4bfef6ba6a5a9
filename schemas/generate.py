"""Make `message.json`, `flow.json` and `test.json` from the files in `message/`, the keys beside this and the verbs.

Run me after every change of either.

`message.json` is one rendered message for any JSON Schema validator, with no file beside it; what flowrunner checks by
name (``x-check``, ``x-unique``, ``x-max-total``) is stated there as far as JSON Schema can. `flow.json` is a whole flow
file for an editor, with the messages in it: the same rules, held back where an expression stands. The
annotations that begin with ``x-`` are flowrunner's own and are left out of both, since strict validators refuse
keywords they do not know. What they tell stands in `flow.json` in the keywords of the YAML language server
(errorMessage, patternErrorMessage, enumDescriptions, markdownDescription, defaultSnippets, doNotSuggest), which change
nothing that is accepted or refused.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from flowrunner.flow.shape import FLOW_KEYS, default_keys
from flowrunner.flow.steps import VERBS
from flowrunner.flow.steps.verb import step_keys
from flowrunner.spec.files import KINDS, MESSAGE_TYPES, key_schemas
from flowrunner.spec.inputs import declaration
from flowrunner.spec.words import listed, written
from flowrunner.testing.reading.after import EVENTS
from schemas.of_tests import schema_of_tests

HERE = Path(__file__).parent
DRAFT = "https://json-schema.org/draft/2020-12/schema"
EXPRESSION = r"\{[{%#]"

_RULES = frozenset({"allOf", "anyOf", "if", "then", "not", "dependentRequired", "minLength", "maxLength", "pattern"})
_SUBTYPE = "interactive_type"
_MANY = 20
"""A sum over lists that is at least as high would take thousands of rules to be stated."""

CONTROL = r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]"
"""A control character that is no line break, tab or return."""
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29"
_DAY = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])"
STATED = {
    "calendar-date": rf"^(?:(?:[1-9][0-9]{{3}}|0[1-9][0-9]{{2}}|00[1-9][0-9]|000[1-9])-(?:{_DAY})|{_LEAP})$",
    "one-emoji": (
        r"^(?:[#*0-9]\ufe0f?\u20e3|[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299"
        "\U0001f000-\U0001faff]"
        r"[\u200d\ufe0f\u2190-\u2bff"
        "\U0001f000-\U0001faff\U000e0020-\U000e007f]{0,12})?$"
    ),
}
"""What texts that a named check accepts look like, at least."""
_BREAK = {"type": "string", "pattern": r"\n"}  # Python's $ also matches before a last one

_BELOW = {
    "reply": ("Reply", ["within", "no_reply"]),
    "reminder": ("Reminder", ["after", "message"]),
    "again": ("Once more", ["again", "times", "then"]),
    "answer": ("Answer", []),
    "branch": ("Branch", ["when", "steps"]),
    "anytime": ("At any time", ["end"]),
}
"""What stands below steps: its title, and the keys that it must have."""

Schema = dict[str, Any]


def build() -> dict[str, str]:
    """The text of every generated file, by file name."""
    sources = {name: json.loads((HERE / "message" / f"{name}.json").read_text("utf-8")) for name in KINDS}
    for source in sources.values():
        del source["$schema"]
    made = {
        "message.json": _message(sources),
        "flow.json": _flow(sources),
        "test.json": schema_of_tests(sources, EVENTS),
    }
    return {name: json.dumps(_plain(schema), ensure_ascii=False, indent=1) + "\n" for name, schema in made.items()}


def _plain(schema: Any) -> Any:
    """A schema without annotations of our own, and without the names it has as a file."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key[:2] != "x-" and key != "$id"}
    return [_plain(each) for each in schema] if isinstance(schema, list) else schema


def _message(sources: dict[str, Schema]) -> Schema:
    return {
        "$schema": DRAFT,
        "title": "WhatsApp message",
        "description": "One message as it is posted to Kapso. The rules are those of its message_type.",
        **_chosen_by_type({}),
        "$defs": {
            "sent": {"not": {"type": "string", "pattern": CONTROL}},
            **{name: _stated(source) for name, source in sources.items()},
        },
    }


def _stated(schema: Any) -> Any:
    """A schema with what its annotations say in JSON Schema's own keywords."""
    if isinstance(schema, list):
        return [_stated(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    stated = {key: _stated(below) for key, below in schema.items()}
    more: list[Schema] = [
        {"pattern": STATED[check], "not": _BREAK} for check in schema.get("x-check", ()) if check in STATED
    ]
    if max(schema.get("x-max-total", {}).values(), default=_MANY) < _MANY:
        [(key, most)] = schema["x-max-total"].items()
        more += [{"not": too_many} for too_many in _more_than(key, most, schema["maxItems"])]
    if "x-unique" in schema and _all_have(schema["x-unique"], schema["items"]):
        # That texts below differ cannot be stated; that the objects that hold them do, can.
        stated["uniqueItems"] = True
    if "string" in schema.get("type", ()) and "description" in schema and not {"enum", "const"} & schema.keys():
        more.insert(0, {"$ref": "#/$defs/sent"})
    return stated | ({"allOf": [*stated.get("allOf", ()), *more]} if more else {})


def _all_have(paths: list[str], item: Schema) -> bool:
    """Whether every item has what must differ."""
    return all(path.split(".")[0] in item["required"] for path in paths)


def _more_than(key: str, most: int, longest: int) -> Iterator[Schema]:
    """What holds of lists whose items together have more than ``most`` items under ``key``.

    For some way to part ``most + 1`` into counts, each count is reached by as many items as it, or a higher one, stands
    in it.
    """
    for counts in _parted(most + 1, most):
        if len(counts) <= longest:
            yield {
                "allOf": [
                    {
                        "contains": {"properties": {key: {"minItems": count}}, "required": [key]},
                        "minContains": sum(each >= count for each in counts),
                    }
                    for count in sorted(set(counts))
                ]
            }


def _parted(total: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every way to part a number into numbers of at most ``most``, the highest first."""
    if not total:
        yield ()
    for first in range(min(total, most), 0, -1):
        yield from ((first, *rest) for rest in _parted(total - first, first))


def _chosen_by_type(shown: Schema) -> Schema:
    """The rules of the type that message_type names, or of text; `shown` is added to the field message_type."""
    rules: list[Schema] = [
        {"if": {"type": "object", "not": {"required": ["message_type"]}}, "then": {"$ref": "#/$defs/text"}}
    ]
    rules += [{"if": _is_kind(name), "then": {"$ref": f"#/$defs/{name}"}} for name in KINDS]
    told = "The kind of message; text when left out. Never an expression."
    kind = {"description": told, "enum": MESSAGE_TYPES, **shown}
    return {"type": "object", "properties": {"message_type": kind}, "allOf": rules}


def _is_kind(name: str) -> Schema:
    """What holds of the messages of one kind; the interactive ones that have no kind of their own are one, too."""
    subtypes = [each.removeprefix("interactive_") for each in KINDS if each not in MESSAGE_TYPES]
    named = {"type": "object", "properties": {"message_type": {"const": name}}, "required": ["message_type"]}
    if name == "interactive":
        return {**named, "not": {"properties": {_SUBTYPE: {"enum": subtypes}}, "required": [_SUBTYPE]}}
    if name not in MESSAGE_TYPES:
        named["properties"] = {
            "message_type": {"const": "interactive"}, _SUBTYPE: {"const": name.removeprefix("interactive_")}
        }  # fmt: skip
        named["required"] = ["message_type", _SUBTYPE]
        # An editor that completes takes the beginning of a value for the value.
        if shorter := [
            each for each in subtypes if f"interactive_{each}" != name and name.startswith(f"interactive_{each}")
        ]:
            named["not"] = {"properties": {_SUBTYPE: {"enum": shorter}}}
    return named


def _flow(sources: dict[str, Schema]) -> Schema:
    docs = [_described(sources[name]) for name in MESSAGE_TYPES]
    made = {name: _with_expressions(source, name, is_fixed=True) for name, source in sources.items()}
    for name in KINDS:
        if name not in MESSAGE_TYPES:  # all the others are offered, too
            made[name]["properties"][_SUBTYPE] = made["interactive"]["properties"][_SUBTYPE]
    message = {
        "title": "Message",
        "description": "A text to send, or the message's fields as Kapso's API names them.",
        **_chosen_by_type({"enumDescriptions": docs}),
    }
    del message["type"]
    # Not as a type: an editor would offer true and false as texts.
    told = "message must be text, or the fields of a message"
    message["allOf"] += [
        {"if": {"type": ["array", "null"]}, "then": {"type": "object", "errorMessage": told}},
        *_limits({"maxLength": sources["text"]["properties"]["content"]["maxLength"], "pattern": r"\S"}, "message"),
    ]
    keys = {name: key.schema for name, key in FLOW_KEYS.items()}
    waits = {name: key.schema for name, key in default_keys().items()}
    whole, part = (_declaration(declaration(is_part=is_part)) for is_part in (False, True))
    keys["defaults"] = {**keys["defaults"], **_object({name: {"$ref": f"#/$defs/{name}"} for name in waits})}
    return {
        "$schema": DRAFT,
        "title": "flowrunner flow",
        "description": "WhatsApp messages, sent in order to one conversation.",
        **_object(keys, required=["name", "steps"]),
        "$defs": {
            "step": _step(waits),
            **_below_steps(),
            **waits,
            "duration": key_schemas("duration")["value"],
            "input": {**whole, "description": "What values the input takes.", "type": ["object", "null"]},
            "fragment": {**part, "description": "What a part of the value must be."},
            "message": message,
            **made,
        },
    }


def _described(schema: Schema) -> str:
    """What an editor says of a type or a field, with the dialects that have it where not all do."""
    only = schema.get("x-dialects")
    return str(schema["description"]) + (f" Only with the dialect {listed(only)}." if only else "")


def _object(properties: Schema, **more: Any) -> Schema:
    return {"type": "object", "properties": properties, **more, "additionalProperties": False}


def _step(shared: Schema) -> Schema:
    """One step: the keys of every verb, one verb in it, no key of another."""
    keys: Schema = {name: key.schema for name, key in step_keys(VERBS).items()}
    keys |= {name: {"$ref": f"#/$defs/{name}"} for name in shared}
    needs, rules = f"a step needs {listed(VERBS)}", []
    for first, second in combinations(VERBS, 2):
        told = f"a step has {first} or {second}, not both; make two steps of it"
        rules.append({"if": {"required": [first]}, "then": _forbidden(second, told)})
    for verb in VERBS.values():
        others = listed([name for name in VERBS if name != verb.name])
        for key in [key for key in verb.keys if key != verb.name]:
            told = f"{key} does not belong to a {others} step; remove it, or move it to a {verb.name} step"
            rules.append({"if": {"not": {"required": [verb.name]}}, "then": _forbidden(key, told)})
        for key in verb.required:
            needed = {"required": [key], "errorMessage": f"a {verb.name} step needs {key}"}
            rules.append({"if": {"required": [verb.name]}, "then": needed})
    return {
        "title": "Step",
        "description": "One thing to do: send a message, pause, choose, repeat, include, end.",
        **_object(keys),
        "anyOf": [{"required": [name], "errorMessage": needs} for name in VERBS],
        "allOf": rules,
        "defaultSnippets": json.loads((HERE / "snippets.json").read_text("utf-8")),
    }


def _below_steps() -> dict[str, Schema]:
    """The objects that stand below a step, or beside the steps: what may be answered, and what is done then."""
    made = {
        name: {"title": title, **_object({**key_schemas(name)}, required=required)}
        for name, (title, required) in _BELOW.items()
    }
    for name in ("answer", "anytime"):
        deciding = [key for key in made[name]["properties"] if key not in ("steps", "end")]
        told = f"say what is answered: {listed(deciding)}"
        made[name]["anyOf"] = [{"required": [key], "errorMessage": told} for key in deciding]
    return made


def _declaration(schema: Mapping[str, Any]) -> Schema:
    """What an input may say, as an editor needs it: each kind of value, and the same again below."""
    return {
        "title": "Input",
        **_object({name: _of_declaration(name, key) for name, key in schema["properties"].items()}),
    }


def _of_declaration(name: str, key: Schema) -> Schema:
    told = {"description": key["description"]}
    below = {"$ref": "#/$defs/fragment"}
    plain = {word: value for word, value in key.items() if word != "examples"}
    match name:
        case "type":
            several = {word: plain[word] for word in ("items", "minItems", "uniqueItems")}
            return {**told, "anyOf": [key["items"], {"type": "array", **several}]}
        case "const" | "default" | "example":
            return {**told, "type": ["string", "number", "boolean", "array", "object", "null"]}
        case "pattern":
            return {**plain, "format": "regex"}
        case "items":
            return {**told, **below}
        case "properties":
            return {**plain, "additionalProperties": below}
        case "additionalProperties":
            return {**told, "anyOf": [{"type": "boolean"}, below]}
    return plain


def _with_expressions(schema: Schema, name: str, *, is_fixed: bool = False) -> Schema:
    """The schema of the value called `name` before expressions are filled in; a fixed one is never an expression."""
    lax = {key: value for key, value in schema.items() if key not in _RULES}
    lax |= {"description": _described(schema)} if "description" in schema else {}
    for key in ("items", "additionalProperties"):
        if isinstance(lax.get(key), dict):
            lax[key] = _with_expressions(lax[key], "the value")
    if "object" in lax.get("items", {}).get("type", ()):
        lax["items"]["title"] = lax["items"].pop("description").rstrip(".")
    if "properties" in lax:
        lax["properties"] = {key: _property(below, key) for key, below in lax["properties"].items()}
        # The message's own message_type says it for all types: nobody is offered the one of text first.
        lax["properties"] |= {"message_type": True} if "message_type" in lax["properties"] else {}
    if "propertyNames" in lax:
        lax["propertyNames"] = {**lax["propertyNames"], "patternErrorMessage": _told(schema, "propertyNames", "this")}
    if "required" in schema.get("x-errors", ()):
        lax["errorMessage"] = _told(schema, "required", name)
    if "anyOf" in schema:
        lax["anyOf"] = [{**each, "errorMessage": _told(schema, "anyOf", name)} for each in schema["anyOf"]]
    rules = [_conditional(rule) for rule in (*schema.get("allOf", ()), schema) if "if" in rule]
    rules += _apart(schema) + _limits(schema, name)
    _move_to_subtypes(lax, rules)
    if not is_fixed:
        rules += _loosened(lax, name)
    if rules:
        lax |= rules[0] if len(rules) == 1 else {"allOf": rules}
    return _shown(lax)


def _property(schema: Schema | bool, name: str) -> Schema | bool:
    """A field; one that a rule limits further is offered once, where it is described."""
    if isinstance(schema, bool):
        return schema
    lax = _with_expressions(schema, name, is_fixed=name == _SUBTYPE)
    return lax if "description" in schema else {**lax, "doNotSuggest": True}


def _conditional(rule: Schema) -> Schema:
    """A rule with an `if`; each field that it forbids has its own sentence."""
    then = _with_expressions(rule["then"], "this", is_fixed=True)
    fields = then.pop("properties", {})
    never = [key for key in fields if fields[key] is False]
    if never:
        told = [_forbidden(key, _told(rule["then"], "properties", key)) for key in never]
        then["allOf"] = [*then.get("allOf", ()), *told]
    if len(never) < len(fields):
        then["properties"] = {key: below for key, below in fields.items() if key not in never}
    return {"if": rule["if"], "then": then}


def _apart(schema: Schema) -> list[Schema]:
    """What cannot stand together, or alone; the editor marks the key and not the whole object."""
    rules = []
    if "required" in schema.get("not", ()):
        first, second = schema["not"]["required"]
        rules.append({"if": {"required": [first]}, "then": _forbidden(second, _told(schema, "not", second))})
    for key, needed in schema.get("dependentRequired", {}).items():
        told = _told(schema, "dependentRequired", key)
        rules.append({"if": {"not": {"required": needed}}, "then": _forbidden(key, told)})
    return rules


def _forbidden(key: str, told: str) -> Schema:
    return {"properties": {key: False}, "errorMessage": told}


def _move_to_subtypes(lax: Schema, rules: list[Schema]) -> None:
    """Keep the fields of one subtype under its rule alone, so that an editor offers them to no other."""
    by_kind = [rule["then"] for rule in rules if _SUBTYPE in rule.get("if", {}).get("properties", ())]
    never = [{key for each in then.get("allOf", ()) for key in each["properties"]} for then in by_kind]
    for key in [key for key in lax.get("properties", ()) if any(key in keys for keys in never)]:
        for then, keys in zip(by_kind, never, strict=True):
            if key not in keys:
                then.setdefault("properties", {})[key] = lax["properties"][key]
        lax["properties"][key] = True


def _limits(schema: Schema, name: str) -> list[Schema]:
    """The limits of a text as patterns, which count characters as people do and let every expression pass."""
    limits = []
    if "maxLength" in schema:
        most = schema["maxLength"]
        told = _told(schema, "maxLength", name) or f"{name} has more than {most} characters"
        limits.append((rf"^(?![\s\S]{{{most + 1}}})", told))
    if "pattern" in schema:
        limits.append((schema["pattern"], _told(schema, "pattern", name) or f"{name} must not be blank"))
    # One without words of its own repeats the pattern.
    if "pattern" in schema.get("not", ()) and "not" in schema.get("x-errors", ()):
        told = _told(schema, "not", name) or f"{name} must be on one line"
        limits.append((rf"^(?![\s\S]*(?:{schema['not']['pattern']}))", told))
    return [_or_expression(pattern, told) for pattern, told in limits]


def _or_expression(pattern: str, told: str) -> Schema:
    # Python's $ also matches before a last line break.
    whole = re.sub(r"\$$", r"(?![\\s\\S])", pattern)
    return {"pattern": f"(?:{whole})|{EXPRESSION}", "patternErrorMessage": told}


def _loosened(lax: Schema, name: str) -> list[Schema]:
    """Widen the types of `lax` by what an expression, or a number typed as text, looks like to an editor."""
    kinds = [lax["type"]] if isinstance(lax.get("type"), str) else lax.get("type", [])
    if "enum" in lax:
        lax["anyOf"] = [{"enum": lax.pop("enum")}, {"type": "string", "pattern": EXPRESSION}]
    elif "string" in kinds:
        lax["type"] = [*kinds, *(kind for kind in ("number", "boolean") if kind not in kinds)]
        lax |= {"errorMessage": f"{name} must be text"} if kinds == ["string"] else {}
    elif kinds:
        lax["type"] = [*kinds, "string"]
        wanted = " or ".join({"array": "a list", "object": "fields"}.get(kind, f"a {kind}") for kind in kinds)
        return [{"pattern": EXPRESSION, "patternErrorMessage": f"{name} must be {wanted}, or an expression"}]
    return []


def _told(schema: Schema, keyword: str, name: str) -> str:
    """What flowrunner itself says when the keyword fails; nothing where that is told by the keyword alone."""
    told = schema.get("x-errors", {}).get(keyword)
    if told is None:
        return ""
    text = f"{told['message']}; {told['hint']}".replace("{length} characters", "too many characters")
    return text.replace("{field} {value}", name).replace("{field}", name)


def _shown(lax: Schema) -> Schema:
    """Examples that the server can insert stay; it shows lists and objects as text, and offers known values."""
    examples = lax.pop("examples", [])
    plain = [each for each in examples if not isinstance(each, list | dict)]
    lax |= {"examples": plain} if plain else {}
    if len(plain) < len(examples):
        blocks = [f"```yaml\n{written(each)}\n```" for each in examples if each not in plain]
        text = re.sub(r"([\\`*_{}\[\]#+!])", r"\\\1", lax["description"])
        lax["markdownDescription"] = "\n\n".join([text, *blocks])
    known = lax.get("x-known", {}).get("values", ())
    return lax | ({"defaultSnippets": [{"label": each, "body": each} for each in known]} if known else {})


if __name__ == "__main__":
    for file_name, text in build().items():
        (HERE / file_name).write_text(text, "utf-8")
        print(f"wrote {file_name}")
