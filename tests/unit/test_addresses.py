"""Web addresses: what is wrong with one, how it is put right, and what keeps WhatsApp from fetching a file."""

# ruff: noqa: E501  # a table's row is read as one line

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from flowrunner.spec import KINDS, check_message, message_schema
from support.message_cases import ADDRESSES, NO_ADDRESSES

FILE = "https://cdn.example.com/a.jpg"


def image(url: str) -> dict[str, Any]:
    return {"message_type": "image", "media_url": url}


def card(url: str) -> dict[str, Any]:
    return {"message_type": "contacts", "contacts": [{"first_name": "A", "urls": [{"url": url}]}]}


def addresses(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "address" in schema.get("x-remedy", ""):
            yield schema
        for below in schema.values():
            yield from addresses(below)
    for below in schema if isinstance(schema, list) else ():
        yield from addresses(below)


def test_every_field_of_an_address_has_the_same_rule() -> None:
    """All kinds of media, headers and links, the card of a contact."""
    fields = [each for kind in KINDS for each in addresses(message_schema(kind))]
    assert len(fields) == 12
    assert len({json.dumps([each["pattern"], each["not"]]) for each in fields}) == 1


def test_what_is_no_address_is_none_for_an_input_either() -> None:
    """An input with `format: uri` refuses all that a message refuses, but for what only a host cannot have."""
    is_uri = jsonschema_rs.Draft202012Validator({"format": "uri"}, validate_formats=True).is_valid
    taken = [text for text in NO_ADDRESSES if is_uri(text) and text[:4] == "http" and text[:8] == "https://"]
    hosts = (
        "https://",
        "https:///a",
        "https://?a",
        "https://#a",
        "https://:80/a",
        "https://.org/a",
        "https://e..org/a",
        "https://u@/a",
    )
    odd = (
        "https://e.org:65536/a",
        "https://e.org:99999/a",
        "https://e.org:0/a",
        "https://e%20f.org/a",
        "https://e,f.org/a",
        f"https://{'a' * 64}.org/a",
    )
    assert set(taken) <= {*hosts, *odd}


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("https://cdn.example.com/a b.jpg", "write %20 for each space: https://cdn.example.com/a%20b.jpg"),
        (" " + FILE, "remove the white space before or after it"),
        (FILE + " ", "remove the white space before or after it"),
        (FILE + "\n", "remove the line break at the end: write |- for |, or >- for >"),
        ("https://cdn.example.com\\a\\b.jpg", "write / for each \\: https://cdn.example.com/a/b.jpg"),
        ("www.example.com/a.jpg", "write https://www.example.com/a.jpg"),
        ("cdn.example.com:8080/a.jpg", "write https://cdn.example.com:8080/a.jpg"),
        ("https://cdn.example.com/ a.jpg", "write it on one line, with no space: https://cdn.example.com/a.jpg"),
        ("//cdn.example.com/a.jpg", "write https://cdn.example.com/a.jpg"),
        ("https://cdn.example.com/<id>.jpg", "write the real value in place of what is in brackets"),
        ("https://cdn.example.com/{id}.jpg", "write the real value in place of what is in brackets"),
        ("https://cdn.example.com:99999/a.jpg", "write a port from 1 to 65535, or none"),
        ("https://cdn.example.com:0/a.jpg", "write a port from 1 to 65535, or none"),
        ("https:///a.jpg", "write the name of the server after ://, and no spaces or quotes"),
        ("https://cdn example.com/a.jpg", "write the name of the server after ://, and no spaces or quotes"),
        ("ftp://cdn.example.com/a.jpg", "write an address that starts with https://"),
        ("s3://bucket/a.jpg", "write an address that starts with https://"),
        ("htps://cdn.example.com/a.jpg", "write an address that starts with https://"),
        ("data:image/png;base64,AAAA", "write an address that starts with https://"),
        ("welcome", "write the whole address, starting with https://"),
        *[(around[0] + FILE + around[1], f"write it without what is around it: {FILE}") for around in ("“”", '""', "''", "<>", "()")],
        (f"[a picture]({FILE})", f"write the address alone: {FILE}"),
        (f"{FILE} , {FILE}", "write one address; another file is a message of its own"),
        ("\u200b" + FILE, "remove the invisible character U+200B"),
        ("https://cdn.example.com:80a/a.jpg", "write a port from 1 to 65535, or none"),
        *[(text, "put the file on a web server and write its address, or upload it and write media_id") for text in (
            "./pic.jpg", "../pic.jpg", "pic.jpg", "C:\\pictures\\pic.jpg", "C:/pictures/pic.jpg", "file:///home/ana/pic.jpg", "/home/ana/pic.jpg",
            "~/pic.jpg", "\\\\server\\share\\pic.jpg", ".\\pic.jpg", "my pic.jpg",
        )],
    ],
)  # fmt: skip
def test_what_is_no_address_is_put_right_by_its_hint(url: str, hint: str) -> None:
    """One error; what the hint shows as an address is one."""
    [problem] = check_message(image(url))
    assert (problem.code, problem.severity, problem.route) == ("bad-format", "error", ("media_url",))
    assert problem.hint == hint
    if ("https://" in hint and ": " in hint) or hint.startswith("write https://"):
        assert [each for each in check_message(image(hint.rsplit(maxsplit=1)[-1])) if each.severity == "error"] == []


