"""For which senders a worker carries things out: those whose key it has."""

from collections.abc import Sequence
from typing import NamedTuple

from flowrunner.app.senders.configured import chosen
from flowrunner.app.senders.sender import Sender
from flowrunner.app.workers.worker import Working
from flowrunner.config.overrides import Overrides
from flowrunner.config.values import Config, SenderEntry
from flowrunner.diagnostics.errors import RefusedError

_ALONE = "default"
"""What a sender is called that stands in no file."""


class Chosen(NamedTuple):
    """Whose work a worker does.

    Attributes:
        senders: Those.
        without_key: Senders of the file whose key this environment lacks: their work is left to others.
    """

    senders: Sequence[Working]
    without_key: Sequence[SenderEntry] = ()


def chosen_working(config: Config | None, names: Sequence[str], said: Overrides, base: Sender) -> Chosen:
    """Those who are named; else all of the file that have a key, or the only sender there is.

    Args:
        config: The file, if there is one.
        names: Who is meant.
        said: What else wins over the file; an address is that of one sender.
        base: How they send apart from that.

    Raises:
        SenderError: There is no such sender.
        ConfigError: The environment variable with the key of one that was named is not set.
        RefusedError: Nobody has a key.
    """
    if said.api_url and len(set(names)) > 1:
        raise RefusedError("one address cannot be that of several senders", "leave out --api-url, or name one sender")
    if names:
        return Chosen(
            [Working(name, chosen(config, said._replace(sender=name), base)) for name in dict.fromkeys(names)]
        )
    if config is None or not config.senders or said.api_url:
        return Chosen([Working(_ALONE, chosen(config, said, base))])
    every = [
        (each, chosen(config, said._replace(sender=each.name), base, needs_key=False))
        for each in config.senders.values()
    ]
    found = [Working(each.name, sender) for each, sender in every if sender.key.strip()]
    if not found:
        variables = " or ".join(dict.fromkeys(each.key_env for each in config.senders.values()))
        raise RefusedError(f"no sender of {config.path} has its key in this environment", f"set {variables}")
    return Chosen(found, [each for each, sender in every if not sender.key.strip()])
