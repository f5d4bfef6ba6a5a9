"""One flow file -> a Flow whose every part was checked as far as it can be before any value is known."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.flow.approved import Account
from flowrunner.flow.bursts import long_bursts
from flowrunner.flow.fields import Field
from flowrunner.flow.folders import is_test
from flowrunner.flow.lints import lint
from flowrunner.flow.parts import Part
from flowrunner.flow.steps import is_flat, walk
from flowrunner.flow.translations.files import flow_of
from flowrunner.flow.translations.languages import LANGUAGE, TIMEZONE, languages_of
from flowrunner.flow.whole import Origin, Whole, read_whole
from flowrunner.flow.windows import window_problems
from flowrunner.model import Anytime, Bundle, Flow, MessageStep
from flowrunner.model.plain import NOTHING
from flowrunner.source import Document, read, read_bytes
from flowrunner.source.plan_mark import begins_plan, is_plan

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
        included: The files that it includes, by `flowrunner.model.IncludeStep.file`: each with its own document and
            inputs; its steps have the addresses of where it is included first.
        inclusions: For the address of each step that includes a file, that file's name.
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
    included: "Mapping[str, Loaded]" = NOTHING
    inclusions: Mapping[str, str] = NOTHING
    translations: "Mapping[str, Loaded]" = NOTHING

    def document_of(self, address: str) -> "Document | Translated":
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
    if problem is None and (flow := flow_of(path)) is not None:
        message, hint = f"{path.name} has the texts of {flow.name} in another language", f"name {flow}"
        problem = Diagnostic("is-translation", message, Location(str(path), 1, 1, 1, 1), hint=hint)
    if problem is None and is_test(path):
        message, hint = f"{path.name} holds tests of a flow", f"run them: flowrunner test {path}; or name the flow"
        problem = Diagnostic("is-test", message, Location(str(path), 1, 1, 1, 1), hint=hint)
    if begins_plan(content) if problem is None else problem.code == "too-large" and is_plan(path):
        message, hint = (
            f"{path.name} is a plan",
            f"send it: flowrunner run {path}; or name the flow that it was made of",
        )
        problem = Diagnostic("is-plan", message, Location(str(path), 1, 1, 1, 1), hint=hint)
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
    languages = languages_of(document.data) if isinstance(document.data, Mapping) else ()
    origin = Origin(path, document, found, others, folder, Account(folder))
    whole = read_whole(origin, languages[0] if languages else "", NOTHING)
    has_errors = whole.has_errors
    translations: list[Translation] = []
    if not has_errors:
        _lint(whole, languages)
        if len(languages) > 1:
            from flowrunner.flow.translations.reading import read_translations  # few flows have any

            translations = read_translations(origin, whole, languages)
    told = {part.name: part.told(has_errors=has_errors, is_included=part is not whole.parts[0]) for part in whole.parts}
    diagnostics = [*origin.account.diagnostics, *(each for its in told.values() for each in its), *whole.files.unread]
    known = dict(whole.known)
    for each in translations:
        diagnostics += each.diagnostics
        known |= {**each.texts, **(each.whole.known if each.whole is not None else {})}
    bundle = None
    if not any(each.is_error for each in diagnostics):
        bundle = Bundle.of(path, document.text, known)
    loaded = _loaded(origin, whole, bundle, languages, told)._replace(diagnostics=tuple(diagnostics))
    if bundle is None:
        return loaded
    made = {each.language: _in_language(each, origin, bundle, languages, loaded) for each in translations}
    return loaded._replace(translations=made)


def _lint(whole: Whole, languages: tuple[str, ...]) -> None:
    """Add what only the whole flow shows to what is wrong with its parts."""
    for part in whole.parts:
        # These say how the flow is written, whether or not an expression asks for them.
        its = (
            {LANGUAGE, TIMEZONE}
            if languages
            else {name for name in part.inputs if part.inputs[name].schema.get("x-zone")}
        )
        inputs = [name for name in part.inputs if name not in its]
        part.problems += dict.fromkeys(lint(inputs, part.steps, part.fields, whole.files.language))
    by_name = {part.name: part for part in whole.parts}
    own = whole.parts[0]
    found = [
        *window_problems(own.name, "opens" in own.data, whole.steps, whole.anytime, whole.fields),
        *long_bursts(own.name, whole.steps),
    ]
    if whole.anytime or not is_flat(whole.steps):
        from flowrunner.flow.ways_out import asked_on_the_way_out, idle_anytime, without_way_out  # few flows ask

        found += without_way_out(own.name, whole.steps, whole.anytime)
        found += asked_on_the_way_out(own.name, whole.anytime)
        found += idle_anytime([(part.name, part.data) for part in whole.parts])
        if whole.anytime:
            from flowrunner.flow.unreachable import taken_above

            found += taken_above(own.name, whole.anytime)
    for each in found:
        by_name[each.file].problems.append(each.problem)


def _loaded(
    origin: Origin,
    whole: Whole,
    bundle: Bundle | None,
    languages: tuple[str, ...],
    told: Mapping[str, Sequence[Diagnostic]],
) -> Loaded:
    """What reading a flow in one language gave; without a bundle it has errors."""
    own, account = whole.parts[0], origin.account
    return Loaded(
        origin.path,
        _flow(bundle, own, whole.anytime, languages) if bundle is not None else None,
        own.document,
        (),
        whole.fields,
        account.templates,
        account.notes,
        included={
            part.name: Loaded(
                part.document.path,
                _flow(Bundle.of(part.name, part.document.text), part) if bundle is not None else None,
                part.document,
                tuple(told.get(part.name, ())),
                part.fields,
            )
            for part in whole.parts[1:]
        },
        inclusions=whole.files.names,
    )


def _in_language(
    translation: "Translation", origin: Origin, bundle: Bundle, languages: tuple[str, ...], own: Loaded
) -> Loaded:
    """A flow without errors in one of its other languages."""
    assert translation.whole is not None  # noqa: S101  # without it there is an error
    its = _loaded(origin, translation.whole, bundle, languages, {})
    documents = translation.documents
    return its._replace(
        document=documents.get(origin.name, own.document),
        diagnostics=own.diagnostics,
        included={
            name: each._replace(document=documents.get(name, each.document)) for name, each in its.included.items()
        },
    )


def _flow(bundle: Bundle, part: Part, anytime: tuple[Anytime, ...] = (), languages: tuple[str, ...] = ()) -> Flow:
    steps = part.steps[: len(part.steps) - sum(len(each.steps) for each in anytime)]
    asks = any(isinstance(each, MessageStep) and each.reply is not None for each in walk(steps))
    name, description = str(part.data["name"]), str(part.data.get("description", ""))
    listens = asks or bool(anytime)
    return Flow(bundle, name, description, part.inputs, steps, anytime, listens, languages)
