"""What is to be answered on the one path that a preview shows, held against the flow's questions."""

import re
from collections.abc import Iterable, Mapping

from flowrunner.diagnostics import nearest
from flowrunner.model import Message, Rendering, Reply
from flowrunner.views.message.answers import titles

Answers = Mapping[str, str | None]
"""By a question's id or its address: a text, an option's id, a branch's name; None for silence."""

SILENT = ("-", "silence")
"""How it is written that nobody answers."""
_NEXT = r",(?=\s*[\w.#/]+\s*=)"


def read_answers(written: Iterable[str]) -> dict[str, str | None]:
    """What was typed: ``start=now,people=12,why=-``; a comma that no name follows belongs to the answer.

    Raises:
        ValueError: In one plain sentence, what is wrong with it.
    """
    answers: dict[str, str | None] = {}
    for part in (each for text in written for each in re.split(_NEXT, text)):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not (name and equals and value):
            raise ValueError(f'"{part}" is not of the form question=answer, such as start=now')
        if name in answers:
            raise ValueError(f"{name} is answered twice")
        answers[name] = None if value in SILENT else value
    return answers


def meant(rendering: Rendering, answers: Answers) -> dict[str, str | None]:
    """The same with a text that leads to it in place of the name of a branch.

    Args:
        rendering: The flow with its branches, on whatever path.
        answers: What is to be answered.

    Raises:
        ValueError: There is no such question.
    """
    questions = _questions(rendering)
    labels = list(dict.fromkeys(each.step.label for _, each in questions.values()))
    found: dict[str, str | None] = {}
    for name, text in answers.items():
        if name not in questions:
            known = f"there are: {', '.join(labels)}" if labels else "the flow asks none"
            raise ValueError(f"there is no question {name}{_did_you_mean(name, labels)} ({known})")
        address, question = questions[name]
        found[name] = text if text is None else _as_said(rendering, address, question, text)
    return found


def check_taken(rendering: Rendering, answers: Answers) -> None:
    """Make sure that the path goes as it was asked for.

    Raises:
        ValueError: A question has no such answer, or is not asked on this path.
    """
    questions = _questions(rendering)
    for name, text in answers.items():
        address, question = questions[name]
        branch = rendering.taken.get(address)
        if branch is None:
            raise ValueError(f"{name} is not asked on this path")
        reply = _reply(question)
        if branch == "o" and text not in (None, "otherwise") and reply.expect == "choice":
            known = [*(each.name for each in reply.answers), "otherwise"]
            listed = f"there are: {', '.join(known)}, and - for silence"
            raise ValueError(f"{name} has no answer {text}{_did_you_mean(str(text), known)} ({listed})")


def _questions(rendering: Rendering) -> dict[str, tuple[str, Message]]:
    """Each question by its address, and by its id: where it is first asked."""
    found: dict[str, tuple[str, Message]] = {}
    for address, action in rendering.acts.items():
        if isinstance(action, Message) and action.step.reply is not None:
            found[address] = address, action
            found.setdefault(action.step.label, (address, action))
    return found


def _reply(question: Message) -> Reply:
    assert question.step.reply is not None  # noqa: S101  # it is a question
    return question.step.reply


def _as_said(rendering: Rendering, address: str, question: Message, text: str) -> str:
    if text in titles(question):
        return text
    branches = {each.name: each.address.rpartition(".")[2] for each in _reply(question).answers}
    sample = rendering.samples.get(f"{address}.{branches.get(text, 'o' if text == 'otherwise' else text)}")
    return sample.text if sample is not None and sample.text else text


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = nearest(word, list(known))
    return f"; did you mean {close}?" if close else ""
