"""Senders that cannot both be right: the limit of a number is one, whoever names it."""

from collections.abc import Iterator

from flowrunner.client.access import target_key
from flowrunner.client.targets import Target
from flowrunner.config.values import USUAL_RATE, Config, SenderEntry
from flowrunner.delivery.rate.pace import Rate
from flowrunner.diagnostics import Note, Problem
from flowrunner.dialects import dialect_of


def target_of(entry: SenderEntry) -> str:
    """The same text for all senders of one number at one API."""
    url = entry.url or dialect_of(entry.dialect).PRODUCTION_URL
    return target_key(Target(entry.dialect, url, entry.number).text)


def clashes(config: Config) -> Iterator[Problem]:
    """Two senders of one number with different rates."""
    first: dict[tuple[str, str], SenderEntry] = {}
    for entry in config.senders.values():
        # Without a number it is the only one of the key's account.
        number = (target_of(entry), "" if entry.number else entry.key_env)
        other = first.setdefault(number, entry)
        if _rate(entry, config) != _rate(other, config):
            message = f"{entry.name} sends from the same number as {other.name}, at another rate"
            hint = "give both the same rate: it is the limit of that number"
            note = Note(f"{other.name} stands here", other.at)
            route = ("senders", entry.name)
            yield Problem("sender-clash", message, route, hint, at_key=True, notes=(note,))


def _rate(entry: SenderEntry, config: Config) -> Rate:
    return entry.rate or config.defaults.rate or USUAL_RATE
