"""Which senders are listened to, with what their webhooks are signed with."""

import os
from typing import NamedTuple

from flowrunner.app.listening.listen import Listened
from flowrunner.app.senders.configured import chosen, entry_of
from flowrunner.app.senders.sender import Sender
from flowrunner.config.overrides import Overrides
from flowrunner.config.values import Config, SenderEntry
from flowrunner.diagnostics.errors import RefusedError

_ALONE = "default"
"""What a sender is called that stands in no file."""


class Named(NamedTuple):
    """What is said at once, and wins over the file; empty where nothing is said.

    Attributes:
        senders: The names of those who are listened to.
        secret_env: The environment variable with what webhooks are signed with.
        verify_env: The one with Meta's verify token.
    """

    senders: tuple[str, ...] = ()
    secret_env: str = ""
    verify_env: str = ""


def chosen_listened(
    config: Config | None, named: Named, said: Overrides, base: Sender, *, poll: bool
) -> list[Listened]:
    """Those who are named; else all of the file that have a secret, or are asked; else the only sender there is.

    Args:
        config: The file, if there is one.
        named: Who is meant, and their secrets.
        said: What else wins over the file; an address is that of one sender.
        base: How they send apart from that.
        poll: Whether APIs are asked, too: then nobody needs a secret.

    Raises:
        SenderError: There is no such sender, or it is not clear which is meant.
        ConfigError: The environment variable with a key is not set.
        RefusedError: That with a secret is not set.
    """
    names = dict.fromkeys(named.senders)
    if not names and config is not None and not said.api_url:
        names = dict.fromkeys(each.name for each in config.senders.values() if poll or each.webhook_secret_env)
    if said.api_url and len(names) > 1:
        raise RefusedError("one address cannot be that of several senders", "leave out --api-url, or name one --sender")
    return [_listened(config, named, said._replace(sender=name), base) for name in names or [""]]


def _listened(config: Config | None, named: Named, said: Overrides, base: Sender) -> Listened:
    entry = entry_of(config, said.sender)
    name = entry.name if entry is not None else _ALONE
    secret = secret_in(named.secret_env or _of(entry, "webhook_secret_env"), f"what webhooks of {name} are signed with")
    verify = secret_in(named.verify_env or _of(entry, "webhook_verify_env"), f"Meta's verify token for {name}")
    return Listened(name, chosen(config, said, base), secret, verify)


def _of(entry: SenderEntry | None, key: str) -> str:
    return str(getattr(entry, key)) if entry is not None else ""


def secret_in(variable: str, what: str) -> str:
    """What an environment variable holds; empty where none is named.

    Raises:
        RefusedError: It is not set.
    """
    found = os.environ.get(variable, "").strip() if variable else ""
    if variable and not found:
        raise RefusedError(f"the environment variable {variable} with {what} is not set", f"set {variable}")
    return found
