"""Branches that can never be reached: one above takes all that they would."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flowrunner.diagnostics import Problem, Route, warning
from flowrunner.flow.steps import walk_file
from flowrunner.model import Answer, ChooseStep, Json, Match, MessageStep, Reply, Step
from flowrunner.spec.patterns import matches_whole
from flowrunner.spec.plainly import plainly, says
from flowrunner.spec.words import printable

Interval = tuple[float, float]


def never_reached(steps: Iterable[Step]) -> Iterator[Problem]:
    """A warning for each branch of one file that can never be taken."""
    for step in walk_file(steps):
        if isinstance(step, MessageStep) and step.reply is not None:
            yield from _answers(step.reply)
        elif isinstance(step, ChooseStep):
            yield from _branches(step)


def _answers(reply: Reply) -> Iterator[Problem]:
    earlier: list[tuple[str, Match]] = []
    everything = ""
    for answer in reply.answers:
        if everything:
            message = f"this answer is never reached: {everything} is always true"
            yield _unreached(message, "remove it, or move it above that one", answer.route)
            return
        for match in answer.matches:
            yield from _match(match, earlier, whole=reply.expect == "integer")
        if answer.when in (None, True):
            earlier += [(answer.name, match) for match in answer.matches]
            everything = "" if answer.matches else f"the condition of {_called(answer)}"


def _match(match: Match, earlier: Sequence[tuple[str, Match]], *, whole: bool) -> Iterator[Problem]:
    for value in _texts(match):
        for name, above in earlier:
            if _takes(above, match, value):
                message = f"{match.kind} {printable(value)} is never reached: the answer {name} above takes it"
                yield _unreached(message, "remove it, or move this answer above that one", match.route)
                break
    if match.kind == "number" and _is_covered(_interval(match.value), [m for _, m in earlier], whole=whole):
        message = "these numbers are never reached: the answers above take all of them"
        yield _unreached(message, "remove the answer, or move it above those", match.route)


def _texts(match: Match) -> list[str]:
    if match.kind in ("number", "matches"):
        return [str(match.value)] if match.kind == "matches" else []
    return [str(each) for each in match.value] if isinstance(match.value, list) else [str(match.value)]


def _takes(above: Match, match: Match, value: str) -> bool:
    """Whether an answer above is met by all that a value of this one is met by."""
    several = [str(each) for each in above.value] if isinstance(above.value, list) else [str(above.value)]
    if match.kind in ("button", "row"):
        return above.kind in ("button", "row") and above.value == value
    if match.kind in ("media", "matches"):
        return above.kind == match.kind and value in several
    if match.kind == "words":
        return above.kind == "words" and any(says(value, each) for each in several)
    match above.kind:
        case "text":
            return plainly(value) in [plainly(each) for each in several]
        case "words":
            return any(says(value, each) for each in several)
        case "matches":
            return matches_whole(str(above.value), value)
    return False


def _interval(value: Any) -> Interval:
    bounds: Mapping[str, Json] = value if isinstance(value, Mapping) else {}
    low, high = bounds.get("min"), bounds.get("max")
    return (
        float(low) if isinstance(low, (int, float)) else float("-inf"),
        float(high) if isinstance(high, (int, float)) else float("inf"),
    )


def _is_covered(wanted: Interval, earlier: Sequence[Match], *, whole: bool) -> bool:
    """Whether the ranges of the answers above leave no number of the wanted range; ``whole`` says of which."""
    low, high = wanted
    for first, last in sorted(_interval(each.value) for each in earlier if each.kind == "number"):
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


def _called(answer: Answer) -> str:
    return f"the answer {answer.name}"


def _unreached(message: str, hint: str, route: Route) -> Problem:
    return warning("never-reached", message, hint, route=route)
