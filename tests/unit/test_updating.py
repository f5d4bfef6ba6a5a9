"""A test file is put right in place: the texts of messages in the style they had, and turns by whole lines."""

# ruff: noqa: E501  # a table's row is read as one line

from pathlib import Path

import pytest

from flowrunner.diagnostics import Location
from flowrunner.flow import load_file
from flowrunner.source import read
from flowrunner.testing.reading import read_text
from flowrunner.testing.trying import tried
from flowrunner.testing.updating.scalars import with_text
from flowrunner.testing.updating.turns import with_turn, without_turn
from flowrunner.testing.updating.update import Update, updated

SCALARS = {
    "plain": ("- bot: one  # a word\n- x\n", "two", "- bot: two  # a word\n- x\n"),
    "plain that needs quotes": ("- bot: one # a\n", "a: b", '- bot: "a: b" # a\n'),
    "plain that would be cut": ("- bot: one\n", "a #b", '- bot: "a #b"\n'),
    "plain, a number": ("- bot: one\n", "12", "- bot: 12\n"),
    "plain, several lines": ("- bot: one\n", "a\nb", '- bot: "a\\nb"\n'),
    "single quotes": ("- bot: 'one'\n", "it's", "- bot: 'it''s'\n"),
    "double quotes": ('- bot: "one" # a\n', 'say "a" \\', '- bot: "say \\"a\\" \\\\" # a\n'),
    "in a mapping": ("- {bot: {caption: one, x: y}}\n", "a, b", '- {bot: {caption: "a, b", x: y}}\n'),
    "a block": ("- bot: |-\n    one\n    two\n- x\n", "three\n\nfour", "- bot: |-\n    three\n\n    four\n- x\n"),
    "a block with a comment": ("- bot: |-  # why\n    one\n- x\n", "a\nb", "- bot: |-  # why\n    a\n    b\n- x\n"),
    "a block with a comment that becomes one line": ("- bot: >2 # why\n    one\n- x\n", "  a", '- bot: "  a" # why\n- x\n'),
    "a block of one line": ("- bot: |\n    one\n- x\n", "three\n", "- bot: |\n    three\n- x\n"),
    "a folded block": ("- bot: >-\n    one\n    two\n- x\n", "three\nfour", "- bot: |-\n    three\n    four\n- x\n"),
    "a block at the end": ("- bot: |-\n    one", "two\nthree", "- bot: |-\n    two\n    three"),
    "a block with other ends of lines": ("- bot: |-\r\n    one\r\n- x\r\n", "a\nb", "- bot: |-\r\n    a\r\n    b\r\n- x\r\n"),
    "a block for spaces at its beginning": ("- bot: |-\n    one\n- x\n", "  a\nb", '- bot: "  a\\nb"\n- x\n'),
    "emoji and accents": ("- bot: one\n", "¡Adiós! 👋", "- bot: ¡Adiós! 👋\n"),
    "plain, a word for nothing": ("- bot: one\n", "null", '- bot: "null"\n'),
    "what no file may hold": ("- bot: 'one' # a\n", "a\u2028b\x85", '- bot: "a\\u2028b\\u0085" # a\n'),
    "over several lines": ("- bot: one\n    two\n- x\n", "a", "- bot: a\n- x\n"),
}  # fmt: skip


def place(text: str) -> Location:
    """Where the value of the first `bot`, or of its caption, stands."""
    document, _ = read(text, "a.yaml")
    assert document is not None
    its = document.data[0]["bot"]
    return document.location((0, "bot", "caption") if isinstance(its, dict) else (0, "bot"))


@pytest.mark.parametrize(("text", "new", "expected"), SCALARS.values(), ids=SCALARS.keys())
def test_a_text_is_written_in_its_place(text: str, new: str, expected: str) -> None:
    """Whatever its style; the file then says just that, and all else as before."""
    assert with_text(text, place(text), new) == expected
    document, problems = read(expected, "a.yaml")
    assert document is not None
    assert problems == []
    its = document.data[0]["bot"]
    assert (its["caption"] if isinstance(its, dict) else its) == new


