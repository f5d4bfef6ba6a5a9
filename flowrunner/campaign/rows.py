"""Rows of an audience rendered and checked, for one process of several."""

from collections.abc import Sequence
from typing import NamedTuple

from flowrunner.audience import Audience, Row
from flowrunner.diagnostics import Diagnostic
from flowrunner.engine import Prepared
from flowrunner.flow import Loaded


class RowCheck(NamedTuple):
    """Of one row: its number of messages and what is odd about them, or what is wrong; its time zone, if it matters."""

    messages: int
    problems: tuple[Diagnostic, ...]
    zone: str = ""
    warnings: tuple[Diagnostic, ...] = ()


def check_rows(
    loaded: Loaded, audience: Audience, now: str, rows: Sequence[Row], *, zoned: bool, named: bool
) -> list[RowCheck]:
    """Render and check each row; ``zoned`` asks for everybody's time zone, ``named`` whether a named one is there."""
    prepared = Prepared(loaded)  # anew for each chunk: a thousandth of its work, and processes share nothing
    results = []
    for row in rows:
        if row.problem is not None:
            results.append(RowCheck(0, (row.problem,)))
            continue
        checked = _check(prepared, audience, now, row)
        results.append(_with_zone(checked, audience, row) if zoned or (named and row.timezone) else checked)
    return results


def _check(prepared: Prepared, audience: Audience, now: str, row: Row) -> RowCheck:
    """What there is to say of a row; warnings do not forbid to send."""
    broken = [each for each in row.cells if each.is_error]
    rendering, found = prepared.render(row.recipient, audience.given(row), now, lacking=audience.lacking(row))
    if rendering is not None and not broken:
        odd = {(each.location, each.code): each for each in (_at_row(each, audience, row) for each in found)}
        return RowCheck(len(rendering.messages), (), warnings=tuple(odd.values()))
    # One cell may break several steps: it is one mistake, corrected in one place.
    found = [*broken, *(_at_row(each, audience, row) for each in found if each.is_error)]
    faults = {each.location: each for each in reversed(found)}
    return RowCheck(0, tuple(reversed(faults.values())))


def _with_zone(checked: RowCheck, audience: Audience, row: Row) -> RowCheck:
    zone = audience.zone(row)
    if isinstance(zone, Diagnostic):
        return checked._replace(problems=(*checked.problems, zone))
    return checked._replace(zone=zone.key)


def _at_row(problem: Diagnostic, audience: Audience, row: Row) -> Diagnostic:
    """A fault that a row's value causes in a step stands at the row: there it can be mended."""
    cause = next((note for note in problem.notes if note.location.path == audience.name), None)
    if problem.location.path == audience.name:
        return problem
    who = "phone" if row.recipient.phone else "conversation"
    place = cause.location if cause else audience.place(row, who)
    message, hint = f"{problem.message} ({problem.location})", problem.hint
    if problem.code == "wrong-type" and cause is not None and (told := audience.not_a_number(row, cause.location)):
        message, hint = f"{told[0]} ({problem.location})", told[1]
    return Diagnostic(problem.code, message, place, problem.severity, hint, problem.link)
