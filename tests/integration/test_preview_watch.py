"""`preview --watch`: what is saved is shown, faults too, until Ctrl-C."""

import http.client
import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.media_files import png
from support.program import environment, flow, start
from support.terminal import Terminal


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return flow(tmp_path / "hello.yaml", ['{message: "Hi {{ name }}"}'], "{name: {type: string, example: Zoe}}")


def save(file: Path, old: str, new: str) -> None:
    """Save it as an editor does: another file takes its place."""
    beside = file.with_suffix(".new")
    beside.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    beside.replace(file)


def test_the_chat_is_drawn_anew_with_each_save(tmp_path: Path, file: Path) -> None:
    """Of the flow and of the variables; a fault is said and ends nothing."""
    values = tmp_path / "vars.yaml"
    values.write_text("name: Ana\n", encoding="utf-8")
    with Terminal("preview", file, "--vars", values, "--watch", cwd=tmp_path) as terminal:
        terminal.until("Hi Ana")
        save(file, "Hi ", "Hello ")
        terminal.until("Hello Ana")
        values.write_text("name: Bea\n", encoding="utf-8")
        terminal.until("Hello Bea")
        save(file, "{{ name }}", "{{ nme }}")
        terminal.until("did you mean name?")
        save(file, "{{ nme }}", "{{ name }}!")
        terminal.until("Hello Bea!")
        terminal.interrupt()
        assert terminal.end() == 130


def test_files_of_messages_and_the_templates_are_watched_too(tmp_path: Path) -> None:
    """A picture that was not there, another one in its place; templates that were pulled meanwhile."""
    (tmp_path / ".git").mkdir()
    picture = "{message: {message_type: image, media_file: a.png}}"
    template = "{message: {message_type: template, template_name: hours, template_language: en}}"
    file = flow(tmp_path / "news.yaml", [picture, template])
    with Terminal("preview", file, "--watch", cwd=tmp_path) as terminal:
        terminal.until("a.png does not exist")
        (tmp_path / "a.png").write_text("not a picture", encoding="utf-8")
        terminal.until("an image must be JPEG or PNG")
        (tmp_path / "a.png").write_bytes(png())
        terminal.until("a.png")
        terminal.until("hours")
        body = {"type": "BODY", "text": "Open until ten."}
        its = {"name": "hours", "language": "en", "status": "APPROVED", "category": "UTILITY", "components": [body]}
        (tmp_path / "templates.json").write_text(json.dumps({"templates": [its]}), encoding="utf-8")
        terminal.until("Open until ten.")
        terminal.interrupt()
        assert terminal.end() == 130


def test_included_files_are_watched_too(tmp_path: Path) -> None:
    """Those that are not there yet, in a branch, and what they name themselves."""
    file = flow(tmp_path / "all.yaml", ["{choose: [{when: plan == 'pro', steps: [{include: a/one.yaml}]}]}"],
                "{plan: {type: string, default: pro}}")  # fmt: skip
    (tmp_path / "a").mkdir()
    with Terminal("preview", file, "--watch", cwd=tmp_path) as terminal:
        terminal.until("a/one.yaml does not exist")
        flow(tmp_path / "a" / "one.yaml", ["{include: two.yaml}"])
        terminal.until("two.yaml does not exist")
        two = flow(tmp_path / "a" / "two.yaml", ["{message: Hi Ana}"])
        terminal.until("Hi Ana")
        save(two, "Hi", "Bye")
        terminal.until("Bye Ana")
        save(two, "{message: Bye Ana}", "{message: {message_type: image, media_file: a.png}}")
        terminal.until("a.png does not exist")
        (tmp_path / "a" / "a.png").write_text("not a picture", encoding="utf-8")
        terminal.until("an image must be JPEG or PNG")
        terminal.interrupt()
        assert terminal.end() == 130


