"""How a process tells moments of a rate's row from its own: never too early, and the surer the more answers came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrunner.delivery.rate.row_clock import RowTime
from flowrunner.journal.rates import Given

ANSWERS = st.lists(
    st.tuples(st.floats(0.0, 5.0), st.floats(0.0, 0.2), st.floats(0.0, 0.2), st.sampled_from([0, 0, 0, 40, 300])),
    min_size=1,
    max_size=12,
)
"""How long after the one before it was asked, how long until the row was read and until the answer was there, and by
how many milliseconds the row's clock was held before it."""


def answer(now: int, ahead: int) -> Given:
    return Given((), 0, 0.0, None, 0, now, ahead)


@given(answers=ANSWERS, offset=st.floats(-1000.0, 1000.0))
def test_a_moment_is_never_said_to_be_earlier_than_it_is(
    answers: list[tuple[float, float, float, int]], offset: float
) -> None:
    """Whichever answers were quick, and however often the row's clock was held."""
    time, at, ahead = RowTime(), 2000.0, 0
    for gap, there, back, held in answers:
        asked, ahead = at + gap, ahead + held
        row = offset - ahead / 1000
        time.answered(answer(int((asked + there + row) * 1000), ahead), asked, at := asked + there + back)
        assert time.by(at) / 1000 >= at + row - 0.001
        assert time.since(at + row) >= at - 0.001


def test_the_quickest_answers_count() -> None:
    """One that took long tells less; only what was known before the clock was held is forgotten."""
    time = RowTime()
    for took in (0.4, 0.002, 0.4):
        time.answered(answer(5_000, 0), 1.0, 1.0 + took)
    assert time.since(5.0) == pytest.approx(1.002)
    assert time.by(1.0) == 5_000
    time.answered(answer(5_000, 40), 1.1, 1.5)
    assert time.since(5.0) == pytest.approx(1.5)
    assert time.by(1.1) == 5_000
