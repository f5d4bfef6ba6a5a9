"""One message -> Problems: each rule once, at its place, in plain words, with a remedy."""

# ruff: noqa: E501  # a table's row is read as one line

import re
from typing import Any

import pytest

from flowrunner.diagnostics import Problem
from flowrunner.spec import check_message

IMAGE = {"message_type": "image", "media_url": "https://example.com/a.jpg"}
AUDIO = {"message_type": "audio", "media_url": "https://example.com/a.ogg"}
PLACE = {"message_type": "location", "latitude": 1, "longitude": 2}
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
TEMPLATE = {"message_type": "template", "template_name": "a_b", "template_language": "es"}
REACTION = {"message_type": "reaction", "reaction_emoji": "👍", "reacted_to_message_id": "wamid.1"}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in names}


def card(**fields: Any) -> dict[str, Any]:
    return {"message_type": "contacts", "contacts": [fields]}


def rows(*counts: int) -> list[Any]:
    """Sections with so many rows, all ids different."""
    return [
        {"title": "t", "rows": [{"id": f"{i}-{j}", "title": f"x{i}-{j}"} for j in range(n)]}
        for i, n in enumerate(counts)
    ]


# body; the only problem: code, route, message, what its hint holds
ONE_MISTAKE: list[tuple[dict[str, Any], str, tuple[str | int, ...], str, str]] = [
    ({}, "missing-field", (), "content is missing", "add content"),
    ({"content": ""}, "blank-text", ("content",), "content is blank, text is required", "write some text"),
    ({"content": " \n"}, "blank-text", ("content",), "content is blank, text is required", "write some text"),
    ({"content": ["a"]}, "wrong-type", ("content",), "content must be text, not a list", "one text"),
    ({"content": None}, "wrong-type", ("content",), "content must be text, not nothing", "write some text, in quotes if it is null"),
    ({"content": "x" * 4097}, "too-long", ("content",), "content has 4097 characters, at most 4096 are allowed", "by 1 character"),
    ({"content": "Zo\udceb"}, "lone-surrogate", ("content",), "content holds the byte 0xEB that is not UTF-8, which cannot be sent", "set the terminal to UTF-8"),
    ({"content": "a\ud83d"}, "lone-surrogate", ("content",), "content holds half of a character (a lone surrogate), which cannot be sent", "the character itself"),
    ({**BUTTON, "buttons": "\ud800"}, "lone-surrogate", ("buttons",), "buttons holds half of a character (a lone surrogate), which cannot be sent", "the character itself"),
    ({**BUTTON, "buttons": ["a\ud83d"]}, "lone-surrogate", ("buttons", 0), "item 1 of buttons holds half of a character (a lone surrogate), which cannot be sent", "the character itself"),
    ({"text": "hi"}, "unknown-field", ("text",), "unknown field text", "did you mean content?"),
    ({"Content": "hi"}, "unknown-field", ("Content",), "unknown field Content", "did you mean content?"),
    ({"message_type": "imge"}, "bad-value", ("message_type",), 'message_type "imge" is not one of the values allowed', "did you mean image?"),
    ({"message_type": "figurita", "media_id": "1"}, "bad-value", ("message_type",), 'message_type "figurita" is not one of the values allowed', "did you mean sticker?"),
    ({"message_type": 5, "content": "x"}, "wrong-type", ("message_type",), "message_type must be text, not a number", "write text, image"),
    ({"type": "image", "media_url": "https://e.org"}, "unknown-field", ("type",), "unknown field type", "did you mean message_type?"),
    ({"media_url": "https://e.org"}, "missing-field", (), "message_type is missing, media_url does not belong to a text message", "message_type: image, video, audio, document or sticker"),
    ({"latitude": 1, "longitude": 2}, "missing-field", (), "message_type is missing, latitude does not belong to a text message", "message_type: location"),
    ({"message_type": "text", "media_url": "https://e.org"}, "foreign-field", ("media_url",), "media_url does not belong to a text message", "goes with image, video, audio, document and sticker messages"),
    ({"message_type": "text", "content": "c", "caption": "x"}, "foreign-field", ("caption",), "caption does not belong to a text message", "goes with image, video and document messages"),
    ({**IMAGE, "captoin": "x"}, "unknown-field", ("captoin",), "unknown field captoin", "did you mean caption?"),
    ({**IMAGE, "nonsense": "x"}, "unknown-field", ("nonsense",), "unknown field nonsense", "remove it"),
    ({"message_type": "image", "media_ulr": "https://e.org"}, "unknown-field", ("media_ulr",), "unknown field media_ulr", "did you mean media_url?"),
    ({"message_type": "image", "url": "https://e.org"}, "unknown-field", ("url",), "unknown field url", "did you mean media_url?"),
    ({**IMAGE, "url": "https://e.org"}, "unknown-field", ("url",), "unknown field url", "remove it"),
    ({"message_type": "image"}, "media-source", (), "an image message needs media_url or media_id", "media_url: https://"),
    ({**IMAGE, "media_id": "1"}, "media-source", (), "media_url and media_id are both given, only one is allowed", "remove media_id"),
    ({**IMAGE, "media_url": "ftp://e.org/a.gif"}, "bad-format", ("media_url",), 'media_url "ftp://e.org/a.gif" is not a web address', "https://"),
    ({"message_type": "image", "media_id": "a1"}, "bad-format", ("media_id",), 'media_id "a1" is not a media id, which is digits only', "digits"),
    ({"message_type": "image", "media_id": "1\n"}, "bad-format", ("media_id",), 'media_id "1\\n" is not a media id, which is digits only', "digits"),
    ({**IMAGE, "content": "x" * 1025}, "too-long", ("content",), "content has 1025 characters and is used as the caption, where at most 1024 are allowed", "caption"),
    ({**AUDIO, "caption": "x"}, "foreign-field", ("caption",), "caption does not belong to an audio message", "image, video and document"),
    ({**PLACE, "latitude": "1"}, "wrong-type", ("latitude",), "latitude must be a number, not text", "a number without quotes, for example -33.4372"),
    ({**PLACE, "latitude": True}, "wrong-type", ("latitude",), "latitude must be a number, not true or false", "a number without quotes"),
    ({**PLACE, "longitude": 180.5}, "out-of-range", ("longitude",), "longitude is 180.5, at most 180 is allowed", "180 or less"),
    ({**PLACE, "latitude": float("nan")}, "out-of-range", ("latitude",), "latitude is nan, which is not a number that can be sent", "finite"),
    ({**PLACE, "longitude": 10**400}, "out-of-range", ("longitude",), f"longitude is {'1' + '0' * 39}, at most 180 is allowed", "180 or less"),
    (without(PLACE, "latitude") | {"latitud": "-33"}, "unknown-field", ("latitud",), "unknown field latitud", "did you mean latitude?"),
    (without(BUTTON, "buttons"), "missing-field", (), "buttons is missing", "buttons: [{id"),
    (without(BUTTON, "buttons") | {"buttonz": BUTTON["buttons"]}, "unknown-field", ("buttonz",), "unknown field buttonz", "did you mean buttons?"),
    (without(BUTTON, "buttons") | {"buttonz": "x"}, "unknown-field", ("buttonz",), "unknown field buttonz", "For example: buttons: ["),
    ({**BUTTON, "buttons": [{"id": "a", "titel": "A"}]}, "unknown-field", ("buttons", 0, "titel"), "unknown field titel", "did you mean title?"),
    ({**BUTTON, "buttons": "x"}, "wrong-type", ("buttons",), "each of buttons must be an object with an id and a title", "write [{id: x, title: x}]"),
    ({**BUTTON, "buttons": ["x"]}, "wrong-type", ("buttons",), "each of buttons must be an object with an id and a title", "write [{id: x, title: x}]"),
    ({**BUTTON, "buttons": [{"id": str(i), "title": str(i)} for i in range(4)]}, "too-many-items", ("buttons",), "buttons has 4 items, at most 3 are allowed", "remove 1 item"),
    ({**BUTTON, "buttons": []}, "too-few-items", ("buttons",), "buttons has 0 items, at least 1 is required", "add 1 item"),
    ({**BUTTON, "buttons": [{"id": "a", "title": "x" * 23}]}, "too-long", ("buttons", 0, "title"), "title has 23 characters, at most 20 are allowed", "by 3 characters"),
    ({**BUTTON, "buttons": [{"id": "a", "title": "A"}, {"id": "a", "title": "B"}]}, "duplicate-value", ("buttons", 1, "id"), 'id "a" appears twice, in buttons 1 and buttons 2', "its own id"),
    ({**BUTTON, "buttons": [{"id": "a", "title": "A"}, {"id": "b", "title": "A"}]}, "duplicate-value", ("buttons", 1, "title"), 'title "A" appears twice, in buttons 1 and buttons 2', "its own title"),
    ({**BUTTON, "interactive_type": "cta", "url": "https://e.org"}, "bad-value", ("interactive_type",), 'interactive_type "cta" is not one of the values allowed', "did you mean cta_url?"),
    ({**BUTTON, "interactive_type": "buton"}, "bad-value", ("interactive_type",), 'interactive_type "buton" is not one of the values allowed', "did you mean button?"),
    ({**BUTTON, "sections": "x"}, "foreign-field", ("sections",), "sections does not belong to a button message", "interactive_type: list"),
    ({**LIST, "interactive_type": "button"}, "foreign-field", ("list_button_text",), "list_button_text does not belong to a button message", "interactive_type: list"),
    ({**BUTTON, "interactive_type": "list"}, "foreign-field", ("buttons",), "buttons does not belong to a list message", "interactive_type: button"),
    ({**BUTTON, "header_text": "a *b*"}, "header-markup", ("header_text",), 'header_text "a *b*" has formatting marks, which WhatsApp refuses in a header', "remove the *"),
    ({**LIST, "sections": rows(6, 5)}, "too-many-rows", ("sections",), "the list has 11 rows, at most 10 are allowed in all sections together", "remove 1 row"),
    ({**LIST, "sections": rows(12)}, "too-many-rows", ("sections", 0, "rows"), "the list has 12 rows, at most 10 are allowed in all sections together", "remove rows"),
    ({**LIST, "sections": [*rows(1), {"title": "u", "rows": [{"id": "0-0", "title": "y"}]}]}, "duplicate-value", ("sections", 1, "rows", 0, "id"), 'id "0-0" appears twice, in sections 1, rows 1 and sections 2, rows 1', "its own id"),
    ({**LIST, "sections": [*rows(1), {"rows": [{"id": "b", "title": "B"}]}]}, "section-title", ("sections", 1), "a section has no title; with more than one section, each needs one", "add a title"),
    ({**LIST, "sections": [*rows(1), {"title": " ", "rows": [{"id": "b", "title": "B"}]}]}, "section-title", ("sections", 1, "title"), "a section's title is blank; with more than one section, each needs one", "write a title"),
    ({**TEMPLATE, "template_name": "Order"}, "bad-format", ("template_name",), 'template_name "Order" may hold only a-z, 0-9 and _', "order_ready"),
    ({**TEMPLATE, "template_name": ""}, "blank-text", ("template_name",), "template_name is blank, text is required", "order_ready"),
    ({**TEMPLATE, "template_language": "es-MX"}, "bad-format", ("template_language",), 'template_language "es-MX" is not a WhatsApp language code', "did you mean es_MX?"),
    ({**TEMPLATE, "template_language": "es_419"}, "bad-format", ("template_language",), 'template_language "es_419" is not a WhatsApp language code', "did you mean es?"),
    ({**TEMPLATE, "template_params": "x"}, "wrong-type", ("template_params",), "template_params must be a list or an object (name: value lines), not text", "a list"),
    ({**TEMPLATE, "template_params": ["a\nb"]}, "bad-format", ("template_params", 0), "item 1 of template_params has a line break, a tab or more than four spaces in a row", "one line"),
    ({**TEMPLATE, "template_params": {"Name": "a"}}, "bad-format", ("template_params", "Name"), "Name is not a parameter name: lower-case letters and _ only", "as it is in the template"),
    ({**TEMPLATE, "template_params": {"body": {"a": "b"}, "c": "d"}}, "foreign-field", ("template_params", "c"), "c is outside header and body, which hold all parameters", "under body"),
    ({**TEMPLATE, "header_params": "x"}, "header-mismatch", ("header_params",), "header_params is given without header_type", "add header_type"),
    ({**TEMPLATE, "header_type": "image"}, "header-mismatch", (), "header_params is missing; a media header needs the address of its file", "add header_params"),
    ({**TEMPLATE, "header_type": "image", "header_params": "x"}, "header-mismatch", ("header_params",), 'header_params "x" is not a web address, which a media header needs', "https://"),
    ({**TEMPLATE, "header_type": "text", "header_filename": "x"}, "header-mismatch", ("header_filename",), "header_filename is only for header_type: document", "header_type: document"),
    ({**TEMPLATE, "header_text": "x"}, "foreign-field", ("header_text",), "header_text does not belong to a template message", "interactive messages"),
    *[({**REACTION, "reaction_emoji": text}, "not-one-emoji", ("reaction_emoji",), f'reaction_emoji "{text}" is not exactly one emoji', '"👍"') for text in ("👍👍", "a", " ", "👍 ", ":)")],
    (card(), "contact-name", ("contacts", 0), "a contact needs formatted_name or first_name", "formatted_name: Ana"),
    (card(name={"last_name": "P"}), "contact-name", ("contacts", 0, "name"), "a contact needs formatted_name or first_name", "formatted_name: Ana"),
    (card(name={"first_name": "A"}, last_name="P"), "contact-name", ("contacts", 0, "last_name"), "last_name is outside name; the names go in one place only", "under name"),
    (card(formated_name="A"), "unknown-field", ("contacts", 0, "formated_name"), "unknown field formated_name", "did you mean formatted_name?"),
    (card(first_name="A", phone="+5215512345678"), "unknown-field", ("contacts", 0, "phone"), "unknown field phone", "did you mean phones? For example: phones: [{phone"),
    (card(first_name="A", phones=[{"type": "CELL"}]), "missing-field", ("contacts", 0, "phones", 0), "phone is missing", 'phone: "+5215512345678"'),
    (card(first_name="A", birthday="1990-02-30"), "bad-date", ("contacts", 0, "birthday"), 'birthday "1990-02-30" is not a day of the calendar', "the day or the month"),
    (card(first_name="A", birthday="17/5/1990"), "bad-format", ("contacts", 0, "birthday"), 'birthday "17/5/1990" is not written as YYYY-MM-DD', "1990-05-17"),
]  # fmt: skip

