"""How many values the text of a template takes, and under which names."""

from collections.abc import Iterator, Mapping

from flowrunner.diagnostics import Problem, nearest
from flowrunner.templates.sent import PARTS, Part, Sent

_WHERE = ("template_params",)
_NAME = ("template_name",)
"""Where something is said that the message does not have."""


def value_problems(sent: Sent) -> Iterator[Problem]:
    """What is wrong with ``template_params``; a header's one text value is `flowrunner.templates.header`'s."""
    if not sent.knows("template_params"):
        return
    if sent.is_named:
        yield from _named(sent)
    else:
        yield from _numbered(sent)


def _numbered(sent: Sent) -> Iterator[Problem]:
    name, wanted = sent.template.name, sent.template.places("BODY")
    params = sent.params
    given = len(params) if isinstance(params, list) else 0
    if isinstance(params, Mapping):
        if wanted:
            example = ", ".join("..." for _ in wanted)
            message = f"{name} takes its values in their order, not by name: {_places(wanted)}"
            yield _problem(message, f"write template_params: [{example}]")
        else:
            yield _problem(f"the text of {name} takes no values", "remove template_params")
    elif params is None and wanted:
        message = f"template_params is missing, {name} takes {_counted(len(wanted))}: {_places(wanted)}"
        many = f"{len(wanted)} values, in the order of these" if len(wanted) > 1 else "one value"
        yield _problem(message, f"add template_params: with a list of {many}", at=_NAME)
    elif given and not wanted:
        yield _problem(f"the text of {name} takes no values", "remove template_params")
    elif given < len(wanted):
        message = f"template_params has {_counted(given)}, {name} takes {len(wanted)}: {_places(wanted)}"
        yield _problem(message, f"add {_counted(len(wanted) - given)}, in the order of these")
    elif given > len(wanted):
        message = f"template_params has {_counted(given)}, {name} takes {len(wanted)}: {_places(wanted)}"
        yield _problem(message, f"remove {_counted(given - len(wanted))}", at=(*_WHERE, len(wanted)))


def _named(sent: Sent) -> Iterator[Problem]:
    name = sent.template.name
    both = {part: sent.template.places(part) for part in PARTS}
    params = sent.params
    if params is not None and not isinstance(params, Mapping):
        message = f"{name} takes its values by name: {', '.join([*both['HEADER'], *both['BODY']])}"
        yield _problem(message, f"write template_params: {_example(both)}")
        return
    if params is None:
        names = ", ".join([*both["HEADER"], *both["BODY"]])
        yield _problem(
            f"template_params is missing, {name} takes {names}", f"add template_params: {_example(both)}", at=()
        )
        return
    if both["HEADER"] and not sent.are_apart:
        message = f"the header of {name} takes {both['HEADER'][0]}: values of header and body stand apart"
        yield _problem(message, f"write template_params: {_example(both)}")
        return
    for part in PARTS:
        yield from _names_of(sent, part, both[part])


def _names_of(sent: Sent, part: Part, wanted: list[str]) -> Iterator[Problem]:
    name, where = sent.template.name, "header" if part == "HEADER" else "text"
    prefix = (*_WHERE, part.lower()) if sent.are_apart else _WHERE
    given = sent.values(part)
    missing = [each for each in wanted if each not in given]
    for each in (each for each in given if each not in wanted):
        near = nearest(each, missing)
        if near:
            missing.remove(near)
        message = f"the {where} of {name} has no value {each}"
        hint = f"did you mean {near}?" if near else f"remove {each}"
        yield Problem("template-params", message, (*prefix, each), hint, at_key=True)
    for each in missing:
        message = f"the {where} of {name} takes {each}, which is missing"
        if sent.are_apart and part.lower() not in sent.params:
            yield _problem(message, f"add {part.lower()}: {{{each}: ...}} to template_params")
        else:
            yield _problem(message, f"add {each}: with its value", at=prefix)


def _example(both: Mapping[Part, list[str]]) -> str:
    """The object to write."""
    header, body = ("{" + ", ".join(f"{name}: ..." for name in both[part]) + "}" for part in PARTS)
    if not both["HEADER"]:
        return body
    return f"{{header: {header}, body: {body}}}" if both["BODY"] else f"{{header: {header}}}"


def _places(names: list[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in names)


def _counted(number: int) -> str:
    return f"{number} value{'' if number == 1 else 's'}"


def _problem(message: str, hint: str, at: tuple[str | int, ...] = _WHERE) -> Problem:
    return Problem("template-params", message, at, hint)
