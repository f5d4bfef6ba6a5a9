"""Texts that are sent as they were typed although another thing was meant."""

# ruff: noqa: E501  # a table's row is read as one line

import pytest

from flowrunner.diagnostics import HOLE
from flowrunner.flow import load_text
from flowrunner.spec import check_message
from flowrunner.spec.notes import shown_text

WARNED = [
    (r"Hello,\nWelcome", "literal-escape", r"holds \n,", "a real line break", r"\n"),
    (r"Hello,\r\nWelcome", "literal-escape", r"holds \r\n,", "a real line break", r"\r\n"),
    (r"a\tb", "literal-escape", r"holds \t,", "write spaces", r"\t"),
    (r"Caf\u00e9", "literal-escape", r"holds \u00e9,", "the character itself", r"\u00e9"),
    (r"\U0001F600", "literal-escape", "these 10 characters", "the character itself", r"\U0001F600"),
    (r"\ud83d\ude00 hi", "literal-escape", "these 12 characters", "the character itself", r"\ud83d\ude00"),
    (r"Caf\xe9", "literal-escape", r"holds \xe9,", "the character itself", r"\xe9"),
    (r"Ana said \"hi\"", "literal-escape", r"holds \",", "remove the \\", r"\""),
    ("Hi **Ana**!", "markdown", "** on both sides", "*words*", "**Ana**"),
    ("**a b**", "markdown", "** on both sides", "*words*", "**a b**"),
    ("__Ana__, hi", "markdown", "__ on both sides", "_words_", "__Ana__"),
    ("~~10~~ 8 euros", "markdown", "~~ on both sides", "~words~", "~~10~~"),
    (
        "See [our shop](https://example.com/a).",
        "markdown",
        "a link in brackets",
        "the address itself",
        "[our shop](https://example.com/a)",
    ),
    ("![logo](a.png)", "markdown", "a link in brackets", "the address itself", "![logo](a.png)"),
    ("[mail](mailto:a@b.org)", "markdown", "a link in brackets", "the address itself", "[mail](mailto:a@b.org)"),
    ("# Hello\nAna", "markdown", "a # before a heading", "*words*", "# "),
    ("Hello\n### Prices", "markdown", "a # before a heading", "*words*", "### "),
    ("<b>Hello</b>", "html", "has <b>", "*words*", "<b>"),
    ("Hello</STRONG>", "html", "has <strong>", "*words*", "</STRONG>"),
    ("<i>a</i>", "html", "has <i>", "_words_", "<i>"),
    ("a<br>b", "html", "has <br>", "a line break", "<br>"),
    ("a<br/>b", "html", "has <br>", "a line break", "<br/>"),
    ("<p class='x'>a", "html", "has <p>", "a line break", "<p class='x'>"),
    ('<a href="https://example.com">shop</a>', "html", "has <a>", "the address itself", None),
    ("<span>a", "html", "has <span>", "remove it", "<span>"),
    ("a&nbsp;b", "html", "has &nbsp;", "a space", "&nbsp;"),
    ("Salt &amp; pepper", "html", "has &amp;", "write & instead", "&amp;"),
    ("&#39;a", "html", "has &#39;", "write ' instead", "&#39;"),
    ("&#x20AC; 5", "html", "has &#x20AC;", "write € instead", "&#x20AC;"),
    ("“Hello Ana”", "curly-quotes", "between “ and ”", "straight ones", None),
    (" „Hallo“ ", "curly-quotes", "between „ and “", "straight ones", None),
    ("‘Hello’", "curly-quotes", "between ‘ and ’", "straight ones", None),
]
FINE = [
    "Hello\nAna", "a\tb", r"C:\new\table", r"\\server\share", r"\o/", "*bold* _italic_ ~struck~", "***", "a ** b ** c", "2**3", "5 * * 3", "____", "Name: __________", "snake__case__name", "__init__.py", "call __enter__(x)",
    "~~~", "[1] (2)", "[ ] done", "a](b", "#1 in town", "# 1", "#hashtag", "a # b", "1 < 2 > 0", "<3", "a <- b", "x<y>z", "AT&T", "a & b;", "&unknown;", "R&D; more", "<@user>",
    "```<b>**x**\\n```", "https://example.com/a__b__c", "https://example.com/a**b**c?x=1&copy=2", "He said “hello”", "“Hello” and “bye”", "“", "It's “", "«Hola»", '"Hello"', "", "<b", "<bold>",
    "> quote", "- item", "1. item", "`code`", f"\u200b{HOLE}", f"{HOLE}\u2800",
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "message", "hint", "place"), WARNED)
def test_what_is_sent_as_it_was_typed_is_a_warning(
    text: str, code: str, message: str, hint: str, place: str | None
) -> None:
    """With its place in the text."""
    first, *_ = found = list(check_message({"content": text}))
    assert {each.code for each in found} == {code}
    assert first.severity == "warning"
    assert message in first.message
    assert hint in first.hint
    if place is not None:
        assert first.offset is not None
        assert text[first.offset : first.offset + first.length] == place