WARNED: list[tuple[dict[str, Any], str, str, str]] = [
    ({**IMAGE, "media_url": "http://e.org/a.jpg"}, "plain-http", "media_url is a plain http address", "https://"),
    ({**IMAGE, "media_url": "https://e.org/a.GIF?v=1"}, "media-extension", "media_url ends in .gif", ".jpg, .jpeg or .png"),
    ({**AUDIO, "media_url": "https://e.org/a.wav"}, "media-extension", "media_url ends in .wav", ".ogg"),
    ({**IMAGE, "media_url": "https://e.org/" + "x" * 2035}, "unsure-limit", "media_url has 2049 characters, more than 2048", "1 character"),
    ({**PLACE, "location_name": "x" * 257}, "unsure-limit", "location_name has 257 characters, more than 256", "1 character"),
    ({**PLACE, "location_address": "x" * 302}, "unsure-limit", "location_address has 302 characters", "2 characters"),
    ({**IMAGE, "message_type": "document", "media_url": "https://e.org/a.pdf", "filename": "x" * 241}, "unsure-limit", "filename has 241", "1 character"),
    ({**TEMPLATE, "header_type": "document", "header_params": "https://e.org/a", "header_filename": "x" * 241}, "unsure-limit", "header_filename has 241", "1 character"),
    ({**TEMPLATE, "template_params": ["x" * 1025]}, "unsure-limit", "item 1 of template_params has 1025", "1 character"),
    ({**TEMPLATE, "header_type": "image", "header_params": "http://e.org"}, "plain-http", "header_params is a plain http", "https://"),
    ({**TEMPLATE, "template_language": "pt"}, "unknown-language", 'template_language "pt" is not in Meta\'s list', "did you mean pt_BR or pt_PT?"),
    ({**TEMPLATE, "template_language": "xx"}, "unknown-language", 'template_language "xx" is not in Meta\'s list', "list that the link leads to"),
]  # fmt: skip

