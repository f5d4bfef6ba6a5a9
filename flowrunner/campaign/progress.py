"""How far a campaign has come."""

from dataclasses import dataclass
from typing import Final

from flowrunner.delivery.rate.pace import Pace
from flowrunner.engine.history.phases import Phase
from flowrunner.flow import Loaded
from flowrunner.journal import Journal
from flowrunner.journal.many import Member
from flowrunner.model import MessageStep, PauseStep
from flowrunner.model.campaigns import Campaign

ENDED_BADLY: Final = (Phase.FAILED, Phase.UNDELIVERED)


@dataclass(slots=True)
class CampaignProgress:
    """How far a campaign has come, with what was done before this process.

    Attributes:
        people: How many are to be sent to, all in all.
        done: How many were sent to, to the end.
        waiting: How many nothing was sent to yet.
        in_doubt: How many have a message that was perhaps taken, also while it is looked up.
        held: How many wait until their hours.
        paused: How many are in a pause step.
        asked: How many wait for an answer.
        held_back: Messages that the API took in this process, and that WhatsApp holds back.
        left_out: How many were not to be sent to after all, in this process.
        accepted: Messages that the API took in this process.
        ended: Runs that ended in this process, well or not.
        is_canary: The canary's people were sent to, and there are more.
        each: Messages that a person gets, on average.
        looks: How often the API is asked for a person how far their messages are, on average.
        looks_up: Whether anybody's is.
        by_phone: Whether each person's conversation is looked up first.
        pauses: Seconds that a run is in a pause, all in all.
        wakes_at: When the last of those that are known to wait goes on; seconds since the epoch.
        stopped: Why it stopped before everybody was sent to; empty when nothing did.
    """

    people: int = 0
    waiting: int = 0
    done: int = 0
    failed: int = 0
    in_doubt: int = 0
    in_flight: int = 0
    held: int = 0
    paused: int = 0
    asked: int = 0
    held_back: int = 0
    left_out: int = 0
    accepted: int = 0
    ended: int = 0
    is_canary: bool = False
    each: float = 1.0
    looks: float = 0.0
    looks_up: bool = True
    by_phone: bool = False
    pauses: float = 0.0
    wakes_at: float = 0.0
    stopped: str = ""

    async def take_up(self, campaign: Campaign, loaded: Loaded, journal: Journal) -> None:
        """Begin with what the journal says of a campaign."""
        counts = (await journal.counts(campaign.id)).states
        self.people = sum(count for state, count in counts.items() if state not in ("skipped", "invalid"))
        self.waiting, self.done = counts.get("waiting", 0), counts.get("finished", 0)
        self.failed, self.in_doubt = counts.get("failed", 0), counts.get("in_doubt", 0)
        self.done += counts.get("opted_out", 0) + counts.get("handed_over", 0)
        self.held, self.paused, self.asked = (counts.get(each, 0) for each in ("held", "paused", "asked"))
        self.wakes_at = await journal.next_wake(campaign.id) or 0.0
        steps = loaded.flow.steps if loaded.flow else ()
        self.pauses = sum(step.seconds for step in steps if isinstance(step, PauseStep))
        self.looks_up = campaign.options.get("look_ups") != 0
        looks = campaign.options.get("looks")
        self.looks = looks / self.people if isinstance(looks, int) and self.people else 0.0
        messages = campaign.options.get("messages")  # one of an older flowrunner does not say
        if isinstance(messages, int) and self.people:
            self.each = messages / self.people
        else:
            self.each = sum(isinstance(step, MessageStep) for step in steps)

    def begin(self, member: Member) -> None:
        """Somebody is sent to from here on, whatever became of them before."""
        self.in_flight += 1
        self.waiting -= member.phase is Phase.NEW
        self.in_doubt -= member.phase is Phase.IN_DOUBT
        self.by_phone = self.looks_up and bool(member.run.recipient.phone)
        self.held -= member.phase is Phase.HELD
        self.asked = max(self.asked - (member.phase is Phase.ASKED), 0)
        self.paused = max(self.paused - (member.phase is Phase.PAUSED), 0)  # others' are not known
        self.failed -= member.phase in ENDED_BADLY

    @property
    def is_sending(self) -> bool:
        """Whether messages leave as fast as they may; not where all wait for an hour or a pause."""
        return self.in_flight > 0 or self.waiting > 0

    def seconds_left(self, pace: Pace, busy: float) -> float | None:
        """Seconds until everybody was sent to; None where nothing is known yet.

        Args:
            pace: The limit that all requests keep to.
            busy: Seconds in this process in which somebody was being sent to.
        """
        to_do = self.people - self.done - self.failed - self.in_doubt - self.left_out - self.asked
        if to_do <= 0 or not self.accepted:
            return None
        under_way = max(0.0, self.accepted - self.each * self.ended)
        messages = max(to_do * self.each - under_way, 0.0)
        look_ups = self.waiting if self.by_phone else 0
        at_this_speed = messages * busy / self.accepted
        looks = messages * self.looks / self.each if self.each else 0.0
        sending = max(at_this_speed, pace.forecast(int(messages + looks + look_ups)))
        parked = self.held + self.paused
        waking = self.wakes_at - pace.clock.now() + sending * parked / to_do if parked else 0.0
        return max(sending + (self.pauses if self.waiting else 0.0), waking)
