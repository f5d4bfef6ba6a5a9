"""The example flows that listen: what a preview shows for some answers is what is sent to somebody who gives them."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import pytest

from flowrunner.diagnostics import Location
from flowrunner.engine import Given, Prepared, moment
from flowrunner.engine.history.phases import ENDED
from flowrunner.flow import load_file
from flowrunner.model import Recipient, Rendering, Run, Sample
from support.chats import PHONE, Chat, Said, chatted, text
from support.examples import LISTENING
from support.slices import part
from support.virtual import VirtualClock

Answers = Mapping[str, str | None]
SAID = {
    "image": {"message_type": "image", "media_url": "https://example.com/1.jpg"},
    "document": {"message_type": "document", "media_url": "https://example.com/1.pdf", "filename": "1.pdf"},
    "location": {"message_type": "location", "latitude": 19.4, "longitude": -99.1},
}
"""What is sent where no words are enough."""


def shown(path: Path, answers: Answers, now: float) -> Rendering:
    """What a preview of a flow shows where a person answers so, its inputs given their examples."""
    loaded = load_file(path)
    assert loaded.flow is not None
    inputs = loaded.flow.inputs.values()
    given = {each.name: Given(each.example if each.has_example else each.default, Location("test")) for each in inputs}
    rendering, found = Prepared(loaded).render(Recipient("c1", PHONE), given, moment(now), answers=answers)
    assert rendering is not None, found
    return rendering


def ways(path: Path) -> Iterator[tuple[str, Answers]]:
    """Each question's branches, the other questions answered by their first; those anytime, too."""
    yield "first", {}
    for branch, sample in shown(path, {}, 1_790_000_000.0).samples.items():
        question, _, _ = branch.rpartition(".")
        if question and "/" not in question and sample.kind in {"", "text", "button", "row"}:
            yield branch, {question: sample.text if sample.kind else None}


def test_every_branch_is_a_way() -> None:
    """A list that is read wrongly would let the test below pass."""
    assert sum(len(list(ways(path))) for path in LISTENING) > 25


@pytest.mark.sliced
@pytest.mark.parametrize("path", LISTENING, ids=lambda path: path.stem)
def test_what_is_previewed_is_what_is_sent(path: Path, tmp_path: Path, clock: VirtualClock) -> None:
    """Byte for byte, in order; reminders, and questions that are put again, are among it."""

    async def work(talk: Chat, answers: Answers) -> None:
        rendering = shown(path, answers, clock.now())
        run = await talk.begin_rendered(rendering)
        async with talk.listening():
            answering = asyncio.ensure_future(answer(talk, run, rendering, answers))
            state = await talk.until(run)
            await answering
        assert state.run.phase in ENDED
        sent = await talk.accepted(run)
        wanted = [(each.step.address, json.loads(each.wire)) for each in rendering.messages]
        for (address, body), (where, should) in zip(sent, wanted, strict=True):
            assert address == where
            if "reacted_to_message_id" not in str(should):  # of which only a run knows the id
                assert body == should

    for way, answers in part(list(ways(path)), 3):
        folder = tmp_path / way
        folder.mkdir()
        chatted(folder, clock, partial(work, answers=answers), look=1200)


async def answer(talk: Chat, run: Run, rendering: Rendering, answers: Answers) -> None:
    """Answer each question as the rendering has it, until the run has ended."""
    count = 0
    while (state := await talk.of(run)).run.phase not in ENDED:
        is_taken = sum(len(each.answers) for each in state.steps.values()) == count
        question = await talk.question(run) if is_taken else ""  # else what was said was not heard yet
        branch = rendering.taken.get(question, "")
        if question and branch not in {"n", ""}:
            sample = rendering.samples[f"{question}.{branch}"]
            talk.say(said(sample, answers.get(question)))
            count += 1
        await talk.clock.sleep(1200)


def said(sample: Sample, wanted: str | None) -> Said:
    """What a person sends who answers so."""
    return SAID[sample.kind] if sample.kind in SAID else text(wanted or sample.text)
