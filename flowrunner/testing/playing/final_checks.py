"""What a test asks once its last turn is over."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flowrunner.diagnostics import Diagnostic
from flowrunner.engine.history.phases import Phase
from flowrunner.model import Event, EventKind, Json
from flowrunner.testing.comparing import differing
from flowrunner.testing.outcomes import Failure
from flowrunner.testing.playing.scene import Scene
from flowrunner.testing.playing.turns import Turning
from flowrunner.testing.playing.waits import what_comes
from flowrunner.testing.values import Case, EndWord

_ENDS: Final[dict[Phase, EndWord]] = {
    Phase.FINISHED: "finished", Phase.UNDELIVERED: "failed", Phase.WITHHELD: "stopped", Phase.FAILED: "failed",
    Phase.IN_DOUBT: "in_doubt", Phase.CANCELLED: "stopped", Phase.OPTED_OUT: "opted_out",
    Phase.HANDED_OVER: "handed_over",
}  # fmt: skip


async def judged(
    case: Case, scene: Scene, turning: Turning, values: Mapping[str, Json], found: Sequence[Diagnostic]
) -> list[Failure]:
    """All that is not as the test asks.

    Args:
        case: The test.
        scene: Where it was played.
        turning: Its turns.
        values: What could be read in the end.
        found: What there is to say of the flow and its messages.
    """
    events = await scene.events()
    told = (_ends(case, scene, turning), _vars(case, values), _counted(case, scene), _events(case, events))
    return [failure for its in (*told, _warnings(case, found)) for failure in its]


def ended(scene: Scene) -> EndWord:
    """What the run has come to."""
    return end_of(scene.life.state.run.phase)


def end_of(phase: Phase) -> EndWord:
    """What a test calls what a run has come to."""
    return _ENDS.get(phase, "waiting")


def _vars(case: Case, values: Mapping[str, Json]) -> Iterator[Failure]:
    for check in case.after.vars:
        if (its := differing(check, values)) is not None:
            yield Failure(its.of.at, 0, its.says, its.expected, its.got)


def _ends(case: Case, scene: Scene, turning: Turning) -> Iterator[Failure]:
    wanted = case.after.ends
    its = ended(scene)
    if wanted is not None and wanted.word != its:
        told = what_comes(scene, turning.chat)
        yield Failure(wanted.at, 0, "ended otherwise", wanted.word, its, told.origin, told.hint)


def _counted(case: Case, scene: Scene) -> Iterator[Failure]:
    sent = scene.outside.sent
    of_steps = Counter(each.step for each in sent)
    counts: dict[str, Json] = {"messages": len(sent), "requests": scene.outside.posts}
    for check in case.after.sent:
        if (its := differing(check, counts)) is not None:
            yield Failure(its.of.at, 0, its.says, its.expected, its.got)
    doubled = sum(count - 1 for count in of_steps.values())
    if (asked := case.after.doubled) is not None:
        if (its := differing(asked._replace(route=("doubled",)), {"doubled": doubled})) is not None:
            yield Failure(its.of.at, 0, "messages that the phone has twice", its.expected, its.got)
    elif doubled:
        yield Failure(case.at, 0, f"the phone has {doubled} message{'s' if doubled > 1 else ''} twice")


def _events(case: Case, events: Sequence[Event]) -> Iterator[Failure]:
    if case.after.events is None:
        return
    left = iter(events)
    for word, at in case.after.events.words:
        if not any(_is_called(each, word) for each in left):
            yield Failure(at, 0, f"there was no such event after those before it: {word}")
            return


def _is_called(event: Event, word: str) -> bool:
    """Whether an event is called so: by its kind, or by what the journal says of it."""
    kind = word.strip().casefold().replace(" ", "_")
    if kind == "looked_up":
        looked = str(event.detail.get("reason", "")).startswith("looked up")
        return looked and event.kind in (EventKind.ACCEPTED, EventKind.RETRYING, EventKind.FAILED)
    return event.kind == kind


def _warnings(case: Case, found: Sequence[Diagnostic]) -> Iterator[Failure]:
    if case.after.warnings is None:
        return
    there = {each.code for each in found if not each.is_error}
    wanted = dict(case.after.warnings.words)
    for word, at in wanted.items():
        if word not in there:
            yield Failure(at, 0, f"flowrunner does not warn of {word}")
    if others := sorted(there - wanted.keys()):
        yield Failure(case.after.warnings.at, 0, f"flowrunner warns of {', '.join(others)}, too")
