"""Conversations made for the tests of previews, without a file."""

import json
from collections.abc import Sequence
from typing import Any

from flowrunner.diagnostics import Diagnostic, Location, Severity
from flowrunner.model import (
    Action,
    Bundle,
    Flow,
    Message,
    MessageStep,
    Pause,
    PauseStep,
    Recipient,
    Rendering,
    Skipped,
    Variable,
)
from flowrunner.spec import KINDS, message_schema
from flowrunner.views.preview import Preview
from support.message_cases import BUTTON, LIST, VALID

NASTY = [
    "<script>alert(1)</script>",
    "</style></script></title><img src=https://evil.example/x onerror=alert(1)>",
    '"><svg onload=alert(1)>\' onfocus=alert(1) autofocus x="',
    "javascript:alert(1) data:text/html,<script>alert(1)</script>",
    "\u202egpj.exe\u202c \u2066ab\u2069 \x1b[2J\x07 \x85\u2028\u2029",
    "x" * 4096,
    "\u200b\u200d\ufeff" + "Z" + "\u0335\u0321\u0489" * 60,
    "שלום https://e.org/" + "a" * 300 + " " + "中" * 300,
]
"""Values that would be trouble if they were anything but text."""


def message(number: int, body: dict[str, Any], **step: Any) -> Message:
    made = MessageStep(str(number), ("steps", number - 1), message=body, **step)
    return Message(made, body, json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def pause(number: int, seconds: float) -> Pause:
    return Pause(PauseStep(str(number), ("steps", number - 1), seconds=seconds), seconds)


def skipped(number: int, body: dict[str, Any], reason: str = "plan == 'pro' is false") -> Skipped:
    return Skipped(
        MessageStep(str(number), ("steps", number - 1), id="left", when="plan == 'pro'", message=body), reason
    )


def rendering(actions: Sequence[Action], text: str = "Ana", phone: str = "+5215512345678") -> Rendering:
    """These actions, begun at 14:05; every name and value of the rest is the text."""
    bundle = Bundle.of(f"{text}.yaml", "", digest="0" * 64)
    flow = Flow(bundle, text, text, {}, tuple(action.step for action in actions))
    return Rendering(
        flow, Recipient("c1", phone), (Variable(text, [text], text),), "2026-11-23T14:05:00+01:00", tuple(actions)
    )


def sheet(actions: Sequence[Action], text: str = "Ana", label: str = "+5215512345678") -> Preview:
    problem = Diagnostic(
        "some-rule", text, Location(text, 3, 7), Severity.WARNING, hint=text, link="https://e.org/rule", excerpt=text
    )
    return Preview(label, rendering(actions, text), [problem])


def every_type() -> list[Action]:
    """Each message type once and more, with pauses, conditions and a step left out."""
    bodies: list[dict[str, Any]] = [
        {
            "content": "¡Hola *Ana*! 👋 _it_ ~no~ `A-12`\n> lo que dijiste\n- uno\n- dos\n1. primero\n```x = 1```\nhttps://e.org"
        },
        {"content": "👍🎉"},
        {**VALID["image"], "caption": "Tu *plan*"},
        VALID["video"],
        VALID["audio"],
        {**VALID["document"], "filename": "Factura.pdf"},
        {**VALID["location"], "location_name": "Oficina", "location_address": "Av. Juárez 1"},
        VALID["contacts"],
        {**BUTTON, "header_text": "Un paso más", "footer_text": "Puedes cambiarlo"},
        LIST,
        {**VALID["template"], "template_params": {"header": {"month": "May"}, "body": {"name": "Ana"}}},
        {**VALID["template"], "header_type": "image", "header_params": "https://e.org/a.png", "template_params": ["a"]},
        {**VALID["template"], "header_type": "document", "header_params": "https://e.org/a.pdf"},
        VALID["reaction"],
        *(VALID[kind] for kind in KINDS if "x-dialects" in message_schema(kind)),
    ]
    made: list[Action] = [message(number, body) for number, body in enumerate(bodies, 1)]
    made[1:1] = [pause(20, 2)]
    made += [
        message(30, VALID["text"], id="asked", when="name != ''", until="delivered"),
        skipped(31, {"content": "Hola {{ name }}"}),
        skipped(32, {**LIST, "sections": "{{ rows }}"}),
    ]
    return made


def nasty() -> list[Action]:
    """Every type with every nasty value in every field."""

    def filled(data: Any, text: str) -> Any:
        fixed = {"message_type", "interactive_type", "header_type"}
        if isinstance(data, dict):
            return {key: each if key in fixed else filled(each, text) for key, each in data.items()}
        return [filled(each, text) for each in data] if isinstance(data, list) else text

    bodies = [
        *VALID.values(),
        LIST,
        {**VALID["template"], "header_type": "document", "header_params": "x", "template_params": ["a"]},
    ]
    texts = [(body, text) for text in NASTY for body in bodies]
    made: list[Action] = [
        message(n, filled(body, text), id=text[:50], when=text) for n, (body, text) in enumerate(texts, 1)
    ]
    return [*made, *(skipped(900 + n, filled(VALID["text"], text), text) for n, text in enumerate(NASTY))]
