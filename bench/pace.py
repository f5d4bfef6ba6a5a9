"""How much of a rate three processes use together that share a journal, and whether they ever use more; by the server.

Each sends a campaign of its own with one key. Real windows of a second; nothing is scaled.
"""

import os
import subprocess
import sys
from bisect import bisect_left
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.servers import lateness, postgres, served, stamping_taker, stamps

PROCESSES, PEOPLE, STEPS, RATE = 3, 60, 10, 80
AT_LEAST, AT_MOST = 0.95, 85
_FIRST = "  - message: {message_type: template, template_name: hi, template_language: en}\n    until: accepted\n"
_FLOW = f"name: ten\nsteps:\n{_FIRST}" + "".join(f"  - message: Message {number}\n" for number in range(2, STEPS + 1))


def main() -> bool:
    """Print the table; answer whether the bounds were kept."""
    print(f"the rate {RATE}/s shared by {PROCESSES} processes of one journal, each answered after 50 ms")
    heads = f"{'used':>7} {'bound':>13} {'most in a second':>17} {'bound':>11} {'late':>10}"
    print(f"  {'journal':10} {'messages':>9} {'seconds':>8} {heads}")
    kept = [_measure("SQLite")]
    servers = postgres()
    if why := servers.missing():
        print(f"  PostgreSQL: skipped, {why}")
    else:
        with servers.own() as server:
            kept.append(_measure("PostgreSQL", server.url()))
    print("  (used: while all had something to send, after the first second, of what the rate allows)")
    print("  (late: by how much the server stamped what came too late, at most; the seconds are as much shorter)\n")
    return all(kept)


def _measure(name: str, journal: str = "journal.db") -> bool:
    with TemporaryDirectory() as folder, served(stamping_taker, 0.05) as url:
        _sent(Path(folder), url, journal)
        came_to, late = stamps(url), lateness(url)
    came = [at for at, _ in came_to]
    # From then on one of them has nothing more to send: what it leaves the others have no use for.
    ends = min(max(at for at, path in came_to if f"/c{number}-" in path) for number in range(PROCESSES))
    seconds = ends - came[0]
    used = (bisect_left(came, ends) - bisect_left(came, came[0] + 1.0)) / (RATE * (seconds - 1.0))
    most = max(bisect_left(came, at + 1.0 - late) - place for place, at in enumerate(came))
    bounds = f"{f'at least {AT_LEAST:.0%}':>13} {most:>17} {f'at most {AT_MOST}':>11}"
    print(f"  {name:10} {len(came):>9} {seconds:>8.1f} {used:>7.1%} {bounds} {late * 1000:>7.0f} ms")
    return used >= AT_LEAST and most <= AT_MOST and len(came) == PROCESSES * PEOPLE * STEPS


def _sent(folder: Path, url: str, journal: str) -> None:
    """Let the processes send."""
    program = str(Path(sys.executable).with_name("flowrunner"))
    running = []
    for number in range(PROCESSES):
        flow, people = folder / f"{number}.yaml", folder / f"{number}.csv"
        flow.write_text(_FLOW.replace("ten", f"ten{number}"), encoding="utf-8")
        its = "".join(f"c{number}-{each}\n" for each in range(PEOPLE))
        people.write_text(f"conversation\n{its}", encoding="utf-8")
        command = [
            program, "run", str(flow), "--audience", str(people), "--yes-send-to", str(PEOPLE), "--rate", f"{RATE}/s",
            "--api-url", url, "--journal", journal,
        ]  # fmt: skip
        environment = os.environ | {"KAPSO_API_KEY": "bench-key-0000"}
        running.append(
            subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
    for each in running:
        if each.wait() != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {each.returncode}")
