"""What customers will see differently: two flows, folders or revisions of git; nothing is sent."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowrunner.app.flows import given
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics import Diagnostic
from flowrunner.diagnostics.errors import FlowError
from flowrunner.diff import Recipients, Side, read_side, unknown_values
from flowrunner.diff import compare as compare_sides
from flowrunner.engine import moment
from flowrunner.model import Reading

if TYPE_CHECKING:
    from flowrunner.diff.values import Comparison

_PLAIN: Final = Reading()


class DiffResult(NamedTuple):
    """What comparing gave.

    Attributes:
        comparison: What is different, flow by flow.
        files: Every flow file that was read, but for those of a revision.
    """

    comparison: "Comparison"
    files: list[Path]


def compare(
    before: str,
    after: str,
    variables: Mapping[str, Any] | None = None,
    audience: Path | None = None,
    rows: Sequence[int] = (),
    reading: Reading = _PLAIN,
    found: Sequence[Diagnostic] = (),
) -> DiffResult:
    """Render both sides with the same values at the same moment, and compare.

    Args:
        before: A file or a folder, also of a git revision: ``main:flows``.
        after: The same.
        variables: Values for inputs of either side.
        audience: Compare what people in this file see; None for one person with example values.
        rows: Which rows of it, counted from 1 and rising; empty for all.
        reading: How it is to be read.
        found: What is wrong with the values already.

    Raises:
        FlowError: A value is wrong, or for no input.
        RefusedError: There is nothing to compare.
    """
    values = given(variables or {})
    sides = read_side(before), read_side(after)
    problems = [*found, *unknown_values(values, [each for side in sides for each in side.flows.values()])]
    if any(each.is_error for each in problems):
        raise FlowError(problems)
    comparison = compare_sides(*sides, Recipients(values, audience, rows, reading), moment(SYSTEM.now()))
    return DiffResult(comparison, [*_files(*sides)])


def _files(*sides: Side) -> Iterator[Path]:
    for side in sides:
        yield from (Path(side.name) / name if side.is_folder else Path(side.name) for name in side.flows)
