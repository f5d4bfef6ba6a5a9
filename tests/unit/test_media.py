"""The files that messages are sent with: found beside the flow, known by their bytes, held against the limits."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from flowrunner.dialects import dialect_of
from flowrunner.engine import Prepared
from flowrunner.flow import load_bundle, load_file
from flowrunner.media.checking import look
from flowrunner.media.limits import LIMITS, size
from flowrunner.media.types import type_of
from flowrunner.model import EXAMPLE_RECIPIENT
from flowrunner.model.media import filled, pointed_at, references
from support.media_files import SAMPLES, jpeg, mp4, ogg, png, webp

NOW = "2026-11-26T04:00:00+00:00"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_type_is_told_by_the_bytes(name: str) -> None:
    """Of everything that WhatsApp sends, and of what people try to send besides."""
    content, mime = SAMPLES[name]
    assert type_of(content) == mime


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_cut_breaks_nothing(name: str, tmp_path: Path) -> None:
    """A file may end anywhere."""
    for cut in (1, 3, 9, 30):
        (tmp_path / "f").write_bytes(SAMPLES[name][0][:cut])
        for kind in LIMITS:
            look(tmp_path, "f", kind)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_kind_of_message_takes_its_types_and_no_other(name: str, tmp_path: Path) -> None:
    """What the file is called says nothing; what it should be is said."""
    content, mime = SAMPLES[name]
    (tmp_path / "welcome.jpg").write_bytes(content)
    for kind, limit in LIMITS.items():
        found, problems = look(tmp_path, "./welcome.jpg", kind)
        if mime in limit.types:
            assert (found, problems) == ((sha256(content).hexdigest(), len(content), mime), []), kind
        else:
            assert found is None, kind
            assert [(each.code, each.link) for each in problems] == [("media-type", limit.page)], kind


@pytest.mark.parametrize(
    ("kind", "content", "most"),
    [
        ("image", png(), 5 << 20),
        ("video", mp4(), 16 << 20),
        ("audio", ogg(), 16 << 20),
        ("document", b"%PDF-1.7", 100 << 20),
        ("sticker", webp(moves=True), 500 << 10),
        ("sticker", webp(), 100 << 10),
    ],
)
def test_each_size_at_its_limit_and_a_byte_beyond(kind: str, content: bytes, most: int, tmp_path: Path) -> None:
    """The bytes of Meta's page, counted in 1024s."""
    file = tmp_path / "f"
    for count, codes in ((most, []), (most + 1, ["media-size"])):
        with file.open("wb") as opened:
            opened.write(content)
            opened.truncate(count)
        assert [each.code for each in look(tmp_path, "f", kind)[1] if each.code != "media-encoding"] == codes


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("image", png(depth=16), "16 bits a colour"),
        ("image", png(colours=3), "a palette"),
        ("image", png(colours=0), "grey"),
        ("image", png(end=False), "end is missing"),
        ("image", png(colours=6), ""),
        ("image", jpeg(parts=4), "CMYK"),
        ("image", jpeg(parts=1), "grey"),
        ("image", jpeg(depth=12), "12 bits a colour"),
        ("image", jpeg(end=False), "end is missing"),
        ("video", mp4(("hvc1",)), "H.265"),
        ("video", mp4(("av01",), ()), "AV1"),
        ("video", mp4(sounds=("Opus",)), "Opus"),
        ("video", mp4(sounds=("mp4a", "mp4a")), "2 tracks of sound"),
        ("video", mp4()[:-8], "end"),
        ("video", mp4(sounds=()), ""),
        ("audio", mp4((), ("alac",), brand="M4A "), "Apple Lossless"),
        ("audio", ogg(channels=2), "2 channels"),
        ("sticker", webp(256), "256 x 256"),
    ],
)
def test_what_may_be_refused_is_said_and_does_not_stop(kind: str, content: bytes, said: str, tmp_path: Path) -> None:
    """A warning, with what to do; nothing of a file as it should be."""
    (tmp_path / "f").write_bytes(content)
    found, problems = look(tmp_path, "f", kind)
    assert found is not None
    assert [each.code for each in problems] == (["media-encoding"] if said else [])
    assert all(said in each.message and each.hint for each in problems)


