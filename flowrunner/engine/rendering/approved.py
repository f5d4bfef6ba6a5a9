"""The account's templates beside the messages that are made of them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flowrunner.diagnostics import Problem, Severity
from flowrunner.model import Json, MessageStep, Recipient
from flowrunner.model.templates import Template, Templates


class Approved(NamedTuple):
    """What the messages of one step are held against."""

    templates: Templates

    def template(self, body: Mapping[str, Json]) -> Template | None:
        """What WhatsApp makes a message of; None where the account has no such template."""
        from flowrunner.templates.checks import template_of

        return template_of(body, self.templates)

    def problems(self, body: Mapping[str, Json], found: Iterable[Problem], recipient: Recipient) -> Iterable[Problem]:
        """What is wrong with a message, with all its values; nothing while its form is wrong, as ``found`` says."""
        from flowrunner.templates.checks import check_template, template_of
        from flowrunner.templates.whom import recipient_problems

        if any(each.severity is Severity.ERROR for each in found):
            return ()
        template = template_of(body, self.templates)
        theirs = recipient_problems(template, recipient) if template is not None else ()
        return [*check_template(body, self.templates).problems, *theirs]


def approved_of(step: MessageStep, templates: Templates | None) -> Approved | None:
    """What a step's messages are held against; None where they are of no template, or the account's are not known."""
    is_template = step.message.get("message_type") == "template"
    return Approved(templates) if is_template and templates is not None else None