PASSED: list[dict[str, Any]] = [
    *[{**IMAGE, "media_url": f"https://e.org{path}"} for path in ("", "/", "/a", "/v1.2/a", "/a.JPG", "?f=a.gif", "/1.5")],
    {**IMAGE, "media_url": "https://e.org/" + "x" * 2034},
    {**PLACE, "location_name": "x" * 256, "location_address": "x" * 300},
    *[{**REACTION, "reaction_emoji": text} for text in ("", "👍🏽", "🇲🇽", "👨‍👩‍👧‍👦", "❤️", "❤", "1️⃣", "🏳️‍🌈")],
    {**BUTTON, "header_text": "¡Hola! 👋 (50% + 3)"},
    {**LIST, "sections": rows(5, 5)},
    *[{**BUTTON, "header_text": text} for text in ("Pedido #12_34 * 2", "*x", "snake_case_name", "2 * 3 * 4", "5*6*7", "a* b *c", "~ 20 ~", "***")],
    card(first_name="A", birthday="2024-02-29"),
]  # fmt: skip

# body with the literal text of what is held; the held routes; the codes that are still certain
HELD: list[tuple[dict[str, Any], list[tuple[str | int, ...]], list[str]]] = [
    ({"content": ""}, [("content",)], []),
    ({"content": "x" * 4097}, [("content",)], ["too-long"]),
    ({"content": "a\ud83d"}, [("content",)], ["lone-surrogate"]),
    ({**IMAGE, "media_url": "/a.gif"}, [("media_url",)], []),
    ({**IMAGE, "media_url": "", "media_id": "1"}, [("media_url",)], ["media-source"]),
    ({**PLACE, "latitude": ""}, [("latitude",)], []),
    ({**PLACE, "latitude": "", "longitude": 181}, [("latitude",)], ["out-of-range"]),
    ({**BUTTON, "buttons": ""}, [("buttons",)], []),
    ({**BUTTON, "buttons": ["", {"id": "a", "title": "A"}]}, [("buttons", 0)], []),
    ({**BUTTON, "buttons": [""] * 4}, [("buttons", i) for i in range(4)], ["too-many-items"]),
    ({**BUTTON, "buttons": [{"id": "", "title": ""}] * 2}, [("buttons", i, k) for i in (0, 1) for k in ("id", "title")], []),
    ({**BUTTON, "buttons": [{"id": "a", "title": ""}] * 2}, [("buttons", 0, "title"), ("buttons", 1, "title")], ["duplicate-value"]),
    ({**LIST, "sections": [*rows(6), ""]}, [("sections", 1)], []),
    ({**LIST, "sections": [*rows(6), {"title": "u", "rows": ""}]}, [("sections", 1, "rows")], []),
    ({**LIST, "sections": [*rows(6), {"title": "u", "rows": [""] * 5}]}, [("sections", 1, "rows", i) for i in range(5)], ["too-many-rows"]),
    ({**LIST, "sections": [*rows(1), {"title": "", "rows": [{"id": "b", "title": "B"}]}]}, [("sections", 1, "title")], []),
    ({**LIST, "sections": [*rows(1), {"rows": [{"id": "b", "title": ""}]}]}, [("sections", 1, "rows", 0, "title")], ["section-title"]),
    ({**TEMPLATE, "template_language": "-"}, [("template_language",)], []),
    ({**TEMPLATE, "template_name": "Order "}, [("template_name",)], []),
    ({**TEMPLATE, "template_params": ["  "]}, [("template_params", 0)], []),
    ({**TEMPLATE, "template_params": ["a  \ufffc   b"]}, [("template_params", 0)], []),
    ({**TEMPLATE, "template_params": ["a     b"]}, [("template_params", 0)], ["bad-format"]),
    ({**TEMPLATE, "template_params": ["\n"]}, [("template_params", 0)], ["bad-format"]),
    ({**TEMPLATE, "template_params": {"header": "", "body": {"a": "b"}}}, [("template_params", "header")], []),
    ({**TEMPLATE, "header_type": ""}, [("header_type",)], []),
    ({**TEMPLATE, "header_type": "", "header_params": "x" * 61, "header_filename": "f"}, [("header_type",)], []),
    ({**TEMPLATE, "header_type": "image", "header_params": ""}, [("header_params",)], []),
    ({**TEMPLATE, "header_params": ""}, [("header_params",)], ["header-mismatch"]),
    ({**REACTION, "reaction_emoji": ""}, [("reaction_emoji",)], []),
    (card(first_name="", birthday="-"), [("contacts", 0, "first_name"), ("contacts", 0, "birthday")], []),
    ({**BUTTON, "header_text": "*x\ufffc"}, [("header_text",)], []),
    ({**BUTTON, "header_text": "*\ufffc*"}, [("header_text",)], ["header-markup"]),
    ({**BUTTON, "header_text": "\ufffc*x*"}, [("header_text",)], []),
    ({**BUTTON, "sections": ""}, [("sections",)], ["foreign-field"]),
    ({**PLACE, "location_name": "x" * 257}, [("location_name",)], []),
    (without(IMAGE, "media_url") | {"media_ulr": ""}, [("media_ulr",)], ["unknown-field"]),
]  # fmt: skip


