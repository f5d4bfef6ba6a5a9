"""The answers with which the API says no, in the words of its documentation."""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from flowrunner.model import Json

IN_FLIGHT = "Another message is already in-flight for this conversation. Please retry shortly."
AGENT_ACTIVE = (
    "Cannot send a manual message when an agent execution is active and not in handoff, failed, or stopped state"
)
OUTSIDE_WINDOW = "Cannot send non-template messages outside the 24-hour window."
INVALID_KEY = "Invalid or missing API key"
RATE_LIMITED = "Rate limit exceeded"

WORDS: Mapping[int, str] = {
    400: "Invalid parameters",
    401: INVALID_KEY,
    402: "Your Kapso balance doesn't cover Meta's fee for this message.",
    403: "Active sandbox session required to send messages",
    404: "Conversation not found",
    409: IN_FLIGHT,
    413: "Request body too large",
    422: OUTSIDE_WINDOW,
    429: RATE_LIMITED,
    500: "An unexpected error occurred",
    502: "Bad gateway",
    503: "Service unavailable",
    504: "Kapso proxy timeout",
}
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


def outside_window(shape: str = "text") -> ApiError:
    """The refusal of a free-form message outside the window; ``shape`` is ``text`` or ``object``."""
    return graph_error(422, 131047, OUTSIDE_WINDOW) if shape == "object" else ApiError(422, OUTSIDE_WINDOW)
