"""One flow for an audience, and what became of it."""

from collections.abc import AsyncIterable, Mapping
from typing import NamedTuple

from flowrunner.model.flows import Bundle
from flowrunner.model.plain import NOTHING, Json
from flowrunner.model.recipients import Recipient


class Campaign(NamedTuple):
    """One flow for one audience, with all that is needed to go on with it.

    Attributes:
        audience: The name of the file its recipients came from.
        total: How many recipients it has.
        options: What was asked for and decides how it goes on, plain data.
        listens: Whether its flow hears what its people write, see `flowrunner.model.Flow`.
    """

    id: str
    flow_name: str
    bundle: Bundle
    target: str
    now: str
    created_at: float
    audience: str
    total: int
    options: Mapping[str, Json] = NOTHING
    listens: bool = False


class StepTally(NamedTuple):
    """What became of one step, over a whole audience. Who was read was delivered, and sent, and accepted."""

    step: str
    label: str
    what: str
    accepted: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    in_doubt: int = 0
    skipped: int = 0


class QuestionTally(NamedTuple):
    """What became of one question, over a whole audience: who was asked has answered, was silent, or is waited for.

    Attributes:
        answered: How many took each branch, by its name; ``otherwise`` where none of the answers was met.
        silent: How many did not answer in time.
        reminded: How many were reminded at least once.
        words: What must be answered for a branch that has no name of its own, by the name that it has instead.
    """

    step: str
    label: str
    asked: int = 0
    answered: Mapping[str, int] = NOTHING
    silent: int = 0
    reminded: int = 0
    words: Mapping[str, str] = NOTHING

    @property
    def open(self) -> int:
        """How many have neither answered nor been silent: they are waited for, or their run has ended before."""
        return max(self.asked - sum(self.answered.values()) - self.silent, 0)


class RecipientReport(NamedTuple):
    """What became of one recipient.

    Attributes:
        row: The line in the audience's file; 0 where there is none.
        state: ``finished``, ``failed``, ``in_doubt``, ``running``, ``waiting``, ``paused``, ``asked``, ``held``,
            ``cancelled``, ``opted_out``, ``handed_over``, ``skipped`` or ``invalid``.
        step: The label of the last step that was reached.
        status: How far its message has come.
        reason: Why it failed, is in doubt or was left out; or that WhatsApp holds its last message back.
        variables: A value for each input; nothing for those who were left out before any run of theirs.
        timezone: The IANA name of their time zone, where the campaign asked for it.
        answers: What they have answered last to each question, by its label.
    """

    run: str
    recipient: Recipient
    row: int
    state: str
    step: str = ""
    status: str = ""
    reason: str = ""
    updated_at: float = 0.0
    variables: Mapping[str, Json] = NOTHING
    timezone: str = ""
    answers: Mapping[str, str] = NOTHING


class CampaignReport(NamedTuple):
    """What became of a campaign.

    Attributes:
        states: How many recipients are in each state.
        reasons: Why recipients failed, with how many, the most frequent first.
        timeline: Start of a span in seconds since the epoch, messages accepted in it, messages failed in it.
        recipients: Every recipient, in the order of the audience; perhaps a million, read as they are asked for.
        troubled: Those of them who failed or are in doubt.
        questions: What became of each question of a flow that listens.
        languages: For each language in which people were written to, how many of them are in which state; the one of
            most people first. Empty where the runs have none.
    """

    campaign: Campaign
    tallies: tuple[StepTally, ...]
    states: Mapping[str, int]
    reasons: tuple[tuple[str, int], ...]
    timeline: tuple[tuple[float, int, int], ...]
    started: float
    updated: float
    recipients: AsyncIterable[RecipientReport]
    troubled: AsyncIterable[RecipientReport]
    questions: tuple[QuestionTally, ...] = ()
    languages: Mapping[str, Mapping[str, int]] = NOTHING
