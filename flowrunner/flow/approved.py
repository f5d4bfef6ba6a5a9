"""The account's templates, as far as a flow needs them: looked for when its first template message is read."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flowrunner.diagnostics import Diagnostic, Problem, Route
from flowrunner.flow.fields import Field, filled
from flowrunner.model import Input, Json

if TYPE_CHECKING:
    from flowrunner.model.templates import Templates
    from flowrunner.templates.file import TemplatesFile

_UNCHECKED: Final = (
    "template messages are not checked against the account's templates: flowrunner templates pull writes templates.json"
)
_UNSURE: Final = "template messages whose values have no maxLength are checked for their length with the values"


class Account:
    """What one flow knows of the account.

    Attributes:
        folder: Where the flow stands; None where no file is to be looked for.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder: Final = folder
        self._is_asked = self._is_unsure = False

    @cached_property
    def _file(self) -> "TemplatesFile | None":
        from flowrunner.templates.file import read_file
        from flowrunner.templates.finding import find_templates

        found = None if self.folder is None else find_templates(self.folder)
        return None if found is None else read_file(found)

    @property
    def templates(self) -> "Templates | None":
        """All of them; None where there is no file, it is malformed, or the flow has no template message."""
        return self._file.templates if self._is_asked and self._file is not None else None

    @property
    def diagnostics(self) -> Iterable[Diagnostic]:
        """What is wrong with the file."""
        return self._file.diagnostics if self._is_asked and self._file is not None else ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was not checked, a sentence each."""
        if not self._is_asked or self.folder is None:
            return ()
        if self._file is None:
            return (_UNCHECKED,)
        return (_UNSURE,) if self._is_unsure else ()

    def check(self, body: Mapping[str, Any], fields: Iterable[Field], inputs: Mapping[str, Input]) -> Iterable[Problem]:
        """What is wrong with a message of the right form, if it is a template's; its routes begin at the message."""
        if body.get("message_type") != "template":
            return ()
        self._is_asked = True
        if self.templates is None:
            return ()
        from flowrunner.flow.bounds import bounds_of
        from flowrunner.templates.checks import check_template

        its = [each for each in fields if each.route]
        literal: dict[Route, Json] = {each.route: each.expression.literal for each in its}
        fit = check_template(filled(body, literal) if literal else body, self.templates, bounds_of(its, inputs))
        self._is_unsure = self._is_unsure or fit.is_unsure
        return fit.problems
