"""The tests of a file: each becomes a `Case`, or one for each row of its table."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, Final

from flowrunner.diagnostics import Route
from flowrunner.expressions import holds_expression
from flowrunner.source import is_folder
from flowrunner.spec.layout import Entry, torn
from flowrunner.spec.words import shown
from flowrunner.testing.reading.after import read_after
from flowrunner.testing.reading.customers import read_customer
from flowrunner.testing.reading.given import read_given
from flowrunner.testing.reading.reader import Reader, keys_of
from flowrunner.testing.reading.tables import filled, named, rows_of
from flowrunner.testing.reading.turns import read_turns
from flowrunner.testing.turns import Customer, Turn
from flowrunner.testing.values import Case, Given, Golden

_LIKE: Final = "write name: and chat: after a dash"


def read_cases(reader: Reader, data: Any, route: Route, given: Given, folder: PurePath) -> Iterator[Case]:
    """The tests of a file.

    Args:
        reader: Reads the file.
        data: What stands under ``tests``.
        route: Where.
        given: What is so in all of them.
        folder: Where the file stands.
    """
    items = list(reader.several(data, route, "- name: ... lines below it"))
    entry = Entry(keys_of("test"), lambda keys: not {"name", "chat"} <= {*keys})
    if parts := list(torn([each for _, each in items], entry, route, "missing-field")):
        reader.problems += parts
        return
    if isinstance(data, list) and not items:
        reader.wrong("too-few-items", "tests has 0 items, at least 1 is required", route, _LIKE)
    met: dict[str, Case] = {}
    goldens: dict[str, Case] = {}
    for at, each in items:
        for case in _cases(reader, each, at, given, folder):
            if case.name in met:
                message = f"the test {shown(case.name)} is there twice; the first is in line {met[case.name].at.line}"
                at_name = (*at, "each") if "each" in each else (*at, "name")
                reader.wrong("duplicate-value", message, at_name, "give each test a name of its own")
            met[case.name] = case
            if case.golden is not None:
                first = goldens.setdefault(case.golden.file, case)
                if _written(first) != _written(case):
                    message = (
                        f"this is the golden chat of the test {shown(first.name)}, too, in which other words are said"
                    )
                    hint = "name a file for each; in a test with a table, with a column: golden/{{ words }}.chat"
                    reader.wrong("duplicate-value", message, (*at, "chat", "golden"), hint)
            yield case


def _written(case: Case) -> list[str]:
    """What the customer writes in a golden chat, which is in its file."""
    turns = case.golden.answers if case.golden is not None else ()
    said = (each for turn in turns if isinstance(turn, Customer) for each in turn.said)
    return [str(each.value) for each in said if each.kind == "text"]


def _cases(reader: Reader, data: Any, route: Route, given: Given, folder: PurePath) -> Iterator[Case]:
    its = reader.object(data, route, "test", "name: and chat: after a dash")
    if its is None:
        return
    for key, example in (("name", "name: she starts at once"), ("chat", "chat: [{bot: any}]")):
        if reader.lacks(its, data, key, "test"):
            reader.wrong("missing-field", f"{key} is missing", route, f"add {key}, for example: {example}")
    if "each" not in its:
        yield from _case(reader, its, route, given, folder)
        return
    texts = {key: value for key, value in its.items() if key != "each"}
    for row in rows_of(reader, its["each"], (*route, "each")):
        # What cannot be filled in is said of it alone: what stands there in its stead is not looked at.
        before = len(reader.problems)
        its_own = filled(reader, texts, route, row)
        if len(reader.problems) > before:
            continue
        name = str(texts.get("name", ""))
        if "name" in its_own and not holds_expression(name):
            its_own["name"] = named(name, row)
        yield from _case(reader, its_own, route, given, folder)


def _case(reader: Reader, its: Mapping[str, Any], route: Route, given: Given, folder: PurePath) -> Iterator[Case]:
    name = reader.text(its["name"], (*route, "name")) if "name" in its else None
    own = read_given(reader, its["given"], (*route, "given"), given) if "given" in its else given
    turns: tuple[Turn, ...] = ()
    golden = None
    chat = its.get("chat")
    if isinstance(chat, Mapping):
        golden = _golden(reader, chat, (*route, "chat"), folder)
        name = name if golden is not None else None
    elif "chat" in its:
        turns = read_turns(reader, chat, (*route, "chat"))
    after = read_after(reader, its, route)
    if name is not None:
        yield Case(" ".join(name.split()), reader.at((*route, "name")), own, turns, after, golden)


def _golden(reader: Reader, data: Any, route: Route, folder: PurePath) -> Golden | None:
    if "golden" not in data and any(key in keys_of("turn") for key in data):
        reader.wrong("wrong-type", "chat must be a list, not an object", route, "write a dash before each turn")
        return None
    its = reader.object(data, route, "golden", "golden: FILE below chat:, or a list of turns")
    if its is None:
        return None
    if "golden" not in its:
        if reader.lacks(its, data, "golden", "golden"):
            hint = "write a dash before each turn, or add golden: golden/welcome.chat"
            reader.wrong("missing-field", "golden is missing", route, hint)
        return None
    file = reader.text(its["golden"], (*route, "golden"))
    answers: list[Turn] = []
    items = reader.several(its["answers"], (*route, "answers"), "[{tap: now}, Acme SA]") if "answers" in its else ()
    for at, each in items:
        if isinstance(each, Mapping) and "wait" in each:
            answers += read_turns(reader, [each], at)
        elif (said := read_customer(reader, each, at)) is not None:
            answers.append(said)
    if file is None:
        return None
    if PurePath(file).is_absolute() or ".." in PurePath(file).parts:
        message = f"{shown(file)} is not below the folder of the test file"
        reader.wrong("bad-value", message, (*route, "golden"), "name a file below it, such as golden/welcome.chat")
        return None
    if not file.isprintable() or is_folder(Path(folder / file)):
        reader.wrong(
            "bad-value", f"{shown(file)} is not a file", (*route, "golden"), "name a file, such as golden/welcome.chat"
        )
        return None
    if PurePath(file).suffix in (".yaml", ".yml"):
        message = f"{shown(file)} is not a golden chat: it is written again by flowrunner test --update"
        reader.wrong("bad-value", message, (*route, "golden"), f"name a text file, such as {PurePath(file).stem}.chat")
        return None
    return Golden(str(folder / file), tuple(answers), reader.at((*route, "golden")))
