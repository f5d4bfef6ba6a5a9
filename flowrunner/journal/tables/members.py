"""Campaigns and their runs as rows, and back: a million at a time, so what they share is written once."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, cast

from flowrunner.engine.history.phases import Phase, RunState, called_off, taken_up
from flowrunner.journal.errors import JournalError
from flowrunner.journal.tables import records
from flowrunner.journal.tables.columns import kept_of, listed, write_states
from flowrunner.journal.tables.database import EVERY, Database
from flowrunner.journal.tables.ledger import count_runs
from flowrunner.journal.tables.names import learn
from flowrunner.journal.tables.records import as_begun, check_run, flow_key, pack, storable, unpack, variables
from flowrunner.journal.tables.seals import seal, who
from flowrunner.journal.tables.writes import Write
from flowrunner.model import Recipient, Run
from flowrunner.numbers import packed

if TYPE_CHECKING:
    from flowrunner.journal.many import Beginning, Member, Omission
    from flowrunner.model.campaigns import Campaign


def begin_campaign(campaign: "Campaign") -> Write:
    """Writes a campaign without its runs."""
    storable(campaign.id, campaign.flow_name, campaign.target, campaign.now, campaign.audience)
    storable(campaign.bundle.path, *campaign.bundle.files.values())
    its, options = campaign, pack(campaign.options)

    def apply(db: Database) -> JournalError | None:
        if db.execute("SELECT 1 FROM campaigns WHERE id = ?", (its.id,)).fetchone():
            return JournalError(f"campaign {its.id} is already in the journal")
        row = (its.id, flow_key(db, its), its.now, float(its.created_at), its.audience, its.total, options)
        db.execute(
            "INSERT INTO campaigns (id, flow, now, created_at, audience, total, options, seal, listens)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, seal(*row), its.listens),
        )
        return None

    return Write(apply)


_RunRow = tuple[str, Recipient, str, str | None, int, str]
"""Id, recipient, packed values, packed names, line, time zone."""


def begin_runs(campaign_id: str, beginnings: "Sequence[Beginning]") -> Write:
    """Writes runs of a campaign, all or none."""
    rows: list[_RunRow] = []
    for run_id, recipient, given, line, zone in beginnings:
        storable(run_id, *recipient)
        values, names = (pack(packed(list(given.values()))), pack(list(given))) if given else ("", None)
        rows.append((run_id, recipient, values, names, line, zone))
    return Write(lambda db: _begin_runs(db, campaign_id, rows), len(rows), begins=True)


def _begin_runs(db: Database, campaign_id: str, runs: Sequence[_RunRow]) -> JournalError | None:
    found = db.execute(
        "SELECT campaigns.key, flow, target, listens FROM campaigns JOIN flows ON flows.key = flow WHERE id = ?",
        (campaign_id,),
    ).fetchone()
    if found is None:
        return _unknown(campaign_id)
    shapes = {names: _shape(db, names) for names in {row[3] for row in runs} if names is not None}
    key, flow, target, listens = found
    rows = [
        (
            run_id, *its, values, shapes.get(cast("str", names)), line, zone,
            seal(run_id, its[0], who(its[1], its[2]), values, names or "", "", 0.0, line, zone, flow, key),
        )
        for run_id, its, values, names, line, zone in runs
    ]  # fmt: skip
    new = 0
    db.execute("SAVEPOINT runs")
    for values, parameters in db.blocks(rows, str, str, str, str, str, int, int, str, int):
        new += db.execute(
            f"INSERT INTO runs ({_FRESH}, campaign, flow, listens, now, created_at, state)"  # noqa: S608 - our own
            f" WITH fresh ({_FRESH}) AS {values} SELECT {_FRESH}, ?, ?, ?, '', 0, 'new' FROM fresh"
            " WHERE id IS NOT NULL ON CONFLICT (id) DO NOTHING",
            (*parameters, key, flow, listens),
        ).rowcount
    known = new < len(rows)
    learn(db, target, [row[1] for row in runs])
    count_runs(db, len(rows))
    if known:
        db.execute("ROLLBACK TO runs")
    db.execute("RELEASE runs")
    return JournalError("one of these runs is already in the journal") if known else None


_FRESH: Final = "id, conversation, phone, user_id, variables, shape, line, zone, seal"


def _shape(db: Database, names: str) -> int:
    question = "SELECT key FROM shapes WHERE names = ?"
    if (found := db.execute(question, (names,)).fetchone()) is None:
        db.execute("INSERT INTO shapes (names) VALUES (?)", (names,))
        found = db.execute(question, (names,)).fetchone()
    return cast("tuple[int]", found)[0]


def omit(campaign_id: str, omissions: "Sequence[Omission]") -> Write:
    """Writes who was left out; a line that was written before stays as it was."""
    rows = [(line, *its, state, reason) for line, its, state, reason in omissions]
    for _, *texts in rows:
        storable(*texts)

    def apply(db: Database) -> JournalError | None:
        found = db.execute("SELECT key FROM campaigns WHERE id = ?", (campaign_id,)).fetchone()
        if found is None:
            return _unknown(campaign_id)
        for values, parameters in db.blocks(rows, int, str, str, str, str, str):
            db.execute(
                f"WITH fresh (line, conversation, phone, user_id, state, reason) AS {values}"  # noqa: S608
                " INSERT INTO skipped (campaign, line, conversation, phone, user_id, state, reason)"
                " SELECT ?, line, conversation, phone, user_id, state, reason FROM fresh WHERE line IS NOT NULL"
                " ON CONFLICT DO NOTHING",
                (*parameters, *found),
            )
        return None

    return Write(apply, len(rows))


def is_due(db: Database, campaign_id: str, now: float) -> bool:
    """Whether any run is there whose time has come."""
    its = "SELECT 1 FROM runs WHERE campaign = (SELECT key FROM campaigns WHERE id = ?) AND wake_at <= ? AND lent <= ?"
    return db.execute(f"{its} LIMIT 1", (campaign_id, now, now)).fetchone() is not None


def wake(
    db: Database, campaign_id: str, now: float, limit: int, only: Sequence[int] | None, owner: str, lease: float
) -> "list[Member]":
    """Take runs whose time has come. Returns them; they are under way from then on, and lent as `parked.due` lends."""
    chosen = f"AND runs.key IN ({db.listed(int)})" if only else ""
    where = f"runs.campaign = ? AND wake_at <= ? AND lent <= ? {chosen} ORDER BY wake_at, runs.key LIMIT ?"
    due = members(db, campaign_id, where, (now, now, *([json.dumps(only)] if only else []), limit))
    kept = kept_of(db, [member.run.id for member in due]).values()
    write_states(db, [its._replace(state=taken_up(its.state)) for its in kept])
    keys = json.dumps([member.key for member in due])
    lent = f"UPDATE runs SET lent = ?, lent_to = ? WHERE key IN ({db.listed(int)})"  # noqa: S608 - our own
    db.execute(lent, (now + lease, owner, keys))
    return due


def cancel(db: Database, campaign_id: str, at: float) -> int:
    """Call a campaign off; the first time counts. Returns how many runs were ended by it: some, again and again.

    It is marked before any of them, so that none can be left out that began meanwhile.
    """
    db.execute("UPDATE campaigns SET cancelled_at = coalesce(cancelled_at, ?) WHERE id = ?", (at, campaign_id))
    found = db.execute(
        "SELECT runs.id FROM runs JOIN campaigns ON campaigns.key = runs.campaign"  # noqa: S608 - our own
        f" WHERE campaigns.id = ? AND state IN ({_GOES_ON}) LIMIT ?",
        (campaign_id, CANCELLED_AT_ONCE),
    ).fetchall()
    write_states(db, kept_of(db, [run for (run,) in found]).values())
    return len(found)


CANCELLED_AT_ONCE: Final = 2_000
"""Runs of one commit: the file is locked for other writers meanwhile."""
_GOES_ON: Final = listed(phase for phase in Phase if called_off(RunState(phase)).phase is not phase)


_CAMPAIGNS = """
    SELECT campaigns.id, flows.name, flows.path, flows.digest, flows.target, campaigns.now,
        campaigns.created_at, audience, total, options, listens
    FROM campaigns JOIN flows ON flows.key = campaigns.flow
