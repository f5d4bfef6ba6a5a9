"""Which input a column or a key is for: by its name without regard to case and spaces, or as ``--map`` says."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from flowrunner.audience.source import Fault
from flowrunner.diagnostics import Diagnostic, Location, nearest

USER: Final = "user_id"
WHO: Final = ("phone", "conversation", USER)
"""The columns that name the recipient: one of them, or more."""

TIMEZONE: Final = "timezone"
"""The column that may say by which clock a recipient lives."""


class Names:
    """From the names that a file has to those that a flow knows.

    Args:
        inputs: The names of the flow's inputs.
        mapped: Columns by what they are for, as ``--map first_name="First Name"`` gives them.
        who: Those of `WHO` that name somebody: ``user_id`` may be what the company itself calls them.
    """

    def __init__(self, inputs: Iterable[str], mapped: Mapping[str, str], who: Sequence[str] = WHO) -> None:
        self.who = who
        self.known = [*dict.fromkeys([*inputs, *who, TIMEZONE])]
        self._mapped = mapped
        self._by_column = {column: name for name, column in mapped.items()}
        self._folded: dict[str, str] = {}
        for name in reversed(self.known):
            # Of two inputs that differ in case only, each takes its very name.
            self._folded[folded(name)] = "" if folded(name) in self._folded else name
        self._met: dict[str, str] = {}

    def of(self, column: str) -> str:
        """What a column is for: the name of an input, ``phone`` and the like; its own name where it is for nothing."""
        if column not in self._met:
            self._met[column] = self._find(column)
        return self._met[column]

    def _find(self, column: str) -> str:
        if column in self._by_column:
            return self._by_column[column]
        alike = (name for name, each in self._mapped.items() if folded(each) == folded(column))
        if column not in self.known and (name := next(alike, "")):
            return name
        likely = column if column in self.known else self._folded.get(folded(column), "")
        if likely in self._mapped:
            return f"{column} (not mapped)" if column == likely else column
        return likely or column

    def faults(self, columns: Sequence[str] | None) -> list[Diagnostic]:
        """What is wrong with the mapping.

        Args:
            columns: The file's own names; None where each row has its own.
        """
        found = []
        for name, column in self._mapped.items():
            place = Location(f"--map {name}={column}")
            if name not in self.known:
                close = nearest(name, self.known)
                hint = f"did you mean {close}?" if close else f"write one of {', '.join(self.known)} before the ="
                found.append(Diagnostic("bad-audience", f"{name} is not an input of the flow", place, hint=hint))
            elif columns is not None and column not in columns and folded(column) not in map(folded, columns):
                close = nearest(column, [*columns])
                hint = f"did you mean {close}?" if close else f"the columns are {', '.join(columns)}"
                found.append(Diagnostic("bad-audience", f"the file has no column {column}", place, hint=hint))
        twice = [column for column in self._by_column if [*self._mapped.values()].count(column) > 1]
        return found + [
            Diagnostic("bad-audience", f"two --map name the column {column}", Location("--map"), hint="map it once")
            for column in twice
        ]

    def collision(self, columns: Sequence[str], thing: str) -> Fault | None:
        """Why two of a file's names cannot both be meant; the Fault's offset is the index of the second one.

        Args:
            columns: The names as the file has them.
            thing: What they name: ``column`` or ``key``.
        """
        names = [self.of(column) for column in columns]
        for index, name in enumerate(names):
            first = names.index(name)
            if name not in self.known or first == index:
                continue
            one, other = columns[first], columns[index]
            message, hint = f"two {thing}s are named {one}: {first + 1} and {index + 1}", "rename or remove one of them"
            if one != other:
                message, hint = (
                    f"two {thing}s give {name}: {one} and {other}",
                    f'{hint}, or choose: --map {name}="{one}"',
                )
            return Fault("bad-audience", message, hint, index)
        return None


def folded(name: str) -> str:
    """What makes two names of columns the same: letters and digits, without case."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in plain if sign.isalnum()) or name
