"""What nearly every flow is made of, without Jinja: ``{{ name }}``, ``{{ order.number | upper }}``, ``plan == "pro"``.

Importing Jinja costs every start more than reading a flow. What is recognised here means the same there, which a test
holds; whatever is not plain - another form, a missing value, a value that cannot simply be shown - is Jinja's to do.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowrunner.diagnostics import HOLE
from flowrunner.numbers import WrittenFloat, WrittenInt

if TYPE_CHECKING:
    from flowrunner.expressions.compiled import Expression
    from flowrunner.expressions.errors import ExpressionError, Habit, Known

_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_PATH: Final = rf"{_NAME}(?:\.{_NAME})*"
_FILTERS: Final[Mapping[str, Callable[[str], str]]] = {
    "upper": str.upper,
    "lower": str.lower,
    "capitalize": str.capitalize,
    "trim": str.strip,
}
"""The filters that do to a text what Python's own methods do."""
_SHOWN: Final = re.compile(rf"\{{\{{[ \t\n]*({_PATH})((?:[ \t\n]*\|[ \t\n]*(?:{'|'.join(_FILTERS)}))*)[ \t\n]*\}}\}}")
_CONDITION: Final = re.compile(
    rf"""[ ]*(?:(not)[ ]+)?({_PATH})[ ]*(?:(==|!=)[ ]*("[^"\\\n]*"|'[^'\\\n]*'|[1-9][0-9]{{0,8}}|0|true|false)[ ]*)?"""
)
# Words that are no names to Jinja, and names that are no inputs.
_RESERVED: Final = frozenset(
    "and or not in is if else elif for set true false none True False None loop self super context caller varargs "
    "kwargs range dict namespace cycler joiner _".split()
)
_WORDS: Final[Mapping[str, bool]] = {"true": True, "false": False}
_MAX_TEXT: Final = 20_000
_MAX_SHOWN: Final = 20_000  # far below the sandbox's own bound, which need not be asked then
_NOTHING: Final = object()


class Use(NamedTuple):
    """A name that an expression reads, and where it stands first."""

    name: str
    offset: int


def recognised(text: str, bare: bool) -> "Simple | None":
    """The text as a simple one, or None when it is not."""
    if len(text) > _MAX_TEXT or "\r" in text:
        return None
    return _condition(text) if bare else _shown(text)


def _shown(text: str) -> "Simple | None":
    pieces: list[str] = []
    paths: list[tuple[str, ...]] = []
    filters: list[tuple[str, ...]] = []
    uses: dict[str, int] = {}
    end = 0
    for match in _SHOWN.finditer(text):
        path = tuple(match.group(1).split("."))
        if not _RESERVED.isdisjoint(path[:1]):
            return None
        pieces.append(text[end : match.start()])
        paths.append(path)
        filters.append(tuple(match.group(2).replace("|", " ").split()))
        uses.setdefault(path[0], match.start(1))
        end = match.end()
    pieces.append(text[end:])
    # Jinja reads a brace before a sign of its own, and joins what stands on either side of an expression.
    if not paths or any("{{" in piece or "{%" in piece or "{#" in piece or piece.endswith("{") for piece in pieces):
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    simple = Simple(text, False, pieces, paths, uses)
    simple.filters = filters
    return simple


def _condition(text: str) -> "Simple | None":
    match = _CONDITION.fullmatch(text)
    if match is None or match.group(2).split(".")[0] in _RESERVED or (match.group(1) and match.group(3)):
        return None
    path = tuple(match.group(2).split("."))
    simple = Simple(text, True, [], [path], {path[0]: match.start(2)})
    simple.negated, simple.operator = bool(match.group(1)), match.group(3) or ""
    literal = match.group(4) or ""
    if literal in _WORDS:
        simple.operand = _WORDS[literal]
    elif literal:
        simple.operand = int(literal) if literal.isdecimal() else literal[1:-1]
    return simple


class Simple:
    """Stands in for an `Expression`, and hands over to it what is not simple after all. Its attributes are the same."""

    def __init__(
        self, text: str, bare: bool, pieces: list[str], paths: list[tuple[str, ...]], uses: Mapping[str, int]
    ) -> None:
        self.text, self._bare = text, bare
        self.pieces, self.paths = pieces, paths
        self.faults: list[ExpressionError] = []  # what has any is not simple
        self.uses = [Use(name, uses[name]) for name in sorted(uses)]
        self.literal = HOLE.join(pieces)
        self.is_whole = bare or (len(paths) == 1 and not "".join(pieces).strip())
        self.is_constant = False
        self.filters: list[tuple[str, ...]] = [()] * len(paths)
        self.negated, self.operator = False, ""
        self.operand: str | int | bool | None = None

    def render(self, values: Mapping[str, Any], seed: str = "") -> str:
        """As `Expression.render`."""
        shown = [self.pieces[0]]
        for path, filters, piece in zip(self.paths, self.filters, self.pieces[1:], strict=True):
            value = _at(values, path)
            kind = type(value)
            if filters and kind is str and len(value) <= _MAX_SHOWN:
                for name in filters:
                    value = _FILTERS[name](value)
            elif filters:
                return self._whole().render(values, seed)
            elif kind is bool:
                value = "true" if value else "false"
            elif kind is WrittenFloat or ((kind is int or kind is WrittenInt) and -(2**63) < value < 2**63):
                value = str(value)
            elif kind is not str or len(value) > _MAX_SHOWN:
                return self._whole().render(values, seed)
            shown.append(value)
            shown.append(piece)
        text = "".join(shown)
        return text if len(text) <= _MAX_SHOWN else self._whole().render(values, seed)

    def evaluate(self, values: Mapping[str, Any], seed: str = "") -> Any:
        """As `Expression.evaluate`."""
        value = _at(values, self.paths[0])
        if type(value) not in {str, bool, int} or not self._bare:
            return self._whole().evaluate(values, seed)
        if self.operator:
            return (value == self.operand) is (self.operator == "==")
        if type(value) is not bool:
            return self._whole().evaluate(values, seed)
        return not value if self.negated else value

    def habits(self, known: "Callable[[str], Known | None]", language: str) -> "list[Habit]":  # noqa: ARG002  # the other's
        """As `Expression.habits`; what is simple has none."""
        return []

    def _whole(self) -> "Expression":
        from flowrunner.expressions.compiled import Expression

        if not hasattr(self, "_full"):
            self._full = Expression(self.text, bare=self._bare)
        return self._full


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(values, Mapping) or name not in values:
            return _NOTHING
        values = values[name]
    return values
