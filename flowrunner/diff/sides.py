"""What stands for one side of a comparison -> its flows, read and checked."""

from collections.abc import Mapping
from hashlib import sha256
from os.path import normpath
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.diff.beside import Beside
from flowrunner.diff.revisions import read_tree
from flowrunner.flow import Loaded, find_flows, holds_flow, load_file, load_text
from flowrunner.flow.steps import walk_flow
from flowrunner.flow.translations.files import flows_of, listed_languages
from flowrunner.media.types import type_of
from flowrunner.model import MessageStep
from flowrunner.model.media import MediaFile, files_named, name_in_bundle


class Side(NamedTuple):
    """One side.

    Attributes:
        name: As it was named.
        flows: Every flow by its path from the folder; of a file, the one flow by the file's name.
    """

    name: str
    is_folder: bool
    flows: Mapping[str, Loaded]


def read_side(name: str) -> Side:
    """The flows of a file, of a folder, or of either in a revision of git, written ``REV:path``.

    What exists on disk under just this name is meant before a revision is. What is wrong with a flow is in the result.

    Raises:
        RefusedError: There is nothing under this name.
    """
    path = Path(name)
    if path.is_dir():
        files, _ = find_flows([path])
        return Side(name, True, {file.relative_to(path).as_posix(): load_file(file) for file in files})
    if path.exists():
        return Side(name, False, {path.name: load_file(path)})
    revision, colon, inside = name.partition(":")
    if not colon or PureWindowsPath(name).is_absolute():
        raise RefusedError(f"{name} does not exist", "check the path; a revision of git is written REV:PATH")
    if not revision:
        raise RefusedError(f"{name} does not name a revision", f"write one before the colon: HEAD{name}")
    tree = read_tree(revision, inside, (".yaml", ".yml"))
    flows = {}
    for file, content in sorted(tree.files.items()):
        if not tree.is_folder or (holds_flow(PurePosixPath(file)) and not _is_translation(file, tree.files)):
            whole = PurePosixPath(tree.path, file) if tree.is_folder else PurePosixPath(tree.path)
            beside = Beside(revision, tree, whole)
            flows[file] = _with_files(_loaded(content, f"{revision}:{whole}", beside), revision, whole, beside)
    return Side(name, tree.is_folder, flows)


def _is_translation(file: str, files: Mapping[str, bytes | None]) -> bool:
    """Whether a file has the texts of another one of these."""
    names = [name for name in flows_of(PurePosixPath(file)) if name.as_posix() in files]
    code = PurePosixPath(file).stem.rpartition(".")[2]
    return any(code in listed_languages(files[name.as_posix()] or b"", str(name)) for name in names)


def _with_files(loaded: Loaded, revision: str, path: PurePosixPath, beside: Mapping[str, str]) -> Loaded:
    """The same flow with what the revision has of the files that its messages are sent with."""
    if loaded.flow is None or not any("media_file" in text for text in loaded.flow.bundle.files.values()):
        return loaded
    others: dict[str, str] = dict(beside)
    flows = (each.flow for each in (loaded, *loaded.translations.values()) if each.flow is not None)
    for step in (step for flow in flows for step in walk_flow(flow)):
        for _, _, written in files_named(step.message) if isinstance(step, MessageStep) else ():
            try:
                tree = read_tree(revision, normpath(path.parent / written), ())
            except RefusedError:
                continue  # what is not there is told from nothing
            for content in tree.files.values():
                if content is not None:
                    mime = (type_of(content) or "application/octet-stream").partition(";")[0]
                    its = MediaFile(sha256(content).hexdigest(), len(content), mime)
                    others[name_in_bundle(written)] = its.pointer
    return load_text(loaded.flow.bundle.text, loaded.path, others)


def _loaded(content: bytes | None, path: str, beside: Mapping[str, str]) -> Loaded:
    if content is not None:
        return load_text(content, path, beside)
    hint = "compare what it leads to"
    problem = Diagnostic(
        "unreadable", "a symbolic link that leads to no file of the revision", Location(path), hint=hint
    )
    return Loaded(path, None, None, (problem,))