CHAT = """\
tests:
  - name: a
    chat:
      # the first
      - bot: one   # a
      - bot:
          message_type: image
          # its words
          caption: two

      # the last
      - customer: three
    ends: finished
"""


def test_a_turn_is_added_or_dropped_by_whole_lines() -> None:
    """Comments above a turn stay above it."""
    last = Location("", 12, 19, 12, 24)
    above = with_turn(CHAT, last, "new: one", below=False)
    assert above == CHAT.replace("      - customer: three\n", '      - bot: "new: one"\n      - customer: three\n')
    below = with_turn(CHAT, last, "new", below=True)
    assert below == CHAT.replace("      - customer: three\n", "      - customer: three\n      - bot: new\n")
    second = Location("", 7, 11, 7, 30)
    dropped = without_turn(CHAT, second)
    assert dropped == CHAT.replace(
        "      - bot:\n          message_type: image\n          # its words\n          caption: two\n", ""
    )


def test_turns_that_share_a_line_with_others_are_left_alone() -> None:
    """There is no telling how their author would write them."""
    text = "tests:\n  - name: a\n    chat: [{bot: one}, {customer: two}]\n"
    assert with_turn(text, Location("", 3, 18, 3, 21), "new", below=False) is None
    assert without_turn(text, Location("", 3, 18, 3, 21)) is None


FLOW = """\
name: setup
anytime: [{words: [stop], end: opted_out}]
steps:
  - id: start
    message: Hello
    reply: {within: 1d, no_reply: continue}
  - message: {message_type: image, media_url: https://cdn.example.com/a.jpg, caption: A week}
"""
OLD = """\
# What we promise.
flow: setup.yaml
tests:
  - name: a            # comes first
    chat:
      - bot: 'Hallo'   # the greeting
      - customer: hi
      - bot: {message_type: image, caption: A month}
    ends: finished
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "setup.yaml").write_text(FLOW, encoding="utf-8")
    return tmp_path


def update(folder: Path, text: str, *, accept: bool = False) -> Update:
    read = read_text(text, folder / "setup.test.yaml")
    assert read.suite is not None, read.diagnostics
    assert read.flow is not None
    return updated(read.suite, read.flow, lambda _: True, load_file, accept=accept)


def test_texts_are_put_right_and_all_else_stays(folder: Path) -> None:
    """Of messages, and of their fields; comments, quotes and the customer's words are the author's."""
    found = update(folder, OLD)
    assert found.text == OLD.replace("Hallo", "Hello").replace("A month", "A week")
    assert (found.texts, found.turns, found.golden) == (2, 0, {})
    assert update(folder, found.text).text == found.text


def test_turns_are_added_and_dropped_only_where_that_is_accepted(folder: Path) -> None:
    """One that never comes, one that none names between others, one at the end."""
    text = OLD.replace("      - customer: hi\n", "      - bot: Never\n      - customer: hi\n")
    text = text.replace("      - bot: {message_type: image, caption: A month}\n", "")
    assert update(folder, text).turns == 0
    found = update(folder, text, accept=True)
    assert found.turns == 2
    assert found.text == OLD.replace("Hallo", "Hello").replace("{message_type: image, caption: A month}", "A week")
    first = OLD.replace("      - bot: 'Hallo'   # the greeting\n", "")
    assert "      - bot: Hello\n      - customer: hi\n" in update(folder, first, accept=True).text


def test_a_table_keeps_its_columns_and_its_turns(folder: Path) -> None:
    """What is filled in is not written over; what two rows see differently is written for neither for ever."""
    text = """\
