"""The files that stand beside a flow, for whoever watches them."""

from collections.abc import Mapping
from pathlib import Path

from flowrunner.model.media import files_named
from flowrunner.source import read, read_bytes


def files_beside(flow: Path) -> list[Path]:
    """The files that a flow's messages name, there or not, as far as the flow can be read."""
    document, _ = read(read_bytes(flow)[0], str(flow))
    data = document.data if document is not None else None
    steps = data.get("steps") if isinstance(data, Mapping) else None
    messages = [step.get("message") for step in steps if isinstance(step, Mapping)] if isinstance(steps, list) else []
    named = (flow.parent / written for message in messages for _, _, written in files_named(message))
    return [*dict.fromkeys(named)]
