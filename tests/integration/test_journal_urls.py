"""A journal's URL has a password, and nobody is shown it: not by any command, whatever is wrong with the database."""

import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest

from flowrunner.cli.crash_message import report
from support import postgres
from support.journals import blocking
from support.program import flow, flowrunner, start
from support.slices import crossed

SECRET = "pl4nted/s3cret+pass"
FORMS = {SECRET, quote(SECRET), quote(SECRET, safe=""), SECRET[:7], SECRET[-7:], SECRET.split("/")[1]}
"""What none of the output may have."""
COMMANDS: Sequence[tuple[str, ...]] = (
    ("run", "one.yaml", "--phone", "+34600000001"),
    ("run", "one.yaml", "--phone", "+34600000001", "--format", "jsonl"),
    ("run", "one.yaml", "--audience", "people.csv", "--at-most", "9"),
    ("plan", "one.yaml", "--phone", "+34600000001", "--output", "one.plan"),
    ("plan", "one.yaml", "--phone", "+34600000001", "--format", "json"),
    ("resume",),
    ("resume", "no-such-run"),
    ("listen", "--poll", "--port", "0"),
    ("cancel", "no-such-run"),
    ("runs",),
    ("runs", "no-such-run"),
    ("runs", "--format", "json"),
    ("status",),
    ("status", "--format", "json"),
    ("report", "no-such-campaign", "--format", "html"),
    ("optouts", "list"),
    ("optouts", "add", "+34600000001"),
    ("optouts", "remove", "+34600000001", "--yes"),
    ("optouts", "export"),
    ("journal", "check"),
    ("journal", "check", "--format", "json"),
    ("journal", "backup", "copy.db"),
    ("journal", "accept"),
    ("journal", "migrate"),
)
"""Each command that takes a journal."""
MALFORMED = (
    "postgresql://ana:{}@127.0.0.1:1/x",
    "postgresql://ana:p@{}@127.0.0.1/x",
    "postgresql://ana:%zz{}@127.0.0.1/x",
    "postgresql://127.0.0.1/x?password=y&{}",
    "postgresql+psycopg://ana:{}@127.0.0.1/x",
    "mysql://ana:{}@127.0.0.1/x",
    "postgresql:ana:{}@127.0.0.1/x",
)
"""URLs that nobody can use, the password not encoded."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With what the commands need."""
    flow(tmp_path / "one.yaml", ['{message: "one"}'])
    (tmp_path / "people.csv").write_text("phone\n+34600000001\n", encoding="utf-8")
    return tmp_path


def told(folder: Path, url: str, *, by_option: bool, commands: Sequence[tuple[str, ...]] = COMMANDS) -> dict[str, str]:
    """What each command says and with which exit code, the journal named by an option or by the environment."""
    said = {}
    for command in commands:
        option, more = (("--journal", url), {}) if by_option else ((), {"FLOWRUNNER_JOURNAL": url})
        done = flowrunner(*command, *option, cwd=folder, FLOWRUNNER_API_URL="http://127.0.0.1:1", **more)
        said[" ".join(command)] = f"{done.stdout}{done.stderr}\n{done.returncode}"
    return said


def require_hidden(folder: Path, said: dict[str, str]) -> None:
    assert {command: text for command, text in said.items() if any(form in text for form in FORMS)} == {}
    names = [path.name for path in folder.rglob("*")]
    assert not [name for name in names if any(form in name for form in FORMS) or "postgres" in name]
    assert not any(form in path.read_text() for path in folder.rglob("*.plan") for form in FORMS)


@pytest.mark.sliced
@pytest.mark.parametrize(("command", "form"), crossed(4, COMMANDS, MALFORMED))
def test_a_url_that_cannot_be_read_is_refused_by_every_command(
    folder: Path, command: tuple[str, ...], form: str
) -> None:
    """Before anything is done, with what mends it, and without a piece of the password."""
    said = told(folder, form.format(SECRET), by_option=MALFORMED.index(form) % 2 == 0, commands=[command])
    require_hidden(folder, said)
    (text,) = said.values()
    assert text.endswith("\n1"), text
    assert "hint: " in text or '"hint": "' in text, text
    assert "Traceback" not in text, text


def with_secret(url: str) -> str:
    """The same place by a URL that has the password too; on its socket nobody asks for it."""
    return url.replace("postgresql:///", f"postgresql://ana:{quote(SECRET, safe='')}@/", 1)


def over_tcp(**said: str) -> str:
    """The server's address, where it asks for a password."""
    return postgres.shared().url(
        password=said.get("password", SECRET), **{k: v for k, v in said.items() if k != "password"}
    )


