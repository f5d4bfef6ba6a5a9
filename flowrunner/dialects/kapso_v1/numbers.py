"""The numbers of a key, which v1 calls configurations, and their health.

https://docs.kapso.ai/api/legacy/whatsapp/whatsapp-configs
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flowrunner.dialects.errors import Rejected
from flowrunner.dialects.kapso_v1.lists import everything
from flowrunner.dialects.reading import parsed, plain
from flowrunner.dialects.values import Account, Answer, Health, Request
from flowrunner.model import Json

if TYPE_CHECKING:
    from flowrunner.dialects import Ask

_HEALTH: Final[Mapping[str, Health]] = {
    "healthy": "healthy", "degraded": "degraded", "unhealthy": "unhealthy", "error": "unhealthy",
}  # fmt: skip
"""v1's words."""
_LISTED: Final = 3
"""So many numbers are named in a sentence."""


async def account(own: str, number: str, ask: "Ask") -> Account:  # noqa: ARG001  # v1 has one path for all
    """The configuration that sends; see `flowrunner.dialects.Dialect.account`."""
    known = [each for each in await everything(ask, "/whatsapp_configs", {}) if _text(each, "id")]
    found = [each for each in known if _text(each, "id") == number] if number else known
    if number and not found:
        hint = f"write the id of one that it has: {_named(known)}" if known else "connect a number in Kapso"
        raise Rejected(f"the key has no number with the whatsapp_config_id {number}", hint=hint)
    if len(found) != 1:
        said = f"the key has {len(found)} numbers: {_named(found)}" if found else "the key has no number yet"
        return Account(reason=said)
    [its] = found
    path = f"/whatsapp_configs/{_text(its, 'id')}/health"
    health, reason = await ask(Request("GET", path), _health)
    phone = _text(its, "display_phone_number")
    return Account(_text(its, "id"), phone, _text(its, "name"), health, reason)


def _health(answer: Answer) -> tuple[Health, str] | None:
    """How it is, and which checks it has not passed; None where the answer does not say."""
    whole = parsed(answer.text) if answer.status == 200 else None
    its = whole.get("data", whole) if isinstance(whole, Mapping) else None
    if not isinstance(its, Mapping) or "status" not in its:
        return None
    checks = its.get("checks")
    failed = [
        ": ".join(
            word
            for word in (str(name).replace("_", " "), _text(check, "overall_status"), _text(check, "error"))
            if word
        )
        for name, check in (checks.items() if isinstance(checks, Mapping) else ())
        if isinstance(check, Mapping) and check.get("passed") is False
    ]
    said = [word for word in (_text(its, "error"), *failed) if word]
    return _HEALTH.get(_text(its, "status"), "unknown"), plain("; ".join(said))


def _named(configs: list[Mapping[str, Json]]) -> str:
    """The first of them, by what people know and what a file of senders names."""
    said = [f"{_text(each, 'display_phone_number') or _text(each, 'name')} ({_text(each, 'id')})" for each in configs]
    return ", ".join(said[:_LISTED]) + (f" and {len(said) - _LISTED} more" if len(said) > _LISTED else "")


def _text(data: Mapping[str, Json], name: str) -> str:
    value = data.get(name)
    return plain(value) if isinstance(value, str) else ""
