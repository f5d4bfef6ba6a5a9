"""`preview` as a user meets it: its formats, its files, its people; nothing is ever sent."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from flowrunner.dialects.kapso_v1 import PRODUCTION_URL
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from support.examples import ON_BOTH
from support.media_files import png
from support.program import environment, flow, flowrunner, logged, texts

ROOT = Path(__file__).parents[2]
PEOPLE = "conversation,name\nc1,Ana\nc2,Bea\nc3,\nc4,Eva\n"
SHELL = [
    "it's",
    "a\nb\n",
    '"$HOME" `id` $(id) \\ \\n',
    "!! *?[a] ~ # & ; | <x>",
    "👋 ñ 中",
    "@file",
    "%s\\0",
]
"""Texts of which a shell would make something else."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    inputs = "{name: {type: string, minLength: 1, example: Zoe}}"
    return flow(
        tmp_path / "hello.yaml", ['{id: hi, message: "Hi {{ name }}"}', "{pause: 200ms}", '{message: "bye"}'], inputs
    )


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path


def test_several_people_are_shown_in_every_format(tmp_path: Path, file: Path, people: Path) -> None:
    """Chats one after the other, a list of lists, tabs, one command after the other."""
    chosen = (file, "--audience", people, "--rows", "4,1-2")
    shown = {
        form: flowrunner("preview", *chosen, "--format", form, cwd=tmp_path)
        for form in ("chat", "json", "html", "curl")
    }
    assert [each.returncode for each in shown.values()] == [0, 0, 0, 0]
    assert re.findall(r"Hi (\w+)", shown["chat"].stdout) == ["Ana", "Bea", "Eva"]
    assert [[each["content"] for each in its] for its in json.loads(shown["json"].stdout)] == [
        ["Hi Ana", "bye"], ["Hi Bea", "bye"], ["Hi Eva", "bye"]
    ]  # fmt: skip
    assert re.findall(r'href="#recipient-\d"><bdi>(.*?)</bdi>', shown["html"].stdout) == [
        "1: c1, Ana",
        "2: c2, Bea",
        "4: c4, Eva",
    ]
    assert re.findall(r"whatsapp_conversations/(\w+)/", shown["curl"].stdout) == ["c1", "c1", "c2", "c2", "c4", "c4"]
    one = flowrunner("preview", file, "--audience", people, "--rows", "2", "--format", "json", cwd=tmp_path)
    assert [each["content"] for each in json.loads(one.stdout)] == ["Hi Bea", "bye"]


