"""Flows that listen, and people who answer or do not, as dice make them."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any, Final

WORDS: Final = ("yes", "no", "12", "300", "hm", "what?", "A", "2", "tomorrow", "")
STOP, AGENT = "stop it", "an agent please"
_WITHIN: Final = ("20m", "2h", "6h")
_DEPTH: Final = 2


class Author:
    """Writes flows; what each message says is said by no other."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self._count = 0

    def flow(self) -> str:
        """A flow that listens."""
        anytime: list[dict[str, Any]] = [
            {"words": ["stop"], "steps": [{"message": self._text()}], "end": "opted_out"},
            {"words": ["agent"], "end": "handed_over"},
        ]
        steps = [self._question(0, []), *self._steps(0)]
        return json.dumps({"name": "talk", "anytime": anytime, "steps": steps})

    def _text(self, *, in_turn: bool = False) -> str:
        self._count += 1
        return f"m{self._count}" + (" {{ loop.index }}" if in_turn else "")

    def _steps(self, depth: int, *, in_turn: bool = False) -> list[dict[str, Any]]:
        asked: list[str] = []
        made = [self._step(depth, asked, in_turn=in_turn) for _ in range(self.dice.randint(1, 3))]
        if depth and self.dice.random() < 0.2:
            made.append({"end": self.dice.choice(["finished", "handed_over"])})
        return made

    def _step(self, depth: int, asked: list[str], *, in_turn: bool) -> dict[str, Any]:
        kind = self.dice.choice(["message", "message", "question", "question", "pause", "choose", "for_each"])
        if kind == "question" and depth < _DEPTH and not in_turn:
            return self._question(depth, asked)
        if kind == "pause":
            return {"pause": self.dice.choice(["1s", "10m", "1h"])}
        if kind == "choose" and asked and depth < _DEPTH:
            branch = {"when": f"{self.dice.choice(asked)}.answered", "steps": self._steps(depth + 1)}
            return {"choose": [branch], "otherwise": self._steps(depth + 1)}
        if kind == "for_each" and not in_turn:
            return {"for_each": "item", "in": ["a", "b"], "steps": [{"message": self._text(in_turn=True)}]}
        return {"message": self._text(in_turn=in_turn)}

    def _question(self, depth: int, asked: list[str]) -> dict[str, Any]:
        name, dice = f"q{self._count}", self.dice
        asked.append(name)
        reply: dict[str, Any] = {"within": dice.choice(_WITHIN)}
        if dice.random() < 0.5:
            reply["remind"] = {"after": "10m", "message": self._text()}
        message: Any = self._text()
        kind = dice.choice(["buttons", "words", "number", "any"])
        if kind == "buttons":
            buttons = [{"id": "a", "title": "Yes"}, {"id": "b", "title": "No"}]
            message = {
                "message_type": "interactive",
                "interactive_type": "button",
                "body_text": message,
                "buttons": buttons,
            }
            reply["answers"] = [{"button": each["id"], "steps": self._steps(depth + 1)} for each in buttons]
        elif kind == "words":
            reply["answers"] = [{"words": ["yes", "ok"], "steps": self._steps(depth + 1)}]
        elif kind == "number":
            reply |= {"expect": "integer", "answers": [{"number": {"min": 1, "max": 50}, "steps": []}]}
        if kind != "any":
            again = {"again": self._text(), "times": dice.randint(1, 2), "then": dice.choice(["continue", "end"])}
            reply["otherwise"] = dice.choice([again, self._steps(depth + 1)])
        reply["no_reply"] = dice.choice(["continue", "end", self._steps(depth + 1)])
        return {"id": name, "message": message, "reply": reply}


def sayings(dice: Random) -> Iterator[tuple[float, str]]:
    """What somebody does, until they do nothing more: seconds, and then a text, ``tap``, ``late`` or ``image``."""
    while dice.random() < 0.85:
        wait = dice.choice([0.1, 1.0, 5.0, 60.0, 900.0, 5400.0, 20_000.0])
        what = dice.choice(
            ["tap", "tap", "late", "image", "flood", *WORDS, STOP if dice.random() < 0.4 else "ok", AGENT]
        )
        if what == "flood":
            yield wait, dice.choice(WORDS) or "hm"
            for _ in range(4):
                yield 0.4, dice.choice(WORDS) or "hm"
        elif what:
            yield wait, what
