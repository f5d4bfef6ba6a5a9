"""Templates asked of the API in both dialects: of the emulator, and of a judge that shares no code with it."""

import asyncio
import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs

import pytest

from flowrunner.client import Rejected, open_client
from flowrunner.clock import SYSTEM
from flowrunner.dialects import DIALECTS
from flowrunner.model.templates import Template
from flowrunner.templates.file import written
from support.emulated import Emulator

NUMBER, ACCOUNT = "100000000000001", "200000000000001"
COMPONENTS = [
    {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://scontent.example.com/a?oe=1"]}},
    {"type": "BODY", "text": "Hola {{1}}", "example": {"body_text": [["Ana"]]}},
    {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ver", "url": "https://e.org/{{1}}", "example": ["x"]}]},
]
KEPT = (
    {"type": "HEADER", "format": "IMAGE"},
    {"type": "BODY", "text": "Hola {{1}}"},
    {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Ver", "url": "https://e.org/{{1}}"}]},
)


def fetched(app: Any, dialect: str = "kapso-v1", *, url: str = "http://127.0.0.1", number: str = "", account: str = "",
            auth: str = "") -> list[Template]:  # fmt: skip
    async def once() -> list[Template]:
        client = open_client(url, "EAAkey", dialect=dialect, number=number, auth=auth, app=app, clock=SYSTEM)
        try:
            return await client.templates(account)
        finally:
            await client.aclose()

    return asyncio.run(once())


def test_both_dialects_of_the_emulator_give_the_same_file() -> None:
    """Three pages of it."""
    emulator = Emulator()
    listed = [
        {"name": f"order_{number}", "language": "es", "category": "utility", "components": COMPONENTS}
        for number in range(230)
    ]
    assert emulator.ask("PUT", "/_emulator/templates", json={"templates": listed}).status_code == 200
    of_v1 = fetched(emulator.app)
    assert len(of_v1) == 230
    assert of_v1[0] == Template("order_0", "es", "APPROVED", "UTILITY", KEPT)
    assert written(of_v1) == written(fetched(emulator.app, "meta", number=NUMBER))
    graph = fetched(emulator.app, "meta", url="http://127.0.0.1/v24.0", number=NUMBER, account=ACCOUNT, auth="bearer")
    assert written(graph) == written(of_v1)


class Judge:
    """Answers by the published shapes, from a table of paths; everything else is not there."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.refused = 200

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        self.asked.append(scope["path"])
        found = self.answers.get(scope["path"])
        found = found(query) if callable(found) else found
        status = self.refused if found is not None else 404
        body = json.dumps(found if found is not None else {"error": "not found"}).encode()
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": body})


def v1_template(name: str, status: str = "approved", **more: Any) -> dict[str, Any]:
    """As the published description's example has it."""
    return {
        "id": f"template-{name}", "name": name, "language_code": "en_US", "category": "UTILITY", "status": status,
        "content": "Hello {{1}}", "parameter_count": 1, "business_account_id": "1", "whatsapp_config_ids": ["config-a"],
        "components": COMPONENTS, "metadata": {}, "created_at": "2026-01-01T00:00:00Z", **more,
    }  # fmt: skip


def v1_judge(*items: Any, configs: Sequence[Any] = ()) -> Judge:
    def page(query: Mapping[str, str]) -> Any:
        number, size = int(query["page"]), int(query["per_page"])
        meta = {"page": number, "per_page": size, "total_pages": 1, "total_count": len(items)}
        return {"data": [*items], "meta": meta}

    def numbers(query: Mapping[str, str]) -> Any:
        found = [each for each in configs if each["business_account_id"] == query.get("business_account_id")]
        return {"data": found, "meta": {"page": 1, "per_page": 100, "total_pages": 1, "total_count": len(found)}}

    return Judge({"/api/v1/whatsapp_templates": page, "/api/v1/whatsapp_configs": numbers})


def test_v1_s_words_become_meta_s() -> None:
    """Each status; what was removed is gone; what the API does not tell is not made up."""
    states = {"approved": "APPROVED", "submitted": "PENDING", "draft": "DRAFT", "rejected": "REJECTED",
              "disabled": "DISABLED", "paused": "PAUSED"}  # fmt: skip
    items = [v1_template(state, state) for state in (*states, "removed")]
    found = fetched(v1_judge(*items, v1_template("bare", components=None), {**v1_template("x"), "name": None}))
    assert {each.name: each.status for each in found} == {**states, "bare": "APPROVED"}
    assert {each.name: each.components for each in found}["bare"] == ()


def test_of_two_accounts_the_one_that_sends_is_meant() -> None:
    """By its configuration; where nothing says which, neither is taken."""
    other = {"id": "other", "business_account_id": "2", "whatsapp_config_ids": ["config-b"], "category": "MARKETING"}
    judge = v1_judge(v1_template("order"), v1_template("order", **other))
    assert [each.category for each in fetched(judge, number="config-b")] == ["MARKETING"]
    with pytest.raises(Rejected, match="two accounts of this project have a template order in en_US") as refused:
        fetched(judge)
    assert "--account" in refused.value.hint
    with pytest.raises(Rejected, match="no template of this project is for the number config-c"):
        fetched(judge, number="config-c")
    assert fetched(v1_judge(), number="config-c") == []
    assert len(fetched(v1_judge(v1_template("order"), v1_template("order", id="other")))) == 1


def test_an_account_that_nobody_knows_is_no_empty_one() -> None:
    """v1 lists nothing of it, and Graph says no by a 404 or a 400: none of them is an account without templates."""
    said = "the key knows no account 7"
    configs = [{"id": "config-a", "business_account_id": "1"}]
    with pytest.raises(Rejected, match=said) as refused:
        fetched(v1_judge(configs=configs), account="7")
    assert refused.value.hint == "copy its digits from WhatsApp Manager: --account ID"
    assert fetched(v1_judge(configs=configs), account="1") == []
    error = {"message": "Unsupported get request.", "type": "GraphMethodException", "code": 100, "error_subcode": 33}
    judge = Judge({"/v24.0/7/message_templates": {"error": error}})
    for judge.refused in (404, 400):
        with pytest.raises(Rejected, match=said):
            fetched(judge, "meta", url="http://127.0.0.1/v24.0", number=NUMBER, account="7")
    for dialect in DIALECTS:
        with pytest.raises(Rejected, match=said):
            fetched(Emulator().app, dialect, number=NUMBER if dialect == "meta" else "", account="7")


def graph_judge(path: str, *, repeats: bool = False) -> Judge:
    """Meta's cursors: the last page has one, too; and one that never ends, if it ``repeats``."""

    def page(query: Mapping[str, str]) -> Any:
        first = int(base64.b64decode(query["after"])) if "after" in query else 0
        names = [f"t{number}" for number in range(first, min(first + 2, 5))]
        items = [
            {"id": "1", "name": name, "language": "es", "status": "APPROVED", "category": "UTILITY",
             "parameter_format": "POSITIONAL", "quality_score": {"score": "GREEN"}, "components": COMPONENTS}
            for name in names
        ]  # fmt: skip
        after = base64.b64encode(str(0 if repeats else first + len(names)).encode()).decode()
        return {"data": items, "paging": {"cursors": {"before": "MAZDZD", "after": after}}}

    number = {"data": {"id": NUMBER, "phone_number_id": NUMBER, "business_account_id": ACCOUNT}}
    return Judge({path: page, f"/platform/v1/whatsapp/phone_numbers/{NUMBER}": number})


@pytest.mark.parametrize("repeats", [False, True])
def test_meta_s_cursors_are_followed_to_the_end(*, repeats: bool) -> None:
    """The account is found from the number; nothing is asked for ever."""
    judge = graph_judge(f"/meta/whatsapp/v24.0/{ACCOUNT}/message_templates", repeats=repeats)
    found = fetched(judge, "meta", number=NUMBER)
    assert [each.name for each in found] == [f"t{number}" for number in range(2 if repeats else 5)]
    assert all(each.components == KEPT for each in found)
    assert judge.asked[0].startswith("/platform/")


def test_graph_is_told_the_account() -> None:
    """Meta's own API does not say whose a number is."""
    judge = graph_judge(f"/v24.0/{ACCOUNT}/message_templates")
    with pytest.raises(Rejected, match="does not tell the account") as refused:
        fetched(judge, "meta", url="http://127.0.0.1/v24.0", number=NUMBER)
    assert refused.value.hint == "name it: --account ID"
    assert judge.asked == []
    found = fetched(judge, "meta", url="http://127.0.0.1/v24.0", number=NUMBER, account=ACCOUNT)
    assert len(found) == 5
