"""A translation held against the texts of its flow: what stands where, what is missing, and what is too much."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from flowrunner.diagnostics import Problem, Route, nearest, warning
from flowrunner.expressions import expression, holds_expression
from flowrunner.flow.keys import kind
from flowrunner.flow.translations.texts import Text, words_of
from flowrunner.spec import is_nothing
from flowrunner.spec.layout import beside, is_empty
from flowrunner.spec.words import is_blank, listed, printable, written

FREE: Final = "template_language"
"""A translation may have it for any template message: the code under which that one is approved."""
_SAME: Final = 4
"""So many words that are the same in two languages were forgotten; a name, or OK, may be."""
TEXTLESS: Final = "only {}: no step of the flow has a text of its own"
"""What a translation of a flow without texts has in it."""
_LONG: Final = 160
"""The longest text that a hint shows as an example."""


class Tree(dict[str | int, "Tree | Text"]):
    """The texts of one flow by the names that lead to them; numbers where a list's items have no ids."""

    def put(self, names: tuple[str | int, ...], text: Text) -> None:
        """Add a text where its names lead to."""
        here: Any = self
        for name in names[:-1]:
            here = here.setdefault(name, Tree())
        here[names[-1]] = text

    @property
    def texts(self) -> list[Text]:
        """All texts, in the flow's order."""
        return [text for each in self.values() for text in (each.texts if isinstance(each, Tree) else [each])]

    @property
    def main(self) -> "str | int | None":
        """The name of the one text that is meant where a translation has a text instead of names."""
        own = [name for name, each in self.items() if isinstance(each, Text)]
        needed = [name for name in own if isinstance(text := self[name], Text) and text.is_needed]
        only = needed if len(needed) == 1 else own
        return only[0] if len(only) == 1 and len([each for each in self.texts if each.is_needed]) <= 1 else None


class Matched(NamedTuple):
    """A text of the flow and where its translation stands in the file, with what is there."""

    text: Text
    place: Route
    value: str


class Matching:
    """One translation against one flow.

    Attributes:
        matched: The texts that the translation has.
        problems: What is wrong, with routes of the translation's file.
    """

    def __init__(self, tree: Tree, data: Any, language: str) -> None:
        """``data`` is the translation as it was read; ``language`` its code."""
        self.matched: list[Matched] = []
        self.problems: list[Problem] = []
        self._language = language
        hint = f"write {f'the ids of the steps, each with its text: {_example(tree)}' if tree else f'in it {TEXTLESS}'}"
        if isinstance(data, Mapping) and isinstance(data.get("steps"), list) and tree.keys().isdisjoint(data):
            message = "a translation is an object with the ids of steps, not a flow with steps:"
            self.problems.append(Problem("wrong-type", message, ("steps",), hint, at_key=True))
        elif isinstance(data, Mapping):
            self._names(tree, data, ())
        else:
            self._wrong(f"a translation is an object with the ids of steps, not {kind(data)}", (), hint)

    def _wrong(self, message: str, place: Route, hint: str) -> None:
        self.problems.append(Problem("wrong-type", message, place, hint))

    def _look(self, its: Tree | Text, data: Any, place: Route) -> None:
        """What stands at a place for a text, or for several."""
        if isinstance(its, Text):
            self._text(its, data, place)
        elif isinstance(data, str) and not is_nothing(data):
            if (main := its.main) is not None and not isinstance(text := its[main], Tree):
                self._text(text, data, place)
            else:
                hint = f"write {listed([str(each) for each in its], 'and')} below it, as in {written(_skeleton(its))}"
                self._wrong(f"{place[-1]} has more than one text", place, hint)
        elif data is None or is_nothing(data) or data == "":
            self._missing(its, place[:-1], place[-1], place)
        elif all(isinstance(name, int) for name in its):
            self._items(its, data, place)
        elif isinstance(data, Mapping):
            self._names(its, data, place)
        else:
            hint = f"write {listed([str(each) for each in its], 'and')} below it, as in {written(_skeleton(its))}"
            self._wrong(f"{place[-1]} must be an object, not {kind(data)}", place, hint)

    def _items(self, its: Tree, data: Any, place: Route) -> None:
        """The items of a list that have no ids: as many as the flow has, in its order."""
        if not isinstance(data, list):
            hint = f"write a list, in the flow's order, as in {written(_skeleton(its))}"
            self._wrong(f"{place[-1]} must be a list, not {kind(data)}", place, hint)
            return
        many = int(max(its)) + 1
        for index, each in enumerate(data):
            if index in its:
                self._look(its[index], each, (*place, index))
            elif index >= many:
                message = f"item {index + 1} of {place[-1]} is too much: the flow has {many}"
                self.problems.append(Problem("unknown-text", message, (*place, index), "remove it"))
            elif not is_nothing(each) and each not in ("", {}):
                message = f"item {index + 1} of {place[-1]} has no text in the flow"
                self.problems.append(Problem("unknown-text", message, (*place, index), 'write "" for it'))
        for name, below in its.items():
            if isinstance(name, int) and name >= len(data):
                self._missing(below, place, name, place)

    def _names(self, its: Tree, data: Mapping[Any, Any], place: Route) -> None:
        for name, below in its.items():
            strays = [each for each in data if isinstance(below, Tree) and each in below and each not in its]
            if strays and is_empty(data, str(name)):
                self.problems.append(beside(str(name), strays, place, "unknown-text"))
                data = {key: value for key, value in data.items() if key not in (name, *strays)}
                its = Tree({key: value for key, value in its.items() if key != name})
                break
        left = [name for name in its if name not in data]
        more = [name for name in data if name not in its]
        needed = [name for name in left if _is_needed(its[name])]
        only = str(needed[0]) if len(needed) == len(more) == 1 else ""
        taken: set[str | int] = set()
        for name, value in data.items():
            if name in its:
                self._look(its[name], value, (*place, name))
                continue
            if name == FREE and isinstance(value, str) and (found := _template(its)) is not None:
                route = (*found.route[: found.route.index("message") + 1], FREE)
                self.matched.append(Matched(Text((), route, "", is_needed=False), (*place, name), str(value)))
                continue
            near = nearest(str(name), [str(each) for each in left if each not in taken]) or only
            taken.add(near)
            said = [str(each) for each in its]
            known = f"remove it; the flow has {listed(said, 'and')} here" if said else "remove it"
            hint = f"did you mean {near}?" if near else known
            if needed and isinstance(value, Mapping) and value.keys() >= set(needed):
                taken.update(left)
                hint = f"remove this line, and move what is below it to the left: {listed(said, 'and')} begin there"
            message = f"the flow has no {printable(str(name))} here"
            if not place:
                message = f"the flow has no step {printable(str(name))} with a text"
            self.problems.append(Problem("unknown-text", message, (*place, name), hint, at_key=True))
        for name in left:
            if name not in taken:
                self._missing(its[name], place, name, place)

    def _missing(self, its: Tree | Text, above: Route, name: str | int, place: Route) -> None:
        """An error where what is missing has a text that is needed."""
        texts = [each for each in (its.texts if isinstance(its, Tree) else [its]) if each.is_needed]
        if not texts:
            return
        where = f" of {'.'.join(str(each + 1) if isinstance(each, int) else each for each in above)}" if above else ""
        what = f"item {name + 1}" if isinstance(name, int) else str(name)
        message = f"{what}{where} has no text in {self._language}"
        example = written(_skeleton(its))
        shown = f"{name}: {example}" if isinstance(name, str) else f"- {example}"
        is_short = len(example) <= _LONG
        hint = f"add {shown}, translated" if is_short else f"add {what}, with its text translated"
        self.problems.append(Problem("missing-text", message, place, hint, at_key=bool(above)))

    def _text(self, its: Text, data: Any, place: Route) -> None:
        if not isinstance(data, str):
            self._wrong(f"{place[-1]} must be text, not {kind(data)}", place, "write one text, in quotes")
            return
        if is_nothing(data) or is_blank(data):
            self._missing(its, place[:-1], place[-1], place)
            return
        self.matched.append(Matched(its, place, data))
        self.problems += _differences(its, str(data), place, self._language)


