"""What came of tests as one HTML file that asks nothing of any network: each failure beside the chat up to it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from flowrunner.diagnostics import Diagnostic
from flowrunner.testing.outcomes import Entry, Failure, Outcome
from flowrunner.views.html.bubble import bubble
from flowrunner.views.html.page import asset, draw
from flowrunner.views.problems.text import text as problems_text
from flowrunner.views.tests.told import files_of, heading, summary
from flowrunner.views.times import duration

_BEFORE: Final = 2
"""Lines of the test file that are shown above the one that fails."""
_DRAWN: Final = frozenset(
    ["text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction"]
)
"""What a customer sends that is drawn as what it is; the rest is what is read of it."""


_STYLES: Final = ("html/chat.css", "tests/came.css", "tests/tests.css")


def as_html(
    outcomes: Sequence[Outcome],
    diagnostics: Sequence[Diagnostic],
    texts: Mapping[str, str],
    left: int,
    took: float,
) -> str:
    """The whole page. All of it can be read without a script, on a phone and on paper.

    Args:
        outcomes: What came of each test.
        diagnostics: What is wrong with files that could not be read.
        texts: The text of each test file, by its path.
        left: How many were not run.
        took: Seconds.
    """
    files = [(path, [each for each in outcomes if each.case.at.path == path]) for path in files_of(outcomes)]
    return draw(
        "tests/tests.html",
        title="Tests of flows", style="".join(map(asset, _STYLES)), script="", connects=False,
        files=files, summary=summary(outcomes, left, took), problems=problems_text(diagnostics, colour=False),
        bubble=_bubble, heading=heading, excerpt=partial(_excerpt, texts), moments=_moments,
    )  # fmt: skip


def as_panel(outcome: Outcome, texts: Mapping[str, str]) -> str:
    """What came of one test without its chat, to stand below that on a page with the style ``tests/came.css``.

    Args:
        outcome: What came of it.
        texts: The text of each test file, by its path.
    """
    return draw("tests/panel.html", outcome=outcome, heading=heading, excerpt=partial(_excerpt, texts))


def _excerpt(texts: Mapping[str, str], failure: Failure) -> str:
    lines = texts.get(failure.at.path, "").split("\n")
    first = max(failure.at.line - _BEFORE, 1)
    shown = enumerate(lines[first - 1 : failure.at.line], first)
    return "\n".join(f"{number:>4}  {line}" for number, line in shown)


def _bubble(entry: Entry) -> str:
    if entry.who == "bot":
        return bubble(entry.body, name=f"Step {entry.origin.label}" if entry.origin is not None else "Sent")
    is_drawn = entry.body.get("message_type") in _DRAWN and entry.body.get("message_type") != "text"
    body = entry.body if is_drawn else {"message_type": "text", "content": entry.text}
    return bubble(body, ours=False)


def _moments(chat: Sequence[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    """What happened, with how much time had passed where more than a minute lies between."""
    since, its = 0.0, list[Entry]()
    said = ""
    for entry in chat:
        if its and entry.seconds - since >= 60:
            yield said, its
            said, its = f"{duration(round(entry.seconds))} after the beginning", []
        its.append(entry)
        since = entry.seconds
    if its:
        yield said, its