def test_a_file_of_a_header_goes_to_the_id_of_a_header() -> None:
    """The id that is named beside an address is that of the same file."""
    body = {"message_type": "interactive", "interactive_type": "cta_url", "body_text": "x", "display_text": "y"}
    header = {"url": "https://example.com", "header_type": "image", "header_media_url": "./pic.jpg"}
    [problem] = check_message({**body, **header})
    assert problem.hint == "put the file on a web server and write its address, or upload it and write header_media_id"


def test_an_uploaded_document_without_a_name_is_a_warning() -> None:
    """In a header, too, and at its id."""
    template = {"message_type": "template", "template_name": "a", "template_language": "es"}
    button = {"message_type": "interactive", "interactive_type": "button", "body_text": "x"}
    link = {**button, "interactive_type": "cta_url", "display_text": "y", "url": "https://example.com"}
    for body in (template, {**button, "buttons": [{"id": "a", "title": "A"}]}, link):
        document = {**body, "header_type": "document", "header_media_id": "1"}
        [problem] = check_message(document)
        assert (problem.code, problem.route) == ("no-file-name", ("header_media_id",))
        assert check_message({**document, "header_filename": "a.pdf"}) == []
        assert check_message({**document, "header_type": "image"}) == []


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("example.com", "write https://example.com"),
        ("www.example.com/a b", "write the whole address, starting with https://"),
        ("tel:+34", "write the whole address, starting with https://"),
    ],
)
def test_a_card_knows_addresses_too(url: str, hint: str) -> None:
    """There is no file to put on a server."""
    [problem] = check_message(card(url))
    assert (problem.code, problem.hint) == ("bad-format", hint)


