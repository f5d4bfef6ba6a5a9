"""One way through a flow: the run is played, and the customer does what is chosen at each question."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from flowrunner.diagnostics import Location
from flowrunner.engine.history.phases import Phase
from flowrunner.flow import Loaded
from flowrunner.model import EventKind, Message
from flowrunner.testing.exploring.choices import CHAT, Choice, choices_at, choices_in_pause
from flowrunner.testing.playing.beginning import seconds_of, whom
from flowrunner.testing.playing.chat import Chat
from flowrunner.testing.playing.scene import Scene
from flowrunner.testing.playing.shared import Room, room
from flowrunner.testing.values import Given

_MOST_TURNS: Final = 250
"""How often a flow may wait on one way: for its customer, or for a moment."""

_FOR_EVERYBODY: Final = (EventKind.WINDOW, EventKind.ACCEPTED)
"""What a run has that goes to those, too, who have not written: it asks for that, or begins with a template."""


class Wrong(NamedTuple):
    """What went wrong on a way: a code, a sentence, where in the flow, and what to do."""

    code: str
    message: str
    at: Location
    hint: str


class Walked(NamedTuple):
    """What came of a way.

    Attributes:
        choices: What the customer did.
        offered: What they could have done, each time.
        done: What of the flow was done, see `flowrunner.testing.covering`.
        failure: What went wrong; None for nothing.
    """

    choices: tuple[Choice, ...]
    offered: tuple[Sequence[Choice], ...]
    done: frozenset[str]
    failure: Wrong | None


def walk(flow: Loaded, given: Given, choices: Sequence[Choice], is_new: Callable[[Choice], bool]) -> Walked:
    """Walk a way to its end.

    Args:
        flow: The flow.
        given: What is so before the first message.
        choices: What the customer does at the first questions.
        is_new: Whether nobody has done that yet: such a choice is taken where none is said.

    Raises:
        UnplayableError: The flow cannot begin with these values.
    """
    its = room()
    its.clock.begin(seconds_of(given.now, given))
    return its.clock.run(_Walker(its, flow, given, choices, is_new).walk())


class _Walker:
    def __init__(
        self, its: Room, flow: Loaded, given: Given, planned: Sequence[Choice], is_new: Callable[[Choice], bool]
    ) -> None:
        self._room, self._flow, self._given, self._planned, self._is_new = its, flow, given, planned, is_new
        self._choices: list[Choice] = []
        self._offered: list[Sequence[Choice]] = []

    async def walk(self) -> Walked:
        """All of it."""
        playing, _ = self._room.flows.begun(self._flow, self._given, whom(self._given), self._room.clock)
        self._began = datetime.fromisoformat(playing.run.now)
        scene = Scene(self._room.emulator, self._given, playing)
        spoken = self._flow.translations.get(playing.language, self._flow)
        chat = Chat(spoken, self._room.clock.monotonic)
        try:
            scene.begin()
            ended = await self._to_the_end(scene)
            failure = await self._failure(scene, chat, ended=ended)
            done = scene.path().done | {each.key for each in self._choices if each.text == CHAT}
            done |= {f"language:{playing.language}"} if playing.language else set()
        finally:
            await scene.close()
        return Walked(tuple(self._choices), tuple(self._offered), frozenset(done), failure)

    async def _to_the_end(self, scene: Scene) -> bool:
        """Go on until the run has ended; whether it has."""
        for _ in range(_MOST_TURNS):
            await scene.rest(and_soon=True)
            scene.outside.named = len(scene.outside.sent)
            phase, left = scene.life.state.run.phase, scene.left
            if phase is Phase.ASKED:
                await self._ask(scene)
            elif left is not None:
                await self._pause(scene, left)
            else:
                return True
        return False

    async def _pause(self, scene: Scene, left: float) -> None:
        """Let a pause pass, unless something is said that is heard at any time."""
        last = scene.life.state.last
        choices = choices_in_pause(last.step if last is not None else "", self._began, self._flow)
        said = {each.key for each in self._choices if each.text == CHAT}  # once in a pause
        chosen = self._chosen([each for each in choices if each.key not in said])
        if chosen.said is None:
            await scene.pass_time(left)
            return
        if chosen.text == CHAT:
            await scene.pass_time(left * 0.9)
        scene.outside.say(chosen.said)

    def _chosen(self, choices: Sequence[Choice]) -> Choice:
        """What was planned, else the first thing that nobody has done yet, else the first."""
        number = len(self._choices)
        planned = self._planned[number] if number < len(self._planned) else None
        chosen = planned or next((each for each in choices if self._is_new(each)), choices[0])
        self._choices.append(chosen)
        self._offered.append(choices)
        return chosen

    async def _ask(self, scene: Scene) -> None:
        state = scene.life.state
        address = state.last.step if state.last is not None else ""
        question = scene.path().actions.get(address)
        assert isinstance(question, Message)  # noqa: S101  # it is asked
        chosen = self._chosen(choices_at(question, self._began, self._flow))
        if chosen.said is None:
            await self._silent(scene, address)
            return
        asked = next((each for each in reversed(scene.outside.sent) if each.step == address), None)
        about = {"context": {"id": asked.message.wamid}} if asked is not None and _is_tap(chosen) else {}
        scene.outside.say({**chosen.said, **about})

    async def _silent(self, scene: Scene, address: str) -> None:
        """Say nothing until the flow goes on from the question by itself."""
        while scene.life.state.run.phase is Phase.ASKED and (left := scene.left) is not None:
            if scene.life.state.last is None or scene.life.state.last.step != address:
                return
            await scene.pass_time(left)
            scene.outside.named = len(scene.outside.sent)

    async def _failure(self, scene: Scene, chat: Chat, *, ended: bool) -> Wrong | None:
        last = next((each for each in reversed(await scene.events()) if each.step), None)
        origin = chat.origin(last.step) if last is not None else None
        at = origin.at if origin is not None else Location(self._flow.path, 1, 1)
        if not ended:
            message = f"the flow has waited {_MOST_TURNS:,} times, and has not ended"
            return Wrong("way-endless", message, at, "let it ask, or pause, less often")
        events = await scene.events()
        failed = next((each for each in reversed(events) if each.kind is EventKind.FAILED), None)
        if scene.life.state.run.phase is not Phase.FAILED or failed is None:
            return None
        if not self._given.window and all(each.kind not in _FOR_EVERYBODY for each in events):
            return None  # the flow begins with free text: it is for those who have written
        label = origin.label if origin is not None else "the run"
        reason, hint = str(failed.detail.get("reason", "")), str(failed.detail.get("hint", ""))
        return Wrong("way-fails", f"{label} cannot be sent: {reason}", at, hint)


def _is_tap(choice: Choice) -> bool:
    return choice.said is not None and bool({"button_reply", "list_reply"} & choice.said.keys())
