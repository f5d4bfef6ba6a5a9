"""What became of a campaign, as a JUnit report."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from flowrunner.model.campaigns import CampaignReport, RecipientReport
from flowrunner.views.report.facts import pieces
from flowrunner.views.visible import in_xml

_PASSED = "finished"
_LEFT = {"running", "waiting", "paused", "held", "cancelled", "skipped", "invalid"}
"""States that are neither a success nor a failure of the campaign; JUnit calls them skipped."""


async def as_junit(report: CampaignReport) -> AsyncIterator[str]:
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
    async for piece in pieces(report.recipients):
        yield "".join(_case(report.campaign.flow_name, entry) for entry in piece)
    yield "\n</testsuite>"


def _second(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _case(flow: str, entry: RecipientReport) -> str:
    name = f"line {entry.row}: {entry.recipient.label}" if entry.row else entry.recipient.label
    opened = f"\n  <testcase classname={_attribute(f'flowrunner.{flow}')} name={_attribute(name)}"
    if entry.state == _PASSED:
        return f"{opened}/>"
    said = f"step {entry.step}: {entry.reason}" if entry.step else entry.reason
    if entry.state in _LEFT:
        return f"{opened}>\n    <skipped message={_attribute(f'{entry.state}: {said}'.rstrip(': '))}/>\n  </testcase>"
    element = "error" if entry.state == "in_doubt" else "failure"
    message = f"type={_attribute(entry.state)} message={_attribute(entry.reason)}"
    return f"{opened}>\n    <{element} {message}>{escape(in_xml(said))}</{element}>\n  </testcase>"


def _attribute(text: str) -> str:
    return quoteattr(in_xml(text))
