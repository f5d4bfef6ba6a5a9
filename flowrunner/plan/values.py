"""What a plan's file says first, and why one is refused."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.model import Json

VERSION: Final = 1
MARK: Final = "flowrunner_plan"
"""The first key of the file's first line; its value is the version."""


class PlanError(RefusedError):
    """A plan cannot be carried out; nothing was sent."""

    def __init__(self, message: str, hint: str = "make the plan again") -> None:
        super().__init__(message, hint)


class Header(NamedTuple):
    """What holds for everybody in a plan.

    Attributes:
        flow_path: The flow's file as it was named.
        flow_text: Its whole text.
        files: Every file that the plan was made of, from the plan's own folder, with the SHA-256 of its bytes.
        audience: The audience's file as it was named; empty where a single recipient was.
        journal: Where runs were looked for, and are to be kept: from the plan's own folder.
        target: The API, as the journal knows it.
        now: The moment that ``now`` is in expressions.
        created_at: When it was made, in seconds since the epoch.
        schedule: When people may be written to, as a campaign's options keep it.
    """

    flow_path: str
    flow_text: str
    files: Mapping[str, str]
    audience: str
    journal: str
    target: str
    now: str
    created_at: float
    schedule: Mapping[str, Json]
