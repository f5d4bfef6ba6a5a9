"""What became of a campaign, as one HTML file that asks nothing of any network."""

from collections.abc import AsyncIterator
from json import dumps

from flowrunner.model import Json
from flowrunner.model.campaigns import CampaignReport, RecipientReport
from flowrunner.views.html.page import asset, draw
from flowrunner.views.report import charts
from flowrunner.views.report.facts import pieces
from flowrunner.views.report.questions import asked, bars
from flowrunner.views.report.text import NUMBERS, STATE_WORDS, facts, not_begun, people, states
from flowrunner.views.times import moment, rough

MOST_RECIPIENTS = 1_000
"""Recipients in the page: more would make a phone stutter. All are in the CSV, and the page says so."""

_FORECAST = {"look_ups", "looks", "is_flat"}
"""What a campaign keeps to say how long it will take; nobody asked for it."""
_UNSET = {"canary": 0, "only": None, "wait": False}
"""Options that nobody gave."""

_HEADS = ("Line", "Recipient", "State", "Step", "Status", "Reason", "Updated", "Run")


async def as_html(report: CampaignReport, *, command: str) -> AsyncIterator[str]:
    """The page, in one piece, in ASCII and UTF-8 alike encoded as UTF-8; times are the machine's.

    It has the first 1,000 recipients and says how many more there are, and by which options of ``command``.
    """
    its, counts, spans = report.campaign, report.states, report.timeline
    total = sum(counts.values())
    worded = [(state, STATE_WORDS.get(state, state), count) for state, count in states(counts)]
    missing = not_begun(report)
    seconds = spans[1][0] - spans[0][0] if len(spans) > 1 else 0
    yield draw(
        "report/report.html",
        title=f"{its.flow_name}: {its.id}", style=asset("report/report.css"), script=asset("report/report.js"),
        connects=False, report=report, command=command, about=_about(report), heads=_HEADS, numbers=NUMBERS,
        states=worded, tiles=[*worded, ("waiting", "not written down yet", missing)] if missing else worded,
        total=total, shown=min(total, MOST_RECIPIENTS),
        people=[_told(entry) for entry in await anext(pieces(report.recipients, MOST_RECIPIENTS), [])],
        base=max(total - sum(counts.get(state, 0) for state in ("skipped", "invalid")), 1),
        languages=[
            (code, *(of_each.get(state, 0) for state, *_ in worded)) for code, of_each in report.languages.items()
        ],
        steps=[tally[1:] for tally in report.tallies], questions=[each for each in report.questions if each.asked],
        ways=bars, asked=asked, answers=_answers(report),
        span=charts.length(seconds) if seconds else "", ends=spans[-1][0] + seconds if spans else 0,
        spans=[(charts.clock(start), *figures) for start, *figures in spans],
        highest=charts.highest(spans) if spans else 0, height=charts.HEIGHT,
        failed=max(sum(count for _, count in report.reasons), 1),
        reasons_told=[(reason or "no reason given", count) for reason, count in report.reasons],
        bar_width=charts.bar_width, share=charts.share, columns=charts.columns, clock=charts.clock,
    )  # fmt: skip


def _answers(report: CampaignReport) -> list[tuple[str, str, int, str]]:
    """Each way on from each question, as a row of the table behind the chart."""
    return [
        (its.label, each.name, each.number, charts.share(each.number, its.asked))
        for its in report.questions
        if its.asked
        for each in bars(its)
    ]


def _about(report: CampaignReport) -> list[tuple[str, str]]:
    its = report.campaign
    return [
        ("Campaign", its.id),
        ("Audience", f"{its.audience}, {people(its.total)}"),
        ("Flow", f"{its.bundle.path}, {its.bundle.digest[:12]}"),
        ("Sent to", its.target),
        ("From", moment(report.started)),
        ("To", moment(report.updated)),
        *(_setting(name, value) for name, value in its.options.items() if _is_told(name, value)),
    ]


def _is_told(name: str, value: Json) -> bool:
    return name not in _FORECAST and not (name in _UNSET and value == _UNSET[name])


def _setting(name: str, value: Json) -> tuple[str, str]:
    """One of the options that a campaign was begun with, as people say it."""
    if name == "messages":
        return "Messages", f"{value:,}"
    if name == "window":
        return "At once", str(value)
    if name == "max_failures" and isinstance(value, float):
        return "Stops above", f"{100 * value:g}% failed"
    if name == "not_within" and isinstance(value, (int, float)):
        return "Not within", rough(value)
    return name.replace("_", " ").capitalize(), value if isinstance(value, str) else dumps(value)


def _told(entry: RecipientReport) -> tuple[str, dict[str, str]]:
    updated = {"Updated": moment(entry.updated_at), "Run": entry.run, "Line": str(entry.row or "")}
    return entry.state, {**facts(entry), **updated}
