"""Meta's own object in a raw message: every limit that its flat twin has, at it and one beyond."""

# ruff: noqa: E501  # a table's row is read as one line

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from flowrunner.diagnostics import HOLE, Problem, Route
from flowrunner.spec import check_message

Object = dict[str, Any]
PAGE = "https://example.com/a"
BODY = {"body": {"text": "b"}}


def interactive(sort: str, action: Object, **more: Any) -> Object:
    return {"type": "interactive", "interactive": {"type": sort, **BODY, **more, "action": action}}


def buttons(count: int = 1, ident: str = "", title: str = "", **more: Any) -> Object:
    each = [{"type": "reply", "reply": {"id": ident or str(n), "title": title or f"t{n}"}} for n in range(count)]
    return interactive("button", {"buttons": each}, **more)


def rows(*counts: int, **more: str) -> Object:
    sections = [
        {"title": f"s{s}", "rows": [{"id": f"{s}-{r}", "title": f"t{r}", **more} for r in range(count)]}
        for s, count in enumerate(counts)
    ]
    return interactive("list", {"button": "b", "sections": sections})


def link(text: str = "t", url: str = PAGE, **more: Any) -> Object:
    return interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": text, "url": url}}, **more)


def form(**parameters: str) -> Object:
    return interactive(
        "flow",
        {"name": "flow", "parameters": {"flow_message_version": "3", "flow_id": "7", "flow_cta": "c", **parameters}},
    )


def products(*counts: int, title: str = "t") -> Object:
    sections = [
        {"title": title, "product_items": [{"product_retailer_id": f"{s}-{p}"} for p in range(n)]}
        for s, n in enumerate(counts)
    ]
    return interactive("product_list", {"catalog_id": "c", "sections": sections}, header={"type": "text", "text": "h"})


def cards(count: int, text: str = "t", body: str = "b", replies: int = 0) -> Object:
    def action(number: int) -> Object:
        quick = [
            {"type": "quick_reply", "quick_reply": {"id": f"{number}-{n}", "title": f"t{n}"}} for n in range(replies)
        ]
        return {"buttons": quick} if replies else {"name": "cta_url", "parameters": {"display_text": text, "url": PAGE}}

    header = {"type": "image", "image": {"link": "https://example.com/a.jpg"}}
    each = [
        {"card_index": n, "type": "cta_url", "header": header, "body": {"text": body}, "action": action(n)}
        for n in range(count)
    ]
    return interactive("carousel", {"cards": each})


def template(*components: Object, name: str = "n", code: str = "es") -> Object:
    return {"type": "template", "template": {"name": name, "language": {"code": code}, "components": [*components]}}


def button(index: str = "0", code: str = "c") -> Object:
    return {
        "type": "button",
        "sub_type": "copy_code",
        "index": index,
        "parameters": [{"type": "coupon_code", "coupon_code": code}],
    }


def card(**more: Any) -> Object:
    return {
        "name": {"formatted_name": "Ana", "first_name": "Ana"},
        "phones": [{"phone": "+52155", "wa_id": "52155"}],
        **more,
    }


