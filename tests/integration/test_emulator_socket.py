"""The emulator on a real socket: cuts are cuts, silence is silence, and it stops when told."""

import asyncio
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running, serve
from support.program import flowrunner

PATH = "/api/v1/whatsapp_conversations/c1/whatsapp_messages"
HELLO = {"message": {"message_type": "text", "content": "Hello"}}


@pytest.fixture
def state() -> EmulatorState:
    state = EmulatorState(clock=SYSTEM)
    state.conversations.create("+5215551234567", conversation_id="c1")
    return state


@pytest.fixture
def client(state: EmulatorState) -> Iterator[httpx.Client]:
    with (
        running(state) as url,
        httpx.Client(base_url=url, headers={"X-API-Key": "k"}, timeout=5, trust_env=False) as client,
    ):
        yield client


def test_a_phone_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    """Said in a sentence, before anything listens."""
    done = flowrunner("emulator", "--phone", "abc", cwd=tmp_path)
    assert (done.returncode, "is not a phone number" in done.stderr) == (2, True)


def test_messages_are_taken_and_listed(client: httpx.Client, state: EmulatorState) -> None:
    """The same answers as in process, over one kept connection."""
    ids = [client.post(PATH, json=HELLO).json()["data"]["id"] for _ in range(3)]
    assert {message["id"] for message in client.get(PATH).json()["data"]} == set(ids)
    assert len(state.received()) == 3


@pytest.mark.parametrize(
    ("fault", "error", "taken"),
    [
        ("cut-before", httpx.RemoteProtocolError | httpx.ReadError, 0),
        ("cut-after", httpx.RemoteProtocolError | httpx.ReadError, 1),
        ("timeout-after", httpx.ReadTimeout, 1),
        ("timeout-after:seconds=0.01", httpx.RemoteProtocolError | httpx.ReadError, 1),
        ("slow-body:seconds=60", httpx.ReadTimeout, 1),
        ("store-late:seconds=60", httpx.ReadTimeout, 1),
    ],
)
def test_an_answer_that_does_not_come(
    client: httpx.Client, state: EmulatorState, fault: str, error: type[Exception], taken: int
) -> None:
    """The client meets the error a real network would give it, and the next post is answered."""
    state.faults.add(parse_fault(fault + (",count=1" if ":" in fault else ":count=1")))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - a union of types, compared below
        client.post(PATH, json=HELLO, timeout=httpx.Timeout(10, read=0.2 if error is httpx.ReadTimeout else 10))
    assert isinstance(caught.value, error)
    assert eventually(lambda: len(state.received()) == taken)
    assert client.post(PATH, json=HELLO).status_code == 201


def test_a_message_is_taken_although_the_client_has_left(client: httpx.Client, state: EmulatorState) -> None:
    """A slow server does not notice that nobody waits any longer."""
    state.faults.add(parse_fault("latency:seconds=0.8,count=1"))
    with pytest.raises(httpx.ReadTimeout):
        client.post(PATH, json=HELLO, timeout=httpx.Timeout(10, read=0.05))
    assert state.received() == ()
    assert eventually(lambda: len(state.received()) == 1)


def test_a_client_that_leaves_within_its_request_does_no_harm(client: httpx.Client, state: EmulatorState) -> None:
    """Half a request takes nothing, and the server goes on."""
    address = (client.base_url.host, client.base_url.port or 0)
    with socket.create_connection(address, timeout=5) as half:
        half.sendall(f"POST {PATH} HTTP/1.1\r\nHost: e\r\nX-API-Key: k\r\nContent-Length: 99\r\n\r\n{{".encode())
    assert client.post(PATH, json=HELLO).status_code == 201
    assert len(state.received()) == 1


@pytest.mark.parametrize("fault", ["timeout-after:seconds=60", "latency:seconds=60", "slow-body:seconds=60"])
def test_it_stops_while_clients_wait(state: EmulatorState, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever still waits is cut off, nothing is logged, and nobody answers at that address any more."""
    state.faults.add(parse_fault(fault))
    with ThreadPoolExecutor(1) as pool:
        with running(state) as url:
            waiting = pool.submit(
                httpx.post, url + PATH, json=HELLO, headers={"X-API-Key": "k"}, timeout=10, trust_env=False
            )
            assert eventually(lambda: bool(state.faults.data()[0]["struck"]))
        assert isinstance(waiting.exception(10), httpx.TransportError)
    assert caplog.records == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_many_conversations_at_once(client: httpx.Client, state: EmulatorState) -> None:
    """Fifty conversations of four messages each: all taken, each in its order."""
    for number in range(50):
        state.conversations.create(f"+1555{number:04}", conversation_id=f"m{number}")

    async def one(shared: httpx.AsyncClient, number: int) -> None:
        for step in range(4):
            path = PATH.replace("c1", f"m{number}")
            answer = await shared.post(path, json={"message": {"message_type": "text", "content": str(step)}})
            assert answer.status_code == 201

    async def every() -> None:
        limits = httpx.Limits(max_connections=8)
        async with httpx.AsyncClient(
            base_url=client.base_url, headers={"X-API-Key": "k"}, limits=limits, timeout=30, trust_env=False
        ) as shared:
            await asyncio.gather(*(one(shared, number) for number in range(50)))

    asyncio.run(every())
    orders = {tuple(each.content for each in state.messages(f"m{number}", "oldest")) for number in range(50)}
    assert orders == {("0", "1", "2", "3")}


def test_an_address_that_is_taken_is_an_os_error(client: httpx.Client) -> None:
    """The caller hears of it; the process does not end."""
    with pytest.raises(OSError, match="in use"):
        serve(EmulatorState(clock=SYSTEM), port=client.base_url.port or 0)


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_serving_ends_quietly_with_ctrl_c(host: str, shown: str) -> None:
    """A process of its own says where it listens, answers, and ends at SIGINT with exit 0 and no word."""
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")
    program = (
        "from flowrunner.clock import SYSTEM\nfrom flowrunner.emulator.serve import serve\n"
        "from flowrunner.emulator.api.state import EmulatorState\n"
        f"serve(EmulatorState(clock=SYSTEM), {host!r}, ready=lambda url: print(url, flush=True))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert re.fullmatch(re.escape(shown) + r"\d+", url)
            assert httpx.get(f"{url}/_emulator/state", trust_env=False).status_code == 200
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (0, "", "")


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def eventually(happened: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.01)
    return False