def said(problems: list[Problem]) -> list[tuple[str, tuple[str | int, ...], str]]:
    return [(each.code, each.route, each.message) for each in problems]


@pytest.mark.parametrize(("body", "code", "route", "message", "hint"), ONE_MISTAKE, ids=lambda each: str(each)[:40])
def test_one_mistake_gives_one_error(body: dict[str, Any], code: str, route: Any, message: str, hint: str) -> None:
    """The error names the field, the value and the limit, stands at its place, and says what to do."""
    problems = check_message(body)
    assert said(problems) == [(code, route, message)]
    assert hint in problems[0].hint
    assert problems[0].link.startswith("https://")
    assert problems[0].severity == "error"
    assert problems[0].at_key is (code in {"unknown-field", "foreign-field"} or _is_about_a_key(problems[0]))


def _is_about_a_key(problem: Problem) -> bool:
    words = ("is given without", "is only for", "is outside", "is not a parameter name")
    return any(each in problem.message for each in words)


@pytest.mark.parametrize(("body", "code", "message", "hint"), WARNED, ids=lambda each: str(each)[:40])
def test_doubtful_message_gets_one_warning(body: dict[str, Any], code: str, message: str, hint: str) -> None:
    """What may be refused, or is bad practice, is said and passes."""
    [problem] = check_message(body)
    assert (problem.code, problem.severity) == (code, "warning")
    assert problem.message.startswith(message)
    assert hint in problem.hint


