"""A file that a message is sent with, as a bundle keeps it: not the bytes, but by what they are known again."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from flowrunner.model.plain import Json

FILE_FIELDS: Final = ("media_file", "header_media_file")
"""The fields that name a file; without ``_file``, and with ``_id``, they are those of an upload."""
_NAMED: Final = {"media_file": "filename", "header_media_file": "header_filename"}
_REFERENCE: Final = "sha256:"
_POINTER: Final = r"flowrunner media\nsha256 ([0-9a-f]{64})\nsize ([0-9]{1,12})\ntype ([a-z0-9.+/-]{1,100})\n"


class MediaFile(NamedTuple):
    """What a file was when its flow was read.

    Attributes:
        digest: SHA-256 of its bytes, in hexadecimal.
        size: How many bytes they are.
        type: Its MIME type, by its bytes.
    """

    digest: str
    size: int
    type: str

    @property
    def pointer(self) -> str:
        """The text that stands in a bundle in the file's place."""
        return f"flowrunner media\nsha256 {self.digest}\nsize {self.size}\ntype {self.type}\n"

    @property
    def reference(self) -> str:
        """What stands in a message in place of the id that an upload will have."""
        return _REFERENCE + self.digest


def pointed_at(text: str) -> MediaFile | None:
    """The file that a text of a bundle stands for; None where it is a text in its own right."""
    found = re.fullmatch(_POINTER, text)
    return MediaFile(found[1], int(found[2]), found[3]) if found else None


def name_in_bundle(written: str) -> str:
    """What a file is called in a bundle, whose names go no way up: ``../a.png`` is ``%2E%2E/a.png``."""
    parts = posixpath.normpath(written).split("/")
    return "/".join("%2E%2E" if part == ".." else part for part in parts)


def path_of(name: str) -> str:
    """The path from the flow's folder of a file that is called so in a bundle."""
    return "/".join(".." if part == "%2E%2E" else part for part in name.split("/"))


def files_named(body: Json, route: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Every field of a message that names a file: where it stands, what kind of file it is, and what it says."""
    if isinstance(body, Mapping):
        kind = str(body.get("header_type") or body.get("message_type") or "")
        for name, value in body.items():
            if name in FILE_FIELDS and isinstance(value, str):
                yield (*route, name), kind, value
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    yield from files_named(item, (*route, name, index))


def with_references(body: Mapping[str, Json], media: Mapping[str, MediaFile]) -> dict[str, Json]:
    """A message in which every file is named by its `MediaFile.reference`, as an upload by its id."""
    return with_ids(body, {name: its.reference for name, its in media.items()})


def with_ids(body: Mapping[str, Json], ids: Mapping[str, str]) -> dict[str, Json]:
    """A message in which files are named by ids, as far as these are known, by the files' names in a bundle.

    A document that is called nothing else is called as its file.
    """
    kind = str(body.get("header_type") or body.get("message_type") or "")
    made: dict[str, Json] = {}
    for name, value in body.items():
        if name in FILE_FIELDS and (its := ids.get(name_in_bundle(str(value)))):
            made[name.removesuffix("file") + "id"] = its
            if kind == "document":
                made[_NAMED[name]] = body.get(_NAMED[name]) or posixpath.basename(value)
        elif isinstance(value, list):
            made[name] = [with_ids(each, ids) if isinstance(each, Mapping) else each for each in value]
        else:
            made[name] = value
    return made


def references(wire: str) -> frozenset[str]:
    """The digests of all files that a message, as it is encoded, has references to."""
    return frozenset(re.findall(rf'"{_REFERENCE}([0-9a-f]{{64}})"', wire)) if f'"{_REFERENCE}' in wire else frozenset()


def filled(wire: str, ids: Mapping[str, str]) -> str:
    """The same message with the ids of uploads, by digest, in place of the references."""
    for digest, its in ids.items():
        wire = wire.replace(f'"{_REFERENCE}{digest}"', f'"{its}"')
    return wire
