"""The preview's page in a real browser: every message type, by hand and by keyboard, on every screen."""

import re
import struct
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from flowrunner.model import Message
from flowrunner.views.html.preview import as_html, as_picture
from flowrunner.views.preview import Preview
from support.browser import PHONE, WIDE, Watched, Windows, axe
from support.media_files import png
from support.previewed import every_type, message, nasty, pause, sheet
from support.program import flow, flowrunner, start

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


Show = Callable[..., Watched]

USUAL = [sheet(every_type())]
HOSTILE = [sheet(nasty(), text="</script><script>alert(1)</script>\u202e" + "x" * 2000, label="\u202e<b>" + "x" * 500)]
SEVERAL = [sheet([message(1, {"content": f"Hola {n}"})], label=f"{n}: +52155123456{n}") for n in (1, 2, 3)]


@pytest.fixture
def show(show_page: Callable[..., Watched]) -> Show:
    """Open a preview's page."""

    def show(sheets: list[Preview], draw: Callable[..., str] = as_html, **context: Any) -> Watched:
        return show_page(draw(sheets, title=sheets[0].label), **context)

    return show


@pytest.mark.parametrize(("count", "scale"), [(1, 2), (60, 1)])
def test_a_picture_is_as_tall_as_the_conversation(tmp_path: Path, browser: Windows, count: int, scale: int) -> None:
    """Two pixels to each, one where it is very long; to the last bubble, and no profile is left behind."""
    steps = [f'{{message: "{"long " * 60 if number else "short"} {number}"}}' for number in range(count)]
    file = flow(tmp_path / "hello.yaml", steps)
    with TemporaryDirectory() as short:  # Chromium makes a socket in it, whose name may have 107 letters
        done = flowrunner("preview", file, "--format", "png", "--output", "a.png", cwd=tmp_path, TMPDIR=short)
        assert not [*Path(short).glob("flowrunner-*")]
    assert done.returncode == 0, done.stderr
    with browser.watched(viewport={"width": 560, "height": 400}) as shown:
        shown.open(tmp_path / "a.png")
        size = shown.page.evaluate("[document.images[0].naturalWidth, document.images[0].naturalHeight]")
        assert size[0] == 560 * scale
        # The wall stands around the conversation, and nothing but it below the last bubble.
        corner = """() => {
          const canvas = document.createElement("canvas");
          const [image] = document.images;
          [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
          const pen = canvas.getContext("2d");
          pen.drawImage(image, 0, 0);
          const row = (y) => new Set([...Array(canvas.width / 10).keys()].map((x) =>
            pen.getImageData(x * 10, canvas.height - y, 1, 1).data.join()));
          return [row(2), row(REST)].map((colours) => [...colours]);
        }""".replace("REST", str(35 * scale))
        last, above = shown.page.evaluate(corner)
        assert last == ["239,234,226,255"]
        assert len(above) > 1, "no bubble near the end"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.png", "hello.yaml"]


def test_the_first_message_of_a_row_has_a_tail_and_the_rest_none(show: Show) -> None:
    """A pause or a day between them begins another row."""
    bodies: list[Any] = [{"content": "one"}, {"content": "two"}, 5.0, {"content": "three"}, {"content": "four"}]
    actions = [pause(n, each) if isinstance(each, float) else message(n, each) for n, each in enumerate(bodies, 1)]
    shown = show([sheet(actions)])
    tails = """[...document.querySelectorAll(".message")].map(
      (each) => getComputedStyle(each, "::after").content !== "none")"""
    assert shown.page.evaluate(tails) == [True, False, True, False]


def test_where_a_file_comes_from_stands_below_its_bubble(show: Show) -> None:
    """The customer does not see the address."""
    address = "https://cdn.example.com/a/picture.jpg"
    image = {"message_type": "image", "media_url": address, "caption": "Look"}
    header = {"header_type": "image", "header_params": address}
    template = {"message_type": "template", "template_name": "a", "template_language": "en", **header}
    shown = show([sheet([message(1, image), message(2, template)])])
    for number in range(2):
        drawn = shown.page.locator(".message").nth(number)
        source = drawn.locator("> .source")
        assert source.inner_text() == address
        bubble, below = drawn.locator(".bubble").bounding_box(), source.bounding_box()
        assert bubble is not None
        assert below is not None
        assert below["y"] >= bubble["y"] + bubble["height"]
        assert address not in drawn.locator(".bubble").inner_text()


