"""In which languages a campaign's people were written to, counted by the database."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from flowrunner.engine.history.phases import Phase
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.journal.tables.database import Database
from flowrunner.journal.values import STATES

_NAMED = f'%"{LANGUAGE}"%'


def by_language(db: Database, key: int, first: int, last: int) -> dict[str, Mapping[str, int]]:
    """For each language, how many of a campaign's people are in which state; nothing where no run has one.

    Args:
        db: The journal.
        key: The campaign's row.
        first: The first key of its runs.
        last: The last one.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for shape, path in _paths(db):
        for language, phase, count in db.execute(
            "SELECT json_extract(variables, ?), state, count(*) FROM runs"
            " WHERE key BETWEEN ? AND ? AND +campaign = ? AND shape = ? AND json_valid(variables)"
            " GROUP BY 1, 2",
            (path, first, last, key, shape),
        ):
            if isinstance(language, str):
                found[language][STATES[Phase(phase)]] += count
    most_first = sorted(found, key=lambda code: (-found[code].total(), code))
    return {code: found[code] for code in most_first}


def _paths(db: Database) -> Iterator[tuple[int, str]]:
    """Where the language stands in the variables of a campaign's run, for each shape that these may have."""
    for shape, names in db.execute("SELECT key, names FROM shapes WHERE names LIKE ?", (_NAMED,)):
        known = json.loads(names)
        if isinstance(known, list) and LANGUAGE in known:
            yield shape, f"$[{known.index(LANGUAGE)}]"
