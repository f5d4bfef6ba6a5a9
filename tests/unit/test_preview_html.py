"""A preview as one HTML page: what stands in it, and that its JSON is what is sent."""

import os
import re
from base64 import b64encode
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import flowrunner
from flowrunner.app.reviewing.preview import PreviewRequest, read_previews
from flowrunner.model import Message, Reading
from flowrunner.views.html.preview import as_html
from flowrunner.views.preview import Preview
from support.examples import TALKING
from support.generated_messages import right_messages
from support.html_reading import Read
from support.media_files import SAMPLES, png
from support.message_cases import ACCEPTED, LIST, VALID
from support.previewed import every_type, message, nasty, pause, rendering, sheet, skipped
from support.slices import some


def page(*sheets: Preview) -> str:
    return as_html(sheets, title="welcome")


def wires(html: str) -> list[str]:
    """The text of each message as the page has it."""
    found = re.findall(r'<pre class="wire">(.*?)</pre>', html, re.DOTALL)
    return [unescape(re.sub(r"<[^>]*>", "", each)) for each in found]


@pytest.mark.parametrize("path", TALKING, ids=lambda path: path.stem)
def test_its_json_is_what_is_sent(path: Path) -> None:
    """For every example flow: character for character, in order."""
    made = flowrunner.render(flowrunner.load(path), examples=True)
    assert wires(page(Preview("x", made))) == [each.wire for each in made.messages]


def test_a_file_of_the_repository_is_shown_as_the_picture_it_is(tmp_path: Path) -> None:
    """Within the page, which fetches nothing; of another file it is said what it is."""
    lines = ["image, media_file: ./hello.png", "document, media_file: ./guide.pdf"]
    text = "".join(f"  - message: {{message_type: {each}}}\n" for each in lines)
    (tmp_path / "flow.yaml").write_text(f"name: f\nsteps:\n{text}", "utf-8")
    (tmp_path / "hello.png").write_bytes(png())
    (tmp_path / "guide.pdf").write_bytes(SAMPLES["pdf"][0])
    (shown,) = read_previews(PreviewRequest(tmp_path / "flow.yaml", (), (), None, (1,), Reading()))
    read = Read(page(shown))
    assert shown.rendering is not None
    [picture] = read.named("img")
    assert picture["src"] == f"data:image/png;base64,{b64encode(png()).decode()}"
    assert "./hello.png · PNG, " in read.text
    assert "guide.pdf" in read.text
    assert "PDF, 39 bytes" in read.text
    assert "PDF, 39 bytes" in flowrunner.preview(shown.rendering)


def test_what_is_too_much_for_a_page_is_left_out(tmp_path: Path) -> None:
    """Whoever opens it waits for all of it."""
    text = "".join(f"  - message: {{message_type: image, media_file: {number}.png}}\n" for number in range(6))
    (tmp_path / "flow.yaml").write_text(f"name: f\nsteps:\n{text}", "utf-8")
    for number in range(6):
        (tmp_path / f"{number}.png").write_bytes(png(800, 2090, colours=2) + os.urandom((5 << 20) - 100_000))
    (shown,) = read_previews(PreviewRequest(tmp_path / "flow.yaml", (), (), None, (1,), Reading()))
    assert list(shown.pictures) == ["0.png", "1.png", "2.png", "3.png"]
    assert len(Read(page(shown)).named("img")) == 4


def test_its_json_is_what_is_sent_whatever_it_says() -> None:
    """What would steer the page is shut in and stays itself."""
    made = rendering([*(message(n, body) for n, body in enumerate(ACCEPTED, 1)), *nasty()])
    assert wires(page(Preview("x", made))) == [each.wire for each in made.messages]


