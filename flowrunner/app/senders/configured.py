"""Which sender is meant: what is said at once wins over the file, see `flowrunner.config`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.app.senders.sender import Sender, SenderError
from flowrunner.client import EMULATOR
from flowrunner.client.access import KEY_ENV, target_key
from flowrunner.client.targets import read_target
from flowrunner.config import NAME
from flowrunner.config.finding import find_config
from flowrunner.config.overrides import Overrides
from flowrunner.delivery.rate.pace import Rate
from flowrunner.diagnostics import nearest
from flowrunner.diagnostics.errors import RefusedError

if TYPE_CHECKING:
    from flowrunner.config.values import Config, SenderEntry  # most folders have no file of senders


def load_config(path: Path | str | None = None, *, near: Path | str = ".") -> "Config":
    """Read a ``flowrunner.toml``.

    Args:
        path: The file; by default it is looked for.
        near: Where the search begins: a flow, or a folder. It goes upwards as far as the root of the repository or the
            home folder.

    Raises:
        RefusedError: There is none.
        ConfigError: Something in it is wrong; its diagnostics say what, where, and what mends it.
    """
    from flowrunner.config.reading import ConfigError, read_config

    found = Path(path) if path is not None else find_config(Path(near))
    if found is None:
        raise RefusedError(
            f"there is no {NAME} in {Path(near).resolve()} or above it", "write one, or name it by its path"
        )
    config, problems = read_config(found)
    if config is None:
        raise ConfigError(problems)
    return config


def sender_from(config: "Config", name: str = "") -> Sender:
    """A sender of a file, with the key that the environment has for it.

    Args:
        config: What `load_config` gave.
        name: Which one; by default that of ``[defaults]``, or the only one.

    Raises:
        SenderError: There is no such sender, or it is not clear which is meant.
        ConfigError: The environment variable with its key is not set.
    """
    return chosen(config, Overrides(name), Sender())


def chosen(config: "Config | None", said: Overrides, base: Sender, *, needs_key: bool = True) -> Sender:
    """Who sends.

    Args:
        config: The file, if there is one.
        said: What wins over it.
        base: How it sends apart from that; without a file its key is that of ``KAPSO_API_KEY``.
        needs_key: Whether the key must be there; else it is looked for when the API is first to be asked.

    Raises:
        SenderError: There is no such sender, or it is not clear which is meant.
        ConfigError: The environment variable with its key is not set.
    """
    entry = entry_of(config, said.sender)
    if entry is None and config is not None and config.senders and not said.api_url:
        entries = list(config.senders.values())
        raise SenderError(f"{config.path} has {len(entries)} senders, and none is named", _which(entries))
    if config is None or entry is None:
        rate = said.rate or (config.defaults.rate if config is not None else None) or base.rate
        its = base._replace(key=os.environ.get(KEY_ENV, ""), rate=rate)
    else:
        its = _of(entry, config, base, said.rate, needs_key=needs_key and said.api_url != EMULATOR)
    return its._replace(
        api_url=said.api_url or its.api_url, dialect=said.dialect or its.dialect, number=said.number or its.number
    )


def chosen_at(config: "Config | None", target: str, said: Overrides, base: Sender) -> Sender:
    """Who goes on with what was begun: the sender of the file that sends there, else the key of ``KAPSO_API_KEY``.

    Args:
        config: The file, if there is one.
        target: Where it was begun, as the journal calls it.
        said: A name among those that send there, and a rate.
        base: As for `chosen`.

    Raises:
        SenderError: The sender that was named sends elsewhere, several send there, or none does and there is no key.
        ConfigError: The environment variable with its key is not set.
    """
    there = _there(config, target)
    needs_key = read_target(target).url != EMULATOR
    if config is not None and config.senders and not there and needs_key and not os.environ.get(KEY_ENV, "").strip():
        raise SenderError(f"this goes to {target}, where no sender of {config.path} sends", _back(target))
    if said.sender:
        named = _named(config, said.sender)
        if named not in there:
            names = " or ".join(f"--sender {each.name}" for each in there)
            hint = f"leave it out, or write {names}" if names else "leave it out"
            raise SenderError(f"this goes to {target}, where the sender {named.name} does not send", hint)
        there = [named]
    if config is not None and len(there) > 1:
        there = [each for each in there if each.name == config.defaults.sender] or there
    if config is None or not there:
        return chosen(None, Overrides(rate=said.rate), base).at(target)
    if len(there) > 1:
        raise SenderError(f"several senders of {config.path} send to {target}", _which(there))
    return _of(there[0], config, base, said.rate, needs_key=True).at(target)


def entry_of(config: "Config | None", name: str) -> "SenderEntry | None":
    """The sender of a file that is meant: by its name, else that of ``[defaults]``, else the only one.

    Raises:
        SenderError: There is none of that name.
    """
    if name:
        return _named(config, name)
    if config is None or not config.senders:
        return None
    if config.defaults.sender:
        return config.senders[config.defaults.sender]
    return next(iter(config.senders.values())) if len(config.senders) == 1 else None


def _there(config: "Config | None", target: str) -> "list[SenderEntry]":
    """The senders of a file that send there."""
    if config is None:
        return []
    from flowrunner.config.clashes import target_of

    key = target_key(target)
    return [each for each in config.senders.values() if target_of(each) == key]


def _back(target: str) -> str:
    """What lets it go on there: a sender of the file, or a key."""
    its = read_target(target)
    number = f' and number = "{its.number}"' if its.number else ""
    return f'write one with dialect = "{its.dialect}", url = "{its.url}"{number}, or set {KEY_ENV}'


def _named(config: "Config | None", name: str) -> "SenderEntry":
    if config is None:
        raise SenderError(
            f"there is no {NAME}, and so no sender {name}",
            f"write one, with [senders.{name}], or name it with --config",
        )
    if name not in config.senders:
        near = nearest(name, list(config.senders))
        known = f"it has {', '.join(config.senders)}" if config.senders else f"add a table [senders.{name}]"
        raise SenderError(f"{config.path} has no sender {name}", f"did you mean {near}?" if near else known)
    return config.senders[name]


def _which(entries: "list[SenderEntry]") -> str:
    names = " or ".join(f"--sender {each.name}" for each in entries[:3])
    return f'name one: {names}; or write sender = "{entries[0].name}" below [defaults]'


def _of(entry: "SenderEntry", config: "Config", base: Sender, rate: Rate | None, *, needs_key: bool) -> Sender:
    from flowrunner.config.values import USUAL_RATE

    its = base._replace(
        key=os.environ.get(entry.key_env, ""), api_url=entry.url,
        rate=rate or entry.rate or config.defaults.rate or USUAL_RATE, dialect=entry.dialect, number=entry.number,
        auth=entry.auth, key_env=entry.key_env, key_of=(entry.name, entry.key_at),
    )  # fmt: skip
    if needs_key:
        its.require_key()
    return its
