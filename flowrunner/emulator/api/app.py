"""The API over HTTP: the routes of Kapso's v1 that flowrunner uses, and the emulator's own under ``/_emulator``."""

import hmac
import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import formatdate
from typing import TYPE_CHECKING, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from flowrunner.emulator.api.control import control_routes
from flowrunner.emulator.api.conversations import CONFIG, STATUSES
from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.forms import shown
from flowrunner.emulator.api.posting import take
from flowrunner.emulator.api.rates import Quota
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import ConnectionCutError, Cut, EmulatorApp, answer, read_object
from flowrunner.model import Json

if TYPE_CHECKING:
    from flowrunner.emulator.page.page import EmulatorPage

Endpoint = Callable[[Request], Awaitable[Response]]
Item = TypeVar("Item")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def create_app(state: EmulatorState, page: "EmulatorPage | None" = None) -> EmulatorApp:
    """The emulator as an ASGI application over ``state``, with a page for people where one is given.

    In process, a connection that a fault cuts is a `ConnectionCutError` (a ConnectionResetError) out of the app.
    """
    api = _Api(state)
    talks = "/whatsapp_conversations"
    routes = [
        Route(talks, api.list_conversations, methods=["GET"]),
        Route(talks + "/{id}", api.get_conversation, methods=["GET"]),
        Route(talks + "/{id}", api.update_conversation, methods=["PATCH"]),
        Route(talks + "/{id}/whatsapp_messages", api.list_messages, methods=["GET"]),
        Route(talks + "/{id}/whatsapp_messages", api.post_message, methods=["POST"]),
        Route("/whatsapp_messages", api.post_alone, methods=["POST"]),
        Route("/whatsapp_messages/{id}/mark_as_read", api.mark_as_read, methods=["PATCH"]),
    ]
    guarded = [Route(each.path, _guarded(state, each.endpoint), methods=each.methods) for each in routes]
    return EmulatorApp(
        routes=[
            Mount("/api/v1", routes=guarded),
            Mount("/_emulator", routes=control_routes(state)),
            *(page.routes if page else ()),
        ],
        middleware=page.middleware if page else (),
        exception_handlers={
            ApiError: _refused,
            HTTPException: _not_routed,
            ConnectionCutError: _cut,
            ClientDisconnect: _cut,
        },
    )


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - what Starlette promises, said to the type checker
    return answer(error.status, error.body, error.headers)


def _not_routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what Starlette promises, said to the type checker
    detail = f'No route matches [{request.method}] "{request.url.path}"' if error.status_code == 404 else error.detail
    return answer(error.status_code, {"error": detail}, error.headers)


def _cut(_request: Request, _error: Exception) -> Response:
    return Cut()


def _guarded(state: EmulatorState, endpoint: Endpoint) -> Endpoint:
    """The endpoint behind the key and the limit on requests."""

    async def guarded(request: Request) -> Response:
        key = request.headers.get("x-api-key", "")
        quota = state.count_request(key)
        try:
            _check_key(key, state.api_key)
            _check_quota(quota, state.now())
            response = await endpoint(request)
        except ApiError as error:
            response = _refused(request, error)
        response.headers["Date"] = formatdate(state.now() + state.faults.shift(), usegmt=True)
        if quota and quota.rule.headers != "no":
            response.headers["X-RateLimit-Limit"] = str(quota.rule.limit)
            response.headers["X-RateLimit-Remaining"] = str(quota.remaining)
        return response

    return guarded


def _check_key(key: str, wanted: str) -> None:
    if not key.strip() or (wanted and not hmac.compare_digest(key.encode(), wanted.encode())):
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


