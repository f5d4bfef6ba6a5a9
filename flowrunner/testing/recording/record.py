"""A run becomes a test: played with its own values first, then with those that stand for them."""

from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from typing import Final, NamedTuple

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine.history.phases import Phase
from flowrunner.engine.history.recipient_learnt import told_after
from flowrunner.model import Json, Recipient
from flowrunner.phones.examples import example_like
from flowrunner.spec.patterns import MAX_PATTERN
from flowrunner.spec.plainly import plainly
from flowrunner.testing.comparing import text_of
from flowrunner.testing.outcomes import Entry
from flowrunner.testing.recording.bound import answers_in
from flowrunner.testing.recording.drafting import Draft, Slot
from flowrunner.testing.recording.leaks import Secret
from flowrunner.testing.recording.patterns import between, having
from flowrunner.testing.recording.standins import (
    PLACE,
    SMALL,
    for_answer,
    for_field,
    for_file,
    for_input,
    leaves,
    others_than,
    with_leaf,
)
from flowrunner.testing.recording.takes import Recorded, Take, Takes
from flowrunner.testing.recording.tape import Said, Sent
from flowrunner.testing.recording.writing import inline

_USER: Final = "MX.13491208655302741918"
PERSONS: Final = ("phone", "user id")
"""What of a person that no input has is called."""
_KEEP: Final = "keep it with --keep {}, if nobody's secret is in it"
_UNDER_WAY: Final = frozenset({Phase.NEW, Phase.UNDER_WAY})
_ENDED_FROM_OUTSIDE: Final = {Phase.CANCELLED: "was cancelled", Phase.WITHHELD: "was left out before its first message"}


class Replaced(NamedTuple):
    """What of a run is not in its test: what it is called, what it was, and what stands in its place."""

    name: str
    was: str
    now: str


class Recording(NamedTuple):
    """A test of what happened in a run.

    Attributes:
        draft: The test.
        replaced: What of the run is not in it.
        secrets: The same, as it must not stand in any file.
    """

    draft: Draft
    replaced: tuple[Replaced, ...]
    secrets: tuple[Secret, ...]


def record(its: Recorded, keep: Collection[str] = ()) -> Recording:
    """A test of what happened; nothing is written.

    Args:
        its: The run.
        keep: The names of inputs and steps whose values stay as they are.

    Raises:
        RefusedError: The run is not at rest, or ended from outside; played, the flow does not do what it did in the
            run; or it does not with values in the place of those of the run; or there is no value of a name to keep.
    """
    if its.phase in _UNDER_WAY:
        raise RefusedError("the run is still under way", f"let it go on first: flowrunner resume {its.run.id}")
    if its.phase is Phase.IN_DOUBT:
        raise RefusedError("a message of the run is in doubt", f"find it out first: flowrunner resume {its.run.id}")
    if its.phase in _ENDED_FROM_OUTSIDE:
        message = f"the run {_ENDED_FROM_OUTSIDE[its.phase]}, which is not the flow's doing"
        raise RefusedError(message, "record one that came to its own end")
    return _Recorder(its, keep).record()


