"""The endpoints of Meta's shape: at Kapso's proxy, and as far as Meta has them at Graph itself."""

import math

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowrunner.emulator.api.conversations import STATUSES, Talk
from flowrunner.emulator.api.dates import iso, moment
from flowrunner.emulator.api.errors import invalid
from flowrunner.emulator.api.forms import shown
from flowrunner.emulator.api.messages import StoredMessage, id_of
from flowrunner.emulator.api.meta import told
from flowrunner.emulator.api.meta.account import Account, nothing
from flowrunner.emulator.api.meta.cursors import cursor_page
from flowrunner.emulator.api.meta.files import read, upload
from flowrunner.emulator.api.meta.sending import send
from flowrunner.emulator.api.numbers import Number, is_number_id
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import answer, read_object
from flowrunner.model import Json


class _Version(Convertor[str]):
    """A version of Graph, ``v24.0``."""

    regex = r"v[0-9]+\.[0-9]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("graph", _Version())


def graph_routes(state: EmulatorState) -> list[Route]:
    """What Meta's own Graph API has: it sends, and lists nothing."""
    api, account = _Api(state), Account(state)
    return [
        Route("/files/{id}", api.file, methods=["GET"]),
        Route("/{number}/messages", api.post, methods=["POST"]),
        Route("/{number}/marketing_messages", api.post_marketing, methods=["POST"]),
        Route("/{number}/media", api.upload, methods=["POST"]),
        Route("/{number}/message_templates", account.templates, methods=["GET"]),
        Route("/{number}/phone_numbers", account.numbers, methods=["GET"]),
        Route("/{id}", account.thing, methods=["GET"]),
        Route("/{id}", account.delete, methods=["DELETE"]),
    ]


def proxy_routes(state: EmulatorState) -> list[Route]:
    """What Kapso's proxy has: all of Graph's, and what Kapso keeps."""
    api = _Api(state)
    return [
        Route("/conversations/{id}", api.conversation, methods=["GET"]),
        Route("/conversations/{id}", api.update_conversation, methods=["PATCH"]),
        *graph_routes(state),
        Route("/{number}/messages", api.messages, methods=["GET"]),
        Route("/{number}/messages/{wamid}", api.message, methods=["GET"]),
        Route("/{number}/conversations", api.conversations, methods=["GET"]),
        Route("/{number}/conversations/{id}", api.conversation_there, methods=["GET"]),
    ]


class _Api:
    """The endpoints of messages and conversations."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state

    async def post(self, request: Request) -> Response:
        return await send(self._state, number_of(self._state, request), request)

    async def post_marketing(self, request: Request) -> Response:
        return await send(self._state, number_of(self._state, request), request, templates_only=True)

    async def upload(self, request: Request) -> Response:
        return await upload(self._state, number_of(self._state, request), request)

    async def file(self, request: Request) -> Response:
        return await read(self._state, request)

    async def messages(self, request: Request) -> Response:
        state, number = self._state, number_of(self._state, request)
        query, now = request.query_params, state.now()
        fault = state.faults.strike("list-order", state.faults.next_post)
        form = state.faults.strike("list-form", state.faults.next_post)
        fields = told.wanted(query.get("fields", ""))
        since, until = moment(query, "since", -math.inf), moment(query, "until", math.inf)

        def is_wanted(each: StoredMessage) -> bool:
            its = {
                "conversation_id": each.conversation_id,
                "direction": each.direction,
                "status": each.status_at(now).status,
            }
            return since <= each.created_at + each.shift <= until and all(
                query.get(name, value) == value for name, value in its.items()
            )

        found = [
            each
            for each in state.all_messages(*((fault["order"], fault.seed) if fault else ()))
            if self._talk(each).config_id == number.config_id and is_wanted(each)
        ]

        def data(each: StoredMessage) -> Json:
            talk = self._talk(each)
            whole = {**told.message(number, talk, each), "kapso": told.kapso(talk, each, now)}
            return told.only(shown(form["form"], whole, (whole["type"], "kapso")) if form else whole, fields)

        page = cursor_page(request, found, lambda each: (iso(each.created_at), each.wamid), data)
        if page["data"] and state.faults.strike("list-partial", state.faults.next_post):
            page["data"].pop()
        return answer(200, page)

    def _talk(self, message: StoredMessage) -> Talk:
        return self._state.conversations.get(message.conversation_id)

    async def message(self, request: Request) -> Response:
        number = number_of(self._state, request)
        found = self._state.message(id_of(request.path_params["wamid"]))
        if found is None or self._talk(found).config_id != number.config_id or found.created_at > self._state.now():
            raise nothing(request.path_params["wamid"])
        talk, now = self._talk(found), self._state.now()
        whole = {**told.message(number, talk, found), "kapso": told.kapso(talk, found, now)}
        return answer(200, told.only(whole, told.wanted(request.query_params.get("fields", ""))))

    async def conversations(self, request: Request) -> Response:
        number, query = number_of(self._state, request), request.query_params
        since, until = moment(query, "last_active_since", -math.inf), moment(query, "last_active_until", math.inf)
        found = [
            talk
            for talk in self._state.conversations.all(query.get("phone_number", ""))
            if talk.config_id == number.config_id
            and query.get("status", talk.status) == talk.status
            and since <= talk.last_active_at + self._state.faults.shift() <= until
        ]
        fields = told.wanted(query.get("fields", ""))
        page = cursor_page(
            request,
            found,
            lambda talk: (iso(talk.created_at), talk.id),
            lambda talk: told.only(conversation_data(self._state, talk), fields),
        )
        return answer(200, page)

    async def conversation(self, request: Request) -> Response:
        talk = self._state.conversations.known(request.path_params["id"])
        if talk is None:
            raise nothing(request.path_params["id"])
        return answer(200, {"data": conversation_data(self._state, talk)})

    async def conversation_there(self, request: Request) -> Response:
        number, talk = number_of(self._state, request), self._state.conversations.known(request.path_params["id"])
        if talk is None or talk.config_id != number.config_id:
            raise nothing(request.path_params["id"])
        fields = told.wanted(request.query_params.get("fields", ""))
        return answer(200, told.only(conversation_data(self._state, talk), fields))

    async def update_conversation(self, request: Request) -> Response:
        talk = self._state.conversations.known(request.path_params["id"])
        _, body = await read_object(request)
        if talk is None:
            raise nothing(request.path_params["id"])
        if body.get("status") not in STATUSES:
            raise invalid(100, "Invalid parameter", f"status must be one of {', '.join(STATUSES)}")
        self._state.conversations.set_status(talk.id, body["status"])
        return answer(200, {"success": True})


def number_of(state: EmulatorState, request: Request) -> Number:
    """The number that a path names.

    Raises:
        ApiError: In Meta's form, there is none.
    """
    number_id = request.path_params["number"]
    if not is_number_id(number_id):
        raise nothing(number_id)
    return state.numbers.get(number_id)


def conversation_data(state: EmulatorState, talk: Talk) -> dict[str, Json]:
    """A conversation with its last message, as it is now."""
    count = state.count(talk.id)
    last = next((each for each in reversed(state.stretch(talk.id, count, count))), None)
    return told.conversation(state.numbers.of_config(talk.config_id), talk, last, count, state.faults.shift())
