"""One text with expressions: parsed once, compiled once, rendered often."""

import re
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.runtime import Context

from flowrunner.data import table
from flowrunner.diagnostics import HOLE, nearest
from flowrunner.expressions import Names
from flowrunner.expressions.bounding import Bounded
from flowrunner.expressions.bounds import METER, LimitError, Meter, measured
from flowrunner.expressions.errors import ExpressionError, Known, UnfitError
from flowrunner.expressions.sandbox import Missing, MissingError, as_data
from flowrunner.expressions.syntax import Use, check, offset_of, parse, region, sandbox, tokens

if TYPE_CHECKING:
    from flowrunner.expressions.habits import Habit
    from flowrunner.expressions.lacking import Foreign, Lack
    from flowrunner.expressions.shapes import Shape

MAX_TEXT = 20_000
"""The longest text with expressions, in code points."""

# What Python raises when an expression's values do not fit; each is the author's to fix.
_FAULTS = (
    ArithmeticError, LookupError, TypeError, ValueError, AttributeError, AssertionError, RuntimeError, MemoryError,
    TemplateRuntimeError,
)  # fmt: skip
_WORTH_A_LOOK = re.compile(r"\bd(?:efault)?\b|\bis\b|\bset\b|strftime|\bdate\b|[=!]=\s*[Nn]one\b")
"""What every habit has in it."""
_OF_PARTS = (nodes.Getattr, nodes.Getitem, nodes.Keyword, nodes.Filter)
_BY_NAME = frozenset(["attr", "groupby"])
"""Filters that read a part of something by a name that is a text."""
_LOCALIZED = re.compile(r"\|\s*(?:date|time|datetime|number|money|percent)\b")
_EXACT = 1_000_000  # a line number from here on is an offset
_NOT_AVAILABLE = "the expression uses something that is not available here"


