"""How a comparison is drawn: in a terminal, as Markdown, as a page and as JSON."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.diff.values import Comparison, FlowDifference, StepChange
from flowrunner.model import EndStep, ForEachStep, IncludeStep, Message, Passed, Step, Variable
from flowrunner.views.diff.html import as_html, tagged
from flowrunner.views.diff.json import as_json
from flowrunner.views.diff.markdown import MOST, as_markdown
from flowrunner.views.diff.phrases import summary, title
from flowrunner.views.diff.text import as_text
from support.compared import AFTER, BUTTONS, NOTES, ROWS, WHOLE, comparison, difference, message, skipped

SAME = difference([message(1, "x")], [message(1, "x")])
OTHER = difference([message(1, "x")], [message(1, "y")])
BROKEN = SAME._replace(cases=(), problems=(Diagnostic("wrong-type", "no", Location("f.yaml", 1, 1)),))


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize(("name", "its"), [("whole", WHOLE), ("rows", ROWS)])
def test_the_plain_drawing_is_the_one_that_was_found_good(
    name: str, its: Comparison, width: int, golden: Callable[[str, str], None]
) -> None:
    """Words are marked as git marks them."""
    golden(f"diff/{name}-{width}.txt", as_text(its, width=width, colour=False))


def test_the_markdown_is_the_one_that_was_found_good(golden: Callable[[str, str], None]) -> None:
    """As a pull request shows it."""
    golden("diff/whole.md", as_markdown(WHOLE))
    golden("diff/rows.md", as_markdown(ROWS))


@pytest.mark.parametrize(
    ("before", "after", "said", "marked"),
    [
        (
            EndStep("1", ("steps", 0)), EndStep("1", ("steps", 0), how="opted_out", reason="asked"),
            "~ 1: changed\n  end: [-finished-]{+opted_out+}\n  reason: {+asked+}",
            "end: <del>finished</del><ins>opted_out</ins>",
        ),
        (
            ForEachStep("1", ("steps", 0), item="each", items="{{ a }}"),
            ForEachStep("1", ("steps", 0), item="each", items="{{ b }}"),
            "~ 1: changed\n  in: {{ [-a-]{+b+} }}", "in: {{ <del>a</del><ins>b</ins> }}",
        ),
        (
            IncludeStep("1", ("steps", 0), file="a.yaml"), IncludeStep("1", ("steps", 0), file="b.yaml"),
            "~ 1: changed\n  include: [-a-]{+b+}.yaml", "include: <del>a</del><ins>b</ins>.yaml",
        ),
    ],
)  # fmt: skip
def test_a_step_that_sends_nothing_is_told_by_what_is_other_in_it(
    before: Step, after: Step, said: str, marked: str
) -> None:
    """There is no drawing of it: that it changed says nothing to who has to agree to it."""
    its = comparison(difference([Passed(before)], [Passed(after)]))
    assert said in as_text(its, width=80, colour=False)
    assert marked in as_markdown(its)


SGR = re.compile(r"\x1b\[[0-9;]*[mG]")


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("width", [16, 20, 24, 37, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int, colour: bool) -> None:
    """Whatever is marked in it; only colour brings escape codes."""
    drawn = as_text(WHOLE, width=width, colour=colour)
    assert ("\x1b" in drawn) is colour
    assert max(cell_len(SGR.sub("", line)) for line in drawn.splitlines()) <= width
    assert not re.search("[\ufdd0-\ufdef]", drawn)


@pytest.mark.parametrize(
    ("flows", "said"),
    [
        ([BROKEN], "nothing could be compared"),
        ([SAME, BROKEN], "1 cannot be compared, the others are the same"),
        ([SAME], "customers see no difference"),
        ([OTHER], "customers will see a difference"),
        ([OTHER, SAME, BROKEN], "1 of 3 flows differ, 1 cannot be compared"),
    ],
)
def test_the_headline_never_says_more_than_is_known(flows: list[FlowDifference], said: str) -> None:
    """What could not be compared is not the same."""
    assert summary(comparison(*flows)) == said


def test_a_step_that_was_moved_and_kept_its_number_has_no_from_and_to() -> None:
    """Others were put before it and taken away."""
    assert title(StepChange(message(3, "x"), message(3, "y"), (), True)).endswith("moved")


def test_colour_strikes_what_is_removed_and_underlines_what_is_added() -> None:
    """Also inside of bold text, and without the signs that plain text needs."""
    drawn = as_text(comparison(difference([message(1, "a *b c* d")], [message(1, "a *b e* d")])), width=80, colour=True)
    assert "\x1b[1mb \x1b[0m\x1b[1;31;9mc\x1b[0m\x1b[1;32;4me\x1b[0m d" in drawn
    assert "[-" not in drawn


MARKS = [
    ("a b", "a c", "│ a [-b-]{+c+} │"),
    ("one\ntwo", "one", "│ [-two-] │"),
    ("one", "one\ntwo", "│ {+two+} │"),
    ("a b", "a  b", "│ a[- -]{+  +}b │"),
    ("one two", "one\ntwo", "│ one[- -]{+↵+} │"),
]


@pytest.mark.parametrize(("old", "new", "shown"), MARKS)
def test_marks_stand_in_the_bubble(old: str, new: str, shown: str) -> None:
    """Line breaks that come or go are seen, too."""
    its = comparison(difference([message(1, old, "x")], [message(1, new, "x")]))
    assert shown in as_text(its, width=80, colour=False)


def test_text_that_holds_the_marks_own_signs_marks_nothing() -> None:
    """They are shown as what they are."""
    text = "\ufdd0gone\ufdd2 \ufdd1new\ufdd2"
    for its in ((text, text + " x"), ("", text)):
        drawn = as_text(
            comparison(difference([message(1, its[0], "x")], [message(1, its[1], "x")])), width=80, colour=False
        )
        assert "<U+FDD0>gone<U+FDD2> <U+FDD1>new<U+FDD2>" in drawn.replace("│\n", "").replace("  ", "")


# --- Markdown

HOSTILE = [
    "<script>alert(1)</script>",
    "</pre><img src=x onerror=alert(1)>",
    "</code></summary></details><a href='javascript:alert(1)'>x</a>",
    "@team @org/team",
    "[link](https://evil.example) ![img](https://evil.example/x.png)",
    "https://evil.example www.evil.example evil@example.com",
    "#123 org/repo#1 GH-1",
    "```\n# heading\n```",
    "`` ` ``` `a`",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "-->\n<!-- x",
    "\n\n\n# heading\n\n- item\n\n> quote",
    "/merge\n/lgtm",
    "&lt;b&gt; &amp; &#64;",
    "\u202egnp.exe\u2066 \x1b[31m \x00",
    ":smile: $x$ $$y$$",
    "x" * 4096,
]


class Tree(HTMLParser):
    """What a page of HTML holds: its elements, and its text with the elements around it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.open: list[str] = []
        self.outside: list[str] = []
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert attrs == []
        self.tags.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if not {"pre", "code"} & set(self.open):
            self.outside.append(data)


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(each[:20]) for each in HOSTILE])
def test_no_text_of_a_flow_is_read_as_markdown(text: str) -> None:
    """Everywhere a text can stand: it is inside of code, and nothing but our own elements comes of it."""
    old = [message(1, text, "a"), message(2, {**BUTTONS, "body_text": text}), message(3, f"{text}\n" * 30, "long")]
    new = [
        message(1, f"{text} {text}", "a"),
        message(2, {**BUTTONS, "body_text": f"new {text}"}),
        message(3, f"{text} long\n" * 30, "long"),
        skipped(4, "b", text),
    ]
    problem = Diagnostic("x", text, Location(text, 1, 1, 1, 2), hint=text, excerpt=text)
    variables = (Variable(text, text, text),)
    its = difference(old, new, notes=(text,), problems=(problem,), variables=variables)._replace(path=text)
    whole = Comparison(text, text, (its,))
    drawn = as_markdown(whole)
    tree = Tree()
    tree.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(drawn))
    tree.close()
    assert tree.tags <= {"h3", "h4", "p", "code", "pre", "ins", "del", "ul", "li", "strong", "b", "details", "summary"}
    assert tree.open == []
    assert tree.comments == [" flowrunner diff "]
    ours = " ".join(tree.outside)
    for word in ("script", "alert", "evil", "@", "#", "heading", "[", "|", "smile", "merge", "xxx"):
        assert word not in ours
    assert not re.search("[\x00\x1b\u202e\u2066\ufdd0-\ufdef]", drawn)
    assert not re.search("^/", drawn, re.MULTILINE)


