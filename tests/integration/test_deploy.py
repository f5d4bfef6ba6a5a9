"""What stands in deploy/: the same processes by the same commands, without Docker, on a real PostgreSQL."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from flowrunner.emulator.webhooks.values import webhook
from flowrunner.journal.places import DatabaseUrl, place_of
from support import postgres
from support.postgres_keeper import programs
from support.program import KEY, environment, flowrunner

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
WORD = postgres.PASSWORD
SECRETS = {"KAPSO_API_KEY": KEY, "KAPSO_WEBHOOK_SECRET": "whsec-planted-77aa", "POSTGRES_PASSWORD": WORD}
FLOW = """\
name: hello
steps:
  - id: start
    message: Shall we begin?
    reply: {within: 20h, settle: 0s, answers: [{words: [yes], steps: [{message: Here we go.}]}], no_reply: continue}
anytime: [{words: [stop], end: opted_out}]
"""
EVERYWHERE = "0.0.0.0"  # noqa: S104 - within a container
_addresses = count(2)


class Container:
    """A process as compose would start it, with an address of its own in the place of a container's.

    Attributes:
        address: Where it is.
    """

    def __init__(self, service: str, folder: Path, journal: str) -> None:
        self.service, self.address = SERVICES[service], f"127.{os.getpid() % 200 + 20}.7.{next(_addresses)}"
        self._folder = folder
        self._environ = environ(self.service, journal)
        command = [each.replace(EVERYWHERE, self.address) for each in self.service["command"]]
        entry = json.loads(re.search(r"^ENTRYPOINT (.*)$", DOCKERFILE, re.MULTILINE)[1])
        assert entry == ["flowrunner"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *entry, *command], cwd=folder, env=self._environ, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip

    def is_healthy(self) -> bool:
        """What its healthcheck says."""
        sort, program, *arguments = self.service["healthcheck"]["test"]
        assert (sort, program) == ("CMD", "python")
        given = [each.replace("127.0.0.1", self.address) for each in arguments]
        return subprocess.run([sys.executable, *given], capture_output=True, check=False).returncode == 0

    def becomes_healthy(self) -> None:
        until = time.monotonic() + 30
        while not self.is_healthy():
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < until
            time.sleep(0.2)

    def stop(self) -> int:
        """As `docker compose stop` does it, within the time that compose gives."""
        self.process.send_signal(getattr(signal, re.search(r"^STOPSIGNAL (\w+)$", DOCKERFILE, re.MULTILINE)[1]))
        return self.process.wait(float(self.service["stop_grace_period"].removesuffix("s")))

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def environ(service: Mapping[str, Any], journal: str) -> dict[str, str]:
    """The environment of a service: its file's variables, and what compose fills in; the server is the test's."""
    names = re.findall(r"^(\w+)=", (DEPLOY / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(names) == set(SECRETS)
    assert service["env_file"] == ".env"
    own = {name: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: SECRETS[found[1]], text)
           for name, text in service["environment"].items()}  # fmt: skip
    return environment(**{**SECRETS, **own, "FLOWRUNNER_JOURNAL": journal})


@contextmanager
def composed(folder: Path, journal: str) -> Iterator[dict[str, list[Container]]]:
    """All services but the database, as many of each as compose starts, once they are healthy."""
    with ExitStack() as stack:
        its: dict[str, list[Container]] = {}
        for name, service in SERVICES.items():
            if name != "postgres":
                assert service["depends_on"] == {"postgres": {"condition": "service_healthy"}}
                number = service.get("deploy", {}).get("replicas", 1)
                its[name] = [Container(name, folder, journal) for _ in range(number)]
                for each in its[name]:
                    stack.callback(each.close)
        for each in (each for several in its.values() for each in several):
            each.becomes_healthy()
        yield its


def test_what_compose_starts_sends_a_campaign_and_hears_its_people(
    tmp_path: Path, own_postgres: postgres.Cluster
) -> None:
    """Two workers and a listener, by compose's commands, with their healthchecks; stopped as compose stops them."""
    state = EmulatorState(api_key=KEY, clock=SYSTEM)
    talks = [state.conversations.create(f"+52155123456{number:02}") for number in range(30)]
    with running(state) as url:
        config = (DEPLOY / "flowrunner.toml").read_text(encoding="utf-8")
        config = config.replace("[senders.main]", f'[senders.main]\nurl = "{url}"').replace("100/min", "80/s")
        (tmp_path / "flowrunner.toml").write_text(config, encoding="utf-8")
        (tmp_path / "hello.yaml").write_text(FLOW, encoding="utf-8")
        (tmp_path / "people.csv").write_text("phone\n" + "".join(f"{its.phone}\n" for its in talks), encoding="utf-8")
        journal = f"postgresql://postgres@127.0.0.1:{own_postgres.port}/postgres"  # with PGPASSWORD, as in compose.yaml
        with composed(tmp_path, journal) as its:
            assert {name: len(each) for name, each in its.items()} == {"worker": 2, "listener": 1}
            [listener] = its["listener"]
            hook = f"http://{listener.address}:8700/webhooks/main"
            state.webhooks.append(webhook(hook, "kapso", SECRETS["KAPSO_WEBHOOK_SECRET"]))
            command = ("run", "hello.yaml", "--audience", "people.csv", "--yes-send-to", "30", "--detach")
            done = flowrunner(*command, "--journal", journal, cwd=tmp_path, PGPASSWORD=WORD)
            assert done.returncode == 0, done.stderr
            assert "is left to 2 workers: 30 people" in done.stdout
            campaign = done.stdout.split()[1]
            becomes(tmp_path, journal, campaign, {"asked": 30})
            for talk in talks:
                state.add_inbound(talk.id, inbound_body({"message_type": "text", "content": "Yes"}))
            becomes(tmp_path, journal, campaign, {"finished": 30})
            said = [each.content for each in state.history() if each.direction == "outbound"]
            assert sorted(said) == ["Here we go."] * 30 + ["Shall we begin?"] * 30
            assert [each.stop() for each in (*its["worker"], listener)] == [0, 0, 0]


