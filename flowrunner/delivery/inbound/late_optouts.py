"""What people write while no run takes it: who says stop then is kept, too, by the words of the flow that they had."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from flowrunner.engine.answers.candidates import TAPS, concerns
from flowrunner.engine.answers.opting_out import stops, takes_out, taps_out
from flowrunner.engine.history.phases import WOKEN, Phase
from flowrunner.engine.history.state import state_of
from flowrunner.flow import load_bundle
from flowrunner.journal import Journal, RunRecord
from flowrunner.model import Bundle, Flow, Inbound, Recipient, Run

_LONGEST: Final = 100
"""Code points of what may be nothing but a word for stop: most of what people write need not be looked at."""
_KEPT: Final = 32
_PAGE: Final = 200
_FLOWS: Final[dict[str, Flow | None]] = {}
"""By the digest of their bundles: people write far more often than flows change."""


async def keep_stops(journal: Journal, target: str, people: Sequence[tuple[Recipient, Inbound]]) -> list[str]:
    """Keep that people want to be written to no more who say it while no run of theirs takes what they write.

    Only a message that is nothing but one of the words for stop counts, or a tap that stops the flow: nobody has asked
    them anything. While a run waits that takes it, that decides; one that sends would not hear it before its end, and
    one that has failed, or whose process was killed, may never be gone on with. It has its last words all the same. No
    run takes a tap on what was asked before, nor what was written long before it began: that was said to another.

    Args:
        journal: Where their runs are.
        target: What the journal calls the API that told it.
        people: Who wrote what.

    Returns:
        The run of each that was kept: one by whose words they said it.

    Raises:
        JournalError: The journal cannot be used.
    """
    kept = []
    for whom, said in people:
        if len(said.text) > _LONGEST or not (said.text or said.choice):
            continue
        runs = await journal.listening_to(target, whom)
        said_to = [each for record in runs if (each := await _said_to(journal, record, said)) is not None]
        if not said_to or any(each.decides for each in said_to) or await journal.opted_out(target, [whom]):
            continue
        if 0 < said.at <= (await journal.opted_in(target, [whom])).get(0, 0.0):
            continue  # it is told once more
        reason = (said.text or said.choice).encode(errors="replace").decode()  # half a character is no reason not to
        own = next((each.run for each in said_to if each.has_last_words), "")
        await journal.opt_out(target, whom, reason, said.at, own)
        kept.append(own or said_to[0].run)
    return kept


async def keep_stops_of(journal: Journal, run: Run) -> None:
    """The same for all that a run has heard which goes on no more: it waited, so that who heard it left it to the run.

    Raises:
        JournalError: The journal cannot be used.
    """
    flow = _flow(run.bundle)
    if flow is None:
        return
    state = state_of(await journal.events(run.id))
    whom = state.recipient_of(run.recipient)
    said = [each for each in state.heard if stops(flow, each) or taps_out(flow, state, each)]
    await keep_stops(journal, run.target, [(whom, each) for each in said])


async def keep_stops_of_campaign(journal: Journal, campaign_id: str) -> None:
    """The same for all runs of a campaign that was cancelled.

    Raises:
        JournalError: The journal cannot be used.
    """
    after, phases = 0, (Phase.CANCELLED, Phase.IN_DOUBT)
    while page := await journal.pending(campaign_id, phases=phases, after=after, limit=_PAGE, heard=True):
        await asyncio.gather(*(keep_stops_of(journal, each.run) for each in page))
        after = page[-1].key


class _SaidTo(NamedTuple):
    """A run by whose words a message is stop.

    Attributes:
        run: Its id.
        decides: It waits, and takes the message itself.
        has_last_words: It takes it if it is ever gone on with.
    """

    run: str
    decides: bool = False
    has_last_words: bool = False


async def _said_to(journal: Journal, record: RunRecord, said: Inbound) -> _SaidTo | None:
    run, flow = record.run.id, _flow(record.run.bundle)
    if flow is None or (said.kind not in TAPS and not stops(flow, said)):
        return None
    state = state_of(await journal.events(run))
    if taps_out(flow, state, said):
        return _SaidTo(run)
    if not stops(flow, said):
        return None
    if not concerns(state, said):
        return _SaidTo(run)
    # One in doubt as a whole hears nothing before somebody has decided on it.
    is_gone_on_with = record.phase in WOKEN and state.lost is None and not record.called_off
    return _SaidTo(run, is_gone_on_with, not record.has_ended and takes_out(flow, said))


def _flow(bundle: Bundle) -> Flow | None:
    if bundle.digest not in _FLOWS:
        if len(_FLOWS) == _KEPT:
            _FLOWS.clear()
        _FLOWS[bundle.digest] = load_bundle(bundle).flow
    return _FLOWS[bundle.digest]