def _differences(its: Text, translated: str, place: Route, language: str) -> Iterator[Problem]:
    own, other = _read(its.written), _read(translated)
    if own is None or other is None:
        return  # what is wrong with an expression is said where it is read
    lacking, more = [each for each in own if each not in other], [each for each in other if each not in own]
    only = lacking[0] if len(lacking) == len(more) == 1 else ""
    meant = {name: nearest(name, lacking) or only for name in more}
    for name in own:
        if name not in other and name not in meant.values():
            message = f"the text in {language} does not read {name}, which the flow's text does"
            yield warning("placeholder-differs", message, f"put {{{{ {name} }}}} where it belongs", route=place)
    for name, near in meant.items():
        message = f"the flow's text does not read {name}, which the text in {language} does"
        hint = f"did you mean {near}?" if near else "remove it, or put it into the flow's text, too"
        yield warning("placeholder-differs", message, hint, other[name], len(name), route=place)
    if its.is_needed and translated.strip() == its.written.strip() and len(words_of(translated)) >= _SAME:
        message = f"the text in {language} is the same as the flow's own"
        yield warning("untranslated-text", message, "translate it", route=place)


def _read(text: str) -> dict[str, int] | None:
    """The names that a text's expressions read, each with where it does first; None where it cannot be read."""
    if not holds_expression(text):
        return {}
    its = expression(text)
    return None if its.faults else {use.name: use.offset for use in its.uses}


def _is_needed(its: Tree | Text) -> bool:
    return its.is_needed if isinstance(its, Text) else any(each.is_needed for each in its.texts)


def _template(tree: Tree) -> Text | None:
    """A text of the step, where it is a template message without a language of its own."""
    return next((text for name, text in tree.items() if name == "template_name" and isinstance(text, Text)), None)


def _skeleton(its: Tree | Text) -> Any:
    """What a translation has to have there, with the flow's own texts."""
    if isinstance(its, Text):
        return its.written
    if (main := its.main) is not None and isinstance(text := its[main], Text):
        return text.written
    needed = {name: each for name, each in its.items() if _is_needed(each)}
    if needed and all(isinstance(name, int) for name in needed):
        many = int(max(needed)) + 1
        return [_skeleton(needed[index]) if index in needed else "" for index in range(many)]
    return {name: _skeleton(each) for name, each in needed.items()}


def _example(tree: Tree) -> str:
    name, first = next(iter(tree.items()))
    example = written(_skeleton(first))
    return f"{name}: {example}" if len(example) <= _LONG else f"{name}: and its texts"
