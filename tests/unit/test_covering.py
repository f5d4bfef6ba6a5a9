"""What of a flow its tests have done: by the keys of what was played, and what is left with its line."""

import pytest

from flowrunner.testing.covering import coverage
from flowrunner.testing.turns import Turn
from support.played import ANY, check, flow_of, played, says, silence, tap, wait

FLOW = """\
name: covered
inputs: {plan: {type: string, enum: [free, pro], default: free}}
anytime:
  - {words: [stop], steps: [{message: Bye.}, {message: Really.}], end: opted_out}
steps:
  - id: start
    message: {message_type: interactive, interactive_type: button, body_text: Well?, buttons: [{id: a, title: A}]}
    reply:
      within: 20h
      remind: {after: 1h, message: Still there?}
      answers:
        - {button: a, when: plan == "free"}
        - {text: b, steps: [{end: finished}]}
      otherwise: {again: Once more., times: 1, then: continue}
      no_reply: [{end: handed_over}]
  - id: pro
    when: plan == "pro"
    message: You are a pro.
  - choose:
      - {when: start.text == "A", steps: [{message: You said A.}]}
      - {when: start.text == "x", steps: [{message: You said x.}]}
    otherwise: []
  - pause: 2h
  - message: The end.
"""
ALL = (
    "1 1.a1 1.a1?false 1.a2 1.a2.1 1.g1 1.n 1.n.1 1.o 1.r1 2 2?false 2?true 3.c1.1 3.c1?false 3.c1?true 3.c2.1 "
    "3.c2?false 3.c2?true 4 5 @1 @1.1 @1.2"
).split()


def test_everything_of_a_flow_has_a_key_and_a_place() -> None:
    its = coverage(flow_of(FLOW), ())
    assert sorted(each.key for each in its.items) == ALL
    assert [each.at.line for each in its.items] == sorted(each.at.line for each in its.items)
    told = {each.key: (each.kind, each.name, each.never) for each in its.items}
    assert told["1.a1"] == ("answer", "button: a", "never answered so")
    assert told["2?true"] == ("when", 'plan == "pro"', "never true")
    assert told["1.n"] == ("no_reply", "no_reply", "never silent")
    assert (its.counts(steps=True), its.percent) == ((0, 10), 0.0)


@pytest.mark.parametrize(
    ("turns", "plan", "done"),
    [
        ((ANY, tap("a"), ANY), "free", "1 1.a1 2?false 3.c1?true 3.c1.1 4"),
        ((ANY, tap("a"), ANY, wait(7200), ANY), "free", "1 1.a1 2?false 3.c1?true 3.c1.1 4 5"),
        ((ANY, tap("a"), ANY, tap("a"), ANY, ANY), "pro",
         "1 1.a1?false 1.g1 1.o 2?true 2 3.c1?true 3.c1.1 4"),
        ((ANY, says("b")), "free", "1 1.a2 1.a2.1"),
        ((ANY, wait(3600), ANY, silence(72_000)), "free", "1 1.r1 1.n 1.n.1"),
        ((ANY, says("x"), ANY, says("x"), ANY), "free", "1 1.g1 1.o 2?false 3.c1?false 3.c2?true 3.c2.1 4"),
        ((ANY, says("stop"), ANY, ANY), "free", "1 @1 @1.1 @1.2"),
        ((ANY, tap("a"), ANY, says("stop"), ANY, ANY), "free", "1 1.a1 2?false 3.c1?true 3.c1.1 4 @1 @1.1 @1.2"),
        ((ANY,), "free", "1"),
    ],
)  # fmt: skip
def test_what_a_test_does_is_covered_and_nothing_else(turns: tuple[Turn, ...], plan: str, done: str) -> None:
    outcome = played(FLOW, *turns, given={"vars": {"plan": plan}})
    assert outcome.failures == ()
    its = coverage(flow_of(FLOW), outcome.covered)
    assert its.done == set(done.split())
    assert {each.key for each in its.missing} == set(ALL) - its.done


def test_what_was_answered_can_be_asked_for_in_the_end_and_so_can_inputs() -> None:
    asked = (check(("start", "text"), "b"), check(("start", "answer"), "b"), check(("plan",), "free"))
    assert played(FLOW, ANY, says("b"), vars=asked).failures == ()
    assert played(FLOW, ANY, says("b"), vars=(check(("start", "text"), "c"),)).failures[0].got == "b"
    # Who says stop has answered what they had answered.
    stopped = played(FLOW, ANY, tap("a"), ANY, says("stop"), ANY, ANY, vars=(check(("start", "text"), "A"),))
    assert stopped.failures == ()
