"""A ``reply`` whose shape may be wrong -> what may be answered, and what is done then."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flowrunner.diagnostics import Route
from flowrunner.flow.keys import seconds
from flowrunner.flow.names import Names
from flowrunner.flow.steps.body import read_message
from flowrunner.flow.steps.entries import WAYS_ON
from flowrunner.flow.steps.expecting import EXPECT, expected
from flowrunner.flow.steps.matches import called, read_matches
from flowrunner.flow.steps.reply import MOST_TIMES
from flowrunner.flow.steps.verb import Head, Reader
from flowrunner.model import Again, Answer, EndStep, MessageStep, Reminder, Reply, Step
from flowrunner.model.replies import SETTLE
from flowrunner.source import Plain


def read_reply(written: Mapping[str, Any], step: MessageStep, reader: Reader, names: Names) -> Reply:
    """What may be answered to a step; afterwards ``names`` are what every branch binds."""
    route: Route = (*step.route, "reply")
    paths: dict[str, Names] = {}
    remind = tuple(_reminders(written.get("remind"), step, (*route, "remind"), reader, names))
    answers = tuple(_answers(written.get("answers"), step, (*route, "answers"), reader, names, paths))
    is_alone = "otherwise" in written and "answers" not in written
    otherwise = _otherwise(written, step, route, reader, names, paths) if answers or is_alone else None
    silent = paths[f"no_reply of step {step.label}"] = names.branch()
    no_reply = _way_on(written.get("no_reply"), (*route, "no_reply"), f"{step.address}.n.", reader, silent)
    if not answers:
        paths[f"an answer to step {step.label}"] = names.branch()
    names.join(paths)
    said = written.get("expect")
    return Reply(
        route,
        within=_time(written.get("within"), 0.0),
        expect=next((each for each in EXPECT if each == said), expected(step.message, answers)),
        remind=remind,
        answers=answers,
        otherwise=otherwise,
        no_reply=no_reply,
        settle=_time(written.get("settle"), SETTLE),
        late="accept" if written.get("late") == "accept" else "ignore",
        typed=_plain(written.get("typed")) is not False,
    )


def lists_of(reply: Reply) -> Iterator[tuple[Step, ...]]:
    """The lists of steps that a question holds: reminders, answers, what is said again and then done, silence."""
    yield tuple(each.step for each in reply.remind)
    for answer in reply.answers:
        yield answer.steps
    if isinstance(reply.otherwise, Again):
        yield reply.otherwise.steps
        yield reply.otherwise.then
    elif reply.otherwise is not None:
        yield reply.otherwise
    yield reply.no_reply


def _reminders(written: Any, step: MessageStep, route: Route, reader: Reader, names: Names) -> Iterable[Reminder]:
    several = written if isinstance(written, list) else [written]
    for index, each in enumerate(several):
        if isinstance(each, Mapping):
            at = (*route, index) if isinstance(written, list) else route
            said = _said(each, Head(f"{step.address}.r{index + 1}", at, "", None), reader, names)
            yield Reminder(_time(each.get("after"), 0.0), said)


def _said(entry: Mapping[str, Any], head: Head, reader: Reader, names: Names, key: str = "message") -> MessageStep:
    """A message that belongs to a question: what the flow says of all steps' waits is not about it."""
    said = read_message(entry, head, reader, names, key)
    return said._replace(until=None, timeout=None, on_timeout=None)


def _answers(
    written: Any, step: MessageStep, route: Route, reader: Reader, names: Names, paths: dict[str, Names]
) -> Iterable[Answer]:
    taken: set[str] = set()
    for index, each in enumerate(written if isinstance(written, list) else ()):
        if not isinstance(each, Mapping):
            continue
        address, at = f"{step.address}.a{index + 1}", (*route, index)
        matches = read_matches(each, at)
        name = called(matches)
        name = name if name and name not in taken else f"a{index + 1}"
        taken.add(name)
        path = paths[f"answer {name} of step {step.label}"] = names.branch()
        when = reader.condition(each.get("when"), Head(address, at, "", None), path)
        steps = reader.steps(each.get("steps"), (*at, "steps"), path, f"{address}.")
        yield Answer(address, at, name, matches, when, steps)


def _otherwise(
    written: Mapping[str, Any],
    step: MessageStep,
    route: Route,
    reader: Reader,
    names: Names,
    paths: dict[str, Names],
) -> Again | tuple[Step, ...]:
    said = written.get("otherwise")
    at = (*route, "otherwise")
    path = paths[f"otherwise of step {step.label}"] = names.branch()
    if not isinstance(said, Mapping):
        return _way_on(said, at, f"{step.address}.o.", reader, path)
    first = _said(said, Head(f"{step.address}.g1", at, "", None), reader, names, "again")
    times = _plain(said.get("times"))
    times = min(max(times, 1), MOST_TIMES) if isinstance(times, int) else 1
    several = [first]
    for number in range(2, times + 1):
        several.append(first._replace(address=f"{step.address}.g{number}"))
        reader.fields[several[-1].address] = reader.fields[first.address]
    then = _way_on(said.get("then"), (*at, "then"), f"{step.address}.o.", reader, path)
    return Again(tuple(several), then)


def _way_on(written: Any, route: Route, prefix: str, reader: Reader, names: Names) -> tuple[Step, ...]:
    """Steps, or what a word in their place stands for."""
    if written in WAYS_ON:
        if written == "continue":
            return ()
        names.end()
        reader.fields[f"{prefix}1"] = ()
        return (EndStep(f"{prefix}1", route),)
    return reader.steps(written, route, names, prefix)


def _time(written: Any, default: float) -> float:
    return seconds(written) if isinstance(written, str) else default


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Plain) else value
