"""Makes what stands beside it: journals and plans of the commit 026c618, and what that commit did with them.

Run it with the Python of a checkout of that commit, from anywhere:
``CHECKOUT/.venv/bin/python make.py FOLDER``. It ends with what is to be kept in FOLDER. All that happens, happens in March 2026: runs, campaigns and plans that wait for a
moment have waited long enough, whenever the tests run.

``single.db``, ``campaigns.db``, ``lost.db``
    Journals, each with a run, or a campaign, of every kind.
``killed.db``, ``killed.db-wal``, ``killed.db-mark``
    A journal as a process leaves it that is killed.
``one/``, ``all/``
    A plan for one person and a plan for an audience, each with its files.
``facts.json``
    What the emulator knew (``conversations``, ``messages``); what the commit said of each run and campaign (``shown``);
    and what it did when it went on with them, eleven days later (``resumed``).
"""

import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

START = 1_772_445_600.0  # 2026-03-02, 10:00 UTC
LATER = 11 * 86_400.0
URL = "http://127.0.0.1:18600"
KEY = "key-of-before"
REAL = time.time
SHIFT = float(os.environ.get("BEFORE_SHIFT", START - REAL()))
ORDER = """\
name: {name}
inputs:
  name: {{type: string, example: Ana}}
  pieces: {{type: integer, default: 1}}
steps:
  - id: hello
    message: "Hi {{{{ name }}}} 👋"
  - id: photo
    message: {{message_type: image, media_url: "https://cdn.example.com/{{{{ pieces }}}}.jpg", caption: "{{{{ name }}}}"}}
    until: delivered
    timeout: {timeout}
  - id: many
    when: pieces > 1
    message: "{{{{ pieces }}}} pieces"
  - pause: {pause}
  - id: bye
    message: "Bye {{{{ name }}}}"
"""
NEWS = """\
name: {name}
inputs:
  name: {{type: string, minLength: 2, example: Ana}}
  vip: {{type: boolean, default: false}}
steps:
  - id: news
    message: "News for {{{{ name }}}}"
  - when: vip
    message: "And a present"
{more}  - id: link
    message: {{message_type: template, template_name: news, template_language: es, template_params: ["{{{{ name }}}}"]}}
"""


def at_that_time() -> None:
    """Let this process live in March 2026."""
    time.time = lambda: REAL() + SHIFT


def child(arguments: list[str]) -> None:
    """The program, in March 2026, on a machine that was started anew where BEFORE_BOOT says so."""
    at_that_time()
    import datetime as module

    from flowrunner import clock

    if boot := os.environ.get("BEFORE_BOOT"):
        clock._boot = lambda: boot

    class Then(module.datetime):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(time.time(), tz)

    import flowrunner.rendering.messages as messages

    messages.datetime = Then
    from flowrunner.cli import main

    sys.argv = ["flowrunner", *arguments]
    main()


def children(calls: list[list[str]]) -> None:
    """As `child`, for several; prints what each printed."""
    at_that_time()
    import flowrunner.cli.program
    import flowrunner.cli.report
    import flowrunner.cli.runs
    import flowrunner.cli.status
    import flowrunner.journal
    import flowrunner.loading
    import flowrunner.views.report

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


