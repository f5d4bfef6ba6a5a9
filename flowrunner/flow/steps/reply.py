"""``reply``: the shape of what may be answered to a message."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route, warning
from flowrunner.flow.keys import Key, duration_problems, kind, message_problems, one_of, seconds, text_problems
from flowrunner.flow.steps.entries import each_of, no_steps_or_more, object_problems, ways_on
from flowrunner.flow.steps.matches import MATCH_KEYS
from flowrunner.flow.steps.verb import VERBS, step_keys
from flowrunner.source import Plain
from flowrunner.spec.files import key_schemas, takers
from flowrunner.spec.layout import Entry, value_beside
from flowrunner.spec.words import listed, printable, shown, written

_KEYS: Final = key_schemas("reply")
LONGEST: Final = 30 * 86400.0
"""The longest time that an answer is waited for, in seconds."""
MOST_REMINDERS: Final = 3
MOST_TIMES: Final = 5
MOST_ANSWERS: Final = 50
_SETTLE: Final = 300.0
_EXAMPLE: Final = "it like reply: {within: 1d, no_reply: continue}"


def reply_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with the shape of a ``reply``."""
    required = {"within": "within, for example: within: 20h", "no_reply": "no_reply: continue, or a list of steps"}
    below: Mapping[str, tuple[Collection[str], bool]] = {
        "answers": (ANSWER_KEYS, True),
        "remind": (REMINDER_KEYS, False),
        "otherwise": (AGAIN_KEYS, False),
        "no_reply": (step_keys(VERBS), True),
    }
    yield from object_problems(value, route, REPLY_KEYS, required, _EXAMPLE, "reply", below)
    if isinstance(value, Mapping):
        if "answers" in value and value.keys() <= REPLY_KEYS.keys() and "otherwise" not in value:
            message = "nothing is said of other answers: the flow goes on with them"
            hint = "add otherwise: continue, a list of steps, or {again: What is said, times: 2, then: continue}"
            yield warning("no-otherwise", message, hint, route=(*route, "answers"), at_key=True)
        yield from _order(value, route)


def _within(value: Any, route: Route) -> Iterator[Problem]:
    found = list(duration_problems(value, route))
    yield from found
    if not found and not 0 < seconds(value) <= LONGEST:
        message = f"{route[-1]} is {value}: an answer is waited for at least 1s and at most 30d"
        yield Problem("out-of-range", message, route, "write a time from 1s to 30d")


def _settle(value: Any, route: Route) -> Iterator[Problem]:
    found = list(duration_problems(value, route))
    yield from found
    if not found and seconds(value) > _SETTLE:
        message = f"settle is {value}, at most 5m is allowed"
        yield Problem("out-of-range", message, route, "write a shorter time, for example 5s")


def _reminders(value: Any, route: Route) -> Iterator[Problem]:
    several = value if isinstance(value, list) else [value]
    if not several:
        yield Problem("too-few-items", "remind has 0 items, at least 1 is required", route, "remove remind")
    if len(several) > MOST_REMINDERS:
        message = f"remind has {len(several)} items, at most {MOST_REMINDERS} are allowed"
        yield Problem("too-many-items", message, (*route, MOST_REMINDERS), "remove it")
    required = {"after": "after, for example: after: 3h", "message": "message: with what is sent"}

    def problems(each: Any, at: Route) -> Iterator[Problem]:
        here = at if isinstance(value, list) else route
        example = "it like {after: 3h, message: Still there?}"
        below = {"message": (takers(), False)}
        return object_problems(each, here, REMINDER_KEYS, required, example, "reminder", below)

    entry = Entry(REMINDER_KEYS, lambda keys: not required.keys() <= {*keys})
    yield from each_of(several, route, entry, "missing-field", problems)


def _order(reply: Mapping[str, Any], route: Route) -> Iterator[Problem]:
    """Reminders that are not before ``within``, or not in order."""
    within = _time(reply.get("within"))
    written = reply.get("remind")
    several = written if isinstance(written, list) else [written]
    before = 0.0
    for index, each in enumerate(several):
        after = _time(each.get("after")) if isinstance(each, Mapping) else None
        if after is None or within is None:
            continue
        at: Route = (*route, "remind", index, "after") if isinstance(written, list) else (*route, "remind", "after")
        if after >= within:
            message = f"the reminder is after {each['after']}, and no answer is waited for after {reply['within']}"
            yield Problem("late-reminder", message, at, "write a time that is shorter than within, or a longer within")
        elif after <= before:
            message = f"the reminder after {each['after']} is not later than the one above it"
            yield Problem("late-reminder", message, at, "write the reminders in the order of their times")
        before = max(before, after)


def _time(value: Any) -> float | None:
    return seconds(value) if isinstance(value, str) and not any(duration_problems(value, ("after",))) else None