def becomes(folder: Path, journal: str, campaign: str, states: Mapping[str, int]) -> None:
    until = time.monotonic() + 60
    while True:
        done = flowrunner("runs", campaign, "--format", "json", "--journal", journal, cwd=folder, PGPASSWORD=WORD)
        found = json.loads(done.stdout)["campaign"]["states"]
        if found == states:
            return
        assert time.monotonic() < until, found
        time.sleep(0.3)


def test_the_database_s_healthcheck_tells_whether_it_takes_connections(own_postgres: postgres.Cluster) -> None:
    """As PostgreSQL's own image has the program."""
    sort, command = SERVICES["postgres"]["healthcheck"]["test"]
    assert sort == "CMD-SHELL"
    path = {"PATH": f"{programs()}:{os.environ['PATH']}"}
    where = {**path, "PGHOST": str(own_postgres.data.parent), "PGPORT": str(own_postgres.port)}

    def code() -> int:
        return subprocess.run(["sh", "-c", command], env=where, capture_output=True, check=False).returncode

    assert code() == 0
    own_postgres.stop()
    assert code() != 0


def test_the_journal_of_compose_is_the_database_of_compose() -> None:
    """By its name, its user and its database; the password is in no URL."""
    database = SERVICES["postgres"]["environment"]
    for name in ("worker", "listener"):
        its = SERVICES[name]["environment"]
        place = place_of(its["FLOWRUNNER_JOURNAL"])
        assert isinstance(place, DatabaseUrl)
        assert place.url == f"postgresql://{database['POSTGRES_USER']}@postgres/{database['POSTGRES_DB']}"
        assert its["PGPASSWORD"] == database["POSTGRES_PASSWORD"]


def test_no_secret_stands_in_any_file_there() -> None:
    """The example has empty values, and git ignores the real one."""
    example = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    assert all(line.startswith("#") or line.endswith("=") for line in example.splitlines() if line)
    ignored = subprocess.run(["git", "check-ignore", "deploy/.env"], cwd=ROOT, capture_output=True, check=False)
    assert ignored.returncode in (0, 128)  # not a repository: an unpacked source


def copied() -> Sequence[str]:
    """What the image is built from: what its list of ignored files lets through."""
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "*"
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def test_the_image_can_be_built_of_what_is_copied_into_it(tmp_path: Path) -> None:
    """The package, with its schemas."""
    for name in copied():
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "built"), "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = (tmp_path / "built").glob("*.whl")
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)], capture_output=True, text=True, check=True
    )
    assert "flowrunner/schemas/" in listed.stdout
    assert "flowrunner/cli/commands/worker.py" in listed.stdout


def test_ports_and_addresses_agree() -> None:
    """A healthcheck asks where its process listens; only the listener is reached from outside, by the proxy."""
    for name in ("worker", "listener"):
        service = SERVICES[name]
        port = service["command"][service["command"].index("--port") + 1]
        assert f":{port}/healthz" in service["healthcheck"]["test"][-1]
    assert SERVICES["listener"]["ports"] == ["127.0.0.1:8700:8700"]
    assert "ports" not in SERVICES["worker"]
    with socket.socket() as probe:  # what the tests rely on: all of 127.0.0.0/8 is this machine
        probe.bind(("127.77.1.1", 0))
