"""What became of a campaign, as a person reads it in a terminal; and the words that all forms of it share.

No text ends with a line break.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from flowrunner.model.campaigns import Campaign, CampaignReport, RecipientReport, StepTally
from flowrunner.views.report.facts import pieces
from flowrunner.views.report.questions import questions_drawn
from flowrunner.views.terminal.cells import head
from flowrunner.views.terminal.styles import BOLD, CYAN, DIM, GREEN, RED, YELLOW, paint
from flowrunner.views.terminal.table import Elastic, drawn, tabled
from flowrunner.views.times import moment
from flowrunner.views.visible import visible

_STATES: Mapping[str, tuple[str, str]] = {
    "finished": ("finished", GREEN),
    "running": ("begun", CYAN),
    "waiting": ("waiting", DIM),
    "paused": ("in a pause", DIM),
    "asked": ("waiting for an answer", CYAN),
    "held": ("held", YELLOW),
    "failed": ("failed", RED),
    "in_doubt": ("in doubt", YELLOW),
    "cancelled": ("cancelled", YELLOW),
    "opted_out": ("opted out", YELLOW),
    "handed_over": ("handed over", CYAN),
    "skipped": ("left out", DIM),
    "invalid": ("invalid", RED),
}
"""A RecipientReport's states in the order in which they are listed: what a person calls each, and its colour."""

STATE_WORDS: Mapping[str, str] = {state: word for state, (word, _) in _STATES.items()}
"""What a person calls a RecipientReport's state."""

NUMBERS: Mapping[str, str] = {
    "accepted": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
    "in_doubt": "in doubt",
    "skipped": "left out",
}
"""What a person calls the numbers of a StepTally."""

_LEAST = 8
_ELASTIC: Elastic = {0: _LEAST, 1: _LEAST}
"""The columns that give way in a narrow terminal, and the cells they keep."""
_ALWAYS = 5
"""The first numbers of a tally, those up to failed, are shown where they are 0, too."""
_REASONS_SHOWN = 10
_RECIPIENTS_SHOWN = 30
_TROUBLED = ("failed", "in_doubt")


async def as_text(report: CampaignReport, *, command: str, width: int, colour: bool) -> AsyncIterator[str]:
    """The campaign, its people by state, its steps, why people failed; then who did, and of 30 at most everybody.

    Args:
        report: What is shown.
        command: What shows this report, for whoever wants to see the others.
        width: Cells of a line; labels and reasons give way in a narrow terminal, nothing else does.
        colour: Whether to use escape codes.
    """
    entries: list[RecipientReport] = []
    if any(report.states.values()):
        entries = await anext(pieces(report.recipients, _RECIPIENTS_SHOWN + 1), [])
    if len(entries) > _RECIPIENTS_SHOWN:
        entries = await anext(pieces(report.troubled, _RECIPIENTS_SHOWN), [])
    for line in _lines(report, entries, command, width, colour):
        yield f"{line}\n"


def _lines(
    report: CampaignReport, entries: list[RecipientReport], command: str, width: int, colour: bool
) -> Iterator[str]:
    its = report.campaign
    yield paint(f"{visible(its.flow_name)}  {visible(its.id)}", BOLD, colour)
    yield paint(f"{visible(its.audience)} ({people(its.total)}) by {visible(its.bundle.path)}", DIM, colour)
    yield paint(f"{moment(report.started)} to {moment(report.updated)}", DIM, colour)
    if its.total:
        yield ""
    for state, count in states(report.states):
        word, style = _STATES.get(state, (visible(state), ""))
        yield f"{count:>11,}  {paint(word, style, colour)}"
    if missing := not_begun(report):
        yield f"{missing:>11,}  {paint('not written down yet', DIM, colour)}"
    if report.languages:
        yield ""
        yield paint("by language", BOLD, colour)
    for code, counts in report.languages.items():
        yield f"{sum(counts.values()):>11,}  {visible(code)}: {', '.join(in_words(counts))}"
    if report.tallies:
        yield ""
        yield tally_table(report.tallies, width=width, colour=colour)
    if report.questions:
        yield ""
        yield from questions_drawn(report.questions, width=width, colour=colour)
    if report.reasons:
        yield ""
        yield from why_failed(report.reasons, width=width, colour=colour)
    written = sum(report.states.values())
    if written:
        yield ""
    if entries:
        first = sorted(entries, key=lambda entry: [entry.state != state for state in _TROUBLED])
        yield _table(_told(first), width, colour, _ELASTIC)
    troubled = sum(report.states.get(state, 0) for state in _TROUBLED)
    if troubled > _RECIPIENTS_SHOWN:
        yield f"Everybody who failed: {command} --state failed --format csv"
    if written > _RECIPIENTS_SHOWN:
        yield f"Every recipient: {command} --format csv"


