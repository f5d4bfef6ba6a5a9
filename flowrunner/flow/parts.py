"""The files that make a flow, each with what was found in it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from flowrunner.diagnostics import Diagnostic, Problem, Severity
from flowrunner.flow.fields import Field
from flowrunner.flow.ignores import without_ignored
from flowrunner.flow.included import Files
from flowrunner.flow.placeholders import expression_in_default
from flowrunner.flow.shape import check_flow_shape
from flowrunner.model import Input, Step
from flowrunner.source import Document


class Part:
    """One file of a flow: its own, or one that it includes.

    Attributes:
        name: What it is called in the bundle.
        document: Its text, with the place of every value.
        found: What reading its text found.
        inputs: What it declares.
        steps: Its steps; those that it includes are below their steps.
        fields: The parts of its own steps that hold expressions, by address.
        problems: What reading the flow in it found so far.
    """

    def __init__(
        self,
        name: str,
        document: Document,
        found: Sequence[Diagnostic],
        inputs: Mapping[str, Input],
        steps: tuple[Step, ...],
        fields: Mapping[str, tuple[Field, ...]],
    ) -> None:
        self.name, self.document, self.found = name, document, found
        self.inputs, self.steps, self.fields = inputs, steps, fields
        self.problems: list[Problem] = []

    @property
    def has_errors(self) -> bool:
        """Whether anything in it stops a run."""
        return any(each.is_error for each in self.found) or any(
            each.severity is Severity.ERROR for each in self.problems
        )

    @property
    def data(self) -> Mapping[str, Any]:
        """The whole file; empty where it is no object."""
        return self.document.data if isinstance(self.document.data, Mapping) else {}

    def told(self, *, has_errors: bool, is_included: bool = False) -> list[Diagnostic]:
        """Everything that is to be said of it, by place.

        Args:
            has_errors: Whether errors hold warnings back.
            is_included: Whether it is another file's part: what it ignores may be said where it is read alone.
        """
        # What an alias repeats is wrong where it is written, once.
        its = list(dict.fromkeys(self.document.diagnose(problem) for problem in self.problems))
        # Where a value is wrong with quotes, too, to put it in quotes is no remedy.
        wrong = {each.location[:3] for each in its if each.is_error}
        # A text that a comment took whole is missing for that reason.
        taken = {each.location.line for each in self.found if each.code == "comment-cuts-text" and each.is_error}
        its = [each for each in its if each.location.line not in taken or each.location[1:3] != each.location[3:]]
        first = [each for each in self.found if each.code != "unquoted-expression" or each.location[:3] not in wrong]
        idle: Literal["all", "errors", "none"] = "none" if is_included else "errors" if has_errors else "all"
        return sorted(
            without_ignored(self.document, [*first, *its], idle=idle),
            key=lambda each: (each.location.line, each.location.column, each.code),
        )


def included(files: Files) -> Iterator[Part]:
    """The files that a flow includes, as far as they can be read, by name."""
    for _, file in sorted(files.opened.items()):
        if file.document is None or file.first is None:
            continue
        part = Part(file.name, file.document, file.found, file.inputs, file.first.steps, file.first.fields)
        part.problems += [*check_flow_shape(file.document.data), *file.problems, *expression_in_default(file.inputs)]
        part.problems += file.first.problems
        yield part