def _disk(tmp_path: Path) -> Path:
    """A repository with two folders, a flow's among them, and a picture outside of it."""
    (tmp_path / "outside.png").write_bytes(png())
    flows = tmp_path / "repository" / "flows"
    for folder in (flows / "folder", flows.parent / "media", flows.parent / ".git"):
        folder.mkdir(parents=True)
    for name in ("flows/Hello.png", "media/hello.png", "flows/with space.png", "flows/ñandú.png"):
        (flows.parent / name).write_bytes(png())
    (flows / "empty.png").touch()
    (flows / "to-media.png").symlink_to("../media/hello.png")
    (flows / "to-outside.png").symlink_to("../../outside.png")
    (flows / "to-nowhere.png").symlink_to("nowhere.png")
    os.mkfifo(flows / "pipe.png")
    return flows


@pytest.mark.parametrize(
    ("written", "code", "said"),
    [
        ("Hello.png", "", ""),
        ("./Hello.png", "", ""),
        ("../media/hello.png", "", ""),
        ("folder/../Hello.png", "", ""),
        ("with space.png", "", ""),
        ("ñandú.png", "", ""),
        ("to-media.png", "", ""),
        ("hello.png", "media-file", "spelt Hello.png"),
        ("../Media/hello.png", "media-file", "spelt media"),
        ("Helo.png", "media-file", "does not exist"),
        ("folder", "media-file", "is a folder"),
        ("empty.png", "media-file", "is empty"),
        ("to-nowhere.png", "media-file", "leads to no file"),
        ("pipe.png", "media-file", "is not a file"),
        ("Hello.png/x", "media-file", "cannot be looked for"),
        ("", "media-file", "blank"),
        (" Hello.png", "media-file", "space"),
        ("Hello.png\n", "media-file", "space"),
        ("/etc/hello.png", "media-file", "not named from the flow's folder"),
        ("~/hello.png", "media-file", "not named from the flow's folder"),
        (r"..\media\hello.png", "media-file", "not a path that every system knows"),
        ("C:hello.png", "media-file", "not a path that every system knows"),
        ("https://cdn.example.com/hello.png", "media-file", "web address"),
        ("../../outside.png", "media-outside", "outside of the repository"),
        ("to-outside.png", "media-outside", "it is a link"),
    ],
)
def test_which_file_is_meant(written: str, code: str, said: str, tmp_path: Path) -> None:
    """A file of the repository, named from the flow's folder, in just these letters."""
    found, problems = look(_disk(tmp_path), written, "image")
    assert (found is not None, [each.code for each in problems]) == (not code, [code] if code else [])
    assert all(said in each.message and each.hint for each in problems)


@pytest.mark.parametrize(
    ("written", "right"),
    [("hello.png", "Hello.png"), ("../Media/hello.png", "../media/hello.png"), ("Helo.png", "Hello.png")],
)
def test_a_name_in_a_hint_is_a_file(written: str, right: str, tmp_path: Path) -> None:
    """Followed to the letter it mends the fault."""
    flows = _disk(tmp_path)
    (problem,) = look(flows, written, "image")[1]
    assert right in problem.hint
    assert look(flows, right, "image")[1] == []


def test_without_a_repository_the_flows_folder_bounds_it(tmp_path: Path) -> None:
    """Nobody could say what else belongs to it."""
    flows = _disk(tmp_path)
    (flows.parent / ".git").rmdir()
    assert [each.code for each in look(flows, "../media/hello.png", "image")[1]] == ["media-outside"]
    assert look(flows, "Hello.png", "image")[1] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """The system's reason is said."""
    (tmp_path / "f.png").write_bytes(png())
    (tmp_path / "f.png").chmod(0)
    (problem,) = look(tmp_path, "f.png", "image")[1]
    assert (problem.code, "ermission" in problem.message) == ("media-file", True)


def test_what_git_lfs_keeps_instead_is_known(tmp_path: Path) -> None:
    """A checkout without the large files."""
    (tmp_path / "f.png").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "utf-8")
    (problem,) = look(tmp_path, "f.png", "image")[1]
    assert (problem.code, problem.hint) == ("media-type", "fetch the file: git lfs pull")


@pytest.mark.parametrize("page", ["<!DOCTYPE html><title>404</title>", "\n<html><body>Sign in</body></html>"])
def test_a_page_that_was_saved_instead_of_the_file_is_known(page: str, tmp_path: Path) -> None:
    """What a download gives of a link that has lapsed; no conversion makes a picture of it."""
    (tmp_path / "f.jpg").write_text(page, "utf-8")
    (problem,) = look(tmp_path, "f.jpg", "image")[1]
    assert problem.message == "f.jpg is a web page (HTML), an image must be JPEG or PNG"
    assert problem.hint == "save the file itself, not the page that shows it or says that there is none"


