"""Which ``flowrunner.toml`` is meant: looked for from a flow's folder upwards."""

from pathlib import Path

from flowrunner.config import NAME
from flowrunner.source.above import find_above


def find_config(*near: Path) -> Path | None:
    """The ``flowrunner.toml`` that is nearest to the first of these places which has one; None where none has.

    Where it is looked for, says `find_above`: somebody else could name in a shared folder where a key is sent.
    """
    return find_above(NAME, *near)
