"""The translations of a flow: found, read, held against it, and the flow read once more in each of its languages."""

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location, Problem
from flowrunner.flow.fields import filled
from flowrunner.flow.ignores import without_ignored
from flowrunner.flow.lints import constant_problems
from flowrunner.flow.parts import Part
from flowrunner.flow.translations.files import Found, find, names_of, nearly_called
from flowrunner.flow.translations.languages import languages_of
from flowrunner.flow.translations.matching import TEXTLESS, Matching, Tree
from flowrunner.flow.translations.placed import Translated
from flowrunner.flow.translations.texts_of_file import texts_of
from flowrunner.flow.whole import Origin, Whole, read_whole
from flowrunner.source import Document, read


class Translation(NamedTuple):
    """A flow in one of its other languages.

    Attributes:
        language: The code.
        whole: The flow with its texts; None where a translation cannot be read.
        documents: For each file of the flow that is translated, by name, where everything stands.
        texts: What is in the files of the translation, by name.
        diagnostics: What is wrong with it.
    """

    language: str
    whole: Whole | None
    documents: Mapping[str, Translated]
    texts: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...]


def read_translations(origin: Origin, own: Whole, languages: Sequence[str]) -> list[Translation]:
    """Every translation of a flow.

    What is missing altogether is said to the parts of the flow's ``own`` language.

    Args:
        origin: Where the flow comes from.
        own: The flow in its own language, without errors.
        languages: The codes of all its languages, its own first.
    """
    trees: dict[str, Tree] = {}
    for part in own.parts:
        tree, problems = texts_of(part)
        if any(text.is_needed for text in tree.texts) or problems or part is own.parts[0]:
            trees[part.name] = tree
            part.problems += problems
            part.problems += _unlisted(part, languages)
    return [_translation(origin, own, trees, language) for language in languages[1:]]


def _unlisted(part: Part, languages: Sequence[str]) -> list[Problem]:
    """What is wrong with an included file that has texts and does not say that it is in the flow's languages."""
    its = languages_of(part.data)
    if its[:1] == (languages[0],) and {*languages} <= {*its}:
        return []
    message = f"the file is included in a flow in {', '.join(languages)}, and does not say that it is in these"
    hint = f"write languages: [{', '.join([*languages, *(each for each in its if each not in languages)])}]"
    return [Problem("missing-translation", message, ("languages",) if "languages" in part.data else (), hint)]


class _File(NamedTuple):
    """One file of a translation: what it is called and has in it, what of that goes where, and what is wrong."""

    name: str
    document: Document
    matching: Matching
    found: Sequence[Diagnostic]


def _translation(origin: Origin, own: Whole, trees: Mapping[str, Tree], language: str) -> Translation:
    files: dict[str, _File] = {}
    unread: list[Diagnostic] = []
    parts = {part.name: part for part in own.parts}
    for name, tree in trees.items():
        found = find(name, language, origin.others, origin.folder)
        if found.content is None:
            parts[name].problems.append(_absent(parts[name], found, language, tree, origin.folder))
        elif isinstance(file := _read(origin.path, found, tree, language), _File):
            files[name] = file
        else:
            unread += file
    texts = {file.name: file.document.text for file in files.values()}
    if len(files) < len(trees):
        said = [each for file in files.values() for each in (*file.found, *_of_matching(file))]
        return Translation(language, None, {}, texts, (*unread, *said))
    placed = {
        name: Translated(
            language,
            parts[name].document,
            file.document,
            {route: each.place for each in file.matching.matched for route in (each.text.route, *each.text.also)},
        )
        for name, file in files.items()
    }
    whole = read_whole(origin, language, {name: _said(parts[name], file.matching) for name, file in files.items()})
    diagnostics: list[Diagnostic] = []
    for part in whole.parts:
        diagnostics += _diagnosed(part, parts[part.name], placed.get(part.name), files.get(part.name), language)
    return Translation(language, whole, placed, texts, tuple(dict.fromkeys(diagnostics)))


def _absent(part: Part, found: Found, language: str, tree: Tree, folder: Path | None) -> Problem:
    name = posixpath.basename(found.name)
    its = languages_of(part.data)
    message = f"the flow is not translated: there is no {name} beside it"
    what = f"the id of each step with its text in {language}, from {next(iter(tree))}: on" if tree else TEXTLESS
    hint = f"write {name}, in it {what}; or remove {language}"
    near = nearly_called(part.name, language, folder) if folder is not None else ""
    if near and near not in (posixpath.basename(name) for each in its for name in names_of(part.name, each)):
        hint = f"rename {near} to {name}"
    route = ("languages", its.index(language)) if language in its else ()
    return Problem("missing-translation", message, route, hint)


def _read(path: str, found: Found, tree: Tree, language: str) -> "_File | list[Diagnostic]":
    """A translation's file; or why it cannot be read at all."""
    if found.problem is not None:
        return [found.problem]
    at = posixpath.join(posixpath.dirname(path.replace("\\", "/")), found.name)
    document, problems = read(found.content or b"", at)
    if document is None:
        hint = f"write in it {'the id of each step with its text' if tree else TEXTLESS}"
        return [each._replace(hint=hint) if each.code == "empty-file" else each for each in problems]
    return _File(found.name, document, Matching(tree, document.data, language), problems)


def _said(part: Part, matching: Matching) -> Mapping[str, Any]:
    """What a file says with the texts of a translation."""
    values = {route: each.value for each in matching.matched for route in (each.text.route, *each.text.also)}
    return filled(part.data, values)


def _of_matching(file: _File) -> list[Diagnostic]:
    return [file.document.diagnose(each) for each in file.matching.problems]


def _is_in(inner: Location, outer: Location) -> bool:
    """Whether a place begins within another of the same file."""
    return inner.path == outer.path and outer[1:3] <= inner[1:3] < outer[3:]


def _diagnosed(part: Part, own: Part, placed: Translated | None, file: _File | None, language: str) -> list[Diagnostic]:
    """What there is to say of one file in a language that is not said of it in the flow's own, by place."""
    problems = [*part.problems, *constant_problems(part.steps, part.fields, language)]
    said = {(each.code, each.route, each.message) for each in own.problems}
    if placed is None or file is None:
        new = [each for each in problems if (each.code, each.route, each.message) not in said]
        return without_ignored(own.document, [own.document.diagnose(each) for each in new], idle="none")
    new = [each for each in problems if placed.holds(each.route) or (each.code, each.route, each.message) not in said]
    its = [placed.diagnose(each) for each in new]
    matched = _of_matching(file)
    # A name that is none is no other placeholder; but the flow's text may tell which was meant.
    meant = {each.location[:3]: each.hint for each in matched if each.hint.startswith("did you mean ")}
    unknown = {each.location[:3] for each in its if each.code == "unknown-name"}
    its = [
        each._replace(hint=meant.get(each.location[:3], each.hint)) if each.code == "unknown-name" else each
        for each in its
    ]
    faults = [each.location for each in its if each.is_error]
    matched = [
        each
        for each in matched
        if each.location[:3] not in unknown
        and not (each.code == "placeholder-differs" and any(_is_in(fault, each.location) for fault in faults))
    ]
    found = [*file.found, *matched, *without_ignored(own.document, its, idle="none")]
    return sorted(
        without_ignored(file.document, found, idle="all"),
        key=lambda each: (each.location.path, each.location.line, each.location.column, each.code),
    )
