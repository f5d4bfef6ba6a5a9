"""What became of a campaign, as one HTML file that asks nothing of any network."""

from collections.abc import AsyncIterator
from json import dumps

from flowrunner.model import CampaignReport, RecipientReport
from flowrunner.views.html.page import asset, closing, opening, safe
from flowrunner.views.report.charts import funnel, reasons, timeline
from flowrunner.views.report.facts import pieces
from flowrunner.views.report.text import STATE_WORDS, facts, not_begun, people, states
from flowrunner.views.times import moment

MOST_RECIPIENTS = 1_000
"""Recipients in the page: more would make a phone stutter. All are in the CSV, and the page says so."""

_HEADS = ("Line", "Recipient", "State", "Step", "Status", "Reason", "Updated", "Run")


async def as_html(report: CampaignReport, *, command: str) -> AsyncIterator[str]:
    """The page, in pieces, in ASCII and UTF-8 alike encoded as UTF-8; times are the machine's.

    It has the first 1,000 recipients and says how many more there are, and by which options of ``command``.
    """
    style, script = asset("report/report.css"), asset("report/report.js")
    yield opening(f"{report.campaign.flow_name}: {report.campaign.id}", style, script)
    yield _header(report)
    yield "<main>\n"
    if report.tallies:
        yield funnel(report)
    if report.timeline:
        yield timeline(report)
    if report.reasons:
        yield reasons(report)
    yield _recipients_head(report, command)
    for entry in await anext(pieces(report.recipients, MOST_RECIPIENTS), []):
        yield _row(entry)
    yield "</tbody>\n</table>\n</section>\n"
    yield f"</main>\n{closing(script)}"


def _header(report: CampaignReport) -> str:
    its = report.campaign
    tiles = [(state, STATE_WORDS.get(state, safe(state)), count) for state, count in states(report.states)]
    if missing := not_begun(report):
        tiles.append(("waiting", "not written down yet", missing))
    shown = "\n".join(
        f'<div class="{safe(state)}"><dt>{word}</dt><dd>{count:,}</dd></div>' for state, word, count in tiles
    )
    facts = [
        ("Campaign", its.id),
        ("Audience", f"{its.audience}, {people(its.total)}"),
        ("Flow", f"{its.bundle.path}, {its.bundle.digest[:12]}"),
        ("Sent to", its.target),
        ("From", moment(report.started)),
        ("To", moment(report.updated)),
        *(
            (name.replace("_", " "), value if isinstance(value, str) else dumps(value))
            for name, value in its.options.items()
        ),
    ]
    listed = "\n".join(f"<div><dt>{safe(name)}</dt><dd><bdi>{safe(value)}</bdi></dd></div>" for name, value in facts)
    return (
        f"<header>\n<h1><bdi>{safe(its.flow_name)}</bdi></h1>\n"
        f'<dl class="tiles">\n{shown}\n</dl>\n<dl class="facts">\n{listed}\n</dl>\n</header>\n'
    )


def _recipients_head(report: CampaignReport, command: str) -> str:
    total = sum(report.states.values())
    shown = min(total, MOST_RECIPIENTS)
    note = (
        "All of them."
        if shown == total
        else (
            f"The first {shown:,} of {total:,}, in the order of the audience. Every one is in"
            f" <code>{safe(command)} --format csv</code>."
        )
    )
    choices = "".join(
        f'<option value="{safe(state)}">{STATE_WORDS.get(state, safe(state))}</option>'
        for state, _ in states(report.states)
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in _HEADS)
    return (
        '<section aria-labelledby="recipients">\n<h2 id="recipients">Recipients</h2>\n'
        f'<p class="note">{note}</p>\n<form class="controls" hidden>\n'
        '<label>Find <input type="search" id="find" autocomplete="off" spellcheck="false"></label>\n'
        f'<label>State <select id="state"><option value="">any</option>{choices}</select></label>\n'
        '<output id="found" for="find state"></output>\n</form>\n'
        f'<table class="people">\n<caption>What became of each recipient</caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n"
    )


def _row(entry: RecipientReport) -> str:
    told = {**facts(entry), "Updated": moment(entry.updated_at), "Run": entry.run, "Line": str(entry.row or "")}
    cells = {name: f"<bdi>{safe(value)}</bdi>" if value else "" for name, value in told.items()}
    cells["State"] = f'<span class="state {safe(entry.state)}">{safe(told["State"])}</span>'
    line, recipient, *rest = (f'data-name="{name}">{cells[name]}' for name in _HEADS)
    return (
        f'<tr data-state="{safe(entry.state)}"><td {line}</td><th scope="row" {recipient}</th>'
        f"{''.join(f'<td {cell}</td>' for cell in rest)}</tr>\n"
    )
