"""One flow file -> a Flow whose every part was checked as far as it can be before any value is known."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrunner.diagnostics import Diagnostic
from flowrunner.flow.anytime import read_anytime
from flowrunner.flow.approved import Account
from flowrunner.flow.fields import Field
from flowrunner.flow.included import Files
from flowrunner.flow.inputs import read_inputs
from flowrunner.flow.lints import lint
from flowrunner.flow.media import media_of
from flowrunner.flow.names import Names
from flowrunner.flow.parts import Part, included
from flowrunner.flow.placeholders import expression_in_default
from flowrunner.flow.questions import question_problems
from flowrunner.flow.shape import check_flow_shape
from flowrunner.flow.steps import Reader, walk
from flowrunner.flow.ways_out import without_way_out
from flowrunner.flow.windows import window_problems
from flowrunner.model import Anytime, Bundle, Flow, Input, MessageStep, Step
from flowrunner.model.plain import NOTHING
from flowrunner.source import Document, read, read_bytes

if TYPE_CHECKING:
    from flowrunner.model.templates import Templates

__all__ = ["Field", "Loaded", "load_bundle", "load_file", "load_text"]


class Loaded(NamedTuple):
    """What reading one file gave.

    Attributes:
        flow: None when there is an error among ``diagnostics``.
        document: The file's text with the place of every value; None when it cannot be read at all.
        diagnostics: Every problem found, by place.
        fields: For each step's address, the fields of its message that hold expressions.
        templates: Those of the account, where there is a file of them and the flow has a template message.
        notes: What could not be checked, a sentence each.
        dialect: The one that its messages are for; empty while it may be any.
        included: The files that it includes, by `flowrunner.model.IncludeStep.file`: each with its own document and
            inputs; its steps have the addresses of where it is included first.
        inclusions: For the address of each step that includes a file, that file's name.
    """

    path: str
    flow: Flow | None
    document: Document | None
    diagnostics: tuple[Diagnostic, ...]
    fields: Mapping[str, tuple[Field, ...]] = NOTHING
    templates: "Templates | None" = None
    notes: tuple[str, ...] = ()
    dialect: str = ""
    included: "Mapping[str, Loaded]" = NOTHING
    inclusions: Mapping[str, str] = NOTHING

    def document_of(self, address: str) -> Document:
        """The document in which the step at an address stands.

        Raises:
            KeyError: There is no such file, or it cannot be read at all.
        """
        including, inside, _ = address.rpartition("/")
        its = self.included[self.inclusions[including]] if inside else self
        if its.document is None:
            raise KeyError(address)
        return its.document


def load_file(path: Path) -> Loaded:
    """Read and check one flow file. What is wrong with it, or with reading it, is in the result; nothing is raised."""
    content, problem = read_bytes(path)
    if problem is not None:
        return Loaded(str(path), None, None, (problem,))
    return load_text(content, str(path), folder=path.parent)


def load_bundle(bundle: Bundle) -> Loaded:
    """Read and check a flow from what a run, a campaign or a plan kept of it. Nothing is raised."""
    return load_text(bundle.text, bundle.path, bundle.others)


def load_text(
    content: bytes | str, path: str, others: Mapping[str, str] = NOTHING, folder: Path | None = None
) -> Loaded:
    """Read and check the text of a flow file. Nothing is raised.

    Args:
        content: The text.
        path: What to call the file.
        others: What goes with it, by name, as a bundle keeps it.
        folder: Where it stands: the files of its messages are looked at there, and ``templates.json`` there and above;
            None where only those count that are among ``others``.
    """
    document, read_so = read(content, path)
    if document is None:
        return Loaded(path, None, None, tuple(read_so))
    data = document.data if isinstance(document.data, Mapping) else {}
    inputs, problems = read_inputs(data.get("inputs"))
    account, files = Account(folder), Files(path, others, folder)
    reader = Reader(data, inputs, account, files, (files.own,))
    steps = reader.steps(data.get("steps"), ("steps",), Names(inputs))
    anytime = read_anytime(data.get("anytime"), reader, inputs)
    own = Part(files.own, document, read_so, inputs, _all(steps, anytime), reader.fields)
    own.problems += [*check_flow_shape(document.data), *problems, *expression_in_default(inputs), *reader.problems]
    parts = [own, *included(files)]
    known = {**others, **files.texts}
    for part in parts:
        if "media_file" in part.document.text:
            known, more = media_of(part.steps, known, folder, path)
            part.problems += more
        part.problems += question_problems(part.steps, account.templates)
    fields = {**reader.fields, **files.fields}
    has_errors = bool(files.unread) or any(part.has_errors for part in parts)
    if not has_errors:
        for part in parts:
            part.problems += dict.fromkeys(lint(part.inputs, part.steps, part.fields))
        by_name = {part.name: part for part in parts}
        whole = [
            *window_problems(files.own, "opens" in data, steps, anytime, fields),
            *without_way_out(files.own, steps, anytime),
        ]
        for found in whole:
            by_name[found.file].problems.append(found.problem)
    told = {part.name: part.told(has_errors=has_errors) for part in parts}
    diagnostics = (*account.diagnostics, *(each for its in told.values() for each in its), *files.unread)
    is_right = not any(each.is_error for each in diagnostics)
    flow = None
    if is_right:
        flow = _flow(Bundle.of(path, document.text, known), data, inputs, steps, anytime)
    return Loaded(
        path,
        flow,
        document,
        diagnostics,
        fields,
        account.templates,
        account.notes,
        included={
            part.name: Loaded(
                part.document.path,
                _flow(Bundle.of(part.name, part.document.text), part.data, part.inputs, part.steps)
                if is_right
                else None,
                part.document,
                tuple(told[part.name]),
                part.fields,
            )
            for part in parts[1:]
        },
        inclusions=files.names,
    )


def _flow(
    bundle: Bundle,
    data: Mapping[str, Any],
    inputs: Mapping[str, Input],
    steps: tuple[Step, ...],
    anytime: tuple[Anytime, ...] = (),
) -> Flow:
    asks = any(isinstance(each, MessageStep) and each.reply is not None for each in walk(steps))
    name, description = str(data["name"]), str(data.get("description", ""))
    return Flow(bundle, name, description, inputs, steps, anytime, listens=asks or bool(anytime))


def _all(steps: tuple[Step, ...], anytime: tuple[Anytime, ...]) -> tuple[Step, ...]:
    """Every list of steps of a file, one after the other."""
    return (*steps, *(each for entry in anytime for each in entry.steps))
