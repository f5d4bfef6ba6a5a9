"""Tests of flows on the page of the emulator: each chat as far as it came, and below it what came of the test."""

from collections.abc import Callable
from typing import Final

from flowrunner.app.testing.run import Tested
from flowrunner.clock import SYSTEM
from flowrunner.testing.outcomes import Outcome

MOST: Final = 100
"""Tests that are shown; a page lists as many conversations."""


def tests_to_show(tested: Tested) -> int:
    """How many there are to show: those that failed; where none did, all."""
    return len(_chosen(tested))


def show_tests(tested: Tested, ready: Callable[[str], None], port: int = 0) -> None:
    """Show those that failed, where none did all, at most `MOST`, until Ctrl-C.

    Args:
        tested: The tests.
        ready: Called with the address of the first of them, once it can be opened.
        port: Of 127.0.0.1; 0 for any that is free.
    """
    from flowrunner.emulator.page.played import Played
    from flowrunner.emulator.serve import serve
    from flowrunner.testing.showing import shown_in
    from flowrunner.views.tests.html import as_panel

    flows = {suite.path: flow for suite, flow in tested.suites}
    tests = [(each.case, flows[each.case.at.path]) for each in _chosen(tested)[:MOST]]
    state, shown = shown_in(tests, SYSTEM)
    played = {each.talk: Played(as_panel(each.outcome, tested.texts), each.wrong) for each in shown}
    serve(state, port=port, ready=lambda url: ready(f"{url}/#{shown[0].talk}"), played=played)


def _chosen(tested: Tested) -> list[Outcome]:
    failed = [each for each in tested.outcomes if each.verdict != "passed"]
    return failed or list(tested.outcomes)
