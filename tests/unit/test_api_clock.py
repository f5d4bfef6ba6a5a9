"""Where the API's clock stands: what its answers tell, and for how long that is believed."""

import time
from email.utils import formatdate

import pytest

from flowrunner.client import ApiClock, RemoteMessage
from flowrunner.clock import SYSTEM, Clock, Stamp
from flowrunner.delivery.doubt.verdict import beginnings
from flowrunner.dialects.reading import epoch
from flowrunner.engine.history.begun import Begun, Span

NOW = 1_790_000_000


def dated(*answers: tuple[float, float, float]) -> ApiClock:
    """One that has seen answers with these dates to requests of these moments."""
    clock = ApiClock()
    for date, left, back in answers:
        clock.answered(formatdate(date, usegmt=True), left, back)
    return clock


def test_a_date_tells_the_second_and_the_way_to_and_fro_how_well() -> None:
    """The API's clock is not before it, and not two seconds after it: many servers write it once a second."""
    (known,) = dated((NOW, 100.0, 100.5)).at(0.0)
    assert not known.stored
    assert known.low == pytest.approx(NOW - 100.5, abs=0.02)
    assert known.high == pytest.approx(NOW + 2 - 100.0)


def test_many_dates_tell_it_closely() -> None:
    """Each in another part of its second; the moment at which the second changes is between two of them."""
    true = NOW - 99.75
    answers = [(int(true + up), up, up) for up in (100.0 + 0.17 * number for number in range(7))]
    clock = dated(*answers)
    assert clock.dates == 7
    (known,) = clock.at(0.0)
    assert true - 0.2 <= known.low <= true <= known.high


def test_a_clock_that_was_set_is_learnt_anew() -> None:
    """What was known before contradicts it, and is dropped."""
    clock = dated((NOW, 100.0, 100.1), (NOW + 1, 101.0, 101.1), (NOW + 92, 102.0, 102.1))
    (known,) = clock.at(0.0)
    assert clock.dates == 1
    assert known.low == pytest.approx(NOW + 92 - 102.1, abs=0.02)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Thu, 99 Nov 2026 25:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 +99999999999"]
)
def test_a_date_that_is_none_tells_nothing(date: str) -> None:
    """Nothing is guessed."""
    clock = ApiClock()
    clock.answered(date, 1.0, 2.0)
    assert clock.at(0.0) == ()


def test_a_message_of_ours_tells_the_store_s_own_clock() -> None:
    """It comes before what an answer's Date says, which a proxy may have written."""
    clock = dated((NOW + 600, 100.0, 100.1))
    clock.dated(NOW + 0.25, 100.0, 100.1)
    clock.dated(0.0, 100.0, 100.1)
    stored, date = clock.at(0.0)
    assert (stored.stored, date.stored) == (True, False)
    assert stored.low == pytest.approx(NOW + 0.25 - 100.1, abs=0.02)
    assert stored.high == pytest.approx(NOW + 0.25 - 100.0, abs=0.002)


MOMENTS = [
    ("2026-09-21T14:13:20Z", 1_790_000_000),
    ("2026-09-21T14:13:20.250+00:00", 1_790_000_000.25),
    ("2026-09-21T19:43:20+05:30", 1_790_000_000),
    ("2026-09-21 14:13:20", 1_790_000_000),
    (1_790_000_000, 1_790_000_000),
    (1_790_000_000.25, 1_790_000_000.25),
    (1_790_000_000_250, 1_790_000_000.25),
    ("1790000000", 1_790_000_000),
    ("1790000000.25", 1_790_000_000.25),
    ("1790000000250", 1_790_000_000.25),
    (1_790_000_000_250_000, 1_790_000_000.25),
    ("1790000000000000000", 1_790_000_000),
    (-1, 0.0),
    ("soon", 0.0),
    ("", 0.0),
    (None, 0.0),
    (True, 0.0),
    (float("nan"), 0.0),
    (float("inf"), 0.0),
    ([1], 0.0),
]


@pytest.mark.parametrize(("value", "expected"), MOMENTS)
def test_a_moment_is_read_in_every_form(value: object, expected: float) -> None:
    """Whole seconds, milliseconds, as text, with any zone or none."""
    assert epoch(value) == expected


def listed(name: str, created_at: float) -> RemoteMessage:
    return RemoteMessage(name, "outbound", "text", "x", "sent", created_at, "", {})


def test_our_earlier_messages_in_the_list_tell_when_the_one_in_question_was_begun() -> None:
    """By the store's clock: not before they were made, nor longer after that than by ours."""
    begun = Begun(Stamp("b", 110.0), Span(NOW - 5, NOW - 4, stored=False))
    earlier = {"m1": Begun(Stamp("b", 100.0)), "m2": Begun(Stamp("another", 100.0)), "m3": Begun()}
    messages = [listed("m1", NOW + 0.5), listed("m2", NOW), listed("m3", NOW), listed("m4", NOW)]
    assert beginnings(begun, [], messages, earlier, None) == [
        Span(NOW - 5, NOW - 4, stored=False),
        Span(NOW + 0.5, pytest.approx(NOW + 10.5, abs=0.002), stored=True),
    ]


def test_a_list_with_messages_of_the_time_to_come_has_another_clock_than_the_answers() -> None:
    """What they say of it then counts for nothing."""
    begun = Begun(Stamp("b", 110.0), Span(NOW, NOW + 1, stored=False))
    stored = Span(NOW + 600, NOW + 601, stored=True)
    assert beginnings(begun, [stored], [listed("x", NOW + 30)], {}, 35.0) == [begun.api, stored]
    assert beginnings(begun, [stored], [listed("x", NOW + 600)], {}, 35.0) == [stored]


def test_this_machine_s_seconds_last_from_process_to_process() -> None:
    """They are counted from its start; of another start nothing is known."""
    stamp = SYSTEM.stamp()
    assert SYSTEM.since(stamp) == pytest.approx(0.0, abs=1.0)
    assert SYSTEM.since(stamp._replace(boot="another")) is None
    assert SYSTEM.since(stamp._replace(up=stamp.up + 1000)) is None
    assert SYSTEM.since(None) is None


def test_where_the_kernel_tells_nothing_only_this_process_s_own_spans_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on systems other than Linux."""
    from flowrunner import clock

    monkeypatch.setattr(clock, "_uptime", lambda: None)
    monkeypatch.setattr(clock, "_boot", lambda: "of this process")
    here = Clock()
    assert here.up() == pytest.approx(time.monotonic(), abs=1.0)
    assert here.since(here.stamp()) == pytest.approx(0.0, abs=1.0)
    assert here.since(SYSTEM.stamp()._replace(boot="of that")) is None
