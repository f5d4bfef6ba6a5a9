"""A flow that listens drawn: every branch in a terminal, as a page and as JSON, or one path of it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from flowrunner.engine.ahead.outline import Scene, Way, outline
from flowrunner.model import Again, Answer, Match, Message, Reply, Sample
from flowrunner.views.html.preview import as_html
from flowrunner.views.message.answers import answers_to, leads_to
from flowrunner.views.paths import path_tree
from flowrunner.views.preview import Preview
from flowrunner.views.story import Remark, Said, story
from flowrunner.views.terminal.cells import width as cells
from flowrunner.views.terminal.chat import conversation
from flowrunner.views.terminal.tree import branches
from support.trees import START, asks, end, onboarding, rendering, text, turns

SGR = re.compile("\x1b\\[[0-9;]*[mG]")

TREE = """\
onboarding
to +5215512345678 · conversation c1

            ╭────────────────────────────────────╮
            │ Shall we set up your account, Ana? │
            ╰────────────────────────────────────╯
            ┌────────────────────────────────────┐
            │              ↩ Start               │
            ├────────────────────────────────────┤
            │              ↩ Later               │
            └────────────────────────────────────┘

▷ no answer for 3 h
│                ╭───────────────────────────────╮
│                │ Whenever you like: tap Start. │
│                ╰───────────────────────────────╯

▶ “Start”  now
│               · the flow goes on ·

▷ “Later”  later
│                                    ╭───────────╮
│                                    │ No hurry. │
│                                    ╰───────────╯
│              · the run ends here ·

▷ anything else
│                   ╭────────────────────────────╮
│                   │ Please tap one of the two. │
│                   ╰────────────────────────────╯
│                                    ╭───────────╮
│                                    │ Just tap. │
│                                    ╰───────────╯

▷ anything else, after it was asked again 2 times
│              · the run ends here ·

▷ no answer within 20 h
│              · the run ends here ·

                ╭────────────────────────────────╮
                │ How many people work with you? │
                ╰────────────────────────────────╯

▶ a number from 1 to 5,000  a1
│               · the flow goes on ·

▷ anything else
│                   ╭────────────────────────────╮
│                   │ A number, please, like 12. │
│                   ╰────────────────────────────╯

▷ anything else, after it was asked again once
│               · the flow goes on ·

▷ no answer within 1 d
│               · the flow goes on ·

▷ when people.answered and people.value >= 50
│                      ╭─────────────────────────╮
│                      │ Somebody will call you. │
│                      ╰─────────────────────────╯

▷ otherwise
│                  ╭─────────────────────────────╮
│                  │ You can do it all yourself. │
│                  ╰─────────────────────────────╯

                              ╭──────────────────╮
                              │ Great, 1 people. │
                              ╰──────────────────╯
                   depends on the answer to people

Whenever they write:

▷ the word stop or baja
│                   ╭────────────────────────────╮
│                   │ You will not hear from us. │
│                   ╰────────────────────────────╯
│    · opted out: nobody writes to them again ·"""


def test_every_branch_stands_below_its_question() -> None:
    """With what it answers to, in the order in which answers are looked at; then reminders, silence, anytime."""
    drawn = branches(onboarding(), width=50, colour=False)
    assert "\n".join(line.rstrip() for line in drawn.split("\n")) == TREE


@pytest.mark.parametrize("width", [1, 16, 20, 24, 40, 80, 300])
def test_no_line_is_wider_than_the_terminal_however_deep(width: int) -> None:
    """Six questions inside of each other; colours change no text."""
    reply = Reply((), 60.0, answers=(Answer("1.a1", (), "a1", (Match("text", ["x" * 90]),)),))
    inner = text("1.a1.1.a1.1.a1.1.a1.1.a1.1.a1.1", "deep " * 30)
    for depth in range(5, -1, -1):
        address = "1" + ".a1.1" * depth
        answer = Answer(f"{address}.a1", (), "first", (Match("text", ["x" * 90]),), None, (inner,))
        inner = text(address, "a question", reply._replace(answers=(answer,)))
    its = rendering((inner,), path=("1",))
    plain, coloured = (branches(its, width=width, colour=colour) for colour in (False, True))
    assert max(cells(line) for line in plain.split("\n")) <= min(max(width, 16), 100)
    assert SGR.sub("", coloured).split() == plain.split()
    assert plain.count("deep") == 30


def test_one_path_has_both_sides() -> None:
    """The person's answers stand at the left, and where nobody answers that is said."""
    drawn = conversation(onboarding(), width=46, colour=False).split("\n")
    assert "╭───────╮" in drawn
    assert "│ Start │" in drawn
    assert "Please tap" not in "\n".join(drawn)
    silent = onboarding()._replace(taken={"1": "n"}, actions=())
    silent = silent._replace(actions=tuple(silent.acts[each] for each in ("1", "1.r1", "1.n.1")))
    assert [_told(each) for each in story(silent)] == [
        "1", "no answer for 3 h", "1.r1", "no answer within 20 h", "1.n.1"
    ]  # fmt: skip


def test_a_question_put_again_is_answered_again() -> None:
    """What was said first stands before the question that it brought about."""
    its = onboarding()
    again = its._replace(actions=tuple(its.acts[each] for each in ("1", "1.g1", "1.g2", "2")))
    assert [_told(each) for each in story(again)] == ["1", "…", "1.g1", "…", "1.g2", "Start", "2", "1"]


