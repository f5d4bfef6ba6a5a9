"""What a verb is, and how steps are read by their verbs."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

from flowrunner.diagnostics import Problem, Route, warning
from flowrunner.expressions import expression
from flowrunner.flow.approved import Account
from flowrunner.flow.fields import Field
from flowrunner.flow.included import Files, Included
from flowrunner.flow.keys import COMMON_KEYS, Key
from flowrunner.flow.names import Form, Names
from flowrunner.flow.uses import name_problems
from flowrunner.model import Action, Input, Json, MessageStep, Passed, Step
from flowrunner.model.plain import NOTHING
from flowrunner.source import Plain
from flowrunner.spec import is_nothing
from flowrunner.spec.layout import Entry, merged, value_beside

S = TypeVar("S", bound=Step)


class Head(NamedTuple):
    """What every step has, as in `flowrunner.model.MessageStep`."""

    address: str
    route: Route
    id: str
    when: Json


class Compared(NamedTuple):
    """What two versions of a step are compared by.

    Attributes:
        kind: What two steps have in common that may be one step that was changed: a message's type, a verb.
        values: By their places below the step; the step reads the same where all are the same.
        text: What it says to the customer, by which two steps may be alike; None where it says nothing.
    """

    kind: str
    values: Mapping[str, Json]
    text: Json = None


class Verb(Generic[S]):
    """One verb: its keys, and what is particular to steps that have it.

    Attributes:
        name: The key that makes an entry a step of this verb.
        step: The class of its steps.
        keys: The keys that its steps may have beside ``id`` and ``when``, ``name`` among them.
        required: Which of these its steps must have beside ``name``, each with how to write it.
        defaults: Which of these the flow may say for all of its steps, under ``defaults``.
        binds: Whether expressions in later steps may refer to a step by its id.
    """

    name: str
    step: type[S]
    keys: Mapping[str, Key]
    required: Mapping[str, str] = NOTHING
    defaults: tuple[str, ...] = ()
    binds: bool = False

    def read(self, entry: Mapping[str, Any], head: Head, reader: "Reader", names: Names) -> S:
        """The step of an entry whose shape may be wrong (`flowrunner.flow.shape` says that)."""
        raise NotImplementedError

    def read_below(self, step: S, entry: Mapping[str, Any], reader: "Reader", names: Names) -> S:  # noqa: ARG002
        """The step with what stands below it where its own id is a name already."""
        return step

    def misplaced(self, entry: Mapping[Any, Any], route: Route, *, has_verb: bool) -> Problem | None:  # noqa: ARG002
        """What is wrong with a whole entry that is none of a step but was meant for one of this verb."""
        return value_beside(entry, (self.name,), step_keys(VERBS), route, "one-verb")

    def remedy(self, key: str, entry: Mapping[Any, Any], *, is_misspelt: bool) -> str:  # noqa: ARG002
        """What to do with an unknown key of an entry, where this verb knows better than its spelling."""
        return ""

    def children(self, step: S) -> Iterable[tuple[Step, ...]]:  # noqa: ARG002
        """The lists of steps that a step holds, in the order in which they stand in the file."""
        return ()

    def outline(self, step: S) -> str:  # noqa: ARG002
        """What the step is, in a word."""
        return self.name

    def act(self, step: S) -> Action:
        """What becomes of a step that is not left out and sends nothing."""
        return Passed(step)

    def compared(self, action: Action) -> Compared:
        """What a step that is rendered, or left out, is compared by."""
        raise NotImplementedError


VERBS: Final[dict[str, Verb[Any]]] = {}
"""Every verb by its key; `flowrunner.flow.steps` puts them in."""


def step_keys(verbs: Mapping[str, Verb[Any]]) -> dict[str, Key]:
    """Every key that some step may have, the verbs before what belongs to them."""
    every = {name: key for verb in verbs.values() for name, key in verb.keys.items()}
    return {**COMMON_KEYS, **{name: every[name] for name in verbs}, **every}


def step_entry() -> Entry:
    """What an entry of a list of steps may have and must."""

    def lacks(keys: Collection[str]) -> bool:
        return not any(name in keys and {*keys} <= {*COMMON_KEYS, *verb.keys} for name, verb in VERBS.items())

    return Entry(step_keys(VERBS), lacks, COMMON_KEYS)


class Reader:
    """Reads the steps of one file.

    Attributes:
        account: What is known of the account.
        files: What the flow includes.
        within: The names of the file and of those around it, which include it, from the outermost.
        inputs: What the file declares.
        defaults: What it says for all of its steps.
        problems: What was found so far, the shape of the entries aside.
        fields: For each step's address, the parts of it that hold expressions.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        inputs: Mapping[str, Input],
        account: Account,
        files: Files,
        within: tuple[str, ...],
    ) -> None:
        """``data`` is the whole file."""
        defaults = data.get("defaults")
        self.account: Final = account
        self.files: Final = files
        self.within: Final = within
        self.inputs: Final = inputs
        self.defaults: Final[Mapping[str, Any]] = defaults if isinstance(defaults, Mapping) else {}
        self.keys: Final = step_keys(VERBS)
        self.problems: list[Problem] = []
        self.fields: dict[str, tuple[Field, ...]] = {}
        self._language = files.language or _language(data.get("steps"))

    def inside(self, file: Included) -> "Reader":
        """The reader of a file that this one includes."""
        return Reader(file.data, file.inputs, self.account, self.files, (*self.within, file.name))

    def steps(self, data: Any, route: Route, names: Names, prefix: str = "") -> tuple[Step, ...]:
        """The steps of one list.

        Args:
            data: The list as it was read; what is none has no steps.
            route: Where it stands.
            names: What is in reach before its first step; afterwards, what is in reach after its last.
            prefix: What the addresses of its steps begin with.
        """
        if not isinstance(data, list):
            return ()
        names.later(entry.get("id") for entry in data if isinstance(entry, Mapping))
        steps: list[Step] = []
        goes_on = not names.ended
        for index, entry in enumerate(merged(data, step_entry())):
            if not isinstance(entry, Mapping):
                continue
            at = (*route, index)
            if goes_on and names.ended:
                message, hint = "this step is never reached: the run has ended above it", "remove it, or move it up"
                self.problems.append(warning("never-reached", message, hint, route=at))
                goes_on = False
            steps.append(self._step(entry, at, f"{prefix}{index + 1}", names))
        return tuple(steps)

    def values(self, names: Names) -> list[str]:
        """The names of the values that a text may show as they are: the inputs, and the items of loops."""
        return [*self.inputs, *sorted(names.made - {"loop"})]

    def add(self, fields: Iterable[Field], head: Head, names: Names) -> None:
        """Keep parts of a step that hold expressions, and look at the names in them."""
        self.fields.setdefault(head.address, ())
        for each in fields:
            self.fields[head.address] = (*self.fields[head.address], each)
            route = (*head.route, *each.place)
            self.problems += name_problems(each.expression, route, names, self._language)
            if each.expression.faults:
                continue
            lack = each.expression.lacking_language if not self.files.language else None
            if wrong := lack or each.expression.unfit_argument:
                self.problems.append(wrong.at(route))

    def condition(self, when: Any, head: Head, names: Names) -> Json:
        """A condition's source text, or its value where it is a plain true or false; None where there is none.

        ``head`` tells where it stands: as ``when`` of its entry.
        """
        if isinstance(when, Plain) and isinstance(when.value, bool):
            return when.value
        if isinstance(when, str) and when.strip() and not is_nothing(when):  # a blank one is reported by its shape
            self.add([Field(("when",), (), expression(str(when), bare=True), {})], head, names)
            return str(when)
        return when

    def _step(self, entry: Mapping[str, Any], route: Route, address: str, names: Names) -> Step:
        # What is done for each item may stand beside for_each:, which is told where it stands.
        verb = next((VERBS[name] for name in ("for_each", *VERBS) if name in entry), VERBS["message"])
        when, name = entry.get("when"), entry.get("id")
        self.fields[address] = ()
        head = Head(address, route, str(name) if isinstance(name, str) else "", when)
        head = head._replace(when=self.condition(when, head, names))
        step: Step = verb.read(entry, head, self, names)
        if head.id:
            form = Form(step.message, _reply(entry)) if isinstance(step, MessageStep) else None
            self.problems += names.add(head.id, address, (*route, "id"), binds=verb.binds, form=form)
        below: Step = verb.read_below(step, entry, self, names)
        return below


def _reply(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What may be answered to a step, whatever its shape; None where nothing is asked."""
    written = entry.get("reply", NOTHING)
    return (written if isinstance(written, Mapping) else NOTHING) if "reply" in entry else None


def _language(steps: Any) -> str:
    """The language of a file's first template; empty where there is none."""
    entries = steps if isinstance(steps, list) else []
    messages = (step.get("message") for step in entries if isinstance(step, Mapping))
    named = (each.get("template_language") for each in messages if isinstance(each, Mapping))
    return next((str(each) for each in named if isinstance(each, str) and re.fullmatch(r"[a-z]{2,3}(_\w+)?", each)), "")
