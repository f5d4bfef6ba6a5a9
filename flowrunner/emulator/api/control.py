"""The emulator's own routes: everything it knows can be read, and what a test needs can be set."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowrunner.emulator.api import rewriting
from flowrunner.emulator.api.conversations import CONFIG, Talk, is_phone, is_user_id
from flowrunner.emulator.api.dates import iso
from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.faults import Fault, fault_from, parse_fault
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import answer, read_object, text_of
from flowrunner.emulator.webhooks.values import webhook
from flowrunner.model import Json


def control_routes(state: EmulatorState) -> list[Route]:
    """The routes under ``/_emulator``; they need no key and count against no limit.

    - ``GET /state``: ``{"conversations": [...], "messages": [...]}``, messages of both directions in the order
      in which they were taken, each with its ``conversation_id`` and ``shown_at``, when the phone gets it (or null).
    - ``GET /received``: ``{"data": [{"conversation", "number", "body"}]}`` in the order of acceptance, ``body`` the
      exact text of the request.
    - ``POST /conversations``: ``{"phone_number" or "user_id" or both, "contact_name"?, "id"?, "whatsapp_config_id"?,
      "window_open"?}``; with ``"reuse": true`` an active one with that number is answered with instead.
    - ``POST /conversations/{id}/names``: ``{"phone_number"?, "user_id"?, "contact_name"?}``: a name of theirs.
    - ``POST /conversations/{id}/inbound``: ``{"content", "message_type"?, ...}``, a person's answer, as `inbound_body`
      takes it, or what they edit or delete, as `rewriting.rewritten` does.
    - ``POST /conversations/{id}/window``: ``{"open": true or false}``.
    - ``POST /conversations/{id}/end``: the conversation has ended.
    - ``GET``, ``PUT /templates``: ``{"templates": [...]}``, the account's, each as Meta lists it; see `templates`.
    - ``GET``, ``PUT /webhooks``: ``{"webhooks": [{"url", "form"?, "secret"?}]}``, who on this machine is told what
      happens; ``GET`` shows no secret, and the latest ``deliveries``.
    - ``POST /reset``: forget everything, faults too.
    - ``GET``, ``PUT``, ``DELETE /faults``: ``{"faults": [...]}``, each as an object or as ``kind:key=value,...``.
    - ``POST /faults``: ``{"fault": ...}``, one more; ``DELETE /faults/{kind}``: those of this kind.
    """
    control = _Control(state)
    return [
        Route("/state", control.show, methods=["GET"]),
        Route("/received", control.received, methods=["GET"]),
        Route("/conversations", control.create, methods=["POST"]),
        Route("/conversations/{id}/names", control.names, methods=["POST"]),
        Route("/conversations/{id}/inbound", control.inbound, methods=["POST"]),
        Route("/conversations/{id}/window", control.window, methods=["POST"]),
        Route("/conversations/{id}/end", control.end, methods=["POST"]),
        Route("/templates", control.templates, methods=["GET"]),
        Route("/templates", control.set_templates, methods=["PUT"]),
        Route("/webhooks", control.webhooks, methods=["GET"]),
        Route("/webhooks", control.set_webhooks, methods=["PUT"]),
        Route("/reset", control.reset, methods=["POST"]),
        Route("/faults", control.faults, methods=["GET"]),
        Route("/faults", control.set_faults, methods=["PUT"]),
        Route("/faults", control.add_fault, methods=["POST"]),
        Route("/faults", control.clear_faults, methods=["DELETE"]),
        Route("/faults/{kind}", control.clear_faults, methods=["DELETE"]),
    ]


class _Control:
    """The endpoints under ``/_emulator``."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state

    async def show(self, _request: Request) -> Response:
        now = self._state.now()
        messages = [
            {
                **message.data(now),
                "conversation_id": message.conversation_id,
                "shown_at": None if message.shown_at is None else iso(message.shown_at),
            }
            for message in self._state.history()
        ]
        talks = [self._talk(talk) for talk in self._state.conversations.all()]
        return answer(200, {"conversations": talks, "messages": messages})

    def _talk(self, talk: Talk) -> dict[str, Json]:
        return {**talk.data(), "user_id": talk.user_id, "window_open": talk.window_open(self._state.now())}

    async def received(self, _request: Request) -> Response:
        data = [
            {"conversation": each.conversation_id, "number": each.number, "body": each.raw.decode()}
            for each in self._state.received()
        ]
        return answer(200, {"data": data})

    async def create(self, request: Request) -> Response:
        _, body = await read_object(request)
        if _flag(body, "reuse", default=False):
            known = self._state.conversations.all(text_of(body, "phone_number"), text_of(body, "user_id"))
            if active := next((each for each in known if each.status == "active"), None):
                return answer(200, {"data": self._talk(active)})
        try:
            talk = self._state.conversations.create(
                text_of(body, "phone_number"),
                text_of(body, "contact_name"),
                user_id=text_of(body, "user_id"),
                conversation_id=text_of(body, "id"),
                config_id=text_of(body, "whatsapp_config_id") or CONFIG,
                window_open=_flag(body, "window_open", default=True),
            )
        except ValueError as error:
            raise ApiError(400, message=str(error)) from None
        return answer(201, {"data": self._talk(talk)})

    async def names(self, request: Request) -> Response:
        _, body = await read_object(request)
        phone, user_id, name = (text_of(body, each) for each in ("phone_number", "user_id", "contact_name"))
        if (phone and not is_phone(phone)) or (user_id and not is_user_id(user_id)):
            raise ApiError(400, message="phone_number or user_id is none")
        talk = self._state.conversations.learn(request.path_params["id"], phone=phone, user_id=user_id, name=name)
        return answer(200, {"data": self._talk(talk)})

    async def inbound(self, request: Request) -> Response:
        _, data = await read_object(request)
        state, talk_id = self._state, request.path_params["id"]
        is_change = data.get("message_type") in rewriting.KINDS
        body = rewriting.rewritten(state, talk_id, data) if is_change else inbound_body(data)
        message = state.add_inbound(talk_id, body)
        told = {**message.data(state.now()), "conversation_id": message.conversation_id}
        return answer(201, {"data": told})

    async def window(self, request: Request) -> Response:
        _, body = await read_object(request)
        is_open = _flag(body, "open", default=None)
        talk = self._state.conversations.set_window(request.path_params["id"], is_open=is_open)
        return answer(200, {"data": self._talk(talk)})

    async def end(self, request: Request) -> Response:
        return answer(
            200, {"data": self._talk(self._state.conversations.set_status(request.path_params["id"], "ended"))}
        )

    async def templates(self, _request: Request) -> Response:
        return answer(200, {"templates": [each.data() for each in self._state.templates]})

    async def set_templates(self, request: Request) -> Response:
        _, body = await read_object(request)
        try:
            self._state.templates.replace(_objects(body, "templates"))
        except ValueError as error:
            raise ApiError(400, message=str(error)) from None
        return await self.templates(request)

    async def webhooks(self, _request: Request) -> Response:
        told = [{"url": each.url, "form": each.form} for each in self._state.webhooks]
        return answer(200, {"webhooks": told, "deliveries": list(self._state.deliveries)})

    async def set_webhooks(self, request: Request) -> Response:
        _, body = await read_object(request)
        try:
            self._state.webhooks[:] = [
                webhook(text_of(each, "url"), text_of(each, "form") or "kapso", text_of(each, "secret"))
                for each in _objects(body, "webhooks")
            ]
        except ValueError as error:
            raise ApiError(400, message=str(error)) from None
        return await self.webhooks(request)

    async def reset(self, _request: Request) -> Response:
        self._state.reset()
        return Response(status_code=204)

    async def faults(self, _request: Request) -> Response:
        return answer(200, {"faults": self._state.faults.data()})

    async def set_faults(self, request: Request) -> Response:
        _, body = await read_object(request)
        listed = body.get("faults")
        if not isinstance(listed, list):
            raise ApiError(400, message="Parameter faults must be a list")
        self._state.faults.replace([_fault(each) for each in listed])
        return await self.faults(request)

    async def add_fault(self, request: Request) -> Response:
        _, body = await read_object(request)
        self._state.faults.add(_fault(body.get("fault")))
        return await self.faults(request)

    async def clear_faults(self, request: Request) -> Response:
        self._state.faults.clear(request.path_params.get("kind", ""))
        return Response(status_code=204)


def _fault(data: Json) -> Fault:
    try:
        if isinstance(data, str):
            return parse_fault(data)
        if isinstance(data, Mapping):
            return fault_from(data)
    except ValueError as error:
        raise ApiError(400, message=str(error)) from None
    raise ApiError(400, message="a fault is an object or a text")


def _objects(body: Mapping[str, Json], name: str) -> list[Mapping[str, Json]]:
    listed = body.get(name)
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise ApiError(400, message=f"Parameter {name} must be a list of objects")
    return listed


def _flag(body: Mapping[str, Json], name: str, *, default: bool | None) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise ApiError(400, message=f"Parameter {name} must be true or false")
    return value
