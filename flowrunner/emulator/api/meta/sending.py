"""One request to ``/messages``: a message, or a mark that a person's message was read."""

from starlette.requests import Request
from starlette.responses import Response

from flowrunner.emulator.api.conversations import Talk, digits
from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.messages import Draft, StoredMessage, id_of
from flowrunner.emulator.api.meta.flat import flat
from flowrunner.emulator.api.meta.reading import Send, check_graph, is_read, read_mark, read_send
from flowrunner.emulator.api.meta.shapes import wrong
from flowrunner.emulator.api.numbers import Number
from flowrunner.emulator.api.posting import take
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import answer, read_object
from flowrunner.model import Json


async def send(state: EmulatorState, number: Number, request: Request, *, templates_only: bool = False) -> Response:
    """Take the message, or mark what it names; with ``templates_only`` any other message is refused.

    Raises:
        ApiError: The API says no.
    """
    raw, body = await read_object(request)
    if is_read(body) and not templates_only:
        return _mark(state, body)
    post = state.faults.posted()
    try:
        said = read_send(body)
        if templates_only and said.graph["type"] != "template":
            raise wrong("type must be template")
        check_graph(said.graph)
        state.uploads.check(number.id, said.graph)
    except RecursionError:
        raise wrong("the message is nested too deeply") from None

    def check() -> None:
        if said.graph["type"] == "template":
            state.templates.check(said.graph["template"])

    try:
        talk = state.conversations.with_person(said.phone, number.config_id, said.user_id)
    except ValueError as error:
        raise wrong(str(error)) from None
    draft = Draft(talk, flat(said.graph), raw, check, said.graph, said.reference)
    return await take(
        state, draft, lambda message: _taken(said, talk, message), 200, post=post, closing=request.app.closing
    )


def _taken(said: Send, talk: Talk, message: StoredMessage) -> dict[str, Json]:
    """The answer; what Kapso holds back, and only that, has another status than accepted."""
    contact: dict[str, Json] = {"input": said.called, "wa_id": digits(talk.phone) or None, "user_id": talk.user_id}
    held = "held_for_quality_assessment" if message.held else "accepted"
    its: dict[str, Json] = {"id": message.wamid}
    if message.body.get("message_type") == "template":
        its["message_status"] = held
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [its]}


def _mark(state: EmulatorState, body: dict[str, Json]) -> Response:
    mark = read_mark(body)
    try:
        state.mark_read(id_of(mark.message_id), typing=mark.typing)
    except ApiError as error:
        raise wrong("message_id must be that of a received message") from error
    return answer(200, {"success": True})
