"""``--real-crash``: the process that carries a run out is killed, and another goes on from the journal's file."""

import os

import pytest

from flowrunner.testing.playing import play
from flowrunner.testing.turns import Crash, Turn
from flowrunner.testing.values import After, Case, Given, Word
from support.played import ANY, AT, bot, check, flow_of, says

FLOW = """\
name: asks
anytime: [{words: [stop], end: opted_out}]
steps:
  - {id: hello, message: Hello}
  - {id: name, message: Who are you?, reply: {within: 20h, expect: text, no_reply: [{end: handed_over}]}}
  - message: "Thank you, {{ name.text }}."
"""
TURNS: tuple[Turn, ...] = (bot("Hello"), bot("Who are you?"), says("Ana"), bot("Thank you, Ana."))


@pytest.mark.parametrize("when", ["now", "before commit", "before request", "after request"])
@pytest.mark.parametrize("place", [1, 2])
def test_a_process_that_is_killed_is_resumed_as_one_that_dies_in_words(
    when: str, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[int] = []
    wait = os.waitpid

    def waited(pid: int, options: int) -> tuple[int, int]:
        done = wait(pid, options)
        ends.append(os.waitstatus_to_exitcode(done[1]))
        return done

    monkeypatch.setattr(os, "waitpid", waited)
    crash = Crash(AT, when)  # type: ignore[arg-type]  # it is one of these
    asked = After(ends=Word("finished", AT), sent=(check(("messages",), 3),))
    case = Case("a test", AT, Given(), (*TURNS[:place], crash, *TURNS[place:]), asked)
    real = play(case, flow_of(FLOW), real_crash=True)
    assert (real.verdict, real.internal) == ("passed", "")
    assert ends == [-9]
    words = play(case, flow_of(FLOW))
    assert [(each.who, each.text) for each in real.chat] == [(each.who, each.text) for each in words.chat]


def test_who_does_not_crash_needs_no_process() -> None:
    assert play(Case("a test", AT, Given(), (ANY, ANY)), flow_of(FLOW), real_crash=True).failures == ()
