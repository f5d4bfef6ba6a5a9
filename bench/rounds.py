"""Candidates take turns, the median counts, and ratios are taken round by round."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_NOT_A_USERS = ("FLOWRUNNER_", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
"""What a user's shell does not have set: byte code is cached there, and settings are the defaults."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One candidate's measurements, in the order of the rounds."""

    name: str
    values: tuple[float, ...]
    ratios: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of its values."""
        return statistics.median(self.values)

    @property
    def ratio(self) -> float:
        """The median of its ratios to the baseline."""
        return statistics.median(self.ratios)


def take_turns(
    candidates: Mapping[str, Callable[[], float]], baseline: str, rounds: int, *, warm_up: bool = True
) -> dict[str, Figure]:
    """Measure each candidate once a round: A B C, A B C. Each gives its own figure (seconds, or a rate).

    The warm-up, for byte code and file caches, is a round that does not count; long processes need none.
    """
    values: dict[str, list[float]] = {name: [] for name in candidates}
    for measure in candidates.values() if warm_up else ():
        measure()
    for _ in range(rounds):
        for name, measure in candidates.items():
            values[name].append(measure())
    base = values[baseline]
    return {
        name: Figure(name, tuple(found), tuple(value / by for value, by in zip(found, base, strict=True)))
        for name, found in values.items()
    }


def process(*command: str) -> Callable[[], float]:
    """Measures a whole process: seconds from its start to its end, which must be a good one."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_A_USERS)}

    def measure() -> float:
        begun = time.perf_counter()
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return time.perf_counter() - begun

    return measure


def table(title: str, figures: Mapping[str, Figure], bounds: Mapping[str, str], unit: str, scale: float) -> str:
    """The figures as a table."""
    lines = [title, f"  {'':44} {'median':>10} {'min':>9} {'max':>9} {'ratio':>8}  bound"]
    for figure in figures.values():
        low, high = min(figure.values) * scale, max(figure.values) * scale
        bound = bounds.get(figure.name, "")
        lines.append(
            f"  {figure.name:44} {figure.median * scale:>10.1f} {low:>9.1f} {high:>9.1f} {figure.ratio:>8.3f}  {bound}"
        )
    return "\n".join([*lines, f"  ({unit}; ratio to the first row, median of the rounds)", ""])