LIMITS: list[tuple[Callable[[int], Object], int, str, Route]] = [
    (lambda n: {"type": "text", "text": {"body": "x" * n}}, 4096, "too-long", ("text", "body")),
    (lambda n: {"type": "image", "image": {"id": "7", "caption": "x" * n}}, 1024, "too-long", ("image", "caption")),
    (lambda n: {"type": "video", "video": {"id": "7", "caption": "x" * n}}, 1024, "too-long", ("video", "caption")),
    (lambda n: {"type": "document", "document": {"id": "7", "filename": "a.pdf", "caption": "x" * n}}, 1024, "too-long", ("document", "caption")),
    (lambda n: {"type": "location", "location": {"latitude": n, "longitude": 0}}, 90, "out-of-range", ("location", "latitude")),
    (lambda n: {"type": "location", "location": {"latitude": 0, "longitude": str(-n)}}, 180, "out-of-range", ("location", "longitude")),
    (lambda n: {"type": "contacts", "contacts": [card()] * n}, 257, "too-many-items", ("contacts",)),
    (lambda n: {"type": "contacts", "contacts": [card(name={"formatted_name": "x" * n})]}, 200, "too-long", ("contacts", 0, "name", "formatted_name")),
    (lambda n: buttons(body={"text": "x" * n}), 1024, "too-long", ("interactive", "body", "text")),
    (lambda n: buttons(footer={"text": "x" * n}), 60, "too-long", ("interactive", "footer", "text")),
    (lambda n: buttons(header={"type": "text", "text": "x" * n}), 60, "too-long", ("interactive", "header", "text")),
    (buttons, 3, "too-many-items", ("interactive", "action", "buttons")),
    (lambda n: buttons(ident="x" * n), 256, "too-long", ("interactive", "action", "buttons", 0, "reply", "id")),
    (lambda n: buttons(title="x" * n), 20, "too-long", ("interactive", "action", "buttons", 0, "reply", "title")),
    (lambda n: interactive("list", {"button": "x" * n, "sections": [{"rows": [{"id": "a", "title": "t"}]}]}), 20, "too-long", ("interactive", "action", "button")),
    (lambda n: rows(5, n), 5, "too-many-rows", ("interactive", "action", "sections")),
    (lambda n: rows(*[1] * n), 10, "too-many-items", ("interactive", "action", "sections")),
    (lambda n: rows(1, title="x" * n), 24, "too-long", ("interactive", "action", "sections", 0, "rows", 0, "title")),
    (lambda n: rows(1, id="x" * n), 200, "too-long", ("interactive", "action", "sections", 0, "rows", 0, "id")),
    (lambda n: rows(1, description="x" * n), 72, "too-long", ("interactive", "action", "sections", 0, "rows", 0, "description")),
    (lambda n: link("x" * n), 20, "too-long", ("interactive", "action", "parameters", "display_text")),
    (lambda n: form(flow_cta="x" * n), 20, "too-long", ("interactive", "action", "parameters", "flow_cta")),
    (lambda n: products(15, n), 15, "too-many-rows", ("interactive", "action", "sections")),
    (lambda n: products(*[1] * n), 10, "too-many-items", ("interactive", "action", "sections")),
    (lambda n: products(1, title="x" * n), 24, "too-long", ("interactive", "action", "sections", 0, "title")),
    (cards, 10, "too-many-items", ("interactive", "action", "cards")),
    (lambda n: cards(3 - n), 1, "too-few-items", ("interactive", "action", "cards")),
    (lambda n: cards(2, replies=n), 3, "too-many-items", ("interactive", "action", "cards", 0, "action", "buttons")),
    (lambda n: cards(2, body="x" * n), 160, "too-long", ("interactive", "action", "cards", 0, "body", "text")),
    (lambda n: cards(2, text="x" * n), 20, "too-long", ("interactive", "action", "cards", 0, "action", "parameters", "display_text")),
    (lambda n: template(name="x" * n), 512, "too-long", ("template", "name")),
    (lambda n: template(button(index=str(n))), 9, "out-of-range", ("template", "components", 0, "index")),
    (lambda n: template(button(code="x" * n)), 15, "too-long", ("template", "components", 0, "parameters", 0, "coupon_code")),
    (lambda n: template(*(button(index=str(i % 10)) for i in range(n))), 10, "duplicate-value", ("template", "components", 10, "index")),
]  # fmt: skip


def found(raw: Object, *held: Route) -> list[Problem]:
    """The errors, their routes below ``raw``."""
    said = check_message({"message_type": "raw", "raw": raw}, [("raw", *each) for each in held])
    return [each._replace(route=each.route[1:]) for each in said if each.severity == "error"]


@pytest.mark.parametrize("case", range(len(LIMITS)))
def test_a_limit_is_the_last_that_is_taken(case: int) -> None:
    """One beyond it is refused at its own place, in Meta's names."""
    made, limit, code, route = LIMITS[case]
    assert found(made(limit)) == []
    problem = next(each for each in found(made(limit + 1)) if each.code == code)
    assert problem.route == route
    flat = ("body_text", "template_name", "header_text", "display_texts", "list_button_text", "media_", "_type")
    assert not [name for name in flat if name in problem.message + problem.hint]