FLOW = """name: f
steps:
  - message: {message_type: image, media_file: ./hello.png, caption: Hi}
  - message: {message_type: document, media_file: ../f/guide.pdf}
  - message: {message_type: document, media_file: ./guide.pdf, filename: Prices.pdf}
"""


def _flow(folder: Path, text: str = FLOW) -> Path:
    here = folder / "f"
    here.mkdir()
    (folder / ".git").mkdir()
    (here / "hello.png").write_bytes(png())
    (here / "guide.pdf").write_bytes(SAMPLES["pdf"][0])
    (here / "f.yaml").write_text(text, "utf-8")
    return here / "f.yaml"


def test_a_message_refers_to_its_file_by_digest(tmp_path: Path) -> None:
    """In previews, plans and journals alike; a document is called as its file where it has no name of its own."""
    loaded = load_file(_flow(tmp_path))
    rendering, _ = Prepared(loaded, dialect_of("meta")).render(EXAMPLE_RECIPIENT, {}, NOW)
    assert rendering is not None
    picture, pdf = (sha256(each).hexdigest() for each in (png(), SAMPLES["pdf"][0]))
    assert [each.wire for each in rendering.messages] == [
        f'{{"type":"image","image":{{"id":"sha256:{picture}","caption":"Hi"}}}}',
        f'{{"type":"document","document":{{"id":"sha256:{pdf}","filename":"guide.pdf"}}}}',
        f'{{"type":"document","document":{{"id":"sha256:{pdf}","filename":"Prices.pdf"}}}}',
    ]
    wire = rendering.messages[0].wire
    assert references(wire) == {picture}
    assert filled(wire, {picture: "42"}) == '{"type":"image","image":{"id":"42","caption":"Hi"}}'


def test_the_digest_travels_with_the_flow(tmp_path: Path) -> None:
    """Where the file is gone, or another one, what was begun is still known by it; another file is another flow."""
    path = _flow(tmp_path)
    first = load_file(path)
    assert first.flow is not None
    (path.parent / "hello.png").write_bytes(png(9, 9))
    second = load_file(path)
    assert second.flow is not None
    assert second.flow.bundle.digest != first.flow.bundle.digest
    (path.parent / "hello.png").unlink()
    again = load_bundle(first.flow.bundle)
    assert again.flow is not None
    assert again.flow.bundle == first.flow.bundle
    assert again.flow.bundle.media["hello.png"].digest == sha256(png()).hexdigest()
    assert pointed_at(first.flow.bundle.text) is None


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('media_file: "{{ x }}.png"', (3, "expression-not-allowed")),
        ("media_file: ./hello.png, media_id: '4'", (3, "media-source")),
        ("media_file: ./hello.png, media_url: https://e.com/a.png", (3, "media-source")),
        ("media_file: [a]", (3, "wrong-type")),
        ("media_file: null", (3, "wrong-type")),
        ("media_file: ./nosuch.png", (3, "media-file")),
    ],
)
def test_what_a_flow_may_write(line: str, place: tuple[int, str], tmp_path: Path) -> None:
    """One of the three, written out; every problem has its line."""
    path = _flow(tmp_path, f"name: f\nsteps:\n  - message: {{message_type: image, {line}}}\n")
    assert [(each.location.line, each.code) for each in load_file(path).diagnostics if each.is_error] == [place]


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KB"), (348_160, "340 KB"), (5 << 20, "5 MB"), (1 << 30, "1 GB")],
)
def test_a_size_is_said_as_people_do(count: int, said: str) -> None:
    """In 1024s, as Meta counts."""
    assert size(count) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ((5 << 20) + 1, "f.png has 5,242,881 bytes, an image may have at most 5,242,880"),
        (6 << 20, "f.png has 6 MB, an image may have at most 5 MB"),
    ],
)
def test_what_is_a_byte_too_large_is_not_said_to_be_just_as_large_as_may_be(
    count: int, said: str, tmp_path: Path
) -> None:
    """It was told that it has 5 MB, at most 5 MB."""
    with (tmp_path / "f.png").open("wb") as opened:
        opened.write(png())
        opened.truncate(count)
    assert [each.message for each in look(tmp_path, "f.png", "image")[1] if each.code == "media-size"] == [said]


def test_a_link_that_leads_in_a_circle_leads_to_no_file(tmp_path: Path) -> None:
    """It ended in a traceback where Python is older than 3.13."""
    (tmp_path / "a.png").symlink_to("b.png")
    (tmp_path / "b.png").symlink_to("a.png")
    [problem] = look(tmp_path, "a.png", "image")[1]
    assert (problem.code, problem.message) == ("media-file", "a.png is a link that leads to no file")
