"""``message``: a message to be sent, typed and checked by the message spec."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from flowrunner.diagnostics import Problem, Route, Severity
from flowrunner.expressions import expression, holds_expression
from flowrunner.flow.fields import LITERAL, Field, filled, texts_of
from flowrunner.flow.keys import Key, duration_problems, kind, one_of, seconds
from flowrunner.flow.names import Names
from flowrunner.flow.placeholders import placeholder_problems
from flowrunner.flow.steps.verb import Compared, Head, Reader, Verb
from flowrunner.model import Action, Message, MessageStep
from flowrunner.model.media import FILE_FIELDS
from flowrunner.spec import KINDS, MESSAGE_TYPES, as_typed, check_message, is_nothing, kind_of, message_schema
from flowrunner.spec.files import key_schemas, takers
from flowrunner.spec.message import type_meant
from flowrunner.spec.words import listed, printable, written

if TYPE_CHECKING:
    from flowrunner.flow.translations.texts import Text

_KEYS: Final = key_schemas("message")

AUTO_TIMEOUT: Final = 20.0
"""Seconds that a slow message is waited for before the next one goes, where its author has not said ``until``."""
UNTIL_TIMEOUT: Final = 60.0
"""Seconds that `until` waits unless the step says otherwise."""


def _problems(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value, (str, Mapping)) or is_nothing(value):
        message = f"message must be text or an object of fields, not {kind(value)}"
        yield Problem("wrong-type", message, route, "write the text, or name: value lines below message:")


class _Message(Verb[MessageStep]):
    name = "message"
    step = MessageStep
    keys: Mapping[str, Key] = {
        "message": Key(_KEYS["message"], _problems),
        "until": one_of(_KEYS["until"]),
        "timeout": Key(_KEYS["timeout"], duration_problems),
        "on_timeout": one_of(_KEYS["on_timeout"]),
    }
    defaults = ("until", "timeout", "on_timeout")
    binds = True

    def read(self, entry: Mapping[str, Any], head: Head, reader: Reader, names: Names) -> MessageStep:
        body: dict[str, Any] = {}
        faulty: set[Route] = set()
        message = entry.get("message")
        if isinstance(message, (str, Mapping)) and not is_nothing(message):
            body, fields, problems = _read(message, (*head.route, "message"), reader.keys)
            if not any(each.severity is Severity.ERROR for each in problems):
                problems += [
                    each.under((*head.route, "message")) for each in reader.account.check(body, fields, reader.inputs)
                ]
            reader.problems += problems
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
        )
        reader.problems += placeholder_problems(step, message, reader.inputs, faulty)
        return step

    def misplaced(self, entry: Mapping[Any, Any], route: Route, *, has_verb: bool) -> Problem | None:
        """A type of message that stands for the verb; fields beside an empty ``message:``, or without one."""
        sort = next((key for key in entry if not has_verb and _is_type(key)), None)
        if sort is not None:
            message = f"{printable(sort)} is not a key of a step"
            return Problem("one-verb", message, (*route, sort), _as_message(sort, entry[sort]), at_key=True)
        is_empty = "message" in entry and is_nothing(entry["message"])
        # Only where something is wrong: all types' schemas are read for it.
        fields = [key for key in entry if key in takers()] if is_empty or not has_verb else []
        if fields and is_empty:
            message = f"{fields[0]} is beside message: and belongs below it"
            hint = f"indent {listed(fields, 'and') if len(fields) > 1 else 'it'} by two more spaces"
            return Problem("one-verb", message, (*route, fields[0]), hint, at_key=True)
        if fields and not has_verb:
            message = f"the step has no message:, and {printable(fields[0])} belongs under one"
            hint = "write message: and put the fields below it, further to the right"
            return Problem("one-verb", message, route, hint)
        return None

    def remedy(self, key: str, entry: Mapping[Any, Any], *, is_misspelt: bool) -> str:
        """A field of the message beside ``message:`` goes below it."""
        if key not in takers():
            return ""
        below = entry.get("message")
        if isinstance(below, Mapping) and key not in below:
            return "move it below message:, in line with the fields there"
        if "message" in entry and not is_misspelt:
            return "write message: alone on its line, and below it, further to the right, all its fields"
        return ""

    def texts(self, entry: Mapping[str, Any]) -> "Iterator[Text]":
        """Those of the message."""
        from flowrunner.flow.translations.texts import message_texts  # for flows in several languages

        return message_texts(entry.get("message"), ("message",))

    def outline(self, step: MessageStep) -> str:
        """The message's type."""
        return str(step.message.get("message_type", "text"))

    def compared(self, action: Action) -> Compared:
        """As it is sent; of a step that is left out, as its author wrote it. A type that is not named is named."""
        step = action.step
        assert isinstance(step, MessageStep)  # noqa: S101  # it is of this verb
        body = action.body if isinstance(action, Message) else step.message
        body = body if "message_type" in body else {"message_type": "text", **body}
        waits = {name: getattr(step, name) for name in self.defaults}
        return Compared(str(body["message_type"]), {"message": body, **waits}, body)


