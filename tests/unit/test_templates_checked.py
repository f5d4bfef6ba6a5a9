"""Template messages held against the account's templates, before and with their values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import flowrunner
from flowrunner.diagnostics import HOLE, Problem
from flowrunner.diagnostics.codes import rules
from flowrunner.engine import Prepared, moment
from flowrunner.engine.values.inputs import given_text
from flowrunner.flow import load_bundle, load_file, load_text
from flowrunner.model import EXAMPLE_RECIPIENT, Bundle, Recipient
from flowrunner.templates.checks import check_template
from flowrunner.templates.file import read_file
from flowrunner.templates.sent import Held
from support.conformance_cases import expected, expected_codes

FOLDER = Path(__file__).parents[1] / "conformance_templates"
PATHS = sorted(FOLDER.glob("*/*.yaml"))
TEMPLATES = read_file(FOLDER / "templates.json").templates or {}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(FOLDER).with_suffix("")))
def test_case_gives_exactly_what_it_expects(path: Path) -> None:
    """Every diagnostic by line, column, severity and code; a valid case has none."""
    found = load_file(path).diagnostics
    said = [(each.location, "" if each.is_error else f"{each.severity} ", each.code) for each in found]
    assert [f"{place.line}:{place.column} {mark}{code}" for place, mark, code in said] == expected(path)
    assert bool(found) is (path.parent.name == "invalid")
    assert all(each.hint and each.link for each in found)


def test_every_code_about_templates_has_a_case() -> None:
    """Codes of the book, and no other."""
    codes = {code for code in rules() if "template" in code} - {"bad-templates", "template-needs-phone"}
    assert set().union(*map(expected_codes, PATHS)) == codes


def fields(name: str, language: str = "es", **more: Any) -> dict[str, Any]:
    return {"message_type": "template", "template_name": name, "template_language": language, **more}


def problems(body: Mapping[str, Any], **held: Held) -> list[Problem]:
    return [*check_template(body, TEMPLATES, {(name,): each for name, each in held.items()}).problems]


def order(*buttons: Any, **more: Any) -> dict[str, Any]:
    its = {"header_type": "text", "header_params": "A-1", "template_params": ["Ana", "A-1"], **more}
    return fields("order", "es_MX", button_params=[*buttons], **its) if buttons else fields("order", "es_MX", **its)


URL, CODE = {"index": 0, "type": "url", "value": "A-1"}, {"index": 1, "type": "copy_code", "value": "SALE"}
NO = {"index": 2, "type": "quick_reply", "value": "no"}
INVOICE = {
    "header_type": "document", "header_params": "https://cdn.example.com/i.pdf", "template_params": ["Ana", "marzo"],
}  # fmt: skip
BUTTONS = [
    (order(), ("template_name",),
     "add button_params: [{index: 0, type: url, value: ...}, {index: 1, type: copy_code, value: ...}]"),
    (order(URL), ("button_params",), "add {index: 1, type: copy_code, value: ...} to button_params"),
    (order(URL, {**CODE, "type": "url"}), ("button_params", 1, "type"), "write type: copy_code"),
    (order(URL, CODE, {**NO, "index": 3}), ("button_params", 2, "index"), "write an index from 0 to 2"),
    (order(URL, CODE, URL), ("button_params", 2), "remove one of the two"),
    (fields("invoice", button_params=[{**URL, "index": 1}], **INVOICE), ("button_params", 0),
     "remove this entry of button_params"),
    (fields("invoice", button_params=[{**URL, "index": 2}], **INVOICE), ("button_params", 0),
     "remove this entry of button_params"),
    (fields("greeting", button_params=[URL]), ("button_params",), "remove button_params"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "route", "hint"), BUTTONS)
def test_each_button_gets_the_value_that_it_takes(body: dict[str, Any], route: tuple[Any, ...], hint: str) -> None:
    """By its index and type; every fault has one problem, with a remedy."""
    (problem,) = problems(body)
    assert (problem.code, problem.route, problem.hint) == ("template-buttons", route, hint)


def test_right_buttons_are_right() -> None:
    """A quick reply may have a value; of an expression it is not known which button it is for."""
    assert problems(order(URL, CODE)) == problems(order(CODE, NO, URL)) == []
    assert problems(fields("invoice", button_params=[{**NO, "index": 0}], **INVOICE)) == []
    assert problems(order({**URL, "index": HOLE})) == []
    assert problems(order(button_params=HOLE), button_params=Held(None)) == []


def test_a_code_is_short_and_its_button_copies_the_same() -> None:
    """https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/authentication-templates"""
    copied = {"index": 0, "type": "url", "value": "123456"}
    assert problems(fields("code", template_params=["123456"], button_params=[copied])) == []
    assert problems(fields("code", template_params=["1" * 15], button_params=[{**copied, "value": "1" * 15}])) == []
    (other,) = problems(fields("code", template_params=["123457"], button_params=[copied]))
    assert (other.code, other.route, other.hint) == (
        "template-code", ("button_params", 0, "value"), "write value: 123457",
    )  # fmt: skip


MENDED = [
    ({"template_name": "greting"}, {"template_name": "greeting"}),
    ({"template_language": "es_MX"}, {"template_language": "es"}),
    ({"template_params": ["Ana"]}, {}),
    ({"header_type": "text", "header_params": "x"}, {}),
    (fields("picture", template_params=["Ana"]),
     fields("picture", template_params=["Ana"], header_type="image", header_params="https://a.example.com/b.png")),
    (fields("title", header_type="image", header_params="https://a.example.com/b.png"),
     fields("title", header_type="text", header_params="x")),
    (fields("short", template_params=["x", "y"]), fields("short", template_params={"name": "x", "text": "y"})),
    (fields("short", template_params={"nmae": "x", "text": "y"}),
     fields("short", template_params={"name": "x", "text": "y"})),
    (fields("short", template_params={"name": "x"}), fields("short", template_params={"name": "x", "text": "y"})),
    (fields("reminder", template_params={"title": "t", "name": "n", "day": "d"}),
     fields("reminder", template_params={"header": {"title": "t"}, "body": {"name": "n", "day": "d"}})),
    (fields("reminder", template_params={"body": {"name": "n", "day": "d"}}),
     fields("reminder", template_params={"header": {"title": "t"}, "body": {"name": "n", "day": "d"}})),
    (order(), order(URL, CODE)),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "right"), MENDED)
def test_a_remedy_mends(wrong: dict[str, Any], right: dict[str, Any]) -> None:
    """One problem, and none once its hint was followed."""
    assert len(problems({**fields("greeting"), **wrong})) == 1
    assert problems({**fields("greeting"), **right}) == []


FLOW = """name: f
inputs:
  name: {type: string, example: Ana}
  which: {type: string, default: greeting}
