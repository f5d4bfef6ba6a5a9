"""Whatever a flow and its translations say: each language sends what a flow with those texts in it would."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.engine import Prepared, moment
from flowrunner.engine.values.inputs import given_text
from flowrunner.flow import Loaded, load_bundle, load_text
from flowrunner.model import Recipient
from support.slices import some

WORDS = st.text("abcdefgh éñ¿👋", min_size=1, max_size=12).map(lambda text: f"x{text}".strip())
TEXTS = st.builds(lambda text, name: f"{text} {{{{ {name} }}}}" if name else text, WORDS, st.sampled_from(["", "name"]))
"""Texts with an expression or without; they begin with a letter, so that each has a word."""


def buttons(count: int) -> st.SearchStrategy[dict[str, Any]]:
    """A message with buttons, whose titles differ."""
    titles = st.lists(st.text("abcdef", min_size=1, max_size=8), min_size=count, max_size=count, unique=True)
    return st.builds(
        lambda body, its: {
            "message_type": "interactive", "interactive_type": "button", "body_text": body,
            "buttons": [{"id": f"b{at}", "title": title} for at, title in enumerate(its)],
        },
        TEXTS, titles,
    )  # fmt: skip


MENU = st.builds(
    lambda body, rows: {
        "message_type": "interactive", "interactive_type": "list", "body_text": body, "list_button_text": "xo",
        "sections": [
            {"title": f"t{at}", "rows": [{"id": f"r{at}", "title": title}]} for at, title in enumerate(rows)
        ],
    },
    TEXTS, st.lists(st.text("abcdef", min_size=1, max_size=8), min_size=1, max_size=3, unique=True),
)  # fmt: skip
MESSAGES = st.one_of(TEXTS, buttons(1), buttons(3), MENU)
STEPS = st.lists(MESSAGES, min_size=1, max_size=5)


def texts(message: Any) -> Iterator[tuple[Any, Any]]:
    """The objects, or lists, that hold the texts of a message, each with the key."""
    if isinstance(message, dict):
        for key, value in message.items():
            if key not in {"message_type", "interactive_type", "id"} and isinstance(value, str):
                yield message, key
            else:
                yield from texts(value)
    elif isinstance(message, list):
        for each in message:
            yield from texts(each)


def translated(message: Any, new: Iterator[str]) -> Any:
    """The same message with other texts."""
    if isinstance(message, str):
        return next(new)
    made = deepcopy(message)
    for holder, key in texts(made):
        # What is short in the flow is short in every language: the rules hold there, too.
        holder[key] = next(new) if key == "body_text" else f"{holder[key]}z"
    return made


def as_translation(message: Any) -> Any:
    """A message as a translation has it: by ids, and in lists where there are none."""
    if isinstance(message, list):
        if all("id" in each for each in message):
            return {each["id"]: {key: value for key, value in each.items() if key != "id"} for each in message}
        return [as_translation(each) for each in message]
    if isinstance(message, dict):
        kept = {key: value for key, value in message.items() if key not in {"message_type", "interactive_type"}}
        return {key: as_translation(value) if isinstance(value, (list, dict)) else value for key, value in kept.items()}
    return message


def written(steps: list[Any], languages: str) -> str:
    """The file of a flow with these messages."""
    inputs = {"name": {"type": "string"}}
    entries = [{"id": f"s{at}", "message": message} for at, message in enumerate(steps)]
    data = {"name": "demo", "languages": languages.split(), "inputs": inputs, "steps": entries}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def sent(loaded: Loaded, language: str) -> list[str]:
    """What goes on the wire to somebody who reads a language."""
    assert loaded.flow is not None, loaded.diagnostics
    values = {"name": given_text("name", "Ana")}
    if len(loaded.flow.languages) > 1:
        values["language"] = given_text("language", language)
    rendering, found = Prepared(loaded).render(Recipient("c", "+525512345678"), values, moment(0.0))
    assert rendering is not None, found
    return [message.wire for message in rendering.messages]


@settings(max_examples=some(60), deadline=None)
@given(STEPS, st.lists(TEXTS, min_size=30, max_size=30))
def test_a_language_is_the_flow_with_its_texts(steps: list[Any], new: list[str]) -> None:
    """By hand: a flow of its own that has the translated texts; also from what a run keeps of it."""
    pool = iter(new)
    other = [translated(message, pool) for message in steps]
    translation = yaml.safe_dump(
        {f"s{at}": as_translation(message) for at, message in enumerate(other)}, allow_unicode=True
    )
    loaded = load_text(written(steps, "en es"), "demo.yaml", {"demo.es.yaml": translation})
    assert sent(loaded, "en") == sent(load_text(written(steps, "en"), "demo.yaml"), "en")
    assert sent(loaded, "es") == sent(load_text(written(other, "es"), "demo.yaml"), "es")
    assert loaded.flow is not None
    again = load_bundle(loaded.flow.bundle)
    assert [sent(again, code) for code in ("en", "es")] == [sent(loaded, code) for code in ("en", "es")]
