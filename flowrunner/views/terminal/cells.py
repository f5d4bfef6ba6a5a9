"""How many cells of a terminal a text takes, and texts cut or padded to them."""

from collections.abc import Iterator


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
