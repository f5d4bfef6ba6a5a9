"""Template messages as the customer sees them: the template's own words, with the values in place, in every view."""

from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.reviewing.diff import compare
from flowrunner.emulator.page.html import turn
from flowrunner.model import Message, MessageStep
from flowrunner.model.templates import Template
from flowrunner.views.diff.html import as_html as diff_page
from flowrunner.views.diff.markdown import as_markdown
from flowrunner.views.diff.text import as_text
from flowrunner.views.html.bubble import bubble as html_bubble
from flowrunner.views.message.approved import approved
from flowrunner.views.terminal.chat import bubble
from support.emulated import Emulator, accepted
from support.html_reading import Read

ORDER = Template("order", "es", "APPROVED", "UTILITY", (
    {"type": "HEADER", "format": "TEXT", "text": "Pedido {{1}}"},
    {"type": "BODY", "text": "Hola *{{1}}*, tu pedido {{2}} está listo.\nHasta pronto, {{1}}"},
    {"type": "FOOTER", "text": "La tienda"},
    {"type": "BUTTONS", "buttons": [
        {"type": "URL", "text": "Seguir", "url": "https://e.org/{{1}}"},
        {"type": "QUICK_REPLY", "text": "No"},
        {"type": "PHONE_NUMBER", "text": "Llamar", "phone_number": "+5215512345678"},
        {"type": "COPY_CODE"},
        {"type": "FLOW", "text": "Elegir"},
    ]},
))  # fmt: skip
BODY: dict[str, Any] = {
    "message_type": "template", "template_name": "order", "template_language": "es",
    "header_type": "text", "header_params": "A-1", "template_params": ["Ana", "A-1"],
    "button_params": [{"index": 0, "type": "url", "value": "a1"}, {"index": 3, "type": "copy_code", "value": "SALE"}],
}  # fmt: skip
DRAWN = """\
                       ╭───────────────────────────────────────╮
                       │ 📋 template order (es)                │
                       ├───────────────────────────────────────┤
                       │ Pedido A-1                            │
                       │ Hola *Ana*, tu pedido A-1 está listo. │
                       │ Hasta pronto, Ana                     │
                       │ La tienda                             │
                       ╰───────────────────────────────────────╯
                       ┌───────────────────────────────────────┐
                       │      ↗ Seguir  https://e.org/a1       │
                       ├───────────────────────────────────────┤
                       │                 ↩ No                  │
                       ├───────────────────────────────────────┤
                       │       ☎ Llamar  +5215512345678        │
                       ├───────────────────────────────────────┤
                       │           ⧉ Copy code  SALE           │
                       ├───────────────────────────────────────┤
                       │               ▤ Elegir                │
                       └───────────────────────────────────────┘"""


def message(body: dict[str, Any], template: Template | None) -> Message:
    return Message(MessageStep("1", ("steps", 0)), body, "", template=template)


def test_the_terminal_draws_what_the_customer_sees() -> None:
    """All of the template, its values in place; what the phone does not show of a button stands beside it."""
    drawn = bubble(message(BODY, ORDER), width=64, colour=False)
    assert drawn == DRAWN
    without = bubble(message(BODY, None), width=64, colour=False)
    assert "{{1}} = Ana" in without
    assert bubble(message(BODY, ORDER._replace(components=())), width=64, colour=False) == without, "nobody knows more"


def test_the_page_draws_what_the_customer_sees() -> None:
    """As text and nothing else, whatever somebody wrote into a template or a value."""
    text = Read(html_bubble(BODY, template=ORDER)).text
    for each in ("Pedido A-1", "Ana", ", tu pedido A-1 está listo.", "La tienda", "Seguir", "https://e.org/a1", "No",
                 "Llamar", "+5215512345678", "Copy code", "SALE", "Elegir"):  # fmt: skip
        assert each in text, each
    assert "{{1}}" not in text
    assert "WhatsApp has the template" not in text
    wicked = "<script>alert(1)</script>"
    part = {"type": "BODY", "text": f"{wicked} {{{{1}}}}"}
    drawn = html_bubble({**BODY, "template_params": [wicked]}, template=ORDER._replace(components=(part,)))
    assert "<script" not in drawn
    assert Read(drawn).text.count(wicked) == 2