ITSELF = "use an address that gives the file itself, not a page that shows it"
REACHED = "put the file on a server that the internet reaches"
WARNED = [
    *[(url, "local-address", REACHED) for url in (
        "https://localhost/a.jpg", "https://LOCALHOST:8000/a.jpg", "https://cdn.localhost/a.jpg", "https://127.0.0.1/a.jpg", "https://10.0.0.1/a.jpg",
        "https://172.16.0.1/a.jpg", "https://192.168.0.1/a.jpg", "https://169.254.1.1/a.jpg", "https://[::1]/a.jpg", "https://[fd00::1]:80/a.jpg",
        "https://0.0.0.0/a.jpg", "https://nas.local/a.jpg", "https://files.corp/a.jpg", "https://wiki.internal/a.jpg", "https://cdn/a.jpg", "https://cdn./a.jpg",
    )],
    ("https://drive.google.com/file/d/1Ab_C-d/view", "page-not-file", "write https://drive.google.com/uc?export=download&id=1Ab_C-d"),
    ("https://drive.google.com/file/d/1Ab/view?usp=sharing", "page-not-file", "write https://drive.google.com/uc?export=download&id=1Ab"),
    ("https://drive.google.com/file/d/1Ab/preview", "page-not-file", "write https://drive.google.com/uc?export=download&id=1Ab"),
    ("https://drive.google.com/open?id=1Ab", "page-not-file", "write https://drive.google.com/uc?export=download&id=1Ab"),
    ("https://drive.google.com/drive/folders/1Ab", "page-not-file", ITSELF),
    ("https://docs.google.com/document/d/1Ab/edit", "page-not-file", "write https://docs.google.com/document/d/1Ab/export?format=pdf"),
    ("https://docs.google.com/spreadsheets/d/1Ab/edit?gid=0", "page-not-file", "write https://docs.google.com/spreadsheets/d/1Ab/export?format=pdf"),
    ("https://www.dropbox.com/s/1/a.jpg?dl=0", "page-not-file", "write dl=1 for dl=0"),
    ("https://www.dropbox.com/scl/fi/1/a.jpg?rlkey=2&dl=0", "page-not-file", "write dl=1 for dl=0"),
    ("https://www.dropbox.com/s/1/a.jpg", "page-not-file", "write dl=1 at its end, after ? or &"),
    ("https://1drv.ms/i/s!Ab", "page-not-file", ITSELF),
    ("https://onedrive.live.com/?id=1", "page-not-file", "write &download=1 at its end"),
    ("https://acme.sharepoint.com/:i:/s/a/b", "page-not-file", "write ?download=1 at its end"),
    ("https://github.com/a/b/blob/main/c.jpg", "page-not-file", "write /raw/ for /blob/"),
    *[(url, "page-not-file", ITSELF) for url in (
        "https://www.youtube.com/watch?v=1", "https://youtu.be/1", "https://m.youtube.com/shorts/1", "https://vimeo.com/1", "https://player.vimeo.com/video/1",
        "https://www.tiktok.com/@a/video/1", "https://vm.tiktok.com/1/", "https://www.instagram.com/p/1/", "https://www.facebook.com/a/videos/1", "https://fb.watch/1",
        "https://x.com/a/status/1", "https://twitter.com/a/status/1", "https://photos.app.goo.gl/1", "https://www.icloud.com/iclouddrive/1", "https://we.tl/t-1",
        "https://www.loom.com/share/1", "HTTPS://WWW.YouTube.com/watch?v=1",
    )],
    ("https://user:secret@cdn.example.com/a.jpg", "unusual-address", "use an address that needs no login"),
    ("https://cdn.example.com/#/photos/1", "unusual-address", ITSELF),
    ("https://cdn.example.com/#!photos", "unusual-address", ITSELF),
    ("https://cdn.example.com/menú.jpg", "unusual-address", "write %C3%BA for ú"),
    ("https://cdn.example.com/a[1].jpg", "unusual-address", "write %5B for ["),
    ("https://cdn.example.com/a|b.jpg", "unusual-address", "write %7C for |"),
    ("https://cdn.example.com/👍.jpg", "unusual-address", "write %F0%9F%91%8D for 👍"),
    ("https://https://cdn.example.com/a.jpg", "unusual-address", "write https:// for https://https://"),
    ("https://HTTP://cdn.example.com/a.jpg", "unusual-address", "write HTTP:// for https://HTTP://"),
    ("https://cdn.example.com/gallery.html", "media-extension", ".jpg, .jpeg or .png"),
]  # fmt: skip


WARNED += [
    *((url, "page-not-file", "use an address that gives the file itself, not a page that shows it") for url in (
        "https://imgur.com/a/x", "https://ibb.co/x", "https://unsplash.com/photos/x", "https://www.flickr.com/photos/a/1",
        "https://giphy.com/gifs/x", "https://wa.me/5215512345678", "https://t.me/c/1", "https://maps.app.goo.gl/x",
    )),
    ("https://git.example.com/u/r/-/blob/main/a.jpg", "page-not-file", "write /-/raw/ for /-/blob/"),
    ("https://cdn.example.com/a\u200b.jpg", "unusual-address", "remove it"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "code", "hint"), WARNED)
