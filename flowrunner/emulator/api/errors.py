"""The answers with which the API says no, in the words of its documentation."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import JSONResponse, Response

from flowrunner.data import table
from flowrunner.model import Json

_WORDS = table("emulator/api/answers.json")
AGENT_ACTIVE: Final = _WORDS["agent active"]
WORDS: Final[Mapping[int, str]] = {int(status): words for status, words in _WORDS["statuses"].items()}
"""What the API is known to say with each HTTP status."""


class ApiError(Exception):
    """A request is refused; nothing was taken.

    Attributes:
        status: The HTTP status.
        body: The JSON object of the answer.
        headers: What the answer carries besides.
    """

    def __init__(self, status: int, error: Json = "", message: str = "", **more: Json) -> None:
        self.status = status
        self.body: dict[str, Json] = {"error": error or WORDS.get(status, "Error")}
        if message:
            self.body["message"] = message
        self.body.update(more)
        self.headers: dict[str, str] = {}
        super().__init__(f"{status} {self.body}")

    def response(self) -> Response:
        """The answer that says so."""
        return JSONResponse(self.body, self.status, self.headers)


def graph_error(status: int, code: int, text: str, sort: str = "MessageError") -> ApiError:
    """A refusal in the shape Meta's Graph API gives it: ``error`` is an object with a number."""
    inner = {"message": text, "type": sort, "code": code, "error_subcode": code, "fbtrace_id": "emulator"}
    return ApiError(status, inner)


def invalid(code: int, text: str, details: str = "", status: int = 400) -> ApiError:
    """Meta's refusal of a request that is not as its pages say.

    Args:
        code: Meta's number, https://developers.facebook.com/documentation/business-messaging/whatsapp/error-codes.
        text: What is wrong in general.
        details: What is wrong here.
        status: The HTTP status.
    """
    inner: dict[str, Json] = {"message": f"(#{code}) {text}", "type": "OAuthException", "code": code}
    if details:
        inner["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return ApiError(status, {**inner, "fbtrace_id": "emulator"})


def too_long(where: str, most: int) -> ApiError:
    """Meta's refusal of a template's text that is too long with its values."""
    details = f"{where}: the text with its values is longer than {most} characters"
    return invalid(132005, "Translated text too long", details)


def outside_window(shape: str = "text") -> ApiError:
    """The refusal of a free-form message outside the window; ``shape`` is ``text`` or ``object``."""
    return graph_error(422, 131047, WORDS[422]) if shape == "object" else ApiError(422)
