"""What can be said of an expression before any value is known: its syntax, its filters, the names it reads."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from jinja2 import TemplateSyntaxError, nodes
from jinja2.meta import TrackingCodeGenerator
from jinja2.parser import Parser

from flowrunner.data import table
from flowrunner.expressions.bounds import LimitError, measured
from flowrunner.expressions.errors import ExpressionError
from flowrunner.expressions.sandbox import Sandbox
from flowrunner.source.document import line_starts

MAX_NESTING = 8
"""The deepest nesting of loops and conditions."""
MAX_DEPTH = 60
"""The longest chain of operations of which each needs the one before it; Jinja goes down it by calling itself."""

sandbox = Sandbox()

_FORBIDDEN: dict[type[nodes.Node], str] = {
    nodes.Include: "include", nodes.Import: "import", nodes.FromImport: "from", nodes.Extends: "extends",
    nodes.Block: "block", nodes.Macro: "macro", nodes.CallBlock: "call", nodes.FilterBlock: "filter",
    nodes.ScopedEvalContextModifier: "autoescape",
}  # fmt: skip
_TAGS = ["if", "elif", "else", "endif", "for", "endfor", "set", "endset", "with", "endwith", "raw", "endraw"]
_NAMING: dict[str, tuple[int, type[nodes.Node]]] = {
    "map": (0, nodes.Filter), "select": (0, nodes.Test), "reject": (0, nodes.Test),
    "selectattr": (1, nodes.Test), "rejectattr": (1, nodes.Test),
}  # fmt: skip
_KNOWN: dict[type[nodes.Node], dict[str, Any]] = {nodes.Filter: sandbox.filters, nodes.Test: sandbox.tests}
_NESTING = (nodes.For, nodes.If, nodes.With, nodes.AssignBlock)
_UNCLOSED = r"[Uu]nexpected end of template|end of template'|[Mm]issing end of|got 'end of|empty"


_UNENDED = r"[Uu]nexpected end of template\. Jinja was looking for the following tags"

_Said = tuple[str, str, str]  # code, message, hint


class Use(NamedTuple):
    """A name that an expression reads and does not make itself; ``text`` is the expression's, ``bare`` or not."""

    name: str
    text: str
    bare: bool

    @property
    def offset(self) -> int:
        """Where it stands first. Worked out when asked: hardly anybody asks."""
        return offset_of(tokens(self.text, self.bare), self.name)


class Token(NamedTuple):
    """One token of a text, with its offset."""

    offset: int
    kind: str
    value: str


@lru_cache(maxsize=4)
def tokens(text: str, bare: bool) -> tuple[Token, ...]:
    """The tokens of a text, up to the first that cannot be read; each name of a text is looked for among them."""
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
    return tuple(found)


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
            parser.fail("chunk after expression", parser.stream.current.lineno)
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
    made: set[str] = set()
    numbered: list[ExpressionError] = []
    faults: list[tuple[_Said, str]] = []  # what is wrong, and the word to point at
    waiting: list[tuple[Any, int, int]] = [(tree, 0, 0)]
    while waiting:
        node, depth, level = waiting.pop()
        kind = type(node)
        if level > MAX_DEPTH:
            message = "the expression is nested too deeply"
            return [], [ExpressionError("expression-limit", message, "split it", 0, len(text))]
        if kind is nodes.Name:
            (read if node.ctx == "load" else made).add(node.name)
        elif kind in _KNOWN and node.name not in _KNOWN[kind]:
            from flowrunner.expressions.dialects import hint_for

            message = f"there is no {kind.__name__.lower()} {node.name}"
            faults.append((("unknown-filter", message, hint_for(node, _KNOWN[kind])), node.name))
        elif kind is nodes.Filter and node.name in _NAMING:
            faults += _named(node)
        elif kind is nodes.Output and not bare and any(map(_is_number, node.nodes)):
            numbered += _numbered(text)
        elif kind is nodes.Const and not _is_within_bounds(node.value):
            faults.append((("expression-limit", "a number in the expression is too large", "use a smaller one"), ""))
        elif kind in _FORBIDDEN:
            message = f"{{% {_FORBIDDEN[kind]} %}} is not available"
            faults.append((("expression-syntax", message, "write out what it stands for"), _FORBIDDEN[kind]))
        elif kind is nodes.For and node.recursive:
            faults.append((("expression-syntax", "a loop cannot call itself", "remove recursive"), "recursive"))
        elif kind in _NESTING:
            depth += 1
            if depth == MAX_NESTING + 1:
                faults.append((("expression-limit", f"nested deeper than {MAX_NESTING} levels", "split it"), ""))
        waiting.extend((child, depth, level + 1) for child in node.iter_child_nodes())
    if made:
        # Jinja knows which name is made where, but reads no tree with a filter that there is not.
        read = read - made if faults else _undeclared(tree)
    read.difference_update(sandbox.globals)
    if any(message.endswith("is not available") for (_, message, _), _ in faults):
        read.clear()  # what such a statement makes is no name of the flow that is lacking
    places = tokens(text, bare) if faults else ()
    told = [ExpressionError(*said, offset_of(places, word), len(word) or 1) for said, word in faults]
    return [Use(name, text, bare) for name in sorted(read)], told + numbered


