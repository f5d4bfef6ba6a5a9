"""What a server has compressed, as it was before; no more is kept of it than there is to give."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator
from typing import Final

from flowrunner.client.decompression import inflated
from flowrunner.client.transport import Headers


class Compressed:
    """An answer that is over after its first piece, and goes on all the same."""

    status: Final = 201
    headers: Final[Headers] = [(b"Content-Encoding", b"gzip")]

    async def pieces(self) -> AsyncIterator[bytes]:
        """The pieces."""
        yield gzip.compress(b"yes")
        for _ in range(16):
            yield bytes(1 << 20)

    async def aclose(self) -> None:
        """Done with it."""


def test_what_follows_the_end_of_what_is_compressed_is_not_kept() -> None:
    """It counts as nothing, and so no bound would ever be met."""

    async def read() -> bytes:
        return b"".join([piece async for piece in inflated(Compressed())])

    tracemalloc.start()
    try:
        assert asyncio.run(read()) == b"yes"
        assert tracemalloc.get_traced_memory()[1] < 1 << 23
    finally:
        tracemalloc.stop()
