"""``flowrunner.toml`` on the command line: found before options are read, and behind them for what they do not say."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from flowrunner.config import NAME

if TYPE_CHECKING:
    from pathlib import Path  # help needs none of it

    from flowrunner.config.values import Config
    from flowrunner.journal.places import Place

USUAL_JOURNAL: Final = ".flowrunner/journal.db"
KEY_VARIABLES: Final = {"KAPSO_API_KEY"}
"""Environment variables that have a key, as far as this program knows."""
_USED: Final = "flowrunner.config"
_ENV: Final = "FLOWRUNNER_CONFIG"
_FLOWS: Final = ("flow", "paths", "b", "a")
"""Arguments that are flows, or folders of them: where the search begins."""
_FROM_ENVIRONMENT: Final = click.core.ParameterSource.ENVIRONMENT


class Configured(click.Command):
    """A command with ``--config``, to which the file's defaults are what it takes where nothing else is said."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        said = f"Who may send, and defaults; by default the {NAME} in the flow's folder or above it; also {_ENV}."
        self.params.append(click.Option(["--config"], metavar="FILE", expose_value=False, help=said))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; but first, with what they say of it, the file.

        Raises:
            ConfigError: Something in the file is wrong.
            SenderError: It has no sender of the name that was given.
        """
        if not ctx.resilient_parsing:
            given, _, _ = self.make_parser(ctx).parse_args(list(args))
            help_option = self.get_help_option(ctx)
            asks_help = help_option is not None and help_option.name in given
            if not asks_help and (path := _path(given)) is not None:
                ctx.meta[_USED] = _read(path)
                for each in ctx.meta[_USED].senders.values():
                    KEY_VARIABLES.update({each.key_env, each.webhook_secret_env, each.webhook_verify_env} - {""})
                ctx.default_map = self._defaults(ctx.meta[_USED], given)
        return super().parse_args(ctx, args)

    def _defaults(self, config: "Config", given: Mapping[str, Any]) -> dict[str, str]:
        """What the file says for the options of this command."""
        from flowrunner.app.senders.configured import entry_of

        its = config.defaults
        option = next((each for each in self.params if "--sender" in each.opts and not each.multiple), None)
        name = given.get(str(option.name)) or os.environ.get(str(option.envvar), "") if option is not None else ""
        entry = entry_of(config, name) if option is not None else None
        said = {
            "journal": _named(its.journal) if its.journal else "",
            "region": (entry.region if entry is not None else "") or its.region,
            "dialect": entry.dialect if entry is not None else "",
            "quiet": its.quiet_hours,
            "timezone": its.timezone,
            "exclude": str(_shown(its.exclude)) if its.exclude else "",
        }
        return {name: value for name, value in said.items() if value}


def used() -> "Config | None":
    """The file that this command uses; None where there is none."""
    its: Config | None = click.get_current_context().meta.get(_USED)
    return its


def is_usual(journal: "Place") -> bool:
    """Whether a command that uses the same file, and is told no journal, takes this one.

    A database that the environment names is: its password stands there.
    """
    from pathlib import Path

    context, config = click.get_current_context(), used()
    if not isinstance(journal, Path) and context.get_parameter_source("journal") is _FROM_ENVIRONMENT:
        return True
    its = config.defaults.journal if config is not None else None
    if its is None:
        return str(journal) == USUAL_JOURNAL
    if isinstance(its, Path) and isinstance(journal, Path):
        return os.path.realpath(its) == os.path.realpath(journal)
    return its == journal


def file_words() -> "tuple[str | Path, ...]":
    """The option by which a command that is typed in this folder uses the same file; empty where it finds it itself."""
    config = used()
    if config is None:
        return ()
    from pathlib import Path

    from flowrunner.config.finding import find_config

    nearest = os.environ.get(_ENV) or find_config(Path())
    is_found = nearest is not None and Path(nearest).resolve() == config.path.resolve()
    return () if is_found else ("--config", config.path)


def _path(given: Mapping[str, Any]) -> "Path | None":
    from pathlib import Path

    from flowrunner.config.finding import find_config

    named = given.get("config") or os.environ.get(_ENV)
    if named:
        return Path(named)
    values = [each for name in _FLOWS for each in _texts(given.get(name))]
    near = [Path(each) for each in values if each != "-" and os.path.exists(each)]  # noqa: PTH110  # whatever it is
    return find_config(*near[:1], Path())


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [*value] if isinstance(value, (tuple, list)) else []


def _named(journal: "Place") -> str:
    """A journal of the file, as it is said here."""
    from pathlib import Path

    return str(_shown(journal)) if isinstance(journal, Path) else journal.url


def _read(path: "Path") -> "Config":
    from flowrunner.app.senders.configured import load_config

    return load_config(_shown(path))


def _shown(path: "Path") -> "Path":
    """The same file, as briefly as it can be named in this folder."""
    here = path.cwd()
    whole = path if path.is_absolute() else here / path
    return whole.relative_to(here) if whole.is_relative_to(here) else path
