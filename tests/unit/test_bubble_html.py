"""One message as HTML: every type is drawn with all that it says, and no value becomes anything but text."""

from typing import Any

import pytest

from flowrunner.spec import KINDS
from flowrunner.views.html.bubble import bubble
from support.html_reading import Read
from support.message_cases import ACCEPTED, BUTTON, LIST, VALID, with_value


def texts(value: Any) -> list[str]:
    """Every text of a body that a person is to see: all but what names its kind, and ids."""
    hidden = {"message_type", "interactive_type", "header_type", "id", "wa_id", "content", "raw"}
    hidden |= {"preview_url", "voice", "typing", "index", "type"} if isinstance(value, dict) else set()
    if isinstance(value, dict):
        return [text for key, each in value.items() if key not in hidden for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [str(value)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_type_has_a_drawing(kind: str) -> None:
    """A type that has none is shown as JSON."""
    assert "message_type" not in Read(bubble(VALID[kind])).text


@pytest.mark.parametrize("body", ACCEPTED, ids=str)
def test_every_text_of_every_message_is_drawn(body: dict[str, Any]) -> None:
    """Whatever the spec accepts has a drawing with all its values."""
    read = Read(bubble(body, clock="14:05", status="read", name="Step hello"))
    kind = body.get("message_type", "text")
    shown = read.text + " ".join(each["aria-label"] for each in read.named("ul") if "aria-label" in each)
    skipped = {"mobile"} if kind == "contacts" else set()
    assert [text for text in texts(body) if text not in shown and text not in skipped] == []
    (article,) = read.named("article")
    assert article["aria-label"] == f"Step hello: {kind}"
    assert not [each for _, each in read.elements if "id" in each or "style" in each]


def test_what_serves_as_a_caption_is_drawn() -> None:
    """The content stands under a picture that has no caption, and nowhere else."""
    record = {"content": "the record"}
    assert "the record" in bubble({**VALID["image"], **record})
    assert "the record" not in bubble({**VALID["image"], "caption": "c", **record})
    assert "the record" not in bubble({**VALID["audio"], **record})
    assert "the record" not in bubble({**VALID["location"], **record})


WRITTEN = [
    ("*bold* _it_ ~no~", '<p dir="auto"><strong>bold</strong> <em>it</em> <s>no</s></p>'),
    ("*_both_*", '<p dir="auto"><strong><em>both</em></strong></p>'),
    ("`*x*` 2*3*4", '<p dir="auto"><code>*x*</code> 2*3*4</p>'),
    ("```a\n<b>```", '<p dir="auto"><code class="block">a</code>\n<code class="block">&lt;b&gt;</code></p>'),
    ("> a\n> *b*\nc", '<blockquote dir="auto">a\n<strong>b</strong></blockquote><p dir="auto">c</p>'),
    ("- a\n* b", '<ul><li dir="auto">a</li><li dir="auto">b</li></ul>'),
    ("2. b\n7. c", '<ol><li value="2" dir="auto">b</li><li value="7" dir="auto">c</li></ol>'),
    ("a\n\nb", '<p dir="auto">a\n\nb</p>'),
    ("a\n", '<p dir="auto">a\n\n</p>'),
]


@pytest.mark.parametrize(("typed", "drawn"), WRITTEN)
def test_marks_become_elements(typed: str, drawn: str) -> None:
    """The same reading as in the terminal, each mark as the element that says what it is."""
    assert f'<div class="bubble">{drawn}</div>' in bubble({"content": typed})


LINKS = [
    ("see https://e.org/a_b_c/_x_/d.", "https://e.org/a_b_c/_x_/d"),
    ("*HTTP://E.org/?a=1&b=2*", "HTTP://E.org/?a=1&b=2"),
    ("(https://e.org)", "https://e.org"),
    ('https://e.org/"onclick="x', "https://e.org/"),
    ("https://e.org/\u202egpj", "https://e.org/"),
]


@pytest.mark.parametrize(("typed", "address"), LINKS)
def test_addresses_of_the_web_are_links(typed: str, address: str) -> None:
    """A mark inside an address is part of it; the sentence's sign after it is not."""
    (link,) = Read(bubble({"content": typed})).named("a")
    assert link == {"href": address, "target": "_blank", "rel": "noreferrer noopener"}


@pytest.mark.parametrize(
    "typed", ["javascript:alert(1)", "data:text/html,x", "xhttps://e.org", "https://", "`https://e.org`"]
)
def test_nothing_else_is_a_link(typed: str) -> None:
    """Neither in a text nor where an address is expected."""
    assert "<a " not in bubble({"content": typed})
    url = typed if ":" in typed[:11] and "http" not in typed else "javascript:x"
    assert "<a " not in bubble({"message_type": "image", "media_url": url})
    assert "<a " not in bubble({"message_type": "contacts", "contacts": [{"first_name": "A", "urls": [{"url": url}]}]})


HOSTILE = [
    "<script>alert(1)</script>",
    "</style></script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onfocus='alert(1)",
    "\u202egpj.exe\u2066\x00\x1b[2J",
    "&lt;b&gt;&#60;",
]


@pytest.mark.parametrize(
    "body", [*VALID.values(), LIST], ids=lambda body: str(body.get("interactive_type", body["message_type"]))
)
@pytest.mark.parametrize("live", [False, True])
def test_a_hostile_value_is_text(body: dict[str, Any], live: bool) -> None:
    """In every field: the elements are those of a harmless value, and nothing turns the writing direction."""

    def filled(data: Any, text: str) -> Any:
        if isinstance(data, dict):
            fixed = {"message_type", "interactive_type", "header_type"}
            return {key: each if key in fixed else filled(each, text) for key, each in data.items()}
        return [filled(each, text) for each in data] if isinstance(data, list) else text

    def shape(text: str) -> list[tuple[str, list[str]]]:
        drawn = bubble(
            filled(body, text), live=live, name=text, clock=text, status="failed", reason=text, reactions=[text]
        )
        assert not set("\u202e\u2066\x1b") & set(Read(drawn).text)
        return [(name, sorted(each)) for name, each in Read(drawn).elements]

    harmless = shape("harmless")
    assert [value for value in HOSTILE if shape(value) != harmless] == []


STATUSES = {
    "": None,
    "pending": "pending",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "failed": "failed",
}


@pytest.mark.parametrize(("status", "said"), STATUSES.items())
def test_every_status_has_its_ticks_and_its_word(status: str, said: str | None) -> None:
    """A reader of the screen hears what the ticks show; why it failed is text."""
    read = Read(bubble(VALID["text"], clock="14:05", status=status, reason="131026"))
    assert [each.get("aria-label") for each in read.classed("ticks")] == ([said] if said else [])
    assert ("131026" in read.text) is (status == "failed")
    assert "14:05" in read.text


def test_live_buttons_and_rows_carry_their_reply() -> None:
    """Exactly what the API would be told, however it looks."""
    title = 'A "quoted" <b>\r\n\u202e'
    pressed = Read(bubble(with_value(BUTTON, "buttons.0.title", title), live=True)).named("button")
    assert pressed == [
        {
            "type": "button",
            "class": "press",
            "data-reply-kind": "button_reply",
            "data-reply-id": "a",
            "data-reply-title": title,
            "data-reply-description": "",
        }
    ]
    rows = Read(bubble(with_value(LIST, "sections.0.rows.0.description", "d"), live=True)).named("button")
    assert rows == [
        {
            "type": "button",
            "class": "press",
            "data-reply-kind": "list_reply",
            "data-reply-id": "a",
            "data-reply-title": "A",
            "data-reply-description": "d",
        }
    ]
    for body in (BUTTON, LIST):
        assert Read(bubble(body)).named("button") == []
        assert len(Read(bubble(body)).classed("press")) == 1


def test_sides_reactions_and_names() -> None:
    """Ours right, the customer's left; a reaction stands on a message of the other side."""

    def side(**more: Any) -> str:
        (article,) = Read(bubble(**more)).named("article")
        return article["class"].split()[1]

    assert side(body=VALID["text"]) == "ours"
    assert side(body=VALID["text"], ours=False) == "theirs"
    assert side(body=VALID["reaction"]) == "theirs"
    assert side(body=VALID["reaction"], ours=False) == "ours"
    assert "<li>👍</li>" in bubble(VALID["reaction"])
    assert "<li>❤️</li><li>👍</li>" in bubble(VALID["text"], reactions=["❤️", "👍"])
    assert 'aria-label="Received: text"' in bubble(VALID["text"], ours=False)
    assert 'class="reactions"' not in bubble({**VALID["reaction"], "reaction_emoji": ""})


EMOJI = ["👍", "👨‍👩‍👧 🇲🇽 ❤️", "👍🏽👍🏽", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🧑🏽‍🚀"]
TEXT = ["", " ", "👍 ok", "1", "👍👍👍👍", "©", "#", "中"]


@pytest.mark.parametrize("content", [*EMOJI, *TEXT])
def test_one_to_three_emoji_alone_are_large(content: str) -> None:
    """As on the phone; any other text keeps its size."""
    (article,) = Read(bubble({"content": content})).named("article")
    assert ("emoji" in article["class"].split()) is (content in EMOJI)


def test_an_unknown_type_is_json() -> None:
    """Nothing is left out of what cannot be drawn."""
    drawn = Read(bubble({"message_type": "poll", "media_id": "7", "x": ["<b>"]}))
    assert drawn.text == '{\n  "message_type": "poll",\n  "media_id": "7",\n  "x": [\n    "<b>"\n  ]\n}'
