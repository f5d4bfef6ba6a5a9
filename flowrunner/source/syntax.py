"""YAML's own complaints, in words for the person who wrote the file."""

import re

import yaml

from flowrunner.diagnostics import Problem

# What a line looks like -> what its author most likely meant. The first that fits is told.
_MEANT = (
    (r"(?:^|[:\-,\[])\s+\{[{%#]", "unquoted-expression", 'put the whole value in quotes: "{{ ... }}"'),
    (r"[:\-]\s+[*]", "yaml-syntax", "text that begins with * must be in quotes"),
    (r"[:\-]\s+[@`%&!|>]\S", "yaml-syntax", "text that begins with @ ` % & ! | > must be in quotes"),
    (r"[:\-]\s+(['\"]).*\1\s*[^\s#,}\]]", "yaml-syntax", "put the whole value in one pair of quotes"),
    (
        r"^\s*[^'\"#{\[]*?:\s+[^'\"|>{\[].*:(\s|$)",
        "yaml-syntax",
        "text that holds a colon and a space must be in quotes",
    ),
)
_WORDS = (
    ("found character '\\t'", "a tab stands where only spaces may", "indent with spaces"),
    ("mapping values are not allowed", "a second colon in one line", "text that holds a colon and a space must be in quotes"),
    ("could not find expected ':'", "a key without a colon after it", "write key: value"),
    ("did not find expected key", "this line does not fit the ones above it", "check its indentation and its quotes"),
    ("did not find expected '-' indicator", "this line does not fit the list above it", "begin it with - or indent it"),
    ("did not find expected ',' or", "a bracket that is not closed, or a comma that is missing", "close the [ or {"),
    ("did not find expected node content", "a value is missing here", "write one, or remove the line"),
    ("found unexpected end of stream", "a quote that is not closed", "close it"),
    ("found undefined alias", "* refers to nothing", "text that begins with * must be in quotes"),
    ("found unknown escape character", "an unknown \\ sequence in double quotes", "write \\\\ for a \\, or use single quotes"),
    ("found character that cannot start any token", "this character cannot begin a value", "put the text in quotes"),
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
    if error.context_mark is not None and (index == len(text) or "expected ',' or" in words):
        index = error.context_mark.index  # what was opened and never closed is the better place
    if text[index : index + 1] == "\t":
        words = "found character '\\t'"
    message, hint = next(
        ((said, mend) for part, said, mend in _WORDS if part in words),
        ("this is not YAML", "check quotes, brackets and indentation"),
    )
    code = "yaml-syntax"
    for at in {index, error.context_mark.index if error.context_mark is not None else index}:
        first = text.rfind("\n", 0, at) + 1
        line = text[first : text.find("\n", at) if "\n" in text[at:] else len(text)]
        for pattern, meant, mend in _MEANT:
            if re.search(pattern, line) and len(line) < 2000:
                code, hint = meant, mend
                if meant == "unquoted-expression":
                    message = "a value that begins with {{ or {% must be in quotes"
                break
        else:
            continue
        break
    return Problem(code, message, hint=hint), index, min(index + 1, len(text))