@settings(max_examples=some(150), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(right_messages())
def test_its_json_is_what_is_sent_for_generated_messages(body: dict[str, Any]) -> None:
    """And each is a bubble whose every element is closed."""
    made = rendering([message(1, body)])
    html = page(Preview("x", made))
    assert wires(html) == [each.wire for each in made.messages]
    Read(html.partition("<main>")[2].partition("</main>")[0])


def test_the_clock_goes_on_by_the_pauses() -> None:
    """It starts with the run; a new day has a label of its own."""
    made = [
        message(1, {"content": "a"}),
        pause(2, 90),
        message(3, {"content": "b"}),
        pause(4, 10 * 3600),
        message(5, {"content": "c"}),
    ]
    html = page(sheet(made))
    assert re.findall(r"<span>(\d\d:\d\d)</span>", html) == ["14:05", "14:06", "00:06"]
    assert re.findall(r'class="day">(.*?)<', html) == ["23 November 2026", "24 November 2026"]
    assert re.findall(r"<li class=\"quiet\">(.*?)<", html) == ["1 min 30 s later", "10 h later"]


def test_conditions_and_steps_left_out_say_why() -> None:
    """With what would have been sent as its author wrote it, as a bubble where that can be drawn."""
    html = page(sheet([
        message(1, VALID["text"], id="asked", when="name != ''"),
        skipped(2, {"content": "Hola {{ name }}"}),
        skipped(3, {**LIST, "sections": "{{ rows }}"}),
        skipped(4, {"message_type": "contacts", "contacts": [{"name": "{{ name }}"}]}),
        skipped(5, {**LIST, "sections": [{"rows": "{{ rows }}"}]}),
    ]))  # fmt: skip
    assert "because <code>name != &#x27;&#x27;</code>" in html
    out = re.findall(r'<li class="step out">.*?</li>\n', html, re.DOTALL)
    assert ["<bdi>left</bdi> is left out: plan == &#x27;pro&#x27; is false" in each for each in out] == [True] * 4
    assert ['class="message' in each for each in out] == [True, False, False, False]
    assert ["{{ name }}" in out[0], "{{ rows }}" in out[1]] == [True, True]
    assert wires(html) == [sheet([message(1, VALID["text"])]).rendering.messages[0].wire]


def test_variables_problems_and_facts_stand_beside_it() -> None:
    """Each variable with its origin, each problem with place, remedy and page."""
    html = page(sheet([message(1, VALID["text"], until="read")], text="a<b"))
    name = "<bdi>a&lt;b</bdi>"
    assert f'<th scope="row">{name}</th><td dir="auto">[&quot;a&lt;b&quot;]</td><td>{name}</td>' in html
    for text in (
        "a&lt;b:3:7",
        "Hint: a&lt;b",
        'href="https://e.org/rule"',
        "some-rule",
        "1 of 1 steps",
        "then waits until read",
    ):
        assert text in html
    assert "Problems" not in page(Preview("x", rendering([])))


def test_several_recipients_are_links_to_their_parts() -> None:
    """A script makes them tabs; one recipient has none. A faulty one has its problems."""
    one, other = sheet([message(1, VALID["text"])], label="1: +52"), Preview("2: <b>", None, sheet([]).diagnostics)
    html = page(one, other)
    assert re.findall(r'href="#(recipient-\d)"><bdi>(.*?)</bdi>', html) == [
        ("recipient-1", "1: +52"),
        ("recipient-2", "2: &lt;b&gt;"),
    ]
    assert html.count('class="chat"') == 1
    assert html.count("some-rule") == 2
    assert "<nav" not in page(one)


def test_it_asks_for_nothing_and_runs_nothing_else() -> None:
    """The policy names its two texts by digest; no value makes an element."""
    html = page(sheet(nasty(), text="<script>alert(1)</script>"))
    assert html.count("<script") == html.count("</script") == html.count("<style") == html.count("</style") == 1
    assert "default-src 'none'; style-src 'sha256-" in html
    assert "connect-src" not in html
    assert not re.search(
        r"<(?:img|iframe|object|form|base|input)\b|\s(?:on\w+|style|src)=\"",
        re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL),
    )
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert len(ids) == len(set(ids))


def test_a_page_of_fifty_steps_is_small() -> None:
    """Under 400 KB, with every type in turn."""
    bodies = [each.body for each in every_type() if isinstance(each, Message)]
    html = page(sheet([message(n, bodies[n % len(bodies)]) for n in range(1, 51)]))
    assert len(html.encode()) < 400_000
