"""The templates that v1 lists, page by page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flowrunner.dialects.approved import no_account, template
from flowrunner.dialects.errors import Rejected
from flowrunner.dialects.kapso_v1.lists import everything
from flowrunner.model.templates import Template

if TYPE_CHECKING:
    from flowrunner.dialects import Ask

_STATES: Final[Mapping[str, str]] = {
    "approved": "APPROVED", "submitted": "PENDING", "draft": "DRAFT", "rejected": "REJECTED", "disabled": "DISABLED",
}  # fmt: skip
"""Meta's words for v1's. What was removed is no template any more."""


async def templates(own: str, number: str, account: str, ask: "Ask") -> list[Template]:  # noqa: ARG001  # one path
    """Every template; see `flowrunner.dialects.Dialect.templates`.

    Raises:
        Rejected: Two accounts of the project have a template of one name and language, so that neither is the one; or
            all templates are of other numbers; or no number of the key is of the account.
    """
    found: dict[tuple[str, str], Template] = {}
    others = False
    filters = {"business_account_id": account} if account else {}
    for item in await everything(ask, "/whatsapp_templates", filters):
        senders = item.get("whatsapp_config_ids")
        is_of_another = number and isinstance(senders, list) and senders and number not in senders
        state = str(item.get("status")).lower()
        others = others or bool(is_of_another)
        each = template(item, "language_code", _STATES.get(state, state.upper()))
        if each is None or is_of_another or state == "removed":
            continue
        key = each.name, each.language
        if found.setdefault(key, each) != each:
            reason = f"two accounts of this project have a template {each.name} in {each.language}"
            raise Rejected(reason, hint="name the one that sends: --account ID of WhatsApp Manager, or --number ID")
    # Of an account that it does not know the API lists nothing, as of one without templates.
    if account and not found and not await everything(ask, "/whatsapp_configs", filters):
        raise no_account(account)
    if others and not found:
        reason = f"no template of this project is for the number {number}"
        raise Rejected(reason, hint="name the id of its configuration: --number ID")
    return [*found.values()]