def _told(each: Any) -> str:
    match each:
        case Said(sample=sample):
            return sample.text
        case Remark(words=words):
            return words
    return str(each.step.address)


WORDS = [
    ((Match("button", "now"),), None, "“Start”"),
    ((Match("button", "gone"),), None, "“gone”"),
    ((Match("row", "later"), Match("text", ["no", "not now"])), None, "“Later” or “no” or “not now”"),
    ((Match("words", ["help", "human", "agent"]),), None, "the word help, human or agent"),
    ((Match("matches", "[A-Z]{2}"),), None, "a text like [A-Z]{2}"),
    ((Match("number", {"min": 1, "max": 5000}),), None, "a number from 1 to 5,000"),
    ((Match("number", {"min": 0.5}),), None, "a number of at least 0.5"),
    ((Match("number", {"max": 9}),), None, "a number of at most 9"),
    ((Match("number", {}),), None, "a number"),
    ((Match("media", "image"), Match("media", "document")), None, "an image or a document"),
    ((), "x.text | length > 5", "when x.text | length > 5"),
    ((Match("button", "now"),), "hour < 12", "“Start” when hour < 12"),
    ((), None, "anything"),
]


@pytest.mark.parametrize(("matches", "when", "words"), WORDS)
def test_what_a_branch_answers_to_is_said_in_words(matches: tuple[Match, ...], when: str | None, words: str) -> None:
    """Buttons and rows by what stands on them."""
    answer = Answer("1.a1", (), "a1", matches, when)
    assert answers_to(answer, {"now": "Start", "later": "Later"}) == words


def test_json_has_every_message_once_as_it_is_posted() -> None:
    """In a tree; the text of each message is that of the wire, byte for byte."""
    its = onboarding()
    told = path_tree(its)
    sent = [each for each in its.acts.values() if isinstance(each, Message)]
    assert all(told.count(f'"message": {each.wire}') == 1 for each in sent)
    tree = json.loads(told)
    assert [each["address"] for each in tree["steps"]] == ["1", "2", "3", "4"]
    later = tree["steps"][0]["ways"][2]
    assert {**later, "steps": [each["address"] for each in later["steps"]]} == {
        "kind": "answer", "address": "1.a2", "words": "“Later”", "name": "later", "taken": False,
        "answer": {"kind": "button", "text": "Later"}, "steps": ["1.a2.1", "1.a2.2"],
    }  # fmt: skip
    assert (tree["steps"][3]["depends"], tree["anytime"][0]["end"]) == (["people"], "opted_out")


def test_a_loop_and_a_file_are_gone_through_where_they_stand() -> None:
    """Each turn by its own addresses, a question in it too."""
    its = turns()
    (scene, *_) = outline(its).scenes
    assert [(way.kind, leads_to(way)) for way in scene.ways] == [("turn", "item 1"), ("turn", "item 2")]
    inner = [each.address for way in scene.ways for each in way.scenes]
    assert inner == ["1#1.1", "1#2.1"]
    asked = [(way.address, way.is_taken) for way in scene.ways[1].scenes[0].ways]
    assert asked == [("1#2.1.any", False), ("1#2.1.n", True)]
    assert [each.scenes[0].address for each in outline(its).scenes[1].ways] == ["2/1"]


def test_a_choice_that_no_answer_decides_shows_the_side_that_is_taken() -> None:
    """The others cannot happen to this person."""
    its = onboarding()
    sure = its._replace(depends={}, acts={at: act for at, act in its.acts.items() if at != "3.c1.1"})
    choice = outline(sure).scenes[2]
    assert [(leads_to(way), [each.address for each in way.scenes]) for way in choice.ways] == [("otherwise", ["3.o.1"])]


def test_the_page_has_every_branch_and_text_stays_text() -> None:
    """Folded; which one the path takes is open; nobody's words are markup."""
    nasty = "</summary><script>alert(1)</script>"
    answer = Answer("1.a1", (), nasty, (Match("text", [nasty]),), None, (text("1.a1.1", nasty),))
    reply = Reply((), 60.0, answers=(answer,), otherwise=Again((text("1.g1", nasty),), ()), no_reply=(end("1.n.1"),))
    its = rendering((asks("1", START, reply, "start"),), path=("1",), samples={"1.a1": Sample("text", nasty)})
    page = as_html([Preview("Ana", its._replace(taken={"1": "a1"}))], title="t")
    assert "<script>alert" not in page
    assert page.count('<details class="way"') == 4
    assert page.count(" open>") == 1


def test_turns_and_files_stand_one_after_the_other_on_the_page() -> None:
    """They always happen; only ways that may be taken are folded."""
    page = as_html([Preview("Ana", turns())], title="t")
    assert page.count('<li class="part">') == 3
    assert [page.count(each) for each in ("item 1", "item 2", "goodbye.yaml")] == [1, 1, 1]
    assert page.count('<details class="way"') == 2 * 2


def _all(scenes: tuple[Scene, ...]) -> Iterator[Scene | Way]:
    for scene in scenes:
        yield scene
        for way in scene.ways:
            yield way
            yield from _all(way.scenes)


def test_every_step_is_drawn_once() -> None:
    """All that the rendering has, in the order of the flow."""
    its = onboarding()
    tree = outline(its)
    found = [each.address for each in _all((*tree.scenes, *(s for way in tree.anytime for s in way.scenes)))
             if isinstance(each, Scene)]  # fmt: skip
    assert sorted(found) == sorted(its.acts)