@pytest.mark.parametrize("body", PASSED, ids=str)
def test_good_message_gets_nothing(body: dict[str, Any]) -> None:
    """No rule is stricter than the reference."""
    assert check_message(body) == []


@pytest.mark.parametrize(("body", "held", "codes"), HELD, ids=lambda each: str(each)[:60])
def test_only_what_an_expression_cannot_mend_is_said(body: dict[str, Any], held: list[Any], codes: list[str]) -> None:
    """Before values are known the same rules hold, except for what a value may still change."""
    assert [each.code for each in check_message(body, dict.fromkeys(held, 0))] == codes


def test_all_mistakes_of_a_message_are_found_in_one_run() -> None:
    """Faults that have nothing to do with each other are all reported."""
    body = {
        **BUTTON,
        "header_text": "_x_",
        "footr_text": "y" * 61,
        "buttons": [{"id": "a", "title": "x" * 21}, {"id": "a"}, {"id": "d", "title": 1}, {"title": ""}],
    }
    assert sorted((each.code, each.route) for each in check_message(body)) == [
        ("blank-text", ("buttons", 3, "title")),
        ("duplicate-value", ("buttons", 1, "id")),
        ("header-markup", ("header_text",)),
        ("missing-field", ("buttons", 1)),
        ("missing-field", ("buttons", 3)),
        ("too-long", ("buttons", 0, "title")),
        ("too-long", ("footr_text",)),
        ("too-many-items", ("buttons",)),
        ("unknown-field", ("footr_text",)),
        ("wrong-type", ("buttons", 2, "title")),
    ]


