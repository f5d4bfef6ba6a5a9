"""Whether a message of the API is one of ours: both as the flow would say them."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from flowrunner.dialects import sameness
from flowrunner.dialects.meta.decoding import decode
from flowrunner.dialects.meta.encoding import encode
from flowrunner.dialects.values import RemoteMessage
from flowrunner.model import Json

if TYPE_CHECKING:
    from flowrunner.dialects import Same


def is_same(body: Mapping[str, Json], message: RemoteMessage) -> "Same":
    """Whether the API's record is of the message that was sent as ``body``; see `Dialect.is_same`.

    Of a message with something to tap the API shows no more than its text: two that differ in their choices alone are
    not told apart by it.
    """
    return sameness.is_same(decode(json.loads(encode(body))), message)
