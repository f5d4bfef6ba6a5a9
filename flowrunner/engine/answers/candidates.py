"""What of that which was heard may be an answer to a question: when it was written, and what belongs together."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from flowrunner.engine.history.state import State, StepState
from flowrunner.model import Inbound, MessageStep, Reply
from flowrunner.model.replies import SETTLE

MOST_SETTLES: Final = 10
"""How many times ``settle`` an answer in pieces may take in all: who never stops writing is answered all the same."""

_SECOND: Final = 1.0  # the APIs tell when something was written in whole seconds
_UNKNOWN: Final = 5.0  # how far the API's clock may be from ours where nothing has told
_BEFORE: Final = 3600.0  # what they wrote while their message waited for its turn may be about it
TAPS: Final = frozenset(["button", "row"])
"""The kinds of what is tapped."""
_NO_ANSWERS: Final = frozenset(["deleted", "unknown"])


class Heard(NamedTuple):
    """What was written at once.

    Attributes:
        messages: At least one, as they were written one after the other.
        settles: Nothing that is still to come belongs to it.
        is_late: It is a tap on a button of another message, which is no answer.
    """

    messages: tuple[Inbound, ...]
    settles: bool
    is_late: bool = False

    @property
    def at(self) -> float:
        """When its last message was written, by the API's clock."""
        return self.messages[-1].at


def opened(its: StepState) -> float:
    """The moment from which on what is written may be an answer, by the API's clock: the question had left."""
    span = its.asked or its.begun.api
    return (span.low if span is not None else its.accepted_at - _UNKNOWN) - _SECOND


def closed(its: StepState, reply: Reply) -> float:
    """The moment after which nothing that is written is an answer, by the API's clock."""
    span = its.asked
    return (span.high if span is not None else its.accepted_at) + reply.within


def concerns(state: State, said: Inbound) -> bool:
    """Whether what somebody wrote may be about a run: also where nobody knows when they wrote it, or when it began.

    Whoever listens anew is told what people wrote while others waited: that may be of days before this run began.
    """
    begun = [each for each in state.steps.values() if each.begun.at is not None]
    spans = [each.begun.api or each.asked for each in begun]
    lows = [span.low for span in spans if span is not None]
    is_known = bool(said.at and lows) and len(lows) == len(spans)
    return not is_known or said.at >= min(lows) - _BEFORE


def used(state: State) -> frozenset[str]:
    """The ids of messages that were taken for something, or for nothing, already."""
    answers = (answered for each in state.steps.values() for answered in each.answers)
    ids = frozenset(its for answered in answers for its in answered.ids)
    return ids.union(state.anytime.ids) if state.anytime is not None else ids


def heard_of(step: MessageStep, state: State, now: float) -> Iterator[Heard]:
    """What was written after the question had left, and was not taken for anything yet."""
    reply, its = step.reply, state.step(step.address)
    if reply is None or not state.heard:
        return
    taken = used(state)
    since, until, own = opened(its), closed(its, reply), _own(step, state)
    edited = {each.context: each for each in state.heard if each.kind == "edited"}
    deleted = {each.context for each in state.heard if each.kind == "deleted"}
    waiting: list[Inbound] = []
    for each in sorted(state.heard[its.heard :], key=lambda each: each.at):
        names = {each.id, each.other_id} - {""}
        is_answer = each.context in own or since < each.at
        if each.at > until or not is_answer or each.kind in _NO_ANSWERS or each.kind == "edited":
            continue
        if not taken.isdisjoint(names) or not deleted.isdisjoint(names):
            continue
        if (later := next((edited[name] for name in names if name in edited), None)) is not None:
            each = each._replace(text=later.text)  # noqa: PLW2901
        if each.kind == "reaction":
            if each.text and each.context in own:
                yield Heard((each,), settles=True)
        elif each.kind == "text":
            if waiting and not _joins(waiting, each, reply.settle):
                yield Heard(tuple(waiting), settles=True)
                waiting = []
            waiting.append(each)
        elif each.kind in TAPS and reply.late == "ignore" and _is_elsewhere(each, step, state):
            yield Heard((each,), settles=True, is_late=True)
        else:
            joined = [*waiting, each] if waiting and _joins(waiting, each, reply.settle) else [each]
            if waiting and len(joined) == 1:
                yield Heard(tuple(waiting), settles=True)
            waiting = []
            yield Heard(tuple(joined), settles=True)
    if waiting:
        is_long = waiting[-1].at - waiting[0].at > MOST_SETTLES * reply.settle
        yield Heard(tuple(waiting), settles=is_long or now >= state.heard_at + reply.settle)


def just_before(heard: Sequence[Inbound], place: int) -> tuple[Inbound, ...]:
    """The texts that were written so soon before the one at ``place`` that they may be one with it."""
    first = place
    while first and heard[first].kind == heard[first - 1].kind == "text":
        if not 0 <= heard[first].at - heard[first - 1].at <= SETTLE:
            break
        first -= 1
    return tuple(heard[max(first, place - MOST_SETTLES) : place])


def _joins(waiting: list[Inbound], each: Inbound, settle: float) -> bool:
    """Whether it was written close enough to what came before to be one answer with it."""
    return each.at - waiting[-1].at <= settle and each.at - waiting[0].at <= MOST_SETTLES * settle and settle > 0


def _own(step: MessageStep, state: State) -> frozenset[str]:
    """What the APIs call the question's messages: itself, its reminders, and where it was put again."""
    parts = (each for address, each in state.steps.items() if belongs(step.address, address))
    return frozenset(name for each in parts for name in _names(each))


def _names(its: StepState) -> list[str]:
    return [name for name in (its.message_id, its.wamid) if name]


def belongs(question: str, address: str) -> bool:
    """Whether a message with this address is the question itself, a reminder of it, or the question put again."""
    rest = address.removeprefix(question)
    return address.startswith(question) and (not rest or (rest[:2] in (".r", ".g") and rest[2:].isdigit()))


def _is_elsewhere(tap: Inbound, step: MessageStep, state: State) -> bool:
    """Whether what was tapped belongs to another message.

    Of a message that was looked up only the API's own id may be known, by which no tap names it: what is tapped may be
    that, unless it is known to be another step's.
    """
    its = {address: _names(each) for address, each in state.steps.items() if _names(each)}
    own = {address: names for address, names in its.items() if belongs(step.address, address)}
    if not tap.context or any(tap.context in names for names in own.values()):
        return False
    are_known = all(any(name.startswith("wamid.") for name in names) for names in own.values())
    return (bool(own) and are_known) or any(tap.context in its[address] for address in its.keys() - own.keys())
