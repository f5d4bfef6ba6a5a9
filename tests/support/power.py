"""A computer whose power fails: what is left of a journal of which only that is sure that the disk was waited for."""

import sqlite3
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from flowrunner.journal.sqlite.database import FileDatabase

When = Literal["before a commit", "after a commit"]
Left = Literal["what is sure", "half of the rest", "all, and an old mark"]


class _Disk(NamedTuple):
    """A journal's own file and its log."""

    file: bytes
    log: bytes


class Power:
    """Keeps, at one commit of a process, what a power cut leaves of its journal; from then on no disk is there.

    Attributes:
        waited: Commits that waited for the disk.
        checkpoints: How often the log was brought into the file, which waits for both.
        failed: The moment of the cut came.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, path: Path, *, at: int = 0, when: When = "after a commit",
        left: Left = "what is sure",
    ) -> None:  # fmt: skip
        """``at`` is the number of the commit, from 1 on; 0 for none."""
        self.waited = self.checkpoints = 0
        self.failed = False
        self._path, self._at, self._when, self._left = path, at, when, left
        self._commits = 0
        self._sure = _Disk(b"", b"")
        self._old_mark = b""
        connect = sqlite3.connect
        power = self

        class Connection(FileDatabase):
            def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
                return power.executed(super().execute, sql, *parameters)

        def connected(uri: str, /, **options: Any) -> sqlite3.Connection:
            if not uri.startswith(path.as_uri()):
                return connect(uri, **options)  # of a journal that is made elsewhere and comes to its place whole
            return connect(uri, **{**options, "factory": Connection})

        monkeypatch.setattr(sqlite3, "connect", connected)

    def executed(self, execute: Any, sql: str, *parameters: Any) -> sqlite3.Cursor:
        """Execute a statement, unless the power has failed."""
        if self.failed:
            raise sqlite3.OperationalError("disk I/O error")
        if sql == "COMMIT":
            self._commits += 1
            if self._commits == self._at and self._when == "before a commit":
                self._fail()
        result: sqlite3.Cursor = execute(sql, *parameters)
        if sql.startswith("PRAGMA wal_checkpoint"):
            self.checkpoints += 1
            self._sure = self._now()
        elif sql == "COMMIT":
            if execute("PRAGMA synchronous").fetchone() == (2,):
                self.waited += 1
                self._sure = self._now()
            if self._commits == self._at:
                self._fail()
        self._old_mark = self._old_mark or self._read("-mark")
        return result

    def _now(self) -> _Disk:
        return _Disk(self._read(""), self._read("-wal"))

    def _read(self, end: str) -> bytes:
        file = Path(f"{self._path}{end}")
        return file.read_bytes() if file.exists() else b""

    def _fail(self) -> None:
        """Keep what is left, at `left_at`, and answer nobody any more."""
        file, log, mark = self._sure.file or self._read(""), self._sure.log, self._read("-mark")
        if self._left != "what is sure":
            file, log = self._now()
        if self._left == "half of the rest":
            log = log[: max(len(self._sure.log), (len(self._sure.log) + len(log)) // 2)]
        if self._left == "all, and an old mark":
            mark = self._old_mark
        to = self.left_at
        to.parent.mkdir()
        for end, data in (("", file), ("-wal", log), ("-mark", mark)):
            Path(f"{to}{end}").write_bytes(data)
        self.failed = True
        raise sqlite3.OperationalError("disk I/O error")

    @property
    def left_at(self) -> Path:
        """Where the journal is that the power cut left."""
        return self._path.parent / "after the power cut" / self._path.name
