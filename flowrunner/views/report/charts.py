"""The charts of a campaign's report: SVG that keeps its text readable at any width, each with a table of its figures.

Widths are per cents and heights pixels, so that nothing is scaled. Colour says nothing that a word beside it does not.
"""

from collections.abc import Iterable, Sequence

from flowrunner.model import CampaignReport, StepTally
from flowrunner.views.html.page import safe
from flowrunner.views.report.text import NUMBERS
from flowrunner.views.times import moment

_ALWAYS = 4
"""The first numbers of a tally are the funnel, and shown where they are 0 too."""
_REASONS = 10
_HEIGHT = 160
_WIDEST = 4.0
"""Per cent: a timeline of three spans is not three walls."""


def funnel(report: CampaignReport) -> str:
    """How far each step's message came."""
    left = sum(report.states.get(state, 0) for state in ("skipped", "invalid"))
    base = max(sum(report.states.values()) - left, 1)
    steps = "\n".join(_step(tally, base) for tally in report.tallies)
    table = _table(
        "How far each step's message came, in recipients",
        ("Step", "What", *(word.capitalize() for word in NUMBERS.values())),
        [(tally.label, tally.what, *(f"{getattr(tally, name):,}" for name in NUMBERS)) for tally in report.tallies],
    )
    note = f"Of the {base:,} people who were to get it. Each stage includes the later ones."
    return _section("delivery", "Delivery by step", note, f'<ol class="steps">\n{steps}\n</ol>', table)


def _step(tally: StepTally, base: int) -> str:
    numbers = [(name, getattr(tally, name)) for name in NUMBERS]
    name = f" · <bdi>{safe(tally.label)}</bdi>" if tally.label != tally.step else ""
    shown = [*numbers[:_ALWAYS], *(each for each in numbers[_ALWAYS:] if each[1])]
    rows = "\n".join(
        f'<li><span class="name">{NUMBERS[name]}</span>{_bar(name, count, base)}'
        f'<span class="number">{count:,} <small>{_share(count, base)}</small></span></li>'
        for name, count in shown
    )
    return f'<li><h3>Step {safe(tally.step)}{name} · {safe(tally.what)}</h3>\n<ul class="bars">\n{rows}\n</ul></li>'


def _bar(kind: str, count: int, base: int) -> str:
    width = min(max(100 * count / base, 0.5), 100.0) if count else 0.0
    return (
        f'<svg class="bar {kind}" aria-hidden="true" focusable="false" width="100%" height="14">'
        '<rect class="track" width="100%" height="14" rx="3"/>'
        f'<rect class="fill" width="{width:.2f}%" height="14" rx="3"/></svg>'
    )


def _share(count: int, base: int) -> str:
    """Per cent with one decimal, never rounded to all or nothing."""
    share = 100 * count / base
    if 0 < share < 0.1:
        return "&lt;0.1%"
    if 99.9 < share < 100:
        return "&gt;99.9%"
    return f"{share:.1f}".removesuffix(".0") + "%"


def timeline(report: CampaignReport) -> str:
    """How many messages were accepted, and how many failed, over time."""
    spans = report.timeline
    most = max(1, *(accepted + failed for _, accepted, failed in spans))
    slot = 100 / len(spans)
    width = min(slot * 0.84, _WIDEST)
    bars: list[str] = []
    for place, (start, accepted, failed) in enumerate(spans):
        if accepted or failed:
            left = place * slot + (slot - width) / 2
            high, low = (_HEIGHT * count / most for count in (accepted, failed))
            bars.append(
                f"<g><title>{_clock(start)}: {accepted:,} accepted, {failed:,} failed</title>"
                f"{_column('accepted', left, width, _HEIGHT - high, high)}"
                f"{_column('failed', left, width, _HEIGHT - high - low, low)}</g>"
            )
    lines = "".join(f'<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>' for y in (1, _HEIGHT // 2, _HEIGHT - 1))
    seconds = spans[1][0] - spans[0][0] if len(spans) > 1 else 0
    each = f"Messages in each {_length(seconds)}" if seconds else "Messages"
    first, last = (_clock(at) for at in (spans[0][0], spans[-1][0] + seconds))
    chart = (
        '<p class="legend"><span class="accepted">accepted</span> <span class="failed">failed</span></p>\n'
        f'<p class="axis"><span>{most:,}</span></p>\n'
        f'<svg class="time" role="img" aria-label="Messages over time; the table below has the figures"'
        f' width="100%" height="{_HEIGHT}">{lines}{"".join(bars)}</svg>\n'
        f'<p class="axis"><span>{first}</span><span>{last if seconds else ""}</span></p>'
    )
    rows = [(_clock(start), f"{accepted:,}", f"{failed:,}") for start, accepted, failed in spans]
    table = _table("Messages over time", ("From", "Accepted", "Failed"), rows)
    return _section("progress", "Progress over time", f"{each}.", chart, table)


def _column(kind: str, left: float, width: float, top: float, height: float) -> str:
    if not height:
        return ""
    return f'<rect class="{kind}" x="{left:.3f}%" y="{top:.1f}" width="{width:.3f}%" height="{max(height, 1.5):.1f}"/>'


def _clock(at: float) -> str:
    return moment(at) or moment(at + 1e-6)


def _length(seconds: float) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= size and not seconds % size:
            count = int(seconds // size)
            return unit if count == 1 else f"{count} {unit}s"
    return f"{seconds:g} seconds"


def reasons(report: CampaignReport) -> str:
    """Why people failed, the most frequent first; a bar is a reason's share of all who failed."""
    total = max(sum(count for _, count in report.reasons), 1)
    bars = "\n".join(
        f"<li><p><bdi>{safe(reason) or 'no reason given'}</bdi></p>{_bar('failed', count, total)}"
        f'<span class="number">{count:,} <small>{_share(count, total)}</small></span></li>'
        for reason, count in report.reasons[:_REASONS]
    )
    rest = report.reasons[_REASONS:]
    note = f"{total:,} failed."
    if rest:
        note += f" The {_REASONS} most frequent reasons; the table has {len(rest):,} more."
    table = _table(
        "Failures by reason",
        ("Reason", "Recipients"),
        [(reason or "no reason given", f"{count:,}") for reason, count in report.reasons],
    )
    return _section("failures", "Failures by reason", note, f'<ol class="reasons">\n{bars}\n</ol>', table)


def _section(name: str, title: str, note: str, chart: str, table: str) -> str:
    return (
        f'<section aria-labelledby="{name}">\n<h2 id="{name}">{title}</h2>\n<p class="note">{note}</p>\n'
        f"<figure>\n{chart}\n</figure>\n"
        f"<details>\n<summary>{title}: the figures</summary>\n{table}</details>\n</section>\n"
    )


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row"><bdi>{safe(first)}</bdi></th>'
        + "".join(
            f'<td data-name="{name}"><bdi>{safe(cell)}</bdi></td>' for name, cell in zip(heads[1:], rest, strict=True)
        )
        + "</tr>\n"
        for first, *rest in rows
    )
    return (
        f"<table>\n<caption>{safe(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}</tbody>\n</table>\n"
    )
