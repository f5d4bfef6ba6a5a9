"""A run becomes a test: played with its own values first, then with those that stand for them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine.history.phases import Phase
from flowrunner.flow import Loaded
from flowrunner.model import Event, EventKind, Json, Recipient, Run
from flowrunner.phones.examples import example_like
from flowrunner.phones.zones import zone_of
from flowrunner.testing.comparing import text_of
from flowrunner.testing.outcomes import Entry, Outcome
from flowrunner.testing.playing import play
from flowrunner.testing.playing.judging import end_of
from flowrunner.testing.reading import read_text
from flowrunner.testing.recording.drafting import ROUNDS, Draft, Slot, slots_of, turns_of
from flowrunner.testing.recording.patterns import found_in, without
from flowrunner.testing.recording.standins import PLACE, for_input, for_text, hidden
from flowrunner.testing.recording.tape import Happened, Said, Sent, tape_of
from flowrunner.testing.recording.writing import as_item, in_file

_USER: Final = "MX.13491208655302741918"
_KEEP: Final = "keep it with --keep {}, if nobody's secret is in it"


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
    """

    draft: Draft
    replaced: tuple[Replaced, ...]


class Recorded(NamedTuple):
    """A run as its journal keeps it, with the flow that it is to be a test of."""

    run: Run
    events: Sequence[Event]
    phase: Phase
    kept: Loaded
    flow: Loaded


def record(its: Recorded, keep: Collection[str] = ()) -> Recording:
    """A test of what happened; nothing is written.

    Args:
        its: The run.
        keep: The names of inputs and steps whose values stay as they are.

    Raises:
        RefusedError: Played, the flow does not do what it did in the run; or it does not with values in the place of
            those of the run; or there is no value of a name to keep.
    """
    return _Recorder(its, keep).record()