@pytest.mark.parametrize("text", FINE)
def test_what_is_meant_is_left_alone(text: str) -> None:
    """WhatsApp's own marks, numbers, signs, code and addresses."""
    assert list(shown_text(text, "content")) == []


SHOWN = [
    {"message_type": "image", "media_url": "https://e.org/a.jpg", "caption": "@"},
    {"message_type": "image", "media_url": "https://e.org/a.jpg", "content": "@"},
    {"message_type": "location", "latitude": 1, "longitude": 2, "location_name": "@"},
    {"message_type": "location", "latitude": 1, "longitude": 2, "location_address": "@"},
    {"message_type": "template", "template_name": "a", "template_language": "es", "template_params": ["@"]},
    {"message_type": "template", "template_name": "a", "template_language": "es", "template_params": {"name": "@"}},
    {
        "message_type": "template",
        "template_name": "a",
        "template_language": "es",
        "template_params": {"header": {"a": "@"}, "body": {}},
    },
    {
        "message_type": "template",
        "template_name": "a",
        "template_language": "es",
        "header_type": "text",
        "header_params": "@",
    },
    {"message_type": "contacts", "contacts": [{"formatted_name": "@"}]},
    {"message_type": "contacts", "contacts": [{"name": {"first_name": "@"}}]},
    {"message_type": "contacts", "contacts": [{"first_name": "A", "org": {"company": "@"}}]},
    *[
        {
            "message_type": "interactive",
            "interactive_type": "button",
            "body_text": "b",
            "buttons": [{"id": "a", "title": "A"}],
            field: "@",
        }
        for field in ("body_text", "header_text", "footer_text")
    ],
    {
        "message_type": "interactive",
        "interactive_type": "button",
        "body_text": "b",
        "buttons": [{"id": "a", "title": "@"}],
    },
    *[
        {
            "message_type": "interactive",
            "interactive_type": "list",
            "body_text": "b",
            "list_button_text": "l",
            "sections": [{"title": "t", "rows": [{"id": "a", "title": "A"} | more]}],
        }
        for more in ({"title": "@"}, {"description": "@"})
    ],
    {
        "message_type": "interactive",
        "interactive_type": "list",
        "body_text": "b",
        "list_button_text": "@",
        "sections": [{"rows": [{"id": "a", "title": "A"}]}],
    },
    {
        "message_type": "interactive",
        "interactive_type": "list",
        "body_text": "b",
        "list_button_text": "l",
        "sections": [{"title": "@", "rows": [{"id": "a", "title": "A"}]}],
    },
]
HIDDEN = [
    {
        "message_type": "interactive",
        "interactive_type": "button",
        "body_text": "b",
        "buttons": [{"id": "@", "title": "A"}],
    },
    {"message_type": "location", "latitude": 1, "longitude": 2, "content": "@"},
    {"message_type": "image", "media_url": "https://e.org/a.jpg", "caption": "c", "content": "@"},
]


def with_text(body: object, text: str) -> object:
    if isinstance(body, dict):
        return {key: with_text(value, text) for key, value in body.items()}
    if isinstance(body, list):
        return [with_text(value, text) for value in body]
    return text if body == "@" else body


@pytest.mark.parametrize(("bodies", "codes"), [(SHOWN, ["html"]), (HIDDEN, [])])
def test_every_text_that_a_person_reads_is_looked_at(bodies: list[object], codes: list[str]) -> None:
    """And no other: an id is for programs."""
    for body in bodies:
        changed = with_text(body, "a<br>b")
        assert isinstance(changed, dict)
        assert [each.code for each in check_message(changed)] == codes, body


@pytest.mark.parametrize(("text", "code", "message", "hint", "place"), WARNED)
def test_a_comment_ignores_it(text: str, code: str, message: str, hint: str, place: str | None) -> None:
    """The author knows better."""
    if "\n" in text or "'" in text:
        return
    flow = f"name: t\nsteps:\n  - message: '{text}'"
    assert {each.code for each in load_text(flow, "f").diagnostics} == {code}
    assert load_text(f"{flow}  # flowrunner: ignore[{code}]\n", "f").diagnostics == ()


def test_a_long_text_does_not_take_long() -> None:
    """One beyond what WhatsApp takes is refused for its length; below it no pattern goes back and forth."""
    for sign in ("[a", "**a ", "__a ", "~~a ", "<b", "&a", "# ", "“", "```", "\\"):
        for size in (4096, 1_000_000):
            check_message({"content": (sign * size)[:size]})
