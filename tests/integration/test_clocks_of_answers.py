"""Answers are found whatever the API's clock says: what it dates is asked for by its own time."""

from pathlib import Path

import pytest

from flowrunner.emulator.api.faults import parse_fault
from support.chats import Chat, chatted, text
from support.virtual import VirtualClock

HOUR = 3600.0
FLOW = """
name: asking
steps:
  - message: How many?
    reply:
      within: 5h
      remind: {after: 3h, message: Still there?}
      answers: [{number: {min: 1}, steps: [{message: Thanks.}, {end: finished}]}]
      no_reply: [{message: Another time.}, {end: finished}]
"""


@pytest.mark.parametrize("dialect", ["kapso-v1", "meta"])
@pytest.mark.parametrize("ahead", [-2 * HOUR, 0, 2 * HOUR])
@pytest.mark.parametrize("quiet", [True, False], ids=["just before a reminder", "by who comes back"])
def test_an_answer_given_while_nobody_listened_is_found_whatever_the_api_s_clock_says(
    tmp_path: Path, clock: VirtualClock, dialect: str, ahead: float, quiet: bool
) -> None:
    """Ours may be hours ahead of it."""

    async def work(chat: Chat) -> None:
        if ahead:
            chat.state.faults.add(parse_fault(f"clock:seconds={ahead:g}"))
        run = await chat.begin(FLOW)
        await chat.later((0.5 * HOUR, text("12")), (HOUR, text("hm")))
        async with chat.listening():
            await chat.until(run)
        assert chat.chat() == ["How many?", "> 12", "> hm", "Thanks."]

    chatted(tmp_path, clock, work, dialect=dialect, quiet=quiet)
