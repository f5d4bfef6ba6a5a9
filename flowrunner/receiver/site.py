"""The receiver's paths: webhooks of each sender, whether it is well, and its figures."""

import hmac
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from flowrunner.receiver.endpoints import Hook, path
from flowrunner.receiver.receiving import Receiver
from flowrunner.receiver.request_bodies import Bodies, UnreadError
from flowrunner.receiver.status import Answered, Scraped, status_routes


def site(receiver: Receiver, health: Answered, figures: Scraped) -> Starlette:
    """The application."""
    pages = _Pages(receiver)
    return Starlette(
        routes=[
            # A slash at the end of an address is not sent elsewhere: who tells webhooks does not go there.
            *(Route(path("{name}") + end, pages.webhook, methods=["POST"]) for end in ("", "/")),
            *(Route(path("{name}") + end, pages.challenge, methods=["GET"]) for end in ("", "/")),
            *status_routes(health, figures),
        ]
    )


class _Pages:
    def __init__(self, receiver: Receiver) -> None:
        self._receiver, self._bodies = receiver, Bodies()

    async def webhook(self, request: Request) -> Response:
        hook = self._hook(request)
        if hook is None:
            return Response(status_code=404)
        try:
            async with self._bodies.of(request) as body:
                status = await self._receiver.take(hook, _headers(request), body)
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


def _headers(request: Request) -> Mapping[str, str]:
    """By name, in lower case; one that came several times is one, as HTTP has it."""
    return {name: ", ".join(request.headers.getlist(name)) for name in request.headers}