REFUSED: list[tuple[Object, str, Route, str]] = [
    ({"type": "interactive"}, "missing-field", (), "add interactive, with the fields of the message in it"),
    ({"type": "text", "image": {"id": "7"}}, "missing-field", (), "write type: image, or add text"),
    ({"type": "interactiv", "interactive": {}}, "bad-value", ("type",), "write type: interactive"),
    ({"type": "text", "text": "Hello"}, "wrong-type", ("text",), "write text: {body: Hello}"),
    ({"type": "text", "text": {}}, "missing-field", ("text",), 'add body: "Hello! 👋"'),
    ({"type": "text", "text": {"body": 12}}, "wrong-type", ("text", "body"), ""),
    ({"type": "image", "image": {}}, "media-source", ("image",), "add link: https://cdn.example.com/welcome.jpg"),
    ({"type": "image", "image": {"link": PAGE, "id": "7"}}, "media-source", ("image",), ""),
    ({"type": "audio", "audio": {"link": "a.mp3"}}, "bad-format", ("audio", "link"), "put the file on a web server and write its address, or upload it and write id"),
    ({"type": "reaction", "reaction": {"message_id": "wamid.A", "emoji": "ab"}}, "not-one-emoji", ("reaction", "emoji"), ""),
    ({"type": "contacts", "contacts": {}}, "wrong-type", ("contacts",), ""),
    ({"type": "contacts", "contacts": [card(name={"first_name": "Ana"})]}, "missing-field", ("contacts", 0, "name"), "add formatted_name: Ana García"),
    ({"type": "interactive", "interactive": {}}, "missing-field", ("interactive",), "add type, for example: type: button"),
    (buttons(body="b"), "wrong-type", ("interactive", "body"), "write body: {text: b}"),
    (buttons(header={"type": "image"}), "header-mismatch", ("interactive", "header"), "add image: {link: https://cdn.example.com/welcome.jpg}"),
    (interactive("button", {}), "missing-field", ("interactive", "action"), 'add buttons: [{type: reply, reply: {id: "yes", title: "Yes"}}]'),
    (interactive("button", {"buttons": "x"}), "wrong-type", ("interactive", "action", "buttons"), ""),
    (interactive("button", {"buttons": [{"type": "reply", "reply": {"id": "a"}}]}), "missing-field", ("interactive", "action", "buttons", 0, "reply"), 'add title: "Yes"'),
    (interactive("button", {"buttons": [{"reply": {"id": "a", "title": "A"}}]}), "missing-field", ("interactive", "action", "buttons", 0), "add type: reply"),
    (interactive("cta_url", {"name": "cta", "parameters": {"display_text": "t", "url": PAGE}}), "bad-value", ("interactive", "action", "name"), "write name: cta_url"),
    (link(url="nowhere"), "bad-format", ("interactive", "action", "parameters", "url"), ""),
    (interactive("location_request_message", {}), "missing-field", ("interactive", "action"), "add name: send_location"),
    (interactive("flow", {"name": "flow", "parameters": {"flow_message_version": "3", "flow_cta": "c"}}), "missing-field", ("interactive", "action", "parameters"), 'add flow_id: "1013859600285441"'),
    (interactive("product", {"catalog_id": "c"}), "missing-field", ("interactive", "action"), ""),
    (template(code="Spanish"), "bad-format", ("template", "language", "code"), ""),
    ({"type": "template", "template": {"name": "n", "language": "es"}}, "wrong-type", ("template", "language"), "write language: {code: es}"),
    (template({"type": "button", "sub_type": "url", "index": "0", "parameters": []}), "missing-field", ("template", "components", 0), 'write parameters: [{type: text, text: "1041"}]'),
    (template({"type": "body", "parameters": [{"type": "currency"}, {"type": "text", "text": ""}]}), "blank-text", ("template", "components", 0, "parameters", 1, "text"), ""),
    (template({"type": "header", "parameters": [{"type": "image", "image": {"link": "nowhere"}}]}), "header-mismatch", ("template", "components", 0, "parameters", 0, "image", "link"), ""),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "code", "route", "hint"), REFUSED, ids=str)
