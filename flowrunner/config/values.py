"""What stands in a ``flowrunner.toml``, checked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.client.access import KEY_ENV
from flowrunner.config import NAME
from flowrunner.delivery.rate.pace import Rate
from flowrunner.diagnostics import Location
from flowrunner.dialects import DIALECTS
from flowrunner.journal.places import Place

USUAL_RATE: Final = Rate(100, 60.0)
"""Where nothing else is said: the smallest plan's, https://docs.kapso.ai/api/rate-limits."""


class SenderEntry(NamedTuple):
    """One ``[senders.NAME]``.

    Attributes:
        dialect: What its API speaks, one of `DIALECTS`.
        url: The API's base URL; empty for the production address.
        key_env: The environment variable that has the key.
        number: The id of the number that sends, as the dialect knows it; empty for the only one.
        rate: How many requests its key may make; None where it does not say.
        region: The country of phone numbers without a country code, as two letters; empty where it does not say.
        auth: How the key is sent, ``x-api-key`` or ``bearer``; empty for what the API expects.
        webhook_secret_env: The environment variable that has what its webhooks are signed with: Kapso's webhook secret,
            or Meta's app secret; empty where it has none.
        webhook_verify_env: The one that has what Meta says when a webhook's address is entered; likewise.
        at: Where it stands.
        key_at: Where its ``key_env`` stands, else where it does.
    """

    name: str
    dialect: str = DIALECTS[0]
    url: str = ""
    key_env: str = KEY_ENV
    number: str = ""
    rate: Rate | None = None
    region: str = ""
    auth: str = ""
    webhook_secret_env: str = ""
    webhook_verify_env: str = ""
    at: Location = Location(NAME)
    key_at: Location = Location(NAME)


class Defaults(NamedTuple):
    """``[defaults]``: what holds where neither a flag nor the environment says otherwise; empty where it does not say.

    Attributes:
        sender: The name of who sends.
        journal: The file that keeps the runs; or the database, by its URL without a password.
        region: As for a sender that does not say.
        rate: As for a sender that does not say.
        quiet_hours: When nobody of an audience is written to, by their own clock: ``21:00-08:00``.
        timezone: The time zone of people whose own is not known: ``America/Mexico_City``.
        exclude: The file of people who are never written to.
    """

    sender: str = ""
    journal: Place | None = None
    region: str = ""
    rate: Rate | None = None
    quiet_hours: str = ""
    timezone: str = ""
    exclude: Path | None = None


class Config(NamedTuple):
    """A ``flowrunner.toml``, as `flowrunner.load_config` reads it.

    Attributes:
        path: The file. Paths in it are relative to its folder; here they are whole.
        senders: By their names, in the order of the file.
        defaults: What holds where nothing else is said.
    """

    path: Path
    senders: Mapping[str, SenderEntry]
    defaults: Defaults = Defaults()
