"""Flows that listen, as hypothesis makes them, and the people that they talk to."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import assume
from hypothesis import strategies as st

from flowrunner.engine.render import Prepared
from flowrunner.flow import load_text
from flowrunner.flow.steps import walk_flow
from flowrunner.model import MessageStep, Recipient
from support.generated_runs import NOW, Case

OTHERS = {
    "bye.yaml": "name: bye\ninputs: {who: {type: string}}\nsteps:\n  - message: 'Bye {{ who }}'\n  - message: Bye\n"
}
_INPUTS = {
    "name": {"type": "string"},
    "plan": {"type": "string", "enum": ["free", "pro"]},
    "visits": {"type": "integer"},
    "things": {"type": "array", "items": {"type": "string"}},
}
_BUTTONS = [{"id": "a", "title": "Yes please"}, {"id": "b", "title": "Not now"}]
_CONDITIONS = ["plan == 'pro'", "visits > 2"]


class Tree(NamedTuple):
    """A flow that asks, with what its people answer.

    Attributes:
        said: What is written each time a question is open, by its address in the flow: texts, one after the other.
            Whoever has none left says nothing.
    """

    case: Case
    said: Mapping[str, Sequence[str]]


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A flow with a value for each of its inputs that is checked and found right on every path."""
    flow = {
        "name": "t",
        "inputs": _INPUTS,
        "steps": _Making(draw).steps([], 3),
        "anytime": [{"words": ["stop"], "steps": [{"message": "Done, {{ name }}"}], "end": "opted_out"}],
    }
    loaded = load_text(json.dumps(flow, ensure_ascii=False), "t.json", OTHERS)
    assume(loaded.flow is not None)
    assert loaded.flow is not None  # for the type checker
    values = {
        "name": draw(st.sampled_from(["Ana", "Ñandú", "x" * 50])),
        "plan": draw(st.sampled_from(["free", "pro"])),
        "visits": draw(st.integers(0, 5)),
        "things": draw(st.lists(st.sampled_from(["one", "two", "three"]), max_size=3)),
    }
    prepared = Prepared(loaded)
    case = Case(prepared, prepared.scope(Recipient("c1", "+5215512345678"), values, NOW))
    questions = [each for each in walk_flow(loaded.flow) if isinstance(each, MessageStep) and each.reply is not None]
    return Tree(case, {each.address: draw(ANSWERS) for each in questions})


ANSWERS = st.lists(
    st.sampled_from(["Yes please", "b", "NOT NOW!", "2", "7", "12.5", "hm", "42", "so so", "42 people"]), max_size=4
)


class _Making:
    """Makes steps that may read what is in reach."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw, self._count = draw, 0

    def steps(self, named: list[str], depth: int) -> list[dict[str, Any]]:
        """One to four steps; ``named`` are the questions that they may read."""
        names = [*named]
        return [self._step(names, depth) for _ in range(self._draw(st.integers(1, 4 if depth == 3 else 2)))]

    def _step(self, names: list[str], depth: int) -> dict[str, Any]:
        self._count += 1
        kinds = ["message", "message", "question", "pause", "end"] if depth == 0 else ["message"]
        if depth:
            kinds += ["question"] * 3 + ["choose", "for_each", "include", "pause"]
        match self._draw(st.sampled_from(kinds)):
            case "question":
                return self._question(names, depth)
            case "choose":
                branches = [
                    {"when": self._condition(names), "steps": self._below(names, depth)}
                    for _ in range(self._draw(st.integers(1, 2)))
                ]
                step: dict[str, Any] = {"choose": branches}
                if self._draw(st.booleans()):
                    step["otherwise"] = self._below(names, depth)
                return step
            case "for_each":
                items = self._draw(st.sampled_from(["{{ things }}", [1, "two"]]))
                return {"for_each": "thing", "in": items, "steps": self._turns(names, depth)}
            case "include":
                return {"include": "bye.yaml", "with": {"who": self._text(names)}}
            case "pause":
                return {"pause": "1s"}
            case "end":
                return {"end": "finished", "when": self._condition(names)}
        return {"message": self._text(names)}

    def _turns(self, names: list[str], depth: int) -> list[dict[str, Any]]:
        return [{"message": "{{ loop.index }}: {{ thing }} " + self._text(names)}, *self._below(names, depth)]

    def _below(self, names: list[str], depth: int) -> list[dict[str, Any]]:
        return self.steps(names, max(depth - 2, 0))

    def _condition(self, names: list[str]) -> str:
        conditions = [*_CONDITIONS, *(f"{name}.answered" for name in names)]
        conditions += [f"{name}.answer == 'a'" for name in names]
        conditions += [f"{name}.answered and {name}.text == '42'" for name in names]
        return str(self._draw(st.sampled_from(conditions)))

    def _text(self, names: list[str]) -> str:
        texts = ["Hello {{ name }}", "Just so", "{{ visits + 1 }}"]
        texts += [f"{{{{ {name}.{part} | default('-') }}}}" for name in names for part in ("text", "value", "choice")]
        texts += [f"{{{{ {name}.answer }}}} {{{{ {name}.answered }}}}" for name in names]
        texts += [f"{{{{ {name}.text }}}}" for name in names]  # right on some paths alone
        return f"{self._count} {self._draw(st.sampled_from(texts))}"

    def _question(self, names: list[str], depth: int) -> dict[str, Any]:
        name = f"q{self._count}"
        text = self._text(names)
        step: dict[str, Any] = {"id": name, "message": text}
        reply: dict[str, Any] = {"within": "1h"}
        answers: list[dict[str, Any]] = []
        match self._draw(st.sampled_from(["buttons", "number", "any", "text"])):
            case "buttons":
                step["message"] = {"message_type": "interactive", "interactive_type": "button", "body_text": text}
                step["message"]["buttons"] = _BUTTONS
                answers = [{"button": "a"}, {"button": "b"}]
            case "number":
                reply["expect"] = "integer"
                answers = [{"number": {"min": 1, "max": 100}}]
            case "text":
                answers = [{"text": ["hm", "so so"]}, {"words": ["people"]}]
        if self._draw(st.booleans()):
            reply["remind"] = {"after": "30m", "message": f"Still there? {self._text(names)}"}
        for answer in answers:
            answer["steps"] = self._below([*names, name], depth) if self._draw(st.booleans()) else []
        if answers:
            reply["answers"] = answers
            again = {
                "again": f"Again: {{{{ {name}.text }}}}",
                "times": self._draw(st.integers(1, 2)),
                "then": "continue",
            }
            ways: list[Any] = [again, "continue", "end", self._below([*names, name], depth)]
            reply["otherwise"] = self._draw(st.sampled_from(ways))
        ways = ["continue", "end", self._below([*names, name], depth)]
        reply["no_reply"] = self._draw(st.sampled_from(ways))
        names.append(name)
        return {**step, "reply": reply}
