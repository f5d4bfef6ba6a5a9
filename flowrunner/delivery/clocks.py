"""Whether this machine's clock is right, by the clock that all machines of a journal go by."""

from flowrunner.diagnostics.errors import RefusedError


def is_off(offset: float, grace: float) -> bool:
    """Whether a clock that is so many seconds ahead is wrong: what was sent could not be looked up by its time."""
    return abs(offset) > grace


def require_right(offset: float, grace: float) -> None:
    """Refuse to work by such a clock.

    Raises:
        RefusedError: It is off by more than the grace.
    """
    if is_off(offset, grace):
        way = "ahead of" if offset > 0 else "behind"
        words = f"{abs(offset):.1f} s {way} the database's, and at most {grace:g} s are allowed"
        raise RefusedError(f"this machine's clock is {words}", "set it by NTP, and start again")
