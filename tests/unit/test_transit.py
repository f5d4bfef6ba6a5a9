"""When it is worth to look whether a message has arrived, by what the looks at others have told."""

import random

import pytest

from flowrunner.delivery.transit_times import FIRST, Transit, sort_of, then

DELIVERED = 2


def learnt(*seconds: float, is_exact: bool = True) -> Transit:
    """What is known after so many images."""
    transit = Transit()
    for each in seconds:
        transit.learn("image", DELIVERED, each, is_exact=is_exact)
    return transit


def test_of_a_sort_that_nobody_knows_one_looks_first_and_the_others_wait_for_what_it_tells() -> None:
    """A hundred who wait for their first image are not a hundred looks too early."""
    transit, scout, other = Transit(), object(), object()
    assert transit.first("image", DELIVERED, scout) == FIRST
    assert transit.first("image", DELIVERED, other) > 3 * FIRST
    assert transit.first("image", DELIVERED, scout) == FIRST
    assert not transit.is_known("image", DELIVERED)
    transit.learn("image", DELIVERED, 1.5, is_exact=True)
    assert transit.is_known("image", DELIVERED)
    assert 1.5 < transit.first("image", DELIVERED, other) == transit.first("image", DELIVERED, scout) < 3


@pytest.mark.parametrize("seconds", [0.0, 0.2, 3.0, 18.0])
def test_what_always_takes_as_long_is_looked_at_just_after_that(seconds: float) -> None:
    """And never before."""
    for count in (1, 2, 5, 40):
        first = learnt(*[seconds] * count).first("image", DELIVERED, None)
        assert seconds < first <= seconds * 1.6 + 0.2
    assert learnt(*[seconds] * 40).first("image", DELIVERED, None) <= seconds * 1.01 + 0.2


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6])
def test_of_what_takes_now_more_now_less_hardly_any_is_looked_at_too_early(spread: float) -> None:
    """At most one in thirty, of a thousand images that take 2 s or so."""
    chance, transit, early = random.Random(7), Transit(), 0  # noqa: S311  # no secret
    transit.learn("image", DELIVERED, 2.0, is_exact=True)
    for _ in range(1000):
        seconds = 2.0 * chance.lognormvariate(0, spread)
        early += transit.first("image", DELIVERED, None) < seconds
        transit.learn("image", DELIVERED, seconds, is_exact=True)
    assert early <= 33
    assert transit.first("image", DELIVERED, None) < 20


def test_where_no_date_says_how_long_it_took_looks_come_earlier_until_one_is_too_early() -> None:
    """What is there at the first look may have been there for long."""
    transit = learnt(10.0, is_exact=False)
    first = transit.first("image", DELIVERED, None)
    for _ in range(30):
        transit.learn("image", DELIVERED, first, is_exact=False)
    assert transit.first("image", DELIVERED, None) < first
    transit.learn("image", DELIVERED, 20.0, is_exact=True)
    assert transit.first("image", DELIVERED, None) > 15


def test_a_sort_is_first_looked_at_as_late_as_the_slowest_that_is_known() -> None:
    """Of those that are to come as far."""
    transit = learnt(5.0)
    assert transit.first("video", DELIVERED, None) > 5
    assert transit.first("video", 3, None) == FIRST


def test_looks_are_ever_farther_from_each_other_within_bounds() -> None:
    """A person who reads it the next day is asked for once a minute at most."""
    gaps = [then(passed) for passed in (0.0, 0.1, 1.0, 10.0, 1e5)]
    assert gaps == sorted(gaps)
    assert gaps[0] > 0
    assert gaps[-1] == 60.0


def test_a_header_s_file_makes_a_sort_of_its_own() -> None:
    """It takes as long as the file."""
    assert sort_of({"message_type": "image"}) == "image"
    template = {"message_type": "template", "template_name": "a"}
    assert sort_of(template) == "template"
    assert sort_of({**template, "header_type": "video"}) == "template video"
    assert sort_of({"message_type": "interactive", "interactive_type": "cta_url"}) == "interactive_cta_url"
