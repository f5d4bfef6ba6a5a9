"""What became of a campaign: its figures added up by the database, its people read a page at a time."""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any

from flowrunner.engine.history.phases import TOLD_BY, Phase
from flowrunner.journal.tables import members
from flowrunner.journal.tables.columns import MARK
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.languages import by_language
from flowrunner.journal.tables.outcomes import counts, histories, key_of, step_state
from flowrunner.journal.tables.records import unpack, variables
from flowrunner.journal.tables.tallies import WORDS, Steps, is_answer, of_campaign, span, written
from flowrunner.journal.values import STATES
from flowrunner.model import Recipient
from flowrunner.model.campaigns import CampaignReport, RecipientReport
from flowrunner.model.plain import NOTHING

_PAGE = 1_000
"""Recipients of one read: short, for while a read lasts the log of writes cannot be emptied."""

_SPANS = 120
_WIDTHS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]
"""Seconds that a span of the timeline may have; beyond, whole days."""

_MOST_REASONS = 100

_EVERY = {*STATES.values(), "skipped", "invalid"}

_Ask = Callable[[Callable[[Database], Any]], Awaitable[Any]]
"""Puts a question to the file, in another thread."""


def report(db: Database, ask: _Ask, campaign_id: str, steps: Steps, state: str) -> CampaignReport | None:
    """What became of a campaign; None where there is no such."""
    key = key_of(db, campaign_id)
    if key is None:
        return None
    (campaign,) = members.campaigns(db, "WHERE campaigns.key = ?", (key,))
    tallies, questions, first, last = of_campaign(db, key, steps)
    started, updated = (_moment(db, event, campaign.created_at) for event in (first, last))
    return CampaignReport(
        campaign,
        tallies,
        counts(db, campaign_id).states,
        _reasons(db, key),
        _timeline(db, key, first, last, started, updated) if first else (),
        started,
        updated,
        _Recipients(ask, key, steps, {state} if state else _EVERY, answer=bool(questions)),
        _Recipients(ask, key, steps, {"failed", "in_doubt"}, answer=bool(questions)),
        questions=questions,
        languages=by_language(db, key, *span(db, key)),
    )


def _moment(db: Database, event: int, default: float) -> float:
    found = db.execute("SELECT at FROM events WHERE key = ?", (event,)).fetchone()
    return float(found[0]) if found else default


def _reasons(db: Database, key: int) -> tuple[tuple[str, int], ...]:
    found = db.each(
        "SELECT (SELECT detail FROM events WHERE run = runs.key AND kind = 'failed' ORDER BY key DESC LIMIT 1)"
        " FROM runs WHERE campaign = ? AND state IN ('failed', 'undelivered')",
        (key,),
    )
    kinds = Counter(_kind_of_reason(detail) for (detail,) in found)
    ranked = sorted(kinds.items(), key=lambda its: (-its[1], its[0]))
    most, others = ranked[:_MOST_REASONS], ranked[_MOST_REASONS:]
    if others:
        most.append((f"{len(others)} other reasons", sum(count for _, count in others)))
    return tuple(most)


def _reason(detail: str | None) -> str:
    return str(unpack(detail or "").get("reason", ""))


_ITS_OWN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a message's or a conversation's id
    r"|\brun [0-9a-z]{12,13}(?:-[0-9a-f]{7})?\b|\bwamid\.[\w+/=-]+|[+]?\d(?:[ .-]?\d){6,}"
)
"""What names one person, run or message."""


def _kind_of_reason(detail: str | None) -> str:
    """The reason without what makes it everybody's own."""
    return _ITS_OWN.sub(lambda found: "a run" if found[0].startswith("run ") else "…", _reason(detail))


