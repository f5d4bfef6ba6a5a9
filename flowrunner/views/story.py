"""One path through a flow that listens, as it is told: what is sent, what the person answers, and where they do not."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flowrunner.model import Action, Message, Rendering, Reply, Sample
from flowrunner.views.message.answers import silence
from flowrunner.views.quiet import ending
from flowrunner.views.times import duration


class Said(NamedTuple):
    """What the person answers."""

    sample: Sample


class Remark(NamedTuple):
    """What is told between messages: for how long nobody answers, or how the run ends."""

    words: str


def story(rendering: Rendering) -> Iterator[Action | Said | Remark]:
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
            yield Remark(f"no answer for {duration(asked.remind[int(part[1:]) - 1].after)}")
        elif part[:1] == "g":
            yield _said(rendering, f"{question}.o")
        yield action
        if asked is not None and not _is_asked_further(told[place + 1 :], question):
            yield from _answer(rendering, question, asked)
            question, asked = "", None
    for entry in rendering.flow.anytime:
        if entry.address in rendering.taken.values():
            yield Remark(ending(entry.end))


def _is_asked_further(rest: Sequence[tuple[str, Action]], question: str) -> bool:
    """Whether a reminder comes next, or the question is put again."""
    return bool(rest) and rest[0][0].startswith((f"{question}.r", f"{question}.g"))


def _answer(rendering: Rendering, question: str, asked: Reply) -> Iterator[Said | Remark]:
    branch = rendering.taken.get(question)
    if branch == "n":
        yield Remark(silence(asked.within))
    elif branch is not None:
        yield _said(rendering, branch if branch.startswith("@") else f"{question}.{branch}")


def _said(rendering: Rendering, branch: str) -> Said:
    return Said(rendering.samples.get(branch) or Sample("text", "…"))
