"""Flows and people as dice make them: whatever they say, the test of it passes, and has nothing of them in it."""

import json
import re
import unicodedata
from pathlib import Path
from random import Random
from typing import Any

import pytest

from flowrunner.model import Run
from support.chats import PHONE, Chat, tap, text
from support.generated_talks import Author, sayings
from support.recorded import Act, carried_out, sent, told
from support.slices import part
from support.virtual import VirtualClock

NAMES = ("Maria Lopez Qvist", "Zoë Ondaatje", "O'Neil Brâncuși", "李雷 Xu", "Ana: [Qwerty]", "# Quokka")


def flow_of(dice: Random) -> str:
    """A flow that listens, and that writes what it was given and what was answered."""
    flow = json.loads(Author(dice).flow())
    first = flow["steps"][0]
    flow["inputs"] = {
        "name": {"type": "string", "example": "Ana"},
        "mail": {"type": "string", "default": "nobody@example.com"},
        "visits": {"type": "integer", "example": 3},
        "items": {"type": "array", "items": {"type": "string"}, "example": ["Tea"]},
    }
    greeting = "Hello {{ name }}, {{ name.split()[0] }}, we write to {{ mail }} of {{ items | join(' and ') }}."
    flow["steps"] = [
        {"message": greeting},
        *flow["steps"],
        {"message": f"{{{{ {first['id']}.answer }}}} {{{{ visits }}}}"},
    ]
    return json.dumps(flow)


class Person:
    """Somebody who says what the dice give, and what they would not tell everybody.

    Attributes:
        secrets: What must be in no file.
    """

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)  # noqa: S311  # repeats itself, and keeps no secret
        name = self.dice.choice(NAMES)
        mail = f"zed{seed}@firm.example.org"
        number = f"+52 1 55 98 {self.dice.randrange(10, 99)} 43 2{seed % 10}"
        self.values: dict[str, Any] = {
            "name": name, "mail": mail, "visits": self.dice.randrange(50_000, 90_000), "items": ["Cohiba 98765", name],
        }  # fmt: skip
        self.secrets = [name, mail, number, f"wxyz{seed}", "Cohiba", str(self.values["visits"]), PHONE]
        self.words = [f"I am {name}", mail, f"call {number}", f"code wxyz{seed}", name.upper(), f"yes, {name}"]

    def acts(self) -> list[tuple[float, Act]]:
        """What they do, and when."""
        return [(min(wait, 9000.0), self._act(what)) for wait, what in sayings(self.dice)]

    def _act(self, what: str) -> Act:
        if what == "image":
            return {"message_type": "image", "media_url": f"https://cdn.example.org/{self.secrets[3]}.jpg"}
        if what not in ("tap", "late"):
            return text(self.dice.choice(self.words) if self.dice.random() < 0.4 else what)
        return self._tap(-1 if what == "tap" else 0, self.dice.choice([0, -1]))

    def _tap(self, index: int, which: int) -> Act:
        async def act(chat: Chat, _run: Run) -> None:
            shown = [each for each in sent(chat) if each.body.get("buttons")]
            if shown:
                button = shown[index].body["buttons"][which]
                chat.say(tap(button["id"], button["title"], await told(chat, shown[index])))

        return act


def plain(its: str) -> str:
    """Letters and digits alone, without case and accents."""
    folded = unicodedata.normalize("NFKD", its).casefold()
    return "".join(re.findall(r"[^\W_]+", folded))


@pytest.mark.sliced
@pytest.mark.parametrize("seed", part(range(50), 12))
def test_a_test_of_a_talk_passes_and_names_nobody(tmp_path: Path, clock: VirtualClock, seed: int) -> None:
    person = Person(seed)
    flow = flow_of(person.dice)
    dialect = person.dice.choice(["kapso-v1", "meta"])
    played = carried_out(tmp_path, clock, flow, person.acts(), values=person.values, dialect=dialect, days=1.1)
    said = played.recorded()
    for secret in person.secrets:
        assert plain(secret) not in plain(said), said
