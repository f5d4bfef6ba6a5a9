"""Prism, on the description of v1 that Kapso published, accepts what flowrunner posts.

``.ci/run`` installs it. Elsewhere: ``npm install @stoplight/prism-cli``, and name its command in PRISM.
"""

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

import flowrunner
from flowrunner.dialects import dialect_of
from flowrunner.flow import find_flows, load_file
from flowrunner.flow.carried import carriers
from flowrunner.model import Message, Recipient
from flowrunner.spec.carried import not_carried
from support.conformance_cases import PATHS, messages
from support.described import PATH
from support.foreign import named

ROOT = Path(__file__).parents[2]
V1 = dialect_of("kapso-v1")
CONVERSATION = Recipient(conversation="c")


def not_described(body: Mapping[str, Any]) -> str:
    """Why the description refuses what its own samples, or the page that the project started from, show.

    There are two such things, and no other is let pass.
    """
    if any("name" not in each for each in body.get("contacts", ())):
        return "a contact's names stand flat, as on the page of the conversation's endpoint"
    if isinstance(body.get("template_params"), Mapping):
        return "parameters of a template are named, as in the description's samples of answers"
    return ""


def of_conformance() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The messages of all valid cases."""
    for path in PATHS:
        if path.parent.name == "valid":
            for number, (_, body) in enumerate(messages(path)):
                if "{{" not in json.dumps(body) and not [*not_carried(body, "kapso-v1")]:
                    yield f"{path.parent.parent.name}/{path.stem} {number}", body


def of_flows() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The messages of all example flows, of every branch, with their inputs' examples."""
    every = find_flows([ROOT / "flows"])[0]
    for path in (each for each in every if "kapso-v1" in carriers(load_file(each))):
        made = flowrunner.render(flowrunner.load(path), examples=True)
        actions = made.acts.values() if made.acts else made.actions
        for each in (each for each in actions if isinstance(each, Message)):
            yield f"{path.stem} {each.step.address}", json.loads(each.wire)


@pytest.fixture(scope="module")
def prism() -> Iterator[httpx.Client]:
    command = named("PRISM", "prism", "Prism")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [command, "mock", "--host", "127.0.0.1", "--port", str(port), str(PATH)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": "k"}, trust_env=False) as client:
            _wait_for(client, process)
            yield client
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            client.get("/whatsapp_configs")
        except httpx.TransportError:
            assert process.poll() is None, "Prism ended"
            time.sleep(0.05)
        else:
            return
    raise AssertionError("Prism does not answer")


def posted(prism: httpx.Client, wire: str) -> httpx.Response:
    """The answer to a message as it goes over the wire."""
    request = V1.post(CONVERSATION, wire)
    headers = {"Content-Type": "application/json"}
    return prism.request(request.method, request.path.removeprefix("/api/v1"), content=request.text, headers=headers)


def test_what_example_flows_and_valid_cases_post_is_accepted(prism: httpx.Client) -> None:
    """With ``content``, which the description requires; but for the two things where it contradicts its samples."""
    judged = 0
    for name, body in (*of_conformance(), *of_flows()):
        answer = posted(prism, V1.encode(body))
        if not not_described(body):
            assert answer.status_code == 201, f"{name}: {answer.text}"
        judged += answer.status_code == 201
    assert judged > 300


def test_it_refuses_what_is_not_described(prism: httpx.Client) -> None:
    """Or its yes would say nothing."""
    assert posted(prism, '{"message_type":"image"}').status_code == 422
