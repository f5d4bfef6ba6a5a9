"""What a preview shows is what an emulator gets: byte for byte, whatever is answered and whoever it is for."""

# ruff: noqa: E501  # a value's line is read as one

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from flowrunner.app.flows import given
from flowrunner.engine import Prepared, moment
from flowrunner.engine.history.phases import ENDED
from flowrunner.flow import load_file
from flowrunner.model import EventKind, Run
from support.chats import PERSON, Chat, chatted, text
from support.generated_talks import Author
from support.recorded import program
from support.slices import some
from support.virtual import VirtualClock

NAMES = (
    "Ana",
    "Zoë Ondaatje",
    "李雷",
    'O\'Neil "Bo"',
    "a: [b] # c, {d}",
    "👩‍👩‍👧 e\u0301",
    "<b>&amp;",
    "שלום",
    "100 % \\n",
)
SAYS = ("yes", "no", "12", "300", "Yes", "ok then", "hm, what?", None)


def flow_of(dice: Random) -> str:
    """A flow that listens, and writes whom it is for in texts of all kinds."""
    flow = json.loads(Author(dice).flow())
    flow["inputs"] = {
        "name": {"type": "string", "maxLength": 40},
        "total": {"type": "number"},
        "items": {"type": "array", "items": {"type": "string"}},
    }
    flow["languages"] = [dice.choice(["en", "es", "pt_BR"])]
    flow["steps"] = [
        {"message": "Hello {{ name }}, {{ name | upper }}: {{ total | money('EUR') }}\n{{ items | join(', ') }}"},
        *flow["steps"],
        {"message": {"message_type": "document", "media_url": "https://cdn.example.com/a.pdf", "filename": "{{ name }}.pdf"}},
        {"for_each": "item", "in": "{{ items }}", "steps": [{"message": "{{ loop.index }} {{ item }} *{{ name }}*"}]},
    ]  # fmt: skip
    return json.dumps(flow)


@pytest.mark.sliced
@pytest.mark.parametrize("seed", range(some(120) // 4))
def test_what_is_shown_is_what_is_posted(tmp_path: Path, clock: VirtualClock, seed: int) -> None:
    """On the path of the same answers; a question that was put again takes another answer than `--answers` can say."""
    dice = Random(seed)  # noqa: S311  # repeats itself, and keeps no secret
    (tmp_path / "flow.yaml").write_text(flow_of(dice), encoding="utf-8")
    values: dict[str, Any] = {
        "name": dice.choice(NAMES),
        "total": dice.choice([3, 12.5, 0.1, 1e3]),
        "items": ["<i>", "中"],
    }
    answers: dict[str, str | None] = {}
    posted: list[bytes] = []
    taken: list[tuple[str, str]] = []

    async def work(chat: Chat) -> None:
        loaded = load_file(tmp_path / "flow.yaml")
        assert loaded.flow is not None, loaded.diagnostics
        rendering, problems = Prepared(loaded).render(PERSON, given(values), moment(clock.now()))
        assert rendering is not None, problems
        async with chat.listening():
            run = await chat.begin_rendered(rendering, PERSON)
            await answer(chat, run)
        posted.extend(each.raw for each in chat.state.received())
        answered = [each for each in await chat.events(run) if each.kind is EventKind.ANSWERED]
        taken.extend((each.step, str(each.detail["branch"])) for each in answered)

    async def answer(chat: Chat, run: Run) -> None:
        while (await chat.of(run)).run.phase not in ENDED:
            await clock.sleep(240.0)  # sooner than any reminder
            asked = await chat.question(run)
            if asked and asked not in answers:
                answers[asked] = said = dice.choice(SAYS)
                if said is not None:
                    chat.say(text(said))

    chatted(tmp_path, clock, work, look=300.0)
    if any(branch.startswith("g") for _, branch in taken):
        pytest.skip("a question was put again")
    answers |= {address: "otherwise" for address, branch in taken if branch == "o"}
    words = [f"{address}={'-' if said is None else said}" for address, said in answers.items()]
    options = [word for each in words for word in ("--answers", each)]
    (tmp_path / "vars.json").write_text(json.dumps(values), encoding="utf-8")
    shown = program("preview", str(tmp_path / "flow.yaml"), "--vars", str(tmp_path / "vars.json"),
                    "--conversation", "c1", "--phone", PERSON.phone, "--format", "json", *options)  # fmt: skip
    assert shown.return_value == 0, shown.output
    lines = [line.removesuffix(",") for line in shown.output.splitlines() if line.startswith("{")]
    assert [f'{{"message":{line}}}'.encode() for line in lines] == posted