HEADERS: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("IMAGE", {"header_type": "image", "header_params": "https://e.org/a.png"},
     ["📷 a.png", "https://e.org/a.png"], "https://e.org/a.png"),
    ("VIDEO", {"header_type": "video", "header_media_id": "123"}, ["🎬 123", "media id 123"], "123"),
    ("DOCUMENT", {"header_type": "document", "header_params": "https://e.org/x", "header_filename": "a.pdf"},
     ["📄 a.pdf"], "a.pdf"),
    ("LOCATION", {"header_type": "location", "header_location": {"latitude": 1.5, "longitude": 2, "name": "Aquí"}},
     ["📍 Aquí", "1.5, 2"], "Aquí"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "fields", "lines", "shown"), HEADERS, ids=[each[0] for each in HEADERS])
def test_each_kind_of_header_is_drawn(kind: str, fields: dict[str, Any], lines: list[str], shown: str) -> None:
    """Above the text."""
    template = ORDER._replace(components=({"type": "HEADER", "format": kind}, {"type": "BODY", "text": "Hola"}))
    body = {"message_type": "template", "template_name": "order", "template_language": "es", **fields}
    drawn = bubble(message(body, template), width=80, colour=False)
    page = Read(html_bubble(body, template=template)).text
    assert [each for each in lines if each not in drawn] == []
    assert shown in page
    assert "Hola" in page


def test_named_values_stand_in_their_part() -> None:
    """A place without a value stays as it is, as an expression does that has none."""
    parts = ({"type": "HEADER", "format": "TEXT", "text": "{{name}}"}, {"type": "BODY", "text": "{{name}}, {{day}}"})
    template = ORDER._replace(components=parts)
    params = {"header": {"name": "H"}, "body": {"name": "{{ name }}"}}
    its = approved({"template_params": params}, template)
    assert (its.header, its.text) == ("H", "{{ name }}, {{day}}")
    assert approved({"template_params": {"name": "A", "day": "B"}}, template).text == "A, B"
    assert approved({"template_params": "{{ items }}"}, template).text == "{{name}}, {{day}}"


FLOW = """name: f
steps:
  - message:
      message_type: template
      template_name: short
      template_language: es
      template_params: {name: Ana, text: SAID}
"""


def test_a_difference_is_marked_in_the_template_s_own_text(tmp_path: Path) -> None:
    """In a terminal, in a pull request, on a page."""
    folder = Path(__file__).parents[1] / "conformance_templates"
    (tmp_path / "templates.json").write_bytes((folder / "templates.json").read_bytes())
    for name, said in (("a", "adiós"), ("b", "hasta luego")):
        (tmp_path / f"{name}.yaml").write_text(FLOW.replace("SAID", said), encoding="utf-8")
    found = compare(str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")).comparison
    assert "Hola Ana: [-adiós-]{+hasta luego+}" in " ".join(as_text(found, width=100, colour=False).split())
    assert "Hola Ana: <del>adiós</del><ins>hasta luego</ins>" in as_markdown(found)
    page = diff_page(found)
    assert "Hola Ana: <del>adiós</del>" in page
    assert "Hola Ana: <ins>hasta luego</ins>" in page
    other = FLOW.replace("short", "greeting").replace("      template_params: {name: Ana, text: SAID}\n", "")
    (tmp_path / "b.yaml").write_text(other, encoding="utf-8")
    drawn = as_text(compare(str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")).comparison, width=100, colour=False)
    assert "Hola Ana: SAID" not in drawn
    assert "Hola Ana: adiós" in drawn
    assert "Hola, te damos la bienvenida." in drawn


def test_the_emulator_s_page_draws_the_templates_it_has() -> None:
    """Whatever letters they came in."""
    emulator = Emulator()
    template = {
        "name": "order", "language": "es",
        "components": [{"type": "body", "text": "Hola {{1}}"}, {"type": "buttons", "buttons": [{"type": "quick_reply",
                                                                                                 "text": "Sí"}]}],
    }  # fmt: skip
    emulator.state.templates.replace([template])
    body = {"message_type": "template", "template_name": "order", "template_language": "es", "template_params": ["Ana"]}
    drawn = turn(emulator.state, accepted(emulator.state, "c1", body))
    assert "Hola Ana" in drawn
    (press,) = [each for each in Read(drawn).named("button") if "data-reply-kind" in each]
    assert (press["data-reply-kind"], press["data-reply-id"], press["data-reply-title"]) == ("button", "Sí", "Sí")
    emulator.state.templates.replace([])
    assert "WhatsApp has the template" in turn(emulator.state, accepted(emulator.state, "c1", body))
