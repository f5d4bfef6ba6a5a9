"""Those who want to be written to no more: listed, kept, let in again, and taken from a file."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.app.blocking import blocking
from flowrunner.audience import Known
from flowrunner.audience.people import Listed, person, read_people, whole
from flowrunner.audience.source import Fault
from flowrunner.clock import SYSTEM, Clock
from flowrunner.diagnostics.errors import FlowError, RefusedError
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.places import Place
from flowrunner.model import OptOut, Recipient

EVERYWHERE: Final = ""
"""In the place of an API, where somebody wants to be written to by none."""
_AT_ONCE: Final = 500
"""People of one commit."""
_FIRST: Final = datetime(1980, 1, 1, tzinfo=UTC).timestamp()
"""Nobody was written to before; a spreadsheet's number of a day would be of the seventies."""
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_MORE: Final = ("reason", "at", "target")
"""What a file may say of somebody, beside who they are."""


class Imported(NamedTuple):
    """What a file has brought.

    Attributes:
        added: How many people were not kept before.
        known: How many were.
    """

    added: int
    known: int


def named(text: str, *, region: str = "") -> Recipient:
    """Whom a text names: a phone in any spelling, WhatsApp's id of a user, or a conversation's id.

    Raises:
        RefusedError: It names nobody.
    """
    its = person(text, region=region)
    if isinstance(its, Recipient):
        return its
    raise RefusedError(f"{text!r}: {its.message}", its.hint)


def by_person(people: Iterable[OptOut]) -> list[list[OptOut]]:
    """Those of each person together, by phone or user id: somebody may have said stop to several APIs."""
    known, found = Known(), dict[int, list[OptOut]]()
    for place, each in enumerate(people, 1):
        first = known.add(place, each.recipient._replace(conversation=""))[0]
        found.setdefault(first or place, []).append(each)
    return [*found.values()]


async def keep(journal: Journal, people: Sequence[OptOut]) -> Imported:
    """Keep that these want to be written to no more; who is kept already stays as they are."""
    met, known = Known(), 0
    for start in range(0, len(people), _AT_ONCE):
        some = people[start : start + _AT_ONCE]
        kept = await journal.opted_out(EVERYWHERE, [each.recipient for each in some])
        known += sum(
            met.add(start + place + 1, each.recipient) != (0,) or place in kept for place, each in enumerate(some)
        )
        await asyncio.gather(*(journal.opt_out(its.target, its.recipient, its.reason, its.at) for its in some))
    return Imported(len(people) - known, known)


def read_optouts(path: Path, *, region: str = "", reason: str = "", clock: Clock = SYSTEM) -> list[OptOut]:
    """The people of a file; what it may hold says `flowrunner.audience.people.read_people`.

    Its columns, or members, ``reason``, ``at`` (ISO 8601, or seconds since the epoch) and ``target`` are kept.

    Args:
        path: The file; ``-`` for standard input.
        region: The country of the phone numbers that are written without one, as two letters.
        reason: Why those are kept of whom the file does not say it.
        clock: Says when they said so, where the file does not.

    Raises:
        FlowError: A line cannot be understood.
    """
    now, found = clock.now(), list[OptOut]()

    def keep(its: Listed) -> tuple[str, Fault] | None:
        more = its.more
        try:
            at = _moment(more["at"]) if "at" in more else now
        except ValueError:
            from flowrunner.languages.days import moment_hint  # few moments are none

            hint = moment_hint(more["at"]) or "write it like 2026-12-01T09:00Z"
            return "at", Fault("bad-recipient", f"{more['at']!r} is not a moment", hint)
        found.append(OptOut(whole(its.named), more.get("reason", reason), at, more.get("target", EVERYWHERE)))
        return None

    if problems := read_people(path, keep, region=region, more=_MORE):
        raise FlowError(problems)
    return found


def _moment(text: str) -> float:
    """Raises ValueError where it is none that can be shown; without an offset it is this computer's."""
    try:
        found = float(text)
    except ValueError:
        found = datetime.fromisoformat(text).timestamp()
    if not _FIRST <= found <= _LAST:
        raise ValueError(text)
    return found


async def optouts_async(*, journal: Place | str) -> list[OptOut]:
    """Everybody who wants to be written to no more, in the order in which it was kept.

    Raises:
        JournalError: The journal cannot be used.
    """
    async with open_journal(journal, read_only=True, clock=SYSTEM) as kept:
        return [each async for each in kept.optouts()]


async def opt_out_async(
    recipient: Recipient | str, *, journal: Place | str, reason: str = "", region: str = "", clock: Clock = SYSTEM
) -> bool:
    """Keep that somebody wants to be written to no more, by whatever name, by any flow and any API.

    Args:
        recipient: Who; as a text a phone in any spelling, a user id or a conversation's id.
        journal: The file that keeps it; made if it is not there.
        reason: What they said, or why it is kept.
        region: The country of a phone that is written without one, as two letters.
        clock: Where time comes from.

    Returns:
        Whether it was not kept before.

    Raises:
        RefusedError: The text names nobody.
        JournalError: The journal cannot be used.
    """
    whom = named(recipient, region=region) if isinstance(recipient, str) else recipient
    async with open_journal(journal, clock=clock) as kept:
        return bool((await keep(kept, [OptOut(whom, reason, clock.now())])).added)


async def opt_in_async(recipient: Recipient | str, *, journal: Place | str, region: str = "") -> bool:
    """Forget that somebody wants to be written to no more, by all their names. Returns whether they did.

    For the arguments and errors see `opt_out_async`.
    """
    whom = named(recipient, region=region) if isinstance(recipient, str) else recipient
    async with open_journal(journal, clock=SYSTEM) as kept:
        return await kept.opt_in(EVERYWHERE, whom)


async def import_optouts_async(
    path: Path | str, *, journal: Place | str, region: str = "", reason: str = "", clock: Clock = SYSTEM
) -> Imported:
    """Keep of everybody in a file that they want to be written to no more; all or none. See `read_optouts`.

    Raises:
        FlowError: A line cannot be understood.
        JournalError: The journal cannot be used.
    """
    people = read_optouts(Path(path), region=region, reason=reason, clock=clock)
    async with open_journal(journal, clock=clock) as kept:
        return await keep(kept, people)


optouts = blocking(optouts_async)
opt_out = blocking(opt_out_async)
opt_in = blocking(opt_in_async)
import_optouts = blocking(import_optouts_async)
