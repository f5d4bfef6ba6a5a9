"""A file that lists people -> each of them by all their names, with what else it says of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.audience.columns import ANY_OF_THEM, meant_for
from flowrunner.audience.csv_audience import sniffed
from flowrunner.audience.csv_records import records
from flowrunner.audience.encodings import beginning
from flowrunner.audience.lines import Lines
from flowrunner.audience.naming import USER, WHO, Names
from flowrunner.audience.reading import region_problem
from flowrunner.audience.source import Fault, Source, open_source
from flowrunner.diagnostics import Diagnostic
from flowrunner.model import CONVERSATION_ID, NOBODY, Recipient
from flowrunner.phones.numbers import Phones, Refused, unquoted, unwrapped
from flowrunner.phones.user_ids import is_user_id, user_id
from flowrunner.source.marks import trimmed

is_id: Final = re.compile(CONVERSATION_ID).fullmatch
_KEPT = 100
"""Problems that are told one by one."""


class Listed(NamedTuple):
    """Somebody whom a file lists.

    Attributes:
        line: Where, 1-based.
        named: By what names, one each; what may be an id of either kind is both.
        more: What the other columns that were asked for say, by their names; nothing of empty ones.
    """

    line: int
    named: tuple[Recipient, ...]
    more: Mapping[str, str]


Keep = Callable[[Listed], "tuple[str, Fault] | None"]
"""Takes somebody; or says of which column, empty for none, what is wrong with what it says of them."""


def read_people(path: Path, keep: Keep, *, region: str = "", more: Sequence[str] = ()) -> list[Diagnostic]:
    """Read whom a file lists.

    One phone, conversation or user id a line; or CSV whose header names one or more of the columns ``phone``,
    ``conversation`` and ``user_id``; or JSON with a list of texts, or of objects that have such members. Phones are
    compared as `read_audience` makes them.

    Args:
        path: The file, perhaps packed with gzip; ``-`` for standard input.
        keep: Is given each of them, in order.
        region: The country of the phone numbers that are written without one, as two letters.
        more: Further columns that are wanted.

    Returns:
        What is wrong, the first hundred by their places: then not all were given.
    """
    if (unknown := region_problem(region)) is not None:
        return [unknown]
    source, problem = open_source(path)
    if source is None:
        return [problem] if problem is not None else []
    try:
        return _Reading(source, Phones(region), keep, more).problems()
    finally:
        source.close()


class _Reading:
    """A file being read; the arguments are `read_people`'s."""

    def __init__(self, source: Source, phones: Phones, keep: Keep, more: Sequence[str]) -> None:
        self._source, self._phones, self._keep, self._more = source, phones, keep, more
        self._found: list[Diagnostic] = []
        self._others = 0

    def problems(self) -> list[Diagnostic]:
        """What is wrong."""
        text, fault = beginning(self._source)
        if fault is not None:
            # By an empty file nobody is listed.
            return [] if fault.code == "empty-file" else [_mended(fault).at(self._source.name)]
        if text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{"):
            self._read_json()
        else:
            self._read_rows(text)
        if self._others:
            message = f"{self._others} more lines of the file cannot be understood"
            self._found.append(Fault("bad-recipient", message, "correct the others first").at(self._source.name))
        return self._found

    def _read_json(self) -> None:
        from flowrunner.audience.people_json import members  # few have such a file

        for line, column, member in members(Lines(self._source, "\n")):
            if isinstance(member, Fault):
                self._tell(line, column, member)
            elif not isinstance(member, str) and member.keys().isdisjoint(WHO):
                self._tell(line, column, Fault("bad-recipient", "nobody is named here", f"name one {ANY_OF_THEM}"))
            else:
                self._take(line, {"": member} if isinstance(member, str) else member, lambda _: column)  # noqa: B023

    def _read_rows(self, text: str) -> None:
        columns: dict[int, str] | None = None
        for line, fields, cell, bad in records(Lines(self._source, ""), sniffed(text, _NAMES), text):
            if _is_beside(bad, cell, columns):
                bad = None  # noqa: PLW2901
            if columns in (None, _LIST) and len(fields) == 1 and fields[0].lstrip().startswith("#"):
                continue  # what somebody has noted in a list
            if columns is None and bad is None:
                columns, fault = _columns(fields, self._more)
                if fault is not None:
                    self._found = [fault.at(self._source.name, line, fault.offset + 1)]
                    return
                if columns != _LIST:
                    continue
            columns = columns or _LIST
            if bad is not None:
                self._tell(line, cell, bad)
            elif columns == _LIST and any(fields[1:]):
                self._tell(
                    line, 2, Fault("bad-audience", "more than one cell", "write one phone per line, or a header")
                )
            else:
                at = {name: index + 1 for index, name in columns.items()}
                cells = {name: fields[index] for index, name in columns.items() if index < len(fields)}
                self._take(line, cells, lambda name: at.get(name, 0))  # noqa: B023

    def _tell(self, line: int, column: int, fault: Fault) -> None:
        if len(self._found) < _KEPT:
            self._found.append(_mended(fault).at(self._source.name, line, column))
        else:
            self._others += 1

    def _take(self, line: int, cells: Mapping[str, str], place: Callable[[str], int]) -> None:
        """Keep whom these cells name; ``place`` tells where one of them stands."""
        problems: list[tuple[str, Fault]] = []
        named: list[Recipient] = []
        plain = {name: (trimmed if name in self._more else unquoted)(cell) for name, cell in cells.items()}
        texts = {name: text for name, text in plain.items() if text}
        for who in sorted(texts.keys() & {"", *WHO}, key=lambda name: name == USER):
            if who == USER and not is_user_id(texts[who]) and named:
                continue  # a company's own id, beside what says who it is
            found = _named(self._phones, who, texts[who])
            if isinstance(found, Refused):
                problems.append((who, Fault("bad-recipient", found.message, found.hint)))
            else:
                named += found
        if named and not problems:
            more = {name: texts[name] for name in self._more if name in texts}
            if (problem := self._keep(Listed(line, tuple(named), more))) is not None:
                problems.append(problem)
        for who, fault in problems:
            self._tell(line, place(who), fault)


def _mended(fault: Fault) -> Fault:
    """The same with a remedy that there is: ``--encoding`` is of recipients' files, not of this one."""
    return fault._replace(hint=fault.hint.partition(", or pass --encoding")[0])


def person(text: str, *, region: str = "") -> Recipient | Refused:
    """Whom a text names: a phone in any spelling, a user id or a conversation's id; or why it names nobody.

    Args:
        text: As a person typed it.
        region: The country of a phone that is written without one, as two letters.
    """
    found = _named(Phones(region), "", unquoted(text))
    return found if isinstance(found, Refused) else whole(found)


def whole(named: Sequence[Recipient]) -> Recipient:
    """One recipient by all these names; what may be an id of either kind is a user id."""
    its = NOBODY
    for each in named:
        its = Recipient(*(one or other for one, other in zip(its, each, strict=True)))
    return its._replace(conversation="") if its.conversation == its.user_id else its


_LIST = {0: ""}
"""One phone, conversation or user id a line, without a header."""
_NAMES = Names((), {})


def _is_beside(bad: Fault | None, cell: int, columns: Mapping[int, str] | None) -> bool:
    """Whether what is no UTF-8 is in a column that nobody looks at: a name may be in any encoding."""
    if bad is None or bad.code != "not-utf8" or columns is None:
        return False
    return cell - 1 not in columns


def _columns(fields: list[str], more: Sequence[str]) -> tuple[dict[int, str], Fault | None]:
    """The columns that count, by their places."""
    names = [_NAMES.of(trimmed(name)) for name in fields]
    named = {index: name for index, name in enumerate(names) if name in WHO}
    if named:
        also = {index: its.casefold() for index, its in enumerate(names) if its.casefold() in more}
        return {**named, **also}, None
    if len(names) == 1 and (not meant_for(names[0]) or _is_phone(names[0]) or is_user_id(names[0])):
        return _LIST, None
    index, who = next(((index, who) for index, name in enumerate(names) if (who := meant_for(name))), (0, ""))
    hint = f"did you mean {who}? Rename {names[index]}" if who else f"name one {ANY_OF_THEM}"
    return {}, Fault("bad-audience", "no column says who to leave out", hint, index)


def _named(phones: Phones, who: str, text: str) -> "list[Recipient] | Refused":
    """Whom a text names; what may be either id is both: nobody is to be missed."""
    if who == "conversation" or (not who and not _is_phone(text)):
        if not is_id(text):  # whoever is meant by it would go on being written to
            what = "the id of a conversation" if who else "a phone, a user id or the id of a conversation"
            return Refused(f"{text[:40]!r} is not {what}", "copy the id from Kapso" if who else _ALONE)
        return [Recipient(text), *([Recipient(user_id=text)] if is_user_id(text) else [])]
    if who == USER:
        found = user_id(text)
        return [Recipient(user_id=found)] if isinstance(found, str) else found
    phone = phones.read(text)
    return [Recipient("", phone)] if isinstance(phone, str) else phone


_ALONE: Final = "write one of them alone, a phone like +34600000001"


def _is_phone(text: str) -> bool:
    # A conversation's id has letters, or many more digits than any phone; what is around a phone is no part of either.
    bare = unwrapped(text)
    return bare != text or (sum(map(str.isdigit, bare)) <= 20 and not any(map(str.isalpha, bare)))