class Expression:
    """A text with expressions in it; or, ``bare``, one expression without braces.

    Attributes:
        text: As the author wrote it.
        faults: What is wrong with it whatever the values are; with faults it cannot be rendered.
        literal: The text that it shows whatever the values are, a `HOLE` for each part that is not known.
        is_bare: It is one expression without braces.
        is_whole: It is exactly one expression, so that its value may be a list or an object.
        uses: The names it reads, each once.
        shown: For each `HOLE` of ``literal`` the name that stands there as it is; None for anything else.
    """

    def __init__(self, text: str, *, bare: bool = False) -> None:
        self.text, self.is_bare = text, bare
        self.faults: list[ExpressionError] = []
        self.uses: list[Use] = []
        self.literal, self.is_whole = "", bare
        self.shown: tuple[str | None, ...] = ()
        if len(text) > MAX_TEXT:
            message = f"a text with expressions has {len(text):,} characters, at most {MAX_TEXT:,} are read"
            self.faults.append(ExpressionError("expression-limit", message, "split the text", 0, 1))
            return
        try:
            text.encode()
            tree = parse(text, bare)
        except UnicodeEncodeError as error:
            message, hint = "there is half of a character here (a lone surrogate)", "write the character itself"
            self.faults.append(ExpressionError("lone-surrogate", message, hint, error.start, 1))
            return
        except ExpressionError as error:
            self.faults.append(error)
            return
        self.uses, self.faults = check(tree, text, bare)
        # What is nested too deep for it is among the faults.
        self._reads_parts = not self.faults and any(map(_reads_part, tree.find_all(_OF_PARTS)))
        if not bare:
            parts = [part for node in tree.body for part in (node.nodes if isinstance(node, nodes.Output) else [node])]
            data = [part.data for part in parts if isinstance(part, nodes.TemplateData)]
            holes = [part for part in parts if not isinstance(part, nodes.TemplateData)]
            self.shown = tuple(part.name if isinstance(part, nodes.Name) else None for part in holes)
            only_output = all(isinstance(node, nodes.Output) for node in tree.body)
            self.literal = "".join(part.data if isinstance(part, nodes.TemplateData) else HOLE for part in parts)
            self.is_whole = only_output and len(parts) == len(data) + 1 and not "".join(data).strip()

    def habits(self, known: Callable[[str], Known | None], language: str) -> "list[Habit]":
        """What of it never does what its author wanted; only for a text without faults.

        Args:
            known: Tells what is known of a name that always has a value.
            language: The language of the flow's texts; empty where nothing tells it.
        """
        if not _WORTH_A_LOOK.search(self.text):
            return []
        from flowrunner.expressions.habits import habits

        return habits(self.text, self.is_bare, known, language)

    def lacking(self, known: Callable[[str], "Shape"]) -> "list[Lack]":
        """The parts of values that it reads and that are surely not there; only for a text without faults.

        ``known`` tells what is known of the value of a name.
        """
        if not self._reads_parts:
            return []
        from flowrunner.expressions.lacking import lacking

        return lacking(self.text, self.is_bare, known)

    @property
    def foreign_arguments(self) -> "list[Foreign]":
        """What it gives to filters by names of which they have none; only for a text without faults."""
        if not self._reads_parts:
            return []
        from flowrunner.expressions.lacking import foreign_arguments

        return foreign_arguments(self.text, self.is_bare)

    @property
    def lacking_language(self) -> ExpressionError | None:
        """What is wrong with it in a flow that does not say its language; only for a text without faults."""
        if not _LOCALIZED.search(self.text):
            return None
        from flowrunner.expressions.unsaid import lacking_language

        return lacking_language(self.text, self.is_bare)

    @property
    def unfit_argument(self) -> ExpressionError | None:
        """What a filter that writes in a language never takes; only for a text without faults that reads names."""
        if not _LOCALIZED.search(self.text) or not self.uses:
            return None
        from flowrunner.expressions.unsaid import unfit_argument

        return unfit_argument(self.text, self.is_bare)

    def render(self, values: Mapping[str, Any], seed: str = "") -> str:
        """The text with its expressions replaced by what they show.

        Args:
            values: Plain data by name.
            seed: What chance depends on; the same seed gives the same text.

        Raises:
            ExpressionError: A value is missing or does not fit, or a bound was reached.
        """
        return self._run(self._for_text, values, seed, whole=False)  # type: ignore[no-any-return]

    def evaluate(self, values: Mapping[str, Any], seed: str = "") -> Any:
        """The value of the one expression, in its own type: plain data, or a moment. Only where `is_whole`.

        Raises:
            ExpressionError: As for `render`.
        """
        return self._run(self._for_value, values, seed, whole=True)

    @cached_property
    def _for_text(self) -> Template:
        return self._template(self._tree())

    @cached_property
    def _for_value(self) -> Template:
        tree: Any = self._tree()
        value = next(part for node in tree.body for part in node.nodes if not isinstance(part, nodes.TemplateData))
        name = nodes.Name("value", "store")
        return self._template(nodes.Template([nodes.Assign(name, value, lineno=value.lineno)], lineno=1))

    def _tree(self) -> nodes.Template:
        """The text parsed anew, bounded, with each expression's offset for its line: so a fault stands where it is."""
        tree = parse(self.text, self.is_bare)
        if not self.is_bare:
            starts = (token.offset for token in tokens(self.text, bare=False) if token.kind == "variable_begin")
            for part in (part for output in tree.find_all(nodes.Output) for part in output.nodes):
                if not isinstance(part, nodes.TemplateData):
                    part.lineno = _EXACT + next(starts, 0)
        bounded: nodes.Template = Bounded().visit(tree)
        return bounded

    def _template(self, tree: nodes.Template) -> Template:
        tree.set_environment(sandbox)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)  # of the code that Jinja makes of {{ 5[0] }}
                code = sandbox.compile(tree)
        except (SyntaxError, RecursionError, MemoryError, OverflowError):
            message = "the expression is nested too deeply"
            raise ExpressionError("expression-limit", message, "split it", 0, len(self.text)) from None
        return Template.from_code(sandbox, code, {})

    def _run(self, template: Template, values: Mapping[str, Any], seed: str, *, whole: bool) -> Any:
        context = _context(values)
        meter = METER.set(Meter(seed, self.text))
        try:
            text = measured("".join(template.root_render_func(context)))
            return as_data(context.vars["value"]) if whole else text
        except MissingError as missing:
            raise self._missing(missing.value, *self._region(template, missing.__traceback__)) from None
        except (LimitError, SecurityError, *_FAULTS) as fault:
            raise ExpressionError(*_told(fault, self.text), *self._region(template, fault.__traceback__)) from None
        finally:
            METER.reset(meter)
            context.vars.clear()  # what the text has set is its own
            context.exported_vars.clear()

    def _region(self, template: Template, traceback: TracebackType | None) -> tuple[int, int]:
        line = _line(template, traceback)
        if line < _EXACT:
            return region(self.text, self.is_bare, line)
        start = line - _EXACT
        end = self.text.find("}}", start)
        return start, (end + 2 if end >= 0 else len(self.text)) - start

    def _missing(self, value: Missing, start: int, length: int) -> ExpressionError:
        from flowrunner.expressions.dialects import attribute_meant, of_list_meant

        owner, name = value.owner, value.name
        hint = "write | default('...') after it if it may be missing"
        if isinstance(owner, Mapping):
            close = nearest(name, [str(key) for key in owner])
            message = f"there is no {name} in this value"
            hint = f"did you mean {close}?" if close else hint
            if re.search(rf"\brecipient\.{re.escape(name)}\b", self.text) and not close:
                hint = f"declare it, inputs: {{{name}: {{type: string}}}}, and write {name}"
            elif re.search(rf"\bconversation\.{re.escape(name)}\b", self.text) and not close:
                hint = "write conversation.open, whether they may be sent free text now, or conversation.id"
        elif isinstance(owner, (list, tuple)):
            message, hint = f"the list has no element {name}", of_list_meant(name, self.text)
        elif owner is not None:
            message = f"this value has no {name}"
            is_moment = hasattr(type(owner), "strftime")  # an owner that is itself missing answers nothing
            hint = "write .year, .day or .strftime('%d/%m')" if is_moment else attribute_meant(name, self.text)
        else:
            message = f"{name} has no value here"
        if not name:
            message = "there is no element here: the list is empty, or ends before it"
            hint = "write | default('...') after it"
        offset = offset_of(tokens(self.text, self.is_bare), name, start)
        length = length if offset == start else len(name)
        return ExpressionError("undefined-value", message, hint, offset, length, name)