class _Recorder:
    def __init__(self, its: Recorded, keep: Collection[str]) -> None:
        flow = its.kept.flow or its.flow.flow
        if flow is None:
            raise RefusedError("the flow that the run was sent with cannot be read", "record a newer run")
        self._its, self._keep = its, keep
        self._tape: list[Happened] = tape_of(its.events, flow)
        self._language, self._rounding = "", ROUNDS[0]

    def record(self) -> Recording:
        """The whole of it."""
        values: dict[Slot, Json] = {("var", name): value for name, value in self._its.run.variables.items()}
        values |= slots_of(self._tape)
        names = {self._name(slot) for slot in values}
        if strange := sorted(set(self._keep) - names):
            raise RefusedError(f"the run has no value called {strange[0]}", f"it has {', '.join(sorted(names))}")
        recipient = self._its.run.recipient
        outcome = self._first(values, recipient)
        way = _way(outcome)
        self._language = next((each.partition(":")[2] for each in way if each.startswith("language:")), "")
        replaced = [*self._people(recipient)]
        whom = Recipient(
            "", example_like(recipient.phone) if recipient.phone else "", _USER if recipient.user_id else ""
        )
        given: dict[str, Json] = {}  # the same value is replaced by the same
        for slot, value in list(values.items()):
            name = self._name(slot)
            known = given.get(str(value))
            options = [] if name in self._keep else self._options(slot, value)
            if not options:
                continue
            for option in [*([known] if known is not None else []), *options]:
                if _way(self._played({**values, slot: option}, whom)) == way:
                    break
            else:
                if isinstance(value, int | float) and abs(value) < 10_000:
                    continue  # it says nothing of a person, and the flow looks at it
                message = f"nothing can stand for {name}: with another value the flow goes another way"
                raise RefusedError(message, _KEEP.format(name))
            values[slot] = given[str(value)] = option
            replaced.append(Replaced(name, str(value), str(option)))
        final = self._played(values, whom)
        if _way(final) != way:
            raise RefusedError("with an example's phone the flow goes another way", "record a run of another person")
        draft = self._draft(values, whom)
        known_now = {each.now for each in replaced} | {str(values[slot]) for slot in values}
        bots = iter([entry for entry in final.chat if entry.who == "bot"])
        turns = [{"bot": _bot(next(bots), known_now)} if "bot" in turn else turn for turn in draft.turns]
        return Recording(draft._replace(turns=turns), tuple(replaced))

    def _first(self, values: Mapping[Slot, Json], recipient: Recipient) -> Outcome:
        """The run played as it was: what it sent, in that order, and it ends as it has."""
        failure = ""
        wanted = [each.label for each in self._tape if isinstance(each, Sent)]
        for self._rounding in ROUNDS:
            outcome = self._played(values, recipient)
            sent = [entry.origin.label for entry in outcome.chat if entry.who == "bot" and entry.origin is not None]
            if outcome.verdict == "passed" and sent == wanted:
                return outcome
            failure = failure or _why(outcome, sent, wanted)
        raise RefusedError(f"played, the flow does not do what it did in the run: {failure}", self._hint())

    def _hint(self) -> str:
        if self._its.flow.flow is not None and self._its.flow.flow.bundle.files != self._its.run.bundle.files:
            return "the flow was changed after the run: record a newer one"
        return "what a test cannot say, such as a status that never came, cannot be recorded"

    def _people(self, recipient: Recipient) -> Iterator[Replaced]:
        if recipient.phone:
            yield Replaced("phone", recipient.phone, example_like(recipient.phone))
        if recipient.user_id:
            yield Replaced("user id", recipient.user_id, _USER)

    def _options(self, slot: Slot, value: Json) -> Sequence[Json]:
        if slot[0] == "var":
            return for_input(str(slot[1]), value, self._its.flow)
        if slot[2] == "location":
            return [PLACE] if value != PLACE else [[48.8584, 2.2945]]
        if slot[2] == "form":
            return [hidden(value)]
        turn = self._tape[int(slot[0])]
        is_choice = isinstance(turn, Said) and turn.answered is not None and isinstance(turn.answered.value, bool)
        return [] if is_choice else for_text(self._name(slot), str(value), self._its.flow)

    def _name(self, slot: Slot) -> str:
        """What a value is called: the input, or the step that it answers."""
        if slot[0] == "var":
            return str(slot[1])
        turn = self._tape[int(slot[0])]
        return (turn.step if isinstance(turn, Said) else "") or "answer"

    def _played(self, values: Mapping[Slot, Json], whom: Recipient) -> Outcome:
        path = Path(self._its.flow.path).with_suffix(".test.yaml")
        text = in_file("", Path(self._its.flow.path).name, as_item("recorded", self._draft(values, whom))) or ""
        read = read_text(text, path, lambda _path: self._its.flow)
        if read.suite is None:
            wrong = next(each for each in read.diagnostics if each.is_error)
            raise RefusedError(f"no test can say what happened: {wrong.message}", wrong.hint)
        return play(read.suite.cases[0], self._its.flow)

    def _draft(self, values: Mapping[Slot, Json], whom: Recipient) -> Draft:
        run = self._its.run
        zone = zone_of(run.recipient, str(run.variables.get("timezone", "")))
        now = datetime.fromisoformat(run.now)
        its: dict[str, Json] = {"phone": whom.phone} if whom.phone else {}
        its |= {"user_id": whom.user_id} if whom.user_id else {}
        given: dict[str, Json] = {}
        if variables := {slot[1]: value for slot, value in values.items() if slot[0] == "var"}:
            given["vars"] = variables
        if its:
            given["recipient"] = {**its, **({"timezone": str(zone)} if zone is not None else {})}
        given["now"] = (now.astimezone(zone) if zone is not None else now).strftime("%Y-%m-%d %H:%M")
        if self._language:
            given["language"] = self._language
        if run.target.startswith("meta"):
            given["dialect"] = "meta"
        windows = [each for each in self._its.events if each.kind is EventKind.WINDOW]
        if windows and windows[0].detail.get("open") is False:
            given["window"] = "closed"
        return Draft(given, turns_of(self._tape, values, self._rounding), end_of(self._its.phase), {})


def _way(outcome: Outcome) -> frozenset[str]:
    """What of the flow was done, and what was sent in which order; nothing where it did not pass."""
    if outcome.verdict != "passed":
        return frozenset()
    sent = (entry.origin.label for entry in outcome.chat if entry.who == "bot" and entry.origin is not None)
    return outcome.covered | {f"sent:{place}:{label}" for place, label in enumerate(sent)}


def _bot(entry: Entry, known: Collection[str]) -> Json:
    kind = entry.body.get("message_type", "text")
    text = text_of(entry.body) or (entry.text if kind == "template" else "")
    if not text:
        return {"message_type": kind}
    pattern = without(text, known)
    return {"matches": pattern} if pattern is not None and found_in(text, known) else text


def _why(outcome: Outcome, sent: Sequence[str], wanted: Sequence[str]) -> str:
    if outcome.verdict == "internal":
        return outcome.internal.strip().rpartition("\n")[2]
    for failure in outcome.failures:
        got = f": {failure.got}" if failure.got else ""
        hint = f" ({failure.hint})" if failure.hint else ""
        return f"turn {failure.turn}: {failure.says}{got}{hint}" if failure.turn else f"{failure.says}{got}"
    other = next((place for place, pair in enumerate(zip(sent, wanted, strict=False)) if pair[0] != pair[1]), 0)
    return f"message {other + 1} is that of step {sent[other]}, and was that of {wanted[other]}" if sent else "nothing"
