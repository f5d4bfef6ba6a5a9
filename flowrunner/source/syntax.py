"""YAML's own complaints, in words for the person who wrote the file."""

import re
from collections.abc import Iterator

from flowrunner.data import table
from flowrunner.diagnostics import Problem
from flowrunner.source.builder import PARSER
from flowrunner.source.lines import Repair, line_at
from flowrunner.source.pairs import hidden
from flowrunner.source.repairs import PAIRS, repairs
from flowrunner.source.unseen import unseen_structure
from flowrunner.source.yaml_lean import yaml

_TRIED = 200_000
"""The longest text in which a guess is tried before it is told, in code points; a text is read some 20 times then."""
_EVENTS = 100_000


def other_reading(error: yaml.YAMLError, text: str) -> str | None:
    """The text as it is to be read after the parser's error, its characters where they were; None: it is just wrong.

    libyaml has a bound for depth since 0.2.6, far beyond ours, and reads on to it before it gives the events that show
    ours; it does not when it sees less. YAML does not know JSON's way to write an emoji.
    """
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark and "nesting depth" in str(error.problem):
        return text[: error.problem_mark.index]
    without_pairs = hidden(text)
    return without_pairs if without_pairs != text else None


def explain(error: yaml.YAMLError, text: str, before: list[tuple[Problem, int, int]]) -> list[tuple[Problem, int, int]]:
    """The problems of a text that is not YAML, and the spans of characters they are at.

    Args:
        error: What PyYAML said.
        text: The text.
        before: The problems found up to there.
    """
    last = _explained(error, text)
    line = text.count("\n", 0, last[1])
    unseen = list(unseen_structure(text)) if not text.isascii() else []
    above = text.count("\n", 0, len(text[: text.rfind("\n", 0, last[1]) + 1].rstrip()))
    if any(above <= text.count("\n", 0, start) <= line for _, start, _ in unseen):
        return unseen
    # What follows a value that lacks quotes fits nowhere: that is one mistake.
    return [*(each for each in before if each[1] != last[1]), last]


def _explained(error: yaml.YAMLError, text: str) -> tuple[Problem, int, int]:
    if isinstance(error, yaml.reader.ReaderError):
        position = min(int(error.position), len(text))
        found = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]", text)
        position = found.start() if found else position
        sign = ord(text[position]) if position < len(text) else 0
        message = f"the control character U+{sign:04X} cannot stand in a YAML file"
        return Problem("control-character", message, hint="remove it"), position, position + 1
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem("yaml-syntax", "this is not YAML", hint="check quotes, brackets and indentation"), 0, 0
    mark = error.problem_mark or error.context_mark
    index = min(mark.index, len(text)) if mark is not None else 0
    words = f"{error.context or ''} {error.problem or ''}"
    noticed = index
    opened = min(error.context_mark.index, len(text)) if error.context_mark is not None else index
    if index == len(text) or re.search("expected (',' or|':')|an? (alias|anchor|tag|directive)", words):
        index = opened  # what was opened and never closed is the better place
    if index == len(text):
        index = max(len(text.rstrip()) - 1, 0)
    if text[index : index + 1] == "\t":
        words = "found character '\\t'"
    known = table("source/parser_words.json")
    other = {"message": "this is not YAML", "hint": "check quotes, brackets and indentation"}
    explained = next((each for each in known if each["said"] in words), other)
    message, hint = explained["message"], explained["hint"]
    if "<document start>" in words and (ended := re.findall(r"(?m)^\.\.\.[ \t]*$", text[:index])):
        at = text.rfind(ended[-1], 0, index)
        message = "this line ends the document, and more follows below it"
        return Problem("yaml-syntax", message, hint="remove this line"), at, at + 3
    if "found invalid Unicode character" in words:
        return Problem("lone-surrogate", message, hint=hint), index, min(index + 1, len(text))
    for repair in _guesses(text, index, opened, noticed):
        if _helps(repair, text):
            return Problem(repair.code, repair.message, hint=repair.hint), repair.start, repair.end
    return Problem("yaml-syntax", message, hint=hint), index, min(index + 1, len(text))


def _guesses(text: str, index: int, opened: int, noticed: int) -> Iterator[Repair]:
    unclosed = (
        opened if text[opened : opened + 1] in {"'", '"'} and noticed >= len(text.rstrip()) else _unclosed(text, index)
    )
    if unclosed is not None:
        line = line_at(text, unclosed)
        end, sign = line.start + len(line.text.rstrip()), text[unclosed]
        message, hint = "a quote that is not closed", f"close it: write {sign} at the end of the text"
        # Within { } the text ends before the bracket.
        ends = [line.start + each.start() for each in re.finditer(r"\s*[}\]]+\s*$", line.text)]
        for at in (end, *ends):
            yield Repair(unclosed, unclosed + 1, message, hint, (at, at, sign))
    left_open = _left_open(text, noticed)
    if left_open is not None and noticed >= len(text.rstrip()):
        yield left_open
    yield from repairs(text, index, opened, noticed)
    if left_open is not None:
        yield left_open


def _helps(repair: Repair, text: str) -> bool:
    """Whether the parser comes further than the repaired line when the hint was followed."""
    if len(text) > _TRIED:
        return True
    lines = text.count("\n", 0, max(repair.start, repair.edited[1])) + 1
    parser = PARSER(repair.apply(text))
    try:
        for _ in range(_EVENTS):
            if isinstance(parser.get_event(), yaml.StreamEndEvent):
                break
    except yaml.MarkedYAMLError as error:
        marks = [each.line for each in (error.context_mark, error.problem_mark) if each is not None]
        return min(marks, default=0) >= lines
    except yaml.YAMLError:
        return False
    finally:
        parser.dispose()
    return True


def _left_open(text: str, noticed: int) -> Repair | None:
    """The last bracket before a place that nothing has closed by then, as in a file that is just being written."""
    opened: list[tuple[int, str]] = []
    try:
        for token in yaml.scan(text, Loader=PARSER):
            if token.start_mark.index >= noticed:
                break
            if isinstance(token, (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken)):
                opened.append((token.start_mark.index, text[token.start_mark.index]))
            elif isinstance(token, (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken)) and opened:
                opened.pop()
    except yaml.YAMLError:
        pass  # the scanner stops where the parser did
    if not opened:
        return None
    start, sign = opened[-1]
    if re.search(r"\{[{%#]", text[max(start - 1, 0) : start + 2]):
        return None  # an expression without quotes
    line = line_at(text, start)
    end = line.start + len(line.text.rstrip())
    closing = "".join(PAIRS[each] for at, each in reversed(opened) if at >= line.start)
    hint = f"close it: write {closing} at the end of the line"
    space = " " if text[end - 1] == ":" else ""
    return Repair(start, start + 1, f"this {sign} is not closed", hint, (end, end, space + closing))


def _unclosed(text: str, index: int) -> int | None:
    """Where the quoted text begins that ends right before ``index``, if it began in a line above.

    A quote that is not closed is closed by the next one that opens, lines below, and what follows that one is the
    first thing that fits nowhere.
    """
    try:
        for token in yaml.scan(text, Loader=PARSER):
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                start, end = token.start_mark, token.end_mark
                if start.line < end.line and not text[end.index : index].strip(" "):
                    return int(start.index)
            if token.start_mark.index > index:
                return None
    except yaml.YAMLError:
        pass  # the scanner stops where the parser did
    return None
