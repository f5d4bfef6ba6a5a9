"""A folder to begin with: a flow, its tests, senders, and what checks every change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.app.output_files import write_whole
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.source import read_bytes

_FROM: Final = Path(__file__).with_name("files")
_FLOW: Final = "flows/welcome.yaml"
_TEST: Final = "flows/welcome.test.yaml"
FILES: Final[Mapping[str, str]] = {
    _FLOW: "welcome.yaml",
    _TEST: "welcome.test.yaml",
    "flowrunner.toml": "flowrunner.toml",
    ".github/workflows/flows.yaml": "workflow.yaml",
    ".pre-commit-config.yaml": "pre-commit.yaml",
    ".gitignore": "gitignore",
}
"""What is written, by its place in the folder, and where it comes from."""


class Begun(NamedTuple):
    """What was made of a folder.

    Attributes:
        written: The files that were written.
        kept: Those that were there already, and were not touched.
    """

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def init(folder: Path) -> Begun:
    """Write into a folder what a project of flows begins with; a file that is there stays as it is.

    The tests are those of the flow that is written: beside another of its name they are not.

    Args:
        folder: It is made where it is not there.

    Raises:
        RefusedError: It is no folder, or cannot be written to.
    """
    if folder.exists() and not folder.is_dir():
        raise RefusedError(f"{folder} is a file", "name a folder")
    written, kept = [], []
    for name, source in FILES.items():
        path = folder / name
        if path.exists() or path.is_symlink():
            kept.append(path)
            continue
        if name == _TEST and read_bytes(folder / _FLOW)[0] != (_FROM / FILES[_FLOW]).read_bytes():
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RefusedError(f"{path.parent} cannot be made: {error.strerror}", "name another folder") from None
        write_whole(path, [(_FROM / source).read_bytes()], hint="name another folder")
        written.append(path)
    return Begun(tuple(written), tuple(kept))
