"""What can be said of an expression before any value is known: its syntax, its filters, the names it reads."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.parser import Parser

from flowrunner.diagnostics import nearest
from flowrunner.expressions.errors import ExpressionError
from flowrunner.expressions.sandbox import GLOBALS, Sandbox

MAX_NESTING = 8
"""The deepest nesting of loops and conditions."""

sandbox = Sandbox()

_FORBIDDEN: dict[type[nodes.Node], str] = {
    nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "from", nodes.Extends: "extends",
    nodes.Block: "block", nodes.Macro: "macro", nodes.CallBlock: "call", nodes.FilterBlock: "filter",
    nodes.ScopedEvalContextModifier: "autoescape",
}  # fmt: skip
_TAGS = ["if", "elif", "else", "endif", "for", "endfor", "set", "endset", "with", "endwith", "raw", "endraw"]
_NESTING = (nodes.For, nodes.If, nodes.With, nodes.AssignBlock)
# What Jinja says -> what it means, and the remedy.
_MEANINGS = (
    (r"Expected an expression, got 'end of template'", "the expression ends too soon", "write its second half"),
    (r"unexpected 'end of (print statement|statement block)'", "the expression ends too soon", "write its second half"),
    (r"Expected an expression, got", "the expression is empty or ends too soon", "write a name between {{ and }}"),
    (r"[Uu]nexpected end of template.*end of print", "an expression is opened and not closed", "add the missing }}"),
    (r"[Uu]nexpected end of template", "something is opened and not closed", "add the missing %}, {% endif %} or {% endfor %}"),
    (r"unexpected 'end of template'", "the expression ends too soon", "write its second half"),
    (r"end of print statement", "two values stand side by side", "join them with ~, or close the expression with }}"),
    (r"end of statement block", "the statement has more than it takes", "close it with %}; compare with ==, not ="),
    (r"[Mm]issing end of comment", "a {# comment is not closed", "close it with #}, or put a space between { and #"),
    (r"[Mm]issing end of raw", "{% raw %} is not closed", "close it with {% endraw %}"),
    (r"unexpected char", "a character that no expression has", "text inside an expression stands in quotes"),
    (r"chunk after expression", "more follows after the expression", "compare with ==; join conditions with and, or"),
    (r"unexpected '([})\]])'", "a bracket is closed that was not opened", "remove it, or open it"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """A name that an expression reads and does not make itself, and where it stands first."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a text, with its offset."""

    offset: int
    kind: str
    value: str


def tokens(text: str, bare: bool) -> list[Token]:
    """The tokens of a text, up to the first that cannot be read."""
    found: list[Token] = []
    position = 0
    try:
        for _, kind, value in sandbox.lexer.tokeniter(text, None, None, "variable" if bare else None):
            position = text.find(value, position)
            if position < 0:
                break
            found.append(Token(position, kind, value))
            position += len(value)
    except TemplateSyntaxError:
        pass  # whoever parses reports it
    return found


def parse(text: str, bare: bool) -> nodes.Template:
    """The text's tree.

    Raises:
        ExpressionError: Its syntax is wrong.
    """
    if bare and "{{" in text:
        message = "a condition is an expression already"
        raise ExpressionError("expression-syntax", message, "write it without {{ and }}", 0, len(text))
    try:
        if not bare:
            return sandbox.parse(text)
        parser = Parser(sandbox, text, state="variable")
        expression = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateSyntaxError("chunk after expression", parser.stream.current.lineno)
    except TemplateSyntaxError as error:
        raise _syntax_error(error, text, bare) from None
    except RecursionError:
        raise ExpressionError("expression-limit", "too many brackets in one another", "split it", 0, 1) from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        message = "a number in the expression is too long"
        raise ExpressionError("expression-limit", message, "use a shorter one", 0, 1) from None
    tree = nodes.Template([nodes.Output([expression], lineno=1)], lineno=1)
    tree.set_environment(sandbox)
    return tree


