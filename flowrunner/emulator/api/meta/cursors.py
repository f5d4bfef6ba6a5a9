"""Pages of a list by cursors, as Graph gives them.

A cursor names the item that it stands at, as the cursors of Kapso's published examples do.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

from flowrunner.emulator.api.errors import invalid
from flowrunner.emulator.api.pages import whole
from flowrunner.model import Json

Item = TypeVar("Item")


def cursor(at: str, item_id: str) -> str:
    """The cursor of the item that was made at ``at``."""
    data = {"values": [at, item_id], "columns": ["created_at", "id"]}
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode()


def _id_at(text: str) -> str:
    try:
        return str(json.loads(base64.urlsafe_b64decode(text))["values"][1])
    except (ValueError, KeyError, IndexError, TypeError):
        raise invalid(100, "Invalid parameter", "The cursor cannot be read") from None


def cursor_page(
    request: Request, items: Sequence[Item], place: Callable[[Item], tuple[str, str]], data: Callable[[Item], Json]
) -> dict[str, Json]:
    """One page of ``items``, by the query's ``limit``, ``after`` and ``before``.

    Args:
        request: Whose query says which page.
        items: All of them, in their order.
        place: When an item was made, and its id.
        data: What is told of one.
    """
    query = request.query_params
    limit = whole(query, "limit", 20, 100)
    ids = [place(each)[1] for each in items]
    first, last = 0, len(items)
    if after := query.get("after"):
        first = _index(ids, after) + 1
    elif before := query.get("before"):
        last = _index(ids, before)
        first = max(last - limit, 0)
    shown = items[first : min(first + limit, last)]
    if not shown:
        return {"data": [], "paging": {"cursors": {"before": None, "after": None}, "next": None, "previous": None}}
    begin, end = cursor(*place(shown[0])), cursor(*place(shown[-1]))
    return {
        "data": [data(each) for each in shown],
        "paging": {
            "cursors": {"before": begin, "after": end},
            "next": _url(request, query, "after", end) if first + len(shown) < len(items) else None,
            "previous": _url(request, query, "before", begin) if first else None,
        },
    }


def _index(ids: Sequence[str], text: str) -> int:
    wanted = _id_at(text)
    if wanted not in ids:
        raise invalid(100, "Invalid parameter", "The cursor points to nothing that is here")
    return ids.index(wanted)


def _url(request: Request, query: Mapping[str, str], name: str, value: str) -> str:
    kept = {key: each for key, each in query.items() if key not in {"after", "before"}}
    return str(request.url.replace(query=urlencode({**kept, name: value})))
