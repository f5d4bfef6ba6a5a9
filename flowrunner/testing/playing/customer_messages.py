"""What a customer of a test says, as WhatsApp would hand it over."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from flowrunner.flow import Loaded
from flowrunner.model import Json
from flowrunner.source import Plain
from flowrunner.spec.choices import Choice, choices_of
from flowrunner.spec.plainly import plainly
from flowrunner.templates.checks import template_of
from flowrunner.testing.playing.outside import Sent
from flowrunner.testing.turns import Said

_FILES: Final = {"image": "jpg", "video": "mp4", "audio": "ogg", "document": "pdf", "sticker": "webp"}


class UnsayableError(Exception):
    """The customer cannot do that.

    Attributes:
        hint: What they can do; empty where nothing is known.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def said_so(said: Said, about: Sent | None, flow: Loaded) -> Mapping[str, Json]:
    """What the emulator takes of it.

    Args:
        said: What is said.
        about: The message that it is about; None where there is none.
        flow: Whose templates are known.

    Raises:
        UnsayableError: The message has nothing of that name to tap, or there is no message.
    """
    context: dict[str, Json] = {"context": {"id": about.message.wamid}} if about is not None else {}
    match said.kind:
        case "text":
            return {"message_type": "text", "content": str(said.value), **(context if said.about else {})}
        case "tap" | "choose":
            return {**_chosen(said, _there(about), flow), **context}
        case "send":
            kind = str(said.value)
            words: dict[str, Json] = {"caption": said.text} if said.text else {}
            quoted = context if said.about else {}
            if kind not in _FILES:
                return {"message_type": kind, "content": said.text or kind, **quoted}
            file = {"media_url": f"https://example.com/a.{_FILES[kind]}", **words, **said.more}
            return {"message_type": kind, **file, **quoted}
        case "location":
            latitude, longitude = (float(str(each)) for each in said.value)
            named = {f"location_{name}": told for name, told in said.more.items()}
            return {"message_type": "location", "latitude": latitude, "longitude": longitude, **named, **context}
        case "react":
            wamid = _there(about).message.wamid
            return {"message_type": "reaction", "reacted_to_message_id": wamid, "reaction_emoji": str(said.value)}
        case "form":
            form = {"name": "flow", "body": "Sent", "response_json": json.dumps(_plain(said.value))}
            return {"message_type": "interactive", "nfm_reply": form, **context}


def choices_in(body: Mapping[str, Json], flow: Loaded) -> Sequence[Choice] | None:
    """What a message lets choose from; None where that is not known."""
    template = template_of(body, flow.templates) if flow.templates and body.get("message_type") == "template" else None
    return choices_of(body, template)


def _there(about: Sent | None) -> Sent:
    if about is None:
        raise UnsayableError("there is no message yet")
    return about


def _chosen(said: Said, about: Sent, flow: Loaded) -> dict[str, Json]:
    body, choices = about.message.body, choices_in(about.message.body, flow)
    if choices is None:  # of a template that nobody knows anything may be tapped
        text = str(said.value)
        return {"message_type": "button", "button": {"text": text, "payload": text}}
    kind, word = ("button", "button") if said.kind == "tap" else ("row", "row")
    fitting = [each for each in choices if each.kind == kind]
    its = _named(str(said.value), fitting)
    if its is None:
        has = ", ".join(each.id if each.id == each.title else f"{each.id} ({each.title})" for each in fitting)
        others = "" if fitting else _others(said, choices)
        hint = f"it has {has}" if has else others or f"it has no {word}s"
        raise UnsayableError(f'the last message has no {word} "{said.value}"', hint)
    if body.get("message_type") == "template":
        return {"message_type": "button", "button": {"text": its.title, "payload": its.id or its.title}}
    told = {"id": its.id, "title": its.title}
    return {"message_type": "interactive", "button_reply" if kind == "button" else "list_reply": told}


def _named(name: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice that is named by its id, else by its title."""
    by_id = next((each for each in choices if each.id == name), None)
    return by_id or next((each for each in choices if plainly(each.title) == plainly(name) != ""), None)


def _others(said: Said, choices: Sequence[Choice]) -> str:
    if not choices:
        return ""
    verb = "choose" if said.kind == "tap" else "tap"
    return f"write {verb}: it has {', '.join(each.id or each.title for each in choices)}"


def _plain(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, Plain) else value
