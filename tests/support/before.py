"""Journals and plans of earlier flowrunners, as a `make.py` in `tests/data/before` made each, and their emulators."""

import gzip
import hashlib
import json
import shutil
import sqlite3
import zlib
from contextlib import closing
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from flowrunner.emulator.api.faults import fault_from
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from support.emulated import accepted
from support.hasty import Hasty

FOLDER = Path(__file__).parents[1] / "data" / "before"


class _Moments(Hasty):
    """It says what it was told, while there is something; the time otherwise."""

    time = 0.0

    def now(self) -> float:
        return self.time or super().now()


class Before:
    """What one commit wrote, and what was known then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What was known when they were written; see the maker."""
        return json.loads(gzip.decompress((self._folder / "facts.json.gz").read_bytes()))

    def journal(self, name: str, folder: Path, url: str = "") -> Path:
        """A journal as it was, with all its files; sent to ``url`` instead of where it was sent."""
        for packed in self._folder.glob(f"{name}.db*.gz"):
            (folder / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
        path = folder / f"{name}.db"
        if url:
            with closing(sqlite3.connect(path)) as db, db:
                for key, *sealed in db.execute("SELECT key, digest, name, path FROM flows").fetchall():
                    seal = zlib.crc32("\0".join([*sealed, url]).encode())
                    db.execute("UPDATE flows SET target = ?, seal = ? WHERE key = ?", (url, seal, key))
                if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'apis'").fetchone():
                    db.execute("UPDATE apis SET target = ?", (url,))
        return path

    def plan(self, name: str, folder: Path, url: str) -> Path:
        """A plan with the files beside it, made for ``url`` instead of where it was made for, and sealed again."""
        shutil.copytree(self._folder / name, folder, dirs_exist_ok=True)
        path = folder / "plan.jsonl"
        head, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        text = "".join([head.replace(self.facts["url"], url), *lines[:-1]])
        seal = hashlib.sha256(text.encode()).hexdigest()
        path.write_text(f'{text}{{"sha256":"{seal}"}}\n', encoding="utf-8")
        return path

    def emulator(self) -> EmulatorState:
        """The emulator as it was then, with every window opened now, and conversations with everybody."""
        clock, ids, fresh = _Moments(), [message["id"] for message in self.facts["messages"]], count(1)
        state = EmulatorState(
            clock=clock,
            api_key=self.facts["key"],
            delays=Delays(0, 0.01, 0.02),
            new_id=lambda: ids.pop(0) if ids else f"new-{next(fresh)}",
        )
        for conversation, phone in self.facts["conversations"]:
            state.conversations.create(phone, conversation_id=conversation)
        for message in self.facts["messages"]:
            if message["failure"]:
                code, text = message["failure"]
                state.faults.add(fault_from({"kind": "read-failed", "count": 1, "code": code, "text": text}))
            clock.time = message["at"]
            accepted(state, message["conversation"], message["body"], state.faults.posted())
        clock.time = 0.0
        state.conversations.on_demand = True
        return state


BEFORE = {"026c618": Before(FOLDER), **{each: Before(FOLDER / each) for each in ("c357ab4", "a5bd266")}}
"""By the commit: the last before flows could branch, that knew one API alone, and whose flows did not listen."""
