"""Options that several commands have, and how they are read."""

import errno
import math
import os
from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flowrunner.cli.config_defaults import USUAL_JOURNAL
from flowrunner.cli.machine_limits import require_files, require_posix
from flowrunner.dialects import DIALECTS

if TYPE_CHECKING:
    from flowrunner.config.overrides import Overrides
    from flowrunner.delivery import Policy, Rate, WhenBusy

Command = TypeVar("Command", bound=Callable[..., Any])


class FilePath(click.Path):
    """A path that a file can have: nobody has to think of others afterwards."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        try:
            os.lstat(value)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                self.fail(f"{str(value)[:40]!r}... is too long to be the name of a file", param, ctx)
        except ValueError:
            self.fail(f"{str(value)[:40]!r} has a character that no file's name can have", param, ctx)
        return super().convert(value, param, ctx)


class Number(click.FloatRange):
    """A number within bounds: not ``nan``, which is within any, and not ``inf``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


PATH = FilePath(path_type=Path)
FLOW = click.argument("flow", type=PATH, metavar="FLOW")


def _not_empty(context: click.Context, parameter: click.Parameter, run_id: str) -> str:
    """What was given; nothing only where nothing was: a script's empty variable means a run that it does not know."""
    if not run_id and context.get_parameter_source(str(parameter.name)) is click.core.ParameterSource.COMMANDLINE:
        raise click.BadParameter("it is empty.")
    return run_id


RUN = click.argument("run_id", required=False, default="", metavar="[RUN]", callback=_not_empty)


def with_options(options: Iterable[Callable[[Any], Any]], command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with these options, in the order of its help."""
    for option in reversed(tuple(options)):
        command = option(command)
    return command


def file_option(name: str, said: str, **more: Any) -> Callable[[Command], Command]:
    """An option that names a file; ``said`` is its help."""
    return click.option(name, type=PATH, metavar="FILE", help=said, **more)


def output_option(said: str) -> Callable[[Command], Command]:
    """``--output``, of a command that prints one thing: None, as without it, where ``-`` is named."""
    return file_option("--output", f"{said}; - is standard output.", callback=_or_none)


def _or_none(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    return None if path == Path("-") else path


def no_stream(_context: click.Context, _parameter: click.Parameter, path: Path | None) -> Path | None:
    """The file, of a command that prints something else beside it."""
    if path == Path("-"):
        raise click.BadParameter("- is no file: what is printed would stand beside it. Name a file.")
    return path


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


class _Place(FilePath):
    """Where a journal is; of a shell's Tab key it is a file."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A path, or the URL of a database."""
        from flowrunner.journal.places import place_of

        place = place_of(value)
        if place == Path("-"):
            self.fail("- is no journal: name a file, or the URL of a database.", param, ctx)
        return super().convert(value, param, ctx) if isinstance(place, Path) else place


def parse_phone(text: str) -> str:
    """A phone number as it was typed; how it is read depends on the region.

    Raises:
        ValueError: It is a user id.
    """
    if text.strip()[:1].isalpha():
        from flowrunner.phones.user_ids import user_id

        if isinstance(user_id(text), str):
            raise ValueError(f"{text!r} is a user id of WhatsApp, not a phone number: give it by --user-id")
    return text


def parse_user_id(text: str) -> str:
    """A user id as WhatsApp writes it.

    Raises:
        ValueError: It is none.
    """
    if not text:
        return ""
    from flowrunner.phones.user_ids import user_id

    found = user_id(text)
    if isinstance(found, str):
        return found
    raise ValueError(f"{found.message}: {found.hint}")


PLACE = _Place(path_type=Path)
"""Where a journal is."""
journal_file = click.option("--journal", type=PLACE, metavar="FILE|URL", envvar="FLOWRUNNER_JOURNAL",
                            default=USUAL_JOURNAL, show_default=True,
                            help="Where the runs are kept: a file, or a database, postgresql://...; also "
                                 "FLOWRUNNER_JOURNAL.")  # fmt: skip
RATE = click.option("--rate", type=Parsed("RATE", "flowrunner.delivery.rate.pace", "Rate.parse"),
                    envvar="FLOWRUNNER_RATE", default="100/min", show_default=True,
                    help="How many requests the key may make; also FLOWRUNNER_RATE.")  # fmt: skip
CONVERSATION = click.option("--conversation", metavar="ID", default="", help="The API's id of the conversation.")
SENDER = click.option("--sender", metavar="NAME", envvar="FLOWRUNNER_SENDER", default="",
                      help="A sender of flowrunner.toml; also FLOWRUNNER_SENDER.")  # fmt: skip
OF_SENDER = click.option("--sender", metavar="NAME", envvar="FLOWRUNNER_SENDER", default="", expose_value=False,
                         help="Whose region and dialect count: a sender of flowrunner.toml; also "
                              "FLOWRUNNER_SENDER.")  # fmt: skip
ITS_SENDER = click.option("--sender", "said", type=Parsed("NAME", "flowrunner.config.overrides", "Overrides"),
                          default="",
                          help="A sender of flowrunner.toml; by default the one that sends where this was "
                               "begun.")  # fmt: skip
PHONE_NUMBER = Parsed("NUMBER", __name__, "parse_phone")
USER_ID = click.option("--user-id", type=Parsed("ID", __name__, "parse_user_id"), default="", metavar="ID",
                       help="WhatsApp's id of somebody, also without a phone: US.13491208655302741918.")  # fmt: skip
API_URL = click.option("--api-url", envvar="FLOWRUNNER_API_URL", default="", metavar="URL",
                       help="The address of the API; also FLOWRUNNER_API_URL.")  # fmt: skip
_NAMES = click.Choice(DIALECTS)
DIALECT = click.option("--dialect", type=_NAMES, envvar="FLOWRUNNER_DIALECT",
                       help="What the API speaks; also FLOWRUNNER_DIALECT.")  # fmt: skip
FOR_DIALECT = click.option("--dialect", type=_NAMES, envvar="FLOWRUNNER_DIALECT",
                           help="The dialect that must be able to send them all; by default any; also "
                                "FLOWRUNNER_DIALECT.")  # fmt: skip
NUMBER = click.option("--number", metavar="ID", envvar="FLOWRUNNER_NUMBER", default="",
                      help="The id of the number that sends: its phone_number_id or whatsapp_config_id, as the dialect "
                           "calls it; also FLOWRUNNER_NUMBER.")  # fmt: skip
_ADDRESSING = (
    SENDER,
    API_URL,
    DIALECT,
    NUMBER,
)  # fmt: skip
MAX_WAIT = click.option("--max-wait", type=Number(0), default=120.0, show_default=True, metavar="SECONDS",
                        help="How long to keep retrying a request.")  # fmt: skip
TIMEOUT = click.option("--timeout", type=Number(0.1, 50), default=30.0, show_default=True, metavar="SECONDS",
                       help="How long a request may take.")  # fmt: skip
GRACE = click.option("--grace", type=Number(0), default=5.0, show_default=True, metavar="SECONDS",
                     help="How long the API may take to list a message that it accepted.")  # fmt: skip
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
    GRACE,
    INSECURE,
    click.option("--busy", type=click.Choice(["wait", "refuse"]), default="wait", show_default=True,
                 help="What to do with people whom another run is asking something: wait for their answer, or refuse "
                      "to begin."),
    click.option("--wait", is_flag=True, help="Stay while people are asked something, until they have answered."),
)  # fmt: skip


