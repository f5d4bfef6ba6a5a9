"""What type a file is of, by its bytes."""

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"%PDF-", "application/pdf"),
)
_OPEN_XML = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OLE = ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint")
UNKNOWN = "application/octet-stream"


def types_of(content: bytes) -> tuple[str, ...]:
    """The types that it can be of, the likeliest first; `UNKNOWN` alone where none is known."""
    for start, mime in _STARTS:
        if content.startswith(start):
            return (mime,)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return ("image/webp",)
    if content[4:8] == b"ftyp":
        return _mp4(content[8:12])
    if content.startswith(b"PK\x03\x04"):
        return tuple(mime for inside, mime in _OPEN_XML if inside in content) or ("application/zip",)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _OLE
    return _by_frames(content)


def _mp4(brand: bytes) -> tuple[str, ...]:
    if brand.startswith(b"3g"):
        return ("video/3gpp",)
    return ("audio/mp4",) if brand.startswith(b"M4A") else ("video/mp4", "audio/mp4")


def _by_frames(content: bytes) -> tuple[str, ...]:
    """Sound that begins with a frame at once, and text, which begins with anything."""
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xF6 == 0xF0:
        return ("audio/aac",)
    if len(content) > 1 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0:
        return ("audio/mpeg",)
    try:
        text = content.decode()
    except ValueError:
        return (UNKNOWN,)
    return ("text/plain",) if text and "\0" not in text else (UNKNOWN,)
