"""A program on this machine is really told what happens in the emulator."""

import hashlib
import hmac
import json
from pathlib import Path

import httpx

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.emulated import META, PHONE, SAID
from support.program import flowrunner
from support.receiving import receiving


def test_a_receiver_is_told_over_http() -> None:
    """Method, path, headers and the bytes that were signed; the server stops although one does not answer."""
    state = EmulatorState(clock=SYSTEM, delays=Delays(sent=0, delivered=0, read=0))
    state.conversations.create(PHONE, "Ana")
    body = {"messaging_product": "whatsapp", "to": PHONE, **SAID}
    with receiving() as receiver, running(state) as url:
        hooks = [{"url": receiver.url, "secret": "ñ"}, {"url": "http://127.0.0.1:9/"}]
        assert httpx.put(f"{url}/_emulator/webhooks", json={"webhooks": hooks}, trust_env=False).is_success
        key = {"X-API-Key": "any"}
        assert httpx.post(f"{url}{META}/messages", json=body, headers=key, trust_env=False).is_success
        heard = receiver.wait_for(3)
    assert {each.path for each in heard} == {"/hook?of=ours"}
    assert {each.headers["X-Webhook-Event"] for each in heard} == {
        f"whatsapp.message.{status}" for status in ("sent", "delivered", "read")
    }
    for each in heard:
        assert each.headers["Content-Type"] == "application/json"
        assert each.headers["X-Webhook-Signature"] == hmac.new("ñ".encode(), each.body, hashlib.sha256).hexdigest()
        assert json.loads(each.body)["message"]["text"] == {"body": "Hello"}


def test_the_command_takes_a_receiver_and_the_name_of_its_secret(tmp_path: Path) -> None:
    """Never the secret itself; an address elsewhere is refused before anything listens."""
    command = ["emulator", "--port", "0", "--webhook"]
    for wrong, says in (
        ([*command, "http://example.com/"], "not an address of this machine"),
        ([*command, "http://127.0.0.1:1/", "--webhook-secret-env", "NOT_THERE"], "NOT_THERE is not set"),
    ):
        done = flowrunner(*wrong, cwd=tmp_path)
        assert done.returncode == 2
        assert says in done.stderr
