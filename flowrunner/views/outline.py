"""A flow that listens as a tree of what is said and what may be answered, for every drawing of it."""

from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from flowrunner.model import (
    Action,
    Again,
    ChooseStep,
    ForEachStep,
    IncludeStep,
    Message,
    MessageStep,
    Rendering,
    Reply,
    Sample,
    Step,
)
from flowrunner.model.replies import EndHow
from flowrunner.views.message.answers import Titles, answers_to, condition, silence, titles
from flowrunner.views.quiet import ending
from flowrunner.views.times import duration

WayKind = Literal["remind", "answer", "otherwise", "again", "then", "no_reply", "branch", "turn", "file", "anytime"]


class Way(NamedTuple):
    """One way on from a question or a choice.

    Attributes:
        address: What the addresses of its steps begin with: ``3.a2``.
        kind: What it is.
        words: What leads there, in words.
        name: What reports call it; empty for what is no branch of a question.
        sample: What the person may answer, so that it is taken; None where they answer nothing.
        is_taken: Whether the path that is shown goes there.
        scenes: What happens then.
        after: What comes of it in the end, in words: that the flow goes on, or the run ends. Empty where the scenes
            say it.
        end: How the run ends then, beside what the scenes say.
    """

    address: str
    kind: WayKind
    words: str
    name: str = ""
    sample: Sample | None = None
    is_taken: bool = False
    scenes: "tuple[Scene, ...]" = ()
    after: str = ""
    end: EndHow | Literal[""] = ""


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
    anytime: tuple[Way, ...]


_GOES_ON: Final = "the flow goes on"

Place = Callable[[str], str]
"""From the address of a step as the flow has it to that of its turn."""


def outline(rendering: Rendering) -> Outline:
    """The tree of a rendering that has ``acts``."""
    its = _Outliner(rendering)
    return Outline(tuple(its.scenes(rendering.flow.steps, str)), tuple(its.anytime()))


class _Outliner:
    def __init__(self, rendering: Rendering) -> None:
        self._its = rendering

    def scenes(self, steps: tuple[Step, ...], at: Place) -> Iterator[Scene]:
        """Those of the steps that can be reached."""
        for step in steps:
            address = at(step.address)
            action = self._its.acts.get(address)
            if action is not None:
                depends = self._its.depends.get(address, ())
                yield Scene(address, action, depends, tuple(self._ways(step, action, at)))

    def anytime(self) -> Iterator[Way]:
        for each in self._its.flow.anytime:
            sample = self._its.samples.get(each.address)
            scenes = tuple(self.scenes(each.steps, str))
            words, after = answers_to(each, {}), ending(each.end)
            yield Way(each.address, "anytime", words, "", sample, scenes=scenes, after=after, end=each.end)

    def _ways(self, step: Step, action: Action, at: Place) -> Iterator[Way]:
        match step:
            case MessageStep(reply=Reply() as reply) if isinstance(action, Message):
                yield from self._replies(step, reply, titles(action), at)
            case ChooseStep():
                yield from self._branches(step, at)
            case ForEachStep():
                yield from self._turns(step, at)
            case IncludeStep(file=file):
                yield Way(at(step.address), "file", file, scenes=tuple(self.scenes(step.steps, at)))

    def _replies(self, step: MessageStep, reply: Reply, names: Titles, at: Place) -> Iterator[Way]:
        for number, each in enumerate(reply.remind, 1):
            words = f"no answer after {duration(each.after)}"
            yield Way(at(f"{step.address}.r{number}"), "remind", words, scenes=tuple(self.scenes((each.step,), at)))
        for answer in reply.answers:
            yield self._way(step, answer.address, "answer", answers_to(answer, names), answer.name, answer.steps, at)
        if not reply.answers:
            yield self._way(step, f"{step.address}.any", "answer", "anything", "any", (), at)
        beside = "anything else" if reply.answers else "anything"
        match reply.otherwise:
            case Again(steps=steps, then=then):
                scenes = tuple(scene for each in steps for scene in self.scenes((each,), at))
                yield Way(at(f"{step.address}.g1"), "again", beside, "otherwise", scenes=scenes)
                times = f"{len(steps)} times" if len(steps) > 1 else "once"
                words = f"{beside}, after it was asked again {times}"
                yield self._way(step, f"{step.address}.o", "then", words, "otherwise", then, at)
            case tuple(others):
                yield self._way(step, f"{step.address}.o", "otherwise", beside, "otherwise", others, at)
        words = silence(reply.within)
        yield self._way(step, f"{step.address}.n", "no_reply", words, "no_reply", reply.no_reply, at)

    def _way(
        self,
        step: Step,
        address: str,
        kind: WayKind,
        words: str,
        name: str,
        steps: tuple[Step, ...],
        at: Place,
    ) -> Way:
        where = at(address)
        is_taken = self._its.taken.get(at(step.address)) == address.rpartition(".")[2]
        sample = self._its.samples.get(where)
        scenes = tuple(self.scenes(steps, at))
        return Way(where, kind, words, name, sample, is_taken, scenes, "" if scenes else _GOES_ON)

    def _branches(self, step: ChooseStep, at: Place) -> Iterator[Way]:
        """Those that can be taken: where no answer decides, the one whose steps there are."""
        is_open = at(step.address) in self._its.depends
        for each in step.branches:
            scenes = tuple(self.scenes(each.steps, at))
            if is_open or scenes:
                after = "" if scenes else _GOES_ON
                yield Way(at(each.address), "branch", condition(each.when), scenes=scenes, after=after)
        scenes = tuple(self.scenes(step.otherwise, at))
        if scenes or (is_open and step.otherwise):
            yield Way(at(f"{step.address}.o"), "branch", "otherwise", scenes=scenes)

    def _turns(self, step: ForEachStep, at: Place) -> Iterator[Way]:
        number = 1
        while scenes := tuple(self.scenes(step.steps, _turn(step, number, at))):
            yield Way(f"{at(step.address)}#{number}", "turn", f"{step.item} {number}", scenes=scenes)
            number += 1


def _turn(step: ForEachStep, number: int, at: Place) -> Place:
    written, meant = f"{step.address}#.", f"{at(step.address)}#{number}."
    return lambda address: meant + address.removeprefix(written)
