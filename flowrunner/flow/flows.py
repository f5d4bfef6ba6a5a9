"""One flow file -> a Flow whose every part was checked as far as it can be before any value is known."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location, Severity
from flowrunner.flow.approved import Account
from flowrunner.flow.fields import Field
from flowrunner.flow.ignores import without_ignored
from flowrunner.flow.inputs import read_inputs
from flowrunner.flow.lints import lint
from flowrunner.flow.media import media_of
from flowrunner.flow.names import Names
from flowrunner.flow.placeholders import expression_in_default
from flowrunner.flow.shape import check_flow_shape
from flowrunner.flow.steps import VERBS, Reader
from flowrunner.flow.translations.files import flow_of
from flowrunner.flow.translations.languages import LANGUAGE, TIMEZONE, languages_of, with_reader, with_template_language
from flowrunner.model import Bundle, Flow, Step
from flowrunner.model.plain import NOTHING
from flowrunner.source import Document, read, read_bytes

if TYPE_CHECKING:
    from flowrunner.flow.translations.placed import Translated
    from flowrunner.flow.translations.reading import Translation
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
        translations: The same flow in each of its other languages, by code; there are none where there is an error.
    """

    path: str
    flow: Flow | None
    document: "Document | Translated | None"
    diagnostics: tuple[Diagnostic, ...]
    fields: Mapping[str, tuple[Field, ...]] = NOTHING
    templates: "Templates | None" = None
    notes: tuple[str, ...] = ()
    dialect: str = ""
    translations: "Mapping[str, Loaded]" = NOTHING

    def without_ignored(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics less the warnings that comments in their lines ignore."""
        told = list(diagnostics)
        for document in self.document.documents if self.document is not None else ():
            told = without_ignored(document, told, idle="none")
        return told


def load_file(path: Path) -> Loaded:
    """Read and check one flow file. What is wrong with it, or with reading it, is in the result; nothing is raised."""
    content, problem = read_bytes(path)
    if problem is None and (flow := flow_of(path)) is not None:
        message, hint = f"{path.name} has the texts of {flow.name} in another language", f"name {flow}"
        problem = Diagnostic("is-translation", message, Location(str(path), 1, 1, 1, 1), hint=hint)
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
    document, found = read(content, path)
    if document is None:
        return Loaded(path, None, None, tuple(found))
    problems = list(check_flow_shape(document.data))
    data = document.data if isinstance(document.data, Mapping) else {}
    inputs, more = read_inputs(data.get("inputs"))
    problems += more
    problems += expression_in_default(inputs)
    languages = languages_of(data)
    inputs, more = with_reader(inputs, languages, document.text)
    problems += more
    own = languages[0] if languages else ""
    defaults = data.get("defaults")
    account = Account(folder)

    def read_steps(entries: Any, language: str) -> tuple[tuple[Step, ...], Reader]:
        reader = Reader(
            VERBS, inputs, defaults if isinstance(defaults, Mapping) else {}, language, account, is_said=bool(own)
        )
        return reader.steps(entries, ("steps",), Names(inputs)), reader

    entries = data.get("steps")
    steps, reader = read_steps(with_template_language(entries, own) if own else entries, own or _language(entries))
    problems += reader.problems
    if "media_file" in document.text:
        others, more = media_of(steps, others, folder, path)
        problems += more
    has_errors = Severity.ERROR in [each.severity for each in found] + [each.severity for each in problems]
    translations: list[Translation] = []
    if not has_errors:
        # They say how the flow is written, whether or not an expression asks for them.
        declared = [name for name in inputs if not languages or name not in (LANGUAGE, TIMEZONE)]
        problems += lint("opens" in data, declared, steps, reader.fields, own)
        if len(languages) > 1:
            from flowrunner.flow.translations.reading import Original, read_translations  # few flows have any

            original = Original(path, document, data, steps, problems, read_steps)
            translations, more = read_translations(original, languages[1:], others, folder)
            problems += more
    placed = [document.diagnose(problem) for problem in problems]
    # Where a value is wrong with quotes, too, to put it in quotes is no remedy.
    wrong = {each.location[:3] for each in placed if each.is_error}
    # A text that a comment took whole is missing for that reason.
    taken = {each.location.line for each in found if each.code == "comment-cuts-text" and each.is_error}
    placed = [each for each in placed if each.location.line not in taken or each.location[1:3] != each.location[3:]]
    found = [each for each in found if each.code != "unquoted-expression" or each.location[:3] not in wrong]
    diagnostics = without_ignored(document, [*found, *placed], idle="errors" if has_errors else "all")
    diagnostics.sort(key=_by_place)
    diagnostics = [*account.diagnostics, *diagnostics]
    for each in translations:
        diagnostics += sorted(each.diagnostics, key=_by_place)
        others = {**others, **each.media, each.name: each.text}
    loaded = Loaded(path, None, document, tuple(diagnostics), reader.fields, account.templates, account.notes)
    if any(each.is_error for each in diagnostics):
        return loaded
    flow = Flow(
        Bundle.of(path, document.text, others),
        name=str(data["name"]),
        description=str(data.get("description", "")),
        inputs=inputs,
        steps=steps,
        languages=languages,
    )
    translated = {
        each.language: loaded._replace(flow=flow._replace(steps=each.steps), document=each.document, fields=each.fields)
        for each in translations
    }
    return loaded._replace(flow=flow, translations=translated)


def _language(steps: Any) -> str:
    """The language of the flow's first template; empty where there is none."""
    entries = steps if isinstance(steps, list) else []
    messages = (step.get("message") for step in entries if isinstance(step, Mapping))
    named = (each.get("template_language") for each in messages if isinstance(each, Mapping))
    return next((str(each) for each in named if isinstance(each, str) and re.fullmatch(r"[a-z]{2,3}(_\w+)?", each)), "")


def _by_place(diagnostic: Diagnostic) -> tuple[int, int, str]:
    return diagnostic.location.line, diagnostic.location.column, diagnostic.code
