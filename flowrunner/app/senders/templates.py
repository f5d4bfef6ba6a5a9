"""The templates of the account that sends: brought into a file of the repository, and compared with it."""

import asyncio
import difflib
import json
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.app.blocking import blocking
from flowrunner.app.output_files import write_whole
from flowrunner.app.senders.sender import Sender, open_sender
from flowrunner.client import EMULATOR, TransportError
from flowrunner.clock import SYSTEM, Clock
from flowrunner.config.finding import find_config
from flowrunner.delivery import Pace
from flowrunner.delivery.queries import ask
from flowrunner.diagnostics.errors import FlowError, RefusedError
from flowrunner.model.templates import Template, Templates
from flowrunner.templates.file import TemplatesFile, entry, read_file, written
from flowrunner.templates.finding import NAME, find_templates

_ANOTHER: Final = "name another: --file FILE"


class TemplatesError(RefusedError):
    """The API did not give the account's templates. Nothing was written."""


class Pulled(NamedTuple):
    """What `pull_templates` did.

    Attributes:
        path: The file.
        templates: All that is in it now.
        changes: What is not as it was in the file before.
    """

    path: Path
    templates: Templates
    changes: "tuple[TemplateChange, ...]"


class TemplateChange(NamedTuple):
    """One template that is not the same in the file and in the account; at least one of both is there.

    Attributes:
        in_file: As the file has it; None where it has none.
        in_account: As the account has it; None where it has none.
    """

    name: str
    language: str
    in_file: Template | None
    in_account: Template | None

    @property
    def lines(self) -> tuple[str, ...]:
        """What is different, as lines of the file: ``-`` of the file, ``+`` of the account, a space of both."""
        compared = difflib.unified_diff(_lines(self.in_file), _lines(self.in_account), lineterm="", n=1)
        return tuple(line for line in compared if not line.startswith(("---", "+++", "@@")))


def _lines(template: Template | None) -> list[str]:
    return json.dumps(entry(template), ensure_ascii=False, indent=2).split("\n") if template is not None else []


def templates_path(config: Path | None = None) -> Path:
    """The file that flows in the current folder are checked by; where there is none yet, where it belongs.

    That is beside ``config``, the ``flowrunner.toml`` that is used, by default the one that is found; else here.
    """
    if found := find_templates(Path()):
        return found
    beside = config or find_config(Path())
    return Path(os.path.relpath(beside.parent)) / NAME if beside is not None else Path(NAME)


def read_templates(path: Path | str | None = None) -> Templates:
    """The templates of a file, by name and language; of the one that is found from here, where none is named.

    Raises:
        FlowError: It is malformed.
        RefusedError: There is none.
    """
    its = Path(path) if path is not None else templates_path()
    if not its.exists():
        raise RefusedError(f"{its} does not exist", "write it: flowrunner templates pull")
    found = _own(its)
    if found.templates is None:
        raise FlowError(found.diagnostics)
    return found.templates


def _own(path: Path) -> TemplatesFile:
    """What is in a file of ours; it may be malformed.

    Raises:
        RefusedError: Another program wrote it.
    """
    found = read_file(path)
    if found.is_foreign:
        raise RefusedError(f"{path} is another program's file", f"rename it, or {_ANOTHER}")
    return found


async def fetch_templates_async(sender: Sender, *, account: str = "", clock: Clock = SYSTEM) -> Templates:
    """All templates of the account that sends, whatever their status, by name and language.

    Args:
        sender: The API that is asked.
        account: The id of its WhatsApp Business Account; needed where the API does not tell it, as Meta's own does not.
        clock: Where time comes from.

    Raises:
        SenderError: The API's URL or the key cannot be used.
        TemplatesError: The API cannot be asked, or has refused.
    """
    if not re.fullmatch(r"[0-9]{0,32}", account):
        raise TemplatesError(f"{account!r} is not the id of an account", "copy its digits from WhatsApp Manager")
    if sender.api_url == EMULATOR:
        raise TemplatesError("an emulator inside of this program has no templates", "ask one that listens: --api-url")
    async with open_sender(sender, clock=clock) as (client, _):
        sleep = partial(clock.sleep, stop=asyncio.Event())
        try:
            question = partial(client.templates, account)
            found = await ask(question, client, Pace(sender.rate, clock=clock), sleep, sender.max_wait)
        except TransportError as error:
            raise TemplatesError(error.reason, error.hint) from None
    return {(each.name, each.language): each for each in found or ()}


async def pull_templates_async(
    sender: Sender, path: Path | str | None = None, *, account: str = "", clock: Clock = SYSTEM
) -> Pulled:
    """Write the account's templates into a file, whole or not at all; raises as `fetch_templates` does.

    Args:
        sender: The API that is asked.
        path: The file; by default what `templates_path` gives.
        account: See `fetch_templates`.
        clock: Where time comes from.

    Raises:
        RefusedError: The file cannot be written.
    """
    its = Path(path) if path is not None else templates_path()
    there = _own(its) if its.is_file() else None
    templates = await fetch_templates_async(sender, account=account, clock=clock)
    before = there.templates if there is not None else None
    text = written(templates.values())
    if before is None or its.read_bytes() != text.encode():
        write_whole(its, [text], hint=_ANOTHER)
    return Pulled(its, templates, tuple(template_changes(before or {}, templates)))


async def compare_templates_async(
    sender: Sender, path: Path | str | None = None, *, account: str = "", clock: Clock = SYSTEM
) -> tuple[TemplateChange, ...]:
    """What the account has that the file has not, and the reverse, sorted by name and language.

    Raises:
        FlowError: The file is malformed.
        RefusedError: There is no file; or as `fetch_templates` does.
    """
    in_file = read_templates(path)
    return tuple(template_changes(in_file, await fetch_templates_async(sender, account=account, clock=clock)))


def template_changes(in_file: Templates, in_account: Templates) -> Iterator[TemplateChange]:
    """What is not the same in both, sorted by name and language."""
    for key in sorted({*in_file, *in_account}):
        ours, theirs = in_file.get(key), in_account.get(key)
        if ours is None or theirs is None or entry(ours) != entry(theirs):
            yield TemplateChange(*key, ours, theirs)


fetch_templates = blocking(fetch_templates_async)
pull_templates = blocking(pull_templates_async)
compare_templates = blocking(compare_templates_async)
