"""One recipient, held against the people who are not to be written to."""

from pathlib import Path

from flowrunner.audience import read_exclusions
from flowrunner.diagnostics.errors import FlowError, RefusedError
from flowrunner.journal import Journal
from flowrunner.model import Recipient


async def require_wanted(whom: Recipient, exclude: Path, region: str, target: str, journal: Journal | None) -> None:
    """Make sure that a recipient is not on the list, by any name that is known of them.

    Args:
        whom: The recipient.
        exclude: The file of people who are not to be written to.
        region: The country of phones in it without a country code.
        target: Where they would be written to.
        journal: What knows their other names; None where there is none.

    Raises:
        FlowError: A line of the list cannot be understood.
        RefusedError: They are on it.
    """
    listed, problems = read_exclusions(exclude, region=region)
    if listed is None:
        raise FlowError(problems)
    names = (whom, await journal.known(target, whom)) if journal is not None else (whom,)
    if line := listed.line(*names):
        raise RefusedError(
            f"{whom.label} is on the do-not-contact list {exclude}, in line {line}; nothing was sent",
            "if they want to be written to again, take them off the list",
        )
