"""Makes a journal and plans of a commit, and what that commit did with them.

What stands beside it is of c357ab4, the last commit that spoke only v1, and wrote no readable content; what stands in
`../a5bd266` is of that commit, the last whose flows did not listen. As `../make.py`: run it with a Python that has the
packages, PYTHONPATH naming a checkout of the commit: ``PYTHONPATH=CHECKOUT python make.py FOLDER``.

``mixed.db``
    Runs and a campaign that wait, were killed, or are in doubt.
``one/``, ``all/``
    Plans with images and other messages without content: for one person, and for an audience.
``facts.json``
    As that of the other commit.
"""

import gzip
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import make
from make import KEY, LATER, NEWS, ORDER, PEOPLE, REAL, URL, Maker, at_that_time, keep, known, resumed, shown

PLANNED = """\
name: {name}
inputs:
  name: {{type: string, example: Ana}}
  vip: {{type: boolean, default: false}}
steps:
  - message: "Hi {{{{ name }}}} 👋"
  - when: vip
    message: {{message_type: location, latitude: 19.4326, longitude: -99.1332}}
  - message: {{message_type: image, media_url: "https://cdn.example.com/bye.jpg", caption: "Bye {{{{ name }}}}"}}
  - message: {{message_type: document, media_url: "https://cdn.example.com/terms.pdf"}}
  - message: {{message_type: template, template_name: news, template_language: es, template_params: ["{{{{ name }}}}"]}}
"""


def child(arguments: list[str]) -> None:
    """The program, in March 2026, on a machine that was started anew where BEFORE_BOOT says so."""
    at_that_time()
    from flowrunner import clock

    if boot := os.environ.get("BEFORE_BOOT"):
        clock._boot = lambda: boot
    from flowrunner.cli import main

    sys.argv = ["flowrunner", *arguments]
    main()


make.child = child


class Later(Maker):
    """The commit's emulator, and its program."""

    def __init__(self, folder: Path) -> None:
        from itertools import count

        from flowrunner.clock import Clock
        from flowrunner.emulator.api.messages import Delays
        from flowrunner.emulator.api.state import EmulatorState

        class Then(Clock):
            def now(self) -> float:
                return REAL() + make.SHIFT

        numbers = count(1)
        self.folder = folder
        self.state = EmulatorState(
            clock=Then(), api_key=KEY, new_id=lambda: f"id-{next(numbers):04}", delays=Delays(0, 0.01, 0.02)
        )
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "TZ": "UTC", "COLUMNS": "100", "NO_COLOR": "1",
            "PYTHONIOENCODING": "utf-8", "KAPSO_API_KEY": KEY, "FLOWRUNNER_API_URL": URL, "FLOWRUNNER_RATE": "1000/s",
            "BEFORE_SHIFT": repr(make.SHIFT), "BEFORE_BOOT": "0a0b0c0d", "PYTHONPATH": os.environ["PYTHONPATH"],
        }  # fmt: skip
        self.journal = "mixed.db"

    def start(self, *arguments: str, **more: str):
        make.__file__ = __file__
        return super().start(*arguments, **more)

    def spoil(self, *faults: str) -> None:
        from flowrunner.emulator.api.faults import parse_fault

        self.state.faults.replace([parse_fault(each) for each in faults])


