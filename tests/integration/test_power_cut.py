"""The power fails at any commit of a run: what no disk was waited for is gone, and nothing is sent twice or lost."""

from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import get_args

import pytest

from flowrunner.delivery import Doubts, session
from flowrunner.journal import JournalError
from flowrunner.model import Recipient
from support.journals import blocking
from support.lab import SIX, Lab, outcome, rendered
from support.power import Left, Power, When
from support.virtual import VirtualClock

MIXED = """
name: mixed
steps:
  - message: {message_type: location, latitude: 19.4326, longitude: -99.1332, location_name: one, location_address: x}
  - pause: 5s
  - message: {message_type: document, media_url: "https://cdn.example.com/a.pdf", filename: a.pdf, caption: two}
    until: delivered
  - when: 1 > 2
    message: never
  - message:
      message_type: interactive
      interactive_type: list
      body_text: three
      list_button_text: See
      sections: [{title: All, rows: [{id: a, title: A}]}]
  - message: {message_type: video, media_url: "https://cdn.example.com/a.mp4", caption: four}
"""
FLOWS = {
    "six": (SIX, ["one", "two", "three", "four", "five", "six"]),
    "mixed": (MIXED, ["one", "two", "three", "four"]),
}
FAULTS = [
    "cut-after:count=1,after=1",
    "status:code=500,accepted=yes,count=1,after=2",
    "status:code=429,retry_after=0.05,count=1,after=1",
    "store-late:seconds=0.6,count=1,after=1",
]
CUTS: list[tuple[str, Left]] = [
    *(("", left) for left in get_args(Left)),
    *((fault, "what is sure") for fault in FAULTS),
]
TEN = "name: ten\nsteps:\n" + "".join(f"  - message: m{number}\n" for number in range(10))


def cut(
    folder: Path, clock: VirtualClock, flow: str, at: int, *, when: When, left: Left = "what is sure", fault: str = ""
) -> Lab | None:
    """A run whose power failed at its commit ``at``, with the journal that is left; None if it ended before."""
    (folder / f"{at}").mkdir()
    lab = Lab(folder / f"{at}", *([fault] if fault else []), clock=clock)
    with pytest.MonkeyPatch.context() as patch:
        power = Power(patch, lab.path, at=at, when=when, left=left)
        with suppress(JournalError):
            clock.run(lab.run(rendered(flow)))
    lab.path = power.left_at
    lab.state.faults.clear()
    return lab if power.failed else None


def go_on(lab: Lab, clock: VirtualClock, flow: str, doubts: Doubts | None = None) -> str:
    """What a user does after it: resume the run, or begin it where the journal knows of none. Returns how it ends."""
    with blocking(lab.path) as journal:
        begun = bool(journal.runs())
    more = {"doubts": doubts} if doubts else {}
    return outcome(clock.run((lab.resume if begun else lab.run)(rendered(flow), **more)))


@pytest.fixture(autouse=True)
def _everybody_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process survives a power cut, although this one does."""
    monkeypatch.setattr(session, "has_ended", lambda _owner, **_more: True)


CASES = [(fault, left, when) for when in get_args(When) for fault, left in CUTS]


def cut_at(every: int) -> pytest.MarkDecorator:
    """The slice cuts at one commit of so many; at which first, differs from case to case. The soak cuts at each."""
    return pytest.mark.parametrize("every", [every, pytest.param(1, marks=pytest.mark.soak)], ids=["slice", "soak"])


@cut_at(every=len(CASES))  # so that all cases together leave no commit out
@pytest.mark.parametrize(("fault", "left", "when"), CASES)
@pytest.mark.parametrize("flow", FLOWS)
def test_after_a_power_cut_each_message_comes_once(
    tmp_path: Path, clock: VirtualClock, flow: str, fault: str, left: Left, when: When, every: int
) -> None:
    """At each commit of the run; what was taken is looked up, what was not is sent, and none is asked about."""
    text, expected = FLOWS[flow]
    for at in count(1 + CASES.index((fault, left, when)) % every, every):
        lab = cut(tmp_path, clock, text, at, when=when, left=left, fault=fault)
        if lab is None:
            break
        taken = lab.accepted()
        assert taken == expected[: len(taken)]
        assert go_on(lab, clock, text) == "finished", at
        assert lab.accepted() == expected, at
    assert at > len(expected) + 3


@cut_at(every=8)
@pytest.mark.parametrize("when", get_args(When))
@pytest.mark.parametrize("flow", FLOWS)
def test_without_a_look_up_it_is_in_doubt_and_a_person_decides(
    tmp_path: Path, clock: VirtualClock, flow: str, when: When, every: int
) -> None:
    """Nothing is sent before that, and whoever decides as the chat shows it gets each message once."""
    text, expected = FLOWS[flow]
    doubted = 0
    for at in count(1 + 2 * get_args(When).index(when) % every, every):
        if (lab := cut(tmp_path, clock, text, at, when=when)) is None:
            break
        taken = lab.accepted()
        if go_on(lab, clock, text, Doubts("stop")) == "in_doubt":
            doubted += 1
            assert lab.accepted() == taken
            with blocking(lab.path) as journal:
                last = journal.events(journal.runs()[0].run.id)[-1]
            decided = Doubts("skip" if int(last.step) in steps_of(text, taken) else "resend")
            assert go_on(lab, clock, text, decided) == "finished"
        assert lab.accepted() == expected, at
    assert doubted >= len(expected) / every


def steps_of(text: str, taken: list[str]) -> set[int]:
    """The numbers of the steps whose messages were taken."""
    steps = text.split("\n  - ")[1:]
    return {number for number, step in enumerate(steps, 1) if any(word in step for word in taken)}


def test_ten_messages_wait_for_the_disk_as_often_as_they_must(tmp_path: Path, clock: VirtualClock) -> None:
    """Each before it leaves; else only where the run begins, of which the file is told; its end waits with the log."""
    with pytest.MonkeyPatch.context() as patch:
        lab = Lab(tmp_path, clock=clock)
        power = Power(patch, lab.path)
        assert outcome(clock.run(lab.run(rendered(TEN)))) == "finished"
    assert power.waited == 10 + 1
    assert power.checkpoints == 2


def test_who_opens_a_journal_does_not_mark_what_others_have_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark that were ahead of the disk would have the journal refused after a power cut."""
    path = tmp_path / "journal.db"
    power = Power(monkeypatch, path, at=2, when="before a commit")
    with blocking(path) as journal:
        journal.claim("api", Recipient("c1"), "one who does not wait for the disk")
        with blocking(path) as other, pytest.raises(JournalError):
            other.opt_out("api", Recipient("c2"), "asked to", 1.0)
    with blocking(power.left_at) as left:
        assert left.runs() == []
