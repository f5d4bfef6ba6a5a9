"""The emulator's page: its frame, its moving parts, and the live stream of what changes.

What a person does on it goes through the emulator's own routes under ``/_emulator``, as a program's requests do.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.exchanges import ExchangeLog, Recorder
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import answer
from flowrunner.emulator.guard import Guard
from flowrunner.emulator.page.html import exchange_detail, frame
from flowrunner.emulator.page.live import OpenPages, event_stream
from flowrunner.emulator.page.played import Played
from flowrunner.emulator.page.saving import MakeTest
from flowrunner.emulator.page.view import View, stretch
from flowrunner.model.plain import NOTHING
from flowrunner.views.html.page import asset

_HEADERS = {
    # Even if a text got past the escaping, nothing but these files may run, and nothing may be fetched from elsewhere.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_TYPES = {"css": "text/css", "js": "text/javascript"}


class EmulatorPage:
    """The page over a state.

    Args:
        state: What it shows.
        names: What the server is called, when only this machine can reach it; None when others can, who call it as they
            like.
        make_test: Makes a test of what was played in a conversation; None where nobody can.
        played: What came of the conversations, by their ids, where they are over; empty where they go on.

    Attributes:
        middleware: Notes the API's requests, and keeps other web pages out.
        routes: ``/`` and what stands under ``/_page``.
    """

    def __init__(
        self, state: EmulatorState, names: Collection[str] | None = None, make_test: MakeTest | None = None,
        played: Mapping[str, Played] = NOTHING,
    ) -> None:  # fmt: skip
        self._state, self._make_test, self._is_live = state, make_test, not played
        self._log = ExchangeLog(state.clock)
        self._open = OpenPages(state, self._log)
        state.listeners.append(lambda change: self._log.clear() if change.kind == "reset" else None)
        own = ("page.css", "page.js", "acts.js", "saving.js", "played.js")
        styles = {"chat.css": asset("html/chat.css"), "came.css": asset("tests/came.css")}
        files = {name: _own(name) for name in own} | styles
        self.middleware = [Middleware(Guard, names=names), Middleware(Recorder, log=self._log)]
        self.routes = [
            _file("/", frame(played), "text/html"),
            *(_file(f"/_page/{name}", text, _TYPES[name.rpartition(".")[2]]) for name, text in files.items()),
            Route("/_page/events", self._events, methods=["GET"]),
            Route("/_page/test", self._test, methods=["GET"]),
            Route("/_page/turns", self._turns, methods=["GET"]),
            Route("/_page/exchanges/{number:int}", self._exchange, methods=["GET"]),
        ]

    async def _events(self, request: Request) -> Response:
        query = request.query_params
        view = View(
            self._state,
            self._log,
            query.get("conversation", ""),
            query.get("find", ""),
            reads=query.get("reads") == "yes",
            live=self._is_live,
        )
        return event_stream(self._open, self._state.clock, view, request.app.closing)

    async def _turns(self, request: Request) -> Response:
        query = request.query_params
        talk = self._state.conversations.known(query.get("conversation", ""))
        if talk is None:
            raise ApiError(404, "Conversation not found")
        before, after = (_position(query.get(name, "0")) for name in ("before", "after"))
        return answer(200, stretch(self._state, talk.id, before=before, after=after, live=self._is_live))

    async def _test(self, request: Request) -> Response:
        talk = self._state.conversations.known(request.query_params.get("conversation", ""))
        if talk is None:
            raise ApiError(404, "Conversation not found")
        if self._make_test is None:
            raise ApiError(404, message="Only flowrunner emulator can save a test: it knows where the journal is")
        try:
            made = await run_in_threadpool(self._make_test, talk, request.url.netloc)
        except RefusedError as error:
            raise ApiError(422, message=f"{error.message}; {error.hint}" if error.hint else error.message) from None
        return answer(200, {"name": made.name, "text": made.text, "notes": list(made.notes)})

    async def _exchange(self, request: Request) -> Response:
        exchange = self._log.get(request.path_params["number"])
        if exchange is None:
            raise ApiError(404, "This request is no longer kept")
        return answer(200, {"html": exchange_detail(exchange)})


def _own(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _file(path: str, text: str, media_type: str) -> Route:
    async def give(_request: Request) -> Response:
        return Response(text, media_type=media_type, headers=_HEADERS)

    return Route(path, give, methods=["GET"])


def _position(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise ApiError(400, message="A position is a whole number")
    return int(text)
