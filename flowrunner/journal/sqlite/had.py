"""What a run's person had, as SQL works it out: every event's effect as a text, made by `had_after`."""

from functools import lru_cache
from typing import Final

from flowrunner.engine.state import ALL_HAD, had_after
from flowrunner.model import Event, EventKind, Json


def effect(event: Event) -> str:
    """What `had_after` makes of each of `ALL_HAD` in turn: words of four letters, for SQL to choose from."""
    return _effect(
        event.kind, "1" if event.step else "", *map(event.detail.get, ("late", "learnt", "doubtful", "reason"))
    )


@lru_cache(maxsize=256)
def _effect(kind: EventKind, step: str, late: Json, learnt: Json, doubtful: Json, reason: Json) -> str:
    event = Event(kind, "", 0.0, step, "", {"late": late, "learnt": learnt, "doubtful": doubtful, "reason": reason})
    return "".join(had_after(had, event) for had in ALL_HAD)


def chained(first: str, second: str) -> str:
    """The effect of one event, then another."""
    words: list[str] = [*ALL_HAD]
    return "".join(second[4 * words.index(had) :][:4] for had in map("".join, zip(*[iter(first)] * 4, strict=True)))


AFTER_EFFECT: Final = "substr({effect}, instr('noneopentooksent', {had}), 4)"
"""The same in SQL: the word that the effect has for what the person had. Its logic is `had_after`'s."""
