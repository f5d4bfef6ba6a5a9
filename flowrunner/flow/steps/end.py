"""``end``: the run ends here."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.flow.keys import Key, end_meant, one_of, text_problems
from flowrunner.flow.names import Names
from flowrunner.flow.steps.verb import Compared, Head, Reader, Verb
from flowrunner.model import Action, EndStep
from flowrunner.model.replies import EndHow
from flowrunner.spec.files import key_schemas
from flowrunner.spec.words import counted

_KEYS: Final = key_schemas("end")
ENDS: Final[tuple[EndHow, ...]] = ("finished", "opted_out", "handed_over")


def end_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with how a run ends."""
    for problem in one_of(_KEYS["end"]).problems(value, route):
        near = end_meant(value) if isinstance(value, str) else ""
        yield problem._replace(hint=f"write {near}") if near else problem


def _reason(value: Any, route: Route) -> Iterator[Problem]:
    yield from text_problems(value, route)
    most = _KEYS["reason"]["maxLength"]
    if isinstance(value, str) and len(value) > most:
        message = f"reason has {counted(len(value), 'character')}, at most {most} are allowed"
        yield Problem("too-long", message, route, "write a few words")


class _End(Verb[EndStep]):
    name = "end"
    step = EndStep
    keys: Mapping[str, Key] = {"end": Key(_KEYS["end"], end_problems), "reason": Key(_KEYS["reason"], _reason)}

    def read(self, entry: Mapping[str, Any], head: Head, reader: Reader, names: Names) -> EndStep:  # noqa: ARG002
        if head.when is None or head.when is True:
            names.end()
        how, reason = entry.get("end"), entry.get("reason")
        return EndStep(*head, how if how in ENDS else "finished", str(reason) if isinstance(reason, str) else "")

    def outline(self, step: EndStep) -> str:
        """How the run ends."""
        return f"end: {step.how}"

    def compared(self, action: Action) -> Compared:
        assert isinstance(action.step, EndStep)  # noqa: S101  # it is of this verb
        return Compared(self.name, {"end": action.step.how, "reason": action.step.reason})


END: Final = _End()
