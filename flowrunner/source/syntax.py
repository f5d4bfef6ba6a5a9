"""YAML's own complaints, in words for the person who wrote the file."""

import re

import yaml

from flowrunner.diagnostics import Problem
from flowrunner.source.builder import PARSER

_NO_VALUE = "this cannot begin a value"
# What a line looks like -> code, message (empty: the parser's), and what its author most likely meant. The first that
# fits is told; the fault is where its group begins.
_MEANT = (
    (r"(?:^|[:\-,\[])\s+(\{[{%#])", "unquoted-expression", "a value that begins with {{ or {% must be in quotes",
     'put the whole value in quotes: "{{ ... }}"'),
    (r"[:\-]\s+([*])", "yaml-syntax", "* begins a reference in YAML", "text that begins with * must be in quotes"),
    (r"[:\-]\s+([@`%&!]|[|>](?![-+1-9]*\s*$))", "yaml-syntax", _NO_VALUE,
     "text that begins with @ ` % & ! | > must be in quotes"),
    (r"[:\-]\s+(?:'[^']*'|\"[^\"]*\")\s*([^\s#,}\]'\"])", "yaml-syntax", "more text follows after the closing quote",
     "put the whole value in one pair of quotes"),
    (r"[\[{,][^'\"]*\s(#)\S", "yaml-syntax", "a # after a space begins a comment",
     "put the text in quotes if the # belongs to it"),
    (r"^\s*[^'\"#{\[]*?:\s+[^'\"|>{\[][^:]*(:)(?:\s|$)", "yaml-syntax", "",
     "text that holds a colon and a space must be in quotes"),
)  # fmt: skip
_WORDS = (
    ("found character '\\t'", "a tab stands where only spaces may", "indent with spaces"),
    ("mapping values are not allowed", "a second colon in one line",
     "text that holds a colon and a space must be in quotes"),
    ("block sequence entries are not allowed", "a list cannot begin here", "text that begins with - must be in quotes"),
    ("mapping keys are not allowed", "? begins a key in YAML", "text that begins with ? must be in quotes"),
    ("could not find expected ':'", "a key without a colon after it", "write key: value"),
    ("did not find expected key", "this line does not fit the ones above it", "check its indentation and its quotes"),
    ("did not find expected '-' indicator", "this line does not fit the list above it", "begin it with - or indent it"),
    ("did not find expected ',' or", "a bracket that is not closed, or a comma that is missing", "close the [ or {"),
    ("did not find expected node content", "a value is missing here", "write one, or remove the line"),
    ("found unexpected end of stream", "a quote that is not closed", "close it"),
    ("found undefined alias", "* refers to nothing", "text that begins with * must be in quotes"),
    ("found unknown escape character", "an unknown \\ sequence in double quotes",
     "write \\\\ for a \\, or use single quotes"),
    ("found character that cannot start any token", "this character cannot begin a value", "put the text in quotes"),
    ("found invalid Unicode character", "half of a character (a lone surrogate)", "write the character itself"),
    ("<document start>", "more follows after the end", "check the indentation of the first lines"),
    ("while scanning an alias", "* begins a reference in YAML", "text that begins with * must be in quotes"),
    ("while scanning an anchor", "& begins an anchor in YAML", "text that begins with & must be in quotes"),
    ("while scanning a directive", "% begins a directive in YAML", "text that begins with % must be in quotes"),
    ("while parsing a tag", "! begins a tag in YAML", "text that begins with ! must be in quotes"),
    ("while scanning a tag", "! begins a tag in YAML", "text that begins with ! must be in quotes"),
)  # fmt: skip


def explain(error: yaml.YAMLError, text: str) -> tuple[Problem, int, int]:
    """The problem that PyYAML's error stands for, and the span of characters it is at."""
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
    opened = min(error.context_mark.index, len(text)) if error.context_mark is not None else index
    if index == len(text) or re.search("expected (',' or|':')|an? (alias|anchor|tag|directive)", words):
        index = opened  # what was opened and never closed is the better place
    if index == len(text):
        index = max(len(text.rstrip()) - 1, 0)
    if text[index : index + 1] == "\t":
        words = "found character '\\t'"
    message, hint = next(
        ((said, mend) for part, said, mend in _WORDS if part in words),
        ("this is not YAML", "check quotes, brackets and indentation"),
    )
    if "found invalid Unicode character" in words:
        return Problem("lone-surrogate", message, hint=hint), index, min(index + 1, len(text))
    unclosed = _unclosed(text, index)
    if unclosed is not None:
        return Problem("yaml-syntax", "a quote that is not closed", hint="close it"), unclosed, unclosed + 1
    if "mapping values" in words and _is_indented_too_far(text, index):
        message, hint = "this line stands further to the right than the ones above it", "indent it like them"
        return Problem("yaml-syntax", message, hint=hint), index, index + 1
    for at in (index, opened):
        meant = _meant(text, at)
        if meant is not None:
            code, said, mend, index = meant
            return Problem(code, said or message, hint=mend), index, min(index + 1, len(text))
    return Problem("yaml-syntax", message, hint=hint), index, min(index + 1, len(text))


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


def _meant(text: str, at: int) -> tuple[str, str, str, int] | None:
    """What the line at ``at`` was most likely meant to be: code, message, hint, and where the fault is."""
    first = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[first : end if end >= 0 else len(text)]
    if len(line) > 500:  # the patterns take the square of a line's length
        return None
    for pattern, code, said, mend in _MEANT:
        found = re.search(pattern, line)
        if found:
            return code, said, mend, first + found.start(1)
    return None


def _is_indented_too_far(text: str, index: int) -> bool:
    """Whether ``key:`` stands below ``key: value``, further to the right: YAML takes it for more of the value."""
    *above, line = text[:index].split("\n")[-3:]
    before = above[-1] if above else ""
    key = re.match(r"( *)(?:- +)?[^\s'\"#:]+: +[^\s|>&*!{\[]", before)
    return key is not None and re.fullmatch(r" +[A-Za-z_]+", line) is not None and len(line) > len(key.group(1))
