"""A list of many pages takes a turn of the pace for each of its requests: never more leave than the rate allows."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from flowrunner.client import open_client
from flowrunner.delivery import Pace, Rate, ask
from flowrunner.dialects import DIALECTS
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.messages import Draft
from flowrunner.emulator.api.rates import Quota
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.model import Recipient
from support.numbers import number_of
from support.virtual import VirtualClock

PHONE = "+34600111222"
TALK = Recipient("c1", PHONE)
QUESTIONS: dict[str, Callable[[Any], Callable[[], Awaitable[Any]]]] = {
    "reachable": lambda client: partial(client.reachable, 0.0),
    "messages": lambda client: partial(client.messages, TALK),
    "messages by phone": lambda client: partial(client.messages, Recipient("", PHONE)),
    "window": lambda client: partial(client.window, Recipient("", PHONE)),
}
RATE = Rate(2, 60.0)


class Timed(EmulatorState):
    """An emulator that keeps when it was asked."""

    asked: list[float]

    def count_request(self, key: str) -> Quota | None:
        """See `EmulatorState.count_request`."""
        self.asked = [*getattr(self, "asked", ()), self.now()]
        return super().count_request(key)


def crowded(clock: VirtualClock) -> Timed:
    """Three hundred and fifty conversations, and as many messages in one of them."""
    state = Timed(clock=clock)
    state.conversations.create(PHONE, conversation_id="c1")
    for number in range(350):
        state.conversations.create(f"+3460022{number:04}")
        body = {"message_type": "text", "content": str(number)}
        state.accept(Draft(state.conversations.get("c1"), body, b"", lambda: None), number + 1)
    return state


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_page_takes_its_turn(dialect: str, question: str) -> None:
    """Two requests a minute are two requests a minute, whatever is asked."""
    with VirtualClock() as clock:
        state = crowded(clock)
        number = number_of(dialect)
        client = open_client(
            "http://127.0.0.1", "k", dialect=dialect, number=number, app=create_app(state), clock=clock
        )

        async def asked() -> Any:
            pace, sleep = Pace(RATE, clock=clock), partial(clock.sleep, stop=asyncio.Event())
            found = [await ask(QUESTIONS[question](client), client, pace, sleep, 600.0) for _ in range(3)]
            await client.aclose()
            return found

        assert all(each is not None for each in clock.run(asked()))
    assert len(state.asked) >= 3
    spans = [later - earlier for earlier, later in zip(state.asked, state.asked[2:], strict=False)]
    assert min(spans) >= RATE.seconds, state.asked
    if question != "window":
        assert len(state.asked) > 3, "it takes several pages"


def test_a_stop_ends_a_list_between_two_pages() -> None:
    """It is no answer, and no fault either."""
    with VirtualClock() as clock:
        state, stop = crowded(clock), asyncio.Event()
        client = open_client("http://127.0.0.1", "k", app=create_app(state), clock=clock)

        async def asked() -> Any:
            pace = Pace(RATE, clock=clock)
            asking = asyncio.ensure_future(
                ask(partial(client.reachable, 0.0), client, pace, partial(clock.sleep, stop=stop), 600.0)
            )
            await clock.sleep(30)
            stop.set()
            found = await asking
            await client.aclose()
            return found

        assert clock.run(asked()) is None
    assert len(state.asked) == 2
