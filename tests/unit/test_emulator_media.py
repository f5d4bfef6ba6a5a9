"""Files at the emulator: uploaded by a form, sent by id, kept for a while."""

import random

import httpx
import pytest

from flowrunner.emulator.api.media import KEPT, KINDS
from flowrunner.emulator.api.numbers import NUMBER_ID
from support.emulated import META, T0, Emulator

PNG = b"\x89PNG\r\n\x1a\n"
BASE = "/meta/whatsapp/v24.0"
SAMPLES = {
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/png": PNG,
    "image/webp": b"RIFF\x04\0\0\0WEBPVP8 ",
    "video/mp4": b"\0\0\0\x18ftypisom",
    "video/3gpp": b"\0\0\0\x18ftyp3gp4",
    "audio/mp4": b"\0\0\0\x18ftypM4A ",
    "audio/ogg": b"OggS\0\x02",
    "audio/mpeg": b"ID3\x04",
    "audio/aac": b"\xff\xf1P\x80",
    "audio/amr": b"#!AMR\n",
    "application/pdf": b"%PDF-1.7",
    "application/msword": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": b"PK\x03\x04..xl/workbook.xml",
    "text/plain": "añb".encode(),
}


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


def upload(emulator: Emulator, content: bytes, told: str = "", base: str = META, **fields: str) -> httpx.Response:
    data = {"messaging_product": "whatsapp", **({"type": told} if told else {}), **fields}
    return emulator.ask("POST", f"{base}/media", files={"file": ("a", content)}, data=data)


def picture(upload_id: str, kind: str = "image") -> dict[str, object]:
    return {"type": kind, kind: {"id": upload_id}}


@pytest.mark.parametrize("mime", SAMPLES)
def test_a_file_is_of_the_type_that_its_bytes_say(emulator: Emulator, mime: str) -> None:
    """With a type told that fits, or none."""
    for told in (mime, f"{mime}; codecs=opus", *(() if mime == "application/msword" else ("",))):
        answer = upload(emulator, SAMPLES[mime], told)
        assert answer.status_code == 200, answer.text
        told_of = emulator.ask("GET", f"{BASE}/{answer.json()['id']}?phone_number_id={NUMBER_ID}").json()
        assert (told_of["mime_type"], told_of["file_size"]) == (mime, len(SAMPLES[mime]))


@pytest.mark.parametrize(
    ("content", "told", "number"),
    [
        (b"GIF89a", "", 100),
        (b"\0\1\2", "", 100),
        (b"", "", 100),
        (PNG, "image/jpeg", 131053),
        (b"plain", "image/png", 131053),
        (b"MZ\x90\0", "application/pdf", 100),
    ],
)
def test_what_cannot_be_sent_cannot_be_uploaded(emulator: Emulator, content: bytes, told: str, number: int) -> None:
    """By its bytes, whatever is told of it."""
    answer = upload(emulator, content, told)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, number)


@pytest.mark.parametrize("kind", ["image", "sticker", "video", "audio"])
def test_each_kind_has_its_largest_size(emulator: Emulator, kind: str) -> None:
    """At it and one byte beyond."""
    size, (mime, *_) = KINDS[kind]
    head = SAMPLES[mime]
    assert upload(emulator, head.ljust(size, b"\0")).status_code == 200
    assert upload(emulator, head.ljust(size + 1, b"\0")).json()["error"]["code"] == 131053


def test_what_was_uploaded_is_read_back_byte_for_byte(emulator: Emulator) -> None:
    """Every byte there is, line ends of all sorts too; its address is good for five minutes."""
    content = PNG + bytes(range(256)) + b"\r\n--\n\r" + random.Random(1).randbytes(4096) + b"\r\n"  # noqa: S311
    its = upload(emulator, content).json()["id"]
    told = emulator.ask("GET", f"{BASE}/{its}").json()
    assert emulator.ask("GET", told["url"]).content == content
    assert emulator.ask("GET", f"{BASE}/files/{its}").status_code == 404
    emulator.clock.time = T0 + 301
    assert emulator.ask("GET", told["url"]).status_code == 404


def test_a_form_without_what_it_must_have_is_refused(emulator: Emulator) -> None:
    """The product, the file, a form at all."""
    file = {"file": ("a.png", PNG)}
    for form in (
        {"files": file},
        {"files": {"x": ("a", PNG)}, "data": {"messaging_product": "whatsapp"}},
        {"json": {}},
    ):
        answer = emulator.ask("POST", f"{META}/media", **form)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


def test_a_file_is_sent_by_the_number_that_uploaded_it_for_thirty_days(emulator: Emulator) -> None:
    """Not by another, not as another kind, not once it was deleted; an id of elsewhere passes."""
    its = upload(emulator, PNG).json()["id"]
    assert emulator.say(picture(its)).status_code == 200
    assert emulator.say(picture("1013859600285441")).status_code == 200
    header = {"type": "image", "image": {"id": its}}
    card = {"type": "header", "parameters": [header]}
    template = {"name": "t", "language": {"code": "es"}, "components": [card]}
    other = META.replace(NUMBER_ID, "42")
    assert emulator.say({"type": "template", "template": template}).status_code == 200
    assert emulator.say({"type": "template", "template": template}, base=other).json()["error"]["code"] == 100
    assert emulator.say(picture(its, "video")).json()["error"]["code"] == 131053
    assert emulator.ask("GET", f"{BASE}/{its}?phone_number_id=42").status_code == 404
    emulator.ask("POST", "/_emulator/conversations/c1/window", json={"open": True})
    emulator.clock.time = T0 + KEPT - 1
    emulator.ask("POST", "/_emulator/conversations/c1/window", json={"open": True})
    assert emulator.say(picture(its)).status_code == 200
    emulator.clock.time += 1
    assert emulator.say(picture(its)).json()["error"]["code"] == 100
    fresh = upload(emulator, PNG).json()["id"]
    assert emulator.ask("DELETE", f"{BASE}/{fresh}?phone_number_id={NUMBER_ID}").json() == {"success": True}
    assert emulator.ask("DELETE", f"{BASE}/{fresh}").status_code == 404
    assert emulator.say(picture(fresh)).json()["error"]["code"] == 100
