"""The message that another one quotes, as far as a drawing of a flow knows it."""

from collections.abc import Iterable

from flowrunner.model import Action, Message
from flowrunner.views.message.body import Body, caption, contact_name, file_name, kind


def quotes(actions: Iterable[Action]) -> dict[str, str]:
    """How each message begins that a later one may quote, by its step's id."""
    return {each.step.id: beginning(each.body) for each in actions if isinstance(each, Message) and each.step.id}


def quoted(body: Body, known: dict[str, str]) -> str:
    """What stands above a message that quotes another: how that begins, else its id; empty where it quotes none."""
    its = str(body.get("reply_to") or "")
    return known.get(its, its)


def beginning(body: Body) -> str:
    """How a message begins, for who has seen it."""
    sort = kind(body)
    if sort == "text":
        return str(body.get("content", ""))
    if sort == "contacts":
        return ", ".join(contact_name(each) for each in body.get("contacts", ()))
    if sort == "template":
        return f"template {body.get('template_name', '')}"
    said = body.get("body_text") or body.get("location_name") or caption(body)
    return str(said or (file_name(body) if "media_url" in body or "media_id" in body else sort))
