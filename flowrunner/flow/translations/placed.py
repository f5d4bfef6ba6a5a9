"""A file in another language, of which every value has its place: a text in the translation, the rest in the file."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.diagnostics import Diagnostic, Location, Problem, Route
from flowrunner.source import Document


class Translated(NamedTuple):
    """What stands for a file's document in another language than its own.

    Attributes:
        language: The code.
        own: The file's document.
        translation: That of the translation.
        places: Where in the translation stands what is at a route of the file.
    """

    language: str
    own: Document
    translation: Document
    places: Mapping[Route, Route]

    def diagnose(self, problem: Problem) -> Diagnostic:
        """Give a problem of the translated file its place; its message says in which language it is one."""
        told = problem._replace(message=f"{self.language}: {problem.message}")
        for length in range(len(problem.route), 0, -1):
            if (place := self.places.get(problem.route[:length])) is not None:
                return self.translation.diagnose(told._replace(route=place + problem.route[length:]))
        return self.own.diagnose(told)

    def holds(self, route: Route) -> bool:
        """Whether what is at a route of the file, or around it, is the translation's."""
        return any(route[:length] in self.places for length in range(1, len(route) + 1))

    def location(self, route: Route) -> Location:
        """The place of a value in the file itself."""
        return self.own.location(route)

    @property
    def documents(self) -> tuple[Document, ...]:
        """The files that a problem may have its place in."""
        return self.translation, self.own