def test_long_or_strange_values_are_shown_short_and_printable() -> None:
    """A value of any length and content fits in one line of a terminal."""
    [problem] = check_message({**TEMPLATE, "template_name": "X\x1b[31m\n" + "y" * 400})
    assert len(problem.message) < 120
    assert problem.message.isprintable()


LANGUAGES = {
    "fr_FR": "fr", "de_DE": "de", "it_IT": "it", "tr_TR": "tr", "ru_RU": "ru", "pl_PL": "pl", "ko_KR": "ko", "hi_IN": "hi", "nl_NL": "nl", "nb_NO": "nb", "he_IL": "he",
    "ar_SA": "ar", "ja_JP": "ja", "sv_SE": "sv", "el_GR": "el", "cs_CZ": "cs", "da_DK": "da", "uk_UA": "uk", "vi_VN": "vi", "th_TH": "th", "id_ID": "id", "en_UK": "en_GB",
    "zh_Hans": "zh_CN", "zh-Hant": "zh_TW", "English": "en", "spanish": "es", "Español": "es", "french": "fr", "es-MX": "es_MX", "es_mx": "es_MX", "ES": "es", "EN_us": "en_US",
    "pt-br": "pt_BR", "es_419": "es", "no_NO": "nb", "iw": "he", "tl": "fil", "rw": "rw_RW", "ps": "ps_AF", "be": "be_BY", "portugese": "pt_BR", "pt": "pt_BR or pt_PT",
    "zh": "zh_CN, zh_HK or zh_TW", "English (US)": "en_US", "English (UK)": "en_GB", "Spanish (MEX)": "es_MX", "Portuguese (POR)": "pt_PT", "Chinese (TAI)": "zh_TW",
    "jpn": "ja", "hin": "hi", "por": "pt_BR or pt_PT", "kr": "ko", "mx": "es_MX", "日本語": "ja", "हिन्दी": "hi", "العربية": "ar",
}  # fmt: skip


