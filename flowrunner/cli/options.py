"""Options that several commands have, and how they are read."""

import os
from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flowrunner.cli.limits import require_files, require_posix

if TYPE_CHECKING:
    from flowrunner.app.sender import Sender
    from flowrunner.delivery import Policy, Rate

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_JOURNAL = ".flowrunner/journal.db"
PATH = click.Path(path_type=Path)
FLOW = click.argument("flow", type=PATH, metavar="FLOW")
RUN = click.argument("run_id", required=False, default="", metavar="[RUN]")


def with_options(options: Iterable[Callable[[Any], Any]], command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with these options, in the order of its help."""
    for option in reversed(tuple(options)):
        command = option(command)
    return command


def file_option(name: str, said: str, **more: Any) -> Callable[[Command], Command]:
    """An option that names a file; ``said`` is its help."""
    return click.option(name, type=PATH, metavar="FILE", help=said, **more)


def formats(*names: str) -> Callable[[Command], Command]:
    """``--format``, of which the first is usual; it arrives as ``form``."""
    return click.option("--format", "form", type=click.Choice(names), default=names[0], show_default=True)


class _Pair(click.ParamType[Any]):
    """``K=V``."""

    name = "K=V"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not name=value", param, ctx)
        return name, text


def variables(command: Command) -> Command:
    """``--var`` and ``--vars``."""
    files = click.option("--vars", "files", type=PATH, multiple=True, metavar="FILE",
                         help="Variables from a YAML or JSON file; --var takes precedence.")  # fmt: skip
    return click.option("--var", "pairs", type=_Pair(), multiple=True, help="A variable; repeatable.")(files(command))


class Parsed(click.ParamType[Any]):
    """What a function makes of a text, or refuses by a ValueError; its module is imported when it is needed."""

    def __init__(self, name: str, module: str, function: str) -> None:
        self.name, self._module, self._function = name, module, function

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """What the function makes of it."""
        if not isinstance(value, str):
            return value
        try:
            return attrgetter(self._function)(import_module(self._module))(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


journal_file = file_option("--journal", "The file that keeps the runs; also FLOWRUNNER_JOURNAL.",
                           envvar="FLOWRUNNER_JOURNAL", default=DEFAULT_JOURNAL, show_default=True)  # fmt: skip
RATE = click.option("--rate", type=Parsed("RATE", "flowrunner.delivery.pace", "Rate.parse"), envvar="FLOWRUNNER_RATE",
                    default="100/min", show_default=True,
                    help="How many requests the key may make; also FLOWRUNNER_RATE.")  # fmt: skip
CONVERSATION = click.option("--conversation", metavar="ID", default="", help="The API's id of the conversation.")
API_URL = click.option("--api-url", envvar="FLOWRUNNER_API_URL", default="", metavar="URL",
                       help="The address of the API; also FLOWRUNNER_API_URL.")  # fmt: skip
DIALECT = click.option("--dialect", type=click.Choice(["kapso-v1", "meta"]), envvar="FLOWRUNNER_DIALECT",
                       help="Which API the messages must be for; also FLOWRUNNER_DIALECT. By default any that has all "
                            "of them.")  # fmt: skip
MAX_WAIT = click.option("--max-wait", type=click.FloatRange(0), default=120.0, show_default=True, metavar="SECONDS",
                        help="How long to keep retrying a request.")  # fmt: skip
TIMEOUT = click.option("--timeout", type=click.FloatRange(0.1, 50), default=30.0, show_default=True, metavar="SECONDS",
                       help="How long a request may take.")  # fmt: skip
INSECURE = click.option("--insecure", is_flag=True, envvar="FLOWRUNNER_INSECURE",
                        help="Allow http:// to another computer, where the API key can be read on the way; also "
                             "FLOWRUNNER_INSECURE.")  # fmt: skip
_SENDING = (
    formats("text", "jsonl"),
    click.option("--in-doubt", type=click.Choice(["reconcile", "stop", "ask", "resend", "skip"]), default="reconcile",
                 show_default=True, help="What to do with a message the API may or may not have taken."),
    RATE,
    MAX_WAIT,
    TIMEOUT,
    click.option("--grace", type=click.FloatRange(0), default=5.0, show_default=True, metavar="SECONDS",
                 help="How long the API may take to list a message that it accepted."),
    INSECURE,
)  # fmt: skip


def sending(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that sends; they arrive as one ``sender``."""

    @wraps(command)
    def wrapper(
        in_doubt: "Policy", rate: "Rate", max_wait: float, timeout: float, grace: float, insecure: bool, **options: Any
    ) -> Any:
        require_posix()
        require_files()
        sender = sender_of("", rate, max_wait, timeout, insecure=insecure)
        return command(**options, sender=sender._replace(grace=grace, in_doubt=in_doubt))

    return with_options(_SENDING, wrapper)


def sender_of(
    api_url: str, rate: "Rate", max_wait: float = 120.0, timeout: float = 30.0, *, insecure: bool
) -> "Sender":
    """Who sends, with the key of the environment."""
    from flowrunner.app.sender import Sender

    key = os.environ.get("KAPSO_API_KEY", "")
    return Sender(key, api_url, rate, timeout, max_wait, insecure=insecure)
