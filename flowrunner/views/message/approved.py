"""What WhatsApp makes of a template message: the template's own words with the values in place."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from flowrunner.model.templates import TEMPLATE_PLACE, Template
from flowrunner.views.message.body import Body, template_values, url_name


class Button(NamedTuple):
    """One button.

    Attributes:
        sort: What it does: ``reply``, ``link``, ``phone``, ``copy``, ``form``, ``shop``.
        label: What stands on it.
        told: What WhatsApp does not show of it: where it leads.
    """

    sort: str
    label: str
    told: str = ""


class Approved(NamedTuple):
    """What stands in the bubble, from above.

    Attributes:
        media: What it begins with: ``image``, ``video``, ``document``, ``location``; empty for none of these.
        file: What that file is called.
        source: Where it comes from.
        header: The header's text, with its value.
        text: The text, with its values; a place without one stands as it is.
        footer: The line below it.
    """

    media: str
    file: str
    source: str
    header: str
    text: str
    footer: str
    buttons: tuple[Button, ...]


def approved(body: Body, template: Template) -> Approved:
    """A template message as the customer sees it.

    Args:
        body: The message; any text may hold any value.
        template: What it names; its components are known.
    """
    header = template.part("HEADER")
    kind = str(header.get("format", "TEXT")).lower() if header else ""
    is_text = kind in {"", "text"}
    header_values = {"1": body["header_params"]} if is_text and "header_params" in body else {}
    header_values |= _values(body, {"header"})
    named = next((str(body[name]) for name in _FILES if body.get(name)), "")
    return Approved(
        "" if is_text else kind,
        str(body.get("header_filename") or url_name(named) or kind),
        f"media id {named}" if body.get("header_media_id") else named,
        _filled(header.get("text", ""), header_values) if is_text else "",
        _filled(template.part("BODY").get("text", ""), _values(body, {"", "body"})),
        str(template.part("FOOTER").get("text", "")),
        tuple(_buttons(body, template)),
    )


_FILES: Final = ("header_params", "header_media_id", "header_media_file")


def _values(body: Body, parts: set[str]) -> dict[str, str]:
    return {each.placeholder: each.value for each in template_values(body.get("template_params")) if each.part in parts}


def _filled(text: Any, values: Mapping[str, Any]) -> str:
    return re.sub(TEMPLATE_PLACE, lambda place: str(values.get(place[1], place[0])), str(text))


_SORTS: Final[Mapping[str, str]] = {
    "URL": "link", "OTP": "copy", "COPY_CODE": "copy", "PHONE_NUMBER": "phone", "VOICE_CALL": "phone", "FLOW": "form",
    "CATALOG": "shop", "MPM": "shop", "SPM": "shop", "ORDER_DETAILS": "shop",
}  # fmt: skip
_LABELS: Final[Mapping[str, str]] = {"copy": "Copy code", "shop": "View items"}
"""What WhatsApp writes on buttons whose text it chooses."""


def _buttons(body: Body, template: Template) -> Iterator[Button]:
    params = body.get("button_params")
    given = {each.get("index"): each for each in params} if isinstance(params, list) else {}
    for index, each in enumerate(template.buttons):
        sort, value = _SORTS.get(str(each.get("type")), "reply"), str(given.get(index, {}).get("value") or "")
        told = value
        if sort == "link":
            told = _filled(each.get("url", ""), {"1": value} if value else {})
        elif sort == "phone":
            told = str(each.get("phone_number") or "")
        elif sort == "form":
            told = str(given.get(index, {}).get("flow_token") or "")
        yield Button(sort, str(each.get("text") or _LABELS.get(sort, "")), told)
