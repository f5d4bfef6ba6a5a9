"""``flowrunner templates``: the account's templates as a file of the repository."""

import json
from pathlib import Path

import pytest

import flowrunner
from flowrunner.emulator.api.state import EmulatorState
from support.program import KEY
from support.program import flowrunner as program

NUMBER = "100000000000001"
ORDER = {
    "name": "order", "language": "es", "category": "UTILITY",
    "components": [{"type": "BODY", "text": "Hola {{1}}, \x1b[31m está listo"}],
}  # fmt: skip


@pytest.fixture
def account(state: EmulatorState) -> EmulatorState:
    state.templates.replace([ORDER, {**ORDER, "language": "en"}])
    return state


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("dialect", [(), ("--dialect", "meta", "--number", NUMBER)])
def test_the_file_follows_the_account(state: EmulatorState, url: str, tmp_path: Path, dialect: tuple[str, ...]) -> None:
    """Pull says what is new; diff says what has changed since, and ends with 1; a second pull changes nothing."""
    asked = ("--api-url", url, *dialect)
    done = program("templates", "pull", *asked, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (
        0, "added: order (en)\nadded: order (es)\ntemplates.json: 2 templates\n",
    )  # fmt: skip
    file = tmp_path / "templates.json"
    before = file.stat()
    done = program("templates", "pull", *asked, cwd=tmp_path)
    assert done.stdout == "templates.json: 2 templates, nothing has changed\n"
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    same = program("templates", "diff", *asked, cwd=tmp_path)
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "")
    state.templates.replace([{**ORDER, "status": "REJECTED"}, {**ORDER, "name": "news"}])
    other = program("templates", "diff", *asked, cwd=tmp_path)
    assert other.returncode == 1
    lines = other.stdout.splitlines()
    assert [line for line in lines if line[0] != " "] == [
        "only in the account: news (es)", "only in the file: order (en)", "different: order (es, REJECTED)",
    ]  # fmt: skip
    assert '  -  "status": "APPROVED",' in lines
    assert '  +  "status": "REJECTED",' in lines
    found = json.loads(program("templates", "diff", *asked, "--format", "json", cwd=tmp_path).stdout)["differences"]
    assert [(each["name"], each["file"] is None, each["account"] is None) for each in found] == [
        ("news", True, False), ("order", False, True), ("order", False, False),
    ]  # fmt: skip


@pytest.mark.usefixtures("account")
def test_the_list_steers_no_terminal_and_is_json_where_asked(url: str, tmp_path: Path) -> None:
    """What somebody wrote into a template is text."""
    program("templates", "pull", "--api-url", url, cwd=tmp_path)
    shown = program("templates", "list", cwd=tmp_path)
    assert shown.stdout.splitlines()[1].split() == ["order", "en", "utility", "approved", "-", "{{1}}"]
    assert json.loads(program("templates", "list", "--format", "json", cwd=tmp_path).stdout) == json.loads(
        (tmp_path / "templates.json").read_text(encoding="utf-8")
    )


@pytest.mark.usefixtures("account")
def test_it_stands_beside_the_configuration(url: str, tmp_path: Path) -> None:
    """Which is looked for upwards; a file that is there already stays where it is."""
    inner = tmp_path / "flows" / "es"
    inner.mkdir(parents=True)
    (tmp_path / "flowrunner.toml").touch()
    assert program("templates", "pull", "--api-url", url, cwd=inner).returncode == 0
    assert (tmp_path / "templates.json").exists()
    (inner.parent / "templates.json").write_text('{"templates": []}', encoding="utf-8")
    assert "added" in program("templates", "pull", "--api-url", url, cwd=inner).stdout
    assert len(flowrunner.read_templates(inner.parent / "templates.json")) == 2


def test_what_stands_in_the_way_is_said_and_nothing_is_written(url: str, tmp_path: Path) -> None:
    """The API's refusal (3), a wrong option (2), a file that is none (1)."""
    asked = ("--api-url", url)
    refused = program("templates", "pull", *asked, cwd=tmp_path, KAPSO_API_KEY="wrong-key-of-somebody")
    assert (refused.returncode, "HTTP 401" in refused.stderr) == (3, True)
    assert "wrong-key" not in refused.stderr
    unknown = program("templates", "pull", *asked, "--account", "abc", cwd=tmp_path)
    assert (unknown.returncode, "is not the id of an account" in unknown.stderr) == (3, True)
    assert program("templates", "diff", *asked, cwd=tmp_path).returncode == 1
    assert program("templates", "list", cwd=tmp_path).returncode == 1
    assert program("templates", "pull", *asked, "--dialect", "other", cwd=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "templates.json").write_text("[]", encoding="utf-8")
    broken = program("templates", "diff", *asked, cwd=tmp_path)
    assert (broken.returncode, "another program's file" in broken.stderr) == (1, True)
    (tmp_path / "templates.json").rename(tmp_path / "theirs.json")
    assert program("templates", "pull", *asked, cwd=tmp_path).returncode == 0, "its hint mends it"
    assert program("templates", "list", cwd=tmp_path).stdout == "the account has no templates\n"


