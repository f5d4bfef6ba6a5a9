"""``message``: a message to be sent, typed and checked by the message spec."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.flow.keys import Key, message_problems, one_of, wait_problems
from flowrunner.flow.names import Names
from flowrunner.flow.steps.body import fields_beside, read_message
from flowrunner.flow.steps.verb import VERBS, Compared, Head, Reader, Verb, step_keys
from flowrunner.model import Action, Json, Message, MessageStep, Reply, Step
from flowrunner.spec import MESSAGE_TYPES, is_nothing, message_schema
from flowrunner.spec.files import key_schemas, takers
from flowrunner.spec.layout import beside, is_empty
from flowrunner.spec.message import type_meant
from flowrunner.spec.words import listed, printable, written

_KEYS: Final = key_schemas("message")

AUTO_TIMEOUT: Final = 20.0
"""Seconds that a slow message is waited for before the next one goes, where its author has not said ``until``."""
UNTIL_TIMEOUT: Final = 60.0
"""Seconds that `until` waits unless the step says otherwise."""


def _reply_problems(value: Any, route: Route) -> Iterator[Problem]:
    from flowrunner.flow.steps.reply import reply_problems  # few flows ask

    return reply_problems(value, route)


class _Message(Verb[MessageStep]):
    name = "message"
    step = MessageStep
    keys: Mapping[str, Key] = {
        "message": Key(_KEYS["message"], message_problems),
        "until": one_of(_KEYS["until"]),
        "timeout": Key(_KEYS["timeout"], wait_problems),
        "on_timeout": one_of(_KEYS["on_timeout"]),
        "reply": Key(_KEYS["reply"], _reply_problems),
    }
    defaults = ("until", "timeout", "on_timeout")
    binds = True

    def read(self, entry: Mapping[str, Any], head: Head, reader: Reader, names: Names) -> MessageStep:
        return read_message(entry, head, reader, names)

    def read_below(self, step: MessageStep, entry: Mapping[str, Any], reader: Reader, names: Names) -> MessageStep:
        reply = entry.get("reply")
        if not isinstance(reply, Mapping):
            return step
        from flowrunner.flow.steps.asking import read_reply  # few flows ask

        return step._replace(reply=read_reply(reply, step, reader, names))

    def children(self, step: MessageStep) -> Iterable[tuple[Step, ...]]:
        if step.reply is None:
            return ()
        from flowrunner.flow.steps.asking import lists_of  # few flows ask

        return lists_of(step.reply)

    def misplaced(self, entry: Mapping[Any, Any], route: Route, *, has_verb: bool) -> Problem | None:
        """A type of message that stands for the verb; fields beside an empty ``message:``, or without one."""
        sort = next((key for key in entry if not has_verb and _is_type(key)), None)
        if sort is not None:
            message = f"{printable(sort)} is not a key of a step"
            return Problem("one-verb", message, (*route, sort), _as_message(sort, entry[sort]), at_key=True)
        lacks_fields = "message" in entry and is_nothing(entry["message"])
        # Only where something is wrong: all types' schemas are read for it.
        fields = [key for key in entry if key in takers()] if lacks_fields or not has_verb else []
        if fields and lacks_fields:
            return beside("message", fields, route, "one-verb")
        if strays := fields_beside(entry, "message", step_keys(VERBS)):
            message = f"{strays[0]} is beside message: and belongs below it"
            them = listed(strays, "and") if len(strays) > 1 else "it"
            hint = f"move {them} below message:, in line with the fields there"
            return Problem("unknown-key", message, (*route, strays[0]), hint, at_key=True)
        if has_verb and (is_empty(entry, "reply") or {"within", "no_reply"} <= entry.keys()):
            from flowrunner.flow.steps.reply import REPLY_KEYS  # few flows ask

            below = [key for key in entry if key in REPLY_KEYS and key not in self.keys]
            if below and "reply" in entry:
                return beside("reply", below, route, "one-verb")
            if below:
                message = f"{below[0]} is beside message: and belongs below reply:"
                hint = f"write reply: above {below[0]}, and indent {listed(below, 'and')} by two more spaces"
                return Problem("one-verb", message, (*route, below[0]), hint, at_key=True)
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
        return Compared(str(body["message_type"]), {"message": body, **waits, **_asked(step.reply)}, body)


MESSAGE: Final = _Message()

_USUAL: Final = Reply((), 0.0)
"""What a question's author need not write."""


def _asked(reply: Reply | None) -> Mapping[str, Json]:
    """How an answer is waited for, by the keys of a ``reply``; None where it is as usual, or none is."""
    said = {name: getattr(reply or _USUAL, name) for name in ("within", "expect", "settle", "late", "typed")}
    return {name: None if value == getattr(_USUAL, name) else value for name, value in said.items()}


def _is_type(key: Any) -> bool:
    """Whether a key of a step is a type of message, as in ``- image: https://...``; ``text`` is the message itself."""
    return str(key) not in takers() and type_meant(str(key), by_spelling=False) not in {"", "text"}


def _as_message(key: str, value: Any) -> str:
    """How to write ``key: value`` as a message."""
    sort = type_meant(key)
    if sort in MESSAGE_TYPES and "media_url" in message_schema(sort)["properties"] and isinstance(value, str) and value:
        return f"write message: {written({'message_type': sort, 'media_url': value})}"
    return f"write message: with message_type: {sort} and its other fields below it, further to the right"