def check(tree: nodes.Template, text: str, bare: bool) -> tuple[list[Use], list[ExpressionError]]:
    """The names a text reads, and what it uses that there is not."""
    read: set[str] = set()
    makes = False
    faults: list[tuple[str, str, str, str]] = []  # code, message, hint, the word to point at
    waiting: list[tuple[Any, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        kind = type(node)
        if kind is nodes.Name:
            read.add(node.name)
            makes = makes or node.ctx != "load"
        elif kind is nodes.Filter and node.name not in sandbox.filters:
            faults.append(
                ("unknown-filter", f"there is no filter {node.name}", _mean(node.name, sandbox.filters), node.name)
            )
        elif kind is nodes.Test and node.name not in sandbox.tests:
            faults.append(
                ("unknown-filter", f"there is no test {node.name}", _mean(node.name, sandbox.tests), node.name)
            )
        elif kind in _FORBIDDEN:
            word = _FORBIDDEN[kind]
            faults.append(("expression-syntax", f"{{% {word} %}} is not available", "a flow is one file", word))
        elif kind is nodes.For and node.recursive:
            faults.append(("expression-syntax", "a loop cannot call itself", "remove recursive", "recursive"))
        elif kind in _NESTING:
            depth += 1
            if depth == MAX_NESTING + 1:
                faults.append(("expression-limit", f"nested deeper than {MAX_NESTING} levels", "split it", ""))
        waiting.extend((child, depth) for child in node.iter_child_nodes())
    if makes:
        read = find_undeclared_variables(tree)
    read.difference_update(GLOBALS)
    if not read and not faults:
        return [], []
    places = tokens(text, bare)
    return (
        [Use(name, offset_of(places, name)) for name in sorted(read)],
        [
            ExpressionError(c, message, hint, offset_of(places, word), len(word) or 1)
            for c, message, hint, word in faults
        ],
    )


def offset_of(places: list[Token], word: str, start: int = 0) -> int:
    """Where ``word`` stands as a name, from ``start`` on if it can be."""
    found = [token.offset for token in places if token.kind == "name" and token.value == word]
    return next((offset for offset in found if offset >= start), found[0] if found else start)


def region(text: str, bare: bool, line: int) -> tuple[int, int]:
    """Offset and length of the expression that stands in a 1-based line of the text, or begins before and reaches it."""
    if bare:
        return 0, len(text) or 1
    first = line_start(text, line)
    last = text.find("\n", first)
    last = len(text) if last < 0 else last
    begun = [match.start() for match in re.finditer(r"\{[{%#]", text[:last])]
    here = [offset for offset in begun if offset >= first] or begun[-1:]
    start = next((offset for offset in here if len(here) > 1 and not _reads(text, offset)), here[0] if here else first)
    close = re.compile(r"[}%#]\}").search(text, start)
    return start, (close.end() if close else last) - start or 1


def line_start(text: str, line: int) -> int:
    """The offset of a 1-based line."""
    offset = 0
    for _ in range(line - 1):
        offset = text.find("\n", offset) + 1
    return offset


def _reads(text: str, offset: int) -> bool:
    """Whether the one ``{{ }}`` at ``offset`` can be read alone."""
    end = text.find("}}", offset)
    if not text.startswith("{{", offset) or end < 0:
        return text.startswith("{%", offset)
    try:
        sandbox.parse(text[offset : end + 2])
    except TemplateSyntaxError:
        return False
    return True


def _syntax_error(error: TemplateSyntaxError, text: str, bare: bool) -> ExpressionError:
    said = error.message or ""
    offset, length = region(text, bare, error.lineno or 1)
    unknown = re.search(r"unknown tag '(\w+)'", said)
    if unknown:
        word = unknown.group(1)
        place = offset_of(tokens(text, bare), word, offset)
        hint = _mean(word, _TAGS) if word not in _TAGS else f"nothing is open that {word} could close"
        return ExpressionError("expression-syntax", f"{{% {word} %}} does not fit here", hint, place, len(word))
    for pattern, message, hint in _MEANINGS:
        if re.search(pattern, said):
            return ExpressionError("expression-syntax", message, hint, offset, length)
    return ExpressionError(
        "expression-syntax", f"this cannot be read: {said}", "check its brackets and quotes", offset, length
    )


def _mean(word: str, known: Iterable[str]) -> str:
    names = [name for name in known if "\0" not in name]
    close = nearest(word, names)
    return f"did you mean {close}?" if close else f"there are {', '.join(sorted(names)[:12])} ..."
