"""What a customer may do at a question: a sample of each answer, something else, silence, and what is heard anytime."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from flowrunner.engine.ahead.samples import Sample, of_anytime, samples_of
from flowrunner.engine.answers.matching import FILES, anytime_of, several
from flowrunner.engine.history.answered import SILENCE
from flowrunner.flow import Loaded
from flowrunner.model import Answer, Anytime, Inbound, Json, Message
from flowrunner.model.addresses import as_written
from flowrunner.testing.exploring.compared import compared_with, form_fields

_SHORT: Final = 60
"""Longer samples are for what a preview looks at: a customer who writes so much is tried last."""


_SENTENCE: Final = "It was good, but it could have come a day earlier."
"""What a condition that asks how long a text is may be true of."""

_TAPS: Final = ("button_reply", "list_reply")


WAIT: Final = "wait"
"""What is done in a pause."""


CHAT: Final = "write something"
"""What is done in a pause, shortly before it is over, where that makes a difference."""


class Choice(NamedTuple):
    """One thing that a customer does.

    Attributes:
        step: What a person calls the question.
        key: Where it leads, see `flowrunner.testing.covering`: ``3.a2``, ``@1``.
        text: What a person reads of it.
        said: What the emulator takes of it; None for silence.
        is_respelt: Another word for what the first choice with this key says: to say it once is enough.
    """

    step: str
    key: str
    text: str
    said: Mapping[str, Json] | None
    is_respelt: bool = False


def choices_at(question: Message, now: datetime, flow: Loaded) -> list[Choice]:
    """All that may be done at a question, in the order of the flow, each way on first with its first sample.

    Args:
        question: The question's message.
        now: When the run began.
        flow: Its flow.
    """
    step, reply = question.step, question.step.reply
    if reply is None or flow.flow is None:
        return []
    compared, fields = compared_with(flow, step.id), form_fields(flow, step.id)
    words = [text for text in _words_of(reply.answers) if text not in compared]
    more = [_SENTENCE] if any(each.when is not None for each in reply.answers) else []
    by_branch = samples_of(question, reply, now, lambda _answer, _sample: True, (*compared, *words, *more))
    ways = [(f"{as_written(step.address)}.{branch}", samples) for branch, samples in by_branch.items()]
    ways += _anytime(flow, now)
    every = [[Choice(step.label, key, *_read(each, fields)) for each in samples] for key, samples in ways]
    respelt = {f'"{text}"' for text in (*words, *_words_of(_entries(flow)))}
    rest = [
        its._replace(is_respelt=its.text in respelt) for each in every for its in each[1:] if len(its.text) <= _SHORT
    ]
    typed = [its for each in every for choice in each if (its := _typed(choice)) is not None] if reply.typed else []
    return [*(each[0] for each in every if each), *rest, *typed]


def _typed(choice: Choice) -> Choice | None:
    """The title of a button or row written instead of tapped; None for what is none."""
    its = {**(choice.said or {})}
    title = next((str(its[name]["title"]) for name in _TAPS if name in its), "")
    if not title:
        return None
    return choice._replace(text=f'"{title}"', said={"message_type": "text", "content": title}, is_respelt=True)


def choices_in_pause(address: str, now: datetime, flow: Loaded) -> list[Choice]:
    """To wait until a pause is over, which is what is done where nothing is new; or to say something in it.

    That is what is heard at any time, and anything, since it opens the 24 hours, where the flow asks for them.
    """
    said = [Choice("pause", key, *_read(samples[0], ())) for key, samples in _anytime(flow, now) if samples]
    wait = Choice("pause", as_written(address), WAIT, None)
    chat = Choice("pause", f"{as_written(address)}?{CHAT}", CHAT, {"message_type": "text", "content": "Hm"})
    is_asked = any(each.reads_window for fields in flow.fields.values() for each in fields)
    return [wait, *([chat] if is_asked else []), *said]


def _entries(flow: Loaded) -> Sequence[Anytime]:
    return flow.flow.anytime if flow.flow is not None else ()


def _words_of(entries: Sequence[Answer | Anytime]) -> list[str]:
    """Every word and text that is looked for; samples of a branch have the first of them alone."""
    named = (match for each in entries for match in each.matches if match.kind in ("text", "words"))
    return [str(text) for match in named for text in several(match.value)]


def _anytime(flow: Loaded, now: datetime) -> list[tuple[str, tuple[Sample, ...]]]:
    return [(each.address, tuple(_of_entry(each, now))) for each in _entries(flow)]


def _of_entry(entry: Anytime, now: datetime) -> Iterator[Sample]:
    its = list(of_anytime(entry, now))
    yield from its
    known = {each.said[-1].text for each in its}
    for text in _words_of([entry]):
        said = Inbound("wamid.text", now.timestamp(), "text", text)
        if text not in known and (taken := anytime_of((entry,), said)) is not None:
            yield Sample(taken, (said,))


def _read(sample: Sample, fields: Sequence[str]) -> tuple[str, Mapping[str, Json] | None]:
    if sample.answered.branch == SILENCE or not sample.said:
        return "silence", None
    said = sample.said[-1]
    return _words(said), _body(said, fields)


def _words(said: Inbound) -> str:
    if said.kind in ("button", "row"):
        return f"{'tap' if said.kind == 'button' else 'choose'} {said.choice or said.text}"
    return f'"{said.text}"' if said.text else said.kind


def _body(said: Inbound, fields: Sequence[str]) -> Mapping[str, Json]:
    """As `inbound_body` takes it."""
    if said.kind in ("button", "row"):
        name = "button_reply" if said.kind == "button" else "list_reply"
        return {
            "message_type": "interactive",
            name: {"id": said.choice or said.text, "title": said.text or said.choice},
        }
    if said.kind in FILES:
        words: dict[str, Json] = {"caption": said.text} if said.text else {}
        named = {name: said.data[name] for name in ("filename",) if name in said.data}
        return {"message_type": said.kind, "media_url": "https://example.com/file", **words, **named}
    if said.kind == "location":
        return {"message_type": "location", "latitude": 19.4326, "longitude": -99.1332}
    if said.kind == "form":
        filled = json.dumps(dict.fromkeys(fields, "a"))
        return {"message_type": "interactive", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": filled}}
    return {"message_type": "text" if said.kind == "text" else said.kind, "content": said.text or said.kind}
