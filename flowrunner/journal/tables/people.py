"""The runs of people, by whatever of their names: a thousand people are asked for at a time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowrunner.client.access import target_key
from flowrunner.journal.tables.database import Database
from flowrunner.model import Recipient


def runs_of(
    db: Database,
    target: str,
    recipients: Sequence[Recipient],
    also: Mapping[int, Sequence[Recipient]],
    wanted: str,
    chosen: str = "TRUE",
) -> Iterator[tuple[Any, ...]]:
    """Runs to these people at that API: the place of each, and what is ``wanted`` of the run.

    One may come more than once. ``wanted`` are columns, ``chosen`` a condition, both of ours.

    Args:
        db: The journal.
        target: The API.
        recipients: The people.
        also: The other names of some, by their places.
        wanted: What is told of each run.
        chosen: Which runs.
    """
    people = [(place, each) for place, its in enumerate(recipients) for each in (its, *also.get(place, ()))]
    for column, rows in by_column(people).items():
        for values, names in db.blocks(rows, int, str):
            found = db.execute(
                f"WITH fresh (place, name) AS {values} SELECT flows.target, place, {wanted}"  # noqa: S608 - our own
                f" FROM fresh CROSS JOIN runs ON runs.{column} = fresh.name CROSS JOIN flows ON flows.key = runs.flow"
                f" WHERE place IS NOT NULL AND runs.{column} <> '' AND ({chosen})",
                names,
            ).fetchall()
            yield from (row for at, *row in found if target_key(at) == target_key(target))


def by_column(people: Sequence[tuple[int, Recipient]]) -> dict[str, list[tuple[int, str]]]:
    """Their names by the column of runs that has such; a phone in all its spellings."""
    from flowrunner.phones.spellings import spellings  # a report needs none of it

    def spelt(phone: str) -> tuple[str, ...]:
        return (phone, *spellings(f"+{phone}")) if phone.isdecimal() else spellings(phone)  # as the API writes it

    return {
        "conversation": [(place, its.conversation) for place, its in people if its.conversation],
        "phone": [(place, phone) for place, its in people if its.phone for phone in spelt(its.phone)],
        "user_id": [(place, its.user_id) for place, its in people if its.user_id],
    }