class _Recorder:
    def __init__(self, its: Recorded, keep: Collection[str]) -> None:
        self._its, self._keep = its, keep
        self._takes = Takes(its)
        recipient = its.run.recipient
        phone = example_like(recipient.phone) if recipient.phone else ""
        self._whom = Recipient("", phone, _USER if recipient.user_id else "")
        self._way = frozenset[str]()
        self._free: list[Slot] = []
        self._given: dict[str, Json] = {}  # the same value is replaced by the same
        self._replaced: list[Replaced] = []
        self._secrets: list[Secret] = []

    def record(self) -> Recording:
        """The whole of it."""
        recipient = self._its.run.recipient
        if not any(isinstance(each, Sent) for each in self._takes.tape):
            raise RefusedError("nothing was sent in the run", "record one in which a message was")
        first = self._takes.first(recipient)
        self._way = first.way
        values = dict(first.values)
        free = [slot for slot, value in values.items() if slot[-1] != "choice" or self._takes.is_made(slot, value)]
        names = {self._name(slot) for slot in free}
        if strange := sorted(set(self._keep) - names):
            there = f"it has {', '.join(sorted(names))}" if names else "it has none: leave --keep out"
            raise RefusedError(f"the run has no value called {strange[0]}", there)
        for name, was, now in zip(PERSONS, recipient[1:], self._whom[1:], strict=True):
            if was:
                self._note(name, was, now)
        self._free = [slot for slot in free if self._name(slot) not in self._keep]
        for slot in self._free:
            if values[slot] == first.values[slot]:
                self._replace(values, slot)
        last = self._takes.played(values, self._whom)
        if last.way != self._way:
            raise RefusedError("with an example's phone the flow goes another way", "record a run of another person")
        for slot, value in last.values.items():
            if slot[-1] == "choice" and value != values[slot]:
                self._note(self._name(slot), values[slot], value)
        told = reduce(told_after, self._its.events, recipient)  # what an API called somebody who was named otherwise
        self._secrets += (Secret(name, was) for name, was in zip(PERSONS, told[1:], strict=True) if was)
        kept = [values[slot] for slot in free if self._name(slot) in self._keep]
        secrets = tuple(each for each in self._secrets if not any(_is_same_text(each.was, its) for its in kept))
        return Recording(self._draft(last), tuple(self._replaced), secrets)

    def _replace(self, values: dict[Slot, Json], slot: Slot) -> None:
        """Let something stand for a value: for the whole of it, else for each text and number in it."""
        name, value = self._name(slot), values[slot]
        options = self._options(slot, value)
        if slot[-1] != "form" and (not options or self._tried(values, slot, name, value, options)):
            return
        for path, leaf in leaves(value):
            key = str(path[-1]) if path and isinstance(path[-1], str) else name
            others = self._others(leaf, for_field(name, key, leaf, self._its.flow))
            whole = [with_leaf(values[slot], path, each) for each in others]
            if whole and not self._tried(values, slot, ".".join([name, *map(str, path)]), leaf, whole, path):
                self._stay(name, leaf)

    def _tried(
        self, values: dict[Slot, Json], slot: Slot, name: str, was: Json, options: Sequence[Json], path: Slot = ()
    ) -> bool:
        """Whether one of the options, which is then the value, lets the flow go the same way."""
        same = [
            each for each in self._free if values[each] == values[slot] or _is_same_text(values[each], values[slot])
        ]
        for option in options:
            others = dict.fromkeys(same if not path else (), option)
            try:
                way = self._takes.played({**values, **others, slot: option}, self._whom).way
            except RefusedError:
                continue  # the input does not take it
            if way == self._way:
                values |= {**others, slot: option}
                now = dict(leaves(option))[path] if path else option
                self._given.setdefault(str(was), now)
                self._note(name, was, now)
                return True
        return False

    def _note(self, name: str, was: Json, now: Json) -> None:
        self._replaced.append(Replaced(name, _shown(was), _shown(now)))
        is_name = name in self._its.run.variables
        self._secrets += (Secret(name, str(leaf), is_name=is_name) for _, leaf in leaves(was))

    def _stay(self, name: str, value: Json) -> None:
        """A value that nothing can stand for may stay where it says nothing of a person."""
        if isinstance(value, int | float) and abs(value) < SMALL:
            return
        message = f"nothing can stand for {name}: with another value the flow goes another way"
        raise RefusedError(message, _KEEP.format(name))

    def _options(self, slot: Slot, value: Json) -> Sequence[Json]:
        """What may stand for a value as a whole; nothing where it may stay."""
        if slot[0] == "var":
            found: Sequence[Json] = for_input(str(slot[1]), value, self._its.flow)
        elif slot[2] == "location":
            found = [PLACE] if value != PLACE else [[48.8584, 2.2945]]
        elif slot[2] == "form":
            found = []  # each field by itself
        elif slot[2] == "filename":
            found = for_file(str(value))
        else:
            turn = self._takes.tape[int(slot[0])]
            answered = turn.answered.value if isinstance(turn, Said) and turn.answered is not None else None
            found = for_answer(self._name(slot), str(value), answered, self._its.flow)
        return self._others(value, found) if found else []

    def _others(self, value: Json, found: Iterator[Json] | Sequence[Json]) -> Sequence[Json]:
        """What stands for the same value already comes first, what stands for another last."""
        known = self._given.get(str(value))
        used = [_shown(each) for each in self._given.values()]
        persons = self._its.run.recipient
        options = [each for each in others_than(value, [*found]) if each != known and each not in persons]
        fresh = [each for each in options if _shown(each) not in used]
        within = [now for was, now in self._given.items() if isinstance(value, str) and len(was) > 2 and was in value]
        return [
            *([known] if known is not None else []),
            *fresh,
            *within,
            *(each for each in options if each not in fresh),
        ]

    def _name(self, slot: Slot) -> str:
        """What a value is called: the input, or the step that it answers."""
        if slot[0] == "var":
            return str(slot[1])
        turn = self._takes.tape[int(slot[0])]
        return (turn.step if isinstance(turn, Said) else "") or "answer"

    def _draft(self, take: Take) -> Draft:
        known = {each.now for each in self._replaced} | {str(each) for each in take.values.values()}
        bots = iter([entry for entry in take.outcome.chat if entry.who == "bot"])
        turns = [{"bot": _bot(next(bots), known)} if "bot" in turn else turn for turn in take.draft.turns]
        flow = self._its.flow.flow
        return take.draft._replace(turns=turns, vars=answers_in(flow, take.read) if flow is not None else {})


def _is_same_text(one: Json, other: Json) -> bool:
    """Whether a flow could take one text for the other."""
    return isinstance(one, str) and isinstance(other, str) and plainly(one) == plainly(other) != ""


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else inline(value)


def _bot(entry: Entry, known: Collection[str]) -> Json:
    """What a test asks of a message: what is read of it; of what is not only read, what it is, too."""
    body = entry.body
    kind = str(body.get("message_type", "text"))
    if kind in ("text", "interactive"):
        return _reads(text_of(body), known) or {"message_type": kind}
    if kind == "template":
        name = str(body.get("template_name", ""))
        return {"message_type": kind, "template_name": name} if entry.text == name else _reads(entry.text, known)
    caption = str(body.get("caption") or "")
    return {"message_type": kind, **({"caption": _reads(caption, known)} if caption else {})}


def _reads(text: str, known: Collection[str]) -> Json:
    """A text; or, where something is in it that should not be in a file, what of it can be asked for without that."""
    parts = between(text, known)
    if len(parts) == 1:
        return text
    if len(pattern := having(parts)) <= MAX_PATTERN:
        return {"matches": pattern}
    longest = max((each for each in parts if each.strip()), key=len, default="")
    return {"contains": longest} if longest else {"exists": True}
