"""Two actions that stand for the same step -> every value in which they differ."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from flowrunner.diagnostics import Route
from flowrunner.diff.sequences import common
from flowrunner.diff.values import FieldChange
from flowrunner.diff.words import spans
from flowrunner.flow.steps import verb_of
from flowrunner.model import Action, Json, Skipped


def field_changes(before: Action, after: Action) -> tuple[FieldChange, ...]:
    """Every value that is not the same, in the order of the new one; nothing where both are left out.

    Of an action that is left out on one side only, nothing is compared.
    """
    left_out = isinstance(before, Skipped) or isinstance(after, Skipped)
    if left_out or type(before.step) is not type(after.step):
        return ()
    old, new = verb_of(before.step).compared(before).values, verb_of(after.step).compared(after).values
    return tuple(change for name in new for change in _changes(old[name], new[name], (name,), (name,)))


def same(before: Json, after: Json) -> bool:
    """Whether two JSON values are one: the order of an object's keys means nothing, ``true`` is not ``1``."""
    return key(before) == key(after)


def key(value: Json) -> str:
    """A text that two JSON values share just when they are the `same`."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _changes(before: Json, after: Json, old_route: Route, route: Route) -> Iterator[FieldChange]:
    if same(before, after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*after, *(name for name in before if name not in after)]:
            yield from _changes(before.get(name), after.get(name), (*old_route, name), (*route, name))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _items(before, after, old_route, route)
    elif before is None:
        yield from (FieldChange(place, (), None, value) for place, value in _leaves(after, route))
    elif after is None:
        yield from (FieldChange((), place, value, None) for place, value in _leaves(before, old_route))
    elif isinstance(before, str) and isinstance(after, str):
        yield FieldChange(route, old_route, before, after, spans(before, after))
    else:
        yield FieldChange(route, old_route, before, after)


def _items(before: Sequence[Json], after: Sequence[Json], old_route: Route, route: Route) -> Iterator[FieldChange]:
    """Items with one id are one item; those between them are compared in their order."""
    old, new = ([_identity(item) for item in items] for items in (before, after))
    at, new_at = 0, 0
    for index, new_index in [*(common(old, new) or ()), (len(old), len(new))]:
        for here, there in [*zip_longest(range(at, index), range(new_at, new_index)), (index, new_index)]:
            yield from _changes(
                before[here] if here is not None and here < len(before) else None,
                after[there] if there is not None and there < len(after) else None,
                (*old_route, here or 0),
                (*route, there or 0),
            )
        at, new_at = index + 1, new_index + 1


def _identity(item: Json) -> str:
    return f"id {item['id']}" if isinstance(item, Mapping) and "id" in item else key(item)


def _leaves(value: Json, route: Route) -> Iterator[tuple[Route, Json]]:
    """Each value in what is only on one side."""
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    empty = True
    for part, item in inner:
        empty = False
        yield from _leaves(item, (*route, part))
    if empty:
        yield route, value