"""


def campaigns(db: Database, where: str = "", parameters: Sequence[object] = (), limit: int = EVERY) -> "list[Campaign]":
    """The campaigns for which ``where`` is true (an SQL clause of ours), newest first."""
    from flowrunner.model.campaigns import Campaign  # who sends to one person has none

    found = db.execute(f"{_CAMPAIGNS} {where} ORDER BY campaigns.key DESC LIMIT ?", (*parameters, limit)).fetchall()
    return [
        Campaign._make((*row[:2], records.bundle_of(db, *row[2:4]), *row[4:9], unpack(row[9]), bool(row[10])))
        for row in found
    ]


def campaign(db: Database, campaign_id: str) -> "Campaign | None":
    """The campaign with exactly this id."""
    return next(iter(campaigns(db, "WHERE campaigns.id = ?", (campaign_id,))), None)


def newest(db: Database, phases: Sequence[Phase], limit: int | None) -> "list[Campaign]":
    """Campaigns, newest first; with ``phases`` those that were not cancelled and have a run in one of them."""
    so = f"state IN ({','.join('?' * len(phases))})"
    some = f"cancelled_at IS NULL AND EXISTS (SELECT 1 FROM runs WHERE runs.campaign = campaigns.key AND {so})"  # noqa: S608
    return campaigns(db, f"WHERE {some}" if phases else "", phases, EVERY if limit is None else limit)


def cancelled_at(db: Database, asked: Sequence[str]) -> list[float | None]:
    """When each of these campaigns was cancelled."""
    when = "SELECT cancelled_at FROM campaigns WHERE id = ?"
    found = {campaign_id: db.execute(when, (campaign_id,)).fetchone() for campaign_id in dict.fromkeys(asked)}
    return [its[0] if (its := found[campaign_id]) else None for campaign_id in asked]


def pending(
    db: Database, campaign_id: str, phases: Sequence[Phase], after: int, limit: int, heard: int = 0
) -> "list[Member]":
    """The next runs that have come to that, and heard so much at least, in the order of the audience."""
    # One search for each phase, merged: the index has each in the order of keys, but not all together.
    one = (
        "SELECT key FROM (SELECT key FROM runs WHERE campaign = (SELECT key FROM campaigns WHERE id = ?) AND state = ?"
        " AND key > ? AND heard >= ? ORDER BY key LIMIT ?) AS one"
    )
    every = " UNION ALL ".join([one] * len(phases))
    asked = [each for phase in phases for each in (campaign_id, phase, after, heard, limit)]
    keys = sorted(key for (key,) in db.execute(every, asked))[:limit] if phases else []
    where = f"+runs.campaign = ? AND runs.key IN ({db.listed(int)}) ORDER BY runs.key"
    return members(db, campaign_id, where, (json.dumps(keys),)) if keys else []


def members(db: Database, campaign_id: str, where: str, parameters: Sequence[object] = ()) -> "list[Member]":
    """Runs of a campaign, chosen and put in order by ``where`` (an SQL clause of ours; its first mark the campaign)."""
    from flowrunner.journal.many import Member  # a run for one person is none of a campaign

    its = next(iter(campaigns(db, "WHERE campaigns.id = ?", (campaign_id,))), None)
    if its is None:
        return []
    (key,) = db.execute("SELECT key FROM campaigns WHERE id = ?", (campaign_id,)).fetchone()
    rows = db.execute(
        "SELECT runs.key, state, found, seal, runs.id, conversation, phone, user_id, variables, names, now,"  # noqa: S608
        " created_at, line, zone, flow, coalesce(campaign, 0)"
        f" FROM runs LEFT JOIN shapes ON shapes.key = runs.shape WHERE {where}",
        (key, *parameters),
    ).fetchall()
    for _, _, _, its_seal, run_id, *rest in rows:
        check_run(its_seal, run_id, rest[:3], *rest[3:])
    flow = (its.flow_name, its.bundle)
    return [
        Member(
            place,
            line,
            Phase(state),
            Run(
                run_id,
                *flow,
                as_begun(whom[0], whom[1], whom[2], found),
                its.target,
                variables(values, names),
                its.now,
                its.created_at,
                its.listens,
            ),
            zone,
            whom[0],
        )
        for place, state, found, _, run_id, *whom, values, names, _, _, line, zone, _, _ in rows
    ]


def _unknown(campaign_id: str) -> JournalError:
    return JournalError(f"there is no campaign {campaign_id} in the journal")