def unfold(page: "Page") -> None:
    """Open all that can be opened."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


def beside(page: "Page", width: int) -> list[str]:
    """What is drawn beside the screen, or beside the bubble it belongs to.

    A letter with 180 marks on it cannot be folded, so it is cut off at the bubble's edge. A carousel's cards stand one
    beside the other, and are swiped through within its edges: what is in a card must not stand beside the card.
    """
    found: list[str] = page.evaluate(
        """width => [...document.querySelectorAll("body *")].filter((each) => {
          const box = each.getBoundingClientRect();
          const bubble = each.parentElement.closest(".card, .bubble");
          if (each.matches(".card")) return false;
          const around = bubble ? bubble.getBoundingClientRect() : { left: 0, right: width };
          if (!box.width || each.closest("svg *") || each.textContent.includes("\u0489")) return false;
          return box.right > around.right + 1 || box.left < around.left - 1;
        }).map((each) => each.outerHTML.slice(0, 200))""",
        width,
    )
    return found


@pytest.mark.parametrize("sheets", [USUAL, HOSTILE, SEVERAL], ids=["usual", "hostile", "several"])
@pytest.mark.parametrize("size", [WIDE, {"width": 840, "height": 700}, PHONE], ids=str)
def test_it_fits_every_screen_and_asks_for_nothing(show: Show, sheets: list[Preview], size: dict[str, int]) -> None:
    """No error, no request, no dialog, nothing beside the screen or a bubble, also with everything open."""
    shown = show(sheets, viewport=size)
    unfold(shown.page)
    assert shown.said == []
    assert shown.asked == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert beside(shown.page, size["width"]) == []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("sheets", [USUAL, SEVERAL], ids=["usual", "several"])
def test_axe_finds_no_fault(show: Show, sheets: list[Preview], size: dict[str, int]) -> None:
    """Contrast, names, structure: light and dark, wide and narrow, everything open."""
    rules = axe()
    shown = show(sheets, viewport=size)
    unfold(shown.page)
    assert shown.violations(rules) == []


def test_every_message_is_drawn_in_order(show: Show) -> None:
    """A bubble for each, none empty, those to the customer at the right, names for a reader of the screen."""
    page = show(USUAL).page
    bubbles = page.locator(".step:not(.out) .bubble")
    actions = USUAL[0].rendering.actions
    assert bubbles.count() == sum(isinstance(each, Message) for each in actions)
    names = page.locator(".step:not(.out) article").evaluate_all("all => all.map((each) => each.ariaLabel)")
    assert names == [
        f"Step {each.step.label}: {each.body.get('message_type', 'text')}"
        for each in actions
        if isinstance(each, Message)
    ]
    boxes = [bubbles.nth(at).bounding_box() for at in range(bubbles.count())]
    assert all(box and box["height"] > 25 for box in boxes)
    assert [box["y"] for box in boxes if box] == sorted(box["y"] for box in boxes if box)
    chat = page.locator(".chat").bounding_box()
    middle = chat["x"] + chat["width"] / 2
    sides = page.locator(".step:not(.out) article:not(.is-reaction) .bubble").evaluate_all(
        "(all, middle) => all.map((each) => each.getBoundingClientRect())"
        ".map((box) => box.right - middle > middle - box.left)",
        middle,
    )
    assert all(sides)
    sizes = page.locator(".is-text .bubble p[dir]").evaluate_all(
        "all => all.map((each) => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert max(sizes) > 2 * min(sizes)


def test_a_list_opens_by_keyboard_and_by_hand(show: Show) -> None:
    """Its rows are hidden until then."""
    page = show(USUAL).page
    row = page.locator(".rows .press").first
    assert not row.is_visible()
    label = page.locator(".sheet summary").first
    label.focus()
    page.keyboard.press("Enter")
    assert row.is_visible()
    label.click()
    assert not row.is_visible()


def test_the_json_is_shown_by_keyboard_and_by_a_click_on_the_bubble(show: Show) -> None:
    """The text that is sent; a click on a link or on the list's button is not one for the JSON."""
    page = show(USUAL).page
    first = page.locator(".step").first
    first.locator(".json summary").focus()
    page.keyboard.press("Enter")
    assert first.locator(".wire").is_visible()
    assert first.locator(".wire").text_content() == USUAL[0].rendering.messages[0].wire
    first.locator(".bubble em").click()
    assert not first.locator(".wire").is_visible()
    page.locator(".sheet summary").first.click()
    assert page.locator(".json[open]").count() == 0


def test_the_json_of_hostile_messages_is_what_is_sent(show: Show) -> None:
    """Character for character as the browser has it, and nothing of it turns the line around."""
    page = show(HOSTILE).page
    assert page.locator(".wire").all_text_contents() == [each.wire for each in HOSTILE[0].rendering.messages]
    bare = page.evaluate(
        "[...document.querySelectorAll('body *:not(.steers > span)')].flatMap((each) => [...each.childNodes])"
        ".filter((node) => node.nodeType === 3 && /[\\u202a-\\u202e\\u2066-\\u2069]/.test(node.data)).length"
    )
    assert bare == 0


def test_recipients_are_tabs_by_keyboard(show: Show) -> None:
    """The pattern of ARIA: one stop of Tab, arrows go around, Home and End to the ends."""
    page = show(SEVERAL).page

    def state() -> tuple[str, list[str]]:
        focused: str = page.evaluate("document.activeElement.textContent")
        return focused, page.locator("[role=tabpanel]:visible h2").all_text_contents()

    labels = [each.label for each in SEVERAL]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "tab"
    for key, at in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowRight", 0), ("ArrowLeft", 2), ("Home", 0), ("End", 2)]:
        page.keyboard.press(key)
        assert state() == (labels[at], [labels[at]])
    assert page.locator("[aria-selected=true]").all_text_contents() == [labels[2]]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.reload()
    assert page.locator("[role=tabpanel]:visible h2").all_text_contents() == [labels[2]]


