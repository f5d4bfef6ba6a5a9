"""The journal: append-only Events of Runs on disk; what is done, what is in doubt, and who may continue."""

from flowrunner.journal.campaigns import Campaigns
from flowrunner.journal.claims import Busy, Claim
from flowrunner.journal.errors import JournalError, LostClaim
from flowrunner.journal.following import Followed
from flowrunner.journal.had import may_have_had
from flowrunner.journal.journal import Journal
from flowrunner.journal.members import Beginning, Member, Omission
from flowrunner.journal.records import RunRecord, RunState, Sent, Standing

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
    "may_have_had",
]
