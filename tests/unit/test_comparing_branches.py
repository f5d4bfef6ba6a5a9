"""Two versions of a flow that listens: which branch, answer, reminder or silence is not as it was, and what follows."""

import json
import re

import pytest

from flowrunner.diff.branches import compare_outlines
from flowrunner.diff.values import Case, Comparison, FlowDifference, StepChange, WayChange
from flowrunner.engine.ahead.outline import Outline, outline
from flowrunner.model import Again, Answer, Anytime, Flow, Match, Message, Reminder, Rendering, Reply, Step
from flowrunner.views.diff.html import as_html
from flowrunner.views.diff.json import as_json
from flowrunner.views.diff.markdown import as_markdown
from flowrunner.views.diff.phrases import SIGNS, counted, title
from flowrunner.views.diff.text import as_text
from support.trees import START, asks, end, rendering, text

NOW = Answer("1.a1", (), "now", (Match("button", "now"),), None, (text("1.a1.1", "Great. First, your company."),))
LATER = Answer("1.a2", (), "later", (Match("button", "later"),), None, (text("1.a2.1", "No hurry."), end("1.a2.2")))
REPLY = Reply(
    (),
    within=72_000.0,
    expect="choice",
    remind=(Reminder(10_800.0, text("1.r1", "Whenever you like.")),),
    answers=(NOW, LATER),
    otherwise=Again((text("1.g1", "Please tap one."),), ()),
    no_reply=(end("1.n.1"),),
)
STOP = Anytime("@1", (), (Match("words", ("stop",)),), (), "opted_out")


def made(reply: Reply = REPLY, *more: Step, anytime: tuple[Anytime, ...] = (STOP,)) -> Rendering:
    """The question with this reply, then more steps."""
    return rendering((asks("1", START, reply, "start"), *more), anytime=anytime, path=("1",))


def later(*steps: Step) -> Answer:
    return LATER._replace(steps=steps)


TWICE = "anything else, after it was asked again 2 times, was anything else, after it was asked again once"
CHANGES = [
    ("the same", made(), []),
    (
        "a branch says something else",
        made(REPLY._replace(answers=(NOW, later(text("1.a2.1", "No hurry at all."), end("1.a2.2"))))),
        ["~ after “Later”: 1.a2.1: changed"],
    ),
    (
        "a branch has one message more",
        made(REPLY._replace(answers=(NOW, later(*LATER.steps[:1], text("1.a2.2", "Bye."), end("1.a2.3"))))),
        ["+ after “Later”: 1.a2.2: added"],
    ),
    (
        "a branch does not end",
        made(REPLY._replace(answers=(NOW, later(*LATER.steps[:1])))),
        ["- after “Later”: 1.a2.2: removed, the run ends here"],
    ),
    (
        "a new answer",
        made(REPLY._replace(answers=(NOW, LATER, Answer("1.a3", (), "no", (Match("text", ("no",)),))))),
        ["+ 1 start: answer added: “no”"],
    ),
    (
        "a new answer with steps",
        made(
            REPLY._replace(
                answers=(NOW, LATER, Answer("1.a3", (), "n", (Match("text", ("no",)),), None, (text("1.a3.1", "Ok."),)))
            )
        ),
        ["+ 1 start: answer added: “no”", "+ after “no”: 1.a3.1: added"],
    ),
    (
        "a dropped branch",
        made(REPLY._replace(answers=(NOW,))),
        ["- 1 start: answer removed: “Later”", "- after “Later”: 1.a2.1: removed",
         "- after “Later”: 1.a2.2: removed, the run ends here"],
    ),
    (
        "an answer to more",
        made(REPLY._replace(answers=(NOW._replace(matches=(*NOW.matches, Match("text", ("go",)))), LATER))),
        ["~ 1 start: answer changed: “Start” or “go”, was “Start”"],
    ),
    (
        "answers in another order",
        made(REPLY._replace(answers=(LATER, NOW))),
        ["> 1 start: answer moved: “Start”"],
    ),
    (
        "a reminder comes later",
        made(REPLY._replace(remind=(REPLY.remind[0]._replace(after=14_400.0),))),
        ["~ 1 start: reminder changed: no answer for 4 h, was no answer for 3 h"],
    ),
    (
        "a reminder says something else",
        made(REPLY._replace(remind=(Reminder(10_800.0, text("1.r1", "Whenever you like, tap.")),))),
        ["~ after no answer for 3 h: 1.r1: changed"],
    ),
    (
        "no reminder",
        made(REPLY._replace(remind=())),
        ["- 1 start: reminder removed: no answer for 3 h", "- after no answer for 3 h: 1.r1: removed"],
    ),
    ("more time", made(REPLY._replace(within=86_400.0)), ["~ 1 start: changed"]),
    (
        "silence goes on",
        made(REPLY._replace(no_reply=())),
        ["- after no answer within 20 h: 1.n.1: removed, the run ends here"],
    ),
    (
        "asked again twice",
        made(REPLY._replace(otherwise=Again((text("1.g1", "Please tap one."), text("1.g2", "Tap.")), ()))),
        ["+ after anything else: 1.g2: added",
         "~ 1 start: what follows that changed: " + TWICE],
    ),
    (
        "another word to stop",
        made(anytime=(STOP._replace(matches=(Match("words", ("stop", "baja")),)),)),
        ["~ anytime changed: the word stop or baja, was the word stop"],
    ),
    ("no word to stop", made(anytime=()), ["- anytime removed: the word stop"]),
    ("a step after it", made(REPLY, text("2", "Bye.")), ["+ 2: added"]),
]  # fmt: skip


