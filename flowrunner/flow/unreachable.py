"""Branches that can never be reached: one above takes all that they would."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route, warning
from flowrunner.flow.steps import walk_file
from flowrunner.flow.steps.matches import values_of
from flowrunner.flow.steps.reply import MOST_ANSWERS
from flowrunner.flow.windows import Found
from flowrunner.model import Anytime, ChooseStep, Json, Match, MessageStep, Reply, Step
from flowrunner.model.replies import MatchKind
from flowrunner.spec.patterns import matches_whole
from flowrunner.spec.plainly import plainly, says
from flowrunner.spec.words import printable

_NO_TEXT: Final = {"media": "a file", "number": "a number", "location": "a location", "form": "a form"}
"""What is expected where only the message or the other answers say so; a text is read as none of these."""
Interval = tuple[float, float]


def never_reached(steps: Iterable[Step]) -> Iterator[Problem]:
    """A warning for each branch of one file that can never be taken."""
    for step in walk_file(steps):
        if isinstance(step, MessageStep) and step.reply is not None:
            yield from _answers(step.id, step.reply)
        elif isinstance(step, ChooseStep):
            yield from _branches(step)


def taken_above(file: str, anytime: Iterable[Anytime]) -> Iterator[Found]:
    """A warning for each word of an entry of ``anytime``, in that file, that an entry above has."""
    earlier = _Earlier()
    for number, entry in enumerate(anytime, 1):
        for match in entry.matches:
            for value in values_of(match):
                if name := earlier.takes(match.kind, value):
                    message = f"{match.kind} {printable(value)} is taken by {name} above"
                    hint = "remove it, or move this entry above that one"
                    yield Found(file, _unreached(message, hint, match.route))
        for match in entry.matches:
            earlier.add(f"entry {number}", match)


def _answers(name: str, reply: Reply) -> Iterator[Problem]:
    earlier = _Earlier()
    everything = ""
    for answer in reply.answers[:MOST_ANSWERS]:
        if everything:
            message = f"this answer is never reached: {everything} is always true"
            yield _unreached(message, "remove it, or move it above that one", answer.route)
            return
        for match in answer.matches:
            yield from _match(match, earlier, whole=reply.expect == "integer")
        if name and not answer.matches and reply.expect in _NO_TEXT and _is_of_text(str(answer.when), name):
            message = f"a text is never this answer: {_NO_TEXT[reply.expect]} is expected here"
            yield _unreached(message, "write expect: any below reply", (*answer.route, "when"))
        if answer.when in (None, True):
            for match in answer.matches:
                earlier.add(answer.name, match)
            everything = "" if answer.matches else f"the condition of the answer {answer.name}"


def _is_of_text(condition: str, name: str) -> bool:
    """Whether it asks what was written to the question of this name, and nothing else of the answer."""
    parts = set(re.findall(rf"(?<![\w.]){name}\.(\w+)", condition))
    return "text" in parts and parts.isdisjoint(("value", "media", "location", "form"))


def _match(match: Match, earlier: "_Earlier", *, whole: bool) -> Iterator[Problem]:
    for value in values_of(match):
        if name := earlier.takes(match.kind, value):
            message = f"{match.kind} {printable(value)} is never reached: the answer {name} above takes it"
            yield _unreached(message, "remove it, or move this answer above that one", match.route)
    if match.kind == "number" and _is_covered(_interval(match.value), earlier.ranges, whole=whole):
        message = "these numbers are never reached: the answers above take all of them"
        yield _unreached(message, "remove the answer, or move it above those", match.route)


class _Earlier:
    """What the answers above take, each by the name of the first that takes it.

    Attributes:
        ranges: The numbers.
    """

    def __init__(self) -> None:
        self.ranges: list[Interval] = []
        self._exact: dict[tuple[str, str], str] = {}
        self._words: dict[str, str] = {}
        self._patterns: dict[str, str] = {}

    def add(self, name: str, match: Match) -> None:
        """Take an answer for one above."""
        if match.kind == "number":
            self.ranges.append(_interval(match.value))
        for value in values_of(match):
            self._exact.setdefault((_sort(match.kind), _key(match.kind, value)), name)
            if match.kind == "words":
                self._words.setdefault(value, name)
            elif match.kind == "matches":
                self._patterns.setdefault(value, name)

    def takes(self, kind: MatchKind, value: str) -> str:
        """The answer above that is met by all that a value of this kind is met by; empty for none."""
        found = self._exact.get((_sort(kind), _key(kind, value)), "")
        if not found and kind in ("text", "words"):
            found = next((name for words, name in self._words.items() if says(value, words)), "")
        if not found and kind == "text":
            found = next((name for each, name in self._patterns.items() if matches_whole(each, value)), "")
        return found


def _sort(kind: MatchKind) -> str:
    return "choice" if kind in ("button", "row") else kind


def _key(kind: MatchKind, value: str) -> str:
    return plainly(value) if kind in ("text", "words") else value


def _interval(value: Any) -> Interval:
    bounds: Mapping[str, Json] = value if isinstance(value, Mapping) else {}
    low, high = bounds.get("min"), bounds.get("max")
    return (
        float(low) if isinstance(low, (int, float)) else float("-inf"),
        float(high) if isinstance(high, (int, float)) else float("inf"),
    )


def _is_covered(wanted: Interval, earlier: Sequence[Interval], *, whole: bool) -> bool:
    """Whether the ranges of the answers above leave no number of the wanted range; ``whole`` says of which."""
    low, high = wanted
    for first, last in sorted(earlier):
        if first <= low <= last:
            if last >= high:
                return True
            low = last + 1 if whole else last
    return False


def _branches(step: ChooseStep) -> Iterator[Problem]:
    conditions: dict[str, int] = {}
    for number, branch in enumerate(step.branches, 1):
        at: Route = (*branch.route, "when")
        if isinstance(branch.when, str) and (known := conditions.get(" ".join(branch.when.split()))):
            message = f"this branch is never reached: branch {known} above has the same condition"
            yield _unreached(message, "remove it, or change its condition", at)
        if isinstance(branch.when, str):
            conditions.setdefault(" ".join(branch.when.split()), number)
        if branch.when is True:
            rest = [each.route for each in step.branches[number:]]
            rest += [(*step.route, "otherwise")] if step.otherwise else []
            for route in rest[:1]:
                message = f"this is never reached: the condition of branch {number} is always true"
                yield _unreached(message, f"remove it, or the condition of branch {number}", route)
            return


def _unreached(message: str, hint: str, route: Route) -> Problem:
    return warning("never-reached", message, hint, route=route)
