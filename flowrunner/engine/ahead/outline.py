"""A rendered flow as a tree: what is said, and the ways on from each question and choice, for whoever shows it."""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from flowrunner.model import (
    Action,
    Again,
    Answer,
    Anytime,
    Branch,
    ChooseStep,
    ForEachStep,
    IncludeStep,
    Message,
    MessageStep,
    Reminder,
    Rendering,
    Reply,
    Sample,
    Step,
)

WayKind = Literal["remind", "answer", "otherwise", "again", "then", "no_reply", "branch", "turn", "file", "anytime"]


class Way(NamedTuple):
    """One way on from a question or a choice.

    Attributes:
        address: What the addresses of its steps begin with: ``3.a2``.
        kind: What it is. ``again`` is the question put again, ``then`` what is done after that; the default of a choice
            is a ``branch`` without an ``entry``.
        name: What reports call it; empty for what is no branch of a question.
        entry: What its author wrote that it is taken for; None where nothing had to be written.
        question: The message that it answers; None for ways that answer none.
        within: Of silence: after how many seconds.
        times: How often it was asked again before: of ``then``.
        label: Of a turn the item's name with its number, of an included file that.
        sample: What the person may answer, so that it is taken; None where nothing is known.
        is_taken: Whether the path that is shown goes there.
        scenes: What happens then; where there are none, the flow goes on behind the step.
    """

    address: str
    kind: WayKind
    name: str = ""
    entry: Answer | Anytime | Branch | Reminder | None = None
    question: Message | None = None
    within: float = 0.0
    times: int = 0
    label: str = ""
    sample: Sample | None = None
    is_taken: bool = False
    scenes: "tuple[Scene, ...]" = ()


class Scene(NamedTuple):
    """What becomes of one step.

    Attributes:
        address: Of the step, in its turn.
        action: What becomes of it.
        depends: The questions on whose answers it depends what it sends, or whether.
        ways: The ways on from there, which meet again after it.
    """

    address: str
    action: Action
    depends: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()


class Outline(NamedTuple):
    """The whole flow: what happens from the top, and what is looked at whenever somebody writes."""

    scenes: tuple[Scene, ...]
    anytime: tuple[Way, ...] = ()


_Place = Callable[[str], str]
"""From the address of a step as the flow has it to that of its turn."""


def outline(rendering: Rendering) -> Outline:
    """The tree of a rendering; of a flow in which nothing depends on an answer, its actions in a row."""
    if not rendering.acts:
        return Outline(tuple(Scene(each.step.address, each) for each in rendering.actions))
    its = _Outliner(rendering)
    return Outline(tuple(its.scenes(rendering.flow.steps, str)), tuple(its.anytime()))


class _Outliner:
    def __init__(self, rendering: Rendering) -> None:
        self._its = rendering

    def scenes(self, steps: tuple[Step, ...], at: _Place) -> Iterator[Scene]:
        """Those of the steps that can be reached."""
        for step in steps:
            address = at(step.address)
            action = self._its.acts.get(address)
            if action is not None:
                depends = self._its.depends.get(address, ())
                yield Scene(address, action, depends, tuple(self._ways(step, action, at)))

    def anytime(self) -> Iterator[Way]:
        for each in self._its.flow.anytime:
            sample, scenes = self._its.samples.get(each.address), tuple(self.scenes(each.steps, str))
            yield Way(each.address, "anytime", entry=each, sample=sample, scenes=scenes)

    def _ways(self, step: Step, action: Action, at: _Place) -> Iterator[Way]:
        match step:
            case MessageStep(reply=Reply() as reply) if isinstance(action, Message):
                yield from self._replies(step.address, action, reply, at)
            case ChooseStep():
                yield from self._branches(step, at)
            case ForEachStep():
                yield from self._turns(step, at)
            case IncludeStep(file=file):
                yield Way(at(step.address), "file", label=file, scenes=tuple(self.scenes(step.steps, at)))

    def _replies(self, here: str, asked: Message, reply: Reply, at: _Place) -> Iterator[Way]:
        """The ways on from a question; ``here`` is its address as the flow has it."""
        for number, each in enumerate(reply.remind, 1):
            scenes = tuple(self.scenes((each.step,), at))
            yield Way(at(f"{here}.r{number}"), "remind", entry=each, question=asked, scenes=scenes)
        for answer in reply.answers:
            way = Way(answer.address, "answer", answer.name, answer, asked)
            yield self._branch(way, here, answer.steps, at)
        if not reply.answers:
            yield self._branch(Way(f"{here}.any", "answer", "any", None, asked), here, (), at)
        match reply.otherwise:
            case Again(steps=steps, then=then):
                scenes = tuple(scene for each in steps for scene in self.scenes((each,), at))
                sample = self._its.samples.get(at(f"{here}.o"))
                yield Way(at(f"{here}.g1"), "again", "otherwise", None, asked, sample=sample, scenes=scenes)
                way = Way(f"{here}.o", "then", "otherwise", None, asked, times=len(steps))
                yield self._branch(way, here, then, at)
            case tuple(others) if reply.answers:
                yield self._branch(Way(f"{here}.o", "otherwise", "otherwise", None, asked), here, others, at)
        silence = Way(f"{here}.n", "no_reply", "no_reply", None, asked, within=reply.within)
        yield self._branch(silence, here, reply.no_reply, at)

    def _branch(self, way: Way, question: str, steps: tuple[Step, ...], at: _Place) -> Way:
        """A branch of a question with what is known of it."""
        where = at(way.address)
        is_taken = self._its.taken.get(at(question)) == way.address.rpartition(".")[2]
        sample, scenes = self._its.samples.get(where), tuple(self.scenes(steps, at))
        return way._replace(address=where, sample=sample, is_taken=is_taken, scenes=scenes)

    def _branches(self, step: ChooseStep, at: _Place) -> Iterator[Way]:
        """Those that can be taken: where no answer decides, the one whose steps there are."""
        is_open = at(step.address) in self._its.depends
        for each in step.branches:
            scenes = tuple(self.scenes(each.steps, at))
            if is_open or scenes:
                yield Way(at(each.address), "branch", entry=each, scenes=scenes)
        scenes = tuple(self.scenes(step.otherwise, at))
        if scenes or (is_open and step.otherwise):
            yield Way(at(f"{step.address}.o"), "branch", scenes=scenes)

    def _turns(self, step: ForEachStep, at: _Place) -> Iterator[Way]:
        number = 1
        while scenes := tuple(self.scenes(step.steps, _turn(step, number, at))):
            yield Way(f"{at(step.address)}#{number}", "turn", label=f"{step.item} {number}", scenes=scenes)
            number += 1


def _turn(step: ForEachStep, number: int, at: _Place) -> _Place:
    written, meant = f"{step.address}#.", f"{at(step.address)}#{number}."
    return lambda address: meant + address.removeprefix(written)
