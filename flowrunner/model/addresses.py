"""The addresses of steps that are done more than once: as they are written, and in one turn."""

import re
from collections.abc import Sequence
from typing import Final

_TURN: Final = r"#\d+\."


def at_turn(address: str, turns: Sequence[int]) -> str:
    """The address of a step in one turn of each `ForEachStep` around it, from outside: ``5#.1`` is ``5#2.1``."""
    first, *rest = address.split("#.", len(turns))
    return first + "".join(f"#{turn}.{part}" for turn, part in zip(turns, rest, strict=False))


def as_written(address: str) -> str:
    """The address of the same step in the flow, whichever turn it was done in: ``5#2.1`` is ``5#.1``."""
    return re.sub(_TURN, "#.", address) if "#" in address else address