WRONG: dict[str, Callable[[str], str]] = {
    "is there": with_secret,
    "password": lambda _: over_tcp(),
    "database": lambda url: with_secret(url).replace("/postgres?", "/nosuch?"),
    "role": lambda url: with_secret(url).replace("user=postgres", "user=nosuch"),
    "parameter": lambda url: f"{with_secret(url)}&nosuch={quote(SECRET, safe='')}",
    "value of a parameter": lambda url: f"{with_secret(url)}&sslmode=perhaps",
    "number": lambda url: f"{with_secret(url)}&connect_timeout=soon",
    "another program's tables": with_secret,
    "newer": with_secret,
    "damaged": with_secret,
}
"""What is wrong with a place that can be reached, and what its URL is."""


@pytest.mark.parametrize("wrong", WRONG)
def test_whatever_a_server_says_nobody_sees_the_password(folder: Path, postgres_url: str, wrong: str) -> None:
    """It is refused with one line and a remedy, or does its work: by every command, or by one of four where another
    row of the table goes through them all.
    """
    with postgres.connected(postgres_url) as server:
        if wrong == "another program's tables":
            server.execute("CREATE TABLE events (n int)")
        if wrong in ("newer", "damaged"):
            with blocking(postgres_url):
                pass
            server.execute("UPDATE ledger SET version = 99" if wrong == "newer" else "DELETE FROM ledger")
    is_there, number = wrong == "is there", [*WRONG].index(wrong)
    commands = COMMANDS if number < 2 else COMMANDS[number % 4 :: 4]
    commands = [each for each in commands if not is_there or each[0] not in ("run", "listen")]
    commands += [("run", "one.yaml", "--emulator")]
    said = told(folder, WRONG[wrong](postgres_url), by_option=number % 2 == 0, commands=commands)
    require_hidden(folder, said)
    for command, text in said.items():
        assert "Traceback" not in text, (command, text)
        assert "this is a bug" not in text, (command, text)
        if not is_there:
            assert text.endswith("\n1"), (command, text)
            assert "hint: " in text or '"hint": "' in text, (command, text)
            assert "journal" in text, (command, text)


def test_a_server_that_is_away_is_waited_for_and_named_without_the_password(folder: Path) -> None:
    """Nothing listens at its port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://ana:{quote(SECRET, safe='')}@127.0.0.1:{taken.getsockname()[1]}/x"
        ways = (("runs",), ("runs", "--format", "json"), ("run", "one.yaml", "--phone", "+34600000001"), ("status",),
                ("worker", "--port", "0"))  # fmt: skip
        processes = [start(*way, "--journal", url, cwd=folder) for way in ways]
        for process in processes:
            text = "".join(process.communicate(timeout=60))
            assert process.returncode == 1
            assert "cannot be reached" in text
            assert "start the server" in text
            assert not any(form in text for form in FORMS)


def test_usage_that_repeats_what_was_typed_does_not_repeat_a_password(folder: Path) -> None:
    """As one too many, as the value of another option, and behind an option that is not there."""
    url = f"postgresql://ana:{quote(SECRET, safe='')}@127.0.0.1/x"
    for words in (["runs", "x", url], ["runs", "--limit", url], ["runs", f"--jornal={url}"], [url]):
        done = flowrunner(*words, cwd=folder)
        assert done.returncode == 2, done.stderr
        assert not any(form in done.stdout + done.stderr for form in FORMS)


def test_a_password_in_flowrunner_toml_is_refused_and_not_repeated(folder: Path) -> None:
    """A file that others read."""
    config = folder / "flowrunner.toml"
    config.write_text(f'[defaults]\njournal = "postgresql://ana:{quote(SECRET, safe="")}@127.0.0.1/x"\n')
    done = flowrunner("runs", cwd=folder)
    assert done.returncode == 1
    assert "journal has a password, and whoever reads this file has it" in done.stderr
    assert "FLOWRUNNER_JOURNAL" in done.stderr
    assert not any(form in done.stdout + done.stderr for form in FORMS)


def test_the_traceback_of_a_bug_has_no_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the environment, in a URL and alone; nor one that nobody knows, in a URL."""
    url = f"postgresql://ana:{quote(SECRET, safe='')}@127.0.0.1/x"
    monkeypatch.setenv("FLOWRUNNER_JOURNAL", url)
    assert report(RuntimeError(f"cannot use {url} with {SECRET}, nor postgres://bob:hunter22@h/y")) == 70
    told = capsys.readouterr().err
    assert "RuntimeError: cannot use postgresql://ana@127.0.0.1/x with ***, nor postgres://bob@h/y" in told
    assert not any(form in told for form in FORMS)
