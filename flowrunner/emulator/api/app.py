"""The API over HTTP: Kapso's v1, Meta's shape at Kapso's proxy and as Graph itself, and the emulator's own routes."""

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount

from flowrunner.emulator.api.control import control_routes
from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.keys import GRAPH, KAPSO, PROXY, guarded
from flowrunner.emulator.api.meta.routes import graph_routes, proxy_routes
from flowrunner.emulator.api.platform import platform_routes
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.v1 import v1_routes
from flowrunner.emulator.api.v1_account import v1_account_routes
from flowrunner.emulator.api.wire import ConnectionCutError, Cut, EmulatorApp, answer

if TYPE_CHECKING:
    from flowrunner.emulator.page.page import EmulatorPage


def create_app(state: EmulatorState, page: "EmulatorPage | None" = None) -> EmulatorApp:
    """The emulator as an ASGI application over ``state``, with a page for people where one is given.

    All of it is over one state: what one dialect sends, the other lists.

    In process, a connection that a fault cuts is a `ConnectionCutError` (a ConnectionResetError) out of the app.
    """
    return EmulatorApp(
        routes=[
            Mount("/api/v1", routes=guarded(state, KAPSO, [*v1_routes(state), *v1_account_routes(state)])),
            Mount("/platform/v1/whatsapp", routes=guarded(state, KAPSO, platform_routes(state))),
            Mount("/meta/whatsapp/{version:graph}", routes=guarded(state, PROXY, proxy_routes(state))),
            Mount("/_emulator", routes=control_routes(state)),
            *(page.routes if page else ()),
            Mount("/{version:graph}", routes=guarded(state, GRAPH, graph_routes(state))),
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
    return error.response()


def _not_routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what Starlette promises, said to the type checker
    detail = f'No route matches [{request.method}] "{request.url.path}"' if error.status_code == 404 else error.detail
    return answer(error.status_code, {"error": detail}, error.headers)


def _cut(_request: Request, _error: Exception) -> Response:
    return Cut()
