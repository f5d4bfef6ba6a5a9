"""A test's run comes into being: its values are bound, its messages are checked, and it is in a journal."""

from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from flowrunner.clock import Clock
from flowrunner.delivery import new_run
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.dialects import dialect_of
from flowrunner.engine import Given, Prepared
from flowrunner.flow import Loaded
from flowrunner.flow.carried import not_in
from flowrunner.flow.steps import walk_flow
from flowrunner.flow.translations.languages import LANGUAGE, TIMEZONE
from flowrunner.model import EXAMPLE_RECIPIENT, Flow, Json, MessageStep, Recipient
from flowrunner.phones.zones import zone_of
from flowrunner.spec.facts import facts_of
from flowrunner.testing import values
from flowrunner.testing.playing.life import Playing, target_of
from flowrunner.testing.playing.outside import TALK
from flowrunner.testing.playing.path import Watched

_MOST: Final = 64
"""So many flows, and what was found of so many starts of each, are kept."""


class UnplayableError(Exception):
    """A run of the flow cannot begin with what is given.

    Attributes:
        diagnostics: Why.
    """

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__(next(each.message for each in diagnostics if each.is_error))
        self.diagnostics = diagnostics


class Flows:
    """Flows made ready, each once for many tests."""

    def __init__(self) -> None:
        self._prepared: dict[tuple[int, str], tuple[Loaded, Prepared]] = {}
        self._checked: dict[tuple[int, str], list[Diagnostic]] = {}

    def prepared(self, flow: Loaded, dialect: str) -> Prepared:
        """A flow without errors, for an API.

        Raises:
            UnplayableError: That API cannot write all of its messages.
        """
        key = id(flow), dialect
        if (known := self._prepared.get(key)) is None:
            if lacking := not_in(flow, dialect):
                raise UnplayableError(lacking)
            made = Prepared(flow._replace(dialect=dialect), dialect_of(dialect))
            known = self._prepared[key] = (
                flow,
                made,
            )  # with the flow: another one's id would be the same once it is gone
            _bound(self._prepared)
        return known[1]

    def begun(
        self, flow: Loaded, given: values.Given, recipient: Recipient, clock: Clock
    ) -> "tuple[Playing, list[Diagnostic]]":
        """A run that has not begun; and what there is to say of its messages.

        Raises:
            UnplayableError: A value is missing or wrong, or a message breaks a rule.
        """
        prepared = self.prepared(flow, given.dialect)
        now = datetime.fromtimestamp(clock.now(), zone(given)).isoformat(timespec="seconds")
        whom = EXAMPLE_RECIPIENT if given.recipient == EXAMPLE_RECIPIENT else recipient
        bound, problems = prepared.inputs.bind(_values(given, flow), whom)
        if bound is None:
            raise UnplayableError(problems)
        # Tests of one flow mostly begin alike, and going through all branches takes longer than most of them.
        key = id(prepared), repr((bound.values, recipient, now, given.window))
        if (found := self._checked.get(key)) is None:
            _, found = prepared.actions(recipient, bound, now, is_open=given.window)
            self._checked[key] = found
            _bound(self._checked)
        if any(each.is_error for each in found):
            raise UnplayableError(found)
        run = new_run(prepared.flow, recipient, bound.values, now, target_of(given.dialect), clock)
        scope = prepared.scope(recipient, bound.values, now, bound.given)
        language = str(bound.values.get(LANGUAGE, ""))
        its = prepared.flow
        facts = given.dialect, _settle(its), language, _statuses(its)
        return Playing(run, Watched(prepared.for_one()), scope, *facts), [*problems, *found]


def whom(given: values.Given) -> Recipient:
    """Whom a test's run is for, as its API addresses them."""
    its = given.recipient if given.recipient != EXAMPLE_RECIPIENT else EXAMPLE_RECIPIENT._replace(conversation="")
    named = Recipient(TALK)
    return its._replace(conversation=TALK) if dialect_of(given.dialect).addresses(named) else its


def zone(given: values.Given) -> tzinfo:
    """By which clock the customer lives; UTC where neither the test nor their phone tells."""
    return zone_of(given.recipient, given.timezone) or UTC


def seconds_of(moment: datetime, given: values.Given) -> float:
    """A moment of a test in seconds since the epoch: by the customer's clock where it has no offset."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone(given))).timestamp()


def _values(given: values.Given, flow: Loaded) -> dict[str, Given]:
    place = Location("the test")
    told: dict[str, Json] = dict(given.vars)
    inputs = flow.flow.inputs if flow.flow is not None else ()
    for name, value in ((LANGUAGE, given.language), (TIMEZONE, given.timezone)):
        if value and name in inputs:
            told.setdefault(name, value)
    return {name: Given(value, place) for name, value in told.items()}


def _settle(flow: Flow) -> float:
    replies = (each.reply for each in walk_flow(flow) if isinstance(each, MessageStep))
    return max((each.settle for each in replies if each is not None), default=0.0)


def _statuses(flow: Flow) -> frozenset[str]:
    """The statuses that a run can wait for: to be told of the others takes time, and changes nothing."""
    steps = [each for each in walk_flow(flow) if isinstance(each, MessageStep)]
    asked = {str(each.until) for each in steps if each.until is not None}
    return frozenset(
        {"delivered", "failed", *asked, *(facts_of(each.message).last for each in steps)} - {"read"} | asked
    )


def _bound(kept: dict[tuple[int, str], Any]) -> None:
    while len(kept) > _MOST:
        del kept[next(iter(kept))]
