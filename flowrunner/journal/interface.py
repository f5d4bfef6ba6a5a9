"""What every journal can do, whatever keeps it."""

import math
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from flowrunner.engine.history.phases import Phase
from flowrunner.journal.errors import JournalError
from flowrunner.journal.listening import Listening
from flowrunner.journal.optouts import OptOuts
from flowrunner.journal.rates import Given, Wanted
from flowrunner.journal.values import Busy, Claim, RunRecord, Sent, Upload
from flowrunner.model import Event, Recipient, Run

if TYPE_CHECKING:
    from flowrunner.journal.many import Beginning, Counts, Followed, Member, Omission
    from flowrunner.journal.work import Work
    from flowrunner.model.campaigns import Campaign, CampaignReport, StepTally


class Journal(Listening, OptOuts, Protocol):
    """The Events of Runs: the only state there is. `flowrunner.journal.open_journal` opens one.

    What a write has written survives the end of the process once it returns, however that ends, and a power cut too.
    Only claims, and events of which all are of `LEARNT_AGAIN`, survive a power cut no sooner than with the next write
    of anything else, or a second or so later: what it leaves is the journal as it was at a moment since then. What a
    caller that is cancelled has asked to be written is written all the same. A read sees what was committed, also by
    other processes, and blocks no event loop. A journal may be used from several event loops, and be open in many
    processes at once. It holds message texts and phone numbers, but never an API key: it is given none.

    A campaign is begun, then its runs are, in the order of the audience. What is said of a run holds for those of
    campaigns too, except that `runs` leaves them out.

    Every method raises JournalError when the journal cannot be used.

    Attributes:
        incomplete: Why a journal that is only read must not be sent by: some of it is missing. None where all is there.
        is_shared: Whether other machines may use it, too.
    """

    incomplete: JournalError | None
    is_shared: bool

    @property
    def work(self) -> "Work":
        """Its part for workers."""

    async def begin(self, run: Run, *, again: bool = False) -> None:
        """Write a new run; ``again`` says that it is sent although its person may have had the flow before."""

    async def append(self, *events: Event, claim: Claim | None = None, heard: int | None = None) -> None:
        """Write events of runs that were begun, all or none; the names that they tell of a person are learnt.

        Args:
            events: What has happened.
            claim: Of their person; None where nobody need have them.
            heard: How many messages of the person are taken into account by the last event; None where that is nothing
                to it.

        Raises:
            CalledOff: A message would be begun under ``claim``, and its run or campaign was cancelled; nothing was
                written.
            HeardMore: The run of the last event has heard more by now; nothing was written.
            LostClaim: Another owner has taken the person of ``claim``; nothing was written.
            OptedOut: A message would be begun, and the person of ``claim``, by whatever is known by now of the names
                that it was taken by, wants to be written to no more; nothing was written.
        """

    async def claim(
        self,
        target: str,
        recipient: Recipient,
        owner: str,
        lease: float = 30.0,
        *,
        ended: Collection[str] = (),
        purpose: str = "",
    ) -> Claim | Busy:
        """Take a person, by every name that is known of them, for ``lease`` seconds; or learn who has them.

        All or nothing, atomic across processes. A name is free if it was never taken, was released, or its lease has
        run out. Its holder takes it again at any time, with the epoch it has: to hold what was learnt meanwhile, too.

        Args:
            target: The API.
            recipient: Who, by any of their names.
            owner: Who asks, not empty; two workers that must exclude each other need two names.
            lease: Seconds, by a clock that other processes share and nobody sets.
            ended: Owners whose processes are known to have ended: their leases need not run out.
            purpose: Only who asks for the same is excluded.
        """

    async def renew(self, claims: Sequence[Claim], lease: float = 30.0) -> list[Claim]:
        """Prolong claims, all at once. Returns those still held, in order; a missing one was lost."""

    async def release(self, claim: Claim) -> None:
        """Give a person back; nothing happens where they were lost. The claim is void from then on."""

    async def reserve(self, sender: str, wanted: Wanted) -> Given:
        """Give a process turns of a rate that it shares with others, as `flowrunner.journal.rates.give` says.

        Atomic across processes; by a clock that is the same for all of them. Survives a power cut as claims do.

        Args:
            sender: Whose rate it is: no two senders have the same name. It is kept as it is.
            wanted: What the process asks for.
        """

    async def begun_lately(self, target: str, recipient: Recipient, since: float) -> list[float]:
        """When messages to a person were begun, by any run and whatever became of them, since then; in order.

        Seconds since the epoch, by the clocks of those who began them.
        """

    async def clock_offset(self) -> float:
        """How many seconds this machine's clock is ahead of that of the machine that has the journal; 0.0 of a file."""

    async def learn(self, target: str, recipient: Recipient) -> None:
        """Keep that all names of the recipient are one person's, and with them all that either was known by before."""

    async def known(self, target: str, recipient: Recipient) -> Recipient:
        """The recipient with each name that they lack and the journal knows, as it was learnt last."""

    async def aliases(self, target: str, people: Sequence[Recipient]) -> Mapping[int, Sequence[Recipient]]:
        """The other names of those people who have any: by their places in ``people``, one name in each."""

    async def refuse_marketing(self, target: str, recipient: Recipient) -> None:
        """Keep that a person, by all their names, wants no more marketing."""

    async def allow_marketing(self, target: str, recipient: Recipient) -> None:
        """Keep that they want it again."""

    async def refusing_marketing(self, target: str, people: Sequence[Recipient]) -> set[int]:
        """Which of these want no more marketing: their places in ``people``."""

    async def uploaded(self, target: str, digest: str, upload: Upload) -> None:
        """Keep by what an API has a file, whose SHA-256 is given in hexadecimal, instead of what was kept before."""

    async def upload(self, target: str, digest: str) -> Upload | None:
        """By what the API has the file, as it was kept last; None where it never was."""

    async def ids(self, beginning: str, *, limit: int) -> tuple[list[str], list[str]]:
        """The ids of campaigns, and those of runs, that begin so: at most ``limit`` of each, newest first.

        The runs of a campaign are among them where no campaign is: their ids begin with its own.
        """

    async def record(self, run_id: str) -> RunRecord | None:
        """The run with exactly this id."""

    async def runs(self, *phases: Phase, limit: int | None = None) -> list[RunRecord]:
        """Runs of no campaign, newest first; at most ``limit``; those in ``phases``, if any are given."""

    async def events(self, run_id: str) -> list[Event]:
        """The events of the run with exactly this id, in the order they were written."""

    async def tally(self, run_id: str, steps: Mapping[str, tuple[str, str]]) -> "tuple[StepTally, ...]":
        """What became of each step of one run; ``steps`` as for `report`."""

    async def earlier(self, flow_name: str, target: str, recipient: Recipient) -> list[RunRecord]:
        """Runs of that flow for the same person at the same target, newest first.

        Who shares a name is one person, a phone in any of its spellings; and who is known to be (see `learn`).
        """

    async def had_before(
        self, flow_name: str, target: str, recipients: Sequence[Recipient], *, but: str = "", since: float = -math.inf
    ) -> set[int]:
        """Which of these people got that flow before, or part of it, or may have: their places in ``recipients``.

        A run of which surely no message was taken does not count, nor one of a campaign that has not had its turn yet.
        Who is the same person is as for `earlier`. The run ``but`` does not count, nor one whose last message was
        handed over before ``since``, in seconds since the epoch.
        """

    async def ended_so(self, flow_name: str, target: str, recipients: Sequence[Recipient], phase: Phase) -> set[int]:
        """For which of these people the last run of that flow that was begun has come to that: their places."""

    async def sent_to(self, target: str, recipient: Recipient) -> list[Sent]:
        """What any run began to this person, and which ids the API gave there, in the order it was written.

        Of a recipient with a conversation only what was sent there, or perhaps there.
        """

    async def note_echo(self, target: str) -> None:
        """Keep that the API there has shown a message of ours with what it was posted with."""

    async def echoes(self, target: str) -> bool:
        """Whether it ever has: then one without that is not ours."""

    async def targets(self) -> list[str]:
        """Every API that anything was sent to, as the journal knows it."""

    def followed(
        self, target: str, *, campaign: str = "", run: str = "", since: float = 0.0
    ) -> "AsyncIterator[Followed]":
        """Runs with messages that may still come further: accepted, not known to be read, not failed.

        Args:
            target: The API's URL, as the journal knows it.
            campaign: Only runs of the campaign with that id.
            run: Only the run with that id.
            since: Only runs of which something was learnt since then, in seconds since the epoch.
        """

    async def prune(self, older_than: float) -> int:
        """Delete finished runs whose last event is older, with their events, some at a time.

        Args:
            older_than: Seconds since the epoch.

        Returns:
            How many runs were deleted.
        """

    async def begin_campaign(self, campaign: "Campaign") -> None:
        """Write a new campaign, without any run."""

    async def begin_runs(self, campaign_id: str, beginnings: "Sequence[Beginning]") -> None:
        """Write runs of a campaign, all or none; ten thousand at a time are fast and small."""

    async def omit(self, campaign_id: str, omissions: "Sequence[Omission]") -> None:
        """Write who was left out before a run of theirs began; a line that is there stays as it was."""

    async def found(self, run_id: str, conversation: str) -> None:
        """Write which conversation the person of a run has: what was sent there is known by it."""

    async def campaign(self, campaign_id: str) -> "Campaign | None":
        """The campaign with exactly this id."""

    async def campaigns(self, *phases: Phase, limit: int | None = None) -> "list[Campaign]":
        """Campaigns, newest first; at most ``limit``.

        With ``phases`` only those that were not cancelled, and that have a run that has come to one of them.
        """

    async def pending(
        self, campaign_id: str, *, phases: Sequence[Phase] = (Phase.NEW, Phase.UNDER_WAY), after: int = 0, limit: int,
        heard: bool = False,
    ) -> "list[Member]":  # fmt: skip
        """The next runs that have come to one of ``phases``, at most ``limit``, in the order of the audience.

        Args:
            campaign_id: The campaign.
            phases: Which runs. `Phase.UNDER_WAY` are those under way, here or elsewhere, and those left lying.
            after: The key of the last one of the page before.
            limit: How many at most.
            heard: Only those whose people have written something.
        """

    async def wake(
        self, campaign_id: str, now: float, limit: int, *, only: Sequence[int] | None = None, owner: str = "",
        lease: float = 60.0,
    ) -> "list[Member]":  # fmt: skip
        """Take at most ``limit`` parked runs whose time has come by ``now``, the earliest first; ``only`` those keys.

        Nobody wakes them a second time: from then on they are under way, and those that a process leaves lying are
        found by `pending`; by `due` as if ``owner`` had taken them there for ``lease`` seconds.

        A run is parked by a `paused` event with ``wake_at`` (seconds since the epoch) in its detail: with a step it is
        waiting in that pause, without one it is held, for the ``reason`` in the detail. Its next event ends that.
        """

    async def next_wake(self, campaign_id: str) -> float | None:
        """When the next parked run wakes, in seconds since the epoch; None if none is parked."""

    async def cancel(self, campaign_id: str) -> None:
        """Call a campaign off for good: nobody of it is begun from now on, and `pending` and `wake` find nobody.

        Who is being sent to by a process meanwhile gets the message that is in flight; how that ends is still written.
        """

    async def cancelled_at(self, campaign_id: str) -> float | None:
        """When it was cancelled, in seconds since the epoch; None if it was not."""

    async def counts(self, campaign_id: str) -> "Counts":
        """How many of its recipients are where, the omitted too."""

    async def report(
        self, campaign_id: str, steps: Mapping[str, tuple[str, str]] | None = None, *, state: str = ""
    ) -> "CampaignReport":
        """What became of a campaign that is there.

        Its figures are of one moment; its recipients are read as they are asked for, each time again, in pages of
        which each is of one moment: while the campaign runs they may be further than the figures.

        Args:
            campaign_id: The campaign.
            steps: For each message step's address, in the flow's order, its label and what it is. A step that is not
                among them is called by its address and comes last.
            state: Only the recipients who are in that state; the figures are of all.

        Raises:
            KeyError: There is no such campaign.
        """
