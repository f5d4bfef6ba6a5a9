"""The recipients of a file of JSON Lines."""

from collections.abc import Iterator, Mapping
from typing import Any

from flowrunner.audience.cells import member_reader
from flowrunner.audience.columns import WARNINGS, nobody_named, unknown_columns, who_fault
from flowrunner.audience.json_objects import member_place, objects
from flowrunner.audience.lines import Lines
from flowrunner.audience.naming import TIMEZONE
from flowrunner.audience.rows import NO_VALUES, Audience, Draft, Row, RowFault, Whom
from flowrunner.audience.source import Fault
from flowrunner.diagnostics import Location
from flowrunner.source.marks import trimmed


class JsonAudience(Audience):
    """JSON Lines: a recipient an object."""

    format = "jsonl"

    def place(self, row: Row, name: str) -> Location:
        """See `Audience.place`: the value's characters."""
        start, end = self._span(row.text, name) if row.text.lstrip()[:1] == "{" else (0, 0)
        return Location(self.name, row.line, start + 1, row.line, end + 1 if end else 0)

    def _span(self, text: str, name: str) -> tuple[int, int]:
        return member_place(text, lambda key: self._names.of(key) == name)

    def _drafts(self) -> Iterator[Draft]:
        lines = Lines(self._source, "\n")
        values = member_reader(self._inputs)
        names = self._names
        usual = {name for name in names.known if names.of(name) == name}
        for line, text, members, fault in objects(lines):
            if fault is None and not usual.issuperset(members):
                fault = names.collision([*members], "key")  # noqa: PLW2901
                members = {names.of(key): value for key, value in members.items()}  # noqa: PLW2901
                if not usual.issuperset(members):
                    usual.update(self._warn_of(line, text, members, usual))
                fault = fault and fault._replace(offset=0)  # noqa: PLW2901
            if fault is not None:
                ends = fault is lines.broken or fault.code == "not-utf8"  # an encoding is the whole file's
                yield line, (), NO_VALUES, "", text, RowFault(fault, fault.offset + 1, ends)
                if ends:
                    return
                continue
            whom, blamed, problem = self._whom(members)
            if problem is None:
                zone = members.get(TIMEZONE)
                timezone = trimmed(zone) if isinstance(zone, str) else ""
                yield line, whom, values(members), timezone, text, None
            else:
                start = self._span(text, blamed)[0] if blamed else 0
                yield line, (), NO_VALUES, "", text, RowFault(problem, start + 1)

    def _warn_of(self, line: int, text: str, members: Mapping[str, Any], usual: set[str]) -> list[str]:
        new = [name for name in members if name not in usual]
        told = {each.message for each in self.warnings}
        missing = [name for name in self._inputs if name not in members]
        place = lambda name: Location(self.name, line, self._span(text, name)[0] + 1)  # noqa: E731  # told to one only
        for warning in unknown_columns(new, self.who, self._inputs, missing, place):
            if warning.message not in told and len(self.warnings) < WARNINGS:
                self.warnings.append(warning)
        return new[:WARNINGS]

    def _whom(self, members: Mapping[str, Any]) -> tuple[Whom, str, Fault | None]:
        """How an object names its recipient; or the key to blame, and for what."""
        there = [name for name in self.who if members.get(name) is not None]
        if not there:
            names = [name for name in members if name not in self.who]
            fault = who_fault(names, "key")
            return (), names[fault.offset] if fault is not None and names else "", fault
        for who in there:
            if not isinstance(members[who], str):
                return (), who, Fault("bad-recipient", f"{who} is not text", "put it in quotes")
        whom = [(who, its) for who in there if (its := trimmed(members[who]))]
        return whom, there[0], None if whom else nobody_named(there, "line")
