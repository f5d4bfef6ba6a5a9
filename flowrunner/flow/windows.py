"""The 24 hours in which WhatsApp takes free text, followed through every branch, pause, reminder and silence.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from flowrunner.diagnostics import Problem, Route, warning
from flowrunner.flow.fields import Field
from flowrunner.model import (
    Again,
    Anytime,
    Branch,
    ChooseStep,
    EndStep,
    ForEachStep,
    IncludeStep,
    Json,
    MessageStep,
    PauseStep,
    Reply,
    Step,
)
from flowrunner.spec.facts import WINDOW, facts_of

_SEND: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages"


class Found(NamedTuple):
    """What is wrong in one of the files of a flow."""

    file: str
    problem: Problem


class _Path(NamedTuple):
    """What is known at one place, at worst.

    Attributes:
        since: Seconds since the person wrote last.
        silence: The question whose silence is in them; empty where they are pauses alone.
        never: Whether the person may never have written.
        first: Whether no message was sent before.
        guarded: Whether a condition around this place asks for the window.
        told: Whether it was said of an earlier message of this path: what mends that mends this.
        answered: The label of the last question, and the seconds, where it was answered.
    """

    since: float = 0.0
    silence: str = ""
    never: bool = False
    first: bool = True
    guarded: bool = False
    told: bool = False
    answered: tuple[str, float] = ("", 0.0)

    def later(self, seconds: float) -> "_Path":
        """The same after a pause."""
        label, since = self.answered
        return self._replace(since=self.since + seconds, answered=(label, since + seconds))

    def where(self, when: Json) -> "_Path":
        """The same where a condition holds: one that asks for an answer rules silence out."""
        label, since = self.answered
        if not label or not isinstance(when, str) or not _needs_answer(when, label):
            return self
        return self._replace(since=since, silence="", never=False)


def _needs_answer(when: str, label: str) -> bool:
    """Whether a condition holds only where a question was answered."""
    parts = [] if re.search(r"\bor\b|\bif\b", when) else re.split(r"\band\b", when)
    its = re.compile(rf"[\s(]*{re.escape(label)}\.answered[\s)]*")
    return any(its.fullmatch(part) for part in parts)


def window_problems(
    file: str,
    opens: bool,
    steps: Sequence[Step],
    anytime: Iterable[Anytime],
    fields: Mapping[str, tuple[Field, ...]],
) -> list[Found]:
    """The first message of each path that may leave too late.

    After pauses alone it is a warning, as the person may have written meanwhile; after more than 24 hours of silence
    they have not. One whose condition asks for the window is its author's to choose.

    Args:
        file: What the flow's own file is called.
        opens: Whether it says ``opens: conversation``.
        steps: Its steps, with those that it includes.
        anytime: What it looks at whenever somebody writes.
        fields: For each step's address, the parts that hold expressions.
    """
    walk = _Walk(fields)
    walk.steps(steps, _Path(never=opens), file)
    for entry in anytime:
        walk.steps(entry.steps, _Path(first=False), file)
    return walk.found


class _Walk:
    def __init__(self, fields: Mapping[str, tuple[Field, ...]]) -> None:
        self.found: list[Found] = []
        self._fields = fields

    def steps(self, steps: Iterable[Step], path: _Path, file: str) -> _Path | None:
        """What is known after a list of steps; None where the run ends in it."""
        for step in steps:
            asks = self._asks(step.address)
            inside = path.where(step.when)._replace(guarded=path.guarded or asks)
            after = self._step(step, inside, file)
            after = after and after._replace(guarded=path.guarded)
            may_be_left_out = step.when not in (None, True)
            joined = _worst([path, after] if may_be_left_out else [after])
            if joined is None:
                return None
            path = joined
        return path

    def _asks(self, address: str) -> bool:
        return any(each.place == ("when",) and each.reads_window for each in self._fields.get(address, ()))

    def _in(self, branch: Branch, path: _Path) -> _Path:
        return path.where(branch.when)._replace(guarded=path.guarded or self._asks(branch.address))

    def _step(self, step: Step, path: _Path, file: str) -> _Path | None:
        match step:
            case PauseStep():
                return path.later(step.seconds)
            case EndStep():
                return None
            case ChooseStep():
                branches = [self.steps(each.steps, self._in(each, path), file) for each in step.branches]
                return _worst([*branches, self.steps(step.otherwise, path, file)])
            case ForEachStep():
                after = self.steps(step.steps, path, file)
                turns = len(step.items) if isinstance(step.items, list) else 1
                if after is None or turns == 1 or after.since <= path.since:
                    return after
                # Each turn takes as long as the first: only the last is looked at once more.
                return self.steps(step.steps, after.later((after.since - path.since) * (turns - 2)), file)
            case IncludeStep():
                return self.steps(step.steps, path, step.file or file)
            case MessageStep():
                return self._message(step, path, file)

    def _message(self, step: MessageStep, path: _Path, file: str) -> _Path | None:
        path = self._sent(step, path, file)
        if step.reply is None:
            return path
        *answered, silent = self._branches(step, step.reply, path._replace(first=False), file)
        heard, worst = _worst(answered), _worst([*answered, silent])
        if worst is None or heard is None:
            return worst
        return worst._replace(answered=(step.id, heard.since))

    def _branches(self, step: MessageStep, reply: Reply, path: _Path, file: str) -> Iterator[_Path | None]:
        for reminder in reply.remind:
            silent = path._replace(since=path.since + reminder.after, silence=f"the reminder of step {step.label}")
            self._sent(reminder.step, silent, file)
        heard = _Path(first=False, guarded=path.guarded)
        for answer in reply.answers:
            yield self.steps(answer.steps, heard, file)
        if not reply.answers:
            yield heard
        elif isinstance(reply.otherwise, Again):
            yield self.steps(reply.otherwise.then, heard, file)
        else:
            yield self.steps(reply.otherwise or (), heard, file)
        silent = path._replace(since=path.since + reply.within, silence=f"no_reply of step {step.label}")
        yield self.steps(reply.no_reply, silent, file)

    def _sent(self, step: MessageStep, path: _Path, file: str) -> _Path:
        late = path.since >= WINDOW
        unheard = path.never and (path.first or bool(path.silence))
        is_free = not facts_of(step.message).opens
        if is_free and path.guarded:
            return path
        if not is_free or path.told or not (late or unheard):
            return path._replace(first=False)
        self.found.append(Found(file, _problem(path, (*step.route, step.key), late=late)))
        return path._replace(first=False, told=True)


def _problem(path: _Path, route: Route, *, late: bool) -> Problem:
    if path.silence and path.since == WINDOW:
        message = f"a free-form message is refused from here on: {path.silence} is 24 hours after the person wrote last"
        hint = "wait a little less, for example 23h; or send a template here"
        return warning("outside-window", message, hint, route=route, link=_SEND)
    if path.silence:
        after = (
            f"{path.since / 3600:.0f} hours after the person wrote last" if late else "before they have ever written"
        )
        message = f"a free-form message is refused here: in {path.silence} it is sent {after}"
        hint = "send a template here, or leave it out where it is too late: when: conversation.open"
        hint = "send a template here, or remind earlier" if path.silence.startswith("the reminder") else hint
        return Problem("window-closed", message, route, hint, link=_SEND)
    why = "after a pause of 24 hours or more" if late else "before the customer has written"
    message = f"a free-form message {why} is refused: only a template is accepted then"
    hint = "send a template here, or leave it out where it is too late: when: conversation.open"
    return warning("outside-window", message, hint, route=route, link=_SEND)


def _worst(paths: Iterable[_Path | None]) -> _Path | None:
    """What is known where paths join, at worst; None where all have ended."""
    going = [each for each in paths if each is not None]
    if not going:
        return None
    worst = max(going, key=lambda each: (each.since, bool(each.silence)))
    return worst._replace(
        never=any(each.never for each in going),
        first=all(each.first for each in going),
        told=any(each.told for each in going),
    )
