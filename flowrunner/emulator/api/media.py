"""Files that were uploaded: kept by their id, for the number that uploaded them, for a while.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from flowrunner.emulator.api.errors import invalid
from flowrunner.emulator.api.sniffing import types_of
from flowrunner.model import Json

KEPT = 30 * 24 * 3600.0
"""Seconds that an upload can be sent."""
URL_KEPT = 300.0
"""Seconds that the address of an upload can be read."""
_FIRST = 300_000_000_000_001

_DOCUMENTS = (
    "text/plain",
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
)
MEGABYTE = 1024 * 1024
KINDS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "image": (5 * MEGABYTE, ("image/jpeg", "image/png")),
    "sticker": (500 * 1024, ("image/webp",)),
    "video": (16 * MEGABYTE, ("video/mp4", "video/3gpp")),
    "audio": (16 * MEGABYTE, ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg")),
    "document": (100 * MEGABYTE, _DOCUMENTS),
}
"""Of each kind of file: how many bytes it may have, and which types it may be of."""
LARGEST = max(size for size, _ in KINDS.values())
_KIND_OF = {mime: kind for kind, (_, types) in KINDS.items() for mime in types}


@dataclass(frozen=True, slots=True)
class Upload:
    """One file.

    Attributes:
        number_id: The number that uploaded it; no other may send it.
        at: Seconds since the epoch.
        content: Empty once it was deleted.
    """

    id: str
    number_id: str
    mime: str
    at: float
    content: bytes = field(repr=False)
    deleted: bool = False

    def data(self, url: str) -> dict[str, Json]:
        """What Meta tells of it, to be read at ``url``."""
        return {
            "messaging_product": "whatsapp",
            "url": url,
            "mime_type": self.mime,
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "file_size": len(self.content),
            "id": self.id,
        }


class Uploads:
    """All files. An id that is none of these passes in a message: it may have been uploaded elsewhere.

    Args:
        now: The clock, in seconds since the epoch.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._by_id: dict[str, Upload] = {}

    def add(self, number_id: str, content: bytes, told: str) -> Upload:
        """Keep a file.

        Args:
            number_id: Whose it is.
            content: The file.
            told: The type that the request names; empty for none.

        Raises:
            ApiError: In Meta's form, it is of no type that can be sent, of another than was told, or too large.
        """
        found = types_of(content)
        told = told.partition(";")[0].strip().lower()
        mime = told if told in found else found[0]
        if mime not in _KIND_OF:
            known = ", ".join(_KIND_OF)
            raise invalid(100, f"Param file must be a file with one of the following types: {known}. Received {mime}.")
        if told and told != mime:
            raise invalid(131053, "Media upload error", f"The file is said to be {told}, and its bytes are {mime}")
        largest, _ = KINDS[_KIND_OF[mime]]
        if len(content) > largest:
            raise invalid(131053, "Media upload error", f"A file of type {mime} may have at most {largest} bytes")
        upload = Upload(str(_FIRST + len(self._by_id)), number_id, mime, self._now(), content)
        self._by_id[upload.id] = upload
        return upload

    def get(self, upload_id: str, number_id: str = "") -> Upload | None:
        """One file that can be sent still; None for one that is another number's, too old or deleted."""
        found = self._by_id.get(upload_id)
        if found is None or found.deleted or self._now() - found.at >= KEPT or number_id not in {"", found.number_id}:
            return None
        return found

    def delete(self, upload_id: str) -> None:
        """Forget the content of a file that is there."""
        self._by_id[upload_id] = replace(self._by_id[upload_id], content=b"", deleted=True)

    def check(self, number_id: str, graph: Json) -> None:
        """Refuse a message in which a file of ours cannot be sent, or not as what it is sent as.

        Raises:
            ApiError: In Meta's form, which.
        """
        for kind, upload_id in _ids(graph):
            if upload_id not in self._by_id:
                continue
            found = self.get(upload_id, number_id)
            if found is None:
                raise invalid(
                    100, f"Parameter {kind}['id'] is not a valid whatsapp business account media attachment ID"
                )
            if found.mime not in KINDS[kind][1]:
                raise invalid(131053, "Media upload error", f"A file of type {found.mime} cannot be sent as {kind}")


def _ids(value: Json) -> Iterator[tuple[str, str]]:
    """Every kind of file with the id it is sent by, wherever in a message."""
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name in KINDS and isinstance(inner, Mapping) and "id" in inner:
                yield name, str(inner["id"])
            yield from _ids(inner)
