"""All the files of one flow, read and checked in one language."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from flowrunner.diagnostics import Diagnostic
from flowrunner.flow.approved import Account
from flowrunner.flow.fields import Field
from flowrunner.flow.included import Files
from flowrunner.flow.inputs import read_inputs
from flowrunner.flow.media import media_of
from flowrunner.flow.names import Names
from flowrunner.flow.parts import Part, included
from flowrunner.flow.placeholders import expression_in_default
from flowrunner.flow.shape import check_flow_shape
from flowrunner.flow.steps import Reader, is_flat, walk_file
from flowrunner.flow.translations.languages import languages_of, with_reader, with_template_language
from flowrunner.model import Anytime, Input, Step
from flowrunner.source import Document


class Origin(NamedTuple):
    """Where a flow comes from.

    Attributes:
        path: What to call its file.
        document: The file's text.
        found: What reading that text found.
        others: What goes with it, by name, as a bundle keeps it.
        folder: Where it stands; None where only ``others`` count.
        account: What is known of the account.
    """

    path: str
    document: Document
    found: Sequence[Diagnostic]
    others: Mapping[str, str]
    folder: Path | None
    account: Account

    @property
    def name(self) -> str:
        """What its own file is called in a bundle."""
        return re.split(r"[/\\]", self.path)[-1]


class Whole(NamedTuple):
    """A flow in one language.

    Attributes:
        inputs: Its own.
        steps: Its steps, those that it includes below theirs.
        anytime: What is looked at whenever somebody writes.
        parts: Its own file, then those that it includes, each with what is wrong with it.
        fields: For each step's address, the parts that hold expressions.
        files: What it includes.
        known: The texts of all that goes with its own, by name.
    """

    inputs: Mapping[str, Input]
    steps: tuple[Step, ...]
    anytime: tuple[Anytime, ...]
    parts: tuple[Part, ...]
    fields: Mapping[str, tuple[Field, ...]]
    files: Files
    known: Mapping[str, str]

    @property
    def has_errors(self) -> bool:
        """Whether anything in it stops a run."""
        return bool(self.files.unread) or any(part.has_errors for part in self.parts)


def read_whole(origin: Origin, language: str, texts: Mapping[str, Mapping[str, Any]]) -> Whole:
    """Read all files of a flow; nothing is raised.

    Args:
        origin: Where it comes from.
        language: The code of the language to read it in; empty where it does not say its languages.
        texts: What its files say in that language, by name; of those that are not there, as they were written.
    """

    def written(name: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        its = texts.get(name, data)
        return with_template_language(its, language) if language else its

    document = origin.document
    data = written(origin.name, document.data) if isinstance(document.data, Mapping) else {}
    inputs, problems = read_inputs(data)
    inputs, more = with_reader(inputs, languages_of(data), document.text)
    files = Files(origin.path, origin.others, origin.folder, language, written)
    reader = Reader(data, inputs, origin.account, files, (files.own,))
    steps = reader.steps(data.get("steps"), ("steps",), Names(inputs))
    anytime = _anytime(data.get("anytime"), reader, inputs, steps)
    every = (*steps, *(each for entry in anytime for each in entry.steps))
    own = Part(files.own, document, origin.found, inputs, every, reader.fields)
    own.problems += [*check_flow_shape(document.data), *problems, *more, *expression_in_default(inputs)]
    own.problems += reader.problems
    parts = (own, *included(files))
    known: Mapping[str, str] = {**origin.others, **files.texts}
    for part in parts:
        if "media_file" in part.document.text:
            known, more = media_of(part.steps, known, origin.folder, origin.path)
            part.problems += more
        if not is_flat(part.steps):
            from flowrunner.flow.questions import question_problems  # few flows ask

            part.problems += question_problems(part.steps, origin.account.templates)
    return Whole(inputs, steps, anytime, parts, {**reader.fields, **files.fields}, files, known)


def _anytime(written: Any, reader: Reader, inputs: Mapping[str, Input], steps: tuple[Step, ...]) -> tuple[Anytime, ...]:
    if written is None:
        return ()
    from flowrunner.flow.anytime import read_anytime  # few flows listen

    return read_anytime(written, reader, inputs, frozenset(each.id for each in walk_file(steps) if each.id))
