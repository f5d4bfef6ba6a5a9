"""Kapso's v1: the endpoints under ``/api/v1``."""

import math
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowrunner.diagnostics import Problem
from flowrunner.emulator.api.conversations import CONFIG, STATUSES
from flowrunner.emulator.api.dates import moment
from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.forms import shown
from flowrunner.emulator.api.messages import Draft, StoredMessage
from flowrunner.emulator.api.meta.graph import graph
from flowrunner.emulator.api.pages import page_of
from flowrunner.emulator.api.posting import take
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import answer, read_object
from flowrunner.model import Json
from flowrunner.spec import check_message
from flowrunner.spec.carried import not_carried

_COUNTED = re.compile(r"\(([0-9]+)\) does not match the expected number of params \(([0-9]+)\)")
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def v1_routes(state: EmulatorState) -> list[Route]:
    """The routes of messages and conversations, without the version they begin with."""
    api = _Api(state)
    talks = "/whatsapp_conversations"
    return [
        Route(talks, api.list_conversations, methods=["GET"]),
        Route(talks + "/{id}", api.get_conversation, methods=["GET"]),
        Route(talks + "/{id}", api.update_conversation, methods=["PATCH"]),
        Route(talks + "/{id}/whatsapp_messages", api.list_messages, methods=["GET"]),
        Route(talks + "/{id}/whatsapp_messages", api.post_message, methods=["POST"]),
        Route("/whatsapp_messages", api.post_alone, methods=["POST"]),
        Route("/whatsapp_messages/{id}/mark_as_read", api.mark_as_read, methods=["PATCH"]),
    ]


class _Api:
    """The endpoints under ``/api/v1``."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state

    async def list_conversations(self, request: Request) -> Response:
        query = request.query_params
        phone = query.get("q[phone_number_eq]", "")
        status = query.get("q[status_eq]", "")
        config = query.get("q[whatsapp_config_id_eq]", "")
        since = moment(query, "q[last_active_at_gteq]", -math.inf)
        until = moment(query, "q[last_active_at_lteq]", math.inf)
        ahead = self._state.faults.shift()
        found = [
            talk
            for talk in self._state.conversations.all(phone)
            if status in {"", talk.status} and config in {"", talk.config_id}
            if since <= talk.last_active_at + ahead <= until
        ]
        return answer(200, page_of(request, found, lambda talk: talk.data(ahead)))

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
        page = page_of(
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
        talk = self._state.conversations.get(request.path_params["id"])
        return await self._take(request, post, Draft(talk, message, raw, lambda: self._check(message)))

    async def _take(self, request: Request, post: int, draft: Draft) -> Response:
        now = self._state.now

        def taken(message: StoredMessage) -> Json:
            return {"data": message.data(now())}

        return await take(self._state, draft, taken, 201, post=post, closing=request.app.closing)

    def _check(self, message: Mapping[str, Json]) -> None:
        _check(message)
        if message.get("message_type") == "template":
            try:
                self._state.templates.check(graph(message)["template"])
            except ApiError as error:
                raise _of_v1(error) from None

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
            talk = self._state.conversations.with_person(str(phone), config)
        except ValueError as error:
            raise ApiError(422, "Message is invalid", f"phone_number: {error}") from None
        return await self._take(request, post, Draft(talk, message, raw, lambda: self._check(message)))


def _object(body: Mapping[str, Json], name: str, wrong: int = 400) -> Mapping[str, Json]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise ApiError(wrong, "Invalid parameters", f"Parameter {name} is required")
    return value


def _check(body: Mapping[str, Json]) -> None:
    """Refuse, with 422, a message that is none."""
    try:
        errors = [problem for problem in check_message(body) if problem.severity == "error"]
        errors += [] if errors else not_carried(body, "kapso-v1")
    except RecursionError:
        raise ApiError(422, "Message is invalid", "it is nested too deeply") from None
    if errors:
        raise ApiError(422, "Message is invalid", "; ".join(map(_sentence, errors)))


def _of_v1(refusal: ApiError) -> ApiError:
    """What Meta says of a template, in v1's words."""
    said = refusal.body["error"]
    if refusal.status == 404:
        return ApiError(404, "Template not found")
    details = said.get("error_data", {}).get("details", said["message"])
    if numbers := _COUNTED.search(details):
        return ApiError(422, f"Template requires {numbers[2]} parameters, but {numbers[1]} were provided")
    return ApiError(422, details)


def _sentence(problem: Problem) -> str:
    route = ".".join(str(part) for part in problem.route)
    return f"{route}: {problem.message}" if route else problem.message
