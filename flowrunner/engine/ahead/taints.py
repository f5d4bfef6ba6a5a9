"""Which steps depend on which answers: by the names that they read, and by what decides whether they are done."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from flowrunner.flow import Field
from flowrunner.model import ChooseStep, ForEachStep, IncludeStep, MessageStep, Step
from flowrunner.model.addresses import as_written

Labels = frozenset[str]
"""Questions, as a person calls them."""

_NONE: Labels = frozenset()


class Taints:
    """What is known so far; steps are told of in the order of the flow."""

    def __init__(self, fields: Mapping[str, Sequence[Field]]) -> None:
        self._fields = fields
        self._names: dict[tuple[str, str], Labels] = {}  # by the step that includes the file, and a name in the file
        self._held: dict[str, Labels] = {}  # by what the addresses of the steps begin with
        self._chosen: dict[str, Labels] = {}  # by the address of a choice: what its conditions depend on

    def of(self, address: str) -> Labels:
        """The questions on whose answers it depends what a step does, besides its being in a branch."""
        written = as_written(address)
        held = (labels for prefix, labels in self._held.items() if written.startswith(prefix))
        chosen = self._chosen.get(written, _NONE)
        return self._read(written, self._fields.get(written, ())).union(chosen, *held)

    def read_by(self, addresses: Iterable[str]) -> Mapping[str, str]:
        """The questions that some steps or conditions read themselves, each by the name that they read it by."""
        found: dict[str, str] = {}
        for address in map(as_written, addresses):
            for name in _uses(self._fields.get(address, ())):
                for label in self._names.get((_file(address), name), _NONE):
                    found.setdefault(label, name)
        return found

    def reached(self, step: Step) -> None:
        """Take a step into account."""
        address = as_written(step.address)
        fields = self._fields.get(address, ())
        own, file = self._read(address, fields), _file(address)
        decided = self._read(address, [each for each in fields if each.place == ("when",)])
        self._held[f"{address}."] = decided
        match step:
            case MessageStep():
                # What is read of a question is its answer, hardly ever its own message.
                self._bind(file, step.id, own if step.reply is None else frozenset([step.label]))
            case ChooseStep():
                conditions = (self._read(each.address, self._fields.get(each.address, ())) for each in step.branches)
                self._chosen[address] = decided.union(*conditions)
            case ForEachStep():
                self._held[f"{address}#."] = own
                self._bind(file, step.item, own)
                self._bind(file, "loop", own)
            case IncludeStep():
                self._held[f"{address}/"] = decided
                for name in step.inputs:
                    given = [each for each in fields if each.place[:2] == ("with", name)]
                    self._bind(address, name, self._read(address, given))

    def _bind(self, file: str, name: str, labels: Labels) -> None:
        if name:
            self._names[(file, name)] = self._names.get((file, name), _NONE) | labels

    def _read(self, address: str, fields: Sequence[Field]) -> Labels:
        file = _file(address)
        return _NONE.union(*(self._names.get((file, name), _NONE) for name in _uses(fields)))


def _uses(fields: Sequence[Field]) -> Iterator[str]:
    return (use.name for field in fields for use in field.expression.uses)


def _file(address: str) -> str:
    """The address of the step that includes the file in which a step stands; empty for the flow's own."""
    return address.rpartition("/")[0]
