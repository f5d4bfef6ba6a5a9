"""What two sequences have in common, in order."""

from collections.abc import Mapping, Sequence
from typing import Final

MOST_EDITS: Final = 300
"""How many may be removed and added in all: where there are more, nobody reads the two as one that was changed.

The time grows with its square.
"""


def common(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]] | None:
    """What stays, as indexes in both, so that the fewest are removed and added; None where these are too many.

    E. Myers, An O(ND) Difference Algorithm and Its Variations: http://www.xmailserver.org/diff2.pdf
    """
    furthest = {1: 0}  # on each diagonal (removed less added words): how far into the old one gets
    steps: list[dict[int, int]] = []
    for edits in range(min(MOST_EDITS, len(old) + len(new)) + 1):
        steps.append(furthest.copy())
        for diagonal in range(-edits, edits + 1, 2):
            at = _entered(furthest, diagonal, edits)
            while at < len(old) and at - diagonal < len(new) and old[at] == new[at - diagonal]:
                at += 1
            furthest[diagonal] = at
            if at >= len(old) and at - diagonal >= len(new):
                return _traced(steps, len(old), len(new))
    return None


def _entered(furthest: Mapping[int, int], diagonal: int, edits: int) -> int:
    """Where a diagonal is entered: by adding one from the one above, or by removing one from the one below."""
    adding = _is_adding(furthest, diagonal, edits)
    return furthest[diagonal + 1] if adding else furthest[diagonal - 1] + 1


def _is_adding(furthest: Mapping[int, int], diagonal: int, edits: int) -> bool:
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _traced(steps: Sequence[Mapping[int, int]], at: int, new_at: int) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for edits in range(len(steps) - 1, -1, -1):
        furthest, diagonal = steps[edits], at - new_at
        entered = _entered(furthest, diagonal, edits)
        while at > entered:
            at, new_at = at - 1, new_at - 1
            kept.append((at, new_at))
        if _is_adding(furthest, diagonal, edits):
            new_at -= 1
        else:
            at -= 1
    return kept[::-1]
