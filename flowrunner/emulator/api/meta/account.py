"""What Meta's shape tells by an id alone, and of the account: files, templates, numbers."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from flowrunner.emulator.api.errors import ApiError, invalid
from flowrunner.emulator.api.meta.cursors import cursor_page
from flowrunner.emulator.api.meta.files import describe
from flowrunner.emulator.api.numbers import ACCOUNT_ID, Number
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.templates import Template, account_data
from flowrunner.emulator.api.wire import answer
from flowrunner.model import Json


def nothing(what: str) -> ApiError:
    """There is nothing of that name, as Graph says it."""
    why = "does not exist, or cannot be loaded due to missing permissions"
    error = invalid(100, f"Unsupported request. Object with ID '{what}' {why}", status=404)
    error.body["error"]["error_subcode"] = 33
    return error


class Account:
    """The endpoints."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state

    async def thing(self, request: Request) -> Response:
        """A file, template, number or the account, by its id."""
        state, its = self._state, request.path_params["id"]
        if upload := state.uploads.get(its, request.query_params.get("phone_number_id", "")):
            return describe(state, upload, request)
        if template := state.templates.get(its):
            return answer(200, template.data())
        if number := state.numbers.known(its):
            return answer(200, _number(number))
        if its == ACCOUNT_ID:
            return answer(200, account_data())
        raise nothing(its)

    async def delete(self, request: Request) -> Response:
        """Delete a file."""
        its = request.path_params["id"]
        if self._state.uploads.get(its, request.query_params.get("phone_number_id", "")) is None:
            raise nothing(its)
        self._state.uploads.delete(its)
        return answer(200, {"success": True})

    async def templates(self, request: Request) -> Response:
        """The account's templates, by the query's ``name``, ``language``, ``status`` and ``category``."""
        _check_account(request)
        query = request.query_params
        found = [each for each in self._state.templates if _is_wanted(each, query)]
        page = cursor_page(request, found, lambda each: (each.name, each.id), Template.data)
        if "summary" in query:
            page["summary"] = _summary(len(found), len(self._state.templates))
        return answer(200, page)

    async def numbers(self, request: Request) -> Response:
        """The account's numbers."""
        _check_account(request)
        page = cursor_page(request, tuple(self._state.numbers), lambda each: (each.name, each.id), _number)
        return answer(200, page)


def _check_account(request: Request) -> None:
    if request.path_params["number"] != ACCOUNT_ID:
        raise nothing(request.path_params["number"])


def _is_wanted(template: Template, query: Mapping[str, str]) -> bool:
    its = {"language": template.language, "status": template.status, "category": template.category}
    same = all(query.get(name, value).casefold() == value.casefold() for name, value in its.items())
    return same and query.get("name", "") in template.name


def _summary(found: int, total: int) -> dict[str, Json]:
    """How many there are, and how many there may be."""
    return {
        "total_count": found,
        "message_template_count": total,
        "message_template_limit": 6000,
        "are_translations_complete": True,
    }


def _number(number: Number) -> dict[str, Json]:
    return {
        "id": number.id,
        "display_phone_number": number.display,
        "verified_name": number.name,
        "quality_rating": "GREEN",
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "name_status": "APPROVED",
        "status": "CONNECTED",
        "throughput": {"level": "STANDARD"},
    }
