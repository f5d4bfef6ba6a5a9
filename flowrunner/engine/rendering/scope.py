"""What a step is rendered with, and what there is to say of it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from flowrunner.diagnostics import Diagnostic, Note, Problem, Route
from flowrunner.engine.values.given import Given
from flowrunner.expressions import ExpressionError, Names
from flowrunner.expressions.reader import READER, Reader
from flowrunner.flow.translations.languages import TIMEZONE
from flowrunner.model import Action, Json, Recipient
from flowrunner.numbers import as_shown


class Scope(NamedTuple):
    """What the expressions of a step may read.

    Attributes:
        values: By name: the inputs, what every run gives, and the earlier steps that some expression refers to.
        given: What was given for an input, for those of which that is known.
        recipient: Whom it is for.
        seed: What chance depends on, together with the step: when the run began, and for which conversation.
    """

    values: Names
    given: Mapping[str, Given]
    recipient: Recipient
    seed: str


def scope_of(
    recipient: Recipient, values: Mapping[str, Json], now: str, given: Mapping[str, Given], language: str
) -> Scope:
    """What the first step may read; for the rest see `flowrunner.engine.render.Prepared.scope`.

    ``language`` is the code of what the recipient reads; empty where the flow does not say it.
    """
    names = Names(values)
    names["now"] = datetime.fromisoformat(now)
    names["recipient"] = {name: text for name, text in recipient._asdict().items() if text and name != "conversation"}
    names["conversation"] = {"id": recipient.conversation} if recipient.conversation else {}
    names[READER] = Reader(language, recipient, str(values.get(TIMEZONE) or ""))
    return Scope(names, given, recipient, f"{now}\0{recipient.conversation}\0")


def with_window(scope: Scope, is_open: bool) -> Scope:
    """The same, with what is known of the recipient's 24 hours: ``conversation.open``."""
    return scope._replace(values=Names(scope.values, conversation={**scope.values["conversation"], "open": is_open}))


def with_notes(problem: Problem, names: Collection[str], scope: Scope) -> Problem:
    """The same, with what the names are that it comes from, and where that was given."""
    given = [(name, scope.given[name].origin) for name in names if name in scope.given]
    notes = (Note(f"{name} is {_shown(scope.values[name])}", origin) for name, origin in given)
    return problem._replace(notes=(*problem.notes, *notes))


def _shown(value: Any) -> str:
    text = as_shown(value)
    return repr(text) if len(text) <= 40 else repr(text[:39] + "…")


Found = list[tuple[Problem, Collection[str]]]
"""Problems, each with the names that the expression reads from which it comes."""


def problem_of(
    error: ExpressionError, names: Collection[str], scope: Scope, route: Route
) -> tuple[Problem, Collection[str]]:
    """An expression's error, in words for whoever has named the recipient otherwise; with the names worth showing."""
    if error.code == "undefined-value" and (said := lacking(scope.recipient, error.name, names)):
        return error.at(route)._replace(message=said[0], hint=said[1]), ()
    return error.at(route), names


class StepProblems(Exception):  # noqa: N818  # warnings, too
    """There is something to say of a step with these values that reading the flow did not say.

    Attributes:
        diagnostics: What there is to say; at least one, in no order.
        action: What became of the step all the same; it may be sent where no diagnostic is an error.
    """

    def __init__(self, diagnostics: list[Diagnostic], action: Action) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics, self.action = diagnostics, action


_GIVEN_BY: Final = {"conversation": "conversation", "phone": "phone", "user_id": "user id"}
_PARTS: Final = (
    ("conversation", "id", "conversation"),
    ("recipient", "phone", "phone"),
    ("recipient", "user_id", "user_id"),
)
"""A name that every run gives, a part of it, and what of the recipient it is."""


def lacking(recipient: Recipient, part: str, names: Collection[str]) -> tuple[str, str] | None:
    """What to say, and to do, where an expression that reads ``names`` wants a part that this recipient lacks."""
    given = " and ".join(said for name, said in _GIVEN_BY.items() if getattr(recipient, name))
    for name, its, field in _PARTS:
        if part == its and name in names and not getattr(recipient, field):
            message = f"{name}.{part} is not known here: the recipient is given by {given or 'nothing'}"
            return message, f"name the recipient by {_GIVEN_BY[field]}"
    return None
