"""The files that a flow is made of beside its own, for whoever watches them."""

from collections.abc import Iterator, Mapping
from os.path import normpath
from pathlib import Path
from typing import Any

from flowrunner.flow.translations.files import names_of
from flowrunner.flow.translations.languages import languages_of
from flowrunner.model.media import files_named
from flowrunner.source import read, read_bytes


def files_beside(flow: Path) -> list[Path]:
    """What a flow includes, there or not; the translations of all of these, and the files that their messages name.

    Each is looked into as far as it can be read.
    """
    flows, others = [Path(normpath(flow))], []
    for file in flows:  # which grows by what they include
        document, _ = read(read_bytes(file)[0], str(file))
        data = document.data if document is not None else None
        languages = languages_of(data)[1:] if isinstance(data, Mapping) else ()
        others += [file.parent / name for code in languages for name in names_of(file.name, code)]
        for each in _mappings(data):
            others += [file.parent / written for _, _, written in files_named(each)]
            included = each.get("include")
            if isinstance(included, str) and (its := Path(normpath(file.parent / included))) not in flows:
                flows.append(its)
    return [*dict.fromkeys([*flows[1:], *others])]


def _mappings(data: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping of a file, however deep: each may be a step or a message."""
    if isinstance(data, Mapping):
        yield data
    for each in data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ():
        yield from _mappings(each)