def test_a_comment_is_never_too_long_for_github() -> None:
    """What does not fit is counted, with the command that shows it; what is there is whole."""
    old = [message(number, f"{number} & old {'<&>' * 300}", f"s{number}") for number in range(1, 200)]
    new = [message(number, f"{number} & new {'<&>' * 300}", f"s{number}") for number in range(1, 200)]
    drawn = as_markdown(comparison(difference(old, new)))
    assert MOST - 5_000 < len(drawn) <= MOST
    assert drawn.count("<pre>") == drawn.count("</pre>")
    more = re.search(r"\*\*And (\d+) more changes\.\*\* All of it: `flowrunner diff main:flows flows`$", drawn)
    assert more is not None
    assert drawn.count("changed`**") + int(more[1]) == 199
    short = as_markdown(Comparison("a" * 70_000, "b b", comparison(difference(old, new)).flows))
    assert len(short) <= MOST


def test_long_messages_are_folded() -> None:
    """A reviewer opens what they want to read."""
    lines = "\n".join(f"line {number}" for number in range(30))
    drawn = as_markdown(comparison(difference([message(1, lines, "x")], [message(1, f"{lines} more", "x")])))
    assert "<details><summary><b><code>~ 1 x: changed</code></b></summary>\n\n<pre>" in drawn