@pytest.mark.parametrize(("code", "meant"), LANGUAGES.items())
def test_a_language_is_known_by_its_stem_its_name_and_other_spellings(code: str, meant: str) -> None:
    """Never another language that only looks like it."""
    [problem] = check_message({**TEMPLATE, "template_language": code})
    assert problem.hint == f"did you mean {meant}?"
    for each in re.findall(r"[a-z]{2,3}(?:_[A-Z]{2})?(?=[ ,?]|$)", meant.replace(" or ", ", ")):
        assert check_message({**TEMPLATE, "template_language": each}) == []


@pytest.mark.parametrize("code", ["xx", "xx_XX", "qq", "klingon"])
def test_no_language_is_guessed(code: str) -> None:
    """Where nothing is near, none is named."""
    [problem] = check_message({**TEMPLATE, "template_language": code})
    assert "did you mean" not in problem.hint


TYPES = {
    "photo": "image", "Photo": "image", "picture": "image", "jpg": "image", "imge": "image", "IMAGE": "image", "pdf": "document", "PDF": "document", "file": "document",
    "docx": "document", "xlsx": "document", "voice": "audio", "voice_note": "audio", "mp3": "audio", "mp4": "video", "movie": "video", "map": "location", "contact": "contacts",
    "vcard": "contacts", "emoji": "reaction", "hsm": "template", "webp": "sticker", "mark_as_read": "read", "message": "text", "string": "text",
}  # fmt: skip


