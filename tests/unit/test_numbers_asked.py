"""Which number a key sends from, as each API tells it: shapes by the published descriptions."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import pytest

from flowrunner.client.answers import said
from flowrunner.client.outcomes import outcome
from flowrunner.dialects import dialect_of
from flowrunner.dialects.errors import Rejected, TransportError
from flowrunner.dialects.values import Account, Answer, Request

T = TypeVar("T")
ONE = {"id": "c1", "name": "Sales", "display_phone_number": "+1 555 1", "phone_number_id": "1", "kind": "production"}
TWO = {**ONE, "id": "c2", "display_phone_number": "+1 555 2"}
THREE = {**ONE, "id": "c3", "display_phone_number": None, "name": "Help"}
FOUR = {**ONE, "id": "c4"}
HEALTHY = {"status": "healthy", "checks": {"messaging_health": {"passed": True, "overall_status": "AVAILABLE"}}}


def listed(*configs: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": [*configs], "meta": {"page": 1, "per_page": 100, "total_pages": 1, "total_count": len(configs)}}


def asked(dialect: str, own: str, number: str, answers: Mapping[str, Any]) -> tuple[Account, list[str]]:
    """What the dialect makes of these answers by their paths, a number being an error's status; and what it asked."""
    spoken, paths = dialect_of(dialect), []

    async def ask(request: Request, read: Callable[[Answer], T | None]) -> T:
        path = request.path.partition("?")[0]
        paths.append(request.path if not request.is_beside else f"beside {request.path}")
        given = answers[path]
        answer = Answer(given if isinstance(given, int) else 200, {}, json.dumps(given))
        found = read(answer)
        if found is None:
            raise outcome(answer, said(answer), None, spoken.refusals(own), sending=False)
        return found

    return asyncio.run(spoken.account(own, number, ask)), paths


V1 = {
    "the only one": ("", listed(ONE), HEALTHY, Account("c1", "+1 555 1", "Sales", "healthy")),
    "one of two": ("c2", listed(ONE, TWO), HEALTHY, Account("c2", "+1 555 2", "Sales", "healthy")),
    "limited": (
        "", listed(ONE),
        {"status": "degraded", "checks": {"messaging_health": {"passed": False, "overall_status": "LIMITED"}}},
        Account("c1", "+1 555 1", "Sales", "degraded", "messaging health: LIMITED"),
    ),
    "cut off": (
        "", listed(ONE),
        {"status": "error", "error": "expired", "checks": {"phone_number_access": {"passed": False, "error": "401"}}},
        Account("c1", "+1 555 1", "Sales", "unhealthy", "expired; phone number access: 401"),
    ),
    "a word that nobody knows": ("", listed(ONE), {"status": "fine"}, Account("c1", "+1 555 1", "Sales", "unknown")),
    "checks that are none": (
        "", listed(ONE), {"status": "healthy", "checks": ["x"], "error": None},
        Account("c1", "+1 555 1", "Sales", "healthy"),
    ),
    "none yet": ("", listed(), HEALTHY, Account(reason="the key has no number yet")),
    "several": (
        "", listed(ONE, TWO, THREE, FOUR), HEALTHY,
        Account(reason="the key has 4 numbers: +1 555 1 (c1), +1 555 2 (c2), Help (c3) and 1 more"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("number", "configs", "health", "expected"), V1.values(), ids=V1)
def test_v1_lists_the_numbers_of_a_key(
    number: str, configs: dict[str, Any], health: dict[str, Any], expected: Account
) -> None:
    """And tells the health of one."""
    answers = {"/whatsapp_configs": configs, f"/whatsapp_configs/{number or 'c1'}/health": health}
    found, paths = asked("kapso-v1", "/api/v1", number, answers)
    assert found == expected
    assert len(paths) == (2 if expected.number else 1)


def test_a_number_that_the_key_does_not_have_is_refused() -> None:
    """With those that it has."""
    with pytest.raises(Rejected, match="no number with the whatsapp_config_id c9") as caught:
        asked("kapso-v1", "/api/v1", "c9", {"/whatsapp_configs": listed(ONE)})
    assert caught.value.hint == "write the id of one that it has: +1 555 1 (c1)"
    for status in (401, 403):
        with pytest.raises(TransportError) as error:
            asked("kapso-v1", "/api/v1", "", {"/whatsapp_configs": status})
        assert error.value.status == status


META = {
    "connected": ({"status": "CONNECTED", "quality_rating": "GREEN"}, "healthy", ""),
    "of low quality": ({"status": "CONNECTED", "quality_rating": "RED"}, "degraded", "quality red"),
    "restricted": ({"status": "RESTRICTED", "quality_rating": "GREEN"}, "unhealthy", "restricted"),
    "disconnected, of low quality": (
        {"status": "DISCONNECTED", "quality_rating": "YELLOW"}, "unhealthy", "disconnected, quality yellow",
    ),
    "not said": ({"status": None}, "unknown", ""),
}  # fmt: skip


@pytest.mark.parametrize("own", ["/meta/whatsapp/v24.0/12", "/v24.0/12"])
@pytest.mark.parametrize(("told", "health", "reason"), META.values(), ids=META)
def test_meta_tells_of_one_number(own: str, told: dict[str, Any], health: Any, reason: str) -> None:
    """At Kapso by its platform, beside the proxy; at Graph by the number itself."""
    its = {"id": "12", "display_phone_number": "+1 555 1", "verified_name": "Sales", **told}
    is_graph = own.startswith("/v")
    path = "" if is_graph else "/platform/v1/whatsapp/phone_numbers/12"
    found, paths = asked("meta", own, "12", {path: its if is_graph else {"data": its}})
    assert found == Account("12", "+1 555 1", "Sales", health, reason)
    assert paths == [
        "?fields=id,display_phone_number,verified_name,quality_rating,status" if is_graph else f"beside {path}"
    ]


def test_a_number_that_meta_does_not_know_is_refused() -> None:
    """And a key that does not work is another thing."""
    for own, path in (("/v24.0/12", ""), ("/meta/whatsapp/v24.0/12", "/platform/v1/whatsapp/phone_numbers/12")):
        with pytest.raises(Rejected, match="the key has no number 12"):
            asked("meta", own, "12", {path: 404})
        with pytest.raises(TransportError, match="401"):
            asked("meta", own, "12", {path: 401})


def test_an_address_that_has_no_such_list_is_not_taken_for_a_conversation_that_ended() -> None:
    """The remedy is to mend the address."""
    with pytest.raises(Rejected) as refused:
        asked("kapso-v1", "", "", {"/whatsapp_configs": 404})
    assert (refused.value.status, refused.value.hint) == (404, "check the API's URL")
