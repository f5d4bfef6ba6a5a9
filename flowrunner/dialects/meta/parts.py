"""What several kinds of Meta's messages have in common."""

from collections.abc import Mapping

from flowrunner.model import Json


def given(body: Mapping[str, Json], *same: str, **renamed: str) -> dict[str, Json]:
    """Fields, those that are there: by names that are the same, then Meta's name -> the flow's."""
    names = {**{name: name for name in same}, **renamed}
    return {theirs: body[ours] for theirs, ours in names.items() if body.get(ours) is not None}


def media(body: Mapping[str, Json], prefix: str = "") -> dict[str, Json]:
    """A file: by the id of an upload, or by where WhatsApp fetches it."""
    return given(body, id=f"{prefix}media_id", link=f"{prefix}media_url")


def text(value: Json) -> dict[str, Json]:
    """A text that stands alone in an object."""
    return {"text": value}
