"""What is tested here alone: nothing of a network, and no other process."""

import sys
from collections.abc import Iterator

import pytest

FORBIDDEN = {
    "socket.bind", "socket.connect", "socket.sendto", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system",
    "socket.getaddrinfo", "subprocess.Popen",
}  # fmt: skip
"""Python's own names of what it is asked to do (https://docs.python.org/3/library/audit_events.html)."""
_asked: list[str] | None = None


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test here opens a socket or starts a process; what needs one belongs to tests/integration."""
    global _asked  # noqa: PLW0603  # a hook of the interpreter's stays for good, and has no other place to look
    asked = _asked = []
    # A process of its own kind of start asks Python for nothing that is heard.
    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", lambda _: sys.audit("subprocess.Popen"))
    yield
    _asked = None
    assert not asked, f"a unit test asked for {', '.join(asked)}"


def _hear(event: str, _: tuple[object, ...]) -> None:
    if _asked is not None and event in FORBIDDEN:
        _asked.append(event)
        raise RuntimeError(f"a unit test asks for {event}")


sys.addaudithook(_hear)
