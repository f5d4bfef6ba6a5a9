"""The API key is nowhere: a planted one is searched for in everything the program writes."""

import base64
import urllib.parse
from pathlib import Path

import pytest

from flowrunner.app.senders.check import SenderCheck
from flowrunner.app.senders.sender import Sender
from flowrunner.config.values import SenderEntry
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from support.program import KEY, flow, flowrunner

FORMS = [
    KEY,
    urllib.parse.quote(KEY),
    urllib.parse.quote(KEY, safe=""),
    urllib.parse.quote_plus(KEY),
    base64.b64encode(KEY.encode()).decode(),
    base64.urlsafe_b64encode(KEY.encode()).decode(),
    base64.b64encode(KEY.encode()).decode().rstrip("="),
    repr(KEY)[1:-1],
    KEY.encode().hex(),
]


def test_the_search_itself_finds_what_it_looks_for(tmp_path: Path) -> None:
    """A search that cannot find proves nothing."""
    for number, form in enumerate(FORMS):
        (tmp_path / f"f{number}").write_text(f"x{form}y", encoding="utf-8")
    assert len(found(tmp_path, "")) == len(FORMS)


@pytest.mark.parametrize(
    "fault",
    ["", "status:code=401", "status:code=500", "cut-after", "malformed", "html", "timeout-after:seconds=2",
     f"status:code=422,message=your key is {KEY.replace(',', '')}"],
)  # fmt: skip
def test_no_output_and_no_file_holds_the_key(tmp_path: Path, state: EmulatorState, url: str, fault: str) -> None:
    """Standard output, standard error, the journal and its companions, also where the server repeats the key."""
    file = flow(tmp_path / "two.yaml", ['{message: "one"}', '{message: "two"}'])
    if fault:
        state.faults.add(parse_fault(fault))
    options = ("--timeout", "0.5", "--grace", "0.1", "--max-wait", "1", "--in-doubt", "stop")
    asking = (
        ("run", file, "--conversation", "c1", "--api-url", url, *options),
        ("runs",),
        ("resume", *options),
        ("run", file, "--conversation", "c1", "--api-url", url, "--format", "jsonl", "--again", *options),
        ("run", file, "--conversation", "nosuch", "--api-url", url, *options),
    )
    alone = (  # no fault of the server changes what these say
        ("run", file, "--conversation", "c1", "--api-url", "http://127.0.0.1:9", *options),
        ("preview", file),
        ("preview", file, "--format", "html"),
        ("preview", file, "--format", "curl"),
    )
    said = ""
    for command in asking if fault else (*asking, *alone):
        done = flowrunner(*command, cwd=tmp_path, PYTHONDEVMODE="1", HTTPX_LOG_LEVEL="trace")
        said += done.stdout + done.stderr
    assert (tmp_path / ".flowrunner/journal.db").exists()
    assert found(tmp_path, said) == []


def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(tmp_path: Path) -> None:
    """A line break in the key is a mistake of copying; the error does not repeat it."""
    file = flow(tmp_path / "two.yaml", ['{message: "one"}'])
    for key in (f"{KEY}\n", f"{KEY}é", f"{KEY} "):
        done = flowrunner("run", file, "--conversation", "c1", cwd=tmp_path, KAPSO_API_KEY=key)
        assert done.returncode == 1, done.stderr
        assert "KAPSO_API_KEY" in done.stderr
        assert KEY not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def found(folder: Path, said: str) -> list[str]:
    """Where any form of the key stands."""
    places = [("output", said.encode())]
    places += [(str(path), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [place for place, content in places if any(form.encode() in content for form in FORMS)]


def test_a_sender_shows_its_key_to_nobody_who_prints_it() -> None:
    """Nor what holds one, as a log or a test's report would show it."""
    its = Sender(KEY, "https://api.example.com")
    check = SenderCheck(SenderEntry("sales"), its)
    for shown in (repr(its), str(its), f"{its}", repr(check)):
        assert KEY not in shown
        assert "api.example.com" in shown
    assert repr(Sender()) == str(Sender()) != repr(its)
