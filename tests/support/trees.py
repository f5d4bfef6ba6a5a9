"""Renderings of flows that listen, made by hand for the tests of what draws them."""

import json
from collections.abc import Mapping
from typing import Any

from flowrunner.model import (
    Action,
    Again,
    Answer,
    Anytime,
    Branch,
    Bundle,
    ChooseStep,
    EndStep,
    Flow,
    ForEachStep,
    IncludeStep,
    Match,
    Message,
    MessageStep,
    Passed,
    Recipient,
    Reminder,
    Rendering,
    Reply,
    Sample,
    Step,
)

START = {
    "message_type": "interactive", "interactive_type": "button", "body_text": "Shall we set up your account, Ana?",
    "buttons": [{"id": "now", "title": "Start"}, {"id": "later", "title": "Later"}],
}  # fmt: skip


def asks(address: str, body: Mapping[str, Any], reply: Reply | None = None, step_id: str = "") -> MessageStep:
    """A message step; a text stands for its own message."""
    return MessageStep(address, ("steps", 0), step_id, message=body, reply=reply)


def text(address: str, content: str, reply: Reply | None = None, step_id: str = "") -> MessageStep:
    """A step that sends a text."""
    return asks(address, {"message_type": "text", "content": content}, reply, step_id)


def end(address: str, how: Any = "finished") -> EndStep:
    """A step that ends the run."""
    return EndStep(address, ("steps", 0), how=how)


def onboarding() -> Rendering:
    """The design's example: two buttons, a number, a choice by it, and a word to stop."""
    start = Reply(
        (),
        within=72_000.0,
        expect="choice",
        remind=(Reminder(10_800.0, text("1.r1", "Whenever you like: tap Start.")),),
        answers=(
            Answer("1.a1", (), "now", (Match("button", "now"),)),
            Answer(
                "1.a2", (), "later", (Match("button", "later"),), steps=(text("1.a2.1", "No hurry."), end("1.a2.2"))
            ),
        ),
        otherwise=Again((text("1.g1", "Please tap one of the two."), text("1.g2", "Just tap.")), (end("1.o.1"),)),
        no_reply=(end("1.n.1"),),
    )
    people = Reply(
        (),
        within=86_400.0,
        expect="integer",
        answers=(Answer("2.a1", (), "a1", (Match("number", {"min": 1, "max": 5000}),)),),
        otherwise=Again((text("2.g1", "A number, please, like 12."),), ()),
    )
    many = Branch("3.c1", (), "people.answered and people.value >= 50", (text("3.c1.1", "Somebody will call you."),))
    steps: tuple[Step, ...] = (
        asks("1", START, start, "start"),
        text("2", "How many people work with you?", people, "people"),
        ChooseStep("3", ("steps", 2), branches=(many,), otherwise=(text("3.o.1", "You can do it all yourself."),)),
        text("4", "Great, 1 people."),
    )
    stop = Anytime(
        "@1", (), (Match("words", ("stop", "baja")),), (text("@1.1", "You will not hear from us."),), "opted_out"
    )
    return rendering(
        steps,
        anytime=(stop,),
        depends={"3": ("people",), "4": ("people",)},
        samples={
            "1.a1": Sample("button", "Start"), "1.a2": Sample("button", "Later"), "1.o": Sample("text", "…"),
            "1.n": Sample(), "2.a1": Sample("text", "1"), "2.o": Sample("text", "many"), "2.n": Sample(),
            "@1": Sample("text", "stop"),
        },
        taken={"1": "a1", "2": "a1"},
        path=("1", "2", "3.o.1", "4"),
    )  # fmt: skip


def turns() -> Rendering:
    """Two turns of a loop with a question in it, then an included file."""
    asked = text("1#.1", "How was it?", Reply((), 60.0, no_reply=()))
    loop = ForEachStep("1", ("steps", 0), item="item", items="{{ items }}", steps=(asked,))
    included = IncludeStep("2", ("steps", 1), file="goodbye.yaml", steps=(text("2/1", "Goodbye."),))
    flow = Flow(Bundle.of("flow.yaml", "", digest="0" * 64), "turns", "", {}, (loop, included))
    acts: dict[str, Action] = {"1": Passed(loop), "2": Passed(included)}
    for address, step in (("1#1.1", asked), ("1#2.1", asked), ("2/1", included.steps[0])):
        assert isinstance(step, MessageStep)
        acts[address] = Message(step._replace(address=address), step.message, json.dumps(step.message))
    taken = {"1#2.1": "n"}
    return Rendering(flow, Recipient("c1"), (), "2026-11-23T14:05:00+01:00", (), acts, taken=taken)


def rendering(steps: tuple[Step, ...], *, path: tuple[str, ...], **more: Any) -> Rendering:
    """These steps rendered as they are."""
    anytime = more.pop("anytime", ())
    acts: dict[str, Action] = {}
    for step in (*steps, *(each for entry in anytime for each in entry.steps)):
        _add(acts, step)
    flow = Flow(Bundle.of("flow.yaml", "", digest="0" * 64), "onboarding", "", {}, steps, anytime=anytime)
    whom = Recipient("c1", "+5215512345678")
    return Rendering(flow, whom, (), "2026-11-23T14:05:00+01:00", tuple(acts[each] for each in path), acts, **more)


def _add(acts: dict[str, Action], step: Step) -> None:
    if isinstance(step, MessageStep):
        acts[step.address] = Message(step, step.message, json.dumps(step.message, separators=(",", ":")))
    else:
        acts[step.address] = Passed(step)
    for each in _below(step):
        _add(acts, each)


def _below(step: Step) -> tuple[Step, ...]:
    if isinstance(step, ChooseStep):
        return (*(each for branch in step.branches for each in branch.steps), *step.otherwise)
    reply = step.reply if isinstance(step, MessageStep) else None
    if reply is None:
        return ()
    answered = (each for answer in reply.answers for each in answer.steps)
    if isinstance(reply.otherwise, Again):
        others: tuple[Step, ...] = (*reply.otherwise.steps, *reply.otherwise.then)
    else:
        others = reply.otherwise or ()
    return (*(each.step for each in reply.remind), *answered, *others, *reply.no_reply)
