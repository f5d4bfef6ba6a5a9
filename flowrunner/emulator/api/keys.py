"""Who may ask, and how often: the key of a request and the limit on requests, before any endpoint."""

import hmac
import math
from collections.abc import Awaitable, Callable, Iterable
from email.utils import formatdate
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowrunner.emulator.api.errors import ApiError, graph_error
from flowrunner.emulator.api.rates import Quota
from flowrunner.emulator.api.state import EmulatorState

Endpoint = Callable[[Request], Awaitable[Response]]


class Door(NamedTuple):
    """How a key is given.

    Attributes:
        header: As ``X-API-Key``.
        bearer: As ``Authorization: Bearer``.
        graph: A refusal has Meta's form.
    """

    header: bool
    bearer: bool
    graph: bool


KAPSO = Door(header=True, bearer=False, graph=False)
"""Kapso's v1 and platform: https://docs.kapso.ai/api/introduction."""
PROXY = Door(header=True, bearer=True, graph=True)
"""Kapso's proxy to Meta."""
GRAPH = Door(header=False, bearer=True, graph=True)
"""Meta's own Graph API."""


def guarded(state: EmulatorState, door: Door, routes: Iterable[Route]) -> list[Route]:
    """The routes behind the key and the limit on requests."""
    return [Route(each.path, _guarded(state, door, each.endpoint), methods=each.methods) for each in routes]


def _guarded(state: EmulatorState, door: Door, endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        key = _key(request, door)
        quota = state.count_request(key)
        try:
            _check_key(key, state.api_key, door)
            _check_quota(quota, state.now())
            response = await endpoint(request)
        except ApiError as error:
            response = error.response()
        response.headers["Date"] = formatdate(state.now() + state.faults.shift(), usegmt=True)
        if quota and quota.rule.headers != "no":
            response.headers["X-RateLimit-Limit"] = str(quota.rule.limit)
            response.headers["X-RateLimit-Remaining"] = str(quota.remaining)
        return response

    return guarded


def _key(request: Request, door: Door) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    bearer = token.strip() if door.bearer and scheme.casefold() == "bearer" else ""
    return (request.headers.get("x-api-key", "") if door.header else "") or bearer


def _check_key(key: str, wanted: str, door: Door) -> None:
    if not key.strip() or (wanted and not hmac.compare_digest(key.encode(), wanted.encode())):
        if door.graph:
            raise graph_error(401, 190, "Invalid OAuth access token - Cannot parse access token", "OAuthException")
        raise ApiError(401)


def _check_quota(quota: Quota | None, now: float) -> None:
    if not quota or not quota.exceeded:
        return
    seconds = max(1, math.ceil(quota.renews_at - now))
    error = ApiError(429, message=f"Please retry after {seconds} seconds")
    if quota.rule.headers != "no":
        dated = quota.rule.headers == "date"
        error.headers["Retry-After"] = formatdate(math.ceil(quota.renews_at), usegmt=True) if dated else str(seconds)
    raise error