@pytest.mark.parametrize("place", ["folder", "missing/templates.json", "/dev/full"])
def test_a_file_that_cannot_be_written_is_said_with_the_option_that_names_another(
    url: str, tmp_path: Path, place: str
) -> None:
    """A folder of that name was a traceback."""
    (tmp_path / "folder").mkdir()
    done = program("templates", "pull", "--api-url", url, "--file", place, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert f"error: {place} cannot be written: " in done.stderr
    assert done.stderr.endswith("\n  hint: name another: --file FILE\n")
    read = program("templates", "diff", "--api-url", url, "--file", "folder", cwd=tmp_path)
    assert (read.returncode, "folder is a folder\n  hint: name a file in it" in read.stderr) == (1, True), read.stderr


@pytest.mark.usefixtures("account")
def test_a_program_can_do_the_same(url: str, tmp_path: Path) -> None:
    """Fetch, compare, write, read."""
    sender = flowrunner.Sender(key=KEY, api_url=url)
    pulled = flowrunner.pull_templates(sender, tmp_path / "t.json")
    assert [(each.name, each.language) for each in pulled.changes] == [("order", "en"), ("order", "es")]
    assert flowrunner.read_templates(tmp_path / "t.json") == pulled.templates == flowrunner.fetch_templates(sender)
    assert flowrunner.compare_templates(sender, tmp_path / "t.json") == ()


FLOW = """name: ready
inputs:
  name: {type: string, maxLength: 20, example: Ana}
steps:
  - message:
      message_type: template
      template_name: order
      template_language: es
      template_params: ["{{ name }}"]
"""


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("dialect", [(), ("--dialect", "meta", "--number", NUMBER)])
def test_what_fits_the_file_is_sent_and_what_does_not_never_leaves(
    state: EmulatorState, url: str, tmp_path: Path, dialect: tuple[str, ...]
) -> None:
    """From pull to run, in both dialects; the API that is asked has the same templates."""
    asked = ("--api-url", url, *dialect)
    assert program("templates", "pull", *asked, cwd=tmp_path).returncode == 0
    file = tmp_path / "flow.yaml"
    file.write_text(FLOW, encoding="utf-8")
    assert program("validate", file, cwd=tmp_path).stdout == "1 flow checked, no problems\n"
    sent = program("run", file, "--var", "name=Ana", "--phone", "+5215512345678", *asked, cwd=tmp_path)
    assert (sent.returncode, len(state.received())) == (0, 1), sent.stderr
    file.write_text(FLOW.replace('["{{ name }}"]', '["{{ name }}", "x"]'), encoding="utf-8")
    for command in (("run", file, "--var", "name=Ana", "--phone", "+5215512345678", *asked), ("preview", file)):
        refused = program(*command, cwd=tmp_path)
        assert (refused.returncode, "error[template-params]" in refused.stderr) == (1, True)
    assert len(state.received()) == 1


@pytest.mark.usefixtures("account")
def test_everybody_of_an_audience_is_checked_with_their_own_values(
    state: EmulatorState, url: str, tmp_path: Path
) -> None:
    """Which template it is may come from the file: nobody is written to while one would get what is not there."""
    assert program("templates", "pull", "--api-url", url, cwd=tmp_path).returncode == 0
    flow = FLOW.replace("template_language: es", 'template_language: "{{ language }}"').replace(
        "steps:", "  language: {type: string, example: es}\nsteps:"
    )
    (tmp_path / "flow.yaml").write_text(flow, encoding="utf-8")
    people = "phone,name,language\n+5215512345678,Ana,es\n+5215512345679,Bea,en\n+5215512345670,Eva,pt_BR\n"
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    asked = ("--audience", "people.csv", "--api-url", url, "--yes-send-to", "3")
    refused = program("run", "flow.yaml", *asked, cwd=tmp_path)
    assert refused.returncode == 1
    assert "order has no translation pt_BR, only en and es" in refused.stderr
    assert not state.received()


def test_a_file_that_another_person_may_write_is_not_looked_into_from_below(tmp_path: Path) -> None:
    """As for flowrunner.toml: somebody else's list would decide what is sent."""
    shared = tmp_path / "shared"
    (shared / "mine").mkdir(parents=True)
    shared.chmod(0o1777)
    (shared / "templates.json").write_text("[]", encoding="utf-8")
    (shared / "mine" / "flow.yaml").write_text(FLOW, encoding="utf-8")
    assert program("validate", "flow.yaml", cwd=shared / "mine").returncode == 0
