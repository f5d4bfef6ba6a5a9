"""Text in the styles of a terminal."""

from flowrunner.views.visible import visible

BOLD, DIM, ITALIC, UNDERLINE, STRIKE = "1", "2", "3", "4", "9"
RED, GREEN, YELLOW, BLUE, CYAN = "31", "32", "33", "34", "36"


def paint(text: str, style: str, colour: bool) -> str:
    """`text` in a style (codes such as ``1;31``), or as it is without colour or style."""
    return f"\x1b[{style}m{text}\x1b[0m" if colour and style and text else text


def linked(text: str, address: str) -> str:
    """`text` as a link that the terminal opens (https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda)."""
    return f"\x1b]8;;{visible(address)}\x1b\\{text}\x1b]8;;\x1b\\" if address else text
