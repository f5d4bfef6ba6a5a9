"""Cases met in the field, as copies: placeholders of templates, idle defaults, curly quotes, months in English."""

import json
from pathlib import Path

import pytest

from support.program import flowrunner

CASES = Path(__file__).parents[1] / "data" / "cases"


def problems(case: str, *arguments: str) -> list[tuple[str, str, str, str]]:
    """Place, severity, code and hint of everything that ``validate --strict`` says."""
    done = flowrunner("validate", "--strict", *arguments, "--format", "json", cwd=CASES / case)
    found = json.loads(done.stdout)["diagnostics"]
    assert done.returncode == (1 if found else 0)
    return [(f"{each['line']}:{each['column']}", each["severity"], each["code"], each["hint"]) for each in found]


def test_numbered_placeholders_are_errors_and_named_ones_are_told() -> None:
    """03: each ``{{1}}``, in whatever field, and each name in the signs of another program."""
    found = problems("03-numbered-placeholder", "ph.yaml")
    assert [(place, severity) for place, severity, code, _ in found if code == "foreign-placeholder"] == [
        ("5:21", "error"), ("5:39", "error"), ("6:18", "error"), ("6:40", "error"), ("6:51", "error"),
        ("11:26", "error"), ("11:35", "error"),
    ]  # fmt: skip
    assert [(place, severity) for place, severity, code, _ in found if code == "likely-placeholder"] == [
        ("6:29", "warning"), ("6:63", "warning"),
    ]  # fmt: skip
    assert {hint for _, _, code, hint in found if code == "foreign-placeholder"} == {
        "write the name of an input, for example {{ name }}", "write {{ name }}",
    }  # fmt: skip
    everywhere = problems("03-numbered-placeholder", "ph3.yaml")
    assert [code for _, _, code, _ in everywhere].count("foreign-placeholder") == 6


def test_a_default_on_an_input_is_told_and_its_remedy_works(tmp_path: Path) -> None:
    """04: what never does anything is a warning; what does is none; the hint makes an empty name a friend."""
    found = problems("04-default-filter", "dflt.yaml")
    assert [(place, code) for place, _, code, _ in found] == [
        ("5:28", "always-there"), ("8:42", "always-there"), ("9:28", "always-there"), ("9:48", "always-there"),
    ]  # fmt: skip
    assert found[0][3] == "write default('friend', true) to replace an empty text"
    text = (CASES / "04-default-filter" / "dflt.yaml").read_text(encoding="utf-8")
    followed = text.replace("('friend')", "('friend', true)").replace("if name is defined", "if name")
    (tmp_path / "flow.yaml").write_text(followed, encoding="utf-8")
    (tmp_path / "d.csv").write_text((CASES / "04-default-filter" / "d.csv").read_text(encoding="utf-8"), "utf-8")
    assert flowrunner("validate", "--strict", "flow.yaml", cwd=tmp_path).returncode == 0
    shown = flowrunner("preview", "flow.yaml", "--var", "name=", "--format", "json", cwd=tmp_path)
    assert [each["content"] for each in json.loads(shown.stdout)] == [
        "Hi friend!", "Hi friend!", "Hi friend!", "Hi friend, ", "Hi friend",
    ]  # fmt: skip


def test_curly_quotes_and_invisible_signs_are_named_and_pointed_at() -> None:
    """19: the sign itself, by its code point, where it stands; a no-break space around a name is no fault."""
    done = flowrunner(
        "validate", "curly.yaml", "--format", "json", cwd=CASES / "19-curly-quotes-and-invisible-in-expression"
    )
    found = json.loads(done.stdout)["diagnostics"]
    said = [(f"{each['line']}:{each['column']}", each["message"].partition(" is ")[0], each["hint"]) for each in found]
    straight = "write 'friend', or \"friend\" if the whole value is in single quotes"
    assert [each for each in said if each[0] in {"6:23", "7:23"}] == [
        ("6:23", "‘ (U+2018)", straight), ("7:23", "“ (U+201C)", straight),
    ]  # fmt: skip
    assert any("U+200B" in each["message"] and each["hint"] == "remove it" for each in found)


@pytest.mark.parametrize("language", ["es", "pt_BR"])
def test_months_in_english_are_told_and_can_be_written_in_the_language(language: str, tmp_path: Path) -> None:
    """22: a warning with a remedy; followed, the month has its own name."""
    (found,) = problems("22-month-names", "m.yaml")
    assert found[1:3] == ("warning", "english-names")
    assert "now | date('%d de %B, %A', 'es')" in found[3]
    text = (CASES / "22-month-names" / "m.yaml").read_text(encoding="utf-8")
    followed = text.replace("now.strftime('%d de %B, %A')", f"now | date('%d de %B, %A', '{language}')")
    (tmp_path / "flow.yaml").write_text(followed, encoding="utf-8")
    assert flowrunner("validate", "--strict", "flow.yaml", cwd=tmp_path).returncode == 0
    shown = json.loads(flowrunner("preview", "flow.yaml", "--format", "json", cwd=tmp_path).stdout)[0]["content"]
    months = {
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "pt_BR": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    }
    assert any(month in shown for month in months[language].split())
