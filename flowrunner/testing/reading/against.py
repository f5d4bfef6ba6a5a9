"""A test held against its flow: what can never be as it says is found before anything is played."""

from collections.abc import Iterator
from typing import Final, NamedTuple, get_args

from flowrunner.diagnostics import Diagnostic, Location, nearest
from flowrunner.engine import Given as GivenValue
from flowrunner.engine.values.inputs import Inputs
from flowrunner.expressions import holds_expression
from flowrunner.expressions.shapes import ANYTHING, lacks
from flowrunner.flow import Loaded
from flowrunner.flow.names import Form
from flowrunner.flow.steps import walk_flow
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.flow.values import of_step
from flowrunner.model import EndStep, Flow, IncludeStep, MessageStep
from flowrunner.model.replies import EndHow
from flowrunner.spec.choices import Choice, choices_of
from flowrunner.spec.plainly import plainly
from flowrunner.spec.words import listed, printable
from flowrunner.templates.checks import template_of
from flowrunner.testing.reading.reader import Reader
from flowrunner.testing.turns import Check, Customer, Said, Status
from flowrunner.testing.values import Case, Word

_BY_FLOW: Final = get_args(EndHow)
"""The ends that only a flow's own words bring about."""


class Known(NamedTuple):
    """What a flow has that its tests name.

    Attributes:
        inputs: What takes the values for it.
        flow: The flow.
        labels: The ids of its message steps.
        names: What ``vars`` may begin with; empty where another file has names, too.
        choices: All that can be tapped, in every language; None where only a run knows some of it.
        ends: How it may end by its own words.
    """

    inputs: Inputs
    flow: Flow
    labels: tuple[str, ...]
    names: tuple[str, ...]
    choices: tuple[Choice, ...] | None
    ends: tuple[str, ...]

    @classmethod
    def of(cls, loaded: Loaded, flow: Flow) -> "Known":
        """What a flow without errors has."""
        steps = list(walk_flow(flow))
        ends = {"finished", *(each.how for each in steps if isinstance(each, EndStep))}
        ends |= {each.end for each in flow.anytime}
        names = (*flow.inputs, *(each.id for each in steps if each.id))
        return cls(
            Inputs(loaded),
            flow,
            tuple(dict.fromkeys(each.id for each in steps if isinstance(each, MessageStep) and each.id)),
            () if any(isinstance(each, IncludeStep) for each in steps) else names,
            _choices([loaded, *loaded.translations.values()]),
            tuple(each for each in _BY_FLOW if each in ends),
        )


def _choices(languages: list[Loaded]) -> tuple[Choice, ...] | None:
    found: list[Choice] = []
    for loaded in languages:
        for step in walk_flow(loaded.flow) if loaded.flow is not None else ():
            if not isinstance(step, MessageStep):
                continue
            is_template = step.message.get("message_type") == "template" and loaded.templates is not None
            template = template_of(step.message, loaded.templates) if is_template and loaded.templates else None
            its = choices_of(step.message, template)
            if its is None or any(holds_expression(each.id + each.title) or not each.id for each in its):
                return None
            found += its
    return tuple(found)


def checked(reader: Reader, loaded: Loaded, flow: Flow, cases: tuple[Case, ...]) -> tuple[Case, ...]:
    """The tests, each with how its run must have ended; what is wrong with them is noted."""
    known = Known.of(loaded, flow)
    # Else what is lacking may be there, under another name.
    is_whole = not any(each.code in {"unknown-key", "wrong-type"} for each in reader.problems)
    bound: set[object] = set()
    for case in cases:
        its = (tuple(case.given.vars.items()), case.given.language, case.given.recipient)
        if repr(its) not in bound:  # values may be lists
            bound.add(repr(its))
            values = _values(reader, known, case)
            reader.found += [each for each in values if is_whole or each.code != "missing-variable"]
        for turn in case.turns if case.golden is None else case.golden.answers:
            if isinstance(turn, Customer):
                for said in turn.said:
                    _said(reader, known, said)
            elif isinstance(turn, Status):
                _label(reader, known, turn.of, turn.at)
        _after(reader, known, case, is_whole=is_whole)
    return tuple(_with_end(case) for case in cases)


