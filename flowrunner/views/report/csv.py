"""Each recipient of a campaign as a record of CSV, which can be an audience again."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

from flowrunner.model.campaigns import CampaignReport, RecipientReport
from flowrunner.views.report.facts import FACTS, facts, pieces
from flowrunner.views.visible import visible


async def as_csv(report: CampaignReport, inputs: Sequence[str]) -> AsyncIterator[str]:
    """Every recipient, a record each under a head; RFC 4180, to be written without translating line breaks.

    The audience's own columns come first, with ``phone``, ``user_id`` or ``conversation`` as it had them, then `FACTS`,
    with ``report_`` before one that an input is called like: who failed can be corrected, and be an audience again.
    What was answered comes last, a column ``answer_LABEL`` for each question that anybody was asked.
    What a spreadsheet would run as a formula has an apostrophe before it, unless the audience had it so; a phone number
    has not.

    Args:
        report: What is written.
        inputs: The flow's inputs by name.
    """
    each_piece = pieces(report.recipients)
    first: list[RecipientReport] = await anext(each_piece, [])
    who = [name for name in ("phone", "user_id") if any(getattr(each.recipient, name) for each in first)]
    if not who or any(each.recipient.label == each.recipient.conversation for each in first):
        who.append("conversation")
    own = [name for name in inputs if name not in (*who, "timezone")]
    if "timezone" in inputs or any(each.timezone for each in first):
        own.append("timezone")
    asked = [its.label for its in report.questions if its.asked]
    told = [*FACTS, *(f"answer_{label}" for label in asked)]
    yield _csv([[*who, *own, *(f"report_{name}" if name in own else name for name in told)]])
    piece = first
    while piece:
        yield _csv(
            [
                *map(_harmless, _whom(each, who)),
                *_given(each, own),
                *map(_harmless, facts(each).values()),
                *(_harmless(each.answers.get(label, "")) for label in asked),
            ]
            for each in piece
        )
        piece = await anext(each_piece, [])


def _csv(rows: Iterable[Sequence[str | int]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _whom(entry: RecipientReport, who: Sequence[str]) -> Sequence[str]:
    """The cells that name them; a conversation only where they have no other name: it may have been found since."""
    its = entry.recipient
    alone = its.conversation if its.label == its.conversation else ""
    cells = [alone if name == "conversation" else getattr(its, name) for name in who]
    return cells if any(cells) else [its.label, *cells[1:]]


def _given(entry: RecipientReport, names: Sequence[str]) -> Iterator[str]:
    """The cells of an audience that mean these values."""
    for name in names:
        value = entry.variables.get(name, entry.timezone if name == "timezone" else None)
        if isinstance(value, (bool, list, dict)):
            yield json.dumps(value, ensure_ascii=False)
        else:
            yield "" if value is None else visible(str(value), keep="\n\t")


def _harmless(value: str | int) -> str | int:
    """https://owasp.org/www-community/attacks/CSV_Injection."""
    if isinstance(value, int):
        return value
    shown = visible(value, keep="\n\t")
    formula = shown.startswith(("=", "@", "\t")) or (shown[:1] in {"+", "-"} and not shown[1:].isdecimal())
    return f"'{shown}" if formula else shown
