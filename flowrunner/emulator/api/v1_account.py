"""Kapso's v1: templates and configurations, which are the senders of a key."""

import math
import uuid
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowrunner.emulator.api.dates import iso, moment
from flowrunner.emulator.api.errors import ApiError
from flowrunner.emulator.api.numbers import ACCOUNT_ID, Number
from flowrunner.emulator.api.pages import page_of
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.templates import Template
from flowrunner.emulator.api.wire import answer
from flowrunner.model import Json

_STATES: Mapping[str, str] = {"APPROVED": "approved", "PENDING": "submitted", "REJECTED": "rejected"}


def v1_account_routes(state: EmulatorState) -> list[Route]:
    """The routes, without the version they begin with."""
    api = _Api(state)
    return [
        Route("/whatsapp_templates", api.list_templates, methods=["GET"]),
        Route("/whatsapp_templates/{id}", api.get_template, methods=["GET"]),
        Route("/whatsapp_configs", api.list_configs, methods=["GET"]),
        Route("/whatsapp_configs/{id}", api.get_config, methods=["GET"]),
        Route("/whatsapp_configs/{id}/health", api.health, methods=["GET"]),
    ]


class _Api:
    """The endpoints."""

    def __init__(self, state: EmulatorState) -> None:
        self._state = state

    def _template(self, template: Template) -> dict[str, Json]:
        began = iso(self._state.began)
        return {
            "id": template.uuid,
            "name": template.name,
            "language_code": template.language,
            "category": template.category,
            "status": _STATES.get(template.status, "disabled"),
            "content": str(template.part("BODY").get("text", "")),
            "parameter_count": len(template.names()),
            "business_account_id": ACCOUNT_ID,
            "whatsapp_config_ids": [each.config_id for each in self._state.numbers],
            "components": list(template.components),
            "metadata": {},
            "created_at": began,
            "updated_at": began,
        }

    async def list_templates(self, request: Request) -> Response:
        query = request.query_params
        told = [self._template(each) for each in self._state.templates]
        accounts = {query.get("business_account_id", ACCOUNT_ID), query.get("q[business_account_id_eq]", ACCOUNT_ID)}
        found = [
            each
            for each in told
            if query.get("q[name_cont]", "") in each["name"]
            and all(
                query.get(f"q[{name}_eq]", each[name]) == each[name] for name in ("language_code", "category", "status")
            )
            and accounts == {ACCOUNT_ID}
        ]
        return answer(200, page_of(request, found, lambda each: each))

    async def get_template(self, request: Request) -> Response:
        template = self._state.templates.get(request.path_params["id"])
        if template is None:
            raise ApiError(404, "Template not found")
        return answer(200, {"data": self._template(template)})

    def _config(self, number: Number) -> dict[str, Json]:
        began = iso(self._state.began)
        return {
            "id": number.config_id,
            **number.identity(),
            "kind": "production",
            "webhook_verified_at": began,
            "customer_id": str(uuid.uuid5(uuid.NAMESPACE_OID, ACCOUNT_ID)),
            "created_at": began,
            "updated_at": began,
        }

    async def list_configs(self, request: Request) -> Response:
        query = request.query_params
        since, until = moment(query, "q[created_at_gteq]", -math.inf), moment(query, "q[created_at_lteq]", math.inf)
        accounts = {query.get("business_account_id", ACCOUNT_ID), query.get("q[business_account_id_eq]", ACCOUNT_ID)}
        found = [
            each
            for each in self._state.numbers
            if query.get("q[name_cont]", "") in each.name
            and since <= self._state.began <= until
            and accounts == {ACCOUNT_ID}
        ]
        return answer(200, page_of(request, found, self._config))

    def _known(self, request: Request) -> Number:
        number = self._state.numbers.known_config(request.path_params["id"])
        if number is None:
            raise ApiError(404, "WhatsApp configuration not found")
        return number

    async def get_config(self, request: Request) -> Response:
        return answer(200, {"data": self._config(self._known(request))})

    async def health(self, request: Request) -> Response:
        number = self._known(request)
        passed = {"passed": True, "details": {}}
        return answer(
            200,
            {
                "status": "healthy",
                "checks": {
                    "phone_number_access": {"passed": True, "details": {"display_phone_number": number.display}},
                    "messaging_health": {"passed": True, "overall_status": "AVAILABLE", "details": {}},
                    "webhook_subscription": passed,
                    "webhook_verified": passed,
                },
                "timestamp": iso(self._state.now()),
            },
        )