def _context(values: Mapping[str, Any]) -> Context:
    names = values if isinstance(values, Names) else Names(values)
    if names.context is None:
        names.context = Context(sandbox, {**sandbox.globals, **names}, None, {})
    return names.context


def _told(fault: Exception, text: str) -> tuple[str, str, str]:
    """Code, message and hint for what rendering the text has raised."""
    from flowrunner.expressions.dialects import misused

    if isinstance(fault, LimitError):
        return "expression-limit", f"the expression makes {fault}", "make it smaller"
    called = re.search(r"\b(now|recipient|conversation)\(\)", text)
    if isinstance(fault, SecurityError) and called:
        return "expression-failed", _NOT_AVAILABLE, f"write {called[1]} without brackets"
    if isinstance(fault, UnfitError):
        message, hint = fault.args
    elif (found := misused(fault, text)) is not None:
        message, hint = found
    else:
        kinds = {kind.__name__ for kind in type(fault).__mro__}
        message, hint = next(said for kind, said in table("expressions/faults.json").items() if kind in kinds)
    return "expression-failed", message, hint


def _line(template: Template, traceback: TracebackType | None) -> int:
    """The 1-based line of the text at which the innermost frame of the template stood."""
    line = 1
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return line


def _reads_part(node: nodes.Node) -> bool:
    """Whether it reads a part of something other than a literal, or gives a filter a value by name."""
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        return not isinstance(node.node, nodes.Const)
    return not isinstance(node, nodes.Filter) or node.name in _BY_NAME
