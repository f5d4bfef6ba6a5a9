"""Two sides -> every flow of both, and what is different for each recipient."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.diff.branches import Change, compare_outlines, taken_for
from flowrunner.diff.fields import key
from flowrunner.diff.notes import notes
from flowrunner.diff.recipients import Recipients, RecipientValues
from flowrunner.diff.sides import Side
from flowrunner.diff.values import Case, Comparison, FlowDifference
from flowrunner.engine import Given, Prepared
from flowrunner.engine.ahead.outline import Outline, Way, outline
from flowrunner.flow import Loaded
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.model import Action, Flow, Input, Json, Message, Rendering, Variable


class _FlowPair(NamedTuple):
    """One flow: its path on the side that has it, the new one first; None where a side has no such flow."""

    path: str
    before: Loaded | None
    after: Loaded | None
    old_path: str = ""


def compare(before: Side, after: Side, recipients: Recipients, now: str) -> Comparison:
    """Render every flow of both sides for the same people at the same moment, and compare.

    Args:
        before: The old side.
        after: The new side.
        recipients: For whom.
        now: The moment that ``now`` is in expressions, as `flowrunner.engine.moment` gives it.

    Raises:
        RefusedError: One side is a file and the other one a folder, or there is no flow on either.
    """
    if before.is_folder != after.is_folder:
        folder, file = (before.name, after.name) if before.is_folder else (after.name, before.name)
        raise RefusedError(f"{folder} is a folder, {file} is a file", "name two files or two folders")
    if not before.flows and not after.flows:
        raise RefusedError("neither side holds a *.yaml or *.yml file", "name folders with flow files")
    pairs = sorted(_pairs(before, after), key=lambda pair: pair.path)
    found = [_difference(pair, recipients, now) for pair in pairs]
    if len(pairs) > 1:
        # A column that one flow does not use is another one's.
        found = [
            each._replace(problems=tuple(problem for problem in each.problems if problem.is_error)) for each in found
        ]
    return Comparison(before.name, after.name, tuple(found))


def _pairs(before: Side, after: Side) -> Iterator[_FlowPair]:
    """Files are one pair; flows of folders are paired by their path, and what is left by its name."""
    if not before.is_folder and not after.is_folder:
        ((path, loaded),) = after.flows.items()
        yield _FlowPair(path, next(iter(before.flows.values())), loaded)
        return
    both = before.flows.keys() & after.flows.keys()
    yield from (_FlowPair(path, before.flows[path], after.flows[path]) for path in both)
    old = _named({path: loaded for path, loaded in before.flows.items() if path not in both})
    new = _named({path: loaded for path, loaded in after.flows.items() if path not in both})
    for name, (path, loaded) in new.items():
        old_path, one = old.pop(name, ("", None))
        yield _FlowPair(path, one, loaded, old_path)
    for path, loaded in old.values():
        yield _FlowPair(path, loaded, None)


def _named(flows: Mapping[str, Loaded]) -> dict[str, tuple[str, Loaded]]:
    """Flows by their name; one whose name another one has, or that has none, by its path (which is no name)."""
    names = [loaded.flow.name for loaded in flows.values() if loaded.flow]
    return {
        loaded.flow.name if loaded.flow and names.count(loaded.flow.name) == 1 else f"/{path}": (path, loaded)
        for path, loaded in flows.items()
    }


def _difference(pair: _FlowPair, recipients: Recipients, now: str) -> FlowDifference:
    sides = [loaded for loaded in (pair.before, pair.after) if loaded is not None]
    old, new = (loaded.flow if loaded else None for loaded in (pair.before, pair.after))
    faults = [each for loaded in sides if loaded.flow is None for each in loaded.diagnostics if each.is_error]
    said: tuple[str, ...] = (f"its file was {pair.old_path}",) if pair.old_path else ()
    if faults or (old is not None and new is not None and old.bundle.digest == new.bundle.digest):
        return FlowDifference(pair.path, old, new, notes=said, problems=tuple(faults))
    cases: dict[str, Case] = {}
    problems: list[Diagnostic] = []
    prepared = [Prepared(loaded) if loaded is not None else None for loaded in (pair.before, pair.after)]
    for whom in recipients.of({**_inputs(old), **_inputs(new)}, _languages(new, old)):
        case = whom if isinstance(whom, Diagnostic) else _case(prepared, whom, now)
        if isinstance(case, Case):
            same = key([_seen(change) for change in case.changes if change.kind != "kept"])
            cases[same] = _with(cases[same], case) if same in cases else case
        else:
            problems += [case] if isinstance(case, Diagnostic) else case
    said += notes(old, new, cases.values())
    return FlowDifference(pair.path, old, new, tuple(cases.values()), said, tuple(dict.fromkeys(problems)))


def _with(case: Case, other: Case) -> Case:
    """The case, in which another is the same."""
    return case._replace(rows=(*case.rows, *other.rows), languages=(*case.languages, *other.languages))


def _languages(*flows: Flow | None) -> list[str]:
    """The languages of all, each once."""
    return [*dict.fromkeys(code for flow in flows if flow is not None for code in flow.languages)]


def _inputs(flow: Flow | None) -> Mapping[str, Input]:
    return flow.inputs if flow is not None else {}


def _case(sides: Sequence[Prepared | None], whom: RecipientValues, now: str) -> Case | list[Diagnostic]:
    """What is different for one recipient, or why it cannot be said."""
    variables: tuple[Variable, ...] = ()
    outlines: list[Outline] = []
    problems: list[Diagnostic] = []
    for prepared in sides:
        rendering = None
        if prepared is not None:
            rendering, found = _rendered(prepared, whom, _shared_examples(sides), now)
            problems += [] if rendering is not None else [each for each in found if each.is_error]
        outlines.append(outline(rendering) if rendering is not None else Outline(()))
        variables = rendering.variables if rendering is not None else variables
    if problems:
        return problems
    languages = (whom.language,) if whom.language else ()
    variables = tuple(each for each in variables if not languages or each.name != LANGUAGE)
    return Case((whom.row,) if whom.row else (), variables, compare_outlines(*outlines), languages)


def _shared_examples(sides: Sequence[Prepared | None]) -> dict[str, Given]:
    """An example for each input: the new one, for a customer does not see that an example was changed."""
    inputs = [prepared.flow.inputs for prepared in sides if prepared is not None]
    found = {name: each.example for declared in inputs for name, each in declared.items() if each.has_example}
    return {name: Given(example, Location("example")) for name, example in found.items()}


def _rendered(
    prepared: Prepared, whom: RecipientValues, examples: Mapping[str, Given], now: str
) -> tuple[Rendering | None, list[Diagnostic]]:
    """As it is for one recipient; an example stands in only for who is one: a row of an audience is somebody.

    Where the flow does not take the other side's examples, it has its own.
    """
    inputs = prepared.flow.inputs
    values = {name: value for name, value in whom.values.items() if name in inputs}
    if whom.language and whom.language not in prepared.flow.languages:
        values.pop(LANGUAGE, None)  # whoever reads it gets the default there
    if whom.lacking is not None:
        return prepared.render(whom.recipient, values, now, lacking=whom.lacking)
    shared = {name: each for name, each in examples.items() if name in inputs and not inputs[name].has_default}
    bound, _ = prepared.inputs.bind({**shared, **values}, whom.recipient, examples=True)
    return prepared.render(whom.recipient, {**shared, **values} if bound else values, now, examples=True)


def _seen(change: Change) -> Json:
    """What a reader is shown of a change."""
    sides = (_content(each) for each in (change.before, change.after) if each is not None)
    return [change.kind, change.moved, *sides, *map(_content, change.under)]


def _content(action: Action | Way) -> Json:
    if isinstance(action, Way):
        return [action.kind, action.name, action.label, taken_for(action)]
    if isinstance(action, Message):
        step = action.step
        return [step.label, action.text, step.until, step.timeout, step.on_timeout]
    return [action.step.label, *action[1:]]
