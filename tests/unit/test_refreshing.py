"""Late statuses: what is asked of an API that does not tell."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from flowrunner.client import Rejected, TransportError
from flowrunner.delivery import Pace, Rate
from flowrunner.delivery.late_statuses import AT_ONCE, refresh
from flowrunner.journal.many import Followed
from flowrunner.model import Recipient
from support.virtual import VirtualClock


@pytest.mark.parametrize(
    ("concerns", "asked"), [("sender", AT_ONCE), ("message", 100)], ids=["the sender is refused", "one is"]
)
def test_all_are_counted_and_none_is_asked_for_in_vain(concerns: Any, asked: int) -> None:
    """Of an API that refuses the sender: each question is one message less, and it would refuse it, too."""
    refusals: list[TransportError] = []

    class Api:
        lists, says_status, rate = True, False, None

        async def messages(self, _: Recipient) -> list[Any]:
            await clock.sleep(0.1)
            refusals.append(Rejected("no", hint="look", status=401, concerns=concerns))
            raise refusals[-1]

    async def runs() -> AsyncIterator[Followed]:
        for number in range(100):
            yield Followed(f"r{number}", Recipient(f"c{number}"), True, {})

    with VirtualClock() as clock:
        pace = Pace(Rate(1000, 1.0), clock=clock)
        work = refresh(runs(), "api", cast("Any", None), cast("Any", Api()), pace, asyncio.Event())
        learnt = clock.run(work)
    assert (learnt.asked, learnt.unread, learnt.reason, learnt.hint) == (0, 100, "no", "look")
    assert len(refusals) == asked