def test_what_meta_refuses_is_said_once_at_its_place(raw: Object, code: str, route: Route, hint: str) -> None:
    """With its remedy, which is written in Meta's names."""
    [problem] = found(raw)
    assert (problem.code, problem.route) == (code, route)
    assert hint in problem.hint


@pytest.mark.parametrize("case", [each for each in REFUSED if each[3].startswith("add ") and ": " in each[3]], ids=str)
def test_what_is_to_be_added_mends_it(case: tuple[Object, str, Route, str]) -> None:
    """To the letter, at the place of the problem."""
    raw: Any = yaml.safe_load(yaml.safe_dump(case[0]))
    [problem] = found(raw)
    here = raw
    for key in problem.route:
        here = here[key]
    written = problem.hint.removeprefix("add ").rpartition(", for example: ")[2]
    here.update(yaml.safe_load(f"{{{written}}}"))
    assert problem not in found(raw)


PASSES: list[Object] = [
    {"type": "order_x", "order_x": {"n": 1}},
    {"type": "order_x"},
    {"type": "text", "text": {"body": "b", "new": [1]}},
    interactive("call_permission_request", {"name": "call_permission_request"}),
    {"type": "interactive", "interactive": {"type": "order_details", "action": {"name": "review_and_pay", "parameters": {}}}},
    interactive("carousel", {"cards": [{"card_index": 0, "type": "product", "action": {"product_retailer_id": "p", "catalog_id": "c"}}]}),
    interactive("catalog_message", {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "p"}}),
    interactive("request_contact_info", {"name": "request_contact_info"}),
    form(flow_action="data_exchange", mode="draft"),
    buttons(3, header={"type": "document", "document": {"id": "7", "filename": "a.pdf"}}),
    template({"type": "header", "parameters": [{"type": "location", "location": {"latitude": "1.5", "longitude": "2", "name": "n"}}]}),
    template({"type": "header", "parameters": [{"type": "gif", "gif": {"id": "7"}}]}, {"type": "button", "sub_type": "catalog", "index": "0"}),
    template({"type": "body", "parameters": [{"type": "text", "parameter_name": "name", "text": "Ana"}]}, button()),
]  # fmt: skip


@pytest.mark.parametrize("raw", PASSES, ids=str)
def test_what_is_right_or_not_known_passes(raw: Object) -> None:
    """More fields than there are flat ones, too."""
    assert found(raw) == []


@pytest.mark.parametrize(
    ("raw", "held", "routes"),
    [
        (buttons(body={"text": HOLE}), [("interactive", "body", "text")], []),
        (buttons(title="x" * 21, body={"text": HOLE}), [("interactive", "body", "text")], [("interactive", "action", "buttons", 0, "reply", "title")]),
        (buttons(title="x" * 21, body=HOLE), [("interactive", "body")], []),
        (interactive("button", {"buttons": HOLE}), [("interactive", "action", "buttons")], []),
        ({"type": HOLE}, [("type",)], []),
        ({"type": "interactive", "interactive": HOLE}, [("interactive",)], []),
        ({"type": "interactive", "interactive": {"type": HOLE}}, [("interactive", "type")], []),
        (template({"type": "body", "parameters": [{"type": "text", "text": HOLE}]}), [("template", "components", 0, "parameters", 0, "text")], []),
    ],
    ids=str,
)  # fmt: skip
def test_what_an_expression_gives_is_not_judged_before(raw: Object, held: list[Route], routes: list[Route]) -> None:
    """What is known beside it is."""
    assert [each.route for each in found(raw, *held)] == routes


def test_a_document_without_a_name_is_told_of_its_name() -> None:
    """Not of the link, at which it is told."""
    raw = {"type": "document", "document": {"link": "https://cdn.example.com/d/1"}}
    [problem] = check_message({"message_type": "raw", "raw": raw})
    assert problem.message == "filename is missing: the document arrives as Untitled"
    assert problem.route == ("raw", "document", "link")
