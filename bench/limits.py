"""What a campaign makes of the API's limit: requests a message, people one after another, the time said before.

Against the emulator, which holds its clients to the limit: in real time where that is short, else in virtual time,
which passes as soon as nobody has anything to do (`tests/support/virtual.py`).
"""

import json
import os
import subprocess
import sys
from typing import NamedTuple

TEXT = "  - message: Hello\n"
IMAGE = '  - message: {message_type: image, media_url: "https://cdn.example.com/a.jpg"}\n'
FLOWS = {"six texts": TEXT * 6, "three of six slow": (IMAGE + TEXT) * 3}
MISSES = 6
"""Looks too early, of a sort of which nothing is known yet."""
TIMES_ALONE = 2.0
OFF = 0.15


class _Case(NamedTuple):
    """A campaign.

    Attributes:
        looks: How many of a person's messages are looked at.
        is_heard: A listener is told how far messages are.
    """

    flow: str
    people: int
    rate: str
    looks: int
    is_heard: bool = False
    is_real: bool = False


CASES = (
    _Case("six texts", 60, "100/min", 0),
    _Case("six texts", 300, "80/s", 0),
    _Case("six texts", 80, "80/s", 0, is_real=True),
    _Case("three of six slow", 60, "100/min", 3),
    _Case("three of six slow", 60, "100/min", 0, is_heard=True),
    _Case("three of six slow", 200, "80/s", 3),
    _Case("three of six slow", 60, "80/s", 3, is_real=True),
)


def main() -> bool:
    """Print the table; answer whether the bounds were kept."""
    print("campaigns against an emulator with a limit; an answer takes 0.1 s, an image 0.8 s to the phone")
    print(f"  {'':44} {'requests':>12} {'median span, s':>18} {'in all, s':>10} {'said':>7}")
    print(f"  {'flow':18} {'people':>6} {'limit':>8} {'':9} {'a message':>12} {'':>9}{'alone':>9}")
    kept = [_measure(case) for case in CASES]
    print(
        f"  (at most a look for each slow message and {MISSES} more, {TIMES_ALONE:g} times the span of one alone;"
        f" within {OFF:.0%} of what was said)\n"
    )
    return all(kept)


def _measure(case: _Case) -> bool:
    came, alone = _came(case), _came(case._replace(people=1))
    how = "heard" if case.is_heard else "real time" if case.is_real else ""
    print(
        f"  {case.flow:18} {case.people:>6} {case.rate:>8} {how:9} {came['each']:>12.3f} {came['span']:>9.2f}"
        f"{alone['span']:>9.2f} {came['seconds']:>10.1f} {came['estimate']:>7.1f}",
        flush=True,
    )
    looks = came["requests"] - came["messages"]
    return (
        looks <= case.looks * case.people + MISSES
        and came["span"] <= TIMES_ALONE * alone["span"]
        and abs(came["estimate"] - came["seconds"]) <= max(OFF * came["seconds"], 2.0)
    )


def _came(case: _Case) -> dict[str, float]:
    """What it came to, as `tests/support/limits.py` measures it, in a process of its own."""
    said = {
        "text": f"name: f\nsteps:\n{FLOWS[case.flow]}",
        "people": case.people,
        "rate": case.rate,
        "listens": case.is_heard,
        "is_real": case.is_real,
    }
    paths = os.pathsep.join((".", "tests"))
    done = subprocess.run(
        [sys.executable, "-m", "support.limits"],
        input=json.dumps(said).encode(),
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.exit(not main())
