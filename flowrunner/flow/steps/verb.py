"""What a verb is, and how steps are read by their verbs."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from flowrunner.diagnostics import Problem, Route
from flowrunner.expressions import expression
from flowrunner.flow.approved import Account
from flowrunner.flow.fields import Field
from flowrunner.flow.keys import COMMON_KEYS, Key
from flowrunner.flow.names import Names, name_problems
from flowrunner.model import Action, Input, Json, Passed, Step
from flowrunner.source import Plain
from flowrunner.spec import is_nothing

if TYPE_CHECKING:
    from flowrunner.flow.translations.texts import Text

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
        defaults: Which of these the flow may say for all of its steps, under ``defaults``.
        binds: Whether expressions in later steps may refer to a step by its id.
    """

    name: str
    step: type[S]
    keys: Mapping[str, Key]
    defaults: tuple[str, ...] = ()
    binds: bool = False

    def read(self, entry: Mapping[str, Any], head: Head, reader: "Reader", names: Names) -> S:
        """The step of an entry whose shape may be wrong (`flowrunner.flow.shape` says that)."""
        raise NotImplementedError

    def children(self, step: S) -> Iterable[tuple[Step, ...]]:  # noqa: ARG002
        """The lists of steps that a step holds, in the order in which they stand in the file."""
        return ()

    def texts(self, entry: Mapping[str, Any]) -> "Iterable[Text]":  # noqa: ARG002
        """Every text of a step that its customer reads, but those of steps that it holds, as its author wrote it."""
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


def step_keys(verbs: Mapping[str, Verb[Any]]) -> dict[str, Key]:
    """Every key that some step may have, the verbs before what belongs to them."""
    every = {name: key for verb in verbs.values() for name, key in verb.keys.items()}
    return {**COMMON_KEYS, **{name: every[name] for name in verbs}, **every}


class Reader:
    """Reads the steps of one flow.

    Attributes:
        problems: What was found so far, the shape of the entries aside.
        fields: For each step's address, the parts of it that hold expressions.
    """

    def __init__(
        self,
        verbs: Mapping[str, Verb[Any]],
        inputs: Mapping[str, Input],
        defaults: Mapping[str, Any],
        language: str,
        account: Account,
        *,
        is_said: bool = False,
    ) -> None:
        """``defaults`` are the flow's; ``language`` is the one its texts are in, as far as it is known.

        ``is_said`` tells that the flow itself says it, under ``languages``.
        """
        self.account: Final = account
        self.inputs: Final = inputs
        self.defaults: Final = defaults
        self.keys: Final = step_keys(verbs)
        self.problems: list[Problem] = []
        self.fields: dict[str, tuple[Field, ...]] = {}
        self._verbs = verbs
        self._language, self._is_said = language, is_said

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
        return tuple(
            self._step(entry, (*route, index), f"{prefix}{index + 1}", names)
            for index, entry in enumerate(data)
            if isinstance(entry, Mapping)
        )

    def add(self, fields: Iterable[Field], head: Head, names: Names) -> None:
        """Keep parts of a step that hold expressions, and look at the names in them."""
        for each in fields:
            self.fields[head.address] = (*self.fields[head.address], each)
            route = (*head.route, *each.place)
            self.problems += name_problems(each.expression, route, names, self._language)
            if not self._is_said and not each.expression.faults and (lack := each.expression.lacking_language):
                self.problems.append(lack.at(route))

    def _step(self, entry: Mapping[str, Any], route: Route, address: str, names: Names) -> Step:
        verb = next((verb for name, verb in self._verbs.items() if name in entry), self._verbs["message"])
        when, name = entry.get("when"), entry.get("id")
        self.fields[address] = ()
        head = Head(address, route, str(name) if isinstance(name, str) else "", when)
        if isinstance(when, Plain) and isinstance(when.value, bool):
            head = head._replace(when=when.value)
        elif isinstance(when, str) and when.strip() and not is_nothing(when):  # a blank one is reported by its shape
            head = head._replace(when=str(when))
            self.add([Field(("when",), (), expression(str(when), bare=True), {})], head, names)
        step: Step = verb.read(entry, head, self, names)
        if head.id:
            self.problems += names.add(head.id, address, (*route, "id"), binds=verb.binds)
        return step