steps:
  - message:
      message_type: template
      template_name: "{{ which }}"
      template_language: es
  - message:
      message_type: template
      template_name: short
      template_language: es
      template_params: {name: "{{ name }}", text: hola}
"""


def rendered(file: Path, **variables: str) -> tuple[Any, list[str]]:
    values = {name: given_text(name, text) for name, text in variables.items()}
    rendering, found = Prepared(load_file(file)).render(EXAMPLE_RECIPIENT, values, moment(0.0), examples=True)
    return rendering, [f"{each.location.line} {each.code}" for each in found]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "templates.json").write_bytes((FOLDER / "templates.json").read_bytes())
    (tmp_path / "flow.yaml").write_text(FLOW, encoding="utf-8")
    return tmp_path / "flow.yaml"


def test_what_only_the_values_tell_is_said_with_them(file: Path) -> None:
    """Which template it is, and how long its text becomes: before anything is sent."""
    assert load_file(file).diagnostics == ()
    rendering, found = rendered(file)
    assert found == []
    assert [each.template and each.template.name for each in rendering.messages] == ["greeting", "short"]
    assert rendered(file, which="paused") == (None, ["8 template-not-approved"])
    assert rendered(file, name="x" * 1015)[1] == ["14 template-too-long"]
    assert rendered(file, name="x" * (1024 - len("Hola : hola")))[1] == []


def test_what_was_begun_is_not_held_against_another_file(file: Path) -> None:
    """A run that is resumed sends what it had begun to send."""
    loaded = load_bundle(Bundle.of(str(file), FLOW.replace("template_name: short", "template_name: gone")))
    assert (loaded.diagnostics, loaded.templates, loaded.notes) == ((), None, ())


def test_a_flow_without_templates_looks_for_none(tmp_path: Path) -> None:
    """A file of that name may be anything then."""
    (tmp_path / "templates.json").write_text("[]", encoding="utf-8")
    (tmp_path / "flow.yaml").write_text("name: f\nsteps:\n  - message: hi\n", encoding="utf-8")
    assert load_file(tmp_path / "flow.yaml").diagnostics == ()


def test_a_malformed_file_is_said_once_for_all_flows(file: Path) -> None:
    """With its own place; no flow is right while nobody knows what its templates are."""
    (file.parent / "other.yaml").write_text(FLOW, encoding="utf-8")
    (file.parent / "templates.json").write_text("{", encoding="utf-8")
    found = flowrunner.check([file.parent])
    assert [(each.code, each.location.path, each.location.line) for each in found] == [
        ("bad-templates", str(file.parent / "templates.json"), 1)
    ]
    assert load_file(file).flow is None


def test_what_was_not_checked_is_a_note(file: Path) -> None:
    """Without a file; and where nothing bounds a value. Never for a text of which no folder is known."""
    assert "for their length with the values" in load_file(file).notes[0]
    (file.parent / "templates.json").unlink()
    (file.parent / ".git").mkdir()
    assert "flowrunner templates pull" in load_file(file).notes[0]
    assert flowrunner.check_flows([file, file]).notes == load_file(file).notes
    assert load_text(FLOW, "f.yaml").notes == ()
    bounded = FLOW.replace("example: Ana", "maxLength: 5, example: Ana")
    (file.parent / "templates.json").write_bytes((FOLDER / "templates.json").read_bytes())
    file.write_text(bounded, encoding="utf-8")
    assert load_file(file).notes == ()


def test_a_warning_about_a_template_can_be_ignored(file: Path) -> None:
    """As any other; and the comment is not called idle."""
    long = "      template_params: {name: '{{ name }}', text: '" + "x" * 1000 + "'}"
    bounded = FLOW.replace("example: Ana", "maxLength: 500, example: Ana")
    lines = bounded.splitlines()[:-1]
    file.write_text("\n".join([*lines, long]) + "\n", encoding="utf-8")
    assert [(each.code, each.is_error) for each in load_file(file).diagnostics] == [("template-too-long", False)]
    file.write_text("\n".join([*lines, f"{long}  # flowrunner: ignore[template-too-long]"]) + "\n", encoding="utf-8")
    assert load_file(file).diagnostics == ()


def test_templates_whose_parts_the_api_did_not_tell_are_only_looked_up(file: Path) -> None:
    """Nothing is made up about them."""
    (file.parent / "templates.json").write_text(
        '{"templates": [{"name": "greeting", "language": "es", "status": "APPROVED", "category": "UTILITY", '
        '"components": []}, {"name": "short", "language": "es", "status": "APPROVED", "category": "UTILITY", '
        '"components": []}]}',
        encoding="utf-8",
    )
    assert load_file(file).diagnostics == ()
    assert rendered(file, name="x" * 900)[1] == []


def test_a_one_time_code_needs_a_phone(tmp_path: Path) -> None:
    """Who is known by WhatsApp's user id alone is told of before anything is sent; with a phone all is well."""
    (tmp_path / "templates.json").write_bytes((FOLDER / "templates.json").read_bytes())
    file = tmp_path / "flow.yaml"
    fields = "message_type: template, template_name: pin, template_language: es, template_params: ['{{ code }}']"
    step = f"  - message: {{{fields}}}"
    file.write_text(
        f"name: f\ninputs:\n  code: {{type: string, maxLength: 6, example: '1'}}\nsteps:\n{step}\n", "utf-8"
    )
    prepared = Prepared(load_file(file))
    for whom, codes in (
        (Recipient(user_id="US.1349"), ["template-needs-phone"]),
        (Recipient(phone="+5215512345678", user_id="US.1349"), []),
        (Recipient(conversation="c"), []),
    ):
        found = prepared.render(whom, {}, moment(0.0), examples=True)[1]
        assert [each.code for each in found] == codes
