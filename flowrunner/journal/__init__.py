"""The journal: append-only Events of Runs on disk; what is done, what is in doubt, and who may go on."""

from flowrunner.journal.claims import Busy, Claim
from flowrunner.journal.errors import JournalError, LostClaim
from flowrunner.journal.journal import Journal
from flowrunner.journal.records import RunRecord, RunState

__all__ = ["Busy", "Claim", "Journal", "JournalError", "LostClaim", "RunRecord", "RunState"]
