"""One post of a message, from the lock to the answer, with every fault that can spoil it in between."""

import asyncio
from collections.abc import Callable, Mapping

from starlette.responses import Response

from flowrunner.emulator.api.errors import AGENT_ACTIVE, ApiError, graph_error, outside_window
from flowrunner.emulator.api.faults import Fault, FaultTable
from flowrunner.emulator.api.messages import Draft, StoredMessage
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import Cut, Drip, Silence, answer, encode, pause
from flowrunner.model import Json
from flowrunner.spec.facts import facts_of

Closing = asyncio.Event | None


async def take(
    state: EmulatorState,
    draft: Draft,
    taken: Callable[[StoredMessage], Json],
    status: int,
    *,
    post: int,
    closing: Closing,
) -> Response:
    """Take the message, or say why not, or misbehave.

    The way to the person is held until the message is taken, whatever becomes of the answer.

    Args:
        state: Where it goes.
        draft: The message.
        taken: What the answer says of a message that was taken.
        status: The HTTP status of that answer.
        post: The number `FaultTable.posted` gave to this request.
        closing: Set when the server stops.

    Raises:
        ApiError: As `EmulatorState.accept`, `EmulatorState.in_flight` and the faults say.
    """
    faults = state.faults
    with state.in_flight(draft.talk):
        if slow := faults.strike("latency", post):
            await pause(state.clock, slow["seconds"], closing)
        if faults.strike("cut-before", post):
            return Cut()
        late_answer = _wrong_answer(faults, post)
        if late_answer and not late_answer[0]["accepted"]:
            return late_answer[1]
        _refuse(faults, draft.body, post)
        message = state.accept(draft, post)
    if (late := message.created_at - state.now()) > 0:
        await pause(state.clock, late, closing)
    if late_answer:
        return late_answer[1]
    return _answer(state, post, status, taken(message), closing)


def _refuse(faults: FaultTable, body: Mapping[str, Json], post: int) -> None:
    if faults.strike("in-flight-409", post):
        raise ApiError(409)
    if faults.strike("agent-409", post):
        raise ApiError(409, AGENT_ACTIVE)
    if not facts_of(body).opens and (shut := faults.strike("window-422", post)):
        raise outside_window(shut["shape"])


def _wrong_answer(faults: FaultTable, post: int) -> tuple[Fault, Response] | None:
    """The fault whose answer stands in for the right one, with that answer."""
    if page := faults.strike("html", post):
        text = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
        return page, Response(text, page["code"], media_type="text/html")
    if fault := faults.strike("status", post):
        error = ApiError(fault["code"], fault["error"], fault["message"])
        if fault["graph"]:
            error = graph_error(fault["code"], fault["graph"], fault["error"] or str(error.body["error"]))
        if fault["reason"]:
            error.body["code"] = fault["reason"]
        headers = {"Retry-After": fault["retry_after"]} if fault["retry_after"] else {}
        return fault, answer(fault["code"], error.body, headers)
    return None


def _answer(state: EmulatorState, post: int, status: int, data: Json, closing: Closing) -> Response:
    faults = state.faults
    if faults.strike("cut-after", post):
        return Cut()
    if silence := faults.strike("timeout-after", post):
        return Silence(state.clock, silence["seconds"], closing)
    if faults.strike("malformed", post):
        return Response(encode(data)[:-2], status, media_type="application/json")
    if slow := faults.strike("slow-body", post):
        return Drip(status, data, state.clock, slow["seconds"], closing)
    return answer(status, data)
