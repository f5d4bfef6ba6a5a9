"""Text made safe for a terminal, measured in its cells, and coloured."""

import re
from collections.abc import Iterator

BOLD, DIM, ITALIC, UNDERLINE, STRIKE = "1", "2", "3", "4", "9"
RED, GREEN, YELLOW, BLUE, CYAN = "31", "32", "33", "34", "36"

TAB = "    "

UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What steers a terminal (controls, line separators, reversals of the writing direction) or cannot be encoded at all.
The joiners that emoji, Persian and Thai are made of are ordinary text and not among them."""


def visible(text: str, keep: str = "") -> str:
    """`text` with every character that would steer a terminal, or cannot be encoded, drawn as a sign.

    A C0 control becomes its picture (``␛``), any other ``<U+202E>``, a tab four spaces. The characters of
    ``keep`` stay.
    """
    return UNSAFE.sub(lambda found: found[0] if found[0] in keep else _sign(found[0]), text)


def escaped(text: str) -> str:
    """JSON `text` with what would steer a terminal written as JSON's own escapes: the same value."""
    return UNSAFE.sub(lambda found: "\n" if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def _sign(char: str) -> str:
    code = ord(char)
    if char == "\t":
        return TAB
    if code == 0x7F:
        return "␡"
    return chr(0x2400 + code) if code < 0x20 else f"<U+{code:04X}>"


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """Each character a person sees in visible `text`, with the number of terminal cells it takes."""
    if text.isascii():
        yield from ((char, 1) for char in text)
        return
    from rich.cells import split_graphemes

    # One table for everyone: "auto" would ask the environment.
    for start, end, cells in split_graphemes(text, "latest")[0]:
        yield text[start:end], cells


def width(text: str) -> int:
    """How many terminal cells visible `text` takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text, "latest")


def is_sure(text: str) -> bool:
    """Whether all terminals agree on the width of visible `text`: few know every emoji of several code points."""
    return all(len(cluster) == 1 and not "\U0001f1e6" <= cluster <= "\U0001f1ff" for cluster, _ in clusters(text))


def head(text: str, cells: int) -> str:
    """The longest beginning of visible `text` that fits; an ellipsis stands for what was cut."""
    if width(text) <= cells:
        return text
    kept: list[str] = []
    used = 1
    for cluster, size in clusters(text):
        used += size
        if used > cells:
            break
        kept.append(cluster)
    return "".join(kept) + "…"


def tail(text: str, cells: int) -> str:
    """The longest end of visible `text` that fits; an ellipsis stands for what was cut."""
    if width(text) <= cells:
        return text
    kept = list(clusters(text))
    used = 0
    start = len(kept)
    while start and used + kept[start - 1][1] <= cells - 1:
        start -= 1
        used += kept[start][1]
    return "…" + "".join(cluster for cluster, _ in kept[start:])


def pad(text: str, cells: int) -> str:
    """Visible `text` with spaces up to `cells`; longer text stays as it is."""
    return text + " " * (cells - width(text))


def paint(text: str, style: str, colour: bool) -> str:
    """`text` in a style (codes such as ``1;31``), or as it is without colour or style."""
    return f"\x1b[{style}m{text}\x1b[0m" if colour and style and text else text


def linked(text: str, address: str) -> str:
    """`text` as a link that the terminal opens (https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda)."""
    return f"\x1b]8;;{visible(address)}\x1b\\{text}\x1b]8;;\x1b\\" if address else text
