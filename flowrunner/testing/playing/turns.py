"""The turns of a test, one after another: what each demands of the flow, and what it does to it."""

from typing import Final

from flowrunner.emulator.api.courses import turned
from flowrunner.emulator.api.faults import fault_from
from flowrunner.emulator.api.messages import Failure as Failed
from flowrunner.flow import Loaded
from flowrunner.testing.comparing import differing
from flowrunner.testing.outcomes import Amends, Failure, Origin
from flowrunner.testing.playing.beginning import seconds_of
from flowrunner.testing.playing.chat import Chat, body_of, words_of
from flowrunner.testing.playing.customer_messages import UnsayableError, choices_in, said_so
from flowrunner.testing.playing.outside import TALK, Sent
from flowrunner.testing.playing.scene import Scene
from flowrunner.testing.playing.spans import spelt
from flowrunner.testing.playing.waits import what_comes
from flowrunner.testing.turns import (
    Bot,
    Crash,
    Customer,
    Fault,
    Note,
    Said,
    Silence,
    Status,
    Turn,
    Until,
    Wait,
    Window,
)
from flowrunner.testing.values import Case, Golden
from flowrunner.testing.virtual import VirtualClock

_UNDELIVERABLE: Final = 131026
"""https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes"""


class FailedError(Exception):
    """A turn is not as it says."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.says)
        self.failure = failure


class Turning:
    """Plays the turns of one test.

    Attributes:
        chat: What happened so far.
    """

    def __init__(self, case: Case, flow: Loaded, scene: Scene, clock: VirtualClock) -> None:
        """``flow`` is in the language of the customer."""
        self.chat = Chat(flow, clock.monotonic)
        self._case, self._flow, self._scene, self._clock = case, flow, scene, clock
        self._number = 0

    async def turns(self) -> None:
        """Play all of them.

        Raises:
            FailedError: One is not as it says; or a message comes that none names.
        """
        case = self._case
        if case.golden is not None:
            await self._golden(case.golden)
            return
        self._scene.outside.leads = True
        for self._number, turn in enumerate(case.turns, 1):
            if not self._scene.has_begun and not isinstance(turn, Fault | Window | Note | Crash):
                self._scene.begin()
            await self._turn(turn)
        if not self._scene.has_begun:
            self._scene.begin()
        last = case.turns[-1] if case.turns else None
        await self._time_is_over(last)
        await self._scene.rest(and_soon=True)
        self._all_named(last, "it ends with a message that no turn names", "below")
        if (crash := self._scene.awaits_crash) is not None:
            raise self._failed(crash, f"it never died {crash.when}: no message was sent after this turn")

    async def _golden(self, golden: Golden) -> None:
        """Play what the customer says, each time that the flow waits; whatever is sent is taken as it is."""
        self._scene.begin()
        await self._listen()
        for self._number, turn in enumerate(golden.answers, 1):
            if isinstance(turn, Wait | Until):
                await self._wait(turn)
                while (left := self._scene.until - self._clock.monotonic()) > 0:
                    await self._scene.pass_time(left)
                    self._take_all()
            else:
                await self._turn(turn)
            await self._listen()

    async def _listen(self) -> None:
        await self._scene.rest(and_soon=True)
        self._take_all()

    def _take_all(self) -> None:
        while (sent := self._scene.unnamed) is not None:
            self._scene.outside.named += 1
            self.chat.heard(sent, 0)

    async def _turn(self, turn: Turn) -> None:
        match turn:
            case Bot():
                for _ in range(turn.many):
                    await self._bot(turn)
            case Customer():
                await self._quiet(turn, "the customer would talk over a message that no turn names")
                self._scene.is_exact = False
                for said in turn.said:
                    self._say(said)
            case Wait() | Until():
                await self._wait(turn)
            case Silence(_, seconds):
                await self._quiet(turn, "a message was sent before the silence that no turn names")
                await self._silence(turn, seconds)
            case Status():
                await self._scene.instant()
                self._status(turn)
            case Fault(_, fault):
                its = fault_from(dict(fault))
                self._scene.outside.state.faults.add(its)
                self.chat.happened(f"from here on: {its.kind}", self._number)
            case Crash():
                self._scene.crash(turn)
                when = "" if turn.when == "now" else f", {turn.when} of the next message"
                self.chat.happened(f"the process dies{when}", self._number)
            case Window(_, is_open):
                self._scene.outside.state.conversations.set_window(TALK, is_open=is_open)
                self.chat.happened(f"the 24 hours {'begin again' if is_open else 'are over'}", self._number)
            case Note(_, text):
                self.chat.happened(text, self._number)

    async def _bot(self, turn: Bot) -> None:
        sent = await self._scene.next_message()
        if sent is None:
            told = what_comes(self._scene, self.chat)
            wanted = next(
                (each.value for check in turn.checks for each in check.predicates if each.kind == "equals"), None
            )
            raise self._failed(
                turn,
                "nothing was sent",
                expected=None if wanted is None else str(wanted),
                origin=told.origin,
                hint=told.hint,
                amends="drop",
            )
        body = body_of(sent)
        for check in turn.checks:
            if (its := differing(check, body)) is not None:
                self.chat.heard(sent, 0)
                says = "sent instead" if check.route == ("text",) else f"sent, but {its.says}"
                origin = self.chat.origin(sent.step)
                # Where nothing is there, what is read of the message is not what stands in its place.
                expected, got = (its.expected, its.got) if its.got is not None else (None, words_of(sent.message))
                raise FailedError(Failure(its.of.at, self._number, says, expected, got, origin))
        self._scene.outside.named += 1
        self._scene.is_exact = False
        self.chat.heard(sent, self._number)

    def _say(self, said: Said) -> None:
        about = self._about(said)
        try:
            message = self._scene.outside.say(said_so(said, about, self._flow))
        except UnsayableError as error:
            origin = self.chat.origin(about.step) if about is not None else None
            raise FailedError(Failure(said.at, self._number, str(error), origin=origin, hint=error.hint)) from None
        self.chat.said(message, self._number)

    def _about(self, said: Said) -> Sent | None:
        if said.about:
            return self._of(said.about, said)
        sent = self._scene.outside.sent
        if said.kind in ("tap", "choose"):
            # A reminder has nothing to tap: what is above it is still there.
            choosing = (each for each in reversed(sent) if choices_in(each.message.body, self._flow) != ())
            return next(choosing, sent[-1] if sent else None)
        return sent[-1] if sent else None

    def _of(self, label: str, turn: Turn | Said) -> Sent:
        """The latest message of the step that is called so; the last of all where nothing is said."""
        sent = self._scene.outside.sent
        found = [each for each in sent if not label or self._label(each) == label]
        if not found:
            labels = list(dict.fromkeys(map(self._label, sent)))
            hint = f"sent were {', '.join(labels)}" if labels else "nothing was sent yet"
            raise self._failed(
                turn, f"no message of {label} was sent" if label else "there is no message yet", hint=hint
            )
        return found[-1]

    async def _wait(self, turn: Wait | Until) -> None:
        await self._time_is_over(turn)
        await self._scene.work()  # it counts from where the flow waits, too
        its = self._case.given
        seconds = turn.seconds if isinstance(turn, Wait) else seconds_of(turn.moment, its) - self._clock.now()
        if seconds < 0:
            raise self._failed(turn, f"that moment is over since {spelt(-seconds)}")
        self._scene.until, self._scene.is_exact = self._clock.monotonic() + seconds, True
        self.chat.happened(f"{spelt(seconds)} pass", self._number)

    async def _silence(self, turn: Silence, seconds: float) -> None:
        began = self._clock.monotonic()
        await self._scene.pass_time(seconds)
        sent = self._scene.unnamed
        if sent is not None:
            after = spelt(sent.at - began)
            self.chat.heard(sent, 0)
            origin = self.chat.origin(sent.step)
            raise self._failed(turn, f"a message was sent after {after}", got=words_of(sent.message), origin=origin)
        self.chat.happened(f"{spelt(seconds)} of silence", self._number)

    def _status(self, turn: Status) -> None:
        sent = self._of(turn.of, turn)
        state = self._scene.outside.state
        failure = Failed(turn.code or _UNDELIVERABLE, "Message undeliverable") if turn.status == "failed" else None
        message = state.message(sent.message.id) or sent.message
        state.turn(turned(message, state.now(), turn.status, failure))
        code = f" ({turn.code})" if turn.code else ""
        self.chat.happened(f"{self._label(sent)} is {turn.status}{code}", self._number)

    def _label(self, sent: Sent) -> str:
        step = self.chat.step(sent.step)
        return step.label if step is not None else sent.step

    async def _quiet(self, turn: Turn, says: str) -> None:
        """Nothing is under way any more, and every message is named."""
        await self._time_is_over(turn)
        await self._scene.rest()
        self._all_named(turn, says)

    async def _time_is_over(self, turn: Turn | None) -> None:
        """Let the time pass that a `Wait` left, and see that every message that falls due in it is named."""
        if (left := self._scene.until - self._clock.monotonic()) > 0:
            await self._scene.pass_time(left)
            self._all_named(turn, "a message was sent in the time before that no turn names")

    def _all_named(self, turn: Turn | None, says: str, where: str = "above") -> None:
        sent = self._scene.unnamed
        if sent is None:
            return
        self.chat.heard(sent, 0)
        at = turn.at if turn is not None else self._case.at
        origin = self.chat.origin(sent.step)
        hint = f"name it with bot: {where} this turn" if turn is not None else "name it with bot:"
        amends: Amends = "" if turn is None else "add below" if where == "below" else "add above"
        raise FailedError(Failure(at, self._number, says, None, words_of(sent.message), origin, hint, amends))

    def _failed(
        self, turn: Turn | Said, says: str, *, expected: str | None = None, got: str | None = None,
        origin: Origin | None = None, hint: str = "", amends: Amends = "",
    ) -> FailedError:  # fmt: skip
        return FailedError(Failure(turn.at, self._number, says, expected, got, origin, hint, amends))
