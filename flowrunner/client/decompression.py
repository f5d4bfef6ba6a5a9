"""An answer's body as it was before its server compressed it, as far as it was asked to."""

import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

from flowrunner.client.no_answer import CompressionError
from flowrunner.client.transport import Incoming

ACCEPTED: Final = "gzip, deflate"
"""What a server may use."""
# What is decompressed at once stays small, however well it was compressed.
_PIECE: Final = 1 << 14
_GZIP: Final = zlib.MAX_WBITS | 16
_MOST_LAYERS: Final = 5
"""As curl has it: what one byte may come to grows a thousandfold with each (https://curl.se/docs/CVE-2022-32206.html)."""


def inflated(answer: Incoming) -> AsyncIterator[bytes]:
    """The body, piece by piece. A way to compress that was not asked for is left as it is.

    Raises:
        CompressionError: It is compressed, and not as its header says; or more than `_MOST_LAYERS` times.
    """
    said = b",".join(value for name, value in answer.headers if name.lower() == b"content-encoding")
    names = [name.strip().lower() for name in said.decode("latin-1").split(",")]
    layers = [_Layer(name) for name in reversed(names) if name in {"gzip", "deflate"}]
    if len(layers) > _MOST_LAYERS:
        raise CompressionError
    return _inflated(answer, layers) if layers else answer.pieces()


async def _inflated(answer: Incoming, layers: Sequence["_Layer"]) -> AsyncIterator[bytes]:
    async for piece in answer.pieces():
        for each in _through(layers, piece):
            yield each
    for at, layer in enumerate(layers, 1):
        for each in _through(layers[at:], layer.rest()):
            yield each


def _through(layers: Sequence["_Layer"], data: bytes) -> Iterator[bytes]:
    if not layers:
        yield data
        return
    for piece in layers[0].pieces(data):
        yield from _through(layers[1:], piece)


class _Layer:
    """One of the ways in which a body was compressed; the outermost, which was the last, is the first."""

    def __init__(self, name: str) -> None:
        self._zlib = zlib.decompressobj(_GZIP if name == "gzip" else zlib.MAX_WBITS)
        self._may_be_bare = name == "deflate"

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data and not self._zlib.eof:  # what follows its end would be kept
            yield self._piece(data)
            data = self._zlib.unconsumed_tail

    def rest(self) -> bytes:
        """What it has read and not given yet."""
        return self._zlib.flush()

    def _piece(self, data: bytes) -> bytes:
        try:
            piece = self._zlib.decompress(data, _PIECE)
        except zlib.error as fault:
            if not self._may_be_bare:
                raise CompressionError from fault
            # Some servers mean by "deflate" what it compresses to, without what goes around it.
            self._may_be_bare = False
            self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._piece(data)
        self._may_be_bare = False
        return piece
