"""flowrunner by a clock that runs ten times as fast: what it waits for comes soon, other work takes as long as ever.

Started as ``python -m support.hasty COMMAND...``. All of these programs on a machine go by one clock; who else shall go
by it, an emulator for one, is given `HASTY`.
"""

from typing import TYPE_CHECKING, Final

from flowrunner import clock
from flowrunner.cli import main

if TYPE_CHECKING:
    import asyncio

TIMES: Final = 10


class Hasty(clock.Clock):
    """A machine's clock that runs ten times as fast as it does."""

    def now(self) -> float:
        # Ahead of the machine's, the same for all processes.
        return super().now() + (TIMES - 1) * super().up()

    def monotonic(self) -> float:
        return TIMES * super().monotonic()

    def up(self) -> float:
        return TIMES * super().up()

    async def sleep(self, seconds: float, stop: "asyncio.Event | None" = None) -> bool:
        return await super().sleep(seconds / TIMES, stop)

    def block(self, seconds: float) -> None:
        super().block(seconds / TIMES)


HASTY: Final = Hasty()


if __name__ == "__main__":
    clock.SYSTEM.__class__ = Hasty
    main()
