"""``templates.json``: written for git, read back, and every way in which it can be wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.senders.sender import Sender
from flowrunner.app.senders.templates import pull_templates
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.model.templates import Template
from flowrunner.templates.file import MAX_BYTES, read_file, read_text, written
from flowrunner.templates.finding import find_templates

BODY = {"type": "BODY", "text": "Hola {{1}}, tu pedido {{2}} está listo"}
ORDER = Template("order", "es", "APPROVED", "UTILITY", (BODY,))
ENTRY = {"name": "order", "language": "es", "status": "APPROVED", "category": "UTILITY", "components": [BODY]}


def text_of(*entries: Any) -> str:
    return json.dumps({"templates": entries}, ensure_ascii=False, indent=2)


def test_what_is_written_is_read_back_the_same() -> None:
    """Sorted, whatever order the API lists them in, with a line break at the end."""
    others = [ORDER._replace(language=each) for each in ("pt_BR", "en")] + [ORDER._replace(name="a")]
    text = written([ORDER, *others])
    assert text == written([*reversed(others), ORDER])
    assert text.endswith("}\n")
    assert "está" in text
    found = read_text(text, "t").templates
    assert found is not None
    assert list(found) == [("a", "es"), ("order", "en"), ("order", "es"), ("order", "pt_BR")]
    assert found["order", "es"] == ORDER


def test_one_change_is_one_hunk() -> None:
    """A template more, or another text, changes neighbouring lines only."""
    others = [ORDER._replace(name=each) for each in ("a", "z")]
    before = written(others).splitlines()
    for after in (written([*others, ORDER]), written([others[0], others[1]._replace(status="PAUSED")])):
        now = after.splitlines()
        same_before = next(place for place, (one, two) in enumerate(zip(before, now, strict=False)) if one != two)
        ending = zip(reversed(before), reversed(now), strict=False)
        same_after = next(place for place, (one, two) in enumerate(ending) if one != two)
        assert same_before + same_after >= min(len(before), len(now)) - 1


def test_keys_have_one_order_whatever_the_api_lists_first() -> None:
    """The same template listed by two APIs is the same text."""
    turned = {"text": BODY["text"], "type": "BODY"}
    assert written([ORDER._replace(components=(turned,))]) == written([ORDER])


MALFORMED = [
    ("{", 1, 2, "this is not JSON"),
    ("[]", 1, 1, "another program's file"),
    ('{"data": []}', 1, 1, "another program's file"),
    ('{"templates": {"a": 1}}', 1, 1, "another program's file"),
    ('{\n<<<<<<< HEAD\n"templates": []}', 2, 1, "a merge in git was not resolved"),
    (text_of("order"), 3, 5, "a template is an object"),
    (text_of({**ENTRY, "name": 1}), 4, 15, "a template has name, a text"),
    (text_of({**ENTRY, "language": ""}), 5, 19, "a template has language, a text"),
    (text_of({each: ENTRY[each] for each in ENTRY if each != "status"}), 3, 5, "a template has status, a text"),
    (text_of({"name": "a", "language": "es"}), 3, 5, "a template has status, category and components"),
    (text_of(ENTRY).rstrip().removesuffix("}").rstrip() + ",\n}", 15, 4, "there is a comma behind the last entry"),
    (text_of({**ENTRY, "components": "x"}), 8, 21, "a template has components, a list"),
    (text_of({**ENTRY, "components": [{"text": "x"}]}), 9, 9, "a component is an object with a type"),
    (text_of({**ENTRY, "components": [{"type": "BODY", "text": 7}]}), 11, 19, "text is a text"),
    (text_of({**ENTRY, "components": [{"type": "BUTTONS", "buttons": {}}]}), 11, 22, "buttons is a list"),
    (
        text_of({**ENTRY, "components": [{"type": "BUTTONS", "buttons": [{"text": "x"}]}]}),
        12,
        13,
        "a button has a type",
    ),
    (text_of(ENTRY, ENTRY), 15, 5, "order in es is there twice: it is also entry 1"),
]


@pytest.mark.parametrize(("text", "line", "column", "said"), MALFORMED, ids=[each[3] for each in MALFORMED])
def test_what_is_wrong_has_a_place_and_a_remedy(text: str, line: int, column: int, said: str) -> None:
    """Whatever somebody, a merge or another program made of it."""
    found = read_text(text, "templates.json")
    assert found.templates is None
    (problem,) = found.diagnostics
    assert said in problem.message
    assert (problem.code, problem.location[:3]) == ("bad-templates", ("templates.json", line, column))
    assert "flowrunner templates pull" in problem.hint


@pytest.mark.parametrize("text", ["[]", '{"data": []}', '{"templates": 5}'])
def test_another_program_s_file_stops_nobody_and_is_not_written_over(text: str, tmp_path: Path) -> None:
    """Flows that were sent beside it before there were templates are sent as they were."""
    assert all(not each.is_error for each in read_text(text, "t").diagnostics)
    file = tmp_path / "templates.json"
    file.write_text(text)
    assert read_file(file).is_foreign
    with pytest.raises(RefusedError, match="another program's file"):
        pull_templates(Sender("k-of-a-test", "http://127.0.0.1:9"), file)
    assert file.read_text() == text


def test_every_fault_is_said_at_once() -> None:
    """Not one after the other."""
    found = read_text(text_of({**ENTRY, "name": ""}, 7, {**ENTRY, "category": None}), "t")
    assert len(found.diagnostics) == 3


def test_other_files_of_that_name_are_no_trap(tmp_path: Path) -> None:
    """Too large, not UTF-8, nested without end, gone: each is a diagnostic."""
    file = tmp_path / "templates.json"
    with file.open("wb") as made:
        made.truncate(MAX_BYTES + 1)
    codes = [read_file(file).diagnostics[0].code]
    for content in ("é".encode("latin-1"), b"[" * 100_000):
        file.write_bytes(content)
        codes.append(read_file(file).diagnostics[0].code)
    file.unlink()
    codes.append(read_file(file).diagnostics[0].code)
    assert codes == ["too-large", "not-utf8", "bad-templates", "unreadable"]


def test_a_large_file_with_a_fault_is_told_without_its_line() -> None:
    """The reader that keeps places reads no such file."""
    many = [{**ENTRY, "name": f"t{number}"} for number in range(6_000)]
    assert len(read_text(text_of(*many), "t").templates or ()) == 6_000
    found = read_text(text_of(*many, {**ENTRY, "name": 1}), "t")
    assert [(each.code, each.location.line) for each in found.diagnostics] == [("bad-templates", 0)]


def test_the_nearest_file_above_is_the_one_up_to_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named as one would name it from here; a repository does not look into what it stands in."""
    inner = tmp_path / "repository" / "flows" / "es"
    inner.mkdir(parents=True)
    (tmp_path / "templates.json").touch()
    (tmp_path / "repository" / ".git").mkdir()
    assert find_templates(inner) is None
    (tmp_path / "repository" / "templates.json").touch()
    assert find_templates(inner) == tmp_path / "repository" / "templates.json"
    monkeypatch.chdir(inner)
    assert find_templates(Path()) == Path("../../templates.json")
    (inner.parent / "templates.json").touch()
    monkeypatch.chdir(tmp_path / "repository")
    assert find_templates(Path("flows/es")) == Path("flows/templates.json")
    (tmp_path / "repository" / "flows" / "es" / "templates.json").mkdir()
    assert find_templates(Path("flows/es")) == Path("flows/templates.json")
