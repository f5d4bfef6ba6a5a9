"""What people write while no run takes it: who says stop then is kept, too, by the words of the flow that they had."""

from collections.abc import Sequence
from typing import Final

from flowrunner.engine.answers.hearing import TAPS, concerns
from flowrunner.engine.answers.stopping import stops, takes_out, taps_out
from flowrunner.engine.history.state import state_of
from flowrunner.flow import load_bundle
from flowrunner.journal import Journal
from flowrunner.model import Bundle, Flow, Inbound, Recipient

_LONGEST: Final = 100
"""Code points of what may be nothing but a word for stop: most of what people write need not be looked at."""
_KEPT: Final = 32
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
        The run of each that was kept: the last that listened to them.

    Raises:
        JournalError: The journal cannot be used.
    """
    kept = []
    for whom, said in people:
        if len(said.text) > _LONGEST or not (said.text or said.choice):
            continue
        run = await journal.last_listening(target, whom)
        if run is None or (flow := _flow(run.bundle)) is None:
            continue
        if said.kind not in TAPS and not stops(flow, said):
            continue
        state = state_of(await journal.events(run.id))
        is_tap, is_its = taps_out(flow, state, said), concerns(state, said)
        if not is_tap and (not stops(flow, said) or (is_its and await journal.takes(target, whom))):
            continue
        if await journal.opted_out(target, [whom]):
            continue
        if 0 < said.at <= (await journal.opted_in(target, [whom])).get(0, 0.0):
            continue  # it is told once more
        has_last_words = is_its and not is_tap and takes_out(flow, said) and await journal.hears(target, whom)
        reason = (said.text or said.choice).encode(errors="replace").decode()  # half a character is no reason not to
        await journal.opt_out(target, whom, reason, said.at, run.id if has_last_words else "")
        kept.append(run.id)
    return kept


def _flow(bundle: Bundle) -> Flow | None:
    if bundle.digest not in _FLOWS:
        if len(_FLOWS) == _KEPT:
            _FLOWS.clear()
        _FLOWS[bundle.digest] = load_bundle(bundle).flow
    return _FLOWS[bundle.digest]
