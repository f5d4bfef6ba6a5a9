"""What can be tapped below a message, read once for every drawing of it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from flowrunner.views.message.body import Body


class Button(NamedTuple):
    """One button.

    Attributes:
        sort: What it does: ``reply``, ``link``, ``place``, ``phone``, ``form``, ``shop``.
        label: What stands on it.
        told: What WhatsApp does not show of it: where it leads.
        item: The author's own object, of a reply button.
    """

    sort: str
    label: str
    told: str = ""
    item: Body | None = None


def buttons(body: Body) -> list[Button]:
    """The buttons under a message, or on one card of a carousel; none where it has another way to answer."""
    if body.get("buttons"):
        return [Button("reply", str(each["title"]), item=each) for each in body["buttons"]]
    if "display_text" in body:
        return [Button("link", str(body["display_text"]), str(body.get("url", "")))]
    make = _MAKERS.get(str(body.get("interactive_type")))
    return [make(body)] if make else []


def _form(body: Body) -> Button:
    values = ", ".join(f"{name}: {value}" for name, value in (body.get("flow_data") or {}).items())
    given = {
        "form": body.get("flow_id") or body.get("flow_name"),
        "mode": body.get("flow_mode"),
        "action": body.get("flow_action"),
        "screen": body.get("flow_screen"),
        "token": body.get("flow_token"),
    }
    told = [*(f"{name} {value}" for name, value in given.items() if value), values]
    return Button("form", str(body.get("flow_cta", "")), ", ".join(filter(None, told)))


def _product(body: Body) -> Button:
    return Button("shop", "View", f"product {body.get('product_retailer_id')} of catalog {body.get('catalog_id')}")


def _catalog(body: Body) -> Button:
    shown = body.get("thumbnail_product_retailer_id")
    return Button("shop", "View catalog", f"picture of product {shown}" if shown else "")


_MAKERS: Final[Mapping[str, Callable[[Body], Button]]] = {
    "location_request": lambda _: Button("place", "Send location"),
    "contact_request": lambda _: Button("phone", "Share phone number"),
    "flow": _form,
    "product": _product,
    "product_list": lambda body: Button("shop", "View items", f"catalog {body.get('catalog_id')}"),
    "catalog": _catalog,
}


def button_values(button: Body) -> Iterator[str]:
    """What a template's button is given: its value, or what a form begins with."""
    yield from (str(button[name]) for name in ("value", "flow_token") if button.get(name))
    yield from (f"{name}: {value}" for name, value in (button.get("flow_data") or {}).items())
