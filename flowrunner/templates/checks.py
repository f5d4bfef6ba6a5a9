"""Whether a template message fits the template that the account has: by the file alone, without a network."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from flowrunner.diagnostics import HOLE, Problem, Route, nearest
from flowrunner.model import Json
from flowrunner.model.templates import Template, Templates
from flowrunner.templates.buttons import button_problems
from flowrunner.templates.header import header_problems
from flowrunner.templates.lengths import length_problems, may_be_too_long
from flowrunner.templates.sent import Held, Sent
from flowrunner.templates.values import value_problems

OVERVIEW: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview"
_NO: Final[Mapping[Route, Held]] = {}
_NAMING: Final = ("template_name", "template_language")
_MOST: Final = 50
"""Choices of an input that are looked at; the rest is with its value."""
_TAKEN: Final = frozenset(["HEADER", "BODY", "FOOTER", "BUTTONS"])
_RAW: Final = {"MPM": "products", "SPM": "a product", "ORDER_DETAILS": "an order", "PRODUCT": "a product"}
"""Buttons and headers whose values only Meta's own object has."""
_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "PENDING": ("is not approved yet", "wait until WhatsApp has approved it, then run flowrunner templates pull"),
    "DRAFT": ("is not submitted yet", "submit it in WhatsApp Manager; once approved, run flowrunner templates pull"),
    "REJECTED": ("was rejected", "correct it in WhatsApp Manager; when it is approved, run flowrunner templates pull"),
    "PAUSED": ("is paused: too many people did not want it",
               "send another template; or wait until WhatsApp allows it again, then run flowrunner templates pull"),
    "DISABLED": ("is disabled for good", "send another template"),
}  # fmt: skip
_LATER: Final = "when WhatsApp Manager shows it as active, run flowrunner templates pull; else send another template"


class Fit(NamedTuple):
    """What holding a message against its template gave.

    Attributes:
        problems: Their routes begin at the message.
        is_unsure: Whether its texts stay within their limits shows only with the values.
    """

    problems: tuple[Problem, ...] = ()
    is_unsure: bool = False


def template_of(body: Mapping[str, Json], templates: Templates) -> Template | None:
    """The template that a message names; None where the account has none of that name and language."""
    return templates.get((str(body.get("template_name")), str(body.get("template_language"))))


def check_template(body: Mapping[str, Json], templates: Templates, held: Mapping[Route, Held] = _NO) -> Fit:
    """Everything that is wrong with a template message beside its form, which is right.

    Args:
        body: The message; texts with expressions have a `HOLE` for each.
        templates: Those of the account.
        held: What is known of these, by their routes.
    """
    for field in _NAMING:
        if (field,) in held and (choices := held[field,].choices):
            return _any_of(field, choices, body, templates, held)
    return _checked(body, templates, held)


def _any_of(
    field: str, choices: Sequence[str], body: Mapping[str, Json], templates: Templates, held: Mapping[Route, Held]
) -> Fit:
    """What is wrong with any message that the choices of an input make of this one."""
    rest = {route: each for route, each in held.items() if route != (field,)}
    fits = [check_template({**body, field: choice}, templates, rest) for choice in choices[:_MOST]]
    found: dict[str, Problem] = {}
    for choice, fit in zip(choices, fits, strict=False):
        for each in fit.problems:
            is_its = each.code == "unknown-template" and each.route == (field,)
            hint = f"take {choice} out of the enum of {held[field,].names[0]}" if is_its else each.hint
            found.setdefault(each.message, each._replace(hint=hint))
    return Fit(tuple(found.values()), any(fit.is_unsure for fit in fits))


def _checked(body: Mapping[str, Json], templates: Templates, held: Mapping[Route, Held]) -> Fit:
    name, language = str(body["template_name"]), str(body["template_language"])
    template = templates.get((name, language))
    if template is None:
        return Fit(tuple(_missing(name, language, templates)))
    sent = Sent(body, held, template)
    problems = [*_not_approved(template)]
    if template.components:
        problems += _beyond(template) or _misfits(sent)
    return Fit(tuple(each._replace(link=each.link or OVERVIEW) for each in problems), may_be_too_long(sent))


def _misfits(sent: Sent) -> Iterable[Problem]:
    found = [*header_problems(sent), *value_problems(sent)]
    return [*found, *button_problems(sent), *(() if found else length_problems(sent))]


def _missing(name: str, language: str, templates: Templates) -> Iterator[Problem]:
    """Why the account does not have it; nothing, as long as it is not known which one is meant."""
    languages = sorted(each for known, each in templates if known == name)
    if not languages and HOLE not in name:
        yield _unknown(name, {known for known, _ in templates})
    elif languages and HOLE not in language:
        yield _untranslated(name, language, languages)


def _unknown(name: str, names: set[str]) -> Problem:
    near = nearest(name, sorted(names))
    hint = f"did you mean {near}?" if near else (
        "run flowrunner templates pull if it is new; else create it in WhatsApp Manager, and pull when it is approved"
    )  # fmt: skip
    message = f"the account has no template {name}"
    return Problem("unknown-template", message, ("template_name",), hint, link=OVERVIEW)


def _untranslated(name: str, language: str, others: list[str]) -> Problem:
    message = f"{name} has no translation {language}, only {_listed(others)}"
    base = language.partition("_")[0]
    alike = [each for each in others if each.partition("_")[0] == base] or others
    near = alike[0] if len(alike) == 1 else nearest(language, alike, 0.5)
    hint = f"did you mean {near}?" if near else f"write template_language: {' or '.join(others)}"
    return Problem("unknown-template", message, ("template_language",), hint, link=OVERVIEW)


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _not_approved(template: Template) -> Iterator[Problem]:
    if template.status not in {"APPROVED", "ACTIVE"}:
        said, hint = _STATES.get(template.status, (f"cannot be sent: its status is {template.status}", _LATER))
        message = f"{template.name} in {template.language} {said}"
        yield Problem("template-not-approved", message, ("template_name",), hint)


def _beyond(template: Template) -> list[Problem]:
    """What a template message of a flow has no fields for."""
    kinds = [str(each["type"]).lower().replace("_", " ") for each in template.components if each["type"] not in _TAKEN]
    sorts = [str(each["type"]) for each in template.buttons] + [str(template.part("HEADER").get("format", ""))]
    needs = [f"a {kind}" for kind in kinds] + [_RAW[each] for each in sorts if each in _RAW]
    if not needs:
        return []
    message = f"{template.name} shows {_listed(needs)}, which the fields of a template message cannot give it"
    return [
        Problem("template-needs-raw", message, ("template_name",), "write message_type: raw, with Meta's own object")
    ]