def _timeline(
    db: Database, key: int, first: int, last: int, started: float, updated: float
) -> tuple[tuple[float, int, int], ...]:
    """Spans of one width that begin where clocks do, from the first event to the last, none left out."""
    length = max(updated - started, 1.0)
    width = next((each for each in _WIDTHS if length / each < _SPANS - 1), 0) or 86400 * int(length / 86400 / 100 + 1)
    start = started // width * width
    count = int((updated - start) // width) + 1
    found = db.execute(
        f"SELECT max(0, min(?, {db.whole('(at - ?) / ?')})),"  # noqa: S608 - our own clause
        f" count(CASE WHEN {MARK} = 'accepted' THEN 1 END), count(CASE WHEN {MARK} IN ('failed', 'learnt') THEN 1 END)"
        " FROM events CROSS JOIN runs ON runs.key = events.run"
        " WHERE events.key BETWEEN ? AND ? AND kind IN ('accepted', 'failed') AND campaign = ?"
        " GROUP BY 1",
        (count - 1, start, width, first, last, key),
    )
    spans = {place: (accepted, failed) for place, accepted, failed in found}
    return tuple((start + place * width, *spans.get(place, (0, 0))) for place in range(count))


class _Recipients:
    """Recipients in these states, in the order of the audience; read again each time they are gone through."""

    def __init__(self, ask: _Ask, key: int, steps: Steps, states: Collection[str], *, answer: bool) -> None:
        self._ask = ask
        self._key = key
        self._states = json.dumps(sorted(states))
        self._phases = json.dumps([phase for phase, state in STATES.items() if state in states])
        self._labels = {step: label for step, (label, _) in steps.items()}
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[RecipientReport]:
        omitted, runs = self._omitted(), self._runs()
        left = await anext(omitted, None)
        async for entry in runs:
            while left is not None and left.row < entry.row:
                yield left
                left = await anext(omitted, None)
            yield entry
        while left is not None:
            yield left
            left = await anext(omitted, None)

    async def _omitted(self) -> AsyncIterator[RecipientReport]:
        after: int | None = -1
        while after is not None:
            page, after = await self._ask(partial(self._omitted_page, after=after))
            for entry in page:
                yield entry

    def _omitted_page(self, db: Database, after: int) -> tuple[list[RecipientReport], int | None]:
        page = db.execute(
            "SELECT conversation, phone, user_id, line, state, reason FROM skipped"  # noqa: S608 - our own
            f" WHERE campaign = ? AND line > ? AND state IN ({db.listed(str)})"
            " ORDER BY line LIMIT ?",
            (self._key, after, self._states, _PAGE),
        ).fetchall()
        entries = [
            RecipientReport("", Recipient(conversation, phone, user_id), line, state, reason=reason)
            for conversation, phone, user_id, line, state, reason in page
        ]
        return entries, entries[-1].row if len(entries) == _PAGE else None

    async def _runs(self) -> AsyncIterator[RecipientReport]:
        first, last = await self._ask(partial(span, key=self._key))
        while first <= last:
            page, first = await self._ask(partial(self._page, first=first, last=last))
            for entry in page:
                yield entry

    def _page(self, db: Database, first: int, last: int) -> tuple[list[RecipientReport], int]:
        """A page of runs with keys from ``first`` to ``last``, and the key that the next one begins with."""
        page = db.execute(
            "SELECT runs.key, id, conversation, phone, user_id, line, state, variables, names, zone"  # noqa: S608
            " FROM runs"
            " LEFT JOIN shapes ON shapes.key = runs.shape WHERE runs.key BETWEEN ? AND ? AND +campaign = ?"
            f" AND state IN ({db.listed(str)}) ORDER BY runs.key LIMIT ?",
            (first, last, self._key, self._phases, _PAGE),
        ).fetchall()
        keys = [row[0] for row in page]
        reached, updated = self._reached(db, keys)
        reasons = _held_back(db, (key for key, (_, status) in reached.items() if status == "accepted"))
        reasons |= _why(db, page)
        answers = self._answers(db, keys) if self._answer else {}
        entries = []
        for key, run_id, conversation, phone, user_id, line, state, values, names, zone in page:
            recipient = Recipient(conversation, phone, user_id)
            step, status = reached.get(key, ("", ""))
            told = (STATES[Phase(state)], step, status, reasons.get(key, ""), updated.get(key, 0.0))
            its = answers.get(key, NOTHING)
            entries.append(RecipientReport(run_id, recipient, line, *told, variables(values, names), zone, its))
        return entries, keys[-1] + 1 if len(page) == _PAGE else last + 1

    def _reached(self, db: Database, keys: Sequence[int]) -> tuple[dict[int, tuple[str, str]], dict[int, float]]:
        """For each run, the step that was reached last and how far it came; and when its last event was."""
        reached: dict[int, tuple[int, str, str]] = {}
        last: dict[int, int] = {}
        for values, chosen in db.blocks([(key,) for key in keys], int):
            for run, step, begun, latest, history in db.execute(
                f"{histories(db)} WHERE runs.key IN {values} GROUP BY runs.key, step", chosen
            ):
                last[run] = max(latest, last.get(run, 0))
                if step and (run not in reached or begun > reached[run][0]):
                    reached[run] = (begun, step, history)
        updated: dict[int, float] = {}
        for values, events in db.blocks([(event,) for event in last.values()], int):
            updated.update(db.execute(f"SELECT run, at FROM events WHERE key IN {values}", events))  # noqa: S608
        return {run: self._said(step, history) for run, (_, step, history) in reached.items()}, updated

    def _answers(self, db: Database, keys: Sequence[int]) -> dict[int, dict[str, str]]:
        """What each run's person has answered last to each question, by its label."""
        found: dict[int, dict[str, str]] = {}
        for values, chosen in db.blocks([(key,) for key in keys], int):
            for run, step, detail in db.execute(
                "SELECT run, step, detail FROM events"  # noqa: S608 - only marks
                f" WHERE run IN {values} AND kind = 'answered' AND step <> '' ORDER BY events.key",
                chosen,
            ):
                its = unpack(detail)
                if is_answer(str(its.get("branch", ""))):
                    said = next((str(its[name]) for name in ("text", "choice", "name") if its.get(name)), "")
                    found.setdefault(run, {})[self._labels.get(written(step), written(step))] = said
        return found

    def _said(self, step: str, history: str) -> tuple[str, str]:
        state = step_state(history)
        its = written(step)
        return self._labels.get(its, its), state.reached or WORDS.get(state.stage, "")


def _held_back(db: Database, keys: Iterable[int]) -> dict[int, str]:
    """What was said of those whose last message the API took and holds back."""
    found: dict[int, str] = {}
    for values, chosen in db.blocks([(key,) for key in keys], int):
        for run, detail in db.execute(
            "SELECT run, detail FROM events WHERE key IN (SELECT max(key) FROM events"  # noqa: S608 - only marks
            f" WHERE run IN {values} AND kind = 'accepted' GROUP BY run)",
            chosen,
        ):
            if detail and unpack(detail).get("held") is True:
                found[run] = _reason(detail)
    return found


def _why(db: Database, page: Iterable[tuple[Any, ...]]) -> dict[int, str]:
    """Why a run failed, is in doubt or is held."""
    told = [(key, str(TOLD_BY[state])) for key, _, _, _, _, _, state, *_ in page if state in TOLD_BY]
    why: dict[int, str] = {}
    for values, chosen in db.blocks(told, int, str):
        found = db.execute(
            f"WITH asked (its, told) AS {values} SELECT run, detail FROM events WHERE key IN"  # noqa: S608 - only marks
            " (SELECT max(key) FROM asked CROSS JOIN events ON run = its AND kind = told GROUP BY its)",
            chosen,
        )
        why.update((run, _reason(detail)) for run, detail in found)
    return why
