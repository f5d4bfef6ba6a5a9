"""Options of every command: a number that is none, or has no end, is refused; no file is called ``-``."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from flowrunner.cli.group import commands
from flowrunner.cli.recipient_options import Age


def options(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Parameter]]:
    """Each option of a command, and of the commands below it."""
    yield from ((f"{name} {each.opts[0]}", each) for each in command.params)
    if isinstance(command, click.Group):
        for below in command.list_commands(click.Context(command)):
            its = command.get_command(click.Context(command), below)
            assert its is not None
            yield from options(its, f"{name} {below}".strip())


_FLOATS = (click.FloatRange, click.types.FloatParamType)
EVERY = dict(options(commands))
NUMBERS = {name: each for name, each in EVERY.items() if isinstance(each.type, _FLOATS)}
AGES = {name: each for name, each in EVERY.items() if isinstance(each.type, Age)}


@pytest.mark.parametrize("typed", ["nan", "NaN", "-nan", "inf", "-inf", "infinity", "1e999", "-1", ""])
@pytest.mark.parametrize("option", NUMBERS.values(), ids=NUMBERS)
def test_what_is_no_number_is_refused(option: click.Parameter, typed: str) -> None:
    """``nan`` is within all bounds, for it is neither less nor more: ``runs --prune nan`` deleted all of them."""
    with pytest.raises(click.BadParameter):
        option.type.convert(typed, option, None)


@pytest.mark.parametrize("option", NUMBERS.values(), ids=NUMBERS)
def test_zero_is_zero_by_either_sign(option: click.Parameter) -> None:
    """Where it is allowed."""
    taken = []
    for typed in ("0", "-0", "-0.0"):
        try:
            taken.append(option.type.convert(typed, option, None))
        except click.BadParameter:
            taken.append(None)
    assert taken in ([0.0] * 3, [None] * 3)


@pytest.mark.parametrize("typed", ["nand", "infd", "1e5d", "-1d", "0d", "1_0d", "٣d", "1dd", "d", "5", ""])
@pytest.mark.parametrize("option", AGES.values(), ids=AGES)
def test_what_is_no_time_span_is_refused(option: click.Parameter, typed: str) -> None:
    """As in a flow, whose `pause` takes none of them."""
    with pytest.raises(click.BadParameter):
        option.type.convert(typed, option, None)


def test_more_rows_than_a_journal_can_count_are_refused() -> None:
    """Where they are asked of it; a list of people is as long as it is."""
    option = EVERY["runs --limit"]
    with pytest.raises(click.BadParameter):
        option.type.convert(str(10**30), option, None)


@pytest.mark.parametrize("name", ["report", "preview", "diff", "test", "optouts export"])
def test_a_result_goes_to_standard_output_where_it_is_named(name: str) -> None:
    """``-`` is what it is without the option, not a file of that name."""
    option = EVERY[f"{name} --output"]
    context = click.Context(commands)
    assert option.process_value(context, "-") is None
    assert option.process_value(context, "a/-") == Path("a/-")


@pytest.mark.parametrize(
    "name",
    ["plan --output", "test --cover-html", "templates pull --file", "journal backup file", "journal copy target",
     "run --journal", "listen --journal"],
)  # fmt: skip
def test_what_is_beside_other_output_is_a_file(name: str) -> None:
    """So is what is no text, or is written to again."""
    with pytest.raises(click.BadParameter, match="ame a file"):
        EVERY[name].process_value(click.Context(commands), "-")


def test_the_options_are_there() -> None:
    """Each table has a row: an option that became of another type would be looked at no more."""
    assert {"run --timeout", "run --max-failures", "runs --prune", "test --cover"} <= NUMBERS.keys()
    assert {"run --not-within", "run --max-age"} <= AGES.keys()
