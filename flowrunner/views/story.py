"""One path through a flow that listens, as it is told: what is sent, what the person answers, and where they do not."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flowrunner.model import Action, Message, Rendering, Reply, Sample
from flowrunner.views.message.answers import silence
from flowrunner.views.times import duration


class Said(NamedTuple):
    """What the person answers."""

    sample: Sample


class Silence(NamedTuple):
    """They do not answer; ``words`` says for how long."""

    words: str


def story(rendering: Rendering) -> Iterator[Action | Said | Silence]:
    """The path that is shown, in order; of a flow that does not listen its actions alone."""
    addresses = {id(action): address for address, action in rendering.acts.items()}
    told = [(addresses.get(id(each), each.step.address), each) for each in rendering.actions]
    asked: Reply | None = None
    question = ""
    for place, (address, action) in enumerate(told):
        if isinstance(action, Message) and action.step.reply is not None:
            question, asked = address, action.step.reply
        part = address.removeprefix(f"{question}.") if question and address.startswith(f"{question}.") else ""
        if asked is not None and part[:1] == "r":
            yield Silence(f"no answer for {duration(asked.remind[int(part[1:]) - 1].after)}")
        elif part[:1] == "g":
            yield _said(rendering, f"{question}.o")
        yield action
        if asked is not None and not _is_asked_further(told[place + 1 :], question):
            yield from _answer(rendering, question, asked)
            question, asked = "", None


def _is_asked_further(rest: Sequence[tuple[str, Action]], question: str) -> bool:
    """Whether a reminder comes next, or the question is put again."""
    return bool(rest) and rest[0][0].startswith((f"{question}.r", f"{question}.g"))


def _answer(rendering: Rendering, question: str, asked: Reply) -> Iterator[Said | Silence]:
    branch = rendering.taken.get(question)
    if branch == "n":
        yield Silence(silence(asked.within))
    elif branch is not None:
        yield _said(rendering, f"{question}.{branch}")


def _said(rendering: Rendering, branch: str) -> Said:
    return Said(rendering.samples.get(branch) or Sample("text", "…"))
