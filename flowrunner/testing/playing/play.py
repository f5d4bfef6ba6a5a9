"""One test, played from its first turn to what it asks in the end."""

import traceback
from collections.abc import Mapping
from pathlib import Path

from flowrunner.delivery.uploads import UploadError
from flowrunner.flow import Loaded
from flowrunner.model.plain import NOTHING, Json
from flowrunner.testing.outcomes import Failure, Outcome, Verdict
from flowrunner.testing.playing.beginning import UnplayableError, seconds_of, whom
from flowrunner.testing.playing.final_checks import ended, judged
from flowrunner.testing.playing.killed import alone
from flowrunner.testing.playing.scene import Scene
from flowrunner.testing.playing.shared import Room, leave, room
from flowrunner.testing.playing.turns import FailedError, Turning
from flowrunner.testing.turns import Crash
from flowrunner.testing.values import Case


def play(case: Case, flow: Loaded, *, real_crash: bool = False) -> Outcome:
    """Play a test.

    Nothing of it is sent anywhere, and nobody waits: the time in it is the test's own. The same test has the same
    outcome each time, whatever was played before; how long it took is for who plays it to say.

    Args:
        case: The test.
        flow: The flow that it is about, in its own language, without errors.
        real_crash: Let processes be killed where the test says ``crash``.
    """
    if real_crash and any(isinstance(turn, Crash) for turn in case.turns):
        told = alone(lambda folder: tuple(play_and_read(case, flow, folder)[0])[1:])
        return Outcome(case, *told) if told else Outcome(case, "internal", internal="its process ended without a word")
    return play_and_read(case, flow)[0]


def play_and_read(case: Case, flow: Loaded, folder: Path | None = None) -> tuple[Outcome, Mapping[str, Json]]:
    """The same; and what could be read in the end, by name: nothing where the test did not come to its end.

    Args:
        case: The test.
        flow: As for `play`.
        folder: Where the journal's file stands, in a process that may be killed; None for a journal in memory.
    """
    if folder is not None:
        leave()  # the loop of the process that was forked is its own
    shared = room()
    shared.clock.begin(seconds_of(case.given.now, case.given))
    try:
        return shared.clock.run(_played(case, flow, shared, folder))
    except Exception:  # noqa: BLE001  # it is told as what it is: ours
        leave()
        return Outcome(case, "internal", internal=traceback.format_exc()), NOTHING


async def _played(case: Case, flow: Loaded, shared: Room, folder: Path | None) -> tuple[Outcome, Mapping[str, Json]]:
    recipient = whom(case.given)
    try:
        playing, found = shared.flows.begun(flow, case.given, recipient, shared.clock)
    except UnplayableError as error:
        told = next(each for each in error.diagnostics if each.is_error)
        why = Failure(case.at, 0, f"it cannot begin: {told.message}", hint=told.hint)
        return Outcome(case, "failed", (why,)), NOTHING
    spoken = flow.translations.get(playing.language, flow)
    scene = Scene(shared.emulator, case.given, playing, _asked(case), folder)
    turning = Turning(case, spoken, scene, shared.clock)
    failures: tuple[Failure, ...]
    end, trail = "", None
    try:
        try:
            await turning.turns()
            trail, end = scene.path(), ended(scene)
            failures = tuple(await judged(case, scene, turning, trail.values, [*flow.diagnostics, *found]))
        except FailedError as failed:
            failures = (failed.failure,)
        except UploadError as error:
            failures = (Failure(case.at, 0, error.message, hint=error.hint),)
        trail = trail or (scene.path() if scene.has_begun else None)
        covered = trail.done if trail is not None else frozenset()
        if playing.language:
            covered |= {f"language:{playing.language}"}
    finally:
        await scene.close()
    chat, verdict = tuple(turning.chat.entries), _verdict(failures)
    outcome = Outcome(case, verdict, failures, chat, covered, shared.clock.monotonic(), ended=end)
    return outcome, trail.values if trail is not None and end else NOTHING


def _verdict(failures: tuple[Failure, ...]) -> Verdict:
    return "failed" if failures else "passed"


def _asked(case: Case) -> list[str]:
    """The statuses that a test asks for among the events."""
    return [word for word, _ in case.after.events.words] if case.after.events is not None else []
