"""The API on a real socket, for tests of the program."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.program import KEY
from support.virtual import VirtualClock


@pytest.fixture
def state() -> EmulatorState:
    """An emulator with the tests' key, and one conversation; what it took soon has its statuses."""
    state = EmulatorState(api_key=KEY, clock=SYSTEM, delays=Delays(sent=0.01, delivered=0.02, read=0.03))
    state.conversations.create("+5215512345678", conversation_id="c1")
    return state


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    """Time that passes as soon as nothing else can be done; it runs what lives by it."""
    with VirtualClock() as clock:
        yield clock


@pytest.fixture
def virtual_postgres_at(
    postgres_at: Callable[[str], str], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], str]:
    """As `postgres_at`; leases count by the test's own clock, for the server lives by another."""
    from flowrunner.journal.postgres import committing
    from flowrunner.journal.postgres.database import ServerDatabase

    monkeypatch.setattr(
        committing, "ServerDatabase", lambda connection, pipeline, _: ServerDatabase(connection, pipeline, clock.up)
    )
    return postgres_at


@pytest.fixture
def url(state: EmulatorState) -> Iterator[str]:
    """Where it listens."""
    with running(state) as url:
        yield url


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its private key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split()
    command += ["-subj", "/CN=flowrunner test", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    (folder / "both.pem").write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return folder / "both.pem"
