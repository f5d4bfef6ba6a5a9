"""Mutants of flows: each with one small mistake that its author might make, which the flow's own tests should catch.

``PYTHONPATH=tests python -m support.mutants flows`` lists those of a folder that no test catches.
"""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from flowrunner.app.testing.run import Selection, run_tests
from flowrunner.source import Plain, read

Route = tuple[str | int, ...]
TEXTS = ("content", "body_text", "caption", "message", "again")
DURATIONS = ("within", "after", "pause")


class Mutant(NamedTuple):
    """One mistake in one file.

    Attributes:
        file: The file's name.
        kind: What sort of mistake.
        at: Where in the file's data.
        data: The file's data with it.
    """

    file: str
    kind: str
    at: Route
    data: Any

    def __str__(self) -> str:
        return f"{self.file} {self.kind} at {'.'.join(map(str, self.at))}"


def mutants_of(folder: Path) -> list[Mutant]:
    """All of the flows in a folder, and of their translations."""
    files = [each for each in sorted(folder.glob("*.yaml")) if not each.name.endswith(".test.yaml")]
    return [mutant for file in files for mutant in _mutants(file)]


def survivors(folder: Path, mutants: Sequence[Mutant]) -> list[Mutant]:
    """Those that all tests pass of the flows that they are in; the tests pass without them, written as they are."""
    with TemporaryDirectory() as temporary:
        copy = Path(shutil.copytree(folder, Path(temporary) / "flows"))
        right = {name: plain_data(copy / name) for name in dict.fromkeys(each.file for each in mutants)}
        failing = [name for name, data in right.items() if not _passes(copy, name, data)]
        assert not failing, f"their tests fail as they are: {failing}"
        return [each for each in mutants if _passes(copy, each.file, each.data)]


def plain_data(file: Path) -> Any:
    """A file's data, as another file may have it."""
    document, problems = read(file.read_text(encoding="utf-8"), str(file))
    assert document is not None, problems
    return _plain(document.data)


def _passes(folder: Path, name: str, data: Any) -> bool:
    """Whether the tests pass of all flows that a file with this in it belongs to."""
    file, own = folder / name, name.partition(".")[0]
    before = file.read_text(encoding="utf-8")
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    its = (each for each in sorted(folder.glob("*.test.yaml")))
    tests = [each for each in its if each.name.startswith(f"{own}.") or _includes(folder, each, name)]
    tested = run_tests(tests, Selection(first=True))
    file.write_text(before, encoding="utf-8")
    assert all(each.verdict != "internal" for each in tested.outcomes)
    is_sound = not any(each.is_error for each in tested.diagnostics)
    return is_sound and all(each.verdict == "passed" for each in tested.outcomes)


def _includes(folder: Path, tests: Path, name: str) -> bool:
    flow = folder / tests.name.replace(".test.yaml", ".yaml")
    return flow.exists() and f"include: {name}" in flow.read_text(encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Plain):
        return value.value
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _mutants(file: Path) -> Iterator[Mutant]:
    data = plain_data(file)

    def mutant(kind: str, at: Route, change: Callable[[Any], Any]) -> Mutant:
        changed = deepcopy(data)
        holder = changed
        for part in at[:-1]:
            holder = holder[part]
        value = change(holder[at[-1]])
        if value is GONE:
            del holder[at[-1]]
        else:
            holder[at[-1]] = value
        return Mutant(file.name, kind, at, changed)

    if re.search(r"\.[a-z]{2}\.yaml$", file.name):
        yield from (mutant("text missing in a language", (name,), lambda _: GONE) for name in data)
        return
    for at, value in _walk(data, ()):
        key = at[-1] if at else ""
        if key in ("answers", "choose", "anytime") and isinstance(value, list) and len(value) > 1:
            yield from (mutant("branch deleted", (*at, place), lambda _: GONE) for place in range(len(value)))
        if key in ("buttons", "rows") and isinstance(value, list) and len(value) > 1:
            yield mutant("buttons swapped", at, _swapped)
        if key == "remind":
            yield mutant("reminder dropped", at, lambda _: GONE)
        if key == "until":
            yield mutant("until removed", at, lambda _: GONE)
        if key in TEXTS and isinstance(value, str):
            yield mutant("text changed", at, _reworded)
        if key in DURATIONS and isinstance(value, str) and (number := re.match(r"\d+", value)):
            yield mutant("number off by one", at, lambda its, n=number[0]: f"{int(n) + 1}{its[len(n) :]}")
        if key in ("times", "min", "max") and isinstance(value, int) and not isinstance(value, bool):
            yield mutant("number off by one", at, lambda its: its + 1)
        if key == "when" and isinstance(value, str) and re.search(r"\d", value):
            yield mutant(
                "number off by one", at, lambda its: re.sub(r"\d+", lambda n: str(int(n[0]) + 1), its, count=1)
            )


GONE = object()


def _walk(value: Any, at: Route) -> Iterator[tuple[Route, Any]]:
    if at and at[0] == "inputs":
        return
    yield at, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from _walk(each, (*at, key))


def _swapped(choices: Any) -> Any:
    """The first two have each other's title."""
    first, second, *rest = choices
    return [{**first, "title": second["title"]}, {**second, "title": first["title"]}, *rest]


def _reworded(text: str) -> str:
    """Another last word."""
    return re.sub(r"(\w+)(\W*)$", r"\1s\2", text, count=1) if not text.rstrip().endswith("}}") else f"Well, {text}"


if __name__ == "__main__":
    every = mutants_of(Path(sys.argv[1]))
    left = survivors(Path(sys.argv[1]), every)
    told = [f"{len(every) - len(left)} of {len(every)} are caught; not:", *map(str, left)]
    sys.stdout.write("\n  ".join(told) + "\n")
