"""One mistake, one diagnostic: at its place, in a few plain lines, with a hint that mends it when taken literally."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from flowrunner.cli.group import commands
from support.further_mistakes import FURTHER
from support.misplaced_mistakes import MISPLACED
from support.mistakes import BASES, MISTAKES, WRONG, Mistake, Wrong
from support.odd_mistakes import ASK, BYE, ODD
from support.program import flowrunner

FIRST_LINE = re.compile(r"^(\S.*?): (error|warning)\[([a-z-]+)\]: (.+)$", re.MULTILINE)
INNER_WORDS = re.compile(
    r"Traceback|<class|NoneType|\b(str|dict|list|int|float|bool|Plain)\b object|\b[A-Z][a-z]+Error\b|steps[./]\d"
    r"|/properties/"
)
"""Python's words and a schema's paths, which no author has to know."""
ALL_BASES = {**BASES, "ask": ASK}
ALL = [*MISTAKES, *ODD, *FURTHER, *MISPLACED]
LINES = 15
"""Fewer than these are printed for one mistake."""


class Said(NamedTuple):
    """What the program said of one mistake."""

    place: str
    code: str
    hint: str


def program(*arguments: str) -> tuple[int, str]:
    """The exit code, and all that was printed."""
    result = CliRunner().invoke(commands, arguments, standalone_mode=False)
    assert result.exception is None
    return int(result.return_value), result.output


def the_one(output: str) -> Said:
    """The only diagnostic there is."""
    assert len(output.strip().splitlines()) < LINES, output
    assert not INNER_WORDS.search(output), output
    found = FIRST_LINE.findall(output)
    assert len(found) == 1, output
    place, _, code, _ = found[0]
    hints = re.findall(r"^  hint: (.+)$", output, re.MULTILINE)
    assert len(hints) == 1, output
    return Said(place, code, hints[0])


def split(marked: str) -> tuple[str, int, int]:
    """The text without « and », and what they enclosed, as a span; without a », up to the line's end."""
    start = marked.index("«") if "«" in marked else len(marked)
    text = marked.replace("«", "")
    end = text.find("»") if "»" in text else text.find("\n", start)
    return text.replace("»", ""), start, end


def position(text: str, offset: int) -> str:
    """``line:column`` of a character."""
    return f"{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}"


def _word(text: str, start: int, end: int, hint: str) -> str:
    """``did you mean caption?``: write caption instead."""
    meant = re.match(r"did you mean ([^ ?]+)\?", hint)
    assert meant is not None
    return text[:start] + meant[1] + text[end:]


def _line(text: str, start: int, _end: int, _hint: str) -> str:
    """``remove it``: the whole line, if nothing else stands in it."""
    first, last = text.rfind("\n", 0, start) + 1, text.index("\n", start) + 1
    return text[:first] + text[last:]


def _quote(text: str, start: int, _end: int, _hint: str) -> str:
    """``put the whole value in quotes``: from here to the end of the line."""
    last = text.index("\n", start)
    return f'{text[:start]}"{text[start:last]}"{text[last:]}'


def _shorten(text: str, _start: int, end: int, hint: str) -> str:
    """``shorten it by 3 characters``: the last three go."""
    count = re.search(r"by (\d+) character", hint)
    assert count is not None
    return text[: end - int(count[1])] + text[end:]


def _place(text: str, start: int, _end: int, hint: str) -> str:
    """``write a space for the dash before title``; ``write a dash before id, and indent title by two more spaces``."""
    if hint.startswith("write a space"):
        dash = text.rindex("-", 0, start)
        return f"{text[:dash]} {text[dash + 1 :]}"
    first = text[start : text.index(":", start)]
    indented = re.search(r"indent (.+) by two", hint)
    names = [first, *re.split(", | and ", indented[1])] if indented else []
    line = text.rfind("\n", 0, start) + 1
    column, at, moves, placed = start - line, line, False, ""
    for each in text[line:].splitlines(keepends=True):
        if each[:column].strip() or each[column] == "-":
            break
        at += len(each)
        if each[column] != " ":
            moves = each[column:].partition(":")[0] in names
        is_first = each[column:].startswith(f"{first}:") and "dash" in hint
        placed += f"{each[:column]}- {each[column:]}" if is_first else f"{'  ' * moves}{each}"
    return text[:line] + placed + text[at:]