def mixed(its: Later) -> dict[str, str]:
    """A run of each kind, and a campaign that was killed half-way."""
    struck = lambda _: its.struck()
    found = {"finished": its.run("order.yaml", "finished", "--var", "pieces=3")}
    its.spoil("latency:seconds=86400,after=1")
    found["begun, not taken"] = its.stopped("order.yaml", "begun", when=struck)
    its.spoil("timeout-after:seconds=86400,after=1")
    found["begun, and taken"] = its.stopped("order.yaml", "begun-taken", when=struck)
    its.spoil("cut-after:after=1")
    found["in doubt, and taken"] = its.run("order.yaml", "doubt-taken", "--in-doubt", "stop", code=4)
    its.spoil("html:code=502,after=1")
    found["in doubt, not taken"] = its.run("order.yaml", "doubt", "--in-doubt", "stop", code=4)
    found["paused"] = its.stopped("long.yaml", "paused", when=its.has("paused"), number=signal.SIGINT)
    its.state.conversations.on_demand = True
    (its.folder / "news.yaml").write_text(NEWS.format(name="news", more=""), encoding="utf-8")
    people = "".join(f"+5215510009{each:03},{name},{vip}\n" for each, (name, vip) in enumerate(PEOPLE))
    (its.folder / "people.csv").write_text(f"phone,name,vip\n{people}", encoding="utf-8")
    its.spoil("latency:seconds=86400,after=5")
    options = ["run", "news.yaml", "--audience", "people.csv", "--at-most", "99", "--max-wait", "0", "--window", "2"]
    its.until(its.struck, its.start(*options), signal.SIGKILL)
    its.spoil()
    return {**found, "campaign": its.ask("SELECT id FROM campaigns ORDER BY key DESC LIMIT 1")[0][0]}


def plans(its: Later, folder: Path) -> None:
    """A plan for one person, and one for an audience, each with its files."""
    whom = {"one": ["--conversation", "planned", "--var", "name=Ana", "--var", "vip=yes"],
            "all": ["--audience", "people.csv", "--skip-repeated"]}  # fmt: skip
    for name, options in whom.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "flow.yaml").write_text(PLANNED.format(name=f"planned-{name}"), encoding="utf-8")
        people = "".join(f"+521551100{each:04},{one},{vip}\n" for each, (one, vip) in enumerate(PEOPLE))
        if name == "all":
            (folder / name / "people.csv").write_text(f"phone,name,vip\n{people}", encoding="utf-8")
        its.call("plan", "flow.yaml", *options, "--journal", "journal.db", "--output", "plan.jsonl",
                 PWD_FOLDER=str(folder / name))  # fmt: skip


def main(folder: Path) -> None:
    at_that_time()
    from flowrunner.emulator.serve import running

    with tempfile.TemporaryDirectory() as scratch:
        its = Later(Path(scratch))
        (its.folder / "order.yaml").write_text(ORDER.format(name="order", timeout="2s", pause="1s"), encoding="utf-8")
        (its.folder / "long.yaml").write_text(ORDER.format(name="long", timeout="30s", pause="2h"), encoding="utf-8")
        with running(its.state, port=18600):
            named = mixed(its)
            its.call("journal", "check")  # who opens it gives back what those who were killed had
            for end in ("", "-wal", "-mark"):
                if (its.folder / f"mixed.db{end}").exists():
                    keep(its.folder / f"mixed.db{end}", folder)
            facts = {
                "conversations": [[each.id, each.phone] for each in its.state.conversations],
                "messages": [known(each) for each in its.state.history()],
            }
            plans(its, folder)
            said = shown(its, named)
            make.SHIFT += LATER
            its.environment["BEFORE_SHIFT"] = repr(make.SHIFT)
            done = {kind: resumed(its, name) for kind, name in named.items()}
        facts |= {"key": KEY, "url": URL, "named": {"mixed": named}, "shown": {"mixed": said},
                  "resumed": {"mixed": done}}  # fmt: skip
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    (folder / "facts.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def all_of(calls: list[list[str]]) -> None:
    """As `child`, for several, one process each; prints what each printed."""
    said = []
    for arguments in calls:
        reading, writing = os.pipe()
        if not os.fork():
            os.dup2(writing, 1)
            os.close(writing)
            child(arguments)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as file:
            said.append(file.read())
        os.wait()
    print(json.dumps(said))


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        if folder := os.environ.get("PWD_FOLDER"):
            os.chdir(folder)
        if sys.argv[2] == "--all":
            all_of(json.loads(sys.argv[3]))
        else:
            child(sys.argv[2:])
    else:
        main(Path(sys.argv[1]).resolve())
