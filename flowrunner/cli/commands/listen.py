"""``flowrunner listen``."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from flowrunner.cli.config_defaults import Configured, used
from flowrunner.cli.console import DONE, INTERRUPTED, STOPPED, say
from flowrunner.cli.interrupts import interruptible
from flowrunner.cli.long_running import log, until_stopped
from flowrunner.cli.machine_limits import require_files, require_posix
from flowrunner.cli.options import (
    API_URL,
    DIALECT,
    INSECURE,
    MAX_WAIT,
    NUMBER,
    RATE,
    TIMEOUT,
    given_rate,
    journal_file,
    with_options,
)
from flowrunner.cli.recipient_options import misplaced

if TYPE_CHECKING:
    from flowrunner.app.listening.listen import Listened
    from flowrunner.delivery import Policy, Rate
    from flowrunner.journal.places import Place


def _trying(command: Any) -> Any:
    """The options by which one sender is tried out, and how it sends."""
    return with_options((API_URL, DIALECT, NUMBER, RATE, MAX_WAIT, TIMEOUT, INSECURE), command)


@click.command(
    cls=Configured,
    help="Take in webhooks of the senders of flowrunner.toml, and go on with runs as people answer and moments come, "
    "until Ctrl-C or SIGTERM: then webhooks under way are answered, and runs are let go of where `resume`, or the next "
    "`listen`, goes on. Each API is asked at the beginning what was written while nobody listened.",
)
@click.option("--sender", "names", multiple=True, metavar="NAME",
              help="A sender of flowrunner.toml; repeatable. By default all with a webhook_secret_env.")  # fmt: skip
@journal_file
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8700, show_default=True,
              help="The port to listen on; 0 takes a free one.")  # fmt: skip
@click.option("--poll", is_flag=True, help="Ask the APIs what people write, with or without webhooks; at most a tenth "
                                           "of the rate.")  # fmt: skip
@click.option("--once", is_flag=True, help="Ask the APIs what people wrote, go on with all runs that can be gone "
                                           "on with, and end: for cron.")  # fmt: skip
@click.option("--webhook-secret-env", metavar="NAME", default="",
              help="The environment variable with what webhooks are signed with, instead of the file's.")  # fmt: skip
@click.option("--webhook-verify-env", metavar="NAME", default="",
              help="The environment variable with Meta's verify token, instead of the file's.")  # fmt: skip
@click.option("--notify", "notified", metavar="URL", default="",
              help="Tell a program how runs end: finished, handed over, opted out. https, or http to this "
                   "machine.")  # fmt: skip
@click.option("--notify-secret-env", metavar="NAME", default="",
              help="The environment variable with what that is signed with.")  # fmt: skip
@click.option("--in-doubt", type=click.Choice(["reconcile", "stop", "resend", "skip"]), default="reconcile",
              show_default=True, help="What to do with a message the API may or may not have taken.")  # fmt: skip
@_trying
def listen(
    names: tuple[str, ...], journal: "Place", host: str, port: int, poll: bool, once: bool, webhook_secret_env: str,
    webhook_verify_env: str, notified: str, notify_secret_env: str, in_doubt: "Policy", api_url: str,
    dialect: str | None, number: str, rate: "Rate", max_wait: float, timeout: float, insecure: bool,
) -> int:  # fmt: skip
    """Listen until interrupted."""
    if once and (stray := misplaced("host", "port", "notified", "notify_secret_env")):
        raise click.UsageError(f"--once cannot be combined with {stray}.")
    from flowrunner.app.listening.chosen_senders import Named, chosen_listened, secret_in
    from flowrunner.app.listening.listen import listen_async
    from flowrunner.app.senders.sender import Sender
    from flowrunner.config.overrides import Overrides

    require_posix()
    require_files()
    how = Sender("", "", rate, timeout, max_wait, in_doubt=in_doubt, insecure=insecure)
    said = Overrides("", api_url, dialect or "", number, given_rate(rate))
    named = Named(names, webhook_secret_env, webhook_verify_env)
    listened = chosen_listened(used(), named, said, how, poll=poll or once)
    if once:
        return asyncio.run(_one_round(listened, journal))
    secret = secret_in(notify_secret_env, "what notifications are signed with")
    its = partial(
        listen_async, listened, journal=journal, host=host, port=port, poll=poll, notify=notified, notify_secret=secret
    )
    return asyncio.run(until_stopped(its, partial(_tell_ready, listened)))


async def _one_round(listened: "list[Listened]", journal: "Place") -> int:
    from flowrunner.app.listening.listen_once import listen_once_async

    stop = asyncio.Event()
    with interruptible(stop):
        is_well = await listen_once_async(listened, journal=journal, stop=stop, log=log)
    return INTERRUPTED if stop.is_set() else DONE if is_well else STOPPED


def _tell_ready(listened: "list[Listened]", base: str) -> None:
    from flowrunner.receiver.endpoints import path

    say(f"listening on {base}; Ctrl-C ends it")
    for each in listened:
        say(f"  {each.name}: " + (f"webhooks come to {base}{path(each.name)}" if each.secret else "its API is asked"))
