"""The options that say how a file of recipients is to be read, and which rows of it."""

from collections.abc import Callable
from functools import wraps
from shlex import quote
from typing import Any, Final

import click

from flowrunner.cli.options import with_options
from flowrunner.model import Reading


class _Mapping(click.ParamType[Any]):
    """``first_name="First Name"``."""

    name = "INPUT=COLUMN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The input, and the column that is for it."""
        if isinstance(value, tuple):
            return value
        name, equals, column = str(value).partition("=")
        if not (equals and name.strip() and column.strip()):
            self.fail(f'{value!r} is not like first_name="First Name"', param, ctx)
        return name.strip(), column.strip()


_READING: Final = (
    click.option("--region", default="", metavar="CC", help="Country of phone numbers without a country code: MX."),
    click.option("--map", "mapping", multiple=True, type=_Mapping(), metavar="INPUT=COLUMN",
                 help='Take INPUT, or phone, from COLUMN: --map first_name="First Name". Can be repeated.'),
    click.option("--encoding", default="", metavar="NAME",
                 help="The encoding of FILE, if not UTF-8: cp1252, utf-16, ..."),
    click.option("--decimal-comma", "comma", is_flag=True, help="Read 12,5 in a cell as a number."),
)  # fmt: skip
NAMES: Final = ("region", "mapping", "encoding", "comma")
"""What these options are called inside."""


def reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a file of recipients; they arrive as one ``how``."""

    @wraps(command)
    def wrapper(region: str, mapping: tuple[tuple[str, str], ...], encoding: str, comma: bool, **options: Any) -> Any:
        given = {"--map": mapping, "--encoding": encoding, "--decimal-comma": comma}
        stray = next((name for name, value in given.items() if value), "")
        if stray and options.get("audience") is None:
            raise click.UsageError(f"{stray} needs --audience FILE.")
        for name, column in mapping:
            if dict(mapping)[name] != column:
                raise click.UsageError(f"--map gives {name} two columns: {column} and {dict(mapping)[name]}.")
        return command(**options, how=Reading(region, dict(mapping), encoding, comma))

    return with_options(_READING, wrapper)


def as_typed(how: Reading) -> str:
    """The same options, as they are typed; a space before each."""
    said = [f" --region {how.region}"] if how.region else []
    said += [f" --map {quote(f'{name}={column}')}" for name, column in how.columns.items()]
    said += [f" --encoding {how.encoding}"] if how.encoding else []
    said += [" --decimal-comma"] if how.comma else []
    said += [f" --timezone {how.timezone}"] if how.timezone else []
    return "".join(said)


class Rows(click.ParamType[Any]):
    """``3``, ``1-5``, ``1,4-6``: rising numbers from 1, at most ``most`` of them; a rising tuple."""

    name = "ROWS"

    def __init__(self, most: int) -> None:
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """The numbers, each once."""
        if isinstance(value, tuple):
            return value
        found: set[int] = set()
        for part in str(value).split(","):
            first, dash, last = part.strip().partition("-")
            ends = (first, last if dash else first)
            if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in ends):
                self.fail(f"{value!r} is not like 3, 1-5 or 1,4-6", param, ctx)
            numbers = range(int(ends[0]), int(ends[1]) + 1)
            if not numbers or not numbers[0] or len(found) + len(numbers) > self._most:
                self.fail(f"{part.strip()} does not count up from 1, or has over {self._most} rows", param, ctx)
            found.update(numbers)
        return tuple(sorted(found))
