"""The files of translations: ``welcome.es.yaml`` beside ``welcome.yaml``."""

from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath
from typing import Final, NamedTuple, TypeVar

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.source import read, read_bytes

SUFFIXES: Final = (".yaml", ".yml")


def names_of(flow: str, language: str) -> list[str]:
    """What the file of a translation may be called, the usual name first.

    Args:
        flow: The name of the file whose texts it has, as a bundle has it.
        language: The code.
    """
    path = PurePosixPath(flow)
    own = path.suffix if path.suffix in SUFFIXES else SUFFIXES[0]
    stem = path.stem if path.suffix in SUFFIXES else path.name
    return [
        str(path.with_name(f"{stem}.{language}{suffix}")) for suffix in sorted(SUFFIXES, key=lambda each: each != own)
    ]


def nearly_called(flow: str, language: str, folder: Path) -> str:
    """A file that is called nearly as the translation is: with a dash, in other case, without the country."""
    wanted = [
        PurePosixPath(each).name for each in (*names_of(flow, language), *names_of(flow, language.partition("_")[0]))
    ]
    alike = {_folded(f"{each}{more}") for each in wanted for more in ("", ".txt")}
    found = sorted(each.name for each in (folder / flow).parent.iterdir() if _folded(each.name) in alike)
    return next(iter(found), "")


def _folded(name: str) -> str:
    return name.replace("-", "_").casefold()


def flow_of(path: Path) -> Path | None:
    """The flow whose translation a file is; None where it is none.

    It is one where the flow beside it says that it has this language: ``welcome.es.yaml`` alone is any file.
    """
    code = path.stem.rpartition(".")[2]
    for flow in flows_of(path):
        if flow.is_file() and code in listed_languages(read_bytes(flow)[0], str(flow)):
            return flow
    return None


P = TypeVar("P", bound=PurePath)


def flows_of(path: P) -> list[P]:
    """The flows whose translation a file may be, by its name."""
    stem, dot, code = path.stem.rpartition(".")
    if path.suffix not in SUFFIXES or not dot or not stem:
        return []
    from flowrunner.languages.codes import is_language, normal  # few files are called so

    if normal(code) != code or not is_language(code):
        return []
    return [path.with_name(stem + suffix) for suffix in SUFFIXES]


def listed_languages(content: bytes, path: str) -> list[str]:
    """What a flow says under ``languages``, right or wrong."""
    document, _ = read(content, path)
    data = document.data if document is not None else None
    found = data.get("languages") if isinstance(data, Mapping) else None
    return [str(each) for each in found] if isinstance(found, list) else []


class Found(NamedTuple):
    """The file of a translation.

    Attributes:
        name: What it is called, or would be.
        content: What is in it; None where there is no such file.
        problem: Why it is there and cannot be read.
    """

    name: str
    content: bytes | str | None
    problem: Diagnostic | None = None


def find(flow: str, language: str, others: Mapping[str, str], folder: Path | None) -> Found:
    """The file of a translation.

    Args:
        flow: The name of the file whose texts it has, as a bundle has it.
        language: The code.
        others: The texts that are known, by name.
        folder: Where the flow stands; None where only ``others`` count.
    """
    names = names_of(flow, language)
    if (known := next((name for name in names if name in others), "")) != "":
        return Found(known, others[known])
    if folder is not None and (name := next((each for each in names if (folder / each).exists()), "")):
        file = folder / name
        content, problem = read_bytes(file)
        if problem is None and file.is_symlink() and _leads_elsewhere(file, folder):
            message, hint = "the file is a link that leads elsewhere", "copy the file into that folder"
            return Found(name, b"", Diagnostic("unreadable", message, Location(str(file)), hint=hint))
        return Found(name, content, problem)
    return Found(names[0], None)


def _leads_elsewhere(file: Path, folder: Path) -> bool:
    from flowrunner.media.finding import is_in, top_of  # links are few

    return not is_in(file.resolve(), top_of(folder.absolute()).resolve())
