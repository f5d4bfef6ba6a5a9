"""The files that stand beside a flow, for whoever watches them."""

from collections.abc import Mapping
from pathlib import Path

from flowrunner.flow.translations.files import names_of
from flowrunner.flow.translations.languages import languages_of
from flowrunner.model.media import files_named
from flowrunner.source import read, read_bytes


def files_beside(flow: Path) -> list[Path]:
    """The files of a flow's translations, and those that its messages name, there or not, as far as it can be read."""
    document, _ = read(read_bytes(flow)[0], str(flow))
    data = document.data if document is not None else None
    steps = data.get("steps") if isinstance(data, Mapping) else None
    messages = [step.get("message") for step in steps if isinstance(step, Mapping)] if isinstance(steps, list) else []
    languages = languages_of(data)[1:] if isinstance(data, Mapping) else ()
    named = (flow.parent / written for message in messages for _, _, written in files_named(message))
    translations = (flow.parent / name for code in languages for name in names_of(flow.name, code))
    return [*dict.fromkeys([*translations, *named])]
