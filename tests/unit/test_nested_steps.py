"""Steps that hold steps: their addresses, places and names. A verb of this file's own holds them; no other does yet."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from flowrunner.diagnostics import Problem, Route
from flowrunner.diff import compare_actions
from flowrunner.engine import Prepared
from flowrunner.flow import Loaded, load_text
from flowrunner.flow.keys import Key
from flowrunner.flow.names import Names
from flowrunner.flow.steps import VERBS, walk
from flowrunner.flow.steps.entries import check_steps
from flowrunner.flow.steps.verb import Compared, Head, Reader, Verb
from flowrunner.model import Action, Json, Passed, Recipient, Step


class Split(NamedTuple):
    """Lists of steps, of which one will be taken."""

    address: str
    route: Route
    id: str = ""
    when: Json = None
    branches: tuple[tuple[Step, ...], ...] = ()

    @property
    def label(self) -> str:
        return self.id or self.address


def problems(value: Any, route: Route) -> Iterator[Problem]:
    for index, branch in enumerate(value):
        yield from check_steps(branch, (*route, index))


class SplitVerb(Verb[Any]):
    name = "split"
    step = Split
    keys: Mapping[str, Key] = {"split": Key({}, problems)}

    def read(self, entry: Mapping[str, Any], head: Head, reader: Reader, names: Names) -> Split:
        paths: dict[str, Names] = {}
        branches = []
        for number, branch in enumerate(entry["split"], 1):
            within = paths[f"branch {number} of step {head.address}"] = names.branch()
            route: Route = (*head.route, "split", number - 1)
            branches.append(reader.steps(branch, route, within, f"{head.address}.c{number}."))
        names.join(paths)
        return Split(*head, tuple(branches))

    def children(self, step: Split) -> Iterable[tuple[Step, ...]]:
        return step.branches

    def compared(self, action: Action) -> Compared:
        return Compared("split", {"split": len(action.step.branches)})  # type: ignore[union-attr]


@pytest.fixture(autouse=True)
def split(monkeypatch: pytest.MonkeyPatch) -> None:
    """The language has the verb for the time of a test."""
    monkeypatch.setitem(VERBS, "split", SplitVerb())


def loaded(*steps: str) -> Loaded:
    """A flow whose steps are written in one line each."""
    return load_text("name: f\nsteps:\n" + "".join(f"  - {step}\n" for step in steps), "f.yaml")


def said(flow: Loaded) -> list[str]:
    return [f"{each.location.line}:{each.location.column} {each.code}: {each.message}" for each in flow.diagnostics]


NESTED = (
    "message: one",
    "split: [[{message: a}, {split: [[{pause: 2s}], [{message: b}, {id: c, message: c}]]}], [{message: d}]]",
    "message: last",
)


def test_addresses_tell_the_way_and_sort_as_the_flow() -> None:
    """Each branch has a name of its own in them, so that they stay when another branch gets longer."""
    flow = loaded(*NESTED).flow
    assert flow is not None
    assert [step.address for step in flow.steps] == ["1", "2", "3"]
    assert [step.address for step in walk(flow.steps)] == [
        "1", "2", "2.c1.1", "2.c1.2", "2.c1.2.c1.1", "2.c1.2.c2.1", "2.c1.2.c2.2", "2.c2.1", "3",
    ]  # fmt: skip


def test_routes_lead_to_the_entries() -> None:
    """What is wrong with a nested step is said at its place."""
    flow = (read := loaded(*NESTED)).flow
    assert flow is not None
    for step in walk(flow.steps):
        entry = read.document.data  # type: ignore[union-attr]
        for key in step.route:
            entry = entry[key]
        assert isinstance(step, Split) is ("split" in entry)
    assert said(loaded("message: a", "split: [[{message: {content: x, colour: y}}]]")) == [
        "4:37 unknown-field: unknown field colour"
    ]
    assert said(loaded("split: [[{message: a}, {wait: 2s}], {}]"))[:1] == ["3:29 unknown-key: unknown key wait"]


def test_a_nested_step_is_labelled_by_its_address() -> None:
    """Unless it has an id."""
    flow = loaded(*NESTED).flow
    assert flow is not None
    assert [each.label for each in walk(flow.steps)][5:7] == ["2.c1.2.c2.1", "c"]


SEEN = "message: '{{ a.message.content }}'"


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ([f"split: [[{{id: a, message: x}}, {{{SEEN}}}], []]"], ""),
        (["id: a\n    message: x", f"split: [[{{{SEEN}}}], [{{{SEEN}}}]]", SEEN], ""),
        (["split: [[{id: a, message: x}], [{id: a, message: y}]]", SEEN], ""),
        (["split: [[{id: a, message: x}], [{message: y}]]", SEEN], "a has no value here after branch 2 of step 1"),
        (["split: [[{message: y}], [{id: a, message: x}]]", SEEN], "a has no value here after branch 1 of step 1"),
        (
            ["split: [[{split: [[{id: a, message: x}], [{pause: 1s}]]}], [{id: a, message: y}]]", SEEN],
            "a has no value here after branch 2 of step 1.c1.1",
        ),
        (["split: [[{id: a, message: x}], [{id: a, pause: 1s}]]", SEEN], "step a does not send a message to refer to"),
        ([f"split: [[{{id: a, message: x}}], [{{{SEEN}}}]]"], "a is not an input or an earlier step"),
        ([f"split: [[{{{SEEN}}}, {{id: a, message: x}}]]"], "a is a later step"),
    ],
)  # fmt: skip
def test_a_name_is_known_where_every_path_binds_it(steps: list[str], problem: str) -> None:
    """In its own list from then on; after the join where no path lacks it. What is said names the path."""
    found = [each for each in loaded(*steps).diagnostics if each.is_error and each.code != "too-few-items"]
    assert [each.message for each in found] == ([problem] if problem else [])


def test_one_id_may_stand_in_several_branches_but_not_twice_on_a_path() -> None:
    """Only one of the branches is taken."""
    assert said(loaded("split: [[{id: a, message: x}], [{id: a, message: y}]]")) == []
    twice = ["split: [[{id: a, message: x}], [{message: y}]]", "{id: a, message: z}"]
    assert said(loaded(*twice)) == ["4:10 duplicate-id: a is already the id of step 1.c1.1"]
    assert said(loaded("id: a\n    message: x", "split: [[{id: a, message: y}]]")) == [
        "5:19 duplicate-id: a is already the id of step 1"
    ]


def test_nested_conditions_and_expressions_are_looked_at() -> None:
    """As those of the outer list are."""
    assert said(loaded("split: [[{when: 1 == 1, message: x}]]")) == [
        "3:21 constant-when: the condition is always true: it does not use any input or step"
    ]
    assert [each.code for each in loaded("split: [[{message: '{{ 1 / 0 }}'}]]").diagnostics] == ["expression-failed"]


CONSTANT = [
    ("{when: 1 == 1, message: x}", "remove the condition"),
    ("{when: false, message: x}", "remove the step: it is never done"),
    ("{choose: [{when: false, steps: [{message: x}]}]}", "remove the branch: it is never taken"),
    ("{choose: [{when: true, steps: [{message: x}]}]}", "write its steps in the place of choose"),
    ("{choose: [{when: a.skipped, steps: [{message: x}]}, {when: true, steps: []}]}",
     "write its steps below otherwise: beside choose"),
    ("{choose: [{when: true, steps: []}, {when: a.skipped, steps: []}]}",
     "remove the branches below it: they are never taken"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "remedy"), CONSTANT)
def test_the_remedy_of_a_condition_that_never_changes_changes_nothing(step: str, remedy: str) -> None:
    """What was always sent still is, and what never was is not: to remove the condition alone would send it."""
    inputs = "inputs: {plan: {type: string, default: pro}}"
    text = f"name: t\n{inputs}\nsteps:\n  - {{id: a, when: plan == 'pro', message: x}}\n  - {step}\n"
    found = load_text(text, "t.yaml").diagnostics
    assert [each.hint for each in found if each.code == "constant-when"] == [f"compare an input, or {remedy}"]


@pytest.mark.parametrize("text", ["{% if false %}{{ nobody }}{% endif %}", "{{ a.nix if False else 1 }}"])
def test_a_name_under_if_false_may_be_removed_with_it(text: str) -> None:
    """It is wrong all the same: every part of a flow is checked, and somebody may turn it on."""
    [found] = loaded("id: a\n    message: x", f'message: "{text}"').diagnostics
    assert (found.code, found.hint.endswith(", or remove the part under if false: it is never sent")) == (
        "unknown-name", True
    )  # fmt: skip


def test_a_step_that_sends_nothing_is_passed() -> None:
    """Two versions of it are compared by what it says."""
    [flow, other] = (loaded("message: a", f"split: [{', '.join(['[{message: b}]'] * n)}]") for n in (1, 2))
    drawn = []
    for each in (flow, other):
        prepared = Prepared(each)
        rendering, found = prepared.render(Recipient("c1"), {}, "2026-11-23T14:05:00+01:00")
        assert rendering is not None, found
        drawn.append(rendering.actions)
    assert [type(action).__name__ for action in drawn[0]] == ["Message", "Passed"]
    assert isinstance(drawn[0][1], Passed)
    assert [change.kind for change in compare_actions(*drawn)] == ["kept", "changed"]
