"""The receiver's paths: webhooks of each sender, whether it is well, and its figures."""

import hmac
import json
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from flowrunner.model import Json
from flowrunner.receiver.bodies import Bodies, UnreadError
from flowrunner.receiver.hooks import Hook, path
from flowrunner.receiver.metrics import CONTENT_TYPE
from flowrunner.receiver.receiving import Receiver

Answered = Callable[[], tuple[bool, Json]]
"""Says whether the receiver is well, and what it knows of itself."""
Scraped = Callable[[], Awaitable[str]]
"""Gives the figures as text."""


def site(receiver: Receiver, health: Answered, figures: Scraped) -> Starlette:
    """The application."""
    pages = _Pages(receiver, health, figures)
    return Starlette(
        routes=[
            Route(path("{name}"), pages.webhook, methods=["POST"]),
            Route(path("{name}"), pages.challenge, methods=["GET"]),
            Route("/healthz", pages.health, methods=["GET"]),
            Route("/metrics", pages.figures, methods=["GET"]),
        ]
    )


class _Pages:
    def __init__(self, receiver: Receiver, health: Answered, figures: Scraped) -> None:
        self._receiver, self._health, self._figures = receiver, health, figures
        self._bodies = Bodies()

    async def webhook(self, request: Request) -> Response:
        hook = self._hook(request)
        if hook is None:
            return Response(status_code=404)
        try:
            async with self._bodies.of(request) as body:
                status = await self._receiver.take(hook, request.headers, body)
        except UnreadError as error:
            status = error.status
            self._receiver.refused(hook, status)
        return Response(status_code=status)

    async def challenge(self, request: Request) -> Response:
        """Meta asks whether the address is ours as it is entered.

        https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint
        """
        hook, query = self._hook(request), request.query_params
        said = query.get("hub.verify_token", "").encode("utf-8", "replace")
        if hook is None:
            return Response(status_code=404)
        if not hook.verify or not hmac.compare_digest(said, hook.verify.encode()):
            return Response(status_code=403)
        return PlainTextResponse(query.get("hub.challenge", "")[:1024], headers={"X-Content-Type-Options": "nosniff"})

    def _hook(self, request: Request) -> Hook | None:
        return self._receiver.hooks.get(request.path_params["name"])

    async def health(self, _: Request) -> Response:
        is_well, known = self._health()
        return Response(json.dumps(known), 200 if is_well else 503, media_type="application/json")

    async def figures(self, _: Request) -> Response:
        return Response(await self._figures(), headers={"Content-Type": CONTENT_TYPE})
