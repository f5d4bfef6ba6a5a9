"""What stands between a client and a server, and cuts the connection at a chosen moment."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class Cutter:
    """Passes on what is said between clients and a port of this machine, until a word comes by.

    Attributes:
        port: Where clients are let in.
        cuts: How many connections were cut.
    """

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self._word, self._passes_on = b"", False
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()

    def cut_at(self, word: bytes, *, passes_on: bool) -> None:
        """Cut the next connection of which a client says that; the server may hear it, and answers to nobody."""
        self._word, self._passes_on = word, passes_on

    def _serve(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._to))
                threading.Thread(target=self._answers, args=[server, client], daemon=True).start()
                threading.Thread(target=self._asks, args=[client, server], daemon=True).start()

    def _asks(self, client: socket.socket, server: socket.socket) -> None:
        with client, server, suppress(OSError):
            while said := client.recv(1 << 16):
                if self._word and self._word in said:
                    self._word = b""
                    client.shutdown(socket.SHUT_RDWR)
                    if self._passes_on:
                        server.sendall(said)
                        server.settimeout(5)
                        server.shutdown(socket.SHUT_WR)
                        while server.recv(1 << 16):  # it has done what it heard when it hangs up
                            pass
                    self.cuts += 1
                    return
                server.sendall(said)

    @staticmethod
    def _answers(server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while said := server.recv(1 << 16):
                client.sendall(said)
            client.shutdown(socket.SHUT_RDWR)
