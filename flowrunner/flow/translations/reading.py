"""The translations of one flow: found, read, held against it, and read once more as the flow that they make of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from flowrunner.diagnostics import Diagnostic, Problem, Route
from flowrunner.flow.fields import Field, filled
from flowrunner.flow.ignores import without_ignored
from flowrunner.flow.lints import constant_problems
from flowrunner.flow.media import media_of
from flowrunner.flow.steps import Reader, verb_of, walk
from flowrunner.flow.translations.files import Found, find
from flowrunner.flow.translations.languages import with_template_language
from flowrunner.flow.translations.matching import Matching, Tree
from flowrunner.flow.translations.placed import Translated
from flowrunner.flow.translations.texts import Text
from flowrunner.model import Json, Step
from flowrunner.source import Document, read

ReadSteps = Callable[[Json, str], tuple[tuple[Step, ...], Reader]]
"""The steps of a flow from the list of them, in a language; and what was found on the way."""


class Translation(NamedTuple):
    """A flow in one of its other languages.

    Attributes:
        language: The code.
        name: What its file is called.
        text: What is in the file.
        steps: The flow's, with its texts.
        fields: For each step's address, the parts that hold expressions.
        document: Where everything stands.
        media: What stands in a bundle for the files that only it is sent with.
        diagnostics: What is wrong with it.
    """

    language: str
    name: str
    text: str
    steps: tuple[Step, ...] = ()
    fields: Mapping[str, tuple[Field, ...]] = {}  # nobody changes it
    document: Translated | None = None
    media: Mapping[str, str] = {}  # nobody changes it
    diagnostics: tuple[Diagnostic, ...] = ()


class Original(NamedTuple):
    """A flow without errors in its own language.

    Attributes:
        path: What its file is called.
        document: Its text.
        data: What it says.
        steps: Its steps.
        problems: What there is to say of it.
        read: Reads its steps in another language.
    """

    path: str
    document: Document
    data: Mapping[str, Json]
    steps: tuple[Step, ...]
    problems: Iterable[Problem]
    read: ReadSteps


def read_translations(
    original: Original, languages: Iterable[str], others: Mapping[str, str], folder: Path | None
) -> tuple[list[Translation], list[Problem]]:
    """Every translation of a flow.

    Args:
        original: The flow.
        languages: The codes of its other languages.
        others: The texts that are known, by name.
        folder: Where the flow stands; None where only ``others`` count.

    Returns:
        The translations that are there; and what is wrong with the flow itself.
    """
    tree, problems = texts_of(original)
    own, made = PurePath(original.path).name, []
    for index, language in enumerate(languages, 1):
        found = find(own, language, others, folder)
        if found.content is None:
            message = f"the flow is not translated: there is no {found.name} beside it"
            problems.append(
                Problem("missing-translation", message, ("languages", index), _begin(found.name, language, tree))
            )
        else:
            made.append(_translation(original, language, found, tree, others, folder))
    return made, problems


def _begin(name: str, language: str, tree: Tree) -> str:
    """How to begin a translation."""
    first = next(iter(tree), "hello")
    return (
        f"write {name}, in it the id of each step with its text in {language}, from {first}: on; or remove {language}"
    )


def texts_of(original: Original) -> tuple[Tree, list[Problem]]:
    """The texts of a flow by the names that lead to them; and an error for each step that cannot be named."""
    by_id: dict[str, list[list[Text]]] = {}
    problems: list[Problem] = []
    met: set[Route] = set()
    for step in walk(original.steps):
        entry = _at(original.data, step.route)
        texts = [each.under(step.route) for each in verb_of(step).texts(entry)] if isinstance(entry, Mapping) else []
        texts = [each for each in texts if each.route not in met]
        met.update(each.route for each in texts)
        if texts and step.id:
            by_id.setdefault(step.id, []).append(texts)
        elif any(each.is_needed for each in texts):
            message = "the step has a text to translate, and no id that a translation could name it by"
            hint = f"give it an id, for example: id: step_{step.address.replace('.', '_')}"
            problems.append(Problem("text-needs-id", message, step.route, hint))
    tree = Tree()
    for name, several in by_id.items():
        for place, texts in _told_apart(several):
            for text in texts:
                tree.put((name, *place, *text.names), text)
    return tree, problems


def _told_apart(several: list[list[Text]]) -> Iterator[tuple[tuple[int, ...], list[Text]]]:
    """The texts of the steps with one id: in one place where they are the same, else numbered."""
    alike = {tuple((each.names, each.written) for each in texts) for texts in several}
    if len(alike) == 1:
        first, *more = several
        yield (), [text._replace(also=tuple(texts[place].route for texts in more)) for place, text in enumerate(first)]
    else:
        yield from (((place,), texts) for place, texts in enumerate(several))


def _at(data: Any, route: Route) -> Any:
    for part in route:
        data = data[part]
    return data


def _translation(
    original: Original, language: str, found: Found, tree: Tree, others: Mapping[str, str], folder: Path | None
) -> Translation:
    path = str(PurePath(original.path).with_name(found.name)) if found.name else original.path
    if found.problem is not None:
        return Translation(language, found.name, "", diagnostics=(found.problem,))
    document, read_problems = read(found.content or b"", path)
    if document is None:
        hint = "write in it the id of each step with its text"
        told = (each._replace(hint=hint) if each.code == "empty-file" else each for each in read_problems)
        return Translation(language, found.name, "", diagnostics=tuple(told))
    matching = Matching(tree, document.data, language)
    values = {route: each.value for each in matching.matched for route in (each.text.route, *each.text.also)}
    places = {route: each.place for each in matching.matched for route in (each.text.route, *each.text.also)}
    placed = Translated(language, original.document, document, places)
    entries = filled(original.data, values)["steps"]
    steps, reader = original.read(with_template_language(entries, language), language)
    problems = [*reader.problems, *constant_problems(walk(steps), reader.fields, language)]
    media: dict[str, str] = {}
    if "media_file" in original.document.text:
        media, more = media_of(steps, others, folder, original.path)
        problems += more
    said = {(each.code, each.route, each.message) for each in original.problems}
    new = (each for each in problems if placed.holds(each.route) or (each.code, each.route, each.message) not in said)
    own = [placed.diagnose(each) for each in new]
    unknown = {each.location[:3] for each in own if each.code == "unknown-name"}  # then it is no other placeholder
    matched = [each for each in map(document.diagnose, matching.problems) if each.location[:3] not in unknown]
    found_here = [*read_problems, *matched, *without_ignored(original.document, own, idle="none")]
    diagnostics = without_ignored(document, dict.fromkeys(found_here), idle="all")
    return Translation(language, found.name, document.text, steps, reader.fields, placed, media, tuple(diagnostics))
