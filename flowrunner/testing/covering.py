"""What of a flow can be done, and what of it the tests have done: steps, ways on from questions, conditions, languages.

Each has a key. A message, a pause and an end have their address; an answer, ``otherwise``, silence and what is looked
for at any time have the address of their branch (``3.a2``, ``3.o``, ``3.n``, ``@1``); a condition has that of what it
belongs to, with ``?true`` and ``?false``; a language is ``language:es``.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from flowrunner.diagnostics import Location, Route
from flowrunner.flow import Loaded
from flowrunner.flow.steps import walk_flow
from flowrunner.model import (
    Again,
    Answer,
    Anytime,
    ChooseStep,
    EndStep,
    Match,
    MessageStep,
    PauseStep,
    Reply,
    Step,
)
from flowrunner.testing.covered import Coverage, Item, ItemKind

_NEVER: Final[dict[ItemKind, str]] = {
    "step": "never reached",
    "reminder": "never sent",
    "again": "never put again",
    "answer": "never answered so",
    "otherwise": "never answered otherwise",
    "no_reply": "never silent",
    "when": "",
    "anytime": "never said",
    "language": "never in this language",
}


def coverage(flow: Loaded, covered: Collection[str]) -> Coverage:
    """What the tests of a flow have done of it; ``covered`` are the keys of all of their outcomes together."""
    items = sorted(
        _items(flow), key=lambda each: (each.at.path != flow.path, each.at.path, each.at.line, each.at.column)
    )
    known = {each.key for each in items}
    return Coverage(flow.path, tuple(items), frozenset(covered) & known)


def _items(flow: Loaded) -> Iterator[Item]:
    its = flow.flow
    if its is None:
        return

    def at(address: str, route: Route) -> Location:
        return flow.document_of(address).location(route)

    def item(key: str, kind: ItemKind, name: str, route: Route, address: str) -> Item:
        return Item(key, kind, name, at(address, route), _NEVER[kind])

    def conditions(key: str, when: object, route: Route, address: str) -> Iterator[Item]:
        if isinstance(when, str):
            for word in ("true", "false"):
                yield Item(f"{key}?{word}", "when", when, at(address, (*route, "when")), f"never {word}")

    for step in walk_flow(its):
        yield from conditions(step.address, step.when, step.route, step.address)
        if isinstance(step, MessageStep | PauseStep | EndStep):
            kind = _kind(step)
            yield item(step.address, kind, _called(step), step.route, step.address)
        if isinstance(step, ChooseStep):
            for branch in step.branches:
                yield from conditions(branch.address, branch.when, branch.route, step.address)
        if isinstance(step, MessageStep) and step.reply is not None:
            for answer in step.reply.answers:
                yield item(answer.address, "answer", _named(answer), answer.route, step.address)
                if (
                    isinstance(answer.when, str) and answer.matches
                ):  # one that is a condition alone may be all that is left
                    place = at(step.address, (*answer.route, "when"))
                    yield Item(f"{answer.address}?false", "when", answer.when, place, "never false")
            yield from (
                item(f"{step.address}.{branch}", kind, name, (*step.reply.route, name), step.address)
                for branch, kind, name in _others(step.reply)
            )
    for entry in its.anytime:
        yield item(entry.address, "anytime", _named(entry), entry.route, entry.address)
    if len(its.languages) > 1:
        for number, code in enumerate(its.languages):
            yield item(f"language:{code}", "language", code, ("languages", number), "")


def _kind(step: Step) -> ItemKind:
    last = step.address.rpartition(".")[2]
    if last[1:].isdigit() and last[:1] in "rg":
        return "reminder" if last[0] == "r" else "again"
    return "step"


def _called(step: MessageStep | PauseStep | EndStep) -> str:
    if (kind := _kind(step)) != "step":
        return "remind" if kind == "reminder" else "again"
    if step.id:
        return step.id
    if isinstance(step, PauseStep):
        return "pause"
    return f"end: {step.how}" if isinstance(step, EndStep) else f"step {step.address}"


def _others(reply: Reply) -> Sequence[tuple[str, ItemKind, str]]:
    found: list[tuple[str, ItemKind, str]] = [("n", "no_reply", "no_reply")]
    if not reply.answers:
        found.append(("any", "answer", "any answer"))
    if isinstance(reply.otherwise, Again) or reply.answers:
        found.append(("o", "otherwise", "otherwise"))
    return found


def _named(entry: Answer | Anytime) -> str:
    """The first thing that it is met by, as its author wrote it."""
    return _match(entry.matches[0]) if entry.matches else f"when: {getattr(entry, 'when', '')}"


def _match(match: Match) -> str:
    value = match.value
    if isinstance(value, list | tuple):
        return f"{match.kind}: {', '.join(map(str, value))}"
    if isinstance(value, dict):
        return f"{match.kind}: {', '.join(f'{name} {each}' for name, each in value.items())}"
    return f"{match.kind}: {value}"
