"""The templates of an account as Meta lists them, by cursors."""

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flowrunner.dialects.approved import no_account, template
from flowrunner.dialects.errors import Rejected
from flowrunner.dialects.meta.answers import one, page
from flowrunner.dialects.values import Request
from flowrunner.model.templates import Template

if TYPE_CHECKING:
    from flowrunner.dialects import Ask

_LARGEST_PAGE: Final = 16 << 20
_PER_PAGE: Final = 100
_MOST_PAGES: Final = 200


async def templates(own: str, number: str, account: str, ask: "Ask") -> list[Template]:
    """Every template; see `flowrunner.dialects.Dialect.templates`.

    https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/message_templates
    """
    path = f"{own.rpartition('/')[0]}/{account or await _account(own, number, ask)}/message_templates"
    found: dict[tuple[str, str], Template] = {}
    known: set[str] = set()
    after = ""
    for _ in range(_MOST_PAGES):
        asked = urlencode({"limit": _PER_PAGE, **({"after": after} if after else {})})
        try:
            got = await ask(Request("GET", f"{path}?{asked}", most_bytes=_LARGEST_PAGE, is_beside=True), page)
        except Rejected as error:
            raise (no_account(account) if account and _is_nothing(error) else error) from None
        for item in got.items:
            if each := template(item, "language", str(item.get("status") or "").upper()):
                found[each.name, each.language] = each
        if not got.items or not got.after or got.after in known:
            return [*found.values()]
        known.add(after := got.after)
    raise Rejected(f"the list of templates has more than {_MOST_PAGES * _PER_PAGE:,} entries")


def _is_nothing(error: Rejected) -> bool:
    """Whether there is nothing of the id that was asked for, for this key: Graph says so by a 400, too."""
    return error.status == 404 or error.code == "100"


async def _account(own: str, number: str, ask: "Ask") -> str:
    """The WhatsApp Business Account of the number, as Kapso knows it; Graph tells it only to whoever knows it."""
    if "/meta" not in own:
        raise Rejected("Meta's own API does not tell the account of a number", hint="name it: --account ID")
    path = f"/platform/v1/whatsapp/phone_numbers/{number}"
    its = await ask(Request("GET", path, is_beside=True), one)
    account = str(its.get("business_account_id") or "")
    if not re.fullmatch(r"[0-9]{1,32}", account):
        hint = "name it, as WhatsApp Manager shows it: --account ID"
        raise Rejected(f"the API does not tell the account of number {number}", hint=hint)
    return account
