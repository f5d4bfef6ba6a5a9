"""A run comes into being: once for each flow and person, unless it is said otherwise."""

import random
from collections.abc import Awaitable, Callable, Mapping

from flowrunner.clock import Clock
from flowrunner.engine.history.phases import Phase
from flowrunner.journal import Busy, Journal, RunRecord
from flowrunner.model import Flow, Json, Recipient, Run

Refuse = Callable[[], Awaitable[str]]
"""Why a run must not begin; empty where it may."""


def new_run(
    flow: Flow, recipient: Recipient, variables: Mapping[str, Json], now: str, target: str, clock: Clock
) -> Run:
    """A run that has not begun, with an id of its own."""
    at = clock.now()
    return Run(
        id=new_id(at),
        flow_name=flow.name,
        bundle=flow.bundle,
        recipient=recipient,
        target=target,
        variables=dict(variables),
        now=now,
        created_at=at,
        listens=flow.listens,
    )


def new_id(at: float) -> str:
    """An id: twelve signs a person can type: in order of time for two years, and many may begin in one millisecond."""
    number = int(at * 1000) % 36**7 * 36**5 + random.SystemRandom().randrange(36**5)
    signs = ""
    while len(signs) < 12:
        number, sign = divmod(number, 36)
        signs = "0123456789abcdefghijklmnopqrstuvwxyz"[sign] + signs
    return signs


async def begin(run: Run, journal: Journal, *, again: bool = False, clock: Clock) -> RunRecord | None:
    """Write the run into the journal; unless its flow was sent to its person before, or is being sent.

    A run that ended, and of which its person surely had nothing, does not count. Two processes that ask at once
    cannot both begin.

    Args:
        run: A new run.
        journal: Where it goes.
        again: Begin it all the same.
        clock: Where time comes from.

    Returns:
        None when it has begun, else the newest run that is in the way.
    """
    # One question and one write must not have another process's write between them.
    whom, owner = (run.target, run.recipient), run.id
    # Another process has it: there is no event of ours to wait for.
    while isinstance(claim := await journal.claim(*whom, owner, 10.0, purpose="begin"), Busy):
        await clock.sleep(0.02)
    try:
        if not again:
            for record in await journal.earlier(run.flow_name, run.target, run.recipient):
                if record.may_have_had or record.state == "unfinished":  # else it may be running
                    return record
        await journal.begin(run, again=again)
    finally:
        await journal.release(claim)
    return None


async def yields(run: Run, journal: Journal) -> bool:
    """Whether a run under way leaves the rest of the flow to another one, now that both are known to be for one person.

    To one that has reached its end, or that was begun before it and may go on: of two, exactly one goes on.
    """
    for record in await journal.earlier(run.flow_name, run.target, run.recipient):
        other = record.run
        is_first = (other.created_at, other.id) < (run.created_at, run.id)
        had_it = other.id != run.id and record.may_have_had
        if had_it and record.phase not in _GIVEN_UP and (is_first or record.phase in _AT_ITS_END):
            return True
    return False


_AT_ITS_END = (Phase.FINISHED, Phase.UNDELIVERED)
_GIVEN_UP = (Phase.WITHHELD, Phase.CANCELLED)


async def had_elsewhere(run: Run, journal: Journal) -> str:
    """Why a run must not begin: its person may have had the flow by another one, and it was not begun `again`."""
    record = await journal.record(run.id)
    if record is not None and record.again:
        return ""
    had = await journal.had_before(run.flow_name, run.target, [run.recipient], but=run.id)
    return "had this flow before" if had else ""
