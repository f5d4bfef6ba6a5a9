"""A do-not-contact file -> who must not be written to."""

from pathlib import Path

from flowrunner.audience.known import Known
from flowrunner.audience.people import Listed, read_people
from flowrunner.diagnostics import Diagnostic


def read_exclusions(path: Path, *, region: str = "") -> tuple[Known | None, list[Diagnostic]]:
    """Read who must not be written to; what the file may hold says `read_people`.

    Args:
        path: The file, perhaps packed with gzip.
        region: The country of the phone numbers that are written without one, as two letters.

    Returns:
        Who they are, each with the line that names them; None when any line of the file cannot be understood: it might
        be the one that counts. And the problems, the first hundred by their places.
    """
    known = Known()

    def keep(its: Listed) -> None:
        known.add(its.line, *its.named)

    found = read_people(path, keep, region=region)
    return (None if found else known), found
