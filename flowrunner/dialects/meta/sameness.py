"""Whether a message of the API is one of ours: both as the flow would say them."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from flowrunner.dialects import sameness
from flowrunner.dialects.meta.decoding import decode
from flowrunner.dialects.meta.encoding import encode
from flowrunner.dialects.texts import Sign, alike
from flowrunner.dialects.values import RemoteMessage
from flowrunner.model import Json

if TYPE_CHECKING:
    from flowrunner.dialects import Same


def is_same(body: Mapping[str, Json], message: RemoteMessage) -> "Same":
    """Whether the API's record is of the message that was sent as ``body``; see `Dialect.is_same`.

    Of a message with something to tap the API often shows no more than its text: two that differ in their choices alone
    are not told apart by it.
    """
    ours = decode(json.loads(encode(body)))
    found = sameness.is_same(ours, message)
    if found == "no":
        return "no"
    signs = set(_choices(ours, message.data))
    if "no" in signs:
        return "no"
    # Two products have no text to be known by.
    is_known = found == "yes" or ("yes" in signs and ours.get("interactive_type") == "product")
    return "yes" if is_known and "unclear" not in signs else "unclear"


_TAPPED: Final = (
    "header_type", "header_media_id", "display_text", "url", "flow_id", "flow_name", "flow_cta", "flow_screen",
    "flow_data", "catalog_id", "product_retailer_id", "thumbnail_product_retailer_id", "cards",
)  # fmt: skip
_TEMPLATE: Final = ("header_type", "header_params", "header_location", "button_params")


def _choices(ours: Mapping[str, Json], theirs: Mapping[str, Json]) -> Iterator[Sign]:
    """What v1 has no field for; what only one of both has makes them differ, where the API shows such things at all."""
    kind = ours.get("message_type")
    shown = _TEMPLATE if kind == "template" else _TAPPED if theirs.get("shows_choices") else ()
    for name in shown:
        mine, its = ours.get(name), theirs.get(name)
        if mine is None or its is None:
            yield "" if mine is its else "unclear"
        elif isinstance(mine, str) and isinstance(its, str):
            yield alike(mine, its)
        else:
            yield "yes" if mine == its else "unclear"
