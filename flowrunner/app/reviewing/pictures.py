"""The pictures that a flow's messages are sent with, as a page shows them."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flowrunner.flow import Loaded
from flowrunner.flow.steps import walk_flow
from flowrunner.model import MessageStep
from flowrunner.model.media import files_named, name_in_bundle

_MOST: Final = 24 << 20
"""Bytes of pictures in one page, together: more would take a browser, and whoever mails it, too long."""


def pictures_of(loaded: Loaded) -> Mapping[str, str]:
    """The pictures of a flow without errors as ``data:`` addresses, by the files as it names them.

    Those come first that stand first; what would be too much, or is gone, is left out.
    """
    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    media, found, left = loaded.flow.bundle.media, dict[str, str](), _MOST
    flows = [each.flow for each in (loaded, *loaded.translations.values()) if each.flow is not None]
    steps = (step for flow in flows for step in walk_flow(flow)) if media else ()
    for message in (step.message for step in steps if isinstance(step, MessageStep)):
        for _, _, written in files_named(message):
            its = media[name_in_bundle(written)]
            if written in found or not its.type.startswith("image/") or its.size > left:
                continue
            try:
                content = (Path(loaded.path).parent / written).read_bytes()
            except OSError:
                continue
            left -= len(content)
            found[written] = f"data:{its.type};base64,{b64encode(content).decode()}"
    return found
