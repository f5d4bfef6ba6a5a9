"""What became of a campaign, as other programs read it: CSV, JSON and JUnit, in pieces, for there may be a million."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from flowrunner.model import CampaignReport, Fate
from flowrunner.views.report.text import who
from flowrunner.views.terminal.ink import visible

FACTS = ("line", "state", "step", "status", "reason", "updated_at", "run", "conversation_id")
"""What the CSV says of each recipient beside what the audience says; with ``report_`` before it, where an input is
called so."""

_PIECE = 500


def as_csv(report: CampaignReport, inputs: Sequence[str]) -> Iterator[str]:
    """Every recipient, a record each under a head; RFC 4180, to be written without translating line breaks.

    The audience's own columns come first, with ``phone`` or ``conversation`` as it had it, then `FACTS`: who failed can
    be corrected, and be an audience again. What a spreadsheet would run as a formula has an apostrophe before it,
    unless the audience had it so; a phone number has not.

    Args:
        report: What is written.
        inputs: The flow's inputs by name.
    """
    fates = iter(report.fates)
    piece = list(islice(fates, _PIECE))
    who_column = "phone" if any(each.recipient.phone for each in piece) else "conversation"
    own = [name for name in inputs if name not in (who_column, "timezone")]
    if "timezone" in inputs or any(each.timezone for each in piece):
        own.append("timezone")
    yield _csv([[who_column, *own, *(f"report_{name}" if name in own else name for name in FACTS)]])
    while piece:
        yield _csv([_harmless(who(each)), *_given(each, own), *map(_harmless, _facts(each).values())] for each in piece)
        piece = list(islice(fates, _PIECE))


def _csv(rows: Iterable[Sequence[str | int]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _given(fate: Fate, names: Sequence[str]) -> Iterator[str]:
    """The cells of an audience that mean these values."""
    for name in names:
        value = fate.variables.get(name, fate.timezone if name == "timezone" else None)
        if isinstance(value, (bool, list, dict)):
            yield json.dumps(value, ensure_ascii=False)
        else:
            yield "" if value is None else visible(str(value), keep="\n\t")


def _facts(fate: Fate) -> dict[str, str | int]:
    return {
        "line": fate.row,
        "state": fate.state,
        "step": fate.step,
        "status": fate.status,
        "reason": fate.reason,
        "updated_at": _moment(fate.updated_at),
        "run": fate.run,
        "conversation_id": fate.recipient.conversation,
    }


def _row(fate: Fate) -> dict[str, str | int]:
    facts = _facts(fate)
    line, conversation = facts.pop("line"), facts.pop("conversation_id")
    return {"line": line, "conversation": conversation, "phone": fate.recipient.phone, **facts}


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds") if at else ""


def _harmless(value: str | int) -> str | int:
    """https://owasp.org/www-community/attacks/CSV_Injection."""
    if isinstance(value, int):
        return value
    shown = visible(value, keep="\n\t")
    formula = shown.startswith(("=", "@", "\t")) or (shown[:1] in {"+", "-"} and not shown[1:].isdecimal())
    return f"'{shown}" if formula else shown


def as_json(report: CampaignReport) -> Iterator[str]:
    """One JSON object in ASCII, its last field ``recipients`` with one of them a line.

    Fields may be added to version 1, never changed or taken away. Moments are seconds since the epoch.
    """
    its = report.campaign
    facts: Mapping[str, Any] = {
        "version": 1,
        "campaign": {
            "id": its.id,
            "flow": {"name": its.flow_name, "path": its.flow_path, "digest": its.flow_digest},
            "target": its.target,
            "now": its.now,
            "created_at": its.created_at,
            "audience": its.audience,
            "total": its.total,
            "options": dict(its.options),
        },
        "started": report.started,
        "updated": report.updated,
        "states": dict(report.states),
        "steps": [tally._asdict() for tally in report.tallies],
        "reasons": [{"reason": reason, "recipients": count} for reason, count in report.reasons],
        "timeline": [
            {"start": start, "accepted": accepted, "failed": failed} for start, accepted, failed in report.timeline
        ],
    }
    yield json.dumps(facts, indent=2).removesuffix("\n}") + ',\n  "recipients": ['
    fates = iter(report.fates)
    comma = ""
    while piece := list(islice(fates, _PIECE)):
        yield comma + ",".join(f"\n    {json.dumps(_row(fate) | {'updated_at': fate.updated_at})}" for fate in piece)
        comma = ","
    yield "\n  ]\n}"


_PASSED = "finished"
_LEFT = {"running", "waiting", "paused", "held", "cancelled", "skipped", "invalid"}
"""States that are neither a success nor a failure of the campaign; JUnit calls them skipped."""


def as_junit(report: CampaignReport) -> Iterator[str]:
    """A JUnit report (Jenkins' schema) with one suite: a test for each recipient.

    Finished is passed, failed is a failure, in doubt an error, anything else skipped. The suite's head counts what
    the figures say; while the campaign runs, the tests below it may be further.
    """
    name = _attribute(f"flowrunner {report.campaign.flow_name}")
    skipped = sum(count for state, count in report.states.items() if state in _LEFT)
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name={name} tests="{sum(report.states.values())}"'
        f' failures="{report.states.get("failed", 0)}" errors="{report.states.get("in_doubt", 0)}"'
        f' skipped="{skipped}" timestamp="{_second(report.started)}">'
    )
    fates = iter(report.fates)
    while piece := list(islice(fates, _PIECE)):
        yield "".join(_case(report.campaign.flow_name, fate) for fate in piece)
    yield "\n</testsuite>"


def _second(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _case(flow: str, fate: Fate) -> str:
    name = f"line {fate.row}: {who(fate)}" if fate.row else who(fate)
    opened = f"\n  <testcase classname={_attribute(f'flowrunner.{flow}')} name={_attribute(name)}"
    if fate.state == _PASSED:
        return f"{opened}/>"
    said = f"step {fate.step}: {fate.reason}" if fate.step else fate.reason
    if fate.state in _LEFT:
        return f"{opened}>\n    <skipped message={_attribute(f'{fate.state}: {said}'.rstrip(': '))}/>\n  </testcase>"
    element = "error" if fate.state == "in_doubt" else "failure"
    message = f"type={_attribute(fate.state)} message={_attribute(fate.reason)}"
    return f"{opened}>\n    <{element} {message}>{escape(_xml(said))}</{element}>\n  </testcase>"


def _attribute(text: str) -> str:
    return quoteattr(_xml(text))


def _xml(text: str) -> str:
    # XML 1.0 has no way to write a control character, nor these two.
    return visible(text, keep="\n").replace("\ufffe", "<U+FFFE>").replace("\uffff", "<U+FFFF>")
