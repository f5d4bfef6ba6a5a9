"""What of flows their tests have done, as one HTML file: each flow's text with a bar at each line that can be done."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from flowrunner.testing.covered import Coverage, Item
from flowrunner.views.html.page import asset, draw
from flowrunner.views.tests.coverage import counts, never

_STYLES: Final = ("html/chat.css", "tests/came.css", "tests/tests.css")


class _Line(NamedTuple):
    """One line of a flow: ``state`` is whether all of what stands there is done, some or none; empty for nothing."""

    number: int
    text: str
    state: str
    missing: tuple[str, ...]


def as_html(flows: Sequence[Coverage], texts: Mapping[str, str], percent: float) -> str:
    """The whole page. All of it can be read without a script, on a phone and on paper.

    Args:
        flows: The flows.
        texts: The text of each file, by its path.
        percent: How much of all flows together is done.
    """
    return draw(
        "tests/coverage.html",
        title="What the tests of flows do", style="".join(map(asset, _STYLES)), script="",
        connects=False, percent=percent, counts=counts,
        flows=[(each, list(_files(each, texts))) for each in flows],
    )  # fmt: skip


def _files(its: Coverage, texts: Mapping[str, str]) -> Iterator[tuple[str, list[_Line]]]:
    for path in dict.fromkeys(item.at.path for item in its.items):
        here: dict[int, list[Item]] = {}
        for item in its.items:
            if item.at.path == path:
                here.setdefault(item.at.line, []).append(item)
        lines = texts.get(path, "").split("\n")
        yield path, [_line(number, text, here.get(number, []), its) for number, text in enumerate(lines, 1)]


def _line(number: int, text: str, items: Sequence[Item], its: Coverage) -> _Line:
    missing = tuple(f"{item.name}: {never(item)}" for item in items if item.key not in its.done)
    state = "" if not items else "done" if not missing else "never" if len(missing) == len(items) else "partly"
    return _Line(number, text.rstrip("\r"), state, missing)
