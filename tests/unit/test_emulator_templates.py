"""The account's templates: listed by both dialects, and held against what is sent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.senders.emulator import read_templates
from flowrunner.emulator.api.numbers import ACCOUNT_ID
from support.emulated import TEMPLATE, Emulator

ORDER = {
    "name": "order",
    "language": "es",
    "category": "UTILITY",
    "components": [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Hola {{1}}, tu pedido {{2}} está listo"},
        {"type": "FOOTER", "text": "Gracias"},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ver", "url": "https://e.org/{{1}}"},
                                        {"type": "QUICK_REPLY", "text": "No"}]},
    ],
}  # fmt: skip
NAMED = {"name": "hello", "language": "en", "components": [{"type": "BODY", "text": "Hi {{ name }}, {{day}}"}]}
PAUSED = {**NAMED, "name": "late", "status": "PAUSED"}
DRAFT = {**NAMED, "name": "draft", "status": "PENDING"}
HEADER = {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://e.org/a.png"}}]}
LINK = {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "7"}]}


@pytest.fixture
def emulator() -> Emulator:
    emulator = Emulator()
    its = {"templates": [ORDER, NAMED, PAUSED, DRAFT]}
    assert emulator.ask("PUT", "/_emulator/templates", json=its).status_code == 200
    return emulator


def body(*texts: str, **named: str) -> dict[str, Any]:
    each = [{"type": "text", "text": text} for text in texts]
    return {"type": "body", "parameters": each + [
        {"type": "text", "text": text, "parameter_name": name} for name, text in named.items()]}  # fmt: skip


def said(name: str, *components: Any, language: str = "es") -> dict[str, Any]:
    template = {"name": name, "language": {"code": language}, "components": list(components)}
    return {"type": "template", "template": template}


@pytest.mark.parametrize(
    ("message", "status", "number"),
    [
        (said("order", HEADER, body("Ana", "A1"), LINK), 200, None),
        (said("order", HEADER, body("Ana"), LINK), 400, 132000),
        (said("order", HEADER, LINK), 400, 132000),
        (said("order", HEADER, body("Ana", "A1", "x"), LINK), 400, 132000),
        (said("order", body("Ana", "A1"), LINK), 400, 132012),
        (
            said("order", {**HEADER, "parameters": [{"type": "text", "text": "x"}]}, body("Ana", "A1"), LINK),
            400,
            132012,
        ),
        (said("order", HEADER, body("Ana", "A1")), 400, 131008),
        (said("order", HEADER, body("Ana", "A1"), {**LINK, "index": "1"}), 400, 132012),
        (said("order", HEADER, body("Ana", "x" * 1000), LINK), 400, 132005),
        (said("order", HEADER, body("Ana", "A1"), LINK, language="es_MX"), 404, 132001),
        (said("orders"), 404, 132001),
        (said("draft", language="en"), 404, 132001),
        (said("late", language="en"), 400, 132015),
        (said("hello", body(day="today", name="Ana"), language="en"), 200, None),
        (said("hello", body(day="today", nome="Ana"), language="en"), 400, 132012),
        (said("hello", body("Ana", "today"), language="en"), 400, 132012),
        (said("hello", HEADER, body(day="today", name="Ana"), language="en"), 400, 132012),
    ],
)
def test_a_message_fits_the_template_it_names(
    emulator: Emulator, message: dict[str, Any], status: int, number: int | None
) -> None:
    """Its name in that language, approved; the values it takes and no other."""
    answer = emulator.say(message)
    assert answer.status_code == status, answer.text
    assert answer.json().get("error", {}).get("code") == number


def test_the_record_of_a_known_template_is_its_text_with_the_values(emulator: Emulator) -> None:
    """As Kapso's examples have it."""
    emulator.say(said("order", HEADER, body("Ana", "A1"), LINK))
    assert emulator.told()[0]["kapso"]["content"] == "Hola Ana, tu pedido A1 está listo"


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        ({"template_params": ["Ana", "A1"]}, 422, "Button at index 0 of type URL requires a parameter"),
        ({"template_params": ["Ana"]}, 422, "Template requires 2 parameters, but 1 were provided"),
        ({"template_name": "orders"}, 404, "Template not found"),
        ({"template_name": "hello", "template_language": "en", "header_type": None,
          "template_params": {"name": "Ana", "day": "today"}}, 201, None),
    ],
)  # fmt: skip
def test_v1_says_it_in_its_own_words(emulator: Emulator, more: dict[str, Any], status: int, error: str | None) -> None:
    """As its published description has them."""
    message = {**TEMPLATE, "template_name": "order", "template_language": "es", "header_type": "image",
               "header_params": "https://e.org/a.png", **more}  # fmt: skip
    if message["header_type"] is None:
        del message["header_type"], message["header_params"]
    answer = emulator.post(message)
    assert (answer.status_code, answer.json().get("error")) == (status, error)


