"""``flowrunner emulator``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, open_in_browser, refuse, say
from flowrunner.cli.options import FilePath, journal_file
from flowrunner.dialects import DIALECTS, dialect_of
from flowrunner.emulator.webhooks.values import FORMS

if TYPE_CHECKING:
    from flowrunner.journal.places import Place


@click.command(help="Answer as the API would, on this machine, with a page to watch and chat on, until Ctrl-C.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8600,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--name", "names", multiple=True, metavar="HOST", help="A host name it answers to, besides localhost; repeatable."
)
@click.option(
    "--phone", "phones", multiple=True, metavar="NUMBER", help="Have a conversation with this number; repeatable."
)
@click.option(
    "--user-id", "user_ids", multiple=True, metavar="ID", help="Have one with somebody who has no phone; repeatable."
)
@click.option("--everybody", is_flag=True, help="Have a conversation with any number asked for, to practise campaigns.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT",
    help="A way to misbehave, e.g. status:code=429,count=2; repeatable.",
)
@click.option(
    "--templates",
    type=FilePath(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The account's templates, as JSON of Meta's list; others are then not there.",
)
@click.option(
    "--webhook", "webhooks", multiple=True, metavar="URL", help="A program on this machine that is told what happens."
)
@click.option(
    "--webhook-form",
    type=click.Choice(FORMS),
    default=FORMS[0],
    show_default=True,
    help="Whose payloads it is told.",
)
@click.option("--webhook-secret-env", metavar="NAME", help="The environment variable with the secret that signs them.")
@journal_file
@click.option("--open", "opens", is_flag=True, help="Open the page in a browser.")
def emulator(
    host: str,
    port: int,
    names: tuple[str, ...],
    phones: tuple[str, ...],
    user_ids: tuple[str, ...],
    everybody: bool,
    faults: tuple[str, ...],
    templates: Path | None,
    webhooks: tuple[str, ...],
    webhook_form: str,
    webhook_secret_env: str | None,
    journal: "Place",
    opens: bool,
) -> int:
    """Serve until interrupted."""
    from flowrunner.app.senders.emulator import SOMEBODY, new_state, read_templates
    from flowrunner.app.testing.save_played import saver
    from flowrunner.emulator.api.numbers import NUMBER_ID
    from flowrunner.emulator.serve import serve
    from flowrunner.emulator.webhooks.values import webhook

    try:
        state = new_state(faults, everybody=everybody)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from None
    try:
        talks = [state.conversations.create(phone) for phone in phones or (SOMEBODY,)]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--phone") from None
    try:
        talks += [state.conversations.create("", user_id=user_id) for user_id in user_ids]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--user-id") from None

    if templates:
        try:
            read_templates(state, templates)
        except (ValueError, OSError) as error:
            raise click.BadParameter(f"{templates}: {error}", param_hint="--templates") from None

    secret = os.environ.get(webhook_secret_env, "") if webhook_secret_env else ""
    if webhook_secret_env and not secret:
        raise click.BadParameter(f"{webhook_secret_env} is not set", param_hint="--webhook-secret-env")
    try:
        state.webhooks += [webhook(each, webhook_form, secret) for each in webhooks]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--webhook") from None

    def ready(url: str) -> None:
        say(f"the emulator listens on {url}; Ctrl-C ends it")
        say("open that address in a browser to watch the chats and to answer as the customer")
        for talk in talks:
            say(f"  conversation {talk.id} with {talk.phone or talk.user_id}")
        say("send to it from another terminal:")
        say(f"  KAPSO_API_KEY=any flowrunner run FLOW --phone {talks[0].phone} --api-url {url}")
        for other in DIALECTS[1:]:
            number = f" --number {NUMBER_ID}" if dialect_of(other).NUMBER.is_required else ""
            say(f"or in another dialect, with --dialect {other}{number}")
        if opens:
            open_in_browser(f"{url}/")

    try:
        serve(state, host, port, ready, names, saver(journal))
    except OSError as error:
        refuse(f"{host}:{port} cannot be used: {error.strerror or error}", "choose another --port, or 0 for a free one")
        return WRONG_INPUT
    return DONE