def test_a_faulty_person_or_none_stops_the_preview(tmp_path: Path, file: Path, people: Path) -> None:
    """Each is named; what is wrong with the flow is said once."""
    people.write_text(PEOPLE.replace("c4,Eva", "c 4,Eva"), encoding="utf-8")
    done = flowrunner("preview", file, "--audience", people, "--rows", "1-6", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    for said in ("people.csv:5:1: error[bad-recipient]", "there is no row 5", "there is no row 6"):
        assert done.stderr.count(said) == 1


ROWS = ["0", "2-1", "1-", "x", "", "1,,2", "1-101", "-1", "²"]


@pytest.mark.parametrize("rows", ROWS)
def test_rows_that_are_none_are_wrong_usage(tmp_path: Path, file: Path, people: Path, rows: str) -> None:
    """With what is right."""
    done = flowrunner("preview", file, "--audience", people, f"--rows={rows}", cwd=tmp_path)
    assert done.returncode == 2
    assert "'--rows'" in done.stderr


USAGE = [
    (["--rows", "2"], "--rows needs --audience FILE"),
    (["--open"], "--open is for --format html and png"),
    (["--format", "png"], "--format png needs --output FILE or --open"),
    (["--watch", "--format", "json"], "--watch is for the chat in the terminal and for --format html"),
    (["--watch", "--output", "x"], "--watch is for the chat in the terminal and for --format html"),
]


@pytest.mark.parametrize(("options", "said"), USAGE)
def test_options_that_cannot_stand_together_are_wrong_usage(
    tmp_path: Path, file: Path, options: Sequence[str], said: str
) -> None:
    """Nothing is written."""
    done = flowrunner("preview", file, *options, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "--watch needs files" in flowrunner("preview", "-", "--watch", cwd=tmp_path, stdin="").stderr
    assert sorted(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("form", ["chat", "json", "html", "curl"])
def test_what_is_written_is_what_is_printed(tmp_path: Path, file: Path, form: str) -> None:
    """An old file is replaced as a whole, its place and its rights kept; nothing else is left there."""
    kept = tmp_path / "kept"
    kept.write_text("old" * 100_000, encoding="utf-8")
    kept.chmod(0o600)
    (tmp_path / "link").symlink_to(kept)
    done = flowrunner("preview", file, "--format", form, "--output", "link", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    printed = flowrunner("preview", file, "--format", form, cwd=tmp_path).stdout
    clock = re.compile(r"\d{2}:\d{2}(:\d{2})?")
    assert clock.sub("", kept.read_text(encoding="utf-8")) == clock.sub("", printed)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["hello.yaml", "kept", "link"]
    assert kept.stat().st_mode & 0o777 == 0o600
    piped = flowrunner("preview", file, "--format", form, "--output", "/dev/stdout", cwd=tmp_path)
    assert clock.sub("", piped.stdout) == clock.sub("", printed)


@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_what_a_shell_appends_to_keeps_what_it_has(tmp_path: Path, file: Path, place: str) -> None:
    """What is open already is written on, where it stands; no file takes its place."""
    (tmp_path / "link").symlink_to("/dev/stdout")
    log = tmp_path / "log"
    log.write_text("before\n", encoding="utf-8")
    with logged("preview", file, "--output", place, cwd=tmp_path, log=log) as its:
        assert its.wait(60) == 0, log.read_text(encoding="utf-8")
    assert log.read_text(encoding="utf-8").startswith("before\nhello\n")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["hello.yaml", "link", "log"]


@pytest.mark.parametrize("place", ["nowhere/page.html", ".", "hello.yaml/x", "/dev/fd/99"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, file: Path, place: str) -> None:
    """With a remedy, exit code 1, and nothing half written."""
    done = flowrunner("preview", file, "--format", "html", "--output", place, cwd=tmp_path)
    assert done.returncode == 1
    assert f"error: {place} cannot be written: " in done.stderr
    assert "hint: name another file with --output" in done.stderr
    assert list(tmp_path.iterdir()) == [file]


def test_an_error_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    """A page is never replaced by none."""
    page = tmp_path / "page.html"
    page.write_text("old", encoding="utf-8")
    wrong = flow(tmp_path / "wrong.yaml", ['{message: "{{ nobody }}"}'])
    assert flowrunner("preview", wrong, "--format", "html", "--output", page, cwd=tmp_path).returncode == 1
    assert page.read_text(encoding="utf-8") == "old"


def test_open_shows_the_page_in_a_browser(tmp_path: Path, file: Path) -> None:
    """The written one, or one of its own; where no browser can be opened it says where the page is."""
    programs = tmp_path / "programs"
    programs.mkdir()
    browser = programs / "xdg-open"
    browser.write_text(f'#!/bin/sh\ncat "${{1#file://}}" > {tmp_path}/shown\n', encoding="utf-8")
    browser.chmod(0o755)
    options = ("preview", file, "--format", "html", "--open")
    found = {"PATH": f"{programs}:{environment()['PATH']}", "TMPDIR": str(programs)}
    done = flowrunner(*options, cwd=tmp_path, **found)
    assert (done.returncode, done.stdout) == (0, "")
    (made,) = programs.glob("flowrunner-*/preview.html")
    assert str(made) in done.stderr
    give_up = time.monotonic() + 20
    while not (shown := tmp_path / "shown").exists() or shown.read_bytes() != made.read_bytes():
        assert time.monotonic() < give_up
        time.sleep(0.05)
    browser.unlink()
    done = flowrunner(*options, "--output", "page.html", cwd=tmp_path, PATH=str(programs))
    assert done.returncode == 1
    assert "no browser could be opened" in done.stderr
    assert (tmp_path / "page.html").as_uri() in done.stderr


def run_curl(script: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the commands as a reader would, against the emulator."""
    assert PRODUCTION_URL in script or "curl " not in script
    return subprocess.run(
        ["sh"], input=script.replace(PRODUCTION_URL, url), env=environment(CONVERSATION_ID="c1", no_proxy="*"),
        cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="no curl")


@needs_curl
@pytest.mark.parametrize("path", ON_BOTH, ids=lambda path: path.stem)
def test_the_commands_send_what_the_preview_shows(tmp_path: Path, state: EmulatorState, url: str, path: Path) -> None:
    """Byte for byte and in order, for every example flow."""
    script = flowrunner("preview", path, "--format", "curl", cwd=tmp_path).stdout
    assert "$KAPSO_API_KEY" in script
    done = run_curl(script.replace("\nsleep ", "\nsleep 0.0"), url, tmp_path)
    assert done.returncode == 0, done.stderr
    shown = flowrunner("preview", path, "--format", "json", cwd=tmp_path).stdout
    assert "[\n" + ",\n".join(texts(state)) + "\n]\n" == shown


@needs_curl
@pytest.mark.parametrize("named", [(), ("--phone", "+5215512345678")], ids=["variable", "phone"])
def test_the_commands_post_as_metas_api_wants_it(
    tmp_path: Path, state: EmulatorState, url: str, named: tuple[str, ...]
) -> None:
    """By Meta's object, to a phone, which is a variable of the shell where it is not known."""
    path = flow(tmp_path / "f.yaml", ['{message: "it\'s {{ now.year }}"}', "{message: dos}"])
    meta = ("--dialect", "meta", "--number", NUMBER_ID, "--api-url", url)
    script = flowrunner("preview", path, *named, "--format", "curl", *meta, cwd=tmp_path).stdout
    assert ("export PHONE=" in script) is not bool(named)
    done = subprocess.run(
        ["sh"], input=script, env=environment(PHONE="5215512345678", no_proxy="*"), cwd=tmp_path,
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    posted = [json.loads(each.raw) for each in state.received()]
    assert [(each["to"], each["type"]) for each in posted] == [("5215512345678", "text")] * 2
    shown = json.loads(flowrunner("preview", path, *named, "--format", "json", *meta, cwd=tmp_path).stdout)
    assert [each["text"] for each in shown] == [each["text"] for each in posted]


@needs_curl
def test_the_commands_say_how_a_file_is_uploaded_first(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """The command for it stands in a comment, and the id that it answers with in a variable of the shell."""
    (tmp_path / "it's.png").write_bytes(png())
    path = flow(tmp_path / "f.yaml", ['{message: {message_type: image, media_file: "it\'s.png"}}'])
    meta = ("--dialect", "meta", "--number", NUMBER_ID, "--api-url", url, "--phone", "+5215512345678")
    script = flowrunner("preview", path, "--format", "curl", *meta, cwd=tmp_path).stdout
    [upload] = re.findall(r"^#   (curl .*)$", script, re.MULTILINE)
    env = environment(no_proxy="*")
    its = run_shell(upload, tmp_path, env)
    its = run_shell(script, tmp_path, env | {"MEDIA_1": json.loads(its.stdout)["id"]})
    assert its.returncode == 0, its.stderr
    [posted] = [json.loads(each.raw) for each in state.received() if each.raw.startswith(b"{")]
    assert state.uploads.get(posted["image"]["id"])
    assert run_shell(script, tmp_path, env).returncode != 0, "without the id nothing is sent"


def run_shell(script: str, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh"], input=script, env=env, cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


@needs_curl
def test_no_text_is_read_by_the_shell(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """Quotes, expansions, line breaks and emoji, in messages and in what only stands in comments."""
    steps = [
        f"{{id: s{n}, message: {json.dumps({'content': text}, ensure_ascii=False)}}}" for n, text in enumerate(SHELL)
    ]
    path = flow(
        tmp_path / "shell.yaml",
        [*steps, "{id: out, when: \"name == '\\nexit 3\\n'\", message: no}"],
        "{name: {type: string, default: x}}",
    )
    path.write_text(path.read_text(encoding="utf-8").replace("name: shell", 'name: "a\\nexit 5"', 1), encoding="utf-8")
    shown = flowrunner("preview", path, "--format", "curl", cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    done = run_curl(shown.stdout, url, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [json.loads(each)["content"] for each in texts(state)] == SHELL
    assert sorted(tmp_path.iterdir()) == [path]


@needs_curl
def test_the_commands_stop_at_the_first_that_fails(tmp_path: Path, state: EmulatorState, url: str, file: Path) -> None:
    """What comes after a refused message would come out of order."""
    script = flowrunner("preview", file, "--format", "curl", cwd=tmp_path).stdout
    done = run_curl(script.replace("${CONVERSATION_ID:?}", "nowhere", 1), url, tmp_path)
    assert done.returncode == 22
    assert texts(state) == []
    assert "error" in done.stdout


def test_a_picture_needs_a_chromium(tmp_path: Path, file: Path) -> None:
    """Without one it says how to get one; one that does nothing, or fails, is named."""
    options = ("preview", file, "--format", "png", "--output", "a.png")
    (tmp_path / "empty").mkdir()
    done = flowrunner(*options, cwd=tmp_path, PATH=str(tmp_path / "empty"), CHROMIUM="")
    assert done.returncode == 1
    assert "no Chromium or Chrome was found" in done.stderr
    assert "hint: install one, or set CHROMIUM to the path of one" in done.stderr
    done = flowrunner(*options, cwd=tmp_path, CHROMIUM="/nowhere/chromium")
    assert "CHROMIUM names the program /nowhere/chromium, which was not found" in done.stderr
    done = flowrunner(*options, cwd=tmp_path, CHROMIUM="true")
    assert done.returncode == 1
    assert "did not show the page" in done.stderr
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize("form", ["html", "json", "curl", "chat"])
def test_what_it_is_made_of_is_never_written_over(tmp_path: Path, file: Path, form: str) -> None:
    """A slip of the tab key must not cost a flow."""
    before = file.read_bytes()
    done = flowrunner("preview", file, "--format", form, "--output", f"./{file.name}", cwd=tmp_path)
    assert (done.returncode, "is one of the input files" in done.stderr) == (1, True)
    assert file.read_bytes() == before


def test_the_commands_go_where_the_environment_says(tmp_path: Path, file: Path) -> None:
    """Whoever tries it out on an emulator must not post to customers; without a conversation nothing is posted."""
    url = "http://127.0.0.1:8600"
    done = flowrunner("preview", file, "--format", "curl", cwd=tmp_path, FLOWRUNNER_API_URL=url)
    assert f'"{url}/api/v1/whatsapp_conversations/${{CONVERSATION_ID:?}}/whatsapp_messages"' in done.stdout
    assert PRODUCTION_URL not in done.stdout


def test_a_tab_says_whose_it_is(tmp_path: Path) -> None:
    """By number, phone and the name that the audience has; a name from elsewhere is nobody's."""
    file = flow(
        tmp_path / "hello.yaml", ['{message: "Hi {{ first_name }} of {{ shop_name }}"}'],
        "{first_name: {type: string}, shop_name: {type: string, default: Aurora}}",
    )  # fmt: skip
    people = tmp_path / "people.csv"
    people.write_text("phone,first_name\n+5215512345678,Ana\n+5215512345679,Luis\n", encoding="utf-8")
    done = flowrunner("preview", file, "--audience", people, "--rows", "1-2", "--format", "html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    tabs = re.findall(r'<a href="#recipient-\d"><bdi>(.*?)</bdi>', done.stdout)
    assert tabs == ["1: +5215512345678, Ana", "2: +5215512345679, Luis"]
