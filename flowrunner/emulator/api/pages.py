"""Pages of a list by their numbers, as v1 and Kapso's platform give them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from starlette.requests import Request

from flowrunner.model import Json

Item = TypeVar("Item")


def page_of(request: Request, items: Sequence[Item], data: Callable[[Item], Json]) -> dict[str, Json]:
    """One page of ``items``, by the query's ``page`` and ``per_page``."""
    page = whole(request.query_params, "page", 1, 10**9)
    size = whole(request.query_params, "per_page", 20, 100)
    shown = items[(page - 1) * size : page * size]
    meta = {"page": page, "per_page": size, "total_pages": -(-len(items) // size), "total_count": len(items)}
    return {"data": [data(item) for item in shown], "meta": meta}


def whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A number of the query; as Rails' pagers do, the default where it is not one, and never more than ``most``."""
    text = query.get(name, "")
    if not (text.isascii() and text.isdigit() and int(text[:12])):
        return default
    return min(int(text[:12]), most)