def test_what_whatsapp_may_not_fetch_is_a_warning(url: str, code: str, hint: str) -> None:
    """In a message and in a template's header alike; a card's address is for people, who may see a page."""
    header = {"message_type": "template", "template_name": "a", "template_language": "es", "header_type": "image"}
    for body in (image(url), {**header, "header_params": url}):
        [problem] = check_message(body)
        assert (problem.code, problem.severity) == (code, "warning")
        assert hint in problem.hint
    assert [each.code for each in check_message(card(url))] == (
        ["unusual-address"] if code == "unusual-address" else []
    )


@pytest.mark.parametrize(
    "url",
    [
        FILE, "https://drive.google.com/uc?export=download&id=1", "https://www.dropbox.com/s/1/a.jpg?dl=1", "https://www.dropbox.com/s/1/a.jpg?raw=1",
        "https://dl.dropboxusercontent.com/s/1/a.jpg", "https://docs.google.com/document/d/1/export?format=pdf", "https://acme.sharepoint.com/a?download=1",
        "https://raw.githubusercontent.com/a/b/main/c.jpg", "https://scontent.cdninstagram.com/v/a.jpg", "https://pbs.twimg.com/media/1.jpg", "https://i.ytimg.com/vi/1/0.jpg",
        "https://example.com/youtube", "https://notyoutube.com/1", "https://cdn.example.com/a.jpg#top", "https://8.8.8.8/a.jpg", "https://[2606:4700::1111]/a.jpg",
        "https://xn--and-6ma2c.example/a.jpg", "https://ñandú.example/a.jpg", "https://cdn.example.com/a%20b.jpg?x=(1)&y='2'", "https://local.example.com/a.jpg",
        "https://i.imgur.com/a.jpg", "https://images.unsplash.com/photo-1?w=800", "https://images.pexels.com/photos/1/a.jpeg", "https://live.staticflickr.com/1/2.jpg",
        "https://media.giphy.com/media/1/giphy", "https://cdn.example.com/get.php?id=1", "https://cdn.example.com/photo.ASPX", "https://gitlab.com/u/r/-/raw/main/a.jpg",
    ],
)  # fmt: skip
def test_what_whatsapp_can_fetch_is_left_alone(url: str) -> None:
    """A file on a site that has pages is a file."""
    assert check_message(image(url)) == []


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        ("\ufffc", []),
        ("https://\ufffc/a b.jpg", ["bad-format"]),
        ("https://cdn.example.com/\ufffc.jpg\n", ["bad-format"]),
        ("https://cdn.example.com/<\ufffc>", ["bad-format"]),
        ("https://youtu.be/\ufffc", ["page-not-file"]),
        ("https://drive.google.com/file/d/\ufffc/view", ["page-not-file"]),
        ("https://localhost/\ufffc", ["local-address"]),
        ("https://\ufffc.example.com/a.jpg", []),
        ("https://cdn.example.com\ufffc", []),
        ("http://\ufffc", ["plain-http"]),
        ("https://cdn.example.com/\ufffc", []),
    ],
)
def test_what_is_certain_is_said_before_values_are_known(url: str, codes: list[str]) -> None:
    """The rest is said when they are."""
    assert [each.code for each in check_message(image(url), [("media_url",)])] == codes
    assert all("\ufffc" not in each.hint + each.message for each in check_message(image(url), [("media_url",)]))


def test_no_address_takes_long() -> None:
    """A pattern that goes back and forth would hang here."""
    for url in (
        "https://" + "a." * 50_000,
        "https://" + "@" * 50_000,
        "https://" + "a" * 100_000 + "@",
        FILE + "[" * 50_000,
        "https://youtu.be/" + "/" * 90_000,
    ):
        check_message(image(url))


@pytest.mark.parametrize("url", ADDRESSES)
def test_every_address_passes(url: str) -> None:
    """Perhaps with a warning."""
    assert [each.code for each in check_message(image(url)) if each.severity == "error"] == []