MESSAGE: Final = _Message()


def _is_type(key: Any) -> bool:
    """Whether a key of a step is a type of message, as in ``- image: https://...``; ``text`` is the message itself."""
    return str(key) not in takers() and type_meant(str(key), by_spelling=False) not in {"", "text"}


def _as_message(key: str, value: Any) -> str:
    """How to write ``key: value`` as a message."""
    sort = type_meant(key)
    if sort in MESSAGE_TYPES and "media_url" in message_schema(sort)["properties"] and isinstance(value, str) and value:
        return f"write message: {written({'message_type': sort, 'media_url': value})}"
    return f"write message: with message_type: {sort} and its other fields below it, further to the right"


def _read(
    message: str | Mapping[str, Any], at: Route, outer: Collection[str]
) -> tuple[dict[str, Any], list[Field], list[Problem]]:
    """The body, its parts that hold expressions, and what is wrong with it; ``outer`` are the keys of the step."""
    short = isinstance(message, str)
    data = {"message_type": "text", "content": str(message)} if isinstance(message, str) else message
    named = kind_of({key: str(data[key]) for key in LITERAL if key in data})
    schema = message_schema(named) if named in KINDS else {}
    body: dict[str, Any] = as_typed(data, schema)
    fields: list[Field] = []
    problems: list[Problem] = []
    literal: dict[Route, str] = {}
    for route, text, wanted in texts_of(body, schema):
        if not holds_expression(text):
            continue
        if route[0] in LITERAL and len(route) == 1:
            what = f"{route[0]} cannot be an expression: it says which fields there are"
            hint = "write one step for each type, with when: to choose"
            return body, fields, [Problem("expression-not-allowed", what, (*at, *route), hint)]
        if route[-1] in FILE_FIELDS:
            what = f"{route[-1]} cannot be an expression: files are checked before any value is known"
            hint = "write one step for each file, with when: to choose; or media_url, which may have expressions"
            return body, fields, [Problem("expression-not-allowed", what, (*at, *route), hint)]
        if named == "raw":
            from flowrunner.spec.raw import raw_field  # few flows have one

            wanted = raw_field(body, route) or wanted  # noqa: PLW2901
        each = Field(("message",) if short else ("message", *route), route, expression(text), wanted)
        fields.append(each)
        literal[route] = text if each.wants_structure else each.expression.literal
        if each.wants_structure and not each.expression.is_whole and not each.expression.faults:
            what = f"{route[-1]} needs a list or an object, not text with an expression in it"
            problems.append(Problem("expression-type", what, (*at, *route), 'write one expression: "{{ ... }}"'))
    for problem in check_message(filled(body, literal) if literal else body, literal.keys()):
        outdented = problem.code == "unknown-field" and len(problem.route) == 1 and problem.route[0] in outer
        if outdented and not problem.hint.startswith("did you mean"):
            problem = problem._replace(hint="move it to the left, in line with message:")  # noqa: PLW2901
        problems.append(problem._replace(route=at) if short else problem.under(at))
    return body, fields, problems