def _is_number(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and type(node.value) in {int, float}


def _numbered(text: str) -> list[ExpressionError]:
    """Each ``{{1}}`` of a text that has one: it was copied from a template, where WhatsApp fills it."""
    message = "{0} is a placeholder of a WhatsApp template: here it would be sent as {1}"
    hint = "write the name of an input"
    return [
        ExpressionError("foreign-placeholder", message.format(each[0], each[1]), hint, each.start(), len(each[0]))
        for each in re.finditer(r"\{\{-?\s*([\d_.]+)\s*-?\}\}", text)
    ]


def _undeclared(tree: nodes.Template) -> set[str]:
    """The names that a tree reads where it has not made them."""
    generator = TrackingCodeGenerator(sandbox)
    generator.optimizer = None  # it would compute the constants, and raise what they raise
    generator.visit(tree)
    return generator.undeclared_identifiers


def _named(node: nodes.Filter) -> list[tuple[_Said, str]]:
    """What is wrong with the filter or test that ``map('upper')`` and its like name as text."""
    place, kind = _NAMING[node.name]
    named = node.args[place] if len(node.args) > place else None
    if not isinstance(named, nodes.Const) or not isinstance(named.value, str) or named.value in _KNOWN[kind]:
        return []
    from flowrunner.expressions.dialects import name_meant

    message = f"there is no {kind.__name__.lower()} {named.value}"
    return [(("unknown-filter", message, name_meant(named.value, _KNOWN[kind])), node.name)]


def _is_within_bounds(value: Any) -> bool:
    try:
        measured(value)
    except LimitError:
        return False
    return True


def offset_of(places: Sequence[Token], word: str, start: int = 0) -> int:
    """Where ``word`` stands as a name, from ``start`` on if it can be."""
    found = [token.offset for token in places if token.kind == "name" and token.value == word]
    return next((offset for offset in found if offset >= start), found[0] if found else start)


def region(text: str, bare: bool, line: int) -> tuple[int, int]:
    """Offset and length of the expression in a 1-based line of the text, or of the one that reaches into it."""
    if bare:
        return 0, len(text) or 1
    starts = line_starts(text)
    first = starts[min(line, len(starts)) - 1]  # to Jinja a lone carriage return ends a line, too
    last = text.find("\n", first)
    last = len(text) if last < 0 else last
    begun = [match.start() for match in re.finditer(r"\{[{%#]", text[:last])]
    here = [offset for offset in begun if offset >= first] or begun[-1:]
    start = next((offset for offset in here if len(here) > 1 and not _reads(text, offset)), here[0] if here else first)
    close = re.compile(r"[}%#]\}").search(text, start)
    return start, (close.end() if close else last) - start or 1


def _reads(text: str, offset: int) -> bool:
    """Whether the one ``{{ }}`` at ``offset`` can be read alone."""
    end = text.find("}}", offset)
    if not text.startswith("{{", offset) or end < 0:
        return text.startswith("{%", offset)
    try:
        sandbox.parse(text[offset : end + 2])
    except (TemplateSyntaxError, ValueError):
        return False
    return True


_NUMBERED = r"\{\{-?\s*(?:[$#@]\d|(?![0-9])\d)\d*\s*-?\}\}"
"""``{{$1}}``, and ``{{1}}`` in the digits of another script."""


def _syntax_error(error: TemplateSyntaxError, text: str, bare: bool) -> ExpressionError:
    from flowrunner.expressions.dialects import foreign_syntax, slip, tag_meant  # few flows have a fault
    from flowrunner.expressions.signs import sign_error, words_error

    said = error.message or ""
    offset, length = region(text, bare, error.lineno or 1)
    unknown = re.search(r"unknown tag '(\w+)'", said)
    if unknown:
        word = unknown.group(1)
        place = offset_of(tokens(text, bare), word, offset)
        hint = f"nothing is open that {word} could close"
        if word not in _TAGS:
            hint = tag_meant(word, _TAGS)
        elif word.startswith("end") and (around := _unended(text[:place].removesuffix("{% "))) is not None:
            hint = f"add {{% end{around[1]} %}} before it"
        message = f"{{% {word} %}} does not fit here"
        return ExpressionError("expression-syntax", message, hint, place, len(word), word)
    if numbered := re.search(_NUMBERED, text):
        message = f"{numbered[0]} is a placeholder of another program"
        return ExpressionError("foreign-placeholder", message, "", numbered.start(), len(numbered[0]))
    if said.startswith("Invalid character") and (
        digits := re.compile(r"(?![0-9])\d\d*").search(text, offset, offset + length)
    ):
        plain = str(int(digits[0]))
        message = f"{digits[0]} is not a number here: these are not the digits 0 to 9"
        return ExpressionError("expression-syntax", message, f"write {plain}", digits.start(), len(digits[0]))
    foreign = foreign_syntax(text, offset, length, said)
    if foreign is not None:
        return foreign
    unexpected = re.search(r"unexpected char .+ at (\d+)$", said, re.DOTALL)
    if unexpected and "\r" not in text and int(unexpected[1]) < len(text):
        return sign_error(text, int(unexpected[1]))
    if known := slip("whole", text, said):
        return known
    if re.search(_UNENDED, said) and (found := _unended(text)) is not None:
        word = found[1]
        message, hint = f"{{% {word} %}} is opened and not closed", f"add {{% end{word} %}} after what it is for"
        return ExpressionError("expression-syntax", message, hint, found.start(), len(found[0]))
    words = words_error(text, offset, length, said)
    if words is not None and not re.search(_UNCLOSED, said):
        return words
    # What Jinja says -> what it means, and the remedy.
    known = table("expressions/parser_words.json")
    other = {"message": f"this cannot be read: {said}", "hint": "check its brackets and quotes"}
    meaning = next((each for each in known if re.search(each["said"], said)), other)
    return ExpressionError("expression-syntax", meaning["message"], meaning["hint"], offset, length)


def _unended(text: str) -> re.Match[str] | None:
    """The innermost statement that is opened and not closed; None where nothing tells."""
    opened: list[re.Match[str]] = []
    for each in re.finditer(r"\{%[-+]?\s*(if|for|with|endif|endfor|endwith)\b[^%]*%\}", text):
        if not each[1].startswith("end"):
            opened.append(each)
        elif opened:
            opened.pop()
    return opened[-1] if opened else None
