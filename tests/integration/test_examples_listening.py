"""The example flows that listen: what a preview shows for some answers is what is sent when a person gives them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flowrunner.engine import Given, Prepared, moment
from flowrunner.diagnostics import Location
from flowrunner.engine.phases import Phase
from flowrunner.flow import load_file, walk_flow
from flowrunner.model import MessageStep, Recipient, Rendering
from support.examples import LISTENING
from support.talks import PHONE, Talk, talked, text
from support.virtual import VirtualClock

Answers = dict[str, str | None]


def values(path: Path) -> dict[str, object]:
    """The examples of a flow's inputs."""
    inputs = yaml.safe_load(path.read_text(encoding="utf-8")).get("inputs") or {}
    return {name: each.get("example", each.get("default")) for name, each in inputs.items()}


def shown(path: Path, answers: Answers, now: float) -> Rendering:
    """What a preview of a flow shows where a person answers so."""
    given = {name: Given(value, Location("test")) for name, value in values(path).items()}
    prepared = Prepared(load_file(path))
    rendering, found = prepared.render(Recipient("c1", PHONE), given, moment(now), answers=answers)
    assert rendering is not None, found
    return rendering


def paths(path: Path) -> Iterator[Answers]:
    """For each question of a flow every answer that can be written down, and silence; the first elsewhere."""
    yield {}
    flow = load_file(path).flow
    assert flow is not None
    samples = shown(path, {}, 1_790_000_000.0).samples
    for step in walk_flow(flow):
        if isinstance(step, MessageStep) and step.reply is not None:
            yield {step.label: None}
            for branch, sample in samples.items():
                if branch.startswith(f"{step.address}.") and branch.count(".") == step.address.count(".") + 1:
                    if sample.kind in {"text", "button", "row"}:
                        yield {step.label: sample.text}


CASES = [pytest.param(path, each, id=f"{path.stem}-{each}") for path in LISTENING for each in paths(path)]


@pytest.mark.parametrize(("path", "answers"), CASES)
def test_what_is_previewed_is_what_is_sent(path: Path, answers: Answers, tmp_path: Path, clock: VirtualClock) -> None:
    """Byte for byte, in order; a person who is silent is reminded, which a preview draws beside the question."""

    async def work(talk: Talk) -> None:
        rendering = shown(path, answers, clock.now())
        run = await talk.begin_file(path, values(path))
        asked: set[str] = set()

        async def answer() -> None:
            while (state := await talk.of(run)).run.phase is not Phase.FINISHED and not talk.stop.is_set():
                question = next((each for each in await talk.questions(run) if each not in asked), None)
                if question is not None:
                    asked.add(question)
                    label, sample = talk.label(run, question), rendering.samples.get(
                        f"{question}.{rendering.taken.get(question, '')}"
                    )
                    said = answers.get(label, sample.text if sample is not None else None)
                    if rendering.taken.get(question) != "n" and sample is not None:
                        await clock.sleep(30)
                        talk.say(text(said or sample.text) if sample.kind != "location" else PLACE)
                del state
                await clock.sleep(20)

        async with talk.listening():
            answering = asyncio.ensure_future(answer())
            await talk.until(run)
            answering.cancel()
        sent = talk.wires(but=".r")
        assert sent == [each.wire for each in rendering.messages]

    talked(tmp_path, clock, work)


PLACE = {"message_type": "location", "latitude": 19.4, "longitude": -99.1}