def why_failed(reasons: Sequence[tuple[str, int]], *, width: int, colour: bool) -> Iterator[str]:
    """The most frequent reasons under a head, with how many failed for each; nothing for none."""
    if not reasons:
        return
    yield paint("why they failed", BOLD, colour)
    for reason, count in reasons[:_REASONS_SHOWN]:
        yield f"{count:>11,}  {head(visible(reason) or 'no reason given', max(width - 13, 20))}"
    if rest := reasons[_REASONS_SHOWN:]:
        yield f"{sum(count for _, count in rest):>11,}  for other reasons, which report --format json lists"


def tally_table(tallies: Sequence[StepTally], *, width: int, colour: bool, first: str = "STEP") -> str:
    """The tallies, a line each under a head; the first column is called ``first``, and is whole unless it is ``STEP``.

    How many are in doubt or left out is shown where there are any.
    """
    names = [name for place, name in enumerate(NUMBERS) if place < _ALWAYS or any(getattr(t, name) for t in tallies)]
    rows = [[visible(t.label), visible(t.what), *(f"{getattr(t, name):,}" for name in names)] for t in tallies]
    heads = [first, "", *(NUMBERS[name].upper() for name in names)]
    return _table([heads, *rows], width, colour, _ELASTIC if first == "STEP" else {1: _LEAST})


def facts(entry: RecipientReport) -> dict[str, str]:
    """What a person is told of one recipient, under its heads."""
    return {
        "Line": str(entry.row),
        "Recipient": entry.recipient.label,
        "State": STATE_WORDS.get(entry.state, entry.state),
        "Step": entry.step,
        "Status": NUMBERS.get(entry.status, entry.status),
        "Reason": entry.reason,
    }


def _told(entries: Iterable[RecipientReport]) -> Iterator[list[str]]:
    heads = ("Recipient", "Reason", "Line", "State", "Step", "Status")
    yield [head.upper() for head in heads]
    for told in map(facts, entries):
        yield [visible(told[head]) for head in heads]


def _table(rows: Iterable[Sequence[str]], width: int, colour: bool, elastic: Elastic) -> str:
    """Lines under a head; what the last of them has as a number, every line has at the right edge of its column."""
    table = list(rows)
    numeric = [place for place, cell in enumerate(table[-1]) if place > 1 and cell.replace(",", "").isdecimal()]
    return drawn(tabled(table, width, elastic, colour=colour, right=numeric))


def states(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """The states that somebody is in, with how many, in the order in which they are listed."""
    order = list(STATE_WORDS)
    found = ((state, count) for state, count in counts.items() if count)
    return sorted(found, key=lambda each: order.index(each[0]) if each[0] in order else len(order))


def in_words(counts: Mapping[str, int]) -> list[str]:
    """The same in words: ``12 finished``."""
    return [f"{count:,} {STATE_WORDS.get(state, state)}" for state, count in states(counts)]


def campaign_in_short(campaign: Campaign, counts: Mapping[str, int]) -> str:
    """A campaign in one line: what, to whom, when, and how many people are in which state."""
    said, at = ", ".join(in_words(counts)) or "not written down yet", datetime.fromtimestamp(campaign.created_at)
    return f"campaign {campaign.id}  {campaign.flow_name}, {campaign.audience}, {at:%Y-%m-%d %H:%M}: {said}"


def not_begun(report: CampaignReport) -> int:
    """Of how many recipients nothing is written down: the process that began the campaign has not come to them."""
    return max(report.campaign.total - sum(report.states.values()), 0)


def people(count: int) -> str:
    """A number of recipients."""
    return f"{count:,} recipient{'' if count == 1 else 's'}"