def _values(reader: Reader, known: Known, case: Case) -> Iterator[Diagnostic]:
    """What is wrong with the values that are given."""
    given = case.given

    def lacking(name: str) -> Diagnostic:
        message = f"{name} has no value in the test {printable(case.name)}"
        return reader.diagnostic("missing-variable", message, case.at, f"write given: {{vars: {{{name}: ...}}}}")

    values = {name: _given(reader, value, given.places.get(name, case.at)) for name, value in given.vars.items()}
    if given.language and LANGUAGE not in known.flow.inputs:
        message = "the flow is not in several languages"
        yield reader.diagnostic("bad-language", message, given.places.get("", case.at), "remove language")
    elif given.language:
        values[LANGUAGE] = _given(reader, given.language, given.places.get("", case.at))
    yield from known.inputs.bind(values, given.recipient, lacking=lacking)[1]


def _given(reader: Reader, value: object, at: Location) -> GivenValue:
    return GivenValue(value, at, reader.line(at))


def _said(reader: Reader, known: Known, said: Said) -> None:
    _label(reader, known, said.about, said.at)
    if said.kind not in ("tap", "choose") or known.choices is None:
        return
    kind = "button" if said.kind == "tap" else "row"
    wanted = str(said.value)
    named = [each for each in known.choices if wanted == each.id or plainly(wanted) == plainly(each.title)]
    if any(each.kind == kind for each in named):
        return
    its = list(dict.fromkeys(each.id for each in known.choices if each.kind == kind))
    if named:
        hint = f"write {'choose' if kind == 'button' else 'tap'}: {wanted}"
        reader.wrong_at("unknown-button", f"{printable(wanted)} is a {named[0].kind}, not a {kind}", said.at, hint)
        return
    near = nearest(wanted, its)
    hint = f"did you mean {near}?" if near else f"the {kind}s of the flow are {listed(its, 'and')}" if its else ""
    message = f"no message of the flow has a {kind} {printable(wanted)}"
    reader.wrong_at("unknown-button", message, said.at, hint or "write the text that is answered")


def _label(reader: Reader, known: Known, label: str, at: Location) -> None:
    if not label or label in known.labels:
        return
    near = nearest(label, [*known.labels])
    hint = (
        f"did you mean {near}?"
        if near
        else f"give the step id: {label}, or name one of {listed(known.labels)}"
        if (known.labels)
        else f"give the step id: {label}"
    )
    reader.wrong_at("unknown-step", f"the flow has no message step {printable(label)}", at, hint)


def _after(reader: Reader, known: Known, case: Case, *, is_whole: bool) -> None:
    ends = case.after.ends
    if ends is not None and ends.word in _BY_FLOW and ends.word not in known.ends:
        hint = f"by its own words it ends {listed(known.ends)}"
        reader.wrong_at("bad-value", f"the flow never ends {ends.word}", ends.at, hint)
    if ends is None and case.golden is None and is_whole and (known.flow.listens or len(known.ends) > 1):
        message = f"it is not said how the run of {printable(case.name)} has ended"
        hint = f"add ends: {listed([*known.ends, *(['waiting'] if known.flow.listens else [])])}"
        reader.wrong_at("missing-field", message, case.at, hint)
    for check in case.after.vars:
        name = str(check.route[0])
        if known.names and name not in known.names:
            near = nearest(name, [*known.names])
            hint = f"did you mean {near}?" if near else f"the names of the flow are {listed(known.names, 'and')}"
            reader.wrong_at("unknown-name", f"the flow knows no {printable(name)}", check.at, hint)
        elif known.names:
            _parts(reader, known, name, check)


def _parts(reader: Reader, known: Known, name: str, check: Check) -> None:
    """Say the first part of what is asked that its value surely lacks; that there is none may be what is asked."""
    forms = [
        Form(each.message, {"expect": each.reply.expect} if each.reply is not None else None)
        for each in walk_flow(known.flow)
        if isinstance(each, MessageStep) and each.id == name
    ]
    if name in known.flow.inputs or not forms or any(each.kind == "exists" for each in check.predicates):
        return
    its, whole = of_step(forms), name
    for part in check.route[1:]:
        if not isinstance(part, str) or lacks(its, part):
            near = nearest(str(part), [*its.parts])
            hint = f"{whole} has {listed(its.parts, 'and')}" if its.parts else f"write {whole}"
            if isinstance(part, str):
                hint = f"did you mean {near}?" if near else hint
                reader.wrong_at("unknown-name", f"{whole} has no {printable(part)}", check.at, hint)
            return
        its, whole = its.parts.get(part, ANYTHING), f"{whole}.{part}"


def _with_end(case: Case) -> Case:
    """A run that can end in one way alone must have ended so."""
    if case.after.ends is not None or case.golden is not None:
        return case
    return case._replace(after=case.after._replace(ends=Word("finished", case.at)))
