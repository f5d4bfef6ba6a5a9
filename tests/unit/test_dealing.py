"""The order of the tests where many processes share them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from support.dealing import dealt


def item(name: str, *marks: str) -> Any:
    folder, _, _ = name.partition("/")
    return SimpleNamespace(
        name=name, path=Path(f"/tests/{folder}/test_it.py"), get_closest_marker=lambda its: its in marks or None
    )


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_each_part_begins_with_what_takes_long_and_ends_with_what_only_computes(workers: int) -> None:
    """No test is lost, and each process begins with as many of a kind as the others, but for one."""
    tests = [item(f"{folder}/{number}") for folder in ("browser", "integration", "unit") for number in range(20)]
    tests[25:25] = [item(f"integration/long {number}", "long") for number in range(20)]
    tests.append(item("integration/soak", "long", "soak"))
    found = [each.name for each in dealt(tests, workers)]
    assert sorted(found) == sorted(each.name for each in tests)
    kinds = ["0" if "long" in each else "2" if each.startswith("unit") else "1" for each in found]
    parts = "".join(kinds).replace("20", "2 0").split()
    assert len(parts) == workers
    for part in parts:
        assert sorted(part) == [*part]
        assert all(abs(part.count(kind) - kinds.count(kind) / workers) < 1 for kind in "012")
