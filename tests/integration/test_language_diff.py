"""What a change makes customers see differently, language by language; also of a revision of git."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from support.program import flowrunner

FLOW = """\
name: visit
languages: [en, es]
steps:
  - {id: hello, message: Good morning}
  - {id: bye, message: See you}
  - include: parts/end.yaml
"""
FILES = {
    "flows/visit.yaml": FLOW,
    "flows/visit.es.yaml": "hello: Buenos días\nbye: Hasta luego\n",
    "flows/parts/end.yaml": "name: end\nlanguages: [en, es]\nsteps: [{id: end, message: The end}]\n",
    "flows/parts/end.es.yaml": "end: Fin\n",
}
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The flow, committed."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "one")
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Write one of the files anew."""
    path = folder / "flows" / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def compared(folder: Path, named: str) -> dict[str, dict[tuple[str, ...], list[tuple[str, str]]]]:
    """For each flow and its languages, what became of which steps."""
    done = flowrunner("diff", f"HEAD:{named}", named, "--format", "json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return {
        flow["path"]: {
            tuple(case["languages"]): [
                (step["change"], (step["after"] or step["before"])["id"] or "") for step in case["steps"]
                if step["change"] != "kept"
            ]
            for case in flow["cases"]
        }
        for flow in json.loads(done.stdout)["flows"]
    }  # fmt: skip


@needs_git
@pytest.mark.parametrize("named", ["flows", "flows/visit.yaml"])
def test_a_changed_translation_is_told_in_its_language_alone(folder: Path, named: str) -> None:
    """A file and a folder, of the flow itself and of what it includes; a translation is no flow of its own."""
    change(folder, "visit.es.yaml", "Hasta luego", "Hasta pronto")
    change(folder, "parts/end.es.yaml", "Fin", "Se acabó")
    found = compared(folder, named)
    assert {*found} == ({"visit.yaml", "parts/end.yaml"} if named == "flows" else {"visit.yaml"})
    assert found["visit.yaml"] == {("en",): [], ("es",): [("changed", "bye"), ("changed", "end")]}


@needs_git
def test_a_changed_text_of_the_flow_is_told_in_its_own(folder: Path) -> None:
    """And what changes for everybody is told once."""
    change(folder, "visit.yaml", "See you", "Bye")
    assert compared(folder, "flows/visit.yaml") == {"visit.yaml": {("en",): [("changed", "bye")], ("es",): []}}
    change(folder, "visit.yaml", "Bye", "See you")
    change(folder, "visit.yaml", "  - include", "  - pause: 1s\n  - include")
    assert compared(folder, "flows/visit.yaml") == {"visit.yaml": {("en", "es"): [("added", "")]}}


@needs_git
def test_a_new_language_is_told_with_what_its_people_got_before(folder: Path) -> None:
    """The flow's own language."""
    change(folder, "visit.yaml", "[en, es]", "[en, es, fr]")
    change(folder, "parts/end.yaml", "[en, es]", "[en, es, fr]")
    (folder / "flows" / "visit.fr.yaml").write_text("hello: Bonjour\nbye: À bientôt\n", encoding="utf-8")
    (folder / "flows" / "parts" / "end.fr.yaml").write_text("end: Fin\n", encoding="utf-8")
    found = compared(folder, "flows/visit.yaml")["visit.yaml"]
    assert found == {("en", "es"): [], ("fr",): [("changed", name) for name in ("hello", "bye", "end")]}


@needs_git
@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_each_form_names_the_language(folder: Path, form: str) -> None:
    """Above what is different in it."""
    change(folder, "visit.es.yaml", "Hasta luego", "Hasta pronto")
    done = flowrunner("diff", "HEAD:flows", "flows", "--format", form, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "in es:" in done.stdout
    assert "in en:" not in done.stdout
    assert "pronto" in done.stdout
