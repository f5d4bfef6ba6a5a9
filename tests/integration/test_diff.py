"""`flowrunner diff` as a user starts it: files, folders, and revisions of a real git repository."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.program import flow, flowrunner

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="no git")


@pytest.fixture(autouse=True)
def no_git_of_the_caller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a hook's environment nor the machine's settings, nor a repository above the temporary folder."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


def git(folder: Path, *arguments: str) -> None:
    assert GIT is not None
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run([GIT, *who, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two flows in a folder at the tag v1; since then one was changed, one removed, one added and not committed."""
    root = tmp_path / "repository"
    flows = root / "flows"
    flows.mkdir(parents=True)
    flow(flows / "hello.yaml", ["message: Hi Ana", "message: Second"])
    flow(flows / "gone.yaml", ["message: Going"])
    flow(flows / "with space & é.yaml", ["message: Hi Ana"])
    (flows / "link.yaml").symlink_to("hello.yaml")
    (flows / "lost.yaml").symlink_to("../nowhere.yaml")
    (flows / "latin.yaml").write_bytes("name: café\n".encode("latin-1"))
    (flows / "notes.txt").write_text("no flow", encoding="utf-8")
    (flows / ".hidden").mkdir()
    flow(flows / ".hidden" / "x.yaml", ["message: x"])
    git(root, "init")
    git(root, "add", "-A")
    git(root, "commit", "-m", "one")
    git(root, "tag", "v1")
    flow(flows / "hello.yaml", ["message: Hi dear Ana", "message: Second"])
    (flows / "gone.yaml").unlink()
    flow(flows / "new.yaml", ["message: New"])
    return root


def report(*arguments: str, cwd: Path, code: int = 0, **more: str) -> dict[str, str]:
    """The state of each flow, as the program's JSON has it."""
    done = flowrunner("diff", *arguments, "--format", "json", cwd=cwd, **more)
    assert done.returncode == code, done.stderr
    return {each["path"]: each["state"] for each in json.loads(done.stdout)["flows"]}


@needs_git
def test_a_folder_of_a_revision_is_compared_with_the_one_on_disk(repository: Path) -> None:
    """Also what is not committed; a link is followed, and what leads nowhere or is no text is said with its place."""
    found = flowrunner("diff", "v1:flows", "flows", "--format", "json", cwd=repository)
    assert found.returncode == 1
    assert {each["path"]: each["state"] for each in json.loads(found.stdout)["flows"]} == {
        "gone.yaml": "removed",
        "hello.yaml": "changed",
        "latin.yaml": "unknown",
        "link.yaml": "changed",
        "lost.yaml": "unknown",
        "new.yaml": "added",
        "with space & é.yaml": "same",
    }
    assert "v1:flows/latin.yaml:1:10: error[not-utf8]" in found.stderr
    assert "v1:flows/lost.yaml: error[unreadable]: a symbolic link that leads to no file" in found.stderr


@needs_git
@pytest.mark.parametrize(
    ("folder", "path"),
    [
        (".", "v1:flows/hello.yaml"),
        (".", "v1:./flows/hello.yaml"),
        ("flows", "v1:flows/hello.yaml"),
        ("flows", "v1:./hello.yaml"),
        ("flows", "v1:../flows/hello.yaml"),
        ("flows", "HEAD~0:flows/./hello.yaml"),
    ],
)
def test_a_path_begins_at_the_top_or_with_a_dot_in_the_folder(repository: Path, folder: str, path: str) -> None:
    """As git has it."""
    here = repository / folder
    other = os.path.relpath(repository / "flows" / "hello.yaml", here)
    assert report(path, other, cwd=here) == {"hello.yaml": "changed"}
    assert report(path, "v1:flows/hello.yaml", cwd=here) == {"hello.yaml": "same"}


@needs_git
def test_the_top_of_a_repository_is_a_folder_too(repository: Path) -> None:
    """Written `v1:` or `v1:.`, with every flow below it."""
    git(repository, "commit", "-am", "two")
    for top in ("v1:", "v1:./", "v1:."):
        found = report(top, "main:", cwd=repository, code=1)
        assert found["flows/hello.yaml"] == "changed"
        assert "flows/.hidden/x.yaml" not in found


