"""Kapso's platform API, as far as it reads messages, conversations and numbers: ``/platform/v1/whatsapp``.

https://docs.kapso.ai/api/platform/v1/messages/get-message and the pages beside it.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowrunner.emulator.api.conversations import digits
from flowrunner.emulator.api.dates import iso
from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.messages import StoredMessage, id_of
from flowrunner.emulator.api.meta import told
from flowrunner.emulator.api.meta.routes import conversation_data
from flowrunner.emulator.api.numbers import Number
from flowrunner.emulator.api.pages import page_of
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import answer
from flowrunner.model import Json


def platform_routes(state: EmulatorState) -> list[Route]:
    """The routes, without what they begin with."""
    api = _Api(state)
    return [
        Route("/messages", api.messages, methods=["GET"]),
        Route("/messages/{wamid}", api.message, methods=["GET"]),
        Route("/conversations", api.conversations, methods=["GET"]),
        Route("/conversations/{id}", api.conversation, methods=["GET"]),
        Route("/phone_numbers", api.numbers, methods=["GET"]),
        Route("/phone_numbers/{number}", api.number, methods=["GET"]),
    ]


class _Api:
    """The endpoints."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state

    def _message(self, stored: StoredMessage) -> dict[str, Json]:
        talk = self._state.conversations.get(stored.conversation_id)
        return told.platform(self._state.numbers.of_config(talk.config_id), talk, stored, self._state.now())

    async def messages(self, request: Request) -> Response:
        query = request.query_params
        page = page_of(request, self._state.all_messages(), self._message)
        wanted = {name: query[name] for name in ("direction", "status", "phone_number_id") if name in query}
        phone = digits(query.get("phone_number", ""))
        if wanted or phone:
            found = [
                each
                for each in self._state.all_messages()
                if (its := self._message(each)["kapso"])
                and phone in (its["phone_number"] or "")
                and all(its[name] == value for name, value in wanted.items())
            ]
            page = page_of(request, found, self._message)
        return answer(200, page)

    async def message(self, request: Request) -> Response:
        found = self._state.message(id_of(request.path_params["wamid"]))
        if found is None or found.created_at > self._state.now():
            raise ApiError(404, "Message not found")
        return answer(200, {"data": self._message(found)})

    async def conversations(self, request: Request) -> Response:
        query = request.query_params
        phone = digits(query.get("phone_number", ""))
        number = query.get("phone_number_id", "")
        found = [
            talk
            for talk in self._state.conversations.all()
            if phone in digits(talk.phone)
            and query.get("status", talk.status) == talk.status
            and number in {"", self._state.numbers.of_config(talk.config_id).id}
        ]
        return answer(200, page_of(request, found, lambda talk: conversation_data(self._state, talk)))

    async def conversation(self, request: Request) -> Response:
        talk = self._state.conversations.known(request.path_params["id"])
        if talk is None:
            raise ApiError(404)
        return answer(200, {"data": conversation_data(self._state, talk)})

    async def numbers(self, request: Request) -> Response:
        return answer(200, page_of(request, tuple(self._state.numbers), self._number))

    async def number(self, request: Request) -> Response:
        number = self._state.numbers.known(request.path_params["number"])
        if number is None:
            raise ApiError(404, "Phone number not found")
        return answer(200, {"data": self._number(number)})

    def _number(self, number: Number) -> dict[str, Json]:
        began = iso(self._state.began)
        return {
            "id": number.id,
            "internal_id": number.config_id,
            **number.identity(),
            "webhook_verified_at": began,
            "created_at": began,
            "updated_at": began,
            "verified_name": number.name,
            "quality_rating": "GREEN",
            "throughput_tier": "TIER_10K",
            "status": "CONNECTED",
        }
