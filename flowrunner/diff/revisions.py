"""Files as they are in a revision of a git repository. The only file that starts git.

Nothing is checked out and nothing is written: what is asked for is read from git's objects.
"""

import os
import posixpath
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from flowrunner.diagnostics.errors import RefusedError

TIMEOUT: Final = 60.0
"""Seconds for one answer of git's: more than a large repository on a slow disk needs."""

# They would change what a path means, or whether git may ask something.
_SETTINGS: Final = {"GIT_LITERAL_PATHSPECS": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
_UNSET: Final = ("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")


class Tree(NamedTuple):
    """What a revision has at a path.

    Attributes:
        path: From the top of the repository; empty for the top itself.
        files: For a folder, every file below it by its path from there; for a file, itself under its name. None is the
            content of a symbolic link that leads to no file of the revision.
    """

    path: str
    is_folder: bool
    files: Mapping[str, bytes | None]


def read_tree(revision: str, path: str, suffixes: tuple[str, ...]) -> Tree:
    """What stands at a path of a revision.

    Args:
        revision: Whatever git takes for a commit: ``main``, ``HEAD~2``, ``v1.0``, ``origin/main``.
        path: From the top of the repository; from the current folder, when it begins with ``./`` or ``../``.
        suffixes: How the names of the files end that are read from a folder.

    Raises:
        RefusedError: There is no git, no repository, no such revision or no such path.
    """
    tree, prefix, wanted = _found(revision, path)
    kind = _kind(tree, wanted)
    if kind == "tree":
        return Tree(wanted, True, dict(_contents(tree, wanted, _below(tree, wanted, suffixes))))
    if kind == "blob":
        return Tree(wanted, False, dict(_contents(tree, posixpath.dirname(wanted), [posixpath.basename(wanted)])))
    hint = f"git ls-tree -r --name-only {revision} lists what it has"
    if _kind(tree, _from_top(f"./{path}", prefix)):
        hint = f"did you mean {revision}:./{path}? Without ./ a path begins at the top of the repository"
    raise RefusedError(f"{revision} has no {wanted}", hint)


def file_at(revision: str, path: str) -> bytes | None:
    """A file as a revision has it; None where it has none there. For the arguments and errors see `read_tree`."""
    tree, _, wanted = _found(revision, path)
    if _kind(tree, wanted) != "blob":
        return None
    name = posixpath.basename(wanted)
    return dict(_contents(tree, posixpath.dirname(wanted), [name]))[name]


def _of_range(revision: str, path: str) -> str:
    """What to write in the place of ``A..B`` or ``A...B``, which `git diff` takes and which are two revisions."""
    first, _, rest = revision.partition("..")
    if not rest.startswith("."):
        return f"name one revision: {first or 'HEAD'}:{path}"
    return f'name one revision; where they parted is "$(git merge-base {first or "HEAD"} {rest[1:] or "HEAD"}):{path}"'


def _found(revision: str, path: str) -> tuple[str, str, str]:
    """A revision's tree; the current folder and the path, from the top of the repository. Raises as `read_tree`."""
    inside = _git("rev-parse", "--show-prefix")
    if inside is None:
        message = f"{revision}:{path}: this folder is not in a git repository"
        raise RefusedError(message, "go to the repository's folder")
    # A name that begins with a dash would be taken for an option; git allows none.
    found = None if revision.startswith("-") else _git("rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}")
    if not found:
        hint = "fetch it first (git fetch; in a GitHub workflow, fetch-depth: 0), or check its name"
        if ".." in revision:  # no name of git's has it: a range, as git diff takes it
            hint = _of_range(revision, path)
        raise RefusedError(f"git does not know the revision {revision}", hint)
    tree, prefix = os.fsdecode(found).strip(), os.fsdecode(inside).removesuffix("\n")
    wanted = _from_top(path, prefix)
    if wanted.split("/")[0] == "..":
        raise RefusedError(f"{revision}:{path} is outside of the repository", "name a path inside of it")
    return tree, prefix, wanted


def _from_top(path: str, prefix: str) -> str:
    relative = path in {".", ".."} or path.startswith(("./", "../"))
    whole = posixpath.normpath(posixpath.join(prefix, path) if relative else path)
    return "" if whole == "." else whole


def _kind(tree: str, path: str) -> str:
    """``tree`` or ``blob``, or what else git has there; empty where there is nothing."""
    if not path:
        return "tree"
    listed = _git("ls-tree", "-z", "--full-tree", tree, "--", path) or b""
    return os.fsdecode(listed).partition("\t")[0].split(" ")[1] if listed else ""


def _below(tree: str, folder: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    listed = _git("ls-tree", "-r", "-z", "--full-tree", "--name-only", tree, *(["--", f"{folder}/"] if folder else []))
    for name in os.fsdecode(listed or b"").split("\0"):
        if name.endswith(suffixes):
            yield name.removeprefix(f"{folder}/" if folder else "")


def _contents(tree: str, folder: str, names: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
    """Every file, read by one git; a symbolic link is followed as far as the revision has what it leads to."""
    asked = list(names)
    # One line for each; no name that holds a line break is right.
    lines = "".join(f"{tree}:{posixpath.join(folder, name)}\n" if "\n" not in name else "\n" for name in asked)
    answer = _git("cat-file", "--batch", "--follow-symlinks", given=os.fsencode(lines)) or b""
    for name in asked:
        head, _, answer = answer.partition(b"\n")
        # "<id> blob <size>" before a file's bytes; "<name> missing"; "dangling <size>" and the like before a path.
        *_, what, size = [b"", *head.split(b" ")]
        content = None
        if size.isdigit():
            content, answer = answer[: int(size)], answer[int(size) + 1 :]
        yield name, content if what == b"blob" else None


def _git(*arguments: str, given: bytes = b"") -> bytes | None:
    """What git answers; None where it refuses."""
    environment = {name: value for name, value in os.environ.items() if name not in _UNSET} | _SETTINGS
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and no argument of the user's that could be an option
            ["git", *arguments],  # noqa: S607  # the user's own git, wherever it is
            input=given,
            capture_output=True,
            env=environment,
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise RefusedError("git is not installed", "install it, or name files and folders instead") from None
    except OSError as error:
        raise RefusedError(f"git cannot be started: {error.strerror}", "check how it is installed") from None
    except subprocess.TimeoutExpired:
        raise RefusedError(
            f"git did not answer within {TIMEOUT:.0f} s", "try again, or look at the repository"
        ) from None
    said = done.stderr.decode(errors="replace")
    if done.returncode and "dubious ownership" in said:
        raise RefusedError(
            "git does not trust this folder: it belongs to someone else",
            "git config --global --add safe.directory names folders to trust",
        )
    return None if done.returncode else done.stdout
