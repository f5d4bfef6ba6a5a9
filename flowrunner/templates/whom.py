"""Whom a template of some category can be sent to."""

from collections.abc import Iterator
from typing import Final

from flowrunner.diagnostics import Problem
from flowrunner.model import Recipient
from flowrunner.model.templates import Template

_LINK: Final = (
    "https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/authentication-templates"
)


def recipient_problems(template: Template, recipient: Recipient) -> Iterator[Problem]:
    """A one-time code goes to a phone number: who is known by a business-scoped user id alone gets none."""
    if template.category == "AUTHENTICATION" and recipient.user_id and not recipient.phone:
        message = (
            f"{template.name} has a one-time code, which goes to phone numbers only, and {recipient.user_id} is none"
        )
        hint = "name the recipient by phone, or leave the step out with when:"
        yield Problem("template-needs-phone", message, ("template_name",), hint, link=_LINK)
