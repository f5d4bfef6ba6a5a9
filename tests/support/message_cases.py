"""Messages that the spec accepts and refuses: every field and every limit, the limits in pairs."""

# ruff: noqa: E501  # a table's row is read as one line

import copy
from collections.abc import Iterator
from typing import Any

BUTTON = {
    "message_type": "interactive",
    "interactive_type": "button",
    "body_text": "b",
    "buttons": [{"id": "a", "title": "A"}],
}
LIST = {
    "message_type": "interactive",
    "interactive_type": "list",
    "body_text": "b",
    "list_button_text": "l",
    "sections": [{"title": "t", "rows": [{"id": "a", "title": "A"}]}],
}
MEDIA = {"media_url": "https://example.com/file"}
TEMPLATE = {"message_type": "template", "template_name": "a_b", "template_language": "es"}
INTERACTIVE = {"message_type": "interactive", "body_text": "b"}
CARD = {
    "header_type": "image",
    "media_url": "https://example.com/a.jpg",
    "display_text": "Book",
    "url": "https://example.com/1",
}
REPLY_CARD = {"header_type": "video", "media_id": "1", "body_text": "c", "buttons": [{"id": "a", "title": "A"}]}
CONTACT = {
    "formatted_name": "Ana",
    "phones": [{"phone": "1"}],
    "emails": [{"email": "ana@example.com"}],
    "urls": [{"url": "https://example.com"}],
}
VALID: dict[str, dict[str, Any]] = {
    "text": {"message_type": "text", "content": "c"},
    "image": {"message_type": "image", **MEDIA},
    "video": {"message_type": "video", **MEDIA},
    "audio": {"message_type": "audio", **MEDIA},
    "document": {"message_type": "document", **MEDIA},
    "template": TEMPLATE,
    "location": {"message_type": "location", "latitude": 0, "longitude": 0},
    "interactive": BUTTON,
    "reaction": {"message_type": "reaction", "reaction_emoji": "👍", "reacted_to_message_id": "wamid.1"},
    "contacts": {"message_type": "contacts", "contacts": [CONTACT]},
    "sticker": {"message_type": "sticker", **MEDIA},
    "read": {"message_type": "read"},
    "raw": {"message_type": "raw", "raw": {"type": "text", "text": {"body": "b"}}},
    "interactive_cta_url": {
        **INTERACTIVE, "interactive_type": "cta_url", "display_text": "d", "url": "https://example.com"
    },
    "interactive_location_request": {**INTERACTIVE, "interactive_type": "location_request"},
    "interactive_contact_request": {**INTERACTIVE, "interactive_type": "contact_request"},
    "interactive_flow": {**INTERACTIVE, "interactive_type": "flow", "flow_id": "7", "flow_cta": "f"},
    "interactive_product": {
        "message_type": "interactive", "interactive_type": "product", "catalog_id": "7", "product_retailer_id": "p"
    },
    "interactive_product_list": {
        **INTERACTIVE, "interactive_type": "product_list", "header_text": "h", "catalog_id": "7",
        "sections": [{"title": "t", "products": ["p"]}],
    },
    "interactive_catalog": {**INTERACTIVE, "interactive_type": "catalog"},
    "interactive_carousel": {**INTERACTIVE, "interactive_type": "carousel", "cards": [CARD, CARD]},
}  # fmt: skip
ANSWERED = [kind for kind in VALID if kind not in {"reaction", "read"}]
"""The kinds that can quote another message."""


def with_value(body: dict[str, Any], route: str, value: Any) -> dict[str, Any]:
    """A copy of the body with one value set; the route is written with dots."""
    changed = copy.deepcopy(body)
    here: Any = changed
    *way, last = [int(part) if part.isdigit() else part for part in route.split(".")]
    for part in way:
        here = here.setdefault(part, {}) if isinstance(here, dict) else here[part]
    here[last] = value
    return changed