def test_the_chat_is_drawn_anew_for_another_width(tmp_path: Path, file: Path) -> None:
    """What was drawn for the width before is cut off, or broken anywhere."""
    with Terminal("preview", file, "--watch", cwd=tmp_path) as terminal:
        terminal.until("to +5215512345678 · conversation example\r\n")
        terminal.resize(30)
        terminal.until("to +5215512345678 ·\r\n")
        terminal.interrupt()
        assert terminal.end() == 130


def news(connection: http.client.HTTPConnection) -> Iterator[str]:
    """The events of the page, as they come."""
    connection.request("GET", "/news")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == "text/event-stream"
    while line := answer.readline():
        if line.startswith(b"data: "):
            yield line.decode().removeprefix("data: ").strip()


def test_the_page_is_served_and_told_of_each_save(tmp_path: Path, file: Path) -> None:
    """The page, the file of --output and the terminal have what was saved, or its fault."""
    with start("preview", file, "--format", "html", "--output", "page.html", "--watch", cwd=tmp_path) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            found = re.search(r"http://(127\.0\.0\.1:\d+)/", process.stdout.readline())
            assert found is not None
            connection = http.client.HTTPConnection(found[1], timeout=20)
            told = news(connection)
            assert next(told) == "1"

            def page() -> str:
                asked = http.client.HTTPConnection(found[1], timeout=20)
                asked.request("GET", "/")
                text = asked.getresponse().read().decode()
                asked.close()
                return text

            assert "Hi Zoe" in page()
            assert "connect-src 'self'" in page()
            save(file, "Hi ", "Hello ")
            assert next(told) == "2"
            assert "Hello Zoe" in page()
            written = (tmp_path / "page.html").read_text(encoding="utf-8")
            assert "Hello Zoe" in written
            assert "EventSource" not in written
            assert process.stderr.readline().endswith("reloaded\n")
            save(file, "{{ name }}", "{{ nme }}")
            assert next(told) == "3"
            assert "did you mean name?" in page()
            assert "Nothing can be sent until the errors are fixed. This is how it was before them." in page()
            assert "Hello Zoe" in page(), "the last good chat stays, in grey"
            assert 'class="phone stale"' in page()
            assert "error[unknown-name]" in process.stderr.readline()
            save(file, "{{ nme }}", "you")
            assert next(told) == "4"
            assert "Hello you" in page()
            assert "Hello Zoe" not in page()
            assert "stale" not in page().partition("<body")[2]
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 130
            connection.close()
        finally:
            process.kill()


def test_the_watched_page_is_opened_once(tmp_path: Path, file: Path) -> None:
    """In a browser, under the address it is served at."""
    browser = tmp_path / "xdg-open"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    path = f"{tmp_path}:{environment()['PATH']}"
    with start("preview", file, "--format", "html", "--watch", "--open", cwd=tmp_path, PATH=path) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            said = process.stdout.readline()
            save(file, "Hi", "Hello")
            assert process.stderr.readline().endswith("reloaded\n")
            give_up = time.monotonic() + 20
            while not (opened := tmp_path / "opened").exists() or not opened.read_text(encoding="utf-8"):
                assert time.monotonic() < give_up
                time.sleep(0.02)
            (address,) = opened.read_text(encoding="utf-8").split()
            assert address in said
        finally:
            process.kill()
            process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("path", "host", "status"), [("/", "evil.example", 403), ("/news", "127.0.0.1", 403), ("/../hello.yaml", "", 404)]
)
def test_only_the_page_and_only_this_machine(tmp_path: Path, file: Path, path: str, host: str, status: int) -> None:
    """Another site that leads its name to this machine gets nothing, and nobody gets a file."""
    with start("preview", file, "--format", "html", "--watch", cwd=tmp_path) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"127\.0\.0\.1:\d+", process.stdout.readline())
            assert found is not None
            connection = http.client.HTTPConnection(found[0], timeout=20)
            connection.request("GET", path, headers={"Host": host or found[0]})
            answer = connection.getresponse()
            assert answer.status == status
            assert b"Zoe" not in answer.read()
            connection.close()
        finally:
            process.kill()
            process.communicate(timeout=20)
