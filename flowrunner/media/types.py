"""What type a file is of, by its bytes.

Of the libraries that tell this, puremagic 1.30 takes Excel and PowerPoint for Word and does not know AMR and M4A;
filetype 1.2, of 2022, takes 3GPP for MP4 and knows no older Office file.
"""

import io
import zipfile
from typing import Final

from flowrunner.media.boxes import Tracks, tracks

_STARTS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"\x1f\x8b", "application/gzip"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_ZIPPED: Final = {
    "word/": f"{_OFFICE}.wordprocessingml.document",
    "xl/": f"{_OFFICE}.spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}.presentationml.presentation",
}
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS: Final = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}
_PICTURES: Final = {b"heic": "image/heic", b"heix": "image/heic", b"mif1": "image/heic", b"avif": "image/avif"}
UNKNOWN: Final = ""


def type_of(content: bytes) -> str:
    """The MIME type of a whole file; empty where none is known."""
    for start, mime in _STARTS:
        if content.startswith(start):
            return mime
    if content.startswith(b"RIFF"):
        return _RIFF.get(content[8:12], UNKNOWN)
    if content.startswith(b"OggS"):
        return "audio/ogg" if b"OpusHead" in content[:512] else "audio/ogg; codecs=vorbis"
    if content[4:8] == b"ftyp":
        return _boxed(content[8:12], tracks(content))
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content)
    if content.startswith(_OLE):
        return next((mime for name, mime in _STREAMS.items() if name.encode("utf-16-le") in content), UNKNOWN)
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0:
        return "audio/aac" if content[1] & 0xF6 == 0xF0 else "audio/mpeg"
    return _written(content)


def _boxed(brand: bytes, its: Tracks) -> str:
    """What stands in an ISO file: its brand says it, but for a film and a song, which only their tracks tell apart."""
    if brand in _PICTURES:
        return _PICTURES[brand]
    if brand == b"qt  ":
        return "video/quicktime"
    if brand[:3] == b"M4A" or (its.sounds and not its.pictures):
        return "audio/mp4"
    return "video/3gpp" if brand[:2] == b"3g" else "video/mp4"


def _zipped(content: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, NotImplementedError):
        return "application/zip"
    return next((mime for top, mime in _ZIPPED.items() for name in names if name.startswith(top)), "application/zip")


def _written(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return UNKNOWN
    if "\0" in text:
        return UNKNOWN
    return "image/svg+xml" if "<svg" in text[:1000] else "text/plain"
