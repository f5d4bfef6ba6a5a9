"""What is known of the files that a message is sent with."""

from collections.abc import Iterator, Mapping

from flowrunner.media.limits import NAMES, size
from flowrunner.model import Json
from flowrunner.model.media import MediaFile, files_named, name_in_bundle


def labels(body: Mapping[str, Json], files: Mapping[str, MediaFile]) -> Iterator[str]:
    """What each file is, and how large: ``PNG, 340 KB``; with its name, where the message has more than one.

    Args:
        body: The message.
        files: What is known, as a bundle has it.
    """
    known = [(written, files.get(name_in_bundle(written))) for _, _, written in files_named(body)]
    for written, its in known:
        if its is not None:
            name = "" if len(known) == 1 else f"{written}: "
            yield f"{name}{NAMES.get(its.type, its.type)}, {size(its.size)}"
