"""A plan's file is read: sealed, of this version, a line at a time."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from os.path import normpath
from pathlib import Path
from typing import Any, NamedTuple, cast

from flowrunner.audience.source import stamp
from flowrunner.campaign import CampaignRecipient
from flowrunner.campaign.schedule import schedule_from
from flowrunner.journal.many import Omission
from flowrunner.journal.places import place_of
from flowrunner.model import Json, Recipient
from flowrunner.numbers import unpacked
from flowrunner.plan.shape import check_head, check_row
from flowrunner.plan.values import SHUT, VERSIONS, Header, PlanError
from flowrunner.source.plan_mark import MARK
from flowrunner.spec.words import listed

_LONGEST = 64 << 20
"""The longest line that is read, in bytes."""


class Planned(NamedTuple):
    """Somebody of a plan, with the messages that were planned for them, as plain data.

    Attributes:
        messages: In order; of a flow that listens by the addresses of their steps.
        shut: What they get where free text may not be sent; None where that is not planned apart.
    """

    whom: CampaignRecipient
    messages: Json
    shut: Json = None


class Plan:
    """A plan whose seal is whole. Each going through it reads the file anew.

    Attributes:
        header: What holds for everybody.
        files: Every file that it was made of, and the SHA-256 that its bytes had.
        journal: Where its runs are kept.
    """

    def __init__(self, path: Path, header: Header, as_checked: tuple[int, int, int]) -> None:
        """Use `open_plan`; ``as_checked`` is the `stamp` that the file had."""
        self._path, self.header, self._as_checked = path, header, as_checked
        self.files = {self._near(name): digest for name, digest in header.files.items()}
        self.journal = place_of(header.journal)
        if isinstance(self.journal, Path):
            self.journal = self._near(header.journal)

    def _near(self, name: str) -> Path:
        return Path(normpath(self._path.parent / name))

    def people(self) -> Iterator[Planned]:
        """Everybody who is to be sent to, in the order of the audience.

        Raises:
            PlanError: A line is not what a plan has, or the file has changed since its seal was checked.
        """
        for said in self._lines():
            if "left_out" not in said:
                try:
                    values = unpacked(said["variables"])
                except RecursionError:
                    raise PlanError("the values of a person are nested too deeply") from None
                whom = CampaignRecipient(said["line"], _recipient(said), values, said["zone"])
                yield Planned(whom, said["messages"], said.get(SHUT))

    def left_out(self) -> list[Omission]:
        """Everybody else of its audience; raises as `people` does."""
        return [
            Omission(said["line"], _recipient(said), said["left_out"], said["reason"])
            for said in self._lines()
            if "left_out" in said
        ]

    def _lines(self) -> Iterator[dict[str, Any]]:
        zoned = schedule_from(self.header.schedule, self.header.created_at).is_local
        after = {True: 0, False: 0}
        with self._path.open("rb") as file:
            if stamp(file) != self._as_checked:
                raise PlanError("it has changed since it was checked", "run the command again")
            file.readline(_LONGEST)
            for number, line in enumerate(file, 2):
                said = _object(line)
                if "sha256" in said:
                    return
                is_person = "left_out" not in said
                after[is_person] = check_row(said, number, after[is_person], zoned=zoned, listens=self.header.listens)
                yield said


def open_plan(path: Path) -> Plan:
    """The plan in a file, its seal checked.

    Raises:
        PlanError: It is no plan, one of another version, or not as it was made.
        OSError: It cannot be read.
    """
    seal, last = sha256(), b""
    with path.open("rb") as file:
        as_checked = stamp(file)
        first = file.readline(_LONGEST)
        head = _object(first)
        if head.get(MARK) not in VERSIONS:
            known = listed(map(str, VERSIONS), "and")
            raise PlanError(f"it has version {head.get(MARK)}; this version of flowrunner reads {known}")
        last = first
        for line in file:
            seal.update(last)
            last = line
    if _object(last).get("sha256") != seal.hexdigest():
        raise PlanError("it was changed after it was made, or its end is missing")
    check_head(head)
    return Plan(path, Header.of(head), as_checked)


def _object(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line, parse_constant=_refused)
        if rb"\u" in line:
            json.dumps(said, ensure_ascii=False).encode()  # half of a character could be neither sent nor kept
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise PlanError("it was changed after it was made, or its end is missing")
    return cast("dict[str, Any]", said)


def _refused(constant: str) -> float:
    raise ValueError(constant)  # NaN is not JSON


def _recipient(said: Mapping[str, Any]) -> Recipient:
    return Recipient(*(str(said.get(name, "")) for name in Recipient._fields))
