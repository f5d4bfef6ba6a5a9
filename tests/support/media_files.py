"""Small files of every type that WhatsApp sends, made by the rules of their formats."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final


def png(width: int = 8, height: int = 8, *, depth: int = 8, colours: int = 2, end: bool = True) -> bytes:
    """A picture in one colour: https://www.w3.org/TR/png-3/."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colours]
    rows = (b"\0" + b"\x90" * (width * samples * depth // 8)) * height
    palette = _chunk(b"PLTE", bytes(range(256)) * 3) if colours == 3 else b""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0))
    body = b"\x89PNG\r\n\x1a\n" + head + palette + _chunk(b"IDAT", zlib.compress(rows))
    return body + _chunk(b"IEND", b"") if end else body


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def jpeg(*, parts: int = 3, depth: int = 8, end: bool = True) -> bytes:
    """The head of a picture: ITU-T T.81."""
    frame = struct.pack(">BHHB", depth, 8, 8, parts) + b"\1\x11\0" * parts
    segments = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
    return b"\xff\xd8" + segments + b"\xff\xda\0\x02" + b"\x11" * 40 + (b"\xff\xd9" if end else b"")


def webp(side: int = 512, *, moves: bool = False, size: int = 0) -> bytes:
    """A sticker in the extended format: https://developers.google.com/speed/webp/docs/riff_container."""
    edge = (side - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes([0x12 if moves else 0x10, 0, 0, 0]) + edge * 2
    body += b"VP8 " + struct.pack("<I", 10) + b"\0" * max(10, size - len(body) - 16)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mp4(pictures: tuple[str, ...] = ("avc1",), sounds: tuple[str, ...] = ("mp4a",), brand: str = "isom") -> bytes:
    """A film of no length: ISO/IEC 14496-12."""
    tracks = [_track(b"vide", each) for each in pictures] + [_track(b"soun", each) for each in sounds]
    brands = _box(b"ftyp", brand.encode() + b"\0\0\2\0" + brand.encode() + b"mp42")
    return brands + _box(b"moov", _box(b"mvhd", b"\0" * 100) + b"".join(tracks)) + _box(b"mdat", b"\0" * 16)


def _track(kind: bytes, code: str) -> bytes:
    entry = _box(code.encode(), b"\0" * 70)
    table = _box(b"stbl", _box(b"stsd", b"\0\0\0\0\0\0\0\1" + entry))
    return _box(b"trak", _box(b"mdia", _box(b"hdlr", b"\0" * 8 + kind + b"\0" * 13) + _box(b"minf", table)))


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def ogg(codec: str = "opus", channels: int = 1) -> bytes:
    """The first page of a sound: RFC 3533, RFC 7845."""
    head = b"OpusHead\1" + bytes([channels]) if codec == "opus" else b"\1vorbis\0\0\0\0" + bytes([channels])
    head += b"\0" * 17
    return b"OggS\0\2" + b"\0" * 20 + b"\1" + bytes([len(head)]) + head


def zipped(*names: str) -> bytes:
    """An archive of empty files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return written.getvalue()


def older_office(stream: str) -> bytes:
    """An OLE file with one stream in its directory: MS-CFB."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + stream.encode("utf-16-le").ljust(512, b"\0")


_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
SAMPLES: Final[Mapping[str, tuple[bytes, str]]] = {
    "png": (png(), "image/png"),
    "jpeg": (jpeg(), "image/jpeg"),
    "webp": (webp(), "image/webp"),
    "mp4": (mp4(), "video/mp4"),
    "mp4-without-sound": (mp4(sounds=()), "video/mp4"),
    "3gp": (mp4(brand="3gp5"), "video/3gpp"),
    "m4a": (mp4((), brand="M4A "), "audio/mp4"),
    "song-in-mp4": (mp4(()), "audio/mp4"),
    "aac": (b"\xff\xf1\x50\x80" + b"\0" * 40, "audio/aac"),
    "amr": (b"#!AMR\n" + b"\x3c" * 40, "audio/amr"),
    "mp3-tagged": (b"ID3\3\0\0\0\0\0\0\xff\xfb\x90\x64" + b"\0" * 40, "audio/mpeg"),
    "mp3": (b"\xff\xfb\x90\x64" + b"\0" * 400, "audio/mpeg"),
    "ogg": (ogg(), "audio/ogg"),
    "pdf": (b"%PDF-1.7\n" + b"x" * 30, "application/pdf"),
    "txt": ("Precios: ñ, 3 €\n".encode(), "text/plain"),
    "docx": (zipped("[Content_Types].xml", "word/document.xml"), f"{_OFFICE}.wordprocessingml.document"),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), f"{_OFFICE}.spreadsheetml.sheet"),
    "pptx": (zipped("[Content_Types].xml", "ppt/presentation.xml"), f"{_OFFICE}.presentationml.presentation"),
    "doc": (older_office("WordDocument"), "application/msword"),
    "xls": (older_office("Workbook"), "application/vnd.ms-excel"),
    "ppt": (older_office("PowerPoint Document"), "application/vnd.ms-powerpoint"),
    "gif": (b"GIF89a" + b"\0" * 20, "image/gif"),
    "heic": (mp4(brand="heic"), "image/heic"),
    "mov": (mp4(brand="qt  "), "video/quicktime"),
    "zip": (zipped("a/b"), "application/zip"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
    "vorbis": (ogg("vorbis"), "audio/ogg; codecs=vorbis"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
    "bytes": (b"\0\1\2\x80\xfe", ""),
}
"""Files by what they are, with their types."""