REFUSALS = [
    (".", "nosuch:flows", "git does not know the revision nosuch", "fetch-depth: 0"),
    (".", "--output=x:flows", "git does not know the revision --output=x", "fetch"),
    (".", "v1..main:flows", "git does not know the revision v1..main", "name one revision: v1:flows"),
    (".", "v1...main:x", "git does not know the revision v1...main", '"$(git merge-base v1 main):x"'),
    (".", "v1...:flows", "git does not know the revision v1...", '"$(git merge-base v1 HEAD):flows"'),
    (".", "v1:none.yaml", "v1 has no none.yaml", "git ls-tree -r --name-only v1"),
    ("flows", "v1:hello.yaml", "v1 has no hello.yaml", "did you mean v1:./hello.yaml?"),
    (".", "v1:../x.yaml", "outside of the repository", "inside"),
    (".", ":flows", "does not name a revision", "HEAD:flows"),
    (".", "none.yaml", "none.yaml does not exist", "REV:PATH"),
    (".", "C:\\flows\\x.yaml", "does not exist", "REV:PATH"),
    (".", "v1:flows/*.yaml", "v1 has no flows/*.yaml", "ls-tree"),
]


@needs_git
@pytest.mark.parametrize(("folder", "side", "message", "hint"), REFUSALS)
def test_what_cannot_be_read_is_said_with_a_remedy(
    repository: Path, folder: str, side: str, message: str, hint: str
) -> None:
    """Exit code 1, no traceback, and nothing on the output."""
    done = flowrunner("diff", "--", side, str(repository / "flows" / "hello.yaml"), cwd=repository / folder)
    assert (done.returncode, done.stdout) == (1, "")
    error, said = done.stderr.splitlines()
    assert error.startswith("error: ")
    assert message in error
    assert hint in said


@needs_git
def test_outside_of_a_repository_and_without_git_it_says_so(repository: Path, tmp_path: Path) -> None:
    """Files and folders need neither."""
    file = str(repository / "flows" / "hello.yaml")
    outside = flowrunner("diff", "v1:flows", file, cwd=tmp_path)
    assert "not in a git repository" in outside.stderr
    without = flowrunner("diff", "v1:flows/hello.yaml", file, cwd=repository, PATH="")
    assert without.stderr.splitlines()[0] == "error: git is not installed"
    assert (outside.returncode, without.returncode) == (1, 1)
    assert flowrunner("diff", file, file, cwd=tmp_path, PATH="").returncode == 0


@needs_git
def test_a_file_that_has_a_colon_in_its_name_is_that_file(repository: Path) -> None:
    """What exists wins over a revision."""
    flow(repository / "v1:flows", ["message: Hi Ana, from a file"])
    done = flowrunner("diff", "v1:flows", "flows/hello.yaml", cwd=repository)
    assert (done.returncode, done.stderr) == (0, "")
    assert "from a file" in done.stdout


@needs_git
def test_the_environment_of_the_caller_changes_nothing(repository: Path) -> None:
    """Settings that change what a path is, and traces, are no part of the answer."""
    more = {"GIT_GLOB_PATHSPECS": "1", "GIT_ICASE_PATHSPECS": "1", "GIT_TRACE": "1", "GIT_PAGER": "false"}
    assert report("v1:flows/hello.yaml", "flows/hello.yaml", cwd=repository, **more) == {"hello.yaml": "changed"}


def test_the_exit_code_says_whether_customers_see_a_difference(tmp_path: Path) -> None:
    """Only when it is asked for; a flow that cannot be compared is 1 either way."""
    flow(tmp_path / "a.yaml", ["message: Hi"])
    flow(tmp_path / "b.yaml", ["message: 'Hi' # the same"])
    flow(tmp_path / "c.yaml", ["message: Hello"])
    flow(tmp_path / "d.yaml", ["mesage: Hello"])
    codes = {
        (other, *options): flowrunner("diff", "a.yaml", other, *options, cwd=tmp_path).returncode
        for other in ("b.yaml", "c.yaml", "d.yaml")
        for options in ((), ("--detailed-exitcode",))
    }
    assert codes == {
        ("b.yaml",): 0,
        ("b.yaml", "--detailed-exitcode"): 0,
        ("c.yaml",): 0,
        ("c.yaml", "--detailed-exitcode"): 2,
        ("d.yaml",): 1,
        ("d.yaml", "--detailed-exitcode"): 1,
    }


