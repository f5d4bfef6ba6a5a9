"""Standard input, output and error that tear nothing off: what cannot be written is said once, and the work goes on."""

import errno
import io
import os
import select
import sys
from typing import Any, Final, TextIO

_READER_GONE: Final = {errno.EPIPE, errno.EINVAL} if os.name == "nt" else {errno.EPIPE}
_NAMES: Final = ("stdin", "stdout", "stderr")


class _Steady(io.RawIOBase):
    """A stream that takes everything: from the first fault on, what is written is dropped.

    A full disk under a log must not end a campaign halfway: the journal, not the log, says what was sent.
    """

    def __init__(self, raw: io.RawIOBase, name: str) -> None:
        self._raw, self._name = raw, name
        self.fault: OSError | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._raw.isatty()

    def fileno(self) -> int:
        return self._raw.fileno()

    def write(self, data: Any, /) -> int:
        if self.fault is None:
            try:
                while (written := self._raw.write(data)) is None:
                    select.select([], [self._raw], [])  # another program made it one that does not wait
            except OSError as error:
                self.fault = error
                self._complain(error)
            else:
                return written
        return len(data)

    def _complain(self, error: OSError) -> None:
        # Whoever closed a pipe (`| head`) knows; and where standard error itself is lost, nobody can be told.
        if self._name == "stdout" and error.errno not in _READER_GONE:
            sys.stderr.write(
                f"error: standard output cannot be written: {error.strerror}; what is under way continues\n"
            )
            sys.stderr.flush()


def make_steady() -> None:
    """Put streams that never fail in the place of this process's output, and empty ones in the place of closed ones."""
    for number, name in enumerate(_NAMES):
        if getattr(sys, name) is None:
            # In this order each takes the number that is free: no journal, no connection may ever be number 1.
            stream = open(os.devnull, "w" if number else "r", encoding="utf-8")  # noqa: SIM115, PTH123
            setattr(sys, name, stream)
        elif number:
            setattr(sys, name, _steady(getattr(sys, name), name))


def _steady(stream: TextIO, name: str) -> TextIO:
    raw = _raw(stream)
    if not isinstance(raw, io.RawIOBase) or isinstance(raw, _Steady):
        return stream  # a test's own
    return io.TextIOWrapper(
        io.BufferedWriter(_Steady(raw, name)), stream.encoding, "backslashreplace" if name == "stderr" else "replace",
        line_buffering=name == "stderr" or stream.isatty(),
    )  # fmt: skip


def output_is_whole() -> bool:
    """Write what is left. Returns whether all of the output was written, as far as somebody read it."""
    sys.stdout.flush()
    sys.stderr.flush()
    fault = _fault()
    return fault is None or fault.errno in _READER_GONE


def output_has_ended() -> bool:
    """Whether nobody can read any more of what is written to standard output."""
    return _fault() is not None


def _fault() -> OSError | None:
    raw = _raw(sys.stdout)
    return raw.fault if isinstance(raw, _Steady) else None


def _raw(stream: TextIO) -> object:
    buffer = getattr(stream, "buffer", None)
    return getattr(buffer, "raw", buffer)  # Python gives none between where output is not to be held back
