"""What an API tells without a date is of when it first told it: an old stop puts nobody out who was let in again."""

from pathlib import Path
from typing import Any

import pytest

from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.model import Inbound, Recipient
from support.chats import PHONE, Chat, chatted
from support.virtual import VirtualClock

ANA = Recipient("c1", PHONE)
FLOW = """
name: asking
anytime: [{words: [stop], end: opted_out}]
steps:
  - id: q
    message: Well?
    reply: {within: 20h, settle: 0s, no_reply: continue}
"""
STOP = Inbound("wamid.stop", 0.0, "text", "stop")
TABLE = [
    ("it is told before they are let in", "stop in ask", False),
    ("they are never let in", "ask stop ask", True),
    ("it is told anew after they were let in", "ask in stop ask", True),
    ("it is told again after they were let in", "ask stop ask in ask", False),
    ("they are written to after they were let in", "ask stop ask in run ask", False),
    ("whoever asks begins anew", "ask stop ask in anew ask", False),
    ("it comes back after it was not told", "ask stop ask in none ask stop ask", False),
    ("they say it once more", "ask stop ask in again ask", True),
    ("it is told to who begins anew", "stop anew ask", True),
]


@pytest.mark.parametrize("is_dated", [False, True], ids=["undated", "dated"])
@pytest.mark.parametrize(("course", "is_out"), [each[1:] for each in TABLE], ids=[each[0] for each in TABLE])
def test_stop_is_held_against_when_they_were_let_in(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, course: str, is_dated: bool, is_out: bool
) -> None:
    """With a date, as every API should tell it, and without one: to the same end, and never as of 1970."""

    async def work(talk: Chat) -> None:
        listed, written = list[Inbound](), dict[str, float]()

        async def heard(_since: float, _wanted: Any) -> list[tuple[Recipient, Inbound]]:
            return [(ANA, each) for each in listed]

        def says(said: Inbound) -> None:
            at = written.setdefault(said.id, clock.now())
            listed.append(said._replace(at=at) if is_dated else said)

        def asking() -> Hearing:
            channel = talk.line.channel
            return Hearing(talk.client, talk.journal, talk.line.target, channel.pace, channel.sleep)

        monkeypatch.setattr(talk.client, "heard", heard)
        run = await talk.begin(FLOW)
        await talk.journal.hear(run.target, [(ANA, Inbound("wamid.fine", clock.now(), "text", "fine"))])
        await talk.go_on(run)
        began, hearing = clock.now(), asking()
        for word in course.split():
            await clock.sleep(100)
            match word:
                case "stop":
                    says(STOP)
                case "again":
                    says(STOP._replace(id="wamid.again"))
                case "none":
                    listed.clear()
                case "in":
                    await talk.journal.opt_out(run.target, ANA, "by hand", clock.now())
                    assert await talk.journal.opt_in(run.target, ANA)
                case "run":
                    other = await talk.begin(FLOW, again=True)
                    await talk.go_on(other)
                case "anew":
                    hearing = asking()
                case "ask":
                    await hearing.ask(stops_since=began)
        its = await talk.journal.opt_out_of(run.target, ANA)
        assert (its is not None) == is_out
        assert its is None or its.at >= began - 300.0

    chatted(tmp_path, clock, work, quiet=True)
