"""What there is to say of a step: placed in its file, unless reading the flow said it, or its author ignores it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from flowrunner.diagnostics import Diagnostic, Location, warning
from flowrunner.engine.rendering.scope import Found, Scope, StepProblems, with_notes
from flowrunner.flow import Loaded
from flowrunner.flow.ignores import unignored
from flowrunner.model import Action, Step
from flowrunner.model.addresses import as_written

if TYPE_CHECKING:
    from flowrunner.flow.translations.placed import Translated
    from flowrunner.source import Document


class Telling:
    """What one flow's steps are told of, each in the file in which it stands."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._said = {_what(each) for each in loaded.diagnostics}

    def document(self, address: str) -> "Document | Translated":
        """The file in which a step stands."""
        return self._loaded.document_of(as_written(address))

    def told(self, scope: Scope, action: Action, found: Found) -> Action:
        """The action, where nothing of what was found has to be said.

        Raises:
            StepProblems: Something has to.
        """
        document = self.document(action.step.address)
        told = [document.diagnose(with_notes(problem, names, scope)) for problem, names in found]
        told = [each for each in told if _what(each) not in self._said]
        told = unignored(document, told)
        if told:
            raise StepProblems(told, action)
        return action

    def crowded(self, step: Step, most: int) -> list[Diagnostic]:
        """That only ``most`` of all ways to a step are gone; unless its author ignores it."""
        message = f"more than {most} different conversations lead to this step: not all of them are checked"
        hint = "say less of earlier answers in later messages, or end branches earlier"
        problem = warning("too-many-paths", message, hint, route=step.route)
        document = self.document(step.address)
        return unignored(document, [document.diagnose(problem)])


def in_turn(act: Callable[[Scope], Action], scope: Scope, step: Step) -> Action:
    """What becomes of a step that stands in a list, in its turn: also where there is something to say of it.

    Without its turn nobody would know that it was done, and it would be done again and again.
    """
    try:
        return act(scope)._replace(step=step)  # type: ignore[arg-type]  # it is the same step
    except StepProblems as problems:
        action = problems.action._replace(step=step)  # type: ignore[arg-type]
        raise StepProblems(problems.diagnostics, action) from None


def _what(diagnostic: Diagnostic) -> tuple[str, str, Location]:
    """What is said of which place; the hint and the notes may know more when values do."""
    return diagnostic.code, diagnostic.message, diagnostic.location