def test_values_and_rows_are_read_as_elsewhere(tmp_path: Path) -> None:
    """--var wins over a row; --rows chooses; what is wrong with either is said."""
    inputs = "{name: {type: string, example: Ana}}"
    flow(tmp_path / "a.yaml", ['message: "Hi {{ name }}"'], inputs)
    flow(tmp_path / "b.yaml", ['message: "Hello {{ name }}"'], inputs)
    people = "phone,name\n+5215512345601,Eva\n+5215512345602,Max\n+5215512345603,Zoe\n"
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")

    def said(*options: str) -> list[str]:
        done = flowrunner("diff", "a.yaml", "b.yaml", *options, "--format", "json", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        cases = json.loads(done.stdout)["flows"][0]["cases"]
        return [f"{case['rows']} {case['steps'][0]['after']['message']['content']}" for case in cases]

    assert said() == ["[] Hello Ana"]
    assert said("--audience", "people.csv") == ["[1] Hello Eva", "[2] Hello Max", "[3] Hello Zoe"]
    assert said("--audience", "people.csv", "--rows", "1,3") == ["[1] Hello Eva", "[3] Hello Zoe"]
    assert said("--audience", "people.csv", "--var", "name=All") == ["[1, 2, 3] Hello All"]
    for rows in (["--rows", "3-1", "--audience", "people.csv"], ["--rows", "1"]):
        assert flowrunner("diff", "a.yaml", "b.yaml", *rows, cwd=tmp_path).returncode == 2
    (tmp_path / "column.csv").write_text(people.replace("name", "nmae"), encoding="utf-8")
    warned = flowrunner("diff", "a.yaml", "b.yaml", "--audience", "column.csv", cwd=tmp_path)
    assert warned.returncode == 1  # nobody has a name then, and the example is nobody's
    assert warned.stderr.count("column.csv:1:2: error[missing-variable]: no column gives name") == 1
    assert "column.csv:1:2: error[missing-variable]: no column gives name" in warned.stdout
    unknown = flowrunner("diff", "a.yaml", "b.yaml", "--var", "nmae=x", cwd=tmp_path)
    assert unknown.returncode == 1
    assert "error[unknown-variable]: nmae is not an input on either side" in unknown.stderr


@pytest.mark.parametrize("form", ["text", "html", "json", "markdown"])
def test_every_format_can_be_written_to_a_file(tmp_path: Path, form: str) -> None:
    """What a terminal would show, without colour; a place that cannot be written is said."""
    flow(tmp_path / "a.yaml", ["message: Hi Ana"])
    flow(tmp_path / "b.yaml", ["message: Hi Luis"])
    shown = flowrunner("diff", "a.yaml", "b.yaml", "--format", form, cwd=tmp_path)
    written = flowrunner("diff", "a.yaml", "b.yaml", "--format", form, "--output", "out", cwd=tmp_path)
    assert (written.returncode, written.stdout, written.stderr) == (0, "", "")
    assert (tmp_path / "out").read_text(encoding="utf-8") == shown.stdout
    refused = flowrunner("diff", "a.yaml", "b.yaml", "--output", "none/out", cwd=tmp_path)
    assert refused.returncode == 1
    assert "cannot be written" in refused.stderr


def test_an_output_that_is_a_link_in_a_circle_is_refused(tmp_path: Path) -> None:
    """It ended in a traceback where Python is older than 3.13."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "f.yaml").write_text("name: f\nsteps: [{message: Hi}]\n", "utf-8")
    for output in ("a", "a/x"):
        done = flowrunner("preview", "f.yaml", "--format", "html", "--output", output, cwd=tmp_path)
        error, hint = done.stderr.splitlines()
        assert (done.returncode, hint) == (1, "  hint: name another file with --output")
        assert error.startswith(f"error: {output} ")
    assert (tmp_path / "a").is_symlink()
