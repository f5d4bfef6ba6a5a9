"""Answers that no API should give: a run ends with a word about them, and what was sent stays written down."""

from pathlib import Path
from typing import Any

import pytest

from support.answering import Asked, Reply, answering, listed
from support.campaigns import QUICK
from support.program import flow, flowrunner

SURROGATE = b'{"data": {"id": "\\ud800", "status": "\\udfff"}}'
YES = {"data": {"id": "m1"}}
DEEP = b'{"data": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
# The answer to the message, and the exit code.
ANSWERS: dict[str, tuple[Reply, int]] = {
    "half a character as an id": (Reply(201, SURROGATE), 3),
    "NUL in an id": (Reply(201, {"data": {"id": "a\x00b"}}), 3),
    "a number of 5,000 digits as an id": (Reply(201, b'{"data": {"id": ' + b"9" * 5000 + b"}}"), 3),
    "an id of a megabyte": (Reply(201, {"data": {"id": "x" * 1_000_000}}), 3),
    "nested too deep": (Reply(201, DEEP), 3),
    "NaN": (Reply(201, b'{"data": {"id": NaN}}'), 3),
    "half a character in a reason": (Reply(422, b'{"error": "\\ud800 no", "code": "\\udfff"}'), 3),
    "half a character in a wamid": (Reply(201, b'{"data": {"id": "m1", "whatsapp_message_id": "\\ud800"}}'), 0),
    "a date with a zone of twenty digits": (
        Reply(429, {"error": "Slow"}, {"Retry-After": f"Thu, 01 Jan 1970 00:20:00 +{'9' * 20}"}), 3,
    ),
    "a date before the calendar": (Reply(429, {"error": "Slow"}, {"Retry-After": "Thu, 01 Jan 0000 00:00:00 GMT"}), 3),
    "a wait without an end": (Reply(429, {"error": "Slow"}, {"Retry-After": "9" * 400}), 3),
    "a rate that is none": (Reply(201, YES, {"X-RateLimit-Limit": "9" * 40, "X-RateLimit-Remaining": "-1"}), 0),
    "headers of another alphabet": (Reply(201, YES, {"X-Name": "\xe9\xff", "Content-Type": "\xff"}), 0),
    "an unknown encoding": (Reply(201, YES, {"Content-Encoding": "zstd-of-mars"}), 0),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "code"), ANSWERS.values(), ids=ANSWERS)
def test_a_hostile_answer_is_no_crash(tmp_path: Path, reply: Reply, code: int) -> None:
    """A yes without a readable id was perhaps taken: it is looked up, and then failed (3) or is in doubt (4)."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola"}'])

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            return reply
        return listed() if asked.path.endswith("messages") else talk()

    def talk() -> Reply:
        return Reply(200, {"data": {"id": "c1", "phone_number": "+5215512345601", "status": "active"}})

    with answering(answer) as served:
        done = flowrunner(
            "run", file, "--conversation", "c1", "--api-url", served.url, "--rate", "100000/s",
            "--timeout", "0.5", "--grace", "0", "--max-wait", "0.2", cwd=tmp_path,
        )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in ((3, 4) if code else (0,)), done.stdout + done.stderr
    assert "Traceback" not in flowrunner("runs", cwd=tmp_path).stderr


OBJECTS: list[Any] = [
    [], {}, None, 7, "x", [[]], [None], [{}], [{"id": "c1"}], {"id": []}, [{"id": {}, "phone_number": [], "status": 1}],
]  # fmt: skip


@pytest.mark.parametrize("data", OBJECTS, ids=str)
def test_a_look_up_without_a_person_is_no_crash(tmp_path: Path, data: object) -> None:
    """Nothing is sent."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola"}'])
    with answering(lambda _: Reply(200, {"data": data, "meta": data})) as served:
        for whom in (("--phone", "+5215512345601"), ("--conversation", "c1")):
            done = flowrunner("run", file, *whom, "--api-url", served.url, *QUICK, cwd=tmp_path)
            assert done.returncode == 1, done.stdout + done.stderr
            assert done.stderr.startswith("error: ")
    assert served.sent == []