def test_both_dialects_list_them(emulator: Emulator) -> None:
    """By name, language, status, category; one by its id."""
    base = f"/meta/whatsapp/v24.0/{ACCOUNT_ID}/message_templates"
    listed = emulator.ask("GET", base).json()["data"]
    assert [each["name"] for each in listed] == ["order", "hello", "late", "draft"]
    assert [each["parameter_format"] for each in listed] == ["POSITIONAL", "NAMED", "NAMED", "NAMED"]
    assert listed[0]["components"] == ORDER["components"]
    for query, names in (("status=approved&language=en", ["hello"]), ("name=ord", ["order"]), ("limit=1", ["order"])):
        assert [each["name"] for each in emulator.ask("GET", f"{base}?{query}").json()["data"]] == names
    assert emulator.ask("GET", f"/meta/whatsapp/v24.0/{listed[1]['id']}").json() == listed[1]
    assert emulator.ask("GET", "/meta/whatsapp/v24.0/1/message_templates").status_code == 404
    v1 = emulator.ask("GET", "/api/v1/whatsapp_templates?q[status_eq]=approved").json()
    assert [(each["name"], each["parameter_count"]) for each in v1["data"]] == [("order", 2), ("hello", 2)]
    assert v1["data"][0]["content"] == "Hola {{1}}, tu pedido {{2}} está listo"
    one = f"/api/v1/whatsapp_templates/{v1['data'][0]['id']}"
    assert emulator.ask("GET", one).json()["data"] == v1["data"][0]
    assert emulator.ask("GET", one + "x").json()["error"] == "Template not found"


def test_while_none_is_known_any_is_taken() -> None:
    """And one that is no template is not kept."""
    emulator = Emulator()
    assert emulator.say(said("whatever", body("a", "b"))).status_code == 200
    for wrong in ([{"name": "x"}], [{"name": "x", "language": "es", "components": ["y"]}], ["x"], "x"):
        assert emulator.ask("PUT", "/_emulator/templates", json={"templates": wrong}).status_code == 400
    assert emulator.ask("GET", "/_emulator/templates").json() == {"templates": []}


def test_configurations_are_the_senders_of_a_key(emulator: Emulator) -> None:
    """With their numbers and their health."""
    (config,) = emulator.ask("GET", "/api/v1/whatsapp_configs").json()["data"]
    path = f"/api/v1/whatsapp_configs/{config['id']}"
    assert emulator.ask("GET", path).json()["data"] == config
    health = emulator.ask("GET", f"{path}/health").json()
    assert (health["status"], health["checks"]["phone_number_access"]["passed"]) == ("healthy", True)
    assert emulator.ask("GET", "/api/v1/whatsapp_configs?q[name_cont]=other").json()["data"] == []
    for missing in (path[:-1] + "x", path[:-1] + "x/health"):
        assert emulator.ask("GET", missing).status_code == 404


@pytest.mark.parametrize("form", [lambda its: its, lambda its: {"templates": its}, lambda its: {"data": its}])
def test_templates_are_read_from_a_file(tmp_path: Path, form: Callable[[Any], Any]) -> None:
    """As the API lists them, or as this project keeps them."""
    emulator, file = Emulator(), tmp_path / "templates.json"
    file.write_text(json.dumps(form([ORDER])), encoding="utf-8")
    read_templates(emulator.state, file)
    assert [each.name for each in emulator.state.templates] == ["order"]


@pytest.mark.parametrize("text", ["[", "{}", "[1]", '[{"name": "x"}]'])
def test_a_file_that_holds_no_templates_is_refused(tmp_path: Path, text: str) -> None:
    """In a sentence."""
    file = tmp_path / "templates.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"JSON|list of templates|as Meta lists it"):
        read_templates(Emulator().state, file)
