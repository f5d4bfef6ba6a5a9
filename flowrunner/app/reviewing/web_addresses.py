"""The web addresses of a flow's files are asked what is there, before WhatsApp is the first to ask."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from flowrunner.clock import SYSTEM
from flowrunner.diagnostics import Diagnostic, Problem, Route
from flowrunner.engine import Prepared, moment
from flowrunner.expressions import holds_expression
from flowrunner.flow import Loaded
from flowrunner.flow.ignores import unignored
from flowrunner.flow.steps import walk_flow
from flowrunner.media.limits import LIMITS, MEDIA_FIELDS, NAMES, sizes
from flowrunner.model import EXAMPLE_RECIPIENT, Json, MessageStep, Rendering
from flowrunner.spec.words import listed

if TYPE_CHECKING:
    from flowrunner.flow.translations.placed import Translated
    from flowrunner.source import Document

MOST: Final = 200
"""Addresses that are asked at once: a flow has few, and nobody's server is to be flooded."""
_Place = tuple["Document | Translated", Route, str, str]
"""A file, where in it the address stands, what kind of file it should be, and the address."""


def online_problems(flows: Sequence[Loaded]) -> list[Diagnostic]:
    """What is wrong with what stands at the addresses of flows without errors; expressions have their example values.

    At most `MOST` addresses are asked; that there are more is said.
    """
    from flowrunner.client.url_checks import reach

    places = [place for loaded in flows if loaded.flow is not None for place in _places(loaded)]
    urls = list(dict.fromkeys(place[3] for place in places))
    found = asyncio.run(reach(urls[:MOST])) if urls else {}
    told: list[Diagnostic] = []
    for document, route, kind, url in places:
        if url not in found:
            problem: Problem | None = Problem(
                "media-unreachable", f"only {MOST} addresses are asked at a time", hint="check fewer flows at once"
            )
        else:
            problem = _problem(found[url].problem, found[url].type, found[url].size, kind, url)
        if problem is not None:
            told += unignored(document, [document.diagnose(problem._replace(route=route))])
    return told


def _problem(why: str, mime: str, count: int | None, kind: str, url: str) -> Problem | None:
    limit = LIMITS[kind]
    if why:
        hint = "open it in a browser that is signed in nowhere: WhatsApp fetches it the same way"
        return Problem("media-unreachable", f"{_short(url)} cannot be fetched: {why}", hint=hint)
    one = f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    if mime and mime not in limit.types:
        names = listed(dict.fromkeys(limit.types.values()))
        message = f"the server calls it {NAMES.get(mime, mime)}, {one} must be {names}"
        hint = f"have it sent with Content-Type: {next(iter(limit.types))}, if it is one"
        return Problem("media-type", message, hint=hint, link=limit.page)
    if count is not None and count > limit.most:
        its, most = sizes(count, limit.most)
        message = f"it has {its}, {one} may have at most {most}"
        return Problem("media-size", message, hint="make it smaller", link=limit.page)
    return None


def _short(url: str) -> str:
    return url if len(url) <= 80 else url[:79] + "…"


def _places(loaded: Loaded) -> Iterator[_Place]:
    """Every address of a flow: as it is rendered with examples; of what is left out then, as it is written."""
    prepared, now = Prepared(loaded), moment(SYSTEM.now())
    for given, its in zip(prepared.inputs.in_each_language, (loaded, *loaded.translations.values()), strict=True):
        rendering, _ = prepared.render(EXAMPLE_RECIPIENT, given, now, examples=True)
        yield from _places_in(its, rendering)


def _places_in(loaded: Loaded, rendering: Rendering | None) -> Iterator[_Place]:
    """Those in one of its languages."""
    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    bodies: dict[str, Mapping[str, Json]] = {
        step.address: step.message for step in walk_flow(loaded.flow) if isinstance(step, MessageStep)
    }
    routes = {step.address: (*step.route, step.key) for step in walk_flow(loaded.flow) if isinstance(step, MessageStep)}
    if rendering is not None:
        bodies |= {each.step.address: each.body for each in rendering.messages}
    for address, body in bodies.items():
        for route, kind, url in _addresses(body):
            if kind in LIMITS and not holds_expression(url):
                yield loaded.document_of(address), (*routes[address], *route), kind, url


def _addresses(body: Mapping[str, Json], route: Route = ()) -> Iterator[tuple[Route, str, str]]:
    kind = str(body.get("header_type") or body.get("message_type") or "")
    for name, value in body.items():
        if name in MEDIA_FIELDS and isinstance(value, str) and value.lower().startswith(("http://", "https://")):
            yield (*route, name), kind, value
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, Mapping):
                    yield from _addresses(item, (*route, name, index))
