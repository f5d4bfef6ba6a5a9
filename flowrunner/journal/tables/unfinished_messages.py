"""Messages whose way to the phone is not known to its end."""

from flowrunner.engine.history.phases import Phase
from flowrunner.journal.many import Followed
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.outcomes import histories, step_state
from flowrunner.model import Recipient

_PAGE = 500
_AT_ITS_END = (Phase.FINISHED, Phase.UNDELIVERED)


def followed(
    db: Database, target: str, campaign_id: str, run_id: str, since: float, after: int
) -> tuple[list[Followed], int | None]:
    """A page of such runs, chosen as `Journal.followed` says, and the key that the next page begins after, if any."""
    page = db.execute(
        "SELECT runs.key, id, conversation, phone, user_id, state FROM runs WHERE runs.key > ? AND state <> 'new'"
        " AND flow IN (SELECT key FROM flows WHERE target = ?)"
        " AND (? = '' OR campaign = (SELECT key FROM campaigns WHERE id = ?)) AND (? = '' OR id = ?)"
        " AND (SELECT at FROM events WHERE run = runs.key ORDER BY key DESC LIMIT 1) >= ? ORDER BY runs.key LIMIT ?",
        (after, target, campaign_id, campaign_id, run_id, run_id, since, _PAGE),
    ).fetchall()
    moving: dict[int, dict[str, int]] = {}
    for values, keys in db.blocks([(key,) for key, *_ in page], int):
        found = db.execute(f"{histories(db)} WHERE runs.key IN {values} GROUP BY runs.key, step", keys)
        for run, step, _, _, history in found:
            state = step_state(history)
            if state.is_on_its_way:
                moving.setdefault(run, {})[step] = state.rank
    ids: dict[tuple[int, str], str] = {}
    for values, keys in db.blocks([(key,) for key in moving], int):
        accepted = f"kind = 'accepted' AND message_id <> '' AND run IN {values}"
        found = db.execute(f"SELECT run, step, message_id FROM events WHERE {accepted} ORDER BY key", keys)  # noqa: S608
        ids.update(((run, step), message_id) for run, step, message_id in found)
    runs = [
        Followed(
            run_id,
            Recipient(*whom),
            phase in _AT_ITS_END,
            {ids[key, step]: (step, rank) for step, rank in moving[key].items() if (key, step) in ids},
        )
        for key, run_id, *whom, phase in page
        if key in moving
    ]
    return runs, page[-1][0] if len(page) == _PAGE else None
