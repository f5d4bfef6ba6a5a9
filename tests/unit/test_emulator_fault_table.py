"""Faults are read from text or objects, strike when they should, and no more often."""

from collections.abc import Sequence

import pytest

from flowrunner.emulator.api.faults import KINDS, Fault, FaultTable, fault_from, parse_fault
from flowrunner.emulator.api.forms import FORMS
from support.emulated import Emulator


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


def struck(fault: str, posts: int) -> list[int]:
    table = FaultTable()
    table.add(parse_fault(fault))
    return [post for post in (table.posted() for _ in range(posts)) if table.strike("status", post)]


STRIKES: Sequence[tuple[str, Sequence[int]]] = [
    ("status", [1, 2, 3, 4, 5]),
    ("status:count=2", [1, 2]),
    ("status:after=3", [4, 5]),
    ("status:after=1,count=2", [2, 3]),
    ("status:probability=0", []),
]


@pytest.mark.parametrize(("fault", "posts"), STRIKES)
def test_a_fault_strikes_when_it_should(fault: str, posts: list[int]) -> None:
    """Its count and the posts it spares."""
    assert struck(fault, 5) == posts


def test_the_same_seed_strikes_the_same_posts() -> None:
    """A probability is a share, repeatable, and another seed is another choice."""
    first = struck("status:probability=0.3,seed=1", 1000)
    assert 200 < len(first) < 400
    assert first == struck("status:probability=0.3,seed=1", 1000)
    assert first != struck("status:probability=0.3,seed=2", 1000)


def test_posts_are_spared_from_when_the_fault_is_set(emulator: Emulator) -> None:
    """What was posted before does not count."""
    emulator.post()
    emulator.spoil("status:after=1")
    assert [emulator.post().status_code for _ in range(2)] == [201, 500]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_back_what_it_says(kind: str) -> None:
    """A fault is the same as text, as an object, and as its own data."""
    fault = parse_fault(f"{kind}:count=2,after=1,probability=0.5,seed=9")
    assert fault == fault_from({"kind": kind, "count": 2, "after": 1, "probability": 0.5, "seed": 9})
    assert fault_from(fault.data()) == fault
    assert (fault.count, fault.after, fault.probability, fault.seed) == (2, 1, 0.5, 9)


def test_every_form_of_the_list_can_be_asked_for() -> None:
    """What the table of faults offers is what messages can be shown in."""
    assert set(KINDS["list-form"]["form"].choices) == set(FORMS)


WRONG = [
    ("latncy", 'there is no fault "latncy"; did you mean latency? (there are: latency, status'),
    ("", 'there is no fault "" (there are: '),
    ("latency:secs=1", 'fault latency has no "secs" (it takes: seconds, count, probability, seed, after)'),
    ("latency:1", 'fault latency: "1" is not of the form key=value'),
    ("latency:seconds=x", 'fault latency: seconds must be a number from 0 to 86400, not "x"'),
    ("latency:seconds=nan", 'fault latency: seconds must be a number from 0 to 86400, not "nan"'),
    ("latency:seconds=1,seconds=2", 'fault latency: "seconds" is given twice'),
    ("status:code=200", 'fault status: code must be a whole number from 400 to 599, not "200"'),
    ("status:accepted=maybe", 'fault status: accepted must be yes or no, not "maybe"'),
    ("status:retry_after=dès", "fault status: retry_after must be seconds or a date, as a header has it"),
    ("status:count=0", "fault status: count must be a whole number from 1 to"),
    ("status:probability=2", 'fault status: probability must be a number from 0 to 1, not "2"'),
    ("list-order:order=random", 'fault list-order: order must be one of newest, oldest, shuffled, not "random"'),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_a_wrong_fault_is_explained(emulator: Emulator, text: str, sentence: str) -> None:
    """On the command line and over HTTP alike; the faults that stood stay."""
    emulator.spoil("agent-409")
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the sentence is compared below
        parse_fault(text)
    assert str(caught.value).startswith(sentence)
    answer = emulator.ask("PUT", "/_emulator/faults", json={"faults": [text]})
    assert (answer.status_code, answer.json()["message"]) == (400, str(caught.value))
    assert [fault["kind"] for fault in emulator.state.faults.data()] == ["agent-409"]


@pytest.mark.parametrize("body", [{}, {"faults": "latency"}, {"faults": [5]}, {"faults": [{"kind": ["latency"]}]}])
def test_a_table_that_is_none_is_refused(emulator: Emulator, body: dict[str, object]) -> None:
    """A 400, never a 500."""
    assert emulator.ask("PUT", "/_emulator/faults", json=body).status_code == 400


def test_faults_are_set_as_objects_and_cleared(emulator: Emulator) -> None:
    """PUT replaces, DELETE empties."""
    objects = [{"kind": "status", "code": 503, "count": 1}, {"kind": "latency", "seconds": 0}]
    listed = emulator.ask("PUT", "/_emulator/faults", json={"faults": objects}).json()["faults"]
    assert [(fault["kind"], fault["struck"]) for fault in listed] == [("status", 0), ("latency", 0)]
    assert emulator.ask("DELETE", "/_emulator/faults").status_code == 204
    assert emulator.post().status_code == 201


def test_a_fault_can_be_made_in_the_program(emulator: Emulator) -> None:
    """The table takes values, not only text."""
    emulator.state.faults.add(Fault("agent-409", count=1))
    assert [emulator.post().status_code for _ in range(2)] == [409, 201]
