"""Tests of flows under pytest: every ``*.test.yaml`` is collected, one item a test; and fixtures for programs.

pytest finds this by itself where flowrunner is installed, so that nothing heavy is imported before it is needed.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrunner.app.senders.emulator import Emulator
    from flowrunner.flow import Loaded
    from flowrunner.testing.outcomes import Outcome
    from flowrunner.testing.values import Case, Suite
    from flowrunner.testing.virtual import VirtualClock

_FLOWS = pytest.StashKey["dict[Path, Loaded]"]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "FlowTests | None":
    """Take the files that `flowrunner test` takes."""
    if not file_path.name.endswith((".test.yaml", ".test.yml")) or file_path.name.startswith("."):
        return None
    return FlowTests.from_parent(parent, path=file_path)


class FlowTests(pytest.File):
    """One test file."""

    def collect(self) -> "Iterator[FlowTest]":
        """Its tests.

        Raises:
            CollectError: Something is wrong with the file, or with its flow; the text says all of it.
        """
        from flowrunner.flow import load_file
        from flowrunner.testing.reading import read_suite

        flows = self.config.stash.setdefault(_FLOWS, {})

        def load(path: Path) -> "Loaded":
            if path.absolute() not in flows:
                flows[path.absolute()] = load_file(path)
            return flows[path.absolute()]

        its = read_suite(Path(os.path.relpath(self.path, self.config.invocation_params.dir)), load)
        if its.suite is None or its.flow is None:
            from flowrunner.views.problems.text import text

            raise self.CollectError(text(its.diagnostics, colour=False))
        for case in its.suite.cases:
            yield FlowTest.from_parent(self, name=case.name, case=case, flow=its.flow, suite=its.suite)


class FlowTest(pytest.Item):
    """One test of a flow."""

    def __init__(self, *, case: "Case", flow: "Loaded", suite: "Suite", **its: object) -> None:
        super().__init__(**its)  # type: ignore[arg-type]  # what pytest gives
        self._case, self._flow, self._suite = case, flow, suite

    def runtest(self) -> None:
        """Play it.

        Raises:
            FlowTestError: It has not passed.
        """
        from flowrunner.testing.trying import tried

        outcome = tried(self._case, self._flow)
        if outcome.verdict != "passed":
            raise FlowTestError(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:  # noqa: ARG002
        """What failed, as `flowrunner test` tells it."""
        if not isinstance(excinfo.value, FlowTestError):
            return str(super().repr_failure(excinfo))
        from flowrunner.views.tests.text import told

        return told(excinfo.value.outcome, self._suite.text, colour=False, whole_chat=True)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where it stands, its line from 0."""
        return self.path, self._case.at.line - 1, self.name


class FlowTestError(Exception):
    """A test of a flow has not passed.

    Attributes:
        outcome: What came of it.
    """

    def __init__(self, outcome: "Outcome") -> None:
        super().__init__(outcome.failures[0].says if outcome.failures else "flowrunner itself went wrong")
        self.outcome = outcome


@pytest.fixture
def flowrunner_emulator() -> "Iterator[Emulator]":
    """An emulator on a port of 127.0.0.1, in which everybody has a conversation: give its ``url`` as ``api_url``."""
    from flowrunner.app.senders.emulator import open_emulator

    with open_emulator(everybody=True) as emulator:
        yield emulator


@pytest.fixture
def flowrunner_clock() -> "Iterator[VirtualClock]":
    """A time in which nobody waits: ``flowrunner_clock.run(...)`` what is given it as ``clock``.

    What it runs may use the emulator inside the program (``api_url="emulator"``), and no socket.
    """
    from flowrunner.testing.virtual import VirtualClock

    with VirtualClock() as clock:
        yield clock
