"""Test files by the thousand: people who answer the example flows in some way, as tests of what came of it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from flowrunner.diagnostics import Location
from flowrunner.flow import Loaded, load_file
from flowrunner.flow.carried import dialect_for
from flowrunner.testing.exploring.choices import Choice
from flowrunner.testing.exploring.walking import walk
from flowrunner.testing.outcomes import Outcome
from flowrunner.testing.playing import play
from flowrunner.testing.turns import Customer, Said, Turn, Wait
from flowrunner.testing.values import After, Case, Given, Golden, Word

AT = Location("made", 1, 1)
DAYS = 3
"""For how long somebody says nothing."""
FAULTS = ("cut-after", "status", "latency", "webhook-duplicate", "store-late")
CRASHES = ("crash", {"crash": {"before": "request"}}, {"crash": {"after": "request"}}, {"crash": {"before": "commit"}})


def write_tests(folder: Path, flows: Path, many: int) -> None:
    """Write so many test files into a folder, beside copies of the flows that they are about; the same each time.

    Some have a fault in them, or a process that dies; of ten, one has a word that is not so.
    """
    for file in sorted(flows.glob("*.yaml")):
        if not file.name.endswith(".test.yaml"):
            shutil.copy(file, folder)
    loaded = [load_file(file) for file in sorted(folder.glob("*.yaml")) if file.name.count(".") == 1]
    for number in range(many):
        flow, dice = loaded[number % len(loaded)], Random(number)  # noqa: S311  # to repeat them
        name = f"{Path(flow.path).stem}.{number:04}.test.yaml"
        (folder / name).write_text(json.dumps(_suite(flow, dice), ensure_ascii=False), encoding="utf-8")


def _suite(flow: Loaded, dice: Random) -> dict[str, Any]:
    assert flow.flow is not None
    inputs = flow.flow.inputs.items()
    examples = {name: its.example for name, its in inputs if its.has_example and not its.has_default}
    given = Given(vars=examples, dialect=dialect_for(flow).name)
    walked = walk(flow, given, (), lambda _choice: dice.random() < 0.4)
    turns, end = _played(flow, given, [_turn(each) for each in walked.choices])
    texts = [each for each in turns if isinstance(each.get("bot"), str)]
    if texts and dice.random() < 0.1:
        dice.choice(texts)["bot"] += " Not so."
    chat: list[Any] = [*turns]
    if dice.random() < 0.2:
        chat.insert(0, {"fault": {dice.choice(FAULTS): {"count": 1}}})
    if len(chat) > 2 and dice.random() < 0.2:
        chat.insert(1, dice.choice(CRASHES))
    test = {"name": "made", "chat": chat, "ends": end}
    return {"flow": Path(flow.path).name, "given": {"vars": examples, "dialect": given.dialect}, "tests": [test]}


def _played(flow: Loaded, given: Given, answers: list[Turn]) -> tuple[list[dict[str, Any]], str]:
    """What came of these answers, as turns, and how it ended; as many as could be given."""
    asked = After(ends=Word("stopped", AT))  # which it never is: so it is told what it is
    while True:
        outcome = play(Case("made", AT, given, (), asked, Golden("", tuple(answers), AT)), flow)
        [failure] = outcome.failures
        if failure.says == "ended otherwise":
            return list(_turns(outcome, answers)), str(failure.got)
        answers = answers[: failure.turn - 1]


def _turns(outcome: Outcome, answers: list[Turn]) -> Iterator[dict[str, Any]]:
    said = iter([each for each in answers if isinstance(each, Customer)])
    for entry in outcome.chat:
        if entry.who == "event":
            yield {"wait": f"{DAYS}d"}
        elif entry.who == "bot":
            is_text = entry.body.get("message_type") in ("text", "interactive")
            yield {"bot": entry.text if is_text else {"message_type": entry.body.get("message_type")}}
        else:
            [its] = next(said).said
            yield {"customer": its.value if its.kind == "text" else {its.kind: its.value}}


def _turn(choice: Choice) -> Turn:
    said = choice.said
    if said is None:
        return Wait(AT, DAYS * 86_400.0)
    if "button_reply" in said or "list_reply" in said:
        kind = "tap" if "button_reply" in said else "choose"
        return Customer(AT, (Said(kind, said.get("button_reply", said.get("list_reply"))["id"], AT),))
    kind = str(said["message_type"])
    if kind == "text":
        return Customer(AT, (Said("text", said["content"], AT),))
    if kind == "location":
        return Customer(AT, (Said("location", [said["latitude"], said["longitude"]], AT),))
    return Customer(AT, (Said("send", kind, AT),))
