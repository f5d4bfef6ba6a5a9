"""The messages as they go on the wire."""

from flowrunner.model import Rendering


def message_list(rendering: Rendering) -> str:
    """A JSON list of the ``message`` objects; each stands on a line of its own, byte for byte as it is posted."""
    if not rendering.messages:
        return "[]"
    return "[\n" + ",\n".join(message.wire for message in rendering.messages) + "\n]"
