"""What is said of a test in every form: its place and name, what went wrong, and how many there were."""

from collections import Counter
from collections.abc import Iterable, Sequence

from flowrunner.diff.values import Span
from flowrunner.testing.outcomes import Entry, Failure, Origin, Outcome
from flowrunner.views.times import duration


def heading(outcome: Outcome, failure: Failure) -> str:
    """The test's name, and which turn of it: ``she starts at once › turn 3``."""
    return f"{outcome.case.name} › turn {failure.turn}" if failure.turn else outcome.case.name


def summary(outcomes: Sequence[Outcome], left: int, took: float) -> str:
    """How many passed and failed, and in which time."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    said = [f"{counts['passed']:,} passed"] if counts["passed"] or not outcomes else []
    said += [f"{counts['failed']:,} failed"] if counts["failed"] else []
    said += [f"{counts['internal']:,} internal"] if counts["internal"] else []
    said += [f"{left:,} not run"] if left else []
    return f"{', '.join(said)} in {took:.2f} s"


def origin(its: Origin | None) -> str:
    """What of the flow it was, and where: ``onboarding.yaml:31 step company``; nothing where that is not known."""
    return f"{its.at.path}:{its.at.line} step {its.label}" if its is not None else ""


def difference(spans: Iterable[Span]) -> str:
    """What was there beside what was wanted, in plain text: ``First, your [-company-]{+firm+}.``."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[span.kind].format(span.text) for span in spans)


def in_sentences(failure: Failure) -> str:
    """What went wrong, a line each."""
    said = failure.says
    if failure.difference:
        said = f"{said}: {difference(failure.difference)}"
    elif failure.got is not None:
        said = f"{said}: {failure.got}"
    lines = [said]
    lines += [f"expected: {failure.expected}"] if failure.expected is not None and failure.got is None else []
    lines += [f"from {origin(failure.origin)}"] if failure.origin is not None else []
    lines += [f"hint: {failure.hint}"] if failure.hint else []
    return "\n".join(lines)


def line_of(entry: Entry) -> str:
    """One line of the chat: when, who, and what."""
    who = {"bot": "bot", "customer": "customer", "event": "·"}[entry.who]
    text = " ".join(entry.text.split())
    step = f"  ({entry.origin.label})" if entry.origin is not None else ""
    when = f"+{duration(round(entry.seconds))}" if entry.seconds >= 0.5 else "0"
    return f"{when:<12} {who:<9} {text}{step}"


def files_of(outcomes: Iterable[Outcome]) -> list[str]:
    """The test files, each once, in their order."""
    return list(dict.fromkeys(outcome.case.at.path for outcome in outcomes))
