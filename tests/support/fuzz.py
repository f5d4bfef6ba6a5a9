"""What must hold whatever the program is given: diagnostics that a person can read, and nothing else.

``python -m support.fuzz KIND:EXAMPLES...``, in ``tests/``, tries so many cases of kinds of hostile input. It runs in a
process of its own, bounded in memory and time, so that a bomb or a hang ends that process and not the one who asked.
"""

import argparse
import json
import re
import resource
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from flowrunner.diagnostics import Diagnostic
from flowrunner.dialects import kapso_v1
from flowrunner.engine import Given, Prepared
from flowrunner.expressions import expression
from flowrunner.flow import load_text
from flowrunner.model import EXAMPLE_RECIPIENT
from flowrunner.views.html.preview import as_html
from flowrunner.views.preview import Preview
from flowrunner.views.problems.json import as_json
from flowrunner.views.problems.text import text as problems_text
from flowrunner.views.requests import Way, as_curl, message_list
from flowrunner.views.terminal.chat import conversation
from support.hostile import KINDS
from support.html_reading import Read

NOW = "2026-05-14T09:30:00+00:00"
SECONDS = 5
"""The processor time that one case may take."""
MEGABYTES = 300
"""The memory that the process may hold at its peak, the fuzzer's own part included."""

# No sentence for an author holds these: they are Python's words, or the schema's.
_INNER_WORDS = re.compile(
    r"Traceback|<class|NoneType|object at 0x|\bdict\b|\b[A-Z][a-z]+Error\b|jinja2|\$ref|\ballOf\b|\banyOf\b"
)


class HangError(Exception):
    """A case took more than its time."""


def survive(content: bytes | str, variables: Mapping[str, Given]) -> None:
    """Read, bind, render and show; whatever is wrong must come out as diagnostics that a person can read."""
    loaded = load_text(content, "fuzz.yaml")
    found = list(loaded.diagnostics)
    assert (loaded.flow is None) == any(each.is_error for each in found)
    if loaded.flow is not None:
        bound, problems = Prepared(loaded).inputs.bind(variables, examples=True)
        found += problems
        assert (bound is None) == bool(problems)
        if bound is None:
            variables = {}
            bound, problems = Prepared(loaded).inputs.bind(variables, examples=True)
            found += problems
        if bound is not None:
            rendering, problems = Prepared(loaded).render(EXAMPLE_RECIPIENT, variables, NOW, examples=True)
            found += problems
            assert (rendering is None) == any(each.is_error for each in problems)
            if rendering is not None:
                conversation(rendering, width=40, colour=True).encode()
                json.loads(message_list(rendering).encode())
                page = as_html([Preview("fuzz", rendering, found)], title=rendering.flow.name)
                Read(page.split("</style>")[1].split("<script>")[0].partition("<body>")[2])
                page.encode()
                way = Way("https://e.org", "K: k", "K", kapso_v1.addresses, kapso_v1.opens, kapso_v1.post)
                as_curl([rendering], way).encode()
    written = f"{content if isinstance(content, str) else content.decode(errors='replace')} {variables}"
    for each in found:
        _check_readable(each, written)
    problems_text(found, colour=True).encode()
    as_json(found, [])


def _check_readable(each: Diagnostic, written: str) -> None:
    assert each.code and each.message and each.hint, each  # noqa: PT018
    # What was written may hold any word.
    inner = [word for word in _INNER_WORDS.findall(f"{each.message} {each.hint}") if word not in written]
    assert not inner, each
    place = each.location
    assert place.line >= 1 or place.path.startswith("--"), each
    assert (place.end_line, place.end_column) >= (place.line, place.column), each


@contextmanager
def bounded() -> Iterator[None]:
    """Raise HangError in what takes more processor time than SECONDS."""

    def ring(signum: int, frame: object) -> None:
        raise HangError(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def peak() -> int:
    """The most memory this process has held, in megabytes: since `forget_peak` where that works, else in all."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (20 if sys.platform == "darwin" else 10)


def forget_peak() -> None:
    """Measure anew, where the system can (https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html)."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


def try_out(kind: str, examples: int, chance: int) -> int:
    """Hold `survive` against so many cases of one kind; the same chance gives the same cases.

    Returns:
        The most memory that a case took, in megabytes.
    """
    highest = 0

    @seed(chance)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(KINDS[kind])
    def hold(case: tuple[bytes | str, dict[str, Given]]) -> None:
        expression.cache_clear()  # one case, one program
        forget_peak()
        with bounded():
            survive(*case)
        nonlocal highest
        highest = max(highest, peak())
        assert highest < MEGABYTES, f"{highest} MB"

    hold()
    return highest


def main() -> None:
    """Try each kind until the examples are used up, or round after round until the seconds are."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tries", nargs="+", metavar="KIND:EXAMPLES")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0)
    options = parser.parse_args()
    # A bomb then ends in MemoryError, not in a machine without memory.
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, _, examples in (each.partition(":") for each in options.tries):
        end = time.monotonic() + options.seconds
        rounds = highest = 0
        while rounds == 0 or time.monotonic() < end:
            highest = max(highest, try_out(kind, int(examples), options.seed + rounds))
            rounds += 1
        sys.stdout.write(f"{kind}: {rounds * int(examples)} cases, at most {highest} MB\n")


if __name__ == "__main__":
    main()