MENDERS: Mapping[str, Callable[[str, int, int, str], str]] = {
    "word": _word,
    "line": _line,
    "quote": _quote,
    "shorten": _shorten,
    "place": _place,
}


def is_good(flow: str) -> bool:
    """Whether nothing is said of a flow, but for the note that nobody knows the account's templates."""
    code, output = program("validate", "--strict", flow)
    return (code, re.sub(r"(?m)^note: template messages .*\n", "", output)) == (0, "1 flow checked, no problems\n")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with terminal and environment out of the way."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "bye.yaml").write_text(BYE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("base", ALL_BASES)
def test_base_is_good(base: str, folder: Path) -> None:
    """Without the mistake there is nothing to say."""
    (folder / "flow.yaml").write_text(ALL_BASES[base], encoding="utf-8")
    assert is_good("flow.yaml")


@pytest.mark.parametrize("mistake", ALL, ids=lambda each: each.name)
def test_mistake_in_a_flow_is_found_and_mended(mistake: Mistake, folder: Path) -> None:
    """One diagnostic, at the place, with a hint; the hint taken literally makes the flow good."""
    base = ALL_BASES[mistake.base]
    assert base.count(mistake.old) == 1
    text, start, end = split(base.replace(mistake.old, mistake.new))
    path = folder / "flow.yaml"
    path.write_text(text, encoding="utf-8")
    options = ("--strict",) if mistake.command == "validate" else ()
    code, output = program(mistake.command, *options, "flow.yaml")
    said = the_one(output)
    assert (code, said.code, said.place) == (1, mistake.code, f"flow.yaml:{position(text, start)}")
    assert said.hint.startswith(mistake.says)
    if isinstance(mistake.mend, str):
        mended = MENDERS[mistake.mend](text, start, end, said.hint)
    else:
        assert text.count(mistake.mend[0]) == 1
        mended = text.replace(*mistake.mend)
    path.write_text(mended, encoding="utf-8")
    assert is_good("flow.yaml")
    code, output = program("preview", "flow.yaml")
    assert (code, FIRST_LINE.findall(output)) == (0, [])


@pytest.mark.parametrize("wrong", WRONG, ids=lambda each: each.name)
def test_wrong_value_is_found_and_mended(wrong: Wrong, folder: Path) -> None:
    """One diagnostic, at the option, the file's line or the step; what the hint asks for makes it right."""
    flow = f"{wrong.base}.yaml"
    (folder / flow).write_text(BASES[wrong.base], encoding="utf-8")
    text, start, _ = split(wrong.given)
    code, output = preview(flow, text, folder)
    said = the_one(output)
    place = wrong.place or f"vars.yaml:{position(text, start)}"
    assert (code, said.code, said.place) == (1, wrong.code, place)
    assert said.hint.startswith(wrong.says)
    code, output = preview(flow, wrong.mended, folder)
    assert (code, FIRST_LINE.findall(output)) == (0, [])


def preview(flow: str, given: str, folder: Path) -> tuple[int, str]:
    """``preview`` with one variable, or with a file of them."""
    if "\n" not in given:
        return program("preview", flow, "--var", given)
    (folder / "vars.yaml").write_text(given, encoding="utf-8")
    return program("preview", flow, "--vars", "vars.yaml")


def test_there_are_enough_and_all_differ() -> None:
    """Forty mistakes at least, each with a name of its own."""
    names = [each.name for each in (*ALL, *WRONG)]
    assert len(set(names)) == len(names) >= 40


@pytest.mark.parametrize("name", ["two letters of a field swapped", "a quote not closed", "a name there is not"])
def test_program_as_it_is_started_says_the_same(name: str, folder: Path) -> None:
    """Another process prints what the command prints here."""
    mistake = next(each for each in MISTAKES if each.name == name)
    text, _, _ = split(BASES[mistake.base].replace(mistake.old, mistake.new))
    (folder / "flow.yaml").write_text(text, encoding="utf-8")
    started = flowrunner("validate", "flow.yaml", cwd=folder)
    assert (started.returncode, started.stdout) == program("validate", "flow.yaml")
    assert started.stderr == ""
