"""A ``flowrunner.toml`` is read: senders and defaults, or everything that is wrong with them."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flowrunner.config.checking import DEFAULT_KEYS, SENDER_KEYS, table_problems
from flowrunner.config.clashes import clashes
from flowrunner.config.secrets import masked_line, without_keys
from flowrunner.config.values import Config, Defaults, SenderEntry
from flowrunner.delivery.rate.pace import Rate
from flowrunner.diagnostics import Diagnostic, Problem, nearest
from flowrunner.diagnostics.errors import FlowError
from flowrunner.journal.places import DatabaseUrl, Place, place_of
from flowrunner.source import Document, read_bytes
from flowrunner.source.toml import read_toml

_TABLES = ("senders", "defaults")


class ConfigError(FlowError):
    """A ``flowrunner.toml`` is wrong, or what it says cannot be used. Nothing was sent."""


def read_config(path: Path) -> tuple[Config | None, list[Diagnostic]]:
    """Read one file.

    Args:
        path: The file; diagnostics call it so.

    Returns:
        What it says, None where something in it is wrong; and every problem, sorted by its place. Nothing that looks
        like a key is in any of them.
    """
    content, unreadable = read_bytes(path)
    if unreadable is not None:
        return None, [unreadable]
    document, found = read_toml(content, str(path))
    config = None
    if document is not None:
        found = [document.diagnose(each) for each in _problems(document.data)]
        if not found:
            config = _config(path, document)
            found = [document.diagnose(each) for each in clashes(config)]
    found.sort(key=lambda each: (each.location.line, each.location.column))
    return None if found else config, [_without_keys(each) for each in found]


def _problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    for name in data:
        if name not in _TABLES:
            yield _unknown(name, data[name])
    senders, defaults = data.get("senders", {}), data.get("defaults", {})
    if not isinstance(senders, dict):
        yield Problem("wrong-type", "senders must be tables", ("senders",), "write [senders.NAME] above the keys")
        senders = {}
    for name, entry in senders.items():
        route = ("senders", name)
        if isinstance(entry, dict):
            yield from table_problems(entry, SENDER_KEYS, route, os.environ)
        elif name in SENDER_KEYS:
            yield Problem("unknown-key", f"{name} belongs to one sender", route, "write [senders.NAME] above it",
                          at_key=True)  # fmt: skip
        else:
            yield Problem("wrong-type", f"the sender {name} must be a table", route, f"write [senders.{name}] for it")
    if not isinstance(defaults, dict):
        yield Problem("wrong-type", "defaults must be a table", ("defaults",), "write [defaults] above its keys")
        return
    yield from table_problems(defaults, DEFAULT_KEYS, ("defaults",), os.environ)
    named = defaults.get("sender")
    if isinstance(named, str) and named and named not in senders:
        near = nearest(named, list(senders))
        hint = f"did you mean {near}?" if near else f"add a table [senders.{named}], or remove this"
        yield Problem("unknown-sender", f"there is no sender {named}", ("defaults", "sender"), hint)


def _unknown(name: str, value: Any) -> Problem:
    """A key or a table at the top that is none of the file's."""
    message = f"{name} is not a table of flowrunner.toml"
    if isinstance(value, dict) and (near := nearest(name, list(_TABLES))):
        return Problem("unknown-key", message, (name,), f"did you mean {near}?", at_key=True)
    homes = [table for table, keys in (("defaults", DEFAULT_KEYS), ("senders.NAME", SENDER_KEYS)) if name in keys]
    if homes and not isinstance(value, dict):
        return Problem(
            "unknown-key", f"{name} stands in no table", (name,), f"write [{homes[0]}] above it", at_key=True
        )
    return Problem(
        "unknown-key", message, (name,), "remove it: the tables are [senders.NAME] and [defaults]", at_key=True
    )


def _config(path: Path, document: Document) -> Config:
    """What a file without problems says."""
    data, folder = document.data, path.resolve().parent
    senders = {}
    for name, entry in data.get("senders", {}).items():
        at = document.diagnose(Problem("", "", ("senders", name), at_key=True)).location
        key_at = document.location(("senders", name, "key_env")) if "key_env" in entry else at
        senders[name] = SenderEntry(name, **{**entry, "rate": _rate(entry)}, at=at, key_at=key_at)
    its = data.get("defaults", {})
    files: dict[str, Place] = {
        key: folder / Path(its[key]).expanduser() for key in ("journal", "exclude") if key in its
    }
    if isinstance(database := place_of(its.get("journal", "")), DatabaseUrl):
        files["journal"] = database
    return Config(path, senders, Defaults(**{**its, **files, "rate": _rate(its)}))


def _rate(entry: Mapping[str, Any]) -> Rate | None:
    return Rate.parse(entry["rate"]) if "rate" in entry else None


def _without_keys(its: Diagnostic) -> Diagnostic:
    """The same, in which nothing looks like a key."""
    message, hint = without_keys(its.message), without_keys(its.hint)
    return its._replace(message=message, hint=hint, excerpt=masked_line(its.excerpt))