def told(before: Rendering, after: Rendering) -> list[str]:
    changes = compare_outlines(outline(before), outline(after))
    return [f"{SIGNS[each.kind]} {title(each)}" for each in changes if each.kind != "kept"]


@pytest.mark.parametrize(("after", "said"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES])
def test_what_is_not_as_it_was_is_told_where_it_is(after: Rendering, said: list[str]) -> None:
    """By the branch that leads there; what is as it was is not."""
    assert told(made(), after) == said


@pytest.mark.parametrize("after", [each[1] for each in CHANGES], ids=[each[0] for each in CHANGES])
def test_the_other_way_round_added_is_removed(after: Rendering) -> None:
    """And nothing else is different."""
    turned = {"added": "removed", "removed": "added"}
    there, back = (
        sorted(
            (turned.get(each.kind, each.kind) if is_turned else each.kind)
            for each in compare_outlines(outline(one), outline(other))
        )
        for one, other, is_turned in ((made(), after, False), (after, made(), True))
    )
    assert there == back


def test_a_linear_flow_that_begins_to_ask_keeps_its_message() -> None:
    """What is waited for is told of the message; every branch is new."""
    before = Rendering(*made()[:4], actions=(made().acts["1"],))
    silent = before._replace(actions=(_without_reply(made().acts["1"]),))
    changes = compare_outlines(outline(silent), outline(made()))
    question = changes[0]
    assert isinstance(question, StepChange)
    fields = {each.name: each.after for each in question.fields}
    assert fields == {"within": 72_000.0, "expect": "choice"}
    assert {each.kind for each in changes if isinstance(each, WayChange)} == {"added"}


def _without_reply(action: object) -> Message:
    assert isinstance(action, Message)
    return action._replace(step=action.step._replace(reply=None))


def comparison() -> Comparison:
    """Several of the changes above in one."""
    no = Answer("1.a3", (), "no", (Match("text", ("<b>no</b>",)),), None, (text("1.a3.1", "Ok."),))
    changed = later(text("1.a2.1", "No hurry at *all*."), end("1.a2.2"))
    after = made(REPLY._replace(within=86_400.0, answers=(NOW, changed, no), remind=()), anytime=())
    case = Case((), (), compare_outlines(outline(made()), outline(after)))
    flows = [_flow(each) for each in (made(), after)]
    return Comparison("old", "new", (FlowDifference("flow.yaml", flows[0], flows[1], (case,)),))


def _flow(its: Rendering) -> Flow:
    return its.flow


def test_it_is_counted_apart_from_steps() -> None:
    """Branches are no steps."""
    (case,) = comparison().flows[0].cases
    assert counted(case) == "1 step added, 1 removed, 2 changed, 1 branch added, 2 removed"


def test_every_drawing_has_every_change() -> None:
    """In a terminal, as a comment, as a page; nobody's words are markup."""
    its = comparison()
    said = [title(each) for each in its.flows[0].cases[0].changes if each.kind != "kept"]
    drawn = as_text(its, width=100, colour=False)
    assert all(each in " ".join(drawn.split()) for each in said), drawn
    assert "within: [-20 h-]{+1 d+}" in drawn
    comment, page = as_markdown(its), as_html(its)
    assert all(each in comment for each in said)
    assert "<b>no</b>" not in page
    words = re.sub("<[^>]*>", "", page)
    assert all(each.replace("<", "&lt;").replace(">", "&gt;") in words for each in said)


def test_json_names_the_branch_of_each_step() -> None:
    """And has the branches by themselves."""
    (case,) = json.loads(as_json(comparison()))["flows"][0]["cases"]
    (changed,) = [each for each in case["steps"] if each["change"] == "changed" and each["under"]]
    assert changed["under"] == [{"address": "1.a2", "kind": "answer", "name": "later", "words": "“Later”"}]
    assert [(each["change"], (each["before"] or each["after"])["kind"]) for each in case["branches"]] == [
        ("added", "answer"), ("removed", "remind"), ("removed", "anytime"),
    ]  # fmt: skip
    assert case["branches"][0]["step"] == {"number": 1, "id": "start"}


def test_nothing_listens_on_either_side() -> None:
    """No branch is told of."""
    assert compare_outlines(Outline(()), Outline(())) == ()
