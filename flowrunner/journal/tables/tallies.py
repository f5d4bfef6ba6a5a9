"""What became of each step and of each question, over a campaign or of one run: added up by the database."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from flowrunner.engine.history.answered import OTHERWISE, SILENCE
from flowrunner.engine.history.state import Stage
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.outcomes import histories, step_state
from flowrunner.model.campaigns import QuestionTally, StepTally

WORDS: Final[Mapping[Stage, str]] = {
    Stage.BEGUN: "begun",
    Stage.RETRYING: "begun",
    Stage.FAILED: "failed",
    Stage.IN_DOUBT: "in_doubt",
    Stage.GIVEN_UP: "skipped",
    Stage.NOT_APPLICABLE: "skipped",
    Stage.WAITING: "paused",
}
"""What a report says of a step whose message was not taken."""

Steps = Mapping[str, tuple[str, str]]
"""For each step's address, in the flow's order, its label and what it is."""
_BRANCHES: Final = {OTHERWISE: "otherwise"}
"""What a branch is called that has no name of its own."""


class _History(NamedTuple):
    """How many runs have the same history of one step.

    Attributes:
        kinds: The kinds of its events, as `step_state` takes them.
        first: The key of the first event of them.
        last: The key of the last.
    """

    step: str
    kinds: str
    runs: int
    first: int
    last: int


class Tallies(NamedTuple):
    """What the steps of some runs have come to.

    Attributes:
        first: The key of the first event; 0 where there is none.
        last: The key of the last.
    """

    steps: tuple[StepTally, ...]
    questions: tuple[QuestionTally, ...]
    first: int
    last: int


def span(db: Database, key: int) -> tuple[int, int]:
    """The first and the last key of a campaign's runs. Others' may lie between."""
    found: tuple[int, int] = db.execute(
        "SELECT coalesce(min(key), 1), coalesce(max(key), 0) FROM runs WHERE campaign = ?", (key,)
    ).fetchone()
    return found


def of_campaign(db: Database, key: int, steps: Steps) -> Tallies:
    """Over a campaign, by its row."""
    # `+campaign`: by the order of keys, which the groups need, not by the index that has them by state.
    return _tallies(db, "runs.key BETWEEN ? AND ? AND +campaign = ?", (*span(db, key), key), steps)


def of_run(db: Database, run_id: str, steps: Steps) -> Tallies:
    """Of one run."""
    return _tallies(db, "runs.id = ?", (run_id,), steps)


def _tallies(db: Database, chosen: str, parameters: Sequence[object], steps: Steps) -> Tallies:
    rows = db.execute(
        "SELECT step, history, count(*), min(first), max(last)"  # noqa: S608 - our own clauses
        f" FROM ({histories(db)} WHERE {chosen} GROUP BY runs.key, step) AS its GROUP BY step, history",
        parameters,
    )
    found = [_History(written(step), *more) for step, *more in rows]
    asked = Counter[str]()
    for each in found:
        if each.step and _ASKED.search(each.kinds):
            asked[each.step] += each.runs
    return Tallies(
        tuple(_added_up(found, steps)),
        tuple(_questions(db, chosen, parameters, asked, _reminded(found), steps)) if asked else (),
        min((each.first for each in found), default=0),
        max((each.last for each in found), default=0),
    )


_ASKED: Final = re.compile(r"\b(asked|answered)\b")


def written(step: str) -> str:
    """The address of a step as its file has it: all turns of a loop are one."""
    return re.sub(r"#\d+", "#", step)


def _added_up(found: Iterable[_History], steps: Steps) -> Iterable[StepTally]:
    sums: dict[str, Counter[str]] = {}
    for step, kinds, runs, _, _ in found:
        state = step_state(kinds)
        if step and (state.stage is not Stage.WAITING or step in steps):
            reached = list(StepTally._fields[3:7])[: state.rank + 1] if state.reached else []
            lost = WORDS.get(Stage.FAILED if state.undelivered else state.stage, "")
            sums.setdefault(step, Counter()).update(dict.fromkeys((*reached, lost), runs))
    known = {step: StepTally(step, label, what) for step, (label, what) in steps.items()}
    for step in sorted(sums, key=_natural):
        known.setdefault(step, StepTally(step, step, ""))
        known[step] = StepTally._make([*known[step][:3], *(sums[step][name] for name in StepTally._fields[3:])])
    return known.values()


def _reminded(found: Iterable[_History]) -> Counter[str]:
    """How many runs of each question have had its first reminder."""
    reminded = Counter[str]()
    for step, kinds, runs, _, _ in found:
        if step.endswith(".r1") and step_state(kinds).taken:
            reminded[step.removesuffix(".r1")] += runs
    return reminded


def _questions(
    db: Database,
    chosen: str,
    parameters: Sequence[object],
    asked: Mapping[str, int],
    reminded: Mapping[str, int],
    steps: Steps,
) -> Iterable[QuestionTally]:
    """What was answered: where the question was put again, or a tap came late, it has not been answered yet."""
    answered: dict[str, Counter[str]] = {}
    silent = Counter[str]()
    for step, branch, name, runs in db.execute(
        "SELECT step, json_extract(detail, '$.branch'), json_extract(detail, '$.name'), count(*)"  # noqa: S608
        " FROM runs CROSS JOIN events INDEXED BY events_run ON events.run = runs.key"
        f" WHERE {chosen} AND kind = 'answered' AND step <> '' GROUP BY 1, 2, 3 ORDER BY 1, 2",
        parameters,
    ):
        if branch == SILENCE:
            silent[written(step)] += runs
        elif is_answer(branch):
            answered.setdefault(written(step), Counter())[_BRANCHES.get(branch, name or branch)] += runs
    order = [*(each for each in steps if each in asked), *sorted(asked.keys() - steps.keys(), key=_natural)]
    for step in order:
        label = steps[step][0] if step in steps else step
        yield QuestionTally(step, label, asked[step], dict(answered.get(step, {})), silent[step], reminded.get(step, 0))


def is_answer(branch: str) -> bool:
    """Whether an `answered` event of that branch is one: silence is none, nor is what put the question again."""
    return branch not in (SILENCE, "late") and not branch.startswith("g")


def _natural(address: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in address.split(".")]
