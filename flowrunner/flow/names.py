"""Which names an expression may read where it stands."""

import re
from collections.abc import Iterable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import name as name_of
from unicodedata import normalize

from flowrunner.data import table
from flowrunner.diagnostics import Problem, Route, nearest
from flowrunner.expressions import Known
from flowrunner.flow.keys import plain_name
from flowrunner.model import Input
from flowrunner.spec import kinds

if TYPE_CHECKING:
    from flowrunner.expressions import ExpressionError
    from flowrunner.expressions.shapes import Shape

GIVEN = ("now", "recipient", "conversation")
"""The names that every run gives."""
_NEAR = 50  # how many steps back a misspelt name is looked for: each comparison takes a while


class Form(NamedTuple):
    """One way in which a step is written whose id is a name.

    Attributes:
        message: Its message's body.
        reply: What may be answered, as it is written; None where nothing is asked.
    """

    message: Mapping[str, Any]
    reply: Mapping[str, Any] | None


class Named(NamedTuple):
    """A step that has an id: whether expressions may refer to it, whether it is a question, how it is written."""

    address: str
    binds: bool
    asks: bool = False
    forms: tuple[Form, ...] = ()


class Names:
    """The names in reach, growing from step to step.

    Attributes:
        steps: The ids of the earlier steps of this path, and of its branches.
        lacking: For those of them that some branch does not bind, which branch it is.
        gone: The ids of steps in branches that end the run, by the branch: no later step can read them.
        made: What the loops around this place make: the name of an item, and ``loop``.
        elsewhere: The ids of steps on which no path leads here.
        ended: Whether the run has ended here, whatever happened before.
    """

    def __init__(self, inputs: Mapping[str, Input], elsewhere: frozenset[str] = frozenset()) -> None:
        self._inputs = inputs
        self._written = list(map(plain_name, inputs))
        self.steps: dict[str, Named] = {}
        self._later: frozenset[str] = frozenset()
        self.lacking: dict[str, str] = {}
        self.gone: dict[str, str] = {}
        self.made: frozenset[str] = frozenset()
        self._items: dict[str, Shape] = {}
        self.elsewhere = elsewhere
        self.ended = False

    def later(self, ids: Iterable[Any]) -> None:
        """Learn the ids of a list of steps, to tell a name that comes too late from one that never comes."""
        self._later = self._later.union(each for each in ids if isinstance(each, str))

    def add(self, name: str, address: str, route: Route, *, binds: bool, form: Form | None = None) -> list[Problem]:
        """From here on the id of the step at ``address`` is a name, unless it is taken.

        Args:
            name: The id.
            address: The step's.
            route: Where the id stands.
            binds: Whether expressions may refer to it.
            form: How it is written, if it is a message.
        """
        if name in self.steps:
            message = f"{name} is already the id of step {self.steps[name].address}"
            return [Problem("duplicate-id", message, route, "give each step its own id")]
        if name in self._inputs or name in GIVEN:
            what = "an input" if name in self._inputs else "a name that every run gives"
            return [Problem("name-taken", f"{name} is already {what}", route, "choose another id")]
        if name in self.made:
            message = f"{name} is already what an item of the list is called"
            return [Problem("name-taken", message, route, "choose another id")]
        asks = form is not None and form.reply is not None
        self.steps[name] = Named(address, binds, asks, (form,) if form is not None else ())
        return []

    def make(self, name: str, route: Route, its: "Shape") -> list[Problem]:
        """From here on ``name`` is an item of a list, and ``loop`` tells which, unless the name is taken.

        ``its`` is what is known of the items.
        """
        taken = {**dict.fromkeys(self._inputs, "an input"), **dict.fromkeys(self.steps, "the id of an earlier step")}
        taken |= {**dict.fromkeys(GIVEN, "a name that every run gives"), "loop": "a name that every loop gives"}
        taken |= dict.fromkeys(self.made, "what an item of a list around this one is called")
        inner, self.made = {name: taken[name]} if name in taken else {}, self.made | {name, "loop"}
        self._items = {**self._items, name: its}
        return [
            Problem("name-taken", f"{each} is already {what}", route, "choose another") for each, what in inner.items()
        ]

    def end(self) -> None:
        """The run has ended here: what follows is never done."""
        self.ended = True

    def branch(self) -> "Names":
        """The names on one of several paths that begin here."""
        path = copy(self)
        path.steps, path.lacking, path.gone = dict(self.steps), dict(self.lacking), dict(self.gone)
        return path

    def join(self, paths: Mapping[str, "Names"]) -> None:
        """From here on a name is what every path binds that goes on; each path by what a person calls it."""
        going = {what: path for what, path in paths.items() if not path.ended}
        for what, path in paths.items():
            self.gone.update(path.gone)
            if path.ended and len(path.steps) > len(self.steps):
                self.gone.update(dict.fromkeys(path.steps.keys() - self.steps.keys(), what))
        self.ended = self.ended or not going
        common = self.steps.keys()
        known = dict(self.steps)
        for path in going.values():
            new = [name for name in path.steps if name not in common] if len(path.steps) > len(common) else ()
            for name in new:
                named = path.steps[name]
                lacking = [what for what, other in going.items() if name not in other.steps]
                lacking += [path.lacking[name]] if name in path.lacking else []
                if lacking:
                    self.lacking.setdefault(name, lacking[0])
                its = known.get(name, named)
                forms = its.forms if its is named else (*its.forms, *named.forms)
                known[name] = Named(its.address, its.binds and named.binds, its.asks and named.asks, forms)
        self.steps = known

    @property
    def _bound(self) -> list[str]:
        """The earlier steps that expressions may refer to."""
        return [name for name, named in self.steps.items() if named.binds and name not in self.lacking]

    def known(self, name: str) -> Known | None:
        """What is known of a name that always has a value; None for one that may have none."""
        if name in self._inputs:
            wanted = kinds(self._inputs[name].schema)
            is_text, may_be_null = not wanted or "string" in wanted, not wanted or "null" in wanted
            return Known("an input", is_text=is_text, may_be_null=may_be_null)
        if name in self._items and (kind := self._items[name].kind):
            return Known("an item of a list", is_text=kind == "text", may_be_null=True)
        if (name in self.steps and name not in self.lacking) or name in GIVEN:
            what = "an earlier step" if name in self.steps else "every run"
            return Known(what, is_text=False, may_be_null=False)
        return None

    def asks(self, name: str) -> bool:
        """Whether a name is the id of a question."""
        return name in self.steps and self.steps[name].asks

    def shape(self, name: str) -> "Shape":
        """What is known of the value of a name."""
        from flowrunner.expressions.shapes import ANYTHING
        from flowrunner.flow.values import GIVEN_SHAPES, TURN, of_schema, of_step  # few flows ask

        if name in self.made:
            return TURN if name == "loop" else self._items[name]
        if name in self.steps:
            return of_step(self.steps[name].forms) if self.steps[name].forms else ANYTHING
        its = self._inputs.get(name)
        return of_schema(its.schema) if its is not None else GIVEN_SHAPES.get(name, ANYTHING)

    def hint(self, fault: "ExpressionError") -> str:
        """The remedy for what is wrong with an expression, in the names of this flow."""
        if fault.code == "foreign-placeholder":
            first = next(iter(self._inputs), "")
            return (
                f"write the name of an input, for example {{{{ {first} }}}}"
                if first
                else "declare an input, for example inputs: {name: {type: string}}, and write {{ name }}"
            )
        if not fault.name:
            return fault.hint
        close = self._near(fault.name, list(self.steps)[-_NEAR:])
        if fault.message.startswith("{%"):
            return f"write {{{{ {close} }}}}" if close == fault.name else fault.hint
        words = fault.message.rpartition(": ")[2].split()
        if {*self._inputs, *self._bound}.issuperset(words):
            return f"write {' '.join(f'{{{{ {each} }}}}' for each in words)}"
        return f"did you mean {close}?" if close else f"{fault.hint}, and declare it: {declared(fault.name)}"

    def _near(self, name: str, steps: list[str]) -> str:
        """The name in reach that was probably meant; what every run gives is only meant by nearly the same word."""
        given = nearest(name, list(GIVEN), alike=0.8)  # client is not recipient
        return given or nearest(name, [*self._written, *steps, *sorted(self.made)])

    def dashed(self, typed: str, message: str, hint: str) -> tuple[str, str]:
        """Message and hint for ``first-name``, of which a part is not in reach."""
        joined = typed.replace("-", "_")
        close = nearest(joined, [*self._written, *self.steps])
        if not close and hint.startswith("did you mean"):
            return message, hint  # a difference, with a slip in one of its names
        what = f"did you mean {close}?" if close else f"write {joined}, and declare it: {declared(joined)}"
        return f"{typed} is not a name: a dash subtracts", what

    def part(self, name: str, hint: str) -> str:
        """The remedy for ``contact.name``, where there is no contact."""
        if name in self._inputs and not hint.startswith("did you mean"):
            return f"write {name}"
        return hint.replace("{type: string}", "{type: object}") if hint.startswith("declare it") else hint

    def word(self, name: str, before: str) -> str:
        """The remedy for a word that an input is compared with, as in ``plan == pro``; empty for what is none of its.

        ``before`` is what stands before it.
        """
        compared = re.search(r"([A-Za-z_]\w*)\s*[!=]=\s*$", before)
        its = self._inputs.get(compared[1]) if compared is not None else None
        return f"write '{name}', in quotes" if its is not None and name in its.schema.get("enum", ()) else ""

    def problem(self, name: str) -> tuple[str, str] | None:
        """Message and hint when ``name`` is not in reach here."""
        step = self.steps.get(name)
        if step is not None and name in self.lacking:
            message = f"{name} has no value here after {self.lacking[name]}"
            if self.lacking[name].endswith(" without an item"):  # `for_each` calls the path so
                return message, "use it in the steps of the list: with no item nothing in them is done"
            return message, f"use it in the branch of step {step.address}, or give a step of every branch this id"
        if name in self._inputs or name in GIVEN or name in self.made or (step is not None and step.binds):
            return None
        if name in self._written:
            return None  # so the input is to be called, which the shape's check has said
        if name in self.elsewhere:
            message = f"{name} has no value here: nobody knows what was sent when somebody writes at any time"
            return message, "say it without that step, or read an input"
        if step is not None:
            return f"step {name} does not send a message to refer to", "name a message step"
        if name in self.gone:
            return f"{name} has no value here: {self.gone[name]} ends the run", "use it there, before the end"
        if name in self._later:
            return f"{name} is a later step", "name an earlier step, or move this one after it"
        if name in table("flow/meant.json")["answers"]:
            asked = next((each for each in reversed(self._bound) if self.steps[each].asks), "")
            what = (
                f"write {asked}.text"
                if asked
                else "give the question an id, for example id: start, and write start.text"
            )
            return f"{name} is not an input or an earlier step", what
        close = self._near(name, self._bound[-_NEAR:])
        meant = table("flow/meant.json")["names"].get(name, "")
        if meant and name not in self._written and close != name:
            return f"{name} is not an input or an earlier step", f"write {meant}"
        if name == "loop":
            return (
                "loop is known inside a loop only",
                "write it in the steps of a for_each, or between {% for ... %} and {% endfor %}",
            )
        plain = plain_name(name)
        close = close or nearest(plain, self._written)
        hint = f"did you mean {close}?" if close else f"declare it: {declared(name)}"
        if not close and plain != name:  # the names of inputs have no accents
            hint = f"write {plain}, and declare it: {declared(plain)}" if plain.isidentifier() else ""
        return f"{name} is not an input or an earlier step{_foreign_letter(name)}", hint


def _foreign_letter(name: str) -> str:
    """What nobody can see of a name: that a letter of it is one of another alphabet."""
    odd = next((each for each in name if not normalize("NFD", each)[0].isascii()), "")
    return f": {odd} in it is U+{ord(odd):04X}, {name_of(odd, 'a letter of another alphabet').lower()}" if odd else ""


def declared(name: str) -> str:
    """How an input of that name is declared."""
    return f"inputs: {{{name}: {{type: string}}}}"
