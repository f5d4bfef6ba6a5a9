"""``flowrunner worker``."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import click

from flowrunner.cli.config_defaults import Configured, used
from flowrunner.cli.console import say, tell
from flowrunner.cli.long_running import until_stopped
from flowrunner.cli.machine_limits import require_files, require_posix
from flowrunner.cli.options import (
    API_URL,
    DIALECT,
    GRACE,
    INSECURE,
    MAX_WAIT,
    NUMBER,
    RATE,
    TIMEOUT,
    given_rate,
    journal_file,
)

if TYPE_CHECKING:
    from flowrunner.delivery import Policy, Rate
    from flowrunner.journal.places import Place


@click.command(
    cls=Configured,
    help="Carry out what `run --detach` hands over, and go on with runs that are due, beside any number of other "
    "workers on any number of machines. Needs a journal in PostgreSQL. Ctrl-C or SIGTERM ends it: messages in flight "
    "are answered, and what is left is given back to the others.",
)
@click.option("--senders", "named", metavar="NAMES", default="",
              help="Senders of flowrunner.toml, with commas between them. By default all whose key this environment "
                   "has; the work of others is left to other workers.")  # fmt: skip
@journal_file
@click.option("--host", default="127.0.0.1", show_default=True, help="The address of /healthz and /metrics.")
@click.option("--port", type=click.IntRange(0, 65535), default=8701, show_default=True,
              help="Their port; 0 takes a free one.")  # fmt: skip
@click.option("--window", type=click.IntRange(1, 1000), default=100, show_default=True, metavar="N",
              help="How many messages of a sender may be on their way to the API at once.")  # fmt: skip
@click.option("--in-doubt", type=click.Choice(["reconcile", "stop", "resend", "skip"]), default="reconcile",
              show_default=True, help="What to do with a message the API may or may not have taken.")  # fmt: skip
@API_URL
@DIALECT
@NUMBER
@RATE
@MAX_WAIT
@TIMEOUT
@GRACE
@INSECURE
def worker(
    named: str, journal: "Place", host: str, port: int, window: int, in_doubt: "Policy", api_url: str,
    dialect: str | None, number: str, rate: "Rate", max_wait: float, timeout: float, grace: float, insecure: bool,
) -> int:  # fmt: skip
    """Work until interrupted."""
    from flowrunner.app.campaigns.handover import require_shared
    from flowrunner.app.senders.sender import Sender
    from flowrunner.app.workers.chosen_senders import chosen_working
    from flowrunner.app.workers.worker import work_async
    from flowrunner.config.overrides import Overrides

    require_posix()
    place = require_shared(journal)
    how = Sender("", "", rate, timeout, max_wait, grace, in_doubt, insecure)
    said = Overrides("", api_url, dialect or "", number, given_rate(rate))
    names = [each.strip() for each in named.split(",") if each.strip()]
    chosen = chosen_working(used(), names, said, how)
    require_files(window * len(chosen.senders))
    for each in chosen.without_key:
        tell(f"{each.key_env} is not set: what {each.name} sends is left to other workers")

    def tell_ready(base: str) -> None:
        whose = ", ".join(name for name, _ in chosen.senders)
        say(f"working for {whose}; {base}/healthz says how it is; Ctrl-C ends it")

    its = partial(work_async, chosen.senders, journal=place, host=host, port=port, window=window)
    return asyncio.run(until_stopped(its, tell_ready))
