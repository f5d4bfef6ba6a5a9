"""The order of the tests where many processes share them."""

from collections.abc import Sequence

import pytest


def dealt(tests: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests, so that processes that begin with equal parts of them, and then take from each other, end together.

    Each part begins with its share of what takes long, for a test that is begun as the last keeps all others waiting.
    Then comes what waits now and then, and in the end ``unit``, which never does: so the processors have work until
    the last moment. What stands beside each other stays there, for it shares fixtures.

    Args:
        tests: All of them, as they were collected.
        workers: How many processes there are.
    """
    kinds: tuple[list[pytest.Item], ...] = ([], [], [])
    for each in tests:
        is_long = each.get_closest_marker("long") and not each.get_closest_marker("soak")
        kinds[0 if is_long else 2 if each.path.parent.name == "unit" else 1].append(each)
    return [each for number in range(workers) for kind in kinds for each in _part(kind, number, workers)]


def _part(tests: Sequence[pytest.Item], number: int, parts: int) -> Sequence[pytest.Item]:
    return tests[len(tests) * number // parts : len(tests) * (number + 1) // parts]
