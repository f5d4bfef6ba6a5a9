"""What happened in a run, played again as a test: with the run's own values, or with others in their place."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from flowrunner.client.targets import read_target
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.dialects import DIALECTS
from flowrunner.engine.history.phases import Phase
from flowrunner.flow import Loaded
from flowrunner.model import Event, EventKind, Json, Recipient, Run
from flowrunner.phones.zones import zone_of
from flowrunner.spec.choices import Choice
from flowrunner.testing.outcomes import Entry, Outcome
from flowrunner.testing.playing import play_and_read
from flowrunner.testing.playing.customer_messages import choices_in
from flowrunner.testing.playing.final_checks import end_of
from flowrunner.testing.reading import read_text
from flowrunner.testing.recording.drafting import MANNERS, Draft, Manner, Slot, slots_of, turns_of
from flowrunner.testing.recording.tape import Happened, Refused, Sent, tape_of
from flowrunner.testing.recording.writing import as_item, in_file


class Recorded(NamedTuple):
    """A run as its journal keeps it, with the flow that it is to be a test of."""

    run: Run
    events: Sequence[Event]
    phase: Phase
    kept: Loaded
    flow: Loaded


class Take(NamedTuple):
    """A run, played.

    Attributes:
        outcome: What came of it.
        draft: The test that was played.
        values: By what it was, with what could be tapped there.
        read: What could be read in the end, by name.
    """

    outcome: Outcome
    draft: Draft
    values: Mapping[Slot, Json]
    read: Mapping[str, Json]

    @property
    def way(self) -> frozenset[str]:
        """What of the flow was done, and what was sent in which order; nothing where it did not pass."""
        if self.outcome.verdict != "passed":
            return frozenset()
        return self.outcome.covered | {f"sent:{place}:{label}" for place, label in enumerate(self.sent)}

    @property
    def sent(self) -> list[str]:
        """What the steps are called whose messages were sent."""
        return [each.origin.label for each in self.outcome.chat if each.who == "bot" and each.origin is not None]


class Takes:
    """Plays a run again and again.

    Attributes:
        tape: What happened in it, as it is told.
    """

    def __init__(self, its: Recorded) -> None:
        """Nothing is played yet.

        Raises:
            RefusedError: No test could name what somebody did.
        """
        flow = its.kept.flow or its.flow.flow
        if flow is None:
            raise RefusedError("the flow that the run was sent with cannot be read", "record a newer run")
        self._its, self._kept = its, flow
        self.tape: list[Happened] = tape_of(its.events, flow)
        self._manner, self._language = Manner(), ""
        self._places: dict[Slot, int] = {}  # of what was chosen, from the top

    def first(self, recipient: Recipient) -> Take:
        """The run played as it was: what it sent, in that order, and it ends as it has.

        Raises:
            RefusedError: The flow does something else.
        """
        failure = ""
        given: dict[Slot, Json] = {("var", name): value for name, value in self._its.run.variables.items()}
        for self._manner in MANNERS:
            self.tape = tape_of(self._its.events, self._kept, as_learnt=self._manner.as_learnt)
            if self._manner.refuses and not any(isinstance(each, Refused) for each in self.tape):
                continue
            wanted = [each.label for each in self.tape if isinstance(each, Sent)]
            take = self.played({**given, **slots_of(self.tape)}, recipient)
            if take.outcome.verdict == "passed" and take.sent == wanted:
                self._language = next(
                    (each.partition(":")[2] for each in take.outcome.covered if each.startswith("language:")), ""
                )
                self._places = dict(self._chosen(take))
                return take
            failure = failure or _why(take, wanted)
        raise RefusedError(f"played, the flow does not do what it did in the run: {failure}", self._hint())

    def played(self, values: Mapping[Slot, Json], whom: Recipient) -> Take:
        """The run played for somebody, with these values: what was chosen is what stands in its place then."""
        for _ in range(len(self._places) + 1):
            draft = self._draft(values, whom)
            take = self._once(draft, values)
            other = self._other_choice(take)
            if other is None:
                break
            values = {**values, **other}
        return take

    def is_made(self, slot: Slot, value: Json) -> bool:
        """Whether what was chosen is none of the words of the flow: it is made of what was given."""
        return slot[-1] == "choice" and not any(str(value) in text for text in self._its.run.bundle.files.values())

    def _once(self, draft: Draft, values: Mapping[Slot, Json]) -> Take:
        flow = self._its.flow
        path = Path(flow.path).with_suffix(".test.yaml")
        text = in_file("", Path(flow.path).name, as_item("recorded", draft)) or ""
        read = read_text(text, path, lambda _path: flow)
        if read.suite is None:
            wrong = next(each for each in read.diagnostics if each.is_error)
            raise RefusedError(f"no test can say what happened: {wrong.message}", wrong.hint)
        outcome, bound = play_and_read(read.suite.cases[0], flow)
        return Take(outcome, draft, values, bound)

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
        if (dialect := read_target(run.target).dialect) != DIALECTS[0]:
            given["dialect"] = dialect
        windows = [each for each in self._its.events if each.kind is EventKind.WINDOW]
        if windows and windows[0].detail.get("open") is False:
            given["window"] = "closed"
        turns = [turn for _, turn in turns_of(self.tape, values, self._manner)]
        return Draft(given, turns, end_of(self._its.phase), {})

    def _chosen(self, take: Take) -> Iterator[tuple[Slot, int]]:
        """Where in its message each thing stands that was chosen."""
        for slot, turn in self._choices(take.values):
            choices = self._choices_before(take, turn)
            value = str(take.values[slot])
            its = next((place for place, each in enumerate(choices) if value in (each.id, each.title)), None)
            if its is not None:
                yield slot, its

    def _other_choice(self, take: Take) -> Mapping[Slot, Json] | None:
        """What stands where something was chosen that is not there now; None where all is."""
        failed = take.outcome.failures[0].turn if take.outcome.failures else 0
        for slot, turn in self._choices(take.values):
            choices = self._choices_before(take, turn)
            place, value = self._places.get(slot, len(choices)), take.values[slot]
            if turn == failed and place < len(choices) and value not in (choices[place].id, choices[place].title):
                return {slot: choices[place].id or choices[place].title}
        return None

    def _choices(self, values: Mapping[Slot, Json]) -> Iterator[tuple[Slot, int]]:
        """What was chosen, each with the number of its turn."""
        turns = {place: turn for turn, (place, said) in enumerate(turns_of(self.tape, values, self._manner), 1)
                 if "customer" in said}  # fmt: skip
        return ((slot, turns[int(slot[0])]) for slot in values if slot[-1] == "choice")

    def _choices_before(self, take: Take, turn: int) -> list[Choice]:
        """What the last message above a turn that has anything to tap lets choose from."""
        above: list[Entry] = []
        for entry in take.outcome.chat:
            if entry.turn >= turn:
                break
            above.append(entry)
        for entry in reversed(above):
            if entry.who == "bot" and (choices := choices_in(entry.body, self._its.flow)):
                return list(choices)
        return []

    def _hint(self) -> str:
        its = self._its
        if its.flow.flow is not None and its.flow.flow.bundle.files != its.run.bundle.files:
            return "the flow was changed after the run: record a newer one"
        return "what a test cannot say, such as a status that never came, cannot be recorded"


def _why(take: Take, wanted: list[str]) -> str:
    outcome, sent = take.outcome, take.sent
    if outcome.verdict == "internal":
        return outcome.internal.strip().rpartition("\n")[2]
    for failure in outcome.failures:
        got = f": {failure.got}" if failure.got else ""
        hint = f" ({failure.hint})" if failure.hint else ""
        return f"turn {failure.turn}: {failure.says}{got}{hint}" if failure.turn else f"{failure.says}{got}"
    other = next((place for place, pair in enumerate(zip(sent, wanted, strict=False)) if pair[0] != pair[1]), 0)
    return f"message {other + 1} is that of step {sent[other]}, and was that of {wanted[other]}" if sent else "nothing"