def test_every_focus_can_be_seen(show: Show) -> None:
    """Tab stops at each list, link and JSON in turn, with an outline."""
    page = show(USUAL).page
    stops = page.locator("summary, a").count()
    seen = 0
    for _ in range(stops):
        page.keyboard.press("Tab")
        seen += page.evaluate(
            "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
            " && document.activeElement.matches('summary, a')"
        )
    assert seen == stops


def test_without_script_everything_is_there(show: Show) -> None:
    """All recipients one under the other, their links lead to them, lists and JSON open."""
    page = show(SEVERAL, java_script_enabled=False).page
    assert page.locator("h2").all_text_contents() == [each.label for each in SEVERAL]
    assert all(page.locator("h2").nth(at).is_visible() for at in range(3))
    page.locator(".tabs a").nth(2).click()
    assert page.url.endswith("#recipient-3")
    page.locator(".json summary").first.click()
    assert page.locator(".wire").first.is_visible()


def test_light_and_dark_differ_and_paper_is_white(show: Show) -> None:
    """The page follows the reader's choice while it is open; on paper all recipients stand one after the other."""
    page = show(SEVERAL, color_scheme="light").page
    background = "getComputedStyle(document.querySelector('.bubble')).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) != light
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(background) == light
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert all(page.locator(".bubble").nth(at).is_visible() for at in range(3))
    assert not page.locator(".tabs").is_visible()
    assert not page.locator(".json").first.is_visible()


def test_a_picture_of_pictures_is_as_tall_as_they_are(tmp_path: Path, browser: Windows) -> None:
    """Each is shown, within its bubble; the last message is in it."""
    (tmp_path / "wide.png").write_bytes(png(640, 400))
    steps = [
        f'{{message: {{message_type: image, media_file: ./wide.png, caption: "{number}"}}}}' for number in range(4)
    ]
    file = flow(tmp_path / "hello.yaml", steps)
    with TemporaryDirectory() as short:
        done = flowrunner("preview", file, "--format", "png", "--output", "a.png", cwd=tmp_path, TMPDIR=short)
    assert done.returncode == 0, done.stderr
    width, height = struct.unpack(">II", (tmp_path / "a.png").read_bytes()[16:24])
    assert width == 1120
    assert height > 4 * 2 * 200
    assert flowrunner("preview", file, "--format", "html", "--output", "a.html", cwd=tmp_path).returncode == 0
    with browser.watched(viewport={"width": 360, "height": 800}) as shown:
        shown.open(tmp_path / "a.html")
        sizes = shown.page.evaluate(
            "[...document.querySelectorAll('.bubble img')].map(each => [each.naturalWidth, each.clientWidth,"
            " each.closest('.bubble').clientWidth])"
        )
    assert len(sizes) == 4
    assert all(natural == 640 and 100 < shown <= bubble for natural, shown, bubble in sizes)


@pytest.mark.parametrize("draw", [as_html, as_picture])
def test_a_list_is_open_where_nobody_can_open_it(show: Show, draw: Callable[..., str]) -> None:
    """On paper and in a picture its rows are seen."""
    page = show(USUAL, draw=draw).page
    row = page.locator(".rows .press").first
    if draw is as_html:
        assert not row.is_visible()
        page.emulate_media(media="print")
    assert row.is_visible()
    assert page.evaluate("document.querySelector('.rows').getBoundingClientRect().height") > 50
    assert not page.locator(".json").first.is_visible()


SAVES = [
    ("Hi", "Hello", "Hello Bea"),
    ("{{ name }}", "{{ nme }}", "did you mean name?"),
    ("{{ nme }}", "you", "Hello you"),
]


def test_a_watched_page_shows_what_is_saved(tmp_path: Path, browser: Windows) -> None:
    """By itself; what was open and which tab was chosen stay as they were. It asks nobody but its own server."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hi {{ name }}"}'], "{name: {type: string}}")
    people = tmp_path / "people.csv"
    people.write_text("conversation,name\nc1,Ana\nc2,Bea\n", encoding="utf-8")
    options = ("--audience", people, "--rows", "1-2", "--format", "html", "--watch")
    with start("preview", file, *options, cwd=tmp_path) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://[^;]*", process.stdout.readline())
            assert found is not None
            with browser.watched(viewport=WIDE) as shown:
                page = shown.page
                page.goto(found[0])
                page.locator("[role=tab]").nth(1).click()
                page.locator(".json summary:visible").click()
                for old, new, seen in SAVES:
                    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
                    page.locator("p, li", has_text=seen).locator("visible=true").first.wait_for(timeout=10_000)
                assert page.locator("[aria-selected=true]").text_content() == "2: c2, Bea"
                assert page.locator(".json[open] .wire:visible").count() == 1
                assert shown.said == []
                assert {url.rsplit("/", 1)[0] + "/" for url in shown.asked} == {found[0]}
        finally:
            process.kill()
            process.communicate(timeout=20)