class Maker:
    """One emulator, and the program as often as it is called."""

    def __init__(self, folder: Path) -> None:
        from itertools import count

        from flowrunner.emulator.messages import Delays
        from flowrunner.emulator.state import EmulatorState

        numbers = count(1)
        self.folder = folder
        self.state = EmulatorState(
            now=lambda: REAL() + SHIFT,
            api_key=KEY,
            new_id=lambda: f"id-{next(numbers):04}",
            delays=Delays(0, 0.01, 0.02),
        )
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "TZ": "UTC", "COLUMNS": "100", "NO_COLOR": "1",
            "PYTHONIOENCODING": "utf-8", "KAPSO_API_KEY": KEY, "FLOWRUNNER_API_URL": URL, "FLOWRUNNER_RATE": "1000/s",
            "BEFORE_SHIFT": repr(SHIFT), "BEFORE_BOOT": "0a0b0c0d",
        }  # fmt: skip
        self.journal = "single.db"

    def start(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, __file__, "--child", *arguments], cwd=self.folder,
            env={**self.environment, "FLOWRUNNER_JOURNAL": self.journal, **more},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip

    def call(self, *arguments: str, code: int | None = 0, **more: str) -> str:
        began = REAL()
        process = self.start(*arguments, **more)
        output, errors = process.communicate(timeout=40)
        assert code is None or process.returncode == code, (arguments, process.returncode, output, errors)
        self.code = process.returncode
        sys.stderr.write(f"{REAL() - began:5.1f} s  {self.code}  {' '.join(arguments)[:150]}\n")
        return output

    def call_all(self, calls: list[list[str]]) -> list[str]:
        """What each of these prints; one process is forked for each, which has everything imported."""
        return json.loads(self.call("--all", json.dumps(calls)))

    def until(self, condition: object, process: "subprocess.Popen[str]", number: int) -> None:
        """Wait until something is so, then end the process with a signal."""
        end = REAL() + 30
        while not condition():
            assert REAL() < end, "it never came to that"
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(number)
        process.communicate(timeout=30)
        self.state._flying.clear()  # what was in flight to the one that was killed never arrives

    def ask(self, query: str) -> list:
        with closing(sqlite3.connect(f"{(self.folder / self.journal).as_uri()}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()

    def spoil(self, *faults: str) -> None:
        from flowrunner.emulator.faults import parse_fault

        self.state.faults.replace([parse_fault(each) for each in faults])

    def struck(self) -> bool:
        return bool(self.state.faults.data()) and all(each["struck"] for each in self.state.faults.data())

    def talk(self, name: str) -> str:
        self.state.conversations.create(f"+52155{len(self.state.conversations):08}", conversation_id=name)
        return name

    def newest(self) -> str:
        return self.ask("SELECT id FROM runs ORDER BY key DESC LIMIT 1")[0][0]

    def run(self, file: str, kind: str, *options: str, code: int | None = 0) -> str:
        arguments = [
            "run",
            file,
            "--conversation",
            self.talk(kind),
            "--var",
            "name=Ana",
            "--max-wait",
            "0",
            "--grace",
            "0",
        ]
        self.call(*arguments, *options, code=code)
        self.spoil()
        return self.newest()

    def stopped(self, file: str, kind: str, *options: str, when: object, number: int = signal.SIGKILL) -> str:
        arguments = ["run", file, "--conversation", self.talk(kind), "--var", "name=Ana", *options]
        process = self.start(*arguments)
        end = REAL() + 30
        while not (self.folder / self.journal).exists():
            assert REAL() < end
        self.until(lambda: when(kind), process, number)
        self.spoil()
        return self.newest()

    def has(self, kind: str, count: int = 1) -> object:
        def found(conversation: str) -> bool:
            query = f"SELECT 1 FROM events JOIN runs ON runs.key = run WHERE kind = '{kind}' AND conversation = '{conversation}'"
            try:
                return len(self.ask(query)) >= count
            except sqlite3.OperationalError:
                return False

        return found


def single(its: Maker) -> dict[str, str]:
    """A run of each kind."""
    struck = lambda _: its.struck()
    runs = {"finished": its.run("order.yaml", "finished", "--var", "pieces=3")}
    its.spoil("window-422:after=1")
    runs["failed"] = its.run("order.yaml", "failed", code=3)
    its.spoil("latency:seconds=86400,after=1")
    runs["begun, not taken"] = its.stopped("order.yaml", "begun", when=struck)
    its.spoil("timeout-after:seconds=86400,after=1")
    runs["begun, and taken"] = its.stopped("order.yaml", "begun-taken", when=struck)
    its.spoil("cut-after:after=1")
    runs["in doubt, and taken"] = its.run("order.yaml", "doubt-taken", "--in-doubt", "stop", code=4)
    its.spoil("html:code=502,after=1")
    runs["in doubt, not taken"] = its.run("order.yaml", "doubt", "--in-doubt", "stop", code=4)
    its.spoil("malformed:after=1")
    runs["in doubt after a yes"] = its.run("order.yaml", "doubt-yes", "--in-doubt", "stop", code=4)
    its.spoil("cut-after:after=1", "window-422:after=2")
    runs["given up"] = its.run("order.yaml", "given-up", "--in-doubt", "skip", code=3)
    runs["paused"] = its.stopped("long.yaml", "paused", when=its.has("paused"), number=signal.SIGINT)
    its.spoil("media-late:seconds=600")
    runs["waiting for delivery"] = its.stopped(
        "wait.yaml", "waiting", when=its.has("accepted", 2), number=signal.SIGINT
    )
    its.spoil("window-422:after=1")
    runs["cancelled"] = its.run("order.yaml", "cancelled", code=3)
    its.call("cancel", runs["cancelled"])
    its.spoil("window-422")
    runs["left out"] = its.run("order.yaml", "left-out", code=3)
    its.call("run", "order.yaml", "--conversation", "left-out", "--var", "name=Ana", "--again")
    its.call("resume", runs["left out"], code=None)
    its.spoil("read-failed:count=1")
    runs["undelivered"] = its.run("order.yaml", "undelivered")
    its.call("status", runs["undelivered"], "--refresh")
    return runs


def campaigns(its: Maker) -> dict[str, str]:
    """A campaign of each kind."""
    its.state.conversations.on_demand = True
    found = {}
    for number, (kind, more) in enumerate(CAMPAIGNS.items()):
        (its.folder / f"{number}.yaml").write_text(NEWS.format(name=f"news-{number}", more=more), encoding="utf-8")
        people = "".join(f"+52155{1000 + number}{each:04},{name},{vip}\n" for each, (name, vip) in enumerate(PEOPLE))
        odd = f"+52155{2000 + number}0001,X,\n+52155{1000 + number}0000,Ana,\n+52155{2000 + number}0002,Eva,\n"
        (its.folder / f"{number}.csv").write_text(f"phone,name,vip\n{people}{odd}", encoding="utf-8")
        (its.folder / f"{number}-not.csv").write_text(f"phone\n+52155{2000 + number}0002\n", encoding="utf-8")
        options = ["run", f"{number}.yaml", "--audience", f"{number}.csv", "--at-most", "99", "--max-wait", "0"]
        options += ["--skip-invalid", "--skip-repeated", "--exclude", f"{number}-not.csv"]
        if kind == "failed":
            its.spoil("window-422:after=2,count=2")
            its.call(*options, "--window", "1", "--max-failures", "100", code=None)
        elif kind == "undelivered":
            its.spoil("read-failed:after=3,count=2")
            its.call(*options, "--window", "1")
        elif kind == "canary":
            its.call(*options, "--canary", "2", code=None)
        elif kind in ("half-way", "cancelled"):
            its.spoil("latency:seconds=86400,after=5")
            its.until(its.struck, its.start(*options, "--window", "2"), signal.SIGKILL)
        elif kind == "held":
            process = its.start(*options, "--at", "2026-03-09T09:00+01:00")
            its.until(
                lambda: its.ask("SELECT count(*) FROM runs WHERE state = 'held'")[0][0] == len(PEOPLE),
                process,
                signal.SIGINT,
            )
        elif kind == "paused":
            process = its.start(*options)
            its.until(
                lambda: its.ask("SELECT count(*) FROM runs WHERE state = 'waiting'")[0][0] == len(PEOPLE),
                process,
                signal.SIGINT,
            )
        else:
            its.call(*options)
        its.spoil()
        found[kind] = its.ask("SELECT id FROM campaigns ORDER BY key DESC LIMIT 1")[0][0]
        if kind == "cancelled":
            its.call("cancel", found[kind])
        if kind == "undelivered":
            its.call("status", found[kind], "--refresh")
    return found


PEOPLE = [("Ana", "yes"), ("Luis", ""), ("Céline", "no"), ("José 👋", "yes"), ("Zoë", "")]
CAMPAIGNS = {
    "finished": "", "half-way": "", "held": "", "cancelled": "", "failed": "", "undelivered": "", "canary": "",
    "paused": "  - pause: 2h\n",
}  # fmt: skip


def lost(its: Maker) -> dict[str, str]:
    """A run whose journal was put back to an earlier state, and taken as it is then."""
    its.spoil("window-422:after=1")
    run = its.run("order.yaml", "lost", code=3)
    shutil.copy(its.folder / its.journal, its.folder / "earlier")
    its.call("resume", run)
    shutil.copy(its.folder / "earlier", its.folder / its.journal)
    its.call("journal", "accept")
    return {"lost": run}


def killed(its: Maker) -> dict[str, str]:
    """A journal as it lies there after a kill."""
    its.spoil("latency:seconds=86400,after=1")
    return {"killed": its.stopped("order.yaml", "killed", when=lambda _: its.struck())}


def shown(its: Maker, named: dict[str, str]) -> dict[str, dict[str, str]]:
    """What is said of a journal, and of each thing in it."""
    said = {
        "": [["runs"], ["runs", "--format", "json"], ["status"], ["status", "--format", "json"], ["journal", "check"]]
    }
    for kind, name in named.items():
        said[kind] = [
            [*words, *form] for words in (["runs", name], ["status", name]) for form in ([], ["--format", "json"])
        ]
        if its.journal == "campaigns.db":
            said[kind] += [["report", name, "--format", form] for form in ("text", "csv", "json", "junit", "html")]
            said[kind] += [["report", name, "--state", "failed", "--format", "csv"]]
    return {kind: dict(zip(map(" ".join, calls), its.call_all(calls), strict=True)) for kind, calls in said.items()}


def resumed(its: Maker, name: str, *options: str) -> dict[str, object]:
    """What was posted when it was gone on with, and how that ended."""
    before = len(its.state.received())
    for talk in its.state.conversations:
        its.state.conversations.set_window(talk.id, is_open=True)
    later = {"BEFORE_SHIFT": repr(SHIFT), "BEFORE_BOOT": "1a1b1c1d"}
    its.call("resume", name, "--grace", "0", "--timeout", "1", *options, code=None, **later)
    code = its.code
    posted = [
        [its.state.conversations.get(each.conversation_id).phone, json.loads(each.raw)["message"]]
        for each in its.state.received()[before:]
    ]
    listing = json.loads(its.call("runs", name, "--format", "json"))
    its_own = listing.get("run", listing.get("campaign"))
    states = its_own.get("states", its_own.get("state"))
    return {
        "options": list(options),
        "code": code,
        "posted": sorted(posted, key=lambda each: each[0]),
        "states": states,
    }


def main(folder: Path) -> None:
    global SHIFT
    at_that_time()
    from flowrunner.emulator.serve import running

    with tempfile.TemporaryDirectory() as scratch:
        its = Maker(Path(scratch))
        (its.folder / "order.yaml").write_text(ORDER.format(name="order", timeout="2s", pause="1s"), encoding="utf-8")
        (its.folder / "long.yaml").write_text(ORDER.format(name="long", timeout="30s", pause="2h"), encoding="utf-8")
        (its.folder / "wait.yaml").write_text(ORDER.format(name="wait", timeout="30s", pause="1s"), encoding="utf-8")
        named, said = {}, {}
        with running(its.state, port=18600):
            for journal, make in {"single": single, "lost": lost, "killed": killed, "campaigns": campaigns}.items():
                its.journal = f"{journal}.db"
                named[journal] = make(its)
                if journal == "killed":
                    for end in ("", "-wal", "-mark"):
                        keep(its.folder / f"killed.db{end}", folder)
                else:
                    its.call("journal", "backup", f"{journal}.whole")
                    keep(its.folder / f"{journal}.whole", folder, f"{journal}.db")
            facts = {
                "conversations": [[each.id, each.phone] for each in its.state.conversations],
                "messages": [known(each) for each in its.state.history()],
            }
            plans(its, folder)
            for journal, names in named.items():
                its.journal = f"{journal}.db"
                said[journal] = shown(its, names)
            SHIFT += LATER
            its.environment["BEFORE_SHIFT"] = repr(SHIFT)
            done: dict[str, dict[str, object]] = {}
            for journal, names in named.items():
                its.journal = f"{journal}.db"
                for kind, name in names.items():
                    options = {"undelivered": ["--only", "undelivered"], "lost": ["--in-doubt", "resend"]}.get(kind, [])
                    options = ["--only", "failed"] if (journal, kind) == ("campaigns", "failed") else options
                    done.setdefault(journal, {})[kind] = resumed(its, name, *options)
        facts |= {"key": KEY, "url": URL, "named": named, "shown": said, "resumed": done}
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    (folder / "facts.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def known(message: object) -> dict[str, object]:
    """A message of the emulator's, as it can be told again."""
    failure = [message.failure.code, message.failure.text] if message.failure else None
    return {"id": message.id, "conversation": message.conversation_id, "body": message.body, "at": message.created_at,
            "failure": failure}  # fmt: skip


def plans(its: Maker, folder: Path) -> None:
    """A plan for one person, and one for an audience, each with its files."""
    one, several = folder / "one", folder / "all"
    for each in (one, several):
        each.mkdir(parents=True, exist_ok=True)
    (one / "order.yaml").write_text(ORDER.format(name="planned", timeout="2s", pause="1s"), encoding="utf-8")
    (several / "news.yaml").write_text(NEWS.format(name="planned-news", more=""), encoding="utf-8")
    people = "".join(f"+521551100{each:04},{name},{vip}\n" for each, (name, vip) in enumerate(PEOPLE))
    (several / "people.csv").write_text(f"phone,name,vip\n{people}+5215511000000,Ana,\n,Eva,\n", encoding="utf-8")
    journal = ("--journal", "journal.db")
    its.call("plan", "order.yaml", "--conversation", "planned", "--var", "name=Ana", "--var", "pieces=2", *journal,
             "--output", "plan.jsonl", PWD_FOLDER=str(one))  # fmt: skip
    its.call("plan", "news.yaml", "--audience", "people.csv", "--skip-invalid", "--skip-repeated", *journal, "--output", "plan.jsonl", PWD_FOLDER=str(several))  # fmt: skip


def keep(file: Path, folder: Path, name: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name or file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))


if __name__ == "__main__":
    if sys.argv[1] == "--child":
        if folder := os.environ.get("PWD_FOLDER"):
            os.chdir(folder)
        if sys.argv[2] == "--all":
            children(json.loads(sys.argv[3]))
        else:
            child(sys.argv[2:])
    else:
        main(Path(sys.argv[1]).resolve())
