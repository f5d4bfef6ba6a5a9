"""``flowrunner preview``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.app.people.named import checked
from flowrunner.app.reviewing.chosen_answers import Answers, read_answers
from flowrunner.app.reviewing.preview import EVERY_LANGUAGE, PreviewRequest, read_previews
from flowrunner.cli.config_defaults import Configured, used
from flowrunner.cli.console import DONE, WRONG_INPUT, complain, say, tell
from flowrunner.cli.options import (
    CONVERSATION,
    FLOW,
    PHONE_NUMBER,
    USER_ID,
    addressing,
    file_option,
    formats,
    output_option,
    variables,
)
from flowrunner.cli.preview_formats import draw, problems, title
from flowrunner.cli.table_options import Rows, reading
from flowrunner.dialects import DIALECTS
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.model import EXAMPLE_RECIPIENT, Reading, Recipient
from flowrunner.views.preview import Preview

if TYPE_CHECKING:
    from flowrunner.config.overrides import Overrides
    from flowrunner.views.requests import Way

_MOST_ROWS = 100
"""More people than that are a report, not something to look at."""


@click.command(
    cls=Configured,
    help="Show the conversation of FLOW (- is standard input). Inputs without a value use their default or example.",
)
@FLOW
@CONVERSATION
@click.option("--phone", type=PHONE_NUMBER, metavar="NUMBER", default="", help="The phone number of the recipient.")
@USER_ID
@variables
@file_option("--audience", "Preview for people in this file.")
@click.option(
    "--rows",
    "--row",
    type=Rows(_MOST_ROWS),
    help="Which rows of it, counted from 1: 3, 1-5 or 1,4-6; by default the first.",
)
@reading
@click.option("--window", type=click.Choice(["open", "closed"]),
              help="Whether free text may be sent (conversation.open).  [default: open]")  # fmt: skip
@click.option(
    "--language",
    metavar="CODE",
    default="",
    help="Which of the flow's languages to show; all for each of them.  [default: the recipient's; html: all]",
)
@click.option("--answers", "said_so", multiple=True, metavar="QUESTION=ANSWER,...",
              help="Show the one path with these answers (- is none) instead of every branch.")  # fmt: skip
@formats("chat", "html", "png", "json", "curl")
@addressing
@output_option("Write the result to FILE")
@click.option("--open", "opened", is_flag=True, help="Show the page or the picture in a browser.")
@click.option("--watch", is_flag=True, help="Reload whenever a file is saved, until Ctrl-C (chat and html).")
def preview(
    flow: Path,
    conversation: str,
    phone: str,
    user_id: str,
    pairs: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    audience: Path | None,
    rows: tuple[int, ...] | None,
    how: Reading,
    window: str | None,
    language: str,
    said_so: tuple[str, ...],
    form: str,
    said: "Overrides",
    output: Path | None,
    opened: bool,
    watch: bool,
) -> int:
    """The path of a run, stopped before anything is sent."""
    if rows and not audience:
        raise click.UsageError("--rows needs --audience FILE.")
    whom = Recipient(conversation, phone, user_id)
    if audience and any(whom):
        raise click.UsageError("--audience cannot be combined with --conversation, --phone or --user-id.")
    recipient = checked(whom, how.region, is_looked_up=True) if any(whom) else EXAMPLE_RECIPIENT
    if audience and language == EVERY_LANGUAGE:
        raise click.UsageError("--language all cannot be combined with --audience: each of its people reads one.")
    is_nobody = recipient == EXAMPLE_RECIPIENT and not audience and LANGUAGE not in dict(pairs)
    if not language and form == "html" and is_nobody:
        language = EVERY_LANGUAGE
    request = PreviewRequest(
        flow, pairs, files, audience, rows or (1,), how, recipient, _dialect(said, form), window != "closed", language,
        _answers(said_so),
    )  # fmt: skip
    _check(request, form, output, opened=opened, watch=watch)
    with _wrong_answers():
        if watch:
            from flowrunner.cli.watch_files import watch_chat, watch_page

            return watch_page(request, output, opened=opened) if form == "html" else watch_chat(request)
        previews = read_previews(request)
    complain(problems(previews))
    if any(its.rendering is None for its in previews):
        return WRONG_INPUT
    if window is None and any(its.window for its in previews):
        tell("this is for somebody who wrote within the last 24 hours; for the others: --window closed")
    its = previews[0].rendering
    if its is not None and len(its.flow.languages) > 1 and is_nobody and not language:
        tell(f"this is in {its.flow.languages[0]}; for the others: --language {its.flow.languages[1]}, or all")
    way = _way(said) if form == "curl" else None
    return _show(previews, form, output, request.sources, way, opened=opened)


def _answers(written: Sequence[str]) -> Answers:
    with _wrong_answers():
        return read_answers(written)


@contextmanager
def _wrong_answers() -> Iterator[None]:
    """What cannot be answered is wrong usage."""
    try:
        yield
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--answers") from None


def _way(said: "Overrides") -> "Way":
    """How whoever would send posts; nothing is sent."""
    from functools import partial

    from flowrunner.app.senders.configured import chosen
    from flowrunner.app.senders.sender import Sender
    from flowrunner.client.access import address
    from flowrunner.client.targets import read_target
    from flowrunner.views.requests import Way

    sender = chosen(used(), said, Sender(insecure=True), needs_key=False)
    its, spoken = read_target(sender.target), sender.spoken
    where = address(its.url, spoken, its.number)
    is_bearer = (sender.auth or spoken.auth(where.host)) == "bearer"
    header = f"Authorization: Bearer ${sender.key_env}" if is_bearer else f"X-API-Key: ${sender.key_env}"
    post = partial(spoken.post, number=its.number)
    return Way(where.root, header, sender.key_env, spoken.addresses, spoken.opens, post)


def _dialect(said: "Overrides", form: str) -> str:
    """What the flow is for; empty for whatever has all of its messages, where nothing says it."""
    if said.dialect:
        return said.dialect
    if used() is not None or said.sender:
        from flowrunner.app.senders.configured import entry_of

        if (entry := entry_of(used(), said.sender)) is not None:
            return entry.dialect
    return DIALECTS[0] if form == "curl" else ""


def _check(request: PreviewRequest, form: str, output: Path | None, *, opened: bool, watch: bool) -> None:
    """Refuse options that cannot stand together."""
    if opened and form not in {"html", "png"}:
        raise click.UsageError("--open is for --format html and png.")
    if form == "png" and not (output or opened):
        raise click.UsageError("--format png needs --output FILE or --open.")
    if watch and (form not in {"chat", "html"} or (form == "chat" and output)):
        raise click.UsageError("--watch is for the chat in the terminal and for --format html.")
    if watch and Path("-") in request.sources:
        raise click.UsageError("--watch needs files: standard input is read only once.")


def _show(
    previews: Sequence[Preview],
    form: str,
    output: Path | None,
    inputs: Sequence[Path],
    way: "Way | None",
    *,
    opened: bool,
) -> int:
    from flowrunner.app.output_files import write_whole
    from flowrunner.cli.console import open_in_browser

    drawn: str | bytes
    if form == "png":
        from flowrunner.cli.chromium import picture
        from flowrunner.views.html.preview import as_picture

        drawn = picture(as_picture(previews, title=title(previews)))
    else:
        drawn = draw(form, previews, to_terminal=output is None, way=way)
        if output is None and not opened:
            say(drawn)
            return DONE
        drawn += "\n"
    path = output or _temporary(form)
    write_whole(path, [drawn], inputs=inputs)
    return open_in_browser(path.resolve().as_uri()) if opened else DONE


def _temporary(form: str) -> Path:
    """A new file that outlives the program: the browser reads it after."""
    from tempfile import mkdtemp

    path = Path(mkdtemp(prefix="flowrunner-")) / f"preview.{form}"
    tell(f"written to {path}")
    return path
