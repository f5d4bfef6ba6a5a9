"""Whether a process is well, and its figures, over HTTP: what watches it asks."""

import json
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowrunner.model import Json
from flowrunner.receiver.metrics import CONTENT_TYPE

Answered = Callable[[], tuple[bool, Json]]
"""Says whether the process is well, and what it knows of itself."""
Scraped = Callable[[], Awaitable[str]]
"""Gives the figures as text."""


def status_routes(health: Answered, figures: Scraped) -> list[Route]:
    """``/healthz``, which answers with 503 where the process is not well, and ``/metrics``."""

    async def answer_health(_: Request) -> Response:
        is_well, known = health()
        return Response(json.dumps(known), 200 if is_well else 503, media_type="application/json")

    async def answer_figures(_: Request) -> Response:
        return Response(await figures(), headers={"Content-Type": CONTENT_TYPE})

    return [
        Route("/healthz", answer_health, methods=["GET"]),
        Route("/metrics", answer_figures, methods=["GET"]),
    ]


def status_site(health: Answered, figures: Scraped) -> Starlette:
    """An application that has nothing else."""
    return Starlette(routes=status_routes(health, figures))
