"""The endpoints of files: upload, read, delete, at the number that they belong to."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from starlette.requests import Request
from starlette.responses import Response

from flowrunner.emulator.api.errors import ApiError, invalid
from flowrunner.emulator.api.media import LARGEST, URL_KEPT, Upload
from flowrunner.emulator.api.numbers import Number
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import answer, read_body

_ENVELOPE = 64 * 1024
"""Bytes of a form besides its file."""


async def upload(state: EmulatorState, number: Number, request: Request) -> Response:
    """Keep the file of a form, ``messaging_product``, ``file`` and perhaps ``type``, and answer with its id.

    Raises:
        ApiError: In Meta's form, something is missing or the file cannot be sent.
    """
    fields = _form(request.headers.get("content-type", ""), await read_body(request, LARGEST + _ENVELOPE))
    if fields.get("messaging_product", (b"", ""))[0] != b"whatsapp":
        raise invalid(100, "The parameter messaging_product is required.")
    if "file" not in fields:
        raise invalid(100, "The parameter file is required.")
    content, part_type = fields["file"]
    told = fields["type"][0].decode(errors="replace") if "type" in fields else part_type
    return answer(200, {"id": state.uploads.add(number.id, content, told).id})


def _form(content_type: str, raw: bytes) -> dict[str, tuple[bytes, str]]:
    """The fields of a form, each with its content and the type it was told to be of."""
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(EmailMessage, policy=policy.HTTP).parsebytes(head + raw)
    if not message.is_multipart():
        raise invalid(100, "Invalid parameter", "The request must be a form, multipart/form-data")
    fields: dict[str, tuple[bytes, str]] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            generic = part.get_content_type() == "application/octet-stream" or "content-type" not in part
            fields[name] = (content, "" if generic else part.get_content_type())
    return fields


def describe(state: EmulatorState, found: Upload, request: Request) -> Response:
    """What is known of a file, with an address at which it can be read for a while."""
    base = str(request.url.replace(query="")).removesuffix(f"/{found.id}")
    until = int(state.now() + URL_KEPT)
    return answer(200, found.data(f"{base}/files/{found.id}?until={until}"))


async def read(state: EmulatorState, request: Request) -> Response:
    """The file itself, as long as its address is good.

    Raises:
        ApiError: 404, it is not there or the address is too old.
    """
    found = state.uploads.get(request.path_params["id"])
    until = request.query_params.get("until", "")
    if found is None or not (until.isascii() and until.isdigit()) or int(until[:12]) < state.now():
        raise ApiError(404, "Media not found")
    return Response(found.content, media_type=found.mime)
