"""What the questions of a flow need around them: a way out for the person, and few branches in one another."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from flowrunner.diagnostics import Problem, warning
from flowrunner.flow.steps import verb_of, walk, walk_file
from flowrunner.flow.windows import Found
from flowrunner.model import Anytime, EndStep, IncludeStep, MessageStep, Reply, Step

DEEPEST: Final = 3
"""How many branches may stand in one another."""
_BRANCH: Final = re.compile(r"\.(?:a\d+|c\d+|o|n)(?=\.)|#(?=\.)")


def without_way_out(file: str, steps: Sequence[Step], anytime: Iterable[Anytime]) -> Iterator[Found]:
    """A warning at the first question at which nobody can say that they want nothing more.

    Args:
        file: What the flow's own file is called.
        steps: Its steps, with those that it includes.
        anytime: What it looks at whenever somebody writes.
    """
    if any(each.end == "opted_out" for each in anytime):
        return
    for name, step in _with_files(file, steps):
        if isinstance(step, MessageStep) and step.reply is not None and not _lets_out(step.reply):
            message = "whoever is asked here cannot say that they want no more messages"
            hint = "add beside steps: anytime: [{words: [stop, unsubscribe], end: opted_out}]"
            yield Found(name, warning("no-way-out", message, hint, route=step.reply.route, at_key=True))
            return


def asked_on_the_way_out(file: str, anytime: Iterable[Anytime]) -> Iterator[Found]:
    """An error for each question to somebody who has said that they want no more messages."""
    for entry in anytime:
        for name, step in _with_files(file, entry.steps) if entry.end == "opted_out" else ():
            if isinstance(step, MessageStep) and step.reply is not None:
                message = "whoever wants no more messages is not asked anything"
                hint = "remove reply:, and say goodbye in one message"
                yield Found(name, Problem("unanswerable", message, step.reply.route, hint, at_key=True))


def idle_anytime(files: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Found]:
    """A warning for what an included file looks at anytime and the flow does not: there it does not count.

    ``files`` are all by name, as they are written, the flow's own first.
    """
    (_, own), *included = files
    known = own.get("anytime")
    for name, data in included:
        its = data.get("anytime")
        for index, each in enumerate(its if isinstance(its, list) else ()):
            if not isinstance(known, list) or each not in known:
                message = "this does not count where the file is included: only the flow's own anytime does"
                hint = f"write it in {files[0][0]}, too"
                yield Found(name, warning("idle-anytime", message, hint, route=("anytime", index)))


def too_deep(steps: Iterable[Step]) -> Iterator[Problem]:
    """A warning for each list of steps of one file that stands in more branches than anybody follows."""
    for step in walk_file(steps):
        depth = len(_BRANCH.findall(step.address.rpartition("/")[2]))
        if depth == DEEPEST + 1 and step.address.endswith(".1"):
            message = f"these steps stand in {depth} branches, one in another: nobody follows more than {DEEPEST}"
            hint = "move them, or some around them, to a file of their own, and include it"
            yield warning("deep-nesting", message, hint, route=step.route)


def _lets_out(reply: Reply) -> bool:
    return any(
        isinstance(each, EndStep) and each.how == "opted_out" for answer in reply.answers for each in walk(answer.steps)
    )


def _with_files(file: str, steps: Iterable[Step]) -> Iterator[tuple[str, Step]]:
    """Every step, with the name of the file in which it stands."""
    for step in steps:
        yield file, step
        within = step.file if isinstance(step, IncludeStep) else file
        for children in verb_of(step).children(step):
            yield from _with_files(within, children)
