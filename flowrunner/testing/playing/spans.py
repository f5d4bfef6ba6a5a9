"""Spans of time as a test writes them."""


def spelt(seconds: float) -> str:
    """``2h 59m``; of less than a second, ``500ms``."""
    if 0 < seconds < 1:
        return f"{round(seconds * 1000)}ms"
    left, said = round(seconds, 3), list[str]()
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        number, left = divmod(left, size)
        if number:
            said.append(f"{number:.0f}{unit}")
    return " ".join([*said, *([f"{round(left, 3):g}s"] if left or not said else [])])
