"""Whether the owner of a conversation still lives: what lets a dead one's lease be ended early."""

import os
import subprocess
import sys

import pytest

from flowrunner.delivery.owner import has_ended, new_owner, run_of

PROGRAM = "from flowrunner.delivery.owner import new_owner; print(new_owner('r1'), flush=True)"


def child() -> "tuple[subprocess.Popen[str], str]":
    """A process that has said its owner's name and ended, and was not waited for: a zombie."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    process.stdout.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    return process, name


def replaced(owner: str, place: int, part: str) -> str:
    parts = owner.split("/")
    parts[place] = part
    return "/".join(parts)


def test_no_two_workers_have_one_name() -> None:
    """Not even two of one process for one run."""
    assert len({new_owner("r1") for _ in range(100)}) == 100
    assert run_of(new_owner("r1")) == "r1"


def test_a_living_process_has_not_ended() -> None:
    """This one, for example."""
    assert not has_ended(new_owner("r1"))


def test_a_zombie_and_a_dead_process_have_ended() -> None:
    """A process that nobody waited for still has its number, and sends nothing any more."""
    process, name = child()
    assert has_ended(name)
    process.wait()
    assert has_ended(name)


def test_a_number_that_another_process_has_now_tells_that_the_owner_has_ended() -> None:
    """The moment a process began tells it from those that had its number before."""
    boot, _, _ = new_owner("r1").split("/")[3].rpartition("-")
    for birth in ("1", f"{boot}-1"):  # earlier versions named no start of the machine
        assert has_ended(replaced(new_owner("r1"), 3, birth))


def test_who_lived_before_the_machine_started_again_has_ended_unless_it_may_be_a_copy_of_it() -> None:
    """Machines that were made of one image have one name; a claim in a database may be another's, who lives."""
    boot, _, birth = new_owner("r1").split("/")[3].rpartition("-")
    process, name = child()
    process.wait()
    assert has_ended(name, is_shared=True)
    copy = replaced(name, 3, f"{'0' * len(boot)}-{birth}")
    assert (has_ended(copy), has_ended(copy, is_shared=True)) == (True, False)
    assert not has_ended(new_owner("r1"), is_shared=True)


def test_of_another_machine_nothing_is_known() -> None:
    """Its numbers are not ours: only its lease ends its claim."""
    process, name = child()
    process.wait()
    assert not has_ended(replaced(name, 1, "elsewhere"))


def test_a_process_of_another_user_is_not_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel will not let us ask, so it is there."""

    def refuse(_pid: int, _number: int) -> None:
        raise PermissionError

    monkeypatch.setattr("flowrunner.delivery.owner.os.kill", refuse)
    assert not has_ended(new_owner("r1"))


@pytest.mark.parametrize("name", ["", "r1", "a/b", "r1/place/pid/birth/x", "0737557ef827"])
def test_a_name_that_is_none_of_ours_is_left_to_its_lease(name: str) -> None:
    """As is that of a run being begun."""
    assert not has_ended(name)
