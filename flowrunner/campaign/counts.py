"""How many people of an audience are sent to, who is left out, and what is wrong with the others."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from flowrunner.diagnostics import Diagnostic
from flowrunner.journal.many import Omission
from flowrunner.model import Recipient

MOST_ASKED: Final = 50_000
"""People who are remembered to be asked for; more could not be asked in any time that somebody waits."""


class Waiting(NamedTuple):
    """Somebody who is sent free text first, so that they must have written lately.

    Attributes:
        line: Theirs in the audience.
        messages: How many they get.
        had: Whether they had the flow before, or part of it.
        elsewhere: By which other API they did, where they did not by this one; empty for none.
        zone: Their time zone, if it matters.
    """

    line: int
    recipient: Recipient
    messages: int
    had: bool = False
    zone: str = ""
    elsewhere: str = ""


@dataclass(slots=True)
class AudienceCheck:
    """What checking an audience gave.

    Attributes:
        rows: How many were checked, whatever came of it.
        people: How many will be sent to.
        messages: How many messages that are.
        phones: How many of them are named by phone, so that the API must be asked for their conversation.
        waiting: The first of those who are sent free text first, so that they must have written lately.
        others: How many more of them there are.
        faults: How many problems there are that forbid to begin.
        shown: The first of them.
        omissions: Who is left out, and why.
        again: How many of the people who will be sent to had it before, or some of its messages.
        elsewhere: How many others of them had it by another API, by its name.
        zones: How many people live in each time zone, by its IANA name; empty where their clocks do not matter.
        unrecognised: How many of the people who will be sent to have no name of the kinds that the exclusions have.
        oddities: How many warnings there are about those who will be sent to.
        odd: The first of them.
    """

    rows: int = 0
    people: int = 0
    messages: int = 0
    phones: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    others: int = 0
    faults: int = 0
    shown: list[Diagnostic] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    again: int = 0
    elsewhere: Counter[str] = field(default_factory=Counter)
    zones: Counter[str] = field(default_factory=Counter)
    unrecognised: int = 0
    oddities: int = 0
    odd: list[Diagnostic] = field(default_factory=list)

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many are left out, by the reason."""
        reasons: Counter[str] = Counter()
        for each in self.omissions:
            faulty = each.state == "invalid"
            reasons["faulty" if faulty else each.reason.partition(",")[0].partition(" line")[0]] += 1
        return reasons

    def wait(self, whom: Waiting) -> None:
        """Remember somebody who is to be asked for; of too many only that they are there."""
        if len(self.waiting) < MOST_ASKED:
            self.waiting.append(whom)
        else:
            self.others += 1

    def leave_out(self, whom: Waiting, why: str) -> None:
        """Count somebody no longer among those who are sent to."""
        self.omissions.append(Omission(whom.line, whom.recipient, "skipped", why))
        self.people -= 1
        self.messages -= whom.messages
        self.phones -= bool(whom.recipient.phone)
        self.again -= whom.had
        if whom.elsewhere:
            self.elsewhere -= Counter([whom.elsewhere])
        if whom.zone:
            self.zones -= Counter([whom.zone])  # and a zone in which nobody is left is none