flow: setup.yaml
tests:
  - name: "{{ said }}"
    each: [{said: Hullo}, {said: Hello}]
    chat: [{bot: "{{ said }}"}]
    ends: waiting
  - name: all alike
    each: [{said: hi}, {said: ho}]
    chat:
      - bot: Hello
      - customer: "{{ said }}"
    ends: finished
"""
    found = update(folder, text, accept=True)
    assert (found.text, found.texts, found.turns) == (text, 0, 0)


@pytest.mark.parametrize("sent", ["Hi {{ '{{' }} name }}", "{{ '{%' }}{{ '{#' }}"])
def test_a_text_that_looks_like_an_expression_is_written_as_in_a_flow(folder: Path, sent: str) -> None:
    """In the place of another one, and as a turn of its own; the test passes then."""
    flow = (folder / "setup.yaml").read_text(encoding="utf-8").replace("Hello", f'"{sent}"')
    (folder / "setup.yaml").write_text(flow, encoding="utf-8")
    first = "      - bot: 'Hallo'   # the greeting\n"
    for text in (OLD, OLD.replace("'Hallo'", "\"{{ '{{' }} old\""), OLD.replace(first, "")):
        found = update(folder, text, accept=True)
        assert sent in found.text.replace("''", "'")
        again = update(folder, found.text, accept=True)
        assert (again.text, again.texts, again.turns) == (found.text, 0, 0)
        read = read_text(found.text, folder / "setup.test.yaml")
        assert read.suite is not None
        assert tried(read.suite.cases[0], load_file(folder / "setup.yaml")).verdict == "passed"


def test_what_no_text_mends_is_left_to_the_author(folder: Path) -> None:
    """A predicate, another end, a silence."""
    text = OLD.replace("'Hallo'", "{starts: Hallo}").replace("ends: finished", "ends: opted_out")
    assert update(folder, text, accept=True).text == text


def test_a_golden_chat_is_written_once_it_differs(folder: Path) -> None:
    """The chat as the terminal draws it, and how the run has ended."""
    text = "flow: setup.yaml\ntests:\n  - name: a\n    chat: {golden: golden/a.chat, answers: [hi]}\n"
    [(file, chat)] = update(folder, text).golden.items()
    assert file == str(folder / "golden" / "a.chat")
    paragraphs = chat.rstrip("\n").split("\n\n")
    assert len(paragraphs) == 4
    assert "│ Hello │" in paragraphs[0]
    assert paragraphs[1] == "╭────╮\n│ hi │\n╰────╯"
    assert "A week" in paragraphs[2]
    assert paragraphs[3].strip() == "· finished ·"
    (folder / "golden").mkdir()
    Path(file).write_text(chat, encoding="utf-8")
    assert update(folder, text).golden == {}


@pytest.mark.parametrize(
    "chat",
    [
        "  - {name: a, chat: [{bot: Hello}, {customer: hi}], ends: finished}\n",
        "  - {name: a, chat: [{bot: Hello},\n     {customer: hi}], ends: finished}\n",
        "  - {name: a, ends: finished, chat: [\n      {bot: Hello}, {customer: hi}]}\n",
        "  - ends: finished\n    chat: [{bot: Hello}, {customer: hi}]\n    name: a\n",
        "  - name: a\n    chat:\n      - bot: {count: 5}\n    ends: finished\n",
    ],
)
def test_what_cannot_be_added_as_a_line_is_left_and_the_file_stays_whole(folder: Path, chat: str) -> None:
    """A turn became a test, five hundred times; the only one of a chat was dropped, and there was none."""
    text = f"flow: setup.yaml\ntests:\n{chat}"
    found = update(folder, text, accept=True)
    assert (found.text, found.turns) == (text, 0)


def test_a_field_that_a_message_has_not_is_not_written_over_with_its_text(folder: Path) -> None:
    text = OLD.replace("caption: A month", "caption: A week, body_text: A month")
    text = text.replace("message_type: image, ", "").replace("'Hallo'", "Hello")
    assert update(folder, text, accept=True).text == text