def _answers(value: Any, route: Route) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        first = next(iter(value), "yes")
        hint = f"write a list: - button: {printable(str(first))}, and below it steps: with what is done then"
        yield Problem("wrong-type", "answers must be a list, not an object", route, hint)
        return
    if not isinstance(value, list):
        hint = "write a list, for example: [{button: yes}]"
        yield Problem("wrong-type", f"answers must be a list, not {kind(value)}", route, hint)
        return
    if len(value) > MOST_ANSWERS:
        message = f"answers has {len(value)} items, at most {MOST_ANSWERS} are allowed"
        hint = "write several texts or words in one answer, or choose: below the question"
        yield Problem("too-many-items", message, (*route, MOST_ANSWERS), hint)
    if not value:
        message = "answers has 0 items, at least 1 is required"
        yield Problem("too-few-items", message, route, "remove answers: then anything will do; or add an answer")
    yield from each_of(value, route, Entry(ANSWER_KEYS, frozenset(_DECIDING).isdisjoint), "missing-field", _answer)


def _answer(value: Any, route: Route) -> Iterator[Problem]:
    if isinstance(value, Mapping) and (found := value_beside(value, MATCH_KEYS, ANSWER_KEYS, route, "missing-field")):
        yield found
        return
    example = f"{{text: {written(value)}}}" if isinstance(value, str) and value else "it like {button: yes, steps: []}"
    yield from object_problems(value, route, ANSWER_KEYS, {}, example, "answer")
    if isinstance(value, Mapping) and value.keys().isdisjoint(_DECIDING) and not _misspelt(value):
        message = f"the answer says nothing of what is answered: it has neither {listed(_DECIDING, 'nor')}"
        yield Problem("missing-field", message, route, "add one, for example: text: yes")


def _misspelt(answer: Mapping[str, Any]) -> bool:
    """Whether it has a key that is told to be unknown, and may be the one that is missing."""
    return not answer.keys() <= ANSWER_KEYS.keys()


def _otherwise(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        if isinstance(value, str) and value.casefold().replace("_", " ") in ("ask again", "again", "repeat"):
            hint = "write {again: Please tap one of the two., times: 2, then: continue}"
            yield Problem("wrong-type", "otherwise does not say what is said again", route, hint)
            return
        yield from ways_on(value, route)
        return
    required = {
        "again": "again: with what is said",
        "times": "times: 2, how often it is said at most",
        "then": "then: continue, or a list of steps",
    }
    example = "{again: Please tap one of the two., times: 2, then: continue}"
    yield from object_problems(value, route, AGAIN_KEYS, required, example, "again", {"again": (takers(), False)})


def _times(value: Any, route: Route) -> Iterator[Problem]:
    number = value.value if isinstance(value, Plain) else value
    if not isinstance(number, int) or isinstance(number, bool):
        what = shown(value) if isinstance(value, str) and value else kind(value)
        yield Problem("wrong-type", f"times must be a whole number, not {what}", route, "write a number, for example 2")
    elif not 1 <= number <= MOST_TIMES:
        message = f"times is {number}, 1 to {MOST_TIMES} is allowed"
        yield Problem("out-of-range", message, route, "write a number from 1 to 5")


def _typed(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value.value if isinstance(value, Plain) else value, bool):
        yield Problem("wrong-type", f"typed must be true or false, not {kind(value)}", route, "write true or false")


def _expect(value: Any, route: Route) -> Iterator[Problem]:
    words = {word: name for name, several in _KEYS["expect"]["x-words"].items() for word in several}
    for problem in one_of(_KEYS["expect"]).problems(value, route):
        near = words.get(value.casefold(), "") if isinstance(value, str) else ""
        yield problem._replace(hint=f"did you mean {near}?") if near else problem


def _own(keys: Mapping[str, Any], problems: Mapping[str, Any]) -> dict[str, Key]:
    return {name: Key(keys[name], problems[name]) for name in keys}


REMINDER_KEYS: Final = _own(key_schemas("reminder"), {"after": _within, "message": message_problems})
AGAIN_KEYS: Final = _own(key_schemas("again"), {"again": message_problems, "times": _times, "then": ways_on})
ANSWER_KEYS: Final = {
    **MATCH_KEYS,
    "when": Key(key_schemas("answer")["when"], text_problems),
    "steps": Key(key_schemas("answer")["steps"], no_steps_or_more),
}
_DECIDING: Final = (*MATCH_KEYS, "when")
REPLY_KEYS: Final = _own(
    _KEYS,
    {
        "within": _within,
        "remind": _reminders,
        "expect": _expect,
        "answers": _answers,
        "otherwise": _otherwise,
        "no_reply": ways_on,
        "settle": _settle,
        "late": one_of(_KEYS["late"]).problems,
        "typed": _typed,
    },
)
"""The keys of a ``reply``."""
