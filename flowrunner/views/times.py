"""Moments and spans of time, as a person reads them."""

from datetime import datetime


def moment(at: float) -> str:
    """A moment to the second in the machine's zone; nothing for none."""
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def minute(at: float) -> str:
    """A moment to the minute in the machine's zone, as a sentence has it."""
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d at %H:%M")


def duration(seconds: float) -> str:
    """A span as it is said: ``500 ms``, ``2 s``, ``1 min 30 s``, ``3 d``."""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    said: list[str] = []
    left = seconds
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        count, left = divmod(left, size)
        if count:
            said.append(f"{count:.0f} {unit}")
    if left:
        said.append(f"{round(left, 3):g} s")
    return " ".join(said)


def stopwatch(seconds: float) -> str:
    """A span as a stopwatch shows it: ``0:07``, ``12:34``, ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def rough(seconds: float) -> str:
    """A span as one guesses it: ``1 second``, ``12 minutes``, ``3 hours``."""
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    whole = max(round(seconds), 1)  # nothing takes 0 seconds
    return f"{whole} second{'' if whole == 1 else 's'}"
