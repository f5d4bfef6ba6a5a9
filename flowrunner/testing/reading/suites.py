"""A test file and its flow are read and held against each other."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from flowrunner.diagnostics import Diagnostic
from flowrunner.flow import Loaded, load_file
from flowrunner.flow.folders import TESTS
from flowrunner.source import Document, is_file, read, read_bytes
from flowrunner.testing.reading.against import checked
from flowrunner.testing.reading.cases import read_cases
from flowrunner.testing.reading.given import read_given
from flowrunner.testing.reading.reader import Reader
from flowrunner.testing.values import Case, Given, Suite


class Read(NamedTuple):
    """What reading a test file gave.

    Attributes:
        path: What it was called.
        suite: None when there is an error among ``diagnostics``.
        flow: Its flow; None where that cannot be told, or has errors.
        diagnostics: Every problem of both files, by place.
    """

    path: str
    suite: Suite | None
    flow: Loaded | None
    diagnostics: tuple[Diagnostic, ...]


def read_suite(path: Path, load: Callable[[Path], Loaded] = load_file) -> Read:
    """Read one test file with its flow. What is wrong is in the result; nothing is raised.

    Args:
        path: The file.
        load: Reads a flow; who reads many files of one flow reads it once.
    """
    content, problem = read_bytes(path)
    if problem is not None:
        return Read(str(path), None, None, (problem,))
    return read_text(content, path, load)


def read_text(content: bytes | str, path: Path, load: Callable[[Path], Loaded] = load_file) -> Read:
    """The same for the text of a file that is called ``path``."""
    document, found = read(content, str(path))
    if document is None:
        hint = "write flow: and tests:"
        said = (each._replace(hint=hint) if each.code == "empty-file" else each for each in found)
        return Read(str(path), None, None, tuple(said))
    reader = Reader(document)
    data = reader.object(document.data, (), "file", "flow: and tests:") or {}
    if isinstance(document.data, Mapping) and reader.lacks(data, document.data, "tests", "file"):
        hint = "add tests, for example: tests: [{name: she says hello, chat: [{bot: any}]}]"
        reader.wrong("missing-field", "tests is missing", (), hint)
    given = read_given(reader, data["given"], ("given",), Given()) if "given" in data else Given()
    cases = tuple(read_cases(reader, data["tests"], ("tests",), given, path.parent)) if "tests" in data else ()
    flow = _flow(reader, data, path, load) if isinstance(document.data, Mapping) else None
    if flow is not None and flow.flow is not None:
        cases = checked(reader, flow, flow.flow, cases)
    return _read(document, found, reader, path, cases, flow)


def _read(
    document: Document,
    found: list[Diagnostic],
    reader: Reader,
    path: Path,
    cases: tuple[Case, ...],
    flow: Loaded | None,
) -> Read:
    own = [*found, *(document.diagnose(each) for each in dict.fromkeys(reader.problems)), *reader.found]
    own = sorted(dict.fromkeys(own), key=lambda each: (each.location.line, each.location.column))
    of_flow = [each for each in flow.diagnostics if each.is_error] if flow is not None else []
    diagnostics = (*own, *of_flow)
    is_sound = flow is not None and not any(each.is_error for each in diagnostics)
    suite = Suite(str(path), flow.path, cases, document.text) if is_sound and flow is not None else None
    return Read(str(path), suite, flow if is_sound else None, diagnostics)


def _flow(reader: Reader, data: Mapping[str, Any], path: Path, load: Callable[[Path], Loaded]) -> Loaded | None:
    """The flow that a test file is about; None, and a problem, where there is none."""
    if "flow" in data:
        name = reader.text(data["flow"], ("flow",))
        if name is None:
            return None
        file = Path(os.path.normpath(path.parent / name))
        if not is_file(file):
            hint = "write the path of the flow, seen from this file"
            reader.wrong("unreadable", f"there is no flow {name}", ("flow",), hint)
            return None
        return load(file)
    stem = next((path.name[: -len(suffix)] for suffix in TESTS if path.name.endswith(suffix)), path.stem)
    beside = [file for suffix in (".yaml", ".yml") if (file := path.with_name(stem + suffix)).is_file()]
    if not beside:
        if reader.lacks(data, data, "flow", "file"):
            message = f"it is not said which flow is tested, and there is no {stem}.yaml beside this file"
            reader.wrong("missing-field", message, (), "add flow: and its path, seen from this file")
        return None
    return load(beside[0])
