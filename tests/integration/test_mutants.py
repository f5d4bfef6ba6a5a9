"""The example flows' own tests catch the mistakes that an author makes: that is what tests are for."""

from collections import Counter
from pathlib import Path

import pytest

from support.mutants import mutants_of, survivors
from support.slices import part

pytestmark = pytest.mark.long

FLOWS = Path(__file__).parents[2] / "flows"
TRIED = 8


@pytest.mark.sliced
def test_the_tests_of_the_example_flows_catch_what_may_be_wrong_with_them() -> None:
    mutants = mutants_of(FLOWS)
    kinds = Counter(each.kind for each in mutants)
    assert len(mutants) >= 60
    assert kinds.keys() == {
        "branch deleted", "buttons swapped", "number off by one", "reminder dropped", "text changed", "until removed",
        "text missing in a language",
    }  # fmt: skip
    tried = part(mutants, len(mutants) // TRIED)
    assert [str(each) for each in survivors(FLOWS, tried)] == []
