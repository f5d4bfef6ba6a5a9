"""Every branch of a flow gone through before anything is sent: each step once for all that may have been answered.

The work grows with the steps, not with the paths: ways to a step that differ in nothing that is still read are one.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from flowrunner.engine.ahead.problems import Path, told_of
from flowrunner.engine.ahead.remembered import Remembered
from flowrunner.engine.ahead.samples import Sample, of_anytime, samples_of
from flowrunner.engine.ahead.taints import Taints
from flowrunner.engine.ahead.worlds import MOST_WORLDS, Live, Order, World, identity, order, some_of, told_apart
from flowrunner.engine.answers.matching import options_of
from flowrunner.engine.history.answered import OTHERWISE, Answered
from flowrunner.engine.history.state import NEW_STEP
from flowrunner.engine.history.window import Open
from flowrunner.engine.places import turned, within
from flowrunner.engine.renderer import Renderer
from flowrunner.engine.rendering.scope import Scope, with_window
from flowrunner.engine.walk import Walk
from flowrunner.expressions.compared import literals
from flowrunner.flow import Field
from flowrunner.model import (
    Action,
    Again,
    Answer,
    ChooseStep,
    EndStep,
    Message,
    MessageStep,
    Passed,
    Reply,
    Skipped,
    Step,
)
from flowrunner.model.addresses import as_written

if TYPE_CHECKING:
    from flowrunner.diagnostics import Diagnostic

_MOST_COMPARED: Final = 20
"""The most values that a flow compares an answer with of which each is a sample."""


_MOST_SHARED: Final = 1_000

Sampled = dict[tuple[object, ...], Mapping[str, tuple[Sample, ...]]]
"""The samples of each branch of questions."""


class Paths:
    """What becomes of every step of every branch that can be reached.

    Attributes:
        acts: By address, with the first sample that leads there.
        depends: By address: the questions on whose answers it depends, sorted; only where there are any.
        samples: By the address of a branch: those that lead there.
        found: What there is to say, each with the path on which it is so.
        crowded: The first step that says something of several answers and to which more ways lead than are told apart;
            None where there is none.
    """

    def __init__(
        self,
        prepared: Renderer,
        fields: Mapping[str, Sequence[Field]],
        live: Live,
        shared: "Sampled",
        scope: Scope,
        *,
        is_open: bool,
    ) -> None:
        """Go through all of them.

        Args:
            prepared: The flow.
            fields: The parts of it that hold expressions, by the steps' addresses.
            live: Which names are read later.
            shared: The samples of questions that are the same for many recipients, kept from one to the next.
            scope: What its first step may read.
            is_open: What the API would say where it has to be asked whether the person may be sent free text.
        """
        self.acts: dict[str, Action] = {}
        self.depends: dict[str, tuple[str, ...]] = {}
        self.samples: dict[str, tuple[Sample, ...]] = {}
        self.found: list[Diagnostic] = []
        self.crowded: Step | None = None
        self.prepared = Remembered(prepared, fields)
        self._fields, self._live, self._is_open = fields, live, is_open
        self._now = scope.values["now"]
        self._taints = Taints(fields)
        self._is_bounded = False
        self._raw: list[Diagnostic] = []  # what was found since it was asked for last
        self._parts: dict[str, list[Path]] = {}  # of the reminders of the current question, and where it is put again
        self._by_branch: Sampled = {}
        self._shared = shared
        if len(shared) > _MOST_SHARED:
            shared.clear()  # the titles of buttons differ by recipient
        self._known: dict[tuple[str, ...], Sample] = {}
        flow = prepared.flow
        for entry in flow.anytime:
            self.samples[entry.address] = tuple(of_anytime(entry, self._now))
        for steps in (flow.steps, *(each.steps for each in flow.anytime)):
            self._go(World(Walk(self.prepared, steps, scope, self._raw), {}))

    def _go(self, first: World) -> None:
        waiting: list[tuple[Order, str]] = []
        worlds: dict[str, list[World]] = {}
        arriving = [first]
        while arriving or waiting:
            for world in arriving:
                if (step := world.walk.step) is not None:
                    if step.address not in worlds:
                        heappush(waiting, (order(step.address), step.address))
                    worlds.setdefault(step.address, []).append(world)
            if not waiting:
                return
            _, address = heappop(waiting)
            here = told_apart(worlds.pop(address), self._live)
            here = [each for each in here if not each.is_forced] or here
            if len(here) > MOST_WORLDS:
                self._is_bounded, here = True, some_of(here)
            arriving = list(self._through(here))

    def _through(self, here: list[World]) -> Iterator[World]:
        """What follows the step at which some worlds are."""
        step = here[0].walk.step
        assert step is not None  # noqa: S101  # it is at one
        self._taints.reached(step)
        if self._is_bounded and self.crowded is None and len(self._taints.read_by(self._reading(step.address))) > 1:
            self.crowded = step  # each answer is among the ways that are left, but not each with each
        paths = [self._act(each, step) for each in here]
        before = [each._replace(walk=each.walk.fork()) for each in here] if isinstance(step, ChooseStep) else []
        after: list[World] = []
        for world in here:
            action = world.walk.action
            if isinstance(action, Message) and action.step.reply is not None:
                after += self._answered(world, action, action.step.reply, paths)
            elif not (isinstance(step, EndStep) and isinstance(action, Passed)):
                world.walk.pass_step()
                after.append(world)
                paths.append(self._path(world))
        self._tell(step.address, paths)
        for address, found in self._parts.items():
            self._tell(address, found)
        self._parts.clear()
        yield from after
        if isinstance(step, ChooseStep):
            yield from self._not_met(step, before, after)

    def _act(self, world: World, step: Step) -> Path:
        """What becomes of a step in one world."""
        walk = world.walk
        if walk.lacks_window(step, NEW_STEP, 0.0):
            walk.learn(Open(self._is_open, math.inf))
        walk.action = walk.act(step, walk.scope)
        self._keep(step.address, walk.action)
        return self._path(world)

    def _keep(self, address: str, action: Action) -> None:
        """The first that becomes of a step, if anything does."""
        if isinstance(self.acts.get(address), Skipped | None):
            self.acts[address] = action
        if labels := self._taints.of(address):
            self.depends[address] = tuple(sorted(labels))

    def _path(self, world: World) -> Path:
        """What was found since, in this world."""
        found = tuple(self._raw)
        self._raw.clear()
        return Path(world.said, found, world.is_forced)

    def _tell(self, address: str, paths: Sequence[Path]) -> None:
        if any(path.found for path in paths):
            self.found += told_of(paths, self._taints.read_by(self._reading(address)))

    def _reading(self, address: str) -> list[str]:
        """The addresses of what a step reads: its own, and those of the conditions below it."""
        its = as_written(address)
        below = (each for each in self._fields if each.startswith(f"{its}.") and each[len(its) + 2 :].isdigit())
        return [its, *(each for each in below if each[len(its) + 1] in "ac")]

    def _answered(self, world: World, question: Message, reply: Reply, paths: list[Path]) -> Iterator[World]:
        """What follows each answer to a question."""
        step, walk = question.step, world.walk
        for reminder in reply.remind:
            self._part(world, reminder.step, walk.bound(question, None))
        by_branch = self._samples(world, question, reply)
        paths.append(self._path(world))
        if isinstance(reply.otherwise, Again):
            for part in reply.otherwise.steps:
                said = [(each, walk.bound(question, each.answered, each.said)) for each in by_branch.get(OTHERWISE, ())]
                for each, scope in said:
                    self._part(world._replace(said={**world.said, step.label: each}), part, scope)
        number = 0
        for branch, samples in by_branch.items():
            self.samples.setdefault(f"{step.address}.{branch}", samples)
            for each in samples:
                fork = walk.fork()
                fork.pass_question(question, each.answered, each.said)
                number += 1
                yield World(fork, {**world.said, step.label: each}, world.is_forced, (*world.rank, number))

    def _part(self, world: World, written: MessageStep, scope: Scope) -> None:
        """A reminder, or what is said when a question is put again."""
        step = turned(written, world.walk.frame.turns)
        if self.prepared.asks_window(step) and world.walk.window is None:
            scope = with_window(scope, is_open=self._is_open)
        self._keep(step.address, world.walk.act(step, scope))
        self._parts.setdefault(step.address, []).append(self._path(world))

    def _samples(self, world: World, question: Message, reply: Reply) -> Mapping[str, tuple[Sample, ...]]:
        step, walk = question.step, world.walk
        names = {name for each in reply.answers for name in self.prepared.names(as_written(each.address))} - {step.id}
        known_to = self._by_branch if names else self._shared
        own = (id(question), *(identity(walk.scope.values, name) for name in sorted(names)))
        key: tuple[object, ...] = (step.address, self._now, *(own if names else options_of(question)))
        if (known := known_to.get(key)) is not None:
            return known

        def holds(answer: Answer, sample: Sample) -> bool:
            scope = with_window(walk.bound(question, sample.answered, sample.said), is_open=True)
            ask = self.prepared.holds
            return walk.told(lambda: ask(step, answer.address, answer.when, answer.route, scope), otherwise=False)

        found = samples_of(question, reply, self._now, holds, self._compared(step))
        known = {branch: tuple(self._one(step.address, each) for each in several) for branch, several in found.items()}
        known_to[key] = known
        return known

    def _one(self, address: str, sample: Sample) -> Sample:
        """The same object for the same sample of a question, so that the ways after it can be told to be alike."""
        its: Answered = sample.answered
        said = sample.said[-1] if sample.said else None
        kinds = (said.kind, *sorted(map(str, said.data))) if said is not None else ()
        return self._known.setdefault((address, its.branch, its.text, its.choice, str(its.value), *kinds), sample)

    def _compared(self, step: MessageStep) -> Sequence[str]:
        """The values that the flow compares a question's answer with."""
        fields = [each for its in self._fields.values() for each in its] if step.id else []
        reading = (each.expression for each in fields if any(use.name == step.id for use in each.expression.uses))
        return list(dict.fromkeys(text for its in reading for text in literals(its)))[:_MOST_COMPARED]

    def _not_met(self, step: ChooseStep, before: Sequence[World], after: Sequence[World]) -> Iterator[World]:
        """The branches that no sample leads to, though some answer might."""
        read = self._taints.read_by(each.address for each in step.branches)
        able = [each for each in before if isinstance(each.walk.action, Passed)]
        if not read or not able:
            return
        reached = {each.walk.step.address for each in after if each.walk.step is not None}
        first = next((each for each in able if _is_answered(each, read)), able[0])
        for steps in (*(each.steps for each in step.branches), step.otherwise):
            if steps and turned(steps[0], first.walk.frame.turns).address not in reached:
                fork = first.walk.fork()
                fork.go(*within(fork.frame, fork.at, steps, fork.scope))
                yield World(fork, first.said, is_forced=True, rank=first.rank)


def _is_answered(world: World, read: Mapping[str, str]) -> bool:
    return all(world.said[label].answered.branch[:1] == "a" for label in read if label in world.said)
