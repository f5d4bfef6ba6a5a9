"""What WhatsApp takes as which kind of message: types and sizes.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#supported-media-types
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

KILOBYTE: Final = 1024
MEGABYTE: Final = 1024 * KILOBYTE
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"


class Limit(NamedTuple):
    """What one kind of message takes.

    Attributes:
        most: The largest file, in bytes.
        types: The MIME types, each with what people call it.
        page: Where that is said.
    """

    most: int
    types: Mapping[str, str]
    page: str


def _page(kind: str) -> str:
    return f"https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/{kind}-messages"


LIMITS: Final[Mapping[str, Limit]] = {
    "image": Limit(5 * MEGABYTE, {"image/jpeg": "JPEG", "image/png": "PNG"}, _page("image")),
    "video": Limit(16 * MEGABYTE, {"video/mp4": "MP4", "video/3gpp": "3GPP"}, _page("video")),
    "audio": Limit(
        16 * MEGABYTE,
        {
            "audio/aac": "AAC",
            "audio/amr": "AMR",
            "audio/mpeg": "MP3",
            "audio/mp4": "MP4 audio",
            "audio/ogg": "OGG (Opus)",
        },
        _page("audio"),
    ),
    "document": Limit(
        100 * MEGABYTE,
        {
            "application/pdf": "PDF",
            "text/plain": "plain text",
            "application/msword": "Word",
            f"{_OFFICE}.wordprocessingml.document": "Word",
            "application/vnd.ms-excel": "Excel",
            f"{_OFFICE}.spreadsheetml.sheet": "Excel",
            "application/vnd.ms-powerpoint": "PowerPoint",
            f"{_OFFICE}.presentationml.presentation": "PowerPoint",
        },
        _page("document"),
    ),
    "sticker": Limit(500 * KILOBYTE, {"image/webp": "WebP"}, _page("sticker")),
}
"""By the kind of message."""
MOST_STILL: Final = 100 * KILOBYTE
"""The largest sticker that does not move, in bytes."""
MEDIA_FIELDS: Final = ("media_url", "header_media_url", "header_params")
"""The fields of a message that may hold the web address of a file."""
LARGEST: Final = max(limit.most for limit in LIMITS.values())

NAMES: Final[Mapping[str, str]] = {
    **{mime: name for limit in LIMITS.values() for mime, name in limit.types.items()},
    "image/gif": "GIF",
    "image/heic": "HEIC",
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
    "image/svg+xml": "SVG",
    "video/quicktime": "QuickTime (.mov)",
    "video/webm": "WebM or Matroska",
    "video/x-msvideo": "AVI",
    "audio/wav": "WAV",
    "audio/flac": "FLAC",
    "audio/ogg; codecs=vorbis": "OGG with another codec than Opus",
    "application/zip": "a ZIP archive",
    "application/gzip": "a GZIP archive",
}
"""What people call a type."""


def size(count: int) -> str:
    """A number of bytes as people say it: ``340 KB``, ``5.2 MB``."""
    if count < KILOBYTE:
        return f"{count} bytes"
    if count < MEGABYTE:
        return f"{count / KILOBYTE:.4g} KB"
    return f"{count / MEGABYTE:.3g} MB" if count < 1000 * MEGABYTE else f"{count / (KILOBYTE * MEGABYTE):.3g} GB"


def sizes(count: int, most: int) -> tuple[str, str]:
    """A number of bytes and the bound that it is above: to the byte, where people would say both alike."""
    said = size(count), size(most)
    return said if said[0] != said[1] else (f"{count:,} bytes", f"{most:,}")
