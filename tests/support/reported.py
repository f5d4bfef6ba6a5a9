"""A campaign's report, for the tests of its views."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from flowrunner.model import Bundle, Recipient
from flowrunner.model.campaigns import Campaign, CampaignReport, QuestionTally, RecipientReport, StepTally
from support.journals import Told

CAMPAIGN = Campaign(
    id="c7x2k9",
    flow_name="onboarding",
    bundle=Bundle.of("flows/onboarding.yaml", "name: onboarding\n", digest="0f8fad5bd9cb" + "0" * 52),
    target="https://api.kapso.ai/platform/v1",
    now="2026-03-01T10:00:00-06:00",
    created_at=1_772_380_800.0,
    audience="people.csv",
    total=2_400,
    options={"quiet_hours": "21:00-08:00", "max_failures": 5},
)

TALLIES = (
    StepTally("1", "hello", "text", 2_270, 2_268, 2_251, 1_430, 28, 2, 0),
    StepTally("2", "photo", "image", 2_242, 2_240, 2_190, 1_377, 9, 0, 0),
    StepTally("4", "ready", "interactive button", 1_120, 1_115, 1_090, 702, 3, 1, 1_110),
    StepTally("5", "5", "text", 1_115, 1_102, 1_071, 650, 0, 0, 0),
)

REASONS = (
    ("The recipient's phone number is not a WhatsApp account.", 27),
    ("WhatsApp could not deliver it: the person has not accepted the new terms of service", 9),
    ("media could not be fetched: https://cdn.example.com/welcome-pro-and-a-very-long-name-without-any-space.jpg", 4),
)

STATES = {"finished": 1_111, "running": 400, "waiting": 780, "failed": 40, "in_doubt": 3, "skipped": 60, "invalid": 6}


QUESTIONS = (
    QuestionTally("4", "ready", 1_120, {"now": 640, "later": 96, "otherwise": 31}, 210, 402),
    QuestionTally("5", "people", 640, {"a1": 500}, 0, 0),
    QuestionTally("6", "nobody"),
)


def recipients(states: Mapping[str, int] = STATES) -> Iterator[RecipientReport]:
    """As many as the figures say, the states mixed."""
    left = dict(states)
    row = 1
    while left:
        for state in list(left):
            left[state] -= 1
            if not left[state]:
                del left[state]
            row += 1
            yield entry(row, state)


@cache
def _everybody() -> Sequence[RecipientReport]:
    return tuple(recipients())


def entry(row: int, state: str) -> RecipientReport:
    who = Recipient(f"0f8fad5b-d9cb-469f-a165-{row:012}", f"+52155{row:08}")
    at = 1_772_380_800.0 + row
    match state:
        case "failed" | "in_doubt":
            reason = REASONS[row % 3][0] if state == "failed" else "no answer came within 30 s"
            return RecipientReport(f"19f{row:013x}", who, row, state, "photo", "accepted", reason, at)
        case "skipped" | "invalid":
            reason = "already had this flow" if state == "skipped" else f"people.csv:{row}:3: name is empty"
            return RecipientReport("", who, row, state, reason=reason)
        case "waiting":
            return RecipientReport(f"19f{row:013x}", who, row, state)
        case _:
            return RecipientReport(f"19f{row:013x}", who, row, state, "goodbye", "delivered", "", at)


def report(its_recipients: Iterable[RecipientReport] | None = None, **more: object) -> CampaignReport:
    spans = tuple((1_772_380_800.0 + 30 * n, (n * 37) % 90 + 20, (n * 7) % 11 // 9 * 4) for n in range(100))
    told = _everybody() if its_recipients is None else its_recipients
    troubled = [each for each in told if each.state in {"failed", "in_doubt"}] if isinstance(told, Sequence) else []
    its = (Told(told), Told(troubled))
    made = CampaignReport(CAMPAIGN, TALLIES, STATES, REASONS, spans, spans[0][0], spans[-1][0] + 12, *its)
    return made._replace(**more)


NASTY = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}\u202egnp.exe\x1b[2J\x00\ud83d&amp;"
"""What must stay text, whatever shows it."""


def nasty() -> CampaignReport:
    """A report whose every text is hostile."""
    its = CAMPAIGN._replace(
        id=NASTY,
        flow_name=NASTY,
        bundle=Bundle.of(NASTY, ""),
        target=NASTY,
        audience=NASTY,
        total=2,
        options={NASTY: NASTY, "n": [1]},
    )
    people = [
        RecipientReport(NASTY, Recipient(NASTY, NASTY), 2, "failed", NASTY, NASTY, NASTY, 1.0),
        RecipientReport("", Recipient("", ""), 3, NASTY, reason=NASTY),
    ]
    return report(
        people,
        campaign=its,
        tallies=(StepTally(NASTY, NASTY, NASTY, 1, 1, 1, 0, 1),),
        states={"failed": 1, NASTY: 1},
        reasons=((NASTY, 1), ("", 1)),
    )
