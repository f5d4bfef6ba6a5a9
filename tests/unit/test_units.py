"""Units of a campaign's work, as workers hand them to each other."""

from flowrunner.cluster import Unit


def test_the_same_work_has_the_same_id() -> None:
    """When it may be done and by whom is no part of it, so that a unit that is submitted twice is one."""
    unit = Unit("a1b2", 1, 200)
    assert unit.id == Unit("a1b2", 1, 200, not_before=99.5, sender="shop").id
    others = [Unit("a1b3", 1, 200), Unit("a1b2", 2, 200), Unit("a1b2", 1, 201), unit._replace(attempt=1)]
    assert len({unit.id, *(each.id for each in others)}) == 5


def test_a_unit_is_read_as_it_was_written() -> None:
    unit = Unit("a1b2", 201, 400, attempt=3, not_before=1_795_000_000.25, sender="shop")
    assert Unit.read(unit.text()) == unit


def test_a_unit_of_another_version_is_read() -> None:
    """Workers are replaced one after another: each reads what the others wrote."""
    assert Unit.read('{"campaign": "a1b2", "first": 1, "last": 9, "colour": "red"}') == Unit("a1b2", 1, 9)
