"""Whether a template's texts stay as short as they must be with the values in place.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components
"""

from collections.abc import Iterator, Mapping
from typing import Final

from flowrunner.diagnostics import HOLE, Problem, warning
from flowrunner.templates.sent import Part, Sent

_LINK: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components"
_CODES: Final = (
    "https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/authentication-templates"
)
LIMITS: Final[Mapping[Part, int]] = {"HEADER": 60, "BODY": 1024}
LONGEST_CODE: Final = 15
"""Characters of a one-time code, the value of an authentication template."""
_CALLED: Final[Mapping[Part, str]] = {"HEADER": "header", "BODY": "text"}


def may_be_too_long(sent: Sent) -> bool:
    """Whether that shows only with the values: nothing bounds them."""
    return any(sent.lengths(part)[1] is None for part in LIMITS)


def length_problems(sent: Sent) -> Iterator[Problem]:
    """What is too long whatever the values are, and, as a warning, what may be by the bounds of the inputs."""
    for part, limit in LIMITS.items():
        least, most = sent.lengths(part)
        yield from _too_long(sent, part, least, most, limit)
    if sent.template.category == "AUTHENTICATION":
        yield from _code(sent)


def _too_long(sent: Sent, part: Part, least: int, most: int | None, limit: int) -> Iterator[Problem]:
    values = sent.values(part)
    if not values:
        return
    route = next(iter(values.values())).route
    at = route[:1] if len(values) > 1 else route
    what = f"the {_CALLED[part]} of {sent.template.name}"
    if least > limit:
        message = f"{what} has {least:,} characters with its values, at most {limit:,} are allowed"
        hint = f"shorten the value{'s' if len(values) > 1 else ''} by {_counted(least - limit)}"
        yield Problem("template-too-long", message, at, hint, link=_LINK)
    elif most is not None and most > limit:
        message = f"{what} has up to {most:,} characters with the longest values, at most {limit:,} are allowed"
        names = " and ".join(dict.fromkeys(sent.shown_by(part)))
        hint = f"lower maxLength of {names} by {most - limit:,}, or shorten the longest choice by as much"
        yield warning("template-too-long", message, hint, route=at, link=_LINK)


def _code(sent: Sent) -> Iterator[Problem]:
    """The code of an authentication template, which its button copies."""
    code = sent.values("BODY").get("1")
    if code is None:
        return
    name, size = sent.template.name, len(code.text.replace(HOLE, ""))
    if size > LONGEST_CODE:
        message = f"the code of {name} has {size} characters, at most {LONGEST_CODE} are allowed"
        hint = f"shorten it by {_counted(size - LONGEST_CODE)}"
        yield Problem("template-code", message, code.route, hint, link=_CODES)
    for place, button in enumerate(sent.body.get("button_params", ())):
        value = str(button.get("value", ""))
        if HOLE not in value + code.text and value != code.text:
            message = f"the button of {name} copies another code than the text shows"
            hint = f"write value: {code.text}"
            yield Problem("template-code", message, ("button_params", place, "value"), hint, link=_CODES)


def _counted(number: int) -> str:
    return f"{number} character{'' if number == 1 else 's'}"