def addressing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say by which API and number is sent; they arrive as one ``said``."""

    @wraps(command)
    def wrapper(sender: str, api_url: str, dialect: str | None, number: str, **options: Any) -> Any:
        from flowrunner.config.overrides import Overrides

        # The file's dialect is that of one of its senders, which need not be the one that is meant in the end.
        return command(**options, said=Overrides(sender, api_url, (_given("dialect") and dialect) or "", number))

    return with_options(_ADDRESSING, wrapper)


def sending(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that sends; they arrive as one ``how``, the rate in ``said``."""

    @wraps(command)
    def wrapper(
        said: "Overrides", in_doubt: "Policy", rate: "Rate", max_wait: float, timeout: float, grace: float,
        insecure: bool, busy: "WhenBusy", wait: bool, **options: Any,
    ) -> Any:  # fmt: skip
        from flowrunner.app.senders.sender import Sender

        require_posix()
        require_files()
        how = Sender("", "", rate, timeout, max_wait, grace, in_doubt, insecure, busy=busy, wait=wait)
        return command(**options, said=said._replace(rate=given_rate(rate)), how=how)

    return with_options(_SENDING, wrapper)


def given_rate(rate: "Rate") -> "Rate | None":
    """The rate, where it was typed or stands in the environment; None where it is but the usual one."""
    return rate if _given("rate") else None


def _given(name: str) -> bool:
    """Whether an option was typed, or stands in the environment."""
    source = click.get_current_context().get_parameter_source(name)
    return source in {click.core.ParameterSource.COMMANDLINE, click.core.ParameterSource.ENVIRONMENT}
