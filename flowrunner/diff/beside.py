"""The files that stand beside a flow in a revision of git, each read when it is first asked for."""

from collections.abc import Iterator, Mapping
from os.path import normpath
from pathlib import PurePosixPath

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.diff.revisions import Tree, read_tree
from flowrunner.source.files import decode


class Beside(Mapping[str, str]):
    """Texts by their names from the flow's folder; it is as long as what of it was asked for and is there."""

    def __init__(self, revision: str, tree: Tree, path: PurePosixPath) -> None:
        """``path`` is the flow's own, from the top of the repository; ``tree`` what was read of it."""
        self._revision, self._tree, self._folder = revision, tree, path.parent
        self._read: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._read:
            content = self._content(normpath(self._folder / name))
            text, problem = decode(content) if content is not None else ("", None)
            self._read[name] = text if content is not None and problem is None else None
        if (its := self._read[name]) is None:
            raise KeyError(name)
        return its

    def __iter__(self) -> Iterator[str]:
        return (name for name, text in self._read.items() if text is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _content(self, path: str) -> bytes | None:
        if self._tree.is_folder:
            top = self._tree.path
            if not top or path.startswith(f"{top}/"):
                return self._tree.files.get(path.removeprefix(f"{top}/") if top else path)
        try:
            found = read_tree(self._revision, path, ())
        except RefusedError:
            return None
        return None if found.is_folder else next(iter(found.files.values()), None)
