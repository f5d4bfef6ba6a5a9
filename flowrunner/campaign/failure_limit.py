"""How a campaign's runs end, added up over all processes that send it, and when that is reason to stop."""

from typing import Final

from flowrunner.campaign.limits import LEAST_FAILURES
from flowrunner.engine.history.phases import Phase
from flowrunner.journal import Journal, JournalAwayError
from flowrunner.journal.many import Member
from flowrunner.journal.work import HandOver
from flowrunner.model import Event, EventKind

_WELL: Final = (EventKind.FINISHED, EventKind.OPTED_OUT, EventKind.HANDED_OVER)
_BADLY: Final = (EventKind.FAILED, EventKind.IN_DOUBT)


class Toll:
    """What this process adds to what all have come to."""

    def __init__(self, handed: HandOver, journal: Journal) -> None:
        """``handed``: how the campaign was handed over."""
        self._handed, self._journal = handed, journal
        self._ended = self._failed = 0

    def count(self, member: Member, last: Event) -> bool:
        """Count how a run has ended, if it has. Returns whether it ended badly: then it is time to add up."""
        is_bad = last.kind in _BADLY
        self._ended += is_bad or last.kind in _WELL
        # That one fails again is no news.
        self._failed += is_bad and member.phase not in (Phase.FAILED, Phase.UNDELIVERED)
        return is_bad

    async def add_up(self) -> bool:
        """Add to the journal's what was counted since. Returns whether the campaign goes on.

        It does not where another has stopped it, or it was handed over anew; nor where too much has failed, which stops
        it for all.
        """
        ended, failed, self._ended, self._failed = self._ended, self._failed, 0, 0
        try:
            its = await self._journal.work.add_up(self._handed, ended, failed)
        except JournalAwayError:
            self._ended, self._failed = self._ended + ended, self._failed + failed
            raise
        if its is None or its.stopped:
            return False
        if its.failed <= max(LEAST_FAILURES, its.terms.max_failures * its.ended):
            return True
        await self._journal.work.stop(its.campaign, f"{its.failed} of {its.ended} runs failed or are in doubt")
        return False