# --- the page

TAGGED = [
    ("a \ufdd0b\ufdd2 c", "a <del>b</del> c"),
    ("<p>\ufdd1a\ufdd2</p>", "<p><ins>a</ins></p>"),
    ("<b>a \ufdd1b</b> c\ufdd2 d", "<b>a <ins>b</ins></b><ins> c</ins> d"),
    ('<a href="x\ufdd0y\ufdd2">x\ufdd0y\ufdd2</a>', '<a href="xy">x<del>y</del></a>'),
    ("\ufdd0a\ufdd2\ufdd1b\ufdd2", "<del>a</del><ins>b</ins>"),
]


@pytest.mark.parametrize(("drawn", "tags"), TAGGED)
def test_marks_become_elements_that_are_well_nested(drawn: str, tags: str) -> None:
    """Each around one text; in an attribute there is no mark."""
    assert tagged(drawn) == tags


def test_the_page_shows_each_side_with_its_own_words() -> None:
    """What was removed stands at the left, what was added at the right, and what no bubble shows below."""
    drawn = as_html(WHOLE)
    assert "<del>Hi</del> Ana, welcome!" in drawn
    assert "<ins>Hello</ins> Ana, <ins>a warm </ins>welcome!" in drawn
    assert "<strong>your<ins> new</ins></strong>" in drawn
    assert "<dt><bdi>until</bdi></dt><dd><del>delivered</del><ins>read</ins></dd>" in drawn
    assert "<dt><bdi>body_text" not in drawn
    assert not re.search("[\ufdd0-\ufdef]", drawn)


# --- JSON


def test_the_json_says_all_and_can_be_read_back() -> None:
    """Its shape is documented, and stays."""
    found = json.loads(as_json(WHOLE))
    assert {name: found[name] for name in ("version", "before", "after", "differs")} == {
        "version": 1,
        "before": "main:flows",
        "after": "flows",
        "differs": True,
    }
    assert [(each["path"], each["state"]) for each in found["flows"]] == [
        ("onboarding.yaml", "changed"),
        ("same.yaml", "same"),
        ("new.yaml", "added"),
        ("gone.yaml", "removed"),
        ("bad.yaml", "unknown"),
    ]
    first = found["flows"][0]
    assert first["notes"] == list(NOTES)
    (case,) = first["cases"]
    assert case["counts"] == {"added": 2, "removed": 1, "changed": 8, "moved": 1, "kept": 0}
    assert [step["after"]["message"] for step in case["steps"] if step["after"] and "message" in step["after"]] == [
        action.body for action in AFTER if isinstance(action, Message)
    ]
    by_id = {(step["after"] or step["before"])["id"]: step for step in case["steps"]}
    assert by_id["offer"]["after"] == {
        "number": 5,
        "id": "offer",
        "does": "skipped",
        "reason": 'plan == "pro" is false',
    }
    assert {
        "route": ["until"],
        "old_route": ["until"],
        "name": "until",
        "before": "delivered",
        "after": "read",
    }.items() <= (by_id["ask"]["fields"][-1].items())
    assert found["flows"][4]["problems"][0]["path"] == "main:flows/bad.yaml"
    docstring = as_json.__doc__ or ""
    for name in [*found, *first, *case, *case["steps"][0], *by_id["ask"]["fields"][0]]:
        assert re.search(rf"\b{name}\b", docstring), f"{name} is not documented"


def test_the_json_is_plain_ascii() -> None:
    """Nothing in a flow steers whoever reads it, and half characters break nothing."""
    drawn = as_json(comparison(difference([message(1, "é\ud83d\x1b")], [message(1, "é\u202e")])))
    assert drawn.isascii()
    assert json.loads(drawn)["flows"][0]["cases"][0]["steps"]