class _Api:
    """The endpoints under ``/api/v1``."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state

    async def list_conversations(self, request: Request) -> Response:
        query = request.query_params
        phone = query.get("q[phone_number_eq]", "")
        status = query.get("q[status_eq]", "")
        config = query.get("q[whatsapp_config_id_eq]", "")
        since = _moment(query, "q[last_active_at_gteq]", -math.inf)
        until = _moment(query, "q[last_active_at_lteq]", math.inf)
        found = [
            talk
            for talk in self._state.conversations.all(phone)
            if status in {"", talk.status} and config in {"", talk.config_id} and since <= talk.last_active_at <= until
        ]
        return answer(200, _page(request, found, lambda talk: talk.data()))

    async def get_conversation(self, request: Request) -> Response:
        return answer(200, {"data": self._state.conversations.get(request.path_params["id"]).data()})

    async def update_conversation(self, request: Request) -> Response:
        talk = self._state.conversations.get(request.path_params["id"])
        _, body = await read_object(request, wrong=422)
        status = _object(body, "whatsapp_conversation", wrong=422).get("status")
        if status not in STATUSES:
            raise ApiError(422, "Conversation is invalid", f"status: must be one of {', '.join(STATUSES)}")
        return answer(200, {"data": self._state.conversations.set_status(talk.id, status).data()})

    async def mark_as_read(self, request: Request) -> Response:
        return answer(200, {"data": self._state.mark_read(request.path_params["id"]).data(self._state.now())})

    async def list_messages(self, request: Request) -> Response:
        state = self._state
        fault = state.faults.strike("list-order", state.faults.next_post)
        order, seed = (fault["order"], fault.seed) if fault else ("newest", 0)
        now = state.now()
        form = state.faults.strike("list-form", state.faults.next_post)
        page = _page(
            request,
            state.messages(request.path_params["id"], order, seed),
            lambda each: shown(form["form"], each.data(now)) if form else each.data(now),
        )
        if page["data"] and state.faults.strike("list-partial", state.faults.next_post):
            page["data"].pop()
        return answer(200, page)

    async def post_message(self, request: Request) -> Response:
        post = self._state.faults.posted()
        raw, body = await read_object(request, wrong=422)
        message = _object(body, "message", wrong=422)
        where = request.path_params["id"]
        return await take(self._state, where, message, raw, post=post, closing=request.app.closing)

    async def post_alone(self, request: Request) -> Response:
        post = self._state.faults.posted()
        raw, body = await read_object(request)
        message = dict(_object(body, "message"))
        phone = message.pop("phone_number", None) or request.query_params.get("phone_number", "")
        if not phone:
            raise ApiError(400, message="Parameter phone_number is required")
        config = request.query_params.get("whatsapp_config_id", CONFIG)
        if not _UUID.fullmatch(config):
            raise ApiError(422, "WhatsApp configuration not found")
        try:
            talk = self._state.conversations.find_or_create(str(phone), config)
        except ValueError as error:
            raise ApiError(422, "Message is invalid", f"phone_number: {error}") from None
        return await take(self._state, talk.id, message, raw, post=post, closing=request.app.closing)


def _object(body: Mapping[str, Json], name: str, wrong: int = 400) -> Mapping[str, Json]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise ApiError(wrong, "Invalid parameters", f"Parameter {name} is required")
    return value


def _page(request: Request, items: Sequence[Item], data: Callable[[Item], Json]) -> dict[str, Json]:
    """One page of ``items``, by the query's ``page`` and ``per_page``."""
    page = _whole(request.query_params, "page", 1, 10**9)
    size = _whole(request.query_params, "per_page", 20, 100)
    shown = items[(page - 1) * size : page * size]
    meta = {"page": page, "per_page": size, "total_pages": -(-len(items) // size), "total_count": len(items)}
    return {"data": [data(item) for item in shown], "meta": meta}


def _whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A number of the query; as Rails' pagers do, the default where it is not one, and never more than ``most``."""
    text = query.get(name, "")
    if not (text.isascii() and text.isdigit() and int(text[:12])):
        return default
    return min(int(text[:12]), most)


def _moment(query: Mapping[str, str], name: str, default: float) -> float:
    """A moment of the query; the default where it is not one: a filter that cannot be read filters nothing."""
    try:
        # A plus that was not encoded arrives as a space.
        moment = datetime.fromisoformat(query.get(name, "").replace(" ", "+"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return default
