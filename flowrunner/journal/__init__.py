"""The journal: append-only Events of Runs on disk; what is done, what is in doubt, and who may continue."""

from flowrunner.journal.errors import JournalError, LostClaim
from flowrunner.journal.sqlite.campaigns import Campaigns
from flowrunner.journal.sqlite.claims import Busy, Claim
from flowrunner.journal.sqlite.following import Followed
from flowrunner.journal.sqlite.journal import Journal
from flowrunner.journal.sqlite.members import Beginning, Member, Omission
from flowrunner.journal.sqlite.records import RunRecord, RunState, Sent, Standing

__all__ = [
    "Beginning",
    "Busy",
    "Campaigns",
    "Claim",
    "Followed",
    "Journal",
    "JournalError",
    "LostClaim",
    "Member",
    "Omission",
    "RunRecord",
    "RunState",
    "Sent",
    "Standing",
]