@pytest.mark.parametrize(("word", "kind"), TYPES.items())
def test_other_words_for_a_type_are_known(word: str, kind: str) -> None:
    """What people call it."""
    [problem] = check_message({"message_type": word})
    assert (problem.code, problem.hint) == ("bad-value", f"did you mean {kind}?")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("button", "button"),
        ("buttons", "button"),
        ("quick_reply", "button"),
        ("list", "list"),
        ("Menu", "list"),
        ("cta", "cta_url"),
        ("form", "flow"),
        ("catalog_message", "catalog"),
    ],
)
def test_a_kind_of_interactive_message_is_known(word: str, kind: str) -> None:
    """It takes two fields."""
    [problem] = check_message({"message_type": word})
    assert problem.hint == f"write message_type: interactive, and below it interactive_type: {kind}"


@pytest.mark.parametrize(
    ("body", "route", "owner"),
    [
        (without(LIST, "sections") | {"rows": [{"id": "a", "title": "A"}]}, ("rows",), "sections"),
        ({**LIST, "sections": [{"title": "t", "id": "a"}]}, ("sections", 0, "id"), "rows"),
        ({"message_type": "contacts", "formatted_name": "Ana"}, ("formatted_name",), "contacts"),
        ({"message_type": "contacts", "phones": [{"phone": "1", "wa_id": "1"}]}, ("phones",), "contacts"),
    ],
)
def test_a_field_of_an_item_knows_its_list(body: dict[str, Any], route: Any, owner: str) -> None:
    """It is not to be removed, and its list is not said to be missing, too."""
    problem = check_message(body)[0]
    assert (problem.code, problem.route, problem.hint) == (
        "unknown-field",
        route,
        f"write {owner}: and put it below, after a dash",
    )
    assert all(f"{owner} is missing" != each.message for each in check_message(body))


def test_what_stands_below_a_field_in_the_wrong_place_is_checked_too() -> None:
    """At the place where it stands."""
    body = without(LIST, "sections") | {"rows": [{"id": "a", "title": "A" * 25}, {"id": "b", "titel": "B"}]}
    assert [(each.code, each.route) for each in check_message(body)] == [
        ("unknown-field", ("rows",)),
        ("unknown-field", ("rows", 1, "titel")),
        ("too-long", ("rows", 0, "title")),
    ]


@pytest.mark.parametrize("text", [r"\ud83d\udc4d", r"\U0001F44D", r"\u2764"])
def test_an_escaped_emoji_is_to_be_quoted(text: str) -> None:
    """Followed to the letter, that is the emoji."""
    [problem] = check_message({**REACTION, "reaction_emoji": text})
    assert problem.hint == f'put it in double quotes: "{text}"'


def test_an_invite_is_told_of_each_card() -> None:
    """One number that is known to be on WhatsApp is enough for a card; a card without phones invites nobody."""
    number = {"phone": "+1"}
    for phones, codes in (
        ([number], ["no-wa-id"]),
        ([number, number], ["no-wa-id"]),
        ([number | {"wa_id": " "}], ["no-wa-id"]),
        ([number, number | {"wa_id": "1"}], []),
        ([], []),
    ):
        assert [each.code for each in check_message(card(first_name="A", phones=phones))] == codes
    two = {"message_type": "contacts", "contacts": [{"first_name": "A", "phones": [number]}] * 2}
    assert [each.route for each in check_message(two)] == [("contacts", 0, "phones", 0), ("contacts", 1, "phones", 0)]