TEXT_LIMITS = [
    (VALID["text"], "content", 1, 4096),
    *[(VALID[kind], "caption", 0, 1024) for kind in ("image", "video", "document")],
    *[(VALID[kind], "content", 0, 1024) for kind in ("image", "video", "document")],
    (BUTTON, "body_text", 1, 1024),
    (LIST, "body_text", 1, 1024),
    *[(VALID[kind], "body_text", 1, 1024) for kind in VALID if "_" in kind],
    (VALID["interactive_cta_url"], "display_text", 1, 20),
    (VALID["interactive_flow"], "flow_cta", 1, 20),
    (VALID["interactive_product_list"], "sections.0.title", 1, 24),
    (VALID["interactive_carousel"], "cards.0.body_text", 1, 160),
    (VALID["interactive_carousel"], "cards.0.display_text", 1, 20),
    ({**TEMPLATE, "button_params": [{"index": 0, "type": "copy_code"}]}, "button_params.0.value", 1, 15),
    (BUTTON, "header_text", 1, 60),
    (BUTTON, "footer_text", 0, 60),
    (BUTTON, "buttons.0.id", 1, 256),
    (BUTTON, "buttons.0.title", 1, 20),
    (LIST, "list_button_text", 1, 20),
    (LIST, "sections.0.title", 0, 24),
    (LIST, "sections.0.rows.0.id", 1, 200),
    (LIST, "sections.0.rows.0.title", 1, 24),
    (LIST, "sections.0.rows.0.description", 0, 72),
    (TEMPLATE, "template_name", 1, 512),
    ({**TEMPLATE, "header_type": "text"}, "header_params", 1, 60),
    (TEMPLATE, "template_params.header.name", 1, 60),
    (VALID["contacts"], "contacts.0.formatted_name", 1, 200),
    ({"message_type": "contacts", "contacts": [{"name": {}}]}, "contacts.0.name.formatted_name", 1, 200),
]
BLANK_ONLY = [
    (VALID["reaction"], "reacted_to_message_id"),
    (TEMPLATE, "template_params.name"),
    (TEMPLATE, "template_params.body.name"),
    ({**TEMPLATE, "template_params": [""]}, "template_params.0"),
]
COUNT_LIMITS = [
    (BUTTON, "buttons", 1, 3, lambda n: [{"id": str(i), "title": str(i)} for i in range(n)]),
    (LIST, "sections", 1, 10, lambda n: [{"title": "t", "rows": [{"id": str(i), "title": "x"}]} for i in range(n)]),
    (LIST, "sections.0.rows", 1, 10, lambda n: [{"id": str(i), "title": "x"} for i in range(n)]),
    (VALID["contacts"], "contacts", 1, 257, lambda n: [{"first_name": "Ana"}] * n),
    (
        VALID["interactive_carousel"],
        "cards",
        2,
        10,
        lambda n: [{**CARD, "url": f"https://e.org/{i}"} for i in range(n)],
    ),
    (VALID["interactive_product_list"], "sections.0.products", 1, 30, lambda n: [str(i) for i in range(n)]),
    (
        VALID["interactive_product_list"],
        "sections",
        1,
        10,
        lambda n: [{"title": "t", "products": ["p"]} for i in range(n)],
    ),
    (TEMPLATE, "button_params", 1, 10, lambda n: [{"index": min(i, 9), "type": "url", "value": "x"} for i in range(n)]),
]
IDS = [
    (BUTTON, "buttons.0.id"),
    (LIST, "sections.0.rows.0.id"),
    (VALID["reaction"], "reacted_to_message_id"),
    (VALID["document"], "filename"),
    ({**TEMPLATE, "header_type": "document", "header_params": "https://e.org/f"}, "header_filename"),
    ({"message_type": "image"}, "media_id"),
    (TEMPLATE, "template_name"),
    (TEMPLATE, "template_language"),
    ({"message_type": "contacts", "contacts": [{"first_name": "Ana"}]}, "contacts.0.birthday"),
]
ADDRESSES = [
    "HTTP://example.com",
    "https://e.org",
    "https://e.org/",
    "https://e.org./a",
    "https://e.org:1/a",
    "https://e.org:65535",
    "https://e.org:/a",
    "https://e.org?a=b",
    "https://e.org#a",
    "https://u:p@e.org/a",
    "https://1.2.3.4/a",
    "https://[2001:db8::1]:80/a",
    "https://ñandú.example/é",
    "https://a_b.e-f.org/a//b/../c;d=e,f(g)'!*$&[]@:|^`~%20",
    "https://localhost/a",
    f"https://{'a' * 63}.org/{'b' * 3000}",
]
NO_ADDRESSES = [
    "",
    " ",
    "e.org",
    "www.e.org/a.jpg",
    "ftp://e.org/a",
    "file:///a.jpg",
    "./a.jpg",
    "C:\\a.jpg",
    "//e.org/a",
    "https:/e.org",
    "https//e.org",
    "data:,a",
    "https://",
    "https:///a",
    "https://?a",
    "https://#a",
    "https://:80/a",
    "https://.org/a",
    "https://e..org/a",
    "https://u@/a",
    "https://…/a",
    "https:// e",
    "https://e.org/a b",
    " https://e.org/a",
    "https://e.org/a ",
    "https://e.org/a\n",
    "https://e.org/a\n/b",
    "https://e.org/a\tb",
    "https://e.org/\xa0a",
    "https://e.org/a\u2003b",
    "https://e.org/<id>",
    "https://e.org/{id}",
    "https://<host>/a",
    'https://e.org/a"',
    "https://e.org\\a",
    "https://e.org/a\\b",
    "https://e.org:65536/a",
    "https://e.org:99999/a",
    "https://e.org:0/a",
    "https://e.org:a/b",
    "https://e.org:80:80/a",
    "https://e%20f.org/a",
    "https://e,f.org/a",
    f"https://{'a' * 64}.org/a",
    "https://[x]/a",
    "https://e.org/\x00",
    "https://e.org/\x7f",
    "https://e.org/\ufeff",
    "“https://e.org/a”",
]
ACCEPTED = [
    *VALID.values(),
    {"content": "without a type"},
    LIST,
    *[{"message_type": kind, "media_id": "1013859600285441"} for kind in ("image", "video", "audio", "document")],
    *[{**body, "content": "the record"} for kind, body in VALID.items() if kind not in {"read", "raw"}],
    *[{**VALID[kind], "reply_to": "wamid.1"} for kind in ANSWERED],
    {**VALID["text"], "preview_url": True},
    {**VALID["audio"], "voice": True},
    {"message_type": "read", "message_id": "wamid.1", "typing": True},
    *[{**body, "header_type": "text", "header_text": "h"} for body in (BUTTON, VALID["interactive_cta_url"])],
    *[
        {**body, "header_type": kind, "header_media_url": "https://e.org/f"}
        for body in (BUTTON, VALID["interactive_cta_url"])
        for kind in ("image", "video")
    ],
    *[
        {**body, "header_type": "document", "header_media_id": "1", "header_filename": "f.pdf"}
        for body in (BUTTON, VALID["interactive_cta_url"])
    ],
    {
        **VALID["interactive_flow"],
        "flow_token": "t",
        "flow_mode": "draft",
        "flow_action": "navigate",
        "flow_screen": "S",
        "flow_data": {"a": 1, "b": "two"},
    },
    {**VALID["interactive_flow"], "flow_action": "data_exchange", "header_text": "h", "footer_text": "f"},
    {**VALID["interactive_catalog"], "thumbnail_product_retailer_id": "p"},
    {**VALID["interactive_carousel"], "cards": [REPLY_CARD, with_value(REPLY_CARD, "buttons.0.id", "b")]},
    {
        **TEMPLATE,
        "button_params": [
            {"index": 0, "type": "url", "value": "x"},
            {"index": 9, "type": "flow", "flow_token": "t", "flow_data": {"a": 1}},
        ],
    },
    {**TEMPLATE, "header_type": "image", "header_media_id": "1"},
    {
        **TEMPLATE,
        "header_type": "location",
        "header_location": {"latitude": 1, "longitude": 2, "name": "n", "address": "a"},
    },
    {**VALID["image"], "caption": "", "content": "x" * 5000},
    {**VALID["document"], "filename": "f.pdf", "caption": "c"},
    {**VALID["audio"], "content": "x" * 5000},
    *[{**VALID["image"], "media_url": url} for url in ADDRESSES],
    *[{**TEMPLATE, "header_type": "image", "header_params": url} for url in ADDRESSES],
    *[with_value(VALID["contacts"], "contacts.0.urls.0.url", url) for url in ADDRESSES],
    *[
        with_value(VALID["contacts"], "contacts.0.emails.0.email", text)
        for text in ("e@e.org", "e.f+g@sub.e-f.org", "ñ@ñandú.example", "e'f@e.org")
    ],
    *[
        with_value(VALID["contacts"], "contacts.0.phones.0.phone", text)
        for text in ("1", "+52 1 55 1234 5678", "1-800-FLOWERS1", "(55) 12.34 ext. 5", "٠١٢")
    ],
    *[
        with_value(VALID["contacts"], "contacts.0.phones.0.wa_id", text)
        for text in ("", "5215512345678", "+52 (55) 12-34.5")
    ],
    *[
        {**BUTTON, "header_text": text}
        for text in (
            "Pedido #12_34 * 2",
            "*a",
            "snake_case_name",
            "2 * 3 * 4",
            "5*6*7",
            "a* b *c",
            "***",
            "ñ*o*",
            "*a*b",
        )
    ],
    {**VALID["reaction"], "reaction_emoji": ""},
    {**VALID["location"], "latitude": 90, "longitude": 180, "location_name": "n", "location_address": "a"},
    {**VALID["location"], "latitude": -90.0, "longitude": -180},
    {**TEMPLATE, "template_params": ["a", "b    c"]},
    {**TEMPLATE, "template_params": []},
    {**TEMPLATE, "template_params": {"name": "a", "header": "a parameter of that name"}},
    {**TEMPLATE, "template_params": {"header": {"name": "a"}, "body": {"day": "b"}}},
    {**TEMPLATE, "template_params": {"body": {"day": "b"}}},
    {**TEMPLATE, "header_type": "text"},
    {**TEMPLATE, "header_type": "text", "header_params": "Ana"},
    *[{**TEMPLATE, "header_type": kind, "header_params": "https://e.org/f"} for kind in ("image", "video", "document")],
    {**TEMPLATE, "header_type": "document", "header_params": "https://e.org/f", "header_filename": "f.pdf"},
    {**TEMPLATE, "template_language": "prs_AF"},
    {**LIST, "sections": [{"rows": [{"id": "a", "title": "A", "description": ""}]}]},
    {"message_type": "contacts", "contacts": [{"first_name": "Ana", "last_name": "P", "birthday": "1990-05-17"}]},
    {"message_type": "contacts", "contacts": [{"name": {"first_name": "Ana", "prefix": ""}, "org": {"company": "A"}}]},
    {"message_type": "contacts", "contacts": [{"formatted_name": "A", "addresses": [{"street": "s", "type": "HOME"}]}]},
]
REFUSED: list[Any] = [
    {},
    "text",
    [],
    {"message_type": "sticker"},
    {"message_type": "Sticker", **MEDIA},
    {**VALID["reaction"], "reply_to": "wamid.1"},
    {**VALID["text"], "preview_url": "yes"},
    {**VALID["sticker"], "caption": "c"},
    {"message_type": "raw", "raw": {"text": {"body": "b"}}},
    *[{**VALID["interactive_cta_url"], "header_type": kind} for kind in ("text", "image", "gif")],
    {**VALID["interactive_cta_url"], "header_media_id": "1"},
    {**LIST, "header_type": "image", "header_media_id": "1"},
    {**VALID["interactive_flow"], "flow_name": "n"},
    {**VALID["interactive_flow"], "flow_data": {"a": 1}},
    {**VALID["interactive_flow"], "flow_action": "data_exchange", "flow_screen": "S"},
    {**VALID["interactive_carousel"], "cards": [CARD, {**CARD, "buttons": BUTTON["buttons"]}]},
    {**TEMPLATE, "button_params": [{"index": 10, "type": "url", "value": "x"}]},
    {**TEMPLATE, "button_params": [{"index": 0, "type": "flow", "value": "x"}]},
    {**TEMPLATE, "header_type": "image", "header_media_id": "1", "header_params": "https://e.org/f"},
    {"message_type": "Image", **MEDIA},
    {"message_type": None, "content": "c"},
    *[{**body, "unknown": 1} for body in VALID.values()],
    *[{key: value for key, value in VALID[kind].items() if key != name} for kind in VALID for name in VALID[kind] if (kind, name) != ("text", "message_type")],
    *[{**VALID[kind], "media_id": "1"} for kind in ("image", "video", "audio", "document")],
    *[{**VALID["image"], "media_url": url} for url in NO_ADDRESSES],
    *[{**TEMPLATE, "header_type": "document", "header_params": url} for url in NO_ADDRESSES if url],
    *[with_value(VALID["contacts"], "contacts.0.urls.0.url", url) for url in NO_ADDRESSES],
    *[with_value(VALID["contacts"], "contacts.0.emails.0.email", text) for text in ("", "e", "e at e.org", "e@e", "e@e.org ", "mailto:e@e.org", "e@e..org", "<e@e.org>", "e@e.org\n")],
    *[with_value(VALID["contacts"], "contacts.0.phones.0.phone", text) for text in ("", " ", "call me", "+1\n")],
    *[with_value(VALID["contacts"], "contacts.0.phones.0.wa_id", text) for text in ("me", "1\n", "wa.me/1")],
    *[with_value(body, route, f"a{end}") for body, route in IDS for end in ("\n", "\r\n", "\x00", "\u2028", "\x85")],
    *[{**BUTTON, "header_text": text} for text in ("*a*", "Hi *Ana*!", "_a b_", "~a~ b", "**a**", "(*a*)", "a *b c* d")],
    *[{"message_type": "image", "media_id": text} for text in ("", "12a", "1 2", 12)],
    {**VALID["text"], "caption": "c"},
    {**VALID["audio"], "caption": "c"},
    *[{**VALID[kind], "filename": "f"} for kind in ("image", "video", "audio")],
    {**VALID["text"], "content": 5},
    *[{**VALID["location"], "latitude": value} for value in (90.001, -90.001, "1", True, None)],
    *[{**VALID["location"], "longitude": value} for value in (180.001, -180.001, "1")],
    {**BUTTON, "interactive_type": "cta_url"},
    {**BUTTON, "sections": LIST["sections"]},
    {**BUTTON, "list_button_text": "l"},
    {**LIST, "buttons": BUTTON["buttons"]},
    {key: value for key, value in LIST.items() if key != "list_button_text"},
    {key: value for key, value in LIST.items() if key != "sections"},
    {**BUTTON, "header_type": "text"},
    {**LIST, "sections": [*LIST["sections"], {"rows": [{"id": "b", "title": "B"}]}]},
    {**LIST, "sections": [*LIST["sections"], {"title": "", "rows": [{"id": "b", "title": "B"}]}]},
    {**LIST, "sections": [{"title": "t"}]},
    *[{**TEMPLATE, "template_name": name} for name in ("Name", "a-b", "a b", "ñ")],
    *[{**TEMPLATE, "template_language": code} for code in ("es-MX", "es_419", "ES", "es_mx", "e", "spanish", "")],
    *[{**TEMPLATE, "template_params": [text]} for text in ("a\nb", "a\tb", "a\rb", "a     b", " ", 5, None)],
    *[{**TEMPLATE, "template_params": {"name": text}} for text in ("a\nb", {"x": "y"}, ["x"])],
    *[{**TEMPLATE, "template_params": params} for params in ("a", {"Name": "a"}, {"a1": "a"}, {"header": {"A": "a"}})],
    {**TEMPLATE, "template_params": {"header": {"name": "a"}, "other": "b"}},
    {**TEMPLATE, "template_params": {"header": {"name": "a"}, "body": "b"}},
    {**TEMPLATE, "header_params": "Ana"},
    {**TEMPLATE, "header_filename": "f.pdf"},
    {**TEMPLATE, "header_type": "location"},
    *[{**TEMPLATE, "header_type": kind} for kind in ("image", "video", "document")],
    *[{**TEMPLATE, "header_type": kind, "header_params": "Ana"} for kind in ("image", "video", "document")],
    *[{**TEMPLATE, "header_type": kind, "header_params": "https://e.org", "header_filename": "f"} for kind in ("text", "image", "video")],
    *[{"message_type": "contacts", "contacts": [contact]} for contact in (
        {}, {"last_name": "P"}, {"name": {}}, {"name": {"last_name": "P"}}, {"name": {"first_name": "A"}, "first_name": "A"},
        {"first_name": "A", "birthday": "17/05/1990"}, {"first_name": "A", "phones": [{}]}, {"first_name": "A", "emails": [{}]},
        {"first_name": "A", "urls": [{}]}, {"first_name": "A", "org": {"boss": "B"}}, {"first_name": "A", "phones": [{"phone": 5}]},
    )],
]  # fmt: skip


def at_limits() -> Iterator[tuple[dict[str, Any], bool]]:
    """Every limit in pairs: the last value that passes, and the first that does not."""
    for body, route, least, most in TEXT_LIMITS:
        yield with_value(body, route, "x" * most), True
        yield with_value(body, route, "x" * (most + 1)), False
        yield with_value(body, route, "x" * least), True
        if least:
            yield with_value(body, route, ""), False
            yield with_value(body, route, " \n"), False
        if route != "template_name":
            yield with_value(body, route, "👍" * most), True
            yield with_value(body, route, "👍" * (most + 1)), False
    for body, route in BLANK_ONLY:
        yield with_value(body, route, "x" * 5000), True
        yield with_value(body, route, ""), False
        yield with_value(body, route, "  "), False
    for body, route, least, most, make in COUNT_LIMITS:
        yield with_value(body, route, make(least)), True
        yield with_value(body, route, make(least - 1)), False
        yield with_value(body, route, make(most)), True
        yield with_value(body, route, make(most + 1)), False


CASES = [*((body, True) for body in ACCEPTED), *((body, False) for body in REFUSED), *at_limits()]
