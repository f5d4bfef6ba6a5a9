"""The files that a flow includes: read once each, from disk or from what a bundle keeps."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from flowrunner.diagnostics import Diagnostic, Problem, nearest
from flowrunner.flow.fields import Field
from flowrunner.flow.inputs import read_inputs
from flowrunner.flow.translations.languages import with_reader
from flowrunner.model import FILE_NAME, Step
from flowrunner.source import Document, is_file, is_folder, read, read_bytes

MOST: Final = 100
"""The most times that files are included in one flow, all together."""


Written = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""What a file says in the language that a flow is read in, by its name and what its author has written."""


class Read(NamedTuple):
    """What reading an included file's steps gave: their parts that hold expressions, by address; what is wrong."""

    steps: tuple[Step, ...]
    fields: Mapping[str, tuple[Field, ...]]
    problems: Sequence[Problem]


class Included:
    """One file that is included.

    Attributes:
        name: What it is called in the bundle.
        document: Its text with the place of every value; None where it cannot be read.
        found: What reading its text found: it is no YAML, say.
        data: The whole file, in the language in which the flow is read; empty where it is no object.
        inputs: What it declares.
        problems: What is wrong with that.
        first: What reading its steps gave where it was included first; None before that.
    """

    def __init__(self, name: str, document: Document | None, found: Sequence[Diagnostic], written: Written) -> None:
        self.name, self.document, self.found = name, document, found
        data = document.data if document is not None else None
        self.data = written(name, data) if isinstance(data, Mapping) else {}
        inputs, problems = read_inputs(self.data)
        self.inputs, more = with_reader(inputs, (), document.text if document is not None else "")
        self.problems = [*problems, *more]
        self.first: Read | None = None


class Files:
    """All that one flow includes.

    Attributes:
        opened: Each file once, by its name in the bundle.
        fields: The parts that hold expressions of all included steps, by address.
        names: For the address of each step that includes a file, that file's name.
        language: The code of the language that the flow is read in; empty where it does not say it.
    """

    def __init__(
        self, path: str, others: Mapping[str, str], folder: Path | None, language: str, written: Written
    ) -> None:
        """As `flowrunner.flow.load_text` has them; ``written`` gives what each file says in the language."""
        self.language: Final = language
        self._written = written
        self.opened: dict[str, Included] = {}
        self.fields: dict[str, tuple[Field, ...]] = {}
        self.names: dict[str, str] = {}
        self.own: Final = re.split(r"[/\\]", path)[-1]
        self._path, self._others, self._folder = path, others, folder
        self._count = 0

    def open(self, written: str, within: tuple[str, ...]) -> Included | Problem:
        """A file as a step names it, or what is wrong with that.

        Args:
            written: Its name, from the file that includes it.
            within: The names of that file, and of those around it, from the outermost; the flow's own first.
        """
        outside = f"include {written} leads out of the folder of the flow"
        if re.match(r"[/\\~]|[A-Za-z]:|[a-z]+://", written) or "\\" in written:
            hint = "write a path from this file, with / between folders, for example parts/goodbye.yaml"
            return Problem("include-file", f"include {written} is not a path below the flow's folder", hint=hint)
        name = posixpath.normpath(posixpath.join(posixpath.dirname(within[-1]), written))
        if name.startswith("../") or not re.fullmatch(FILE_NAME, name):
            return Problem("include-file", outside, hint="move the file into that folder, or below it")
        if name in within:
            around = " → ".join((*within[within.index(name) :], name))
            message = f"{name} includes itself: {around}" if len(within) > 1 else f"{name} includes itself"
            return Problem("include-cycle", message, hint="remove this step, or one of those between")
        self._count += 1
        if self._count > MOST:
            message = f"files are included more than {MOST} times"
            return Problem("include-cycle", message, hint="include fewer: for_each does the same steps for each item")
        if name not in self.opened:
            found = self._read(name)
            if isinstance(found, Problem):
                return found
            self.opened[name] = found
        return self.opened[name]

    def include(self, address: str, file: Included, read: Read) -> None:
        """Keep what reading a file's steps gave for the step at ``address``."""
        file.first = file.first or read
        self.fields.update(read.fields)
        self.names[address] = file.name

    @property
    def unread(self) -> list[Diagnostic]:
        """What is wrong with files that cannot be read at all."""
        return [each for _, file in sorted(self.opened.items()) if file.document is None for each in file.found]

    @property
    def texts(self) -> dict[str, str]:
        """The texts of all that could be read, by name."""
        return {name: each.document.text for name, each in self.opened.items() if each.document is not None}

    def _read(self, name: str) -> Included | Problem:
        path = posixpath.join(posixpath.dirname(self._path.replace("\\", "/")), name)
        if name in self._others:
            document, found = read(self._others[name], path)
            return Included(name, document, found, self._written)
        if self._folder is None:
            return Problem("include-file", f"{name} is not known here", hint="name the flow by its file")
        file = self._folder / name
        if not is_file(file):
            what = "is a folder" if is_folder(file) else "does not exist"
            beside = self._beside()
            whole = next((each for each in beside if each in (f"{name}.yaml", f"{name}.yml")), "")
            near = whole or nearest(name, beside)
            hint = f"did you mean {near}?" if near else "check the name: it is a path from the file that includes it"
            return Problem("include-file", f"{name} {what}", hint=hint)
        from flowrunner.media.finding import is_in, top_of  # few flows include any

        if not is_in(file.resolve(), top_of(self._folder.absolute()).resolve()):
            return Problem(
                "include-file", f"{name} is a link that leads elsewhere", hint="copy the file into that folder"
            )
        content, problem = read_bytes(file)
        if problem is not None:
            return Problem("include-file", f"{name}: {problem.message}", hint=problem.hint)
        document, found = read(content, path)
        return Included(name, document, found, self._written)

    def _beside(self) -> list[str]:
        """The flow files in the flow's folder, and one below."""
        assert self._folder is not None  # noqa: S101  # asked only where there is one
        found = (each for pattern in ("*.y*ml", "*/*.y*ml") for each in self._folder.glob(pattern))
        return sorted(each.relative_to(self._folder).as_posix() for each in found if each.name != self.own)
