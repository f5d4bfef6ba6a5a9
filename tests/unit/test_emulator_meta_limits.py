"""Meta's object is read as strictly as Meta's pages say: each limit, at it and one beyond."""

import pytest

from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.meta.reading import check_graph
from support.emulated import Emulator
from support.graph_cases import PAIRS, ask


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_at_the_limit_passes_and_what_is_beyond_is_refused(name: str) -> None:
    """With Meta's number for what is wrong."""
    good, bad, number = PAIRS[name]
    check_graph(good)
    with pytest.raises(ApiError) as refusal:
        check_graph(bad)
    assert refusal.value.status == 400
    assert refusal.value.body["error"]["code"] == number, refusal.value.body


@pytest.mark.parametrize("name", PAIRS)
def test_what_passes_is_taken_and_listed_as_it_was_sent(name: str) -> None:
    """Every member of it; and v1 lists it, too."""
    emulator, (good, _, _) = Emulator(), PAIRS[name]
    assert emulator.say(good).status_code == 200
    (told,) = emulator.told()
    assert {kind: told[kind] for kind in good} == good
    assert emulator.listed()[0]["status"] == "pending"


def test_an_address_is_asked_for_in_india_alone() -> None:
    """422 with 1026, as Kapso says it."""
    emulator = Emulator()
    for country, status in (("IN", 200), ("ES", 422)):
        parameters = {"country": country}
        answer = emulator.say(ask("address_message", {"name": "address_message", "parameters": parameters}))
        assert answer.status_code == status
    assert answer.json()["error"]["code"] == 1026
