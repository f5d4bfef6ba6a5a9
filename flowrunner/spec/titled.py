"""Lists of things to tap, whose author has written their titles alone."""

import re
from collections.abc import Mapping
from typing import Any
from unicodedata import normalize

from flowrunner.diagnostics import HOLE
from flowrunner.spec.files import Schema, child

_MOST = 30


def titled(value: Any, schema: Schema) -> list[dict[str, str]] | None:
    """The objects that are meant by titles; None where the list is of something else, or they are objects.

    Titles are ``[Yes, No]``, ``Yes, No``, ``{yes: Yes, no: No}`` or ``[{yes: Yes}, {no: No}]``.
    """
    known = child(schema, 0).get("properties", {})
    if "id" not in known or "title" not in known:
        return None
    if isinstance(value, str):
        value = [each.strip() for each in value.split(",")]
    if isinstance(value, Mapping) and known.keys().isdisjoint(value):
        value = [{key: title} for key, title in value.items()]
    if not isinstance(value, list) or not 0 < len(value) <= _MOST:
        return None
    meant: list[dict[str, str]] = []
    for each in value:
        if isinstance(each, Mapping) and len(each) == 1 and known.keys().isdisjoint(each):
            [(key, title)] = each.items()
        else:
            key, title = "", each
        if not isinstance(title, str) or not title.strip() or HOLE in title or "{{" in title:
            return None
        taken = [its["id"] for its in meant]
        name = str(key) or _id_of(title) or str(len(meant) + 1)
        meant.append({"id": name if name not in taken else f"{name}_{len(meant) + 1}", "title": title})
    return meant


def _id_of(title: str) -> str:
    """An id like the title, in small letters without accents; empty where it has none of those."""
    plain = normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40]
