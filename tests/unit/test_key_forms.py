"""The key in every form that a server may repeat it in."""

import base64
import html
import json
import random
import re
import string
import time
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.client import key_forms
from flowrunner.client.access import Key
from flowrunner.client.answers import read
from support.slices import some

KEY = "kp_live/0123456789+abc==&\"'<"


def percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


Form = Callable[[str], str]
FORMS: dict[str, Form] = {
    "plain": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "hex": lambda key: key.encode().hex(),
    "HEX": lambda key: key.encode().hex().upper(),
    "hex with colons": lambda key: key.encode().hex(":"),
    "hex with spaces": lambda key: key.encode().hex(" "),
    "hex with 0x": lambda key: ", ".join(f"0x{byte:02x}" for byte in key.encode()),
    "hex as C writes it": lambda key: "".join(f"\\x{byte:02X}" for byte in key.encode()),
    "base64": encoded,
    "base64 without padding": lambda key: encoded(key).rstrip("="),
    "base64 for a URL": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    "base64 in a URL": lambda key: urllib.parse.quote(encoded(key), safe=""),
    "base64 after one byte": lambda key: encoded("u" + key),
    "base64 after two bytes": lambda key: encoded("u:" + key),
    "base64 in the middle": lambda key: encoded(f"user:{key}:x"),
    "percent": urllib.parse.quote,
    "percent throughout": lambda key: urllib.parse.quote(key, safe=""),
    "percent of each byte": percent,
    "percent in lower case": lambda key: percent(key).lower(),
    "percent twice": lambda key: urllib.parse.quote(urllib.parse.quote(key, safe=""), safe=""),
    "percent of each byte thrice": lambda key: urllib.parse.quote(urllib.parse.quote(percent(key))),
    "a form's plus": urllib.parse.quote_plus,
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON twice": lambda key: json.dumps(json.dumps(key))[1:-1],
    "JSON with its slashes escaped": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "JSON of each character": lambda key: "".join(f"\\u{ord(sign):04x}" for sign in key),
    "JSON of each character, twice": lambda key: "".join(f"\\\\u{ord(sign):04X}" for sign in key),
    "HTML": html.escape,
    "HTML twice": lambda key: html.escape(html.escape(key)),
    "HTML by decimal numbers": lambda key: "".join(f"&#{ord(sign)};" for sign in key),
    "HTML by hexadecimal numbers": lambda key: "".join(f"&#x{ord(sign):04X};" for sign in key),
    "HTML in JSON, as Rails writes it": lambda key: "".join(f"\\u0026#x{ord(sign):X};" for sign in key),
    "percent in JSON": lambda key: percent(key).replace("%", "\\u0025"),
    "Python": lambda key: repr(key)[1:-1],
}
KEYS = [KEY, "k-5e8fQ/1+planted=secret", "aB3" * 15, "12345670", "sk_test~a.b-c", "\\back\\slash\\", "%41%42%43%44"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_form_is_masked(form: Form, key: str) -> None:
    """What is left says nothing of the key but, by base64, a few bits of its ends."""
    left = Key(key).scrub(f"before >{form(key)}< after")
    assert re.fullmatch(r"before >.{0,8}(0x|\\x)?\*\*\*.{0,8}< after", left), left


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_each_form_is_masked_in_the_head_of_an_answer(form: Form, key: str) -> None:
    """In a name and in a value, whatever stands in the next header; what has nothing of it is left as it is."""
    said, scrub = form(key), Key(key).scrub
    headers = {"X-Before": "0", "X-Said": said, "x-after": "x", said: "x-name", "X": "0"}
    answer = read(200, [(name.encode(), value.encode()) for name, value in headers.items()], b"", scrub)
    assert answer.headers == {scrub(name).lower(): scrub(value) for name, value in headers.items()}
    assert scrub(said) != said


@settings(max_examples=some(300), deadline=None)
@given(st.text(string.ascii_letters + string.digits + "+/=_-.&%'\"<>\\~", min_size=8, max_size=64), st.randoms())
def test_any_key_is_masked_in_a_mixture_of_escapes(key: str, chance: random.Random) -> None:
    """Each character in an escape of its own."""
    ways: list[Form] = [str, percent, FORMS["JSON of each character"], FORMS["HTML by decimal numbers"], str.swapcase]
    mixed = "".join(chance.choice(ways)(sign) for sign in key)
    assert Key(key).scrub(f"<{mixed}>") == "<***>"


@settings(max_examples=some(200), deadline=None)
@given(st.text(max_size=400))
def test_other_texts_are_left_as_they_are(text: str) -> None:
    """Nothing is masked that is not the key."""
    assert Key(KEY).scrub(text) == text


@settings(max_examples=some(400), deadline=None)
@given(st.sampled_from(KEYS), st.data())
def test_what_the_first_look_passes_over_has_no_form_of_the_key(key: str, data: st.DataObject) -> None:
    """Whatever an answer is made of, as much is masked as if it had been searched for all forms to their ends."""
    written = [form(key) for form in FORMS.values()]
    part = st.sampled_from(written).flatmap(
        lambda text: st.slices(len(text)).map(lambda cut: text[cut.start : cut.stop])
    )
    other = st.sampled_from(["%", "%25", "&", "&amp;", "\\", "\\u00", "\\ud83c\\udf89", "&#0", " ", ":", "0x", "="])
    text = "".join(data.draw(st.lists(part | other | st.sampled_from(written), max_size=12)))
    found = text
    for each in key_forms.patterns(key):
        found = re.sub(each, "***", found)
    assert key_forms.Forms(key).replaced(text, "***") == found


def test_an_answer_without_the_key_is_searched_for_its_beginnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nearly each answer has an escape in it: a line break, an emoji, a link. To make whole patterns takes 10 ms."""
    key, made, compiled = "aB3" * 15, [], re.compile
    monkeypatch.setattr(re, "compile", lambda pattern: made.append(pattern) or compiled(pattern))
    forms, whole = key_forms.Forms(key), set(key_forms.patterns(key))
    for text in (r'{"content": "Hola\nAna \ud83c\udf89"}', r'{"media_url": "https://x.example?a=1\u0026b=2&c=%20"}'):
        assert forms.replaced(text, "***") == text
    assert whole.isdisjoint(made)
    assert forms.replaced(f"\\{key}", "***") == "***"
    assert whole.issubset(made)


def test_a_page_of_messages_is_searched_in_no_time() -> None:
    """A pattern that goes back and forth would stop the event loop for hours; this one takes a second at most."""
    key = Key("aB3" * 15)
    pieces = ["%", "%25", "25", "&amp;", "amp;", "\\", "&#0", "0", "6142", "61 42 ", "61\\", "a", "YUIz"]
    for piece in ("aB3" * 14 + "a", *pieces):
        text = piece * (200_000 // len(piece))
        begun = time.process_time()
        key.scrub(f"&%\\{text}")
        assert time.process_time() - begun < 5, piece
