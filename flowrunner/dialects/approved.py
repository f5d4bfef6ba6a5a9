"""Templates as APIs list them, as values: what changes by itself (ids, dates, examples) is left out."""

from collections.abc import Mapping
from typing import Final

from flowrunner.dialects.errors import Rejected
from flowrunner.dialects.reading import plain
from flowrunner.model import Json
from flowrunner.model.templates import Template

_PASSING: Final = frozenset(["id", "example", "created_at", "updated_at"])
"""What says nothing of how a template is sent or looks. The address of an example file expires."""
_IN_CAPITALS: Final = frozenset(["type", "format", "otp_type"])


def template(data: Mapping[str, Json], language: str, status: str) -> Template | None:
    """One listed template; None where it cannot be sent: it has no name, or no language.

    Args:
        data: As the API lists it.
        language: Under which name its language stands.
        status: What it is, in Meta's word.
    """
    name, code = data.get("name"), data.get(language)
    if not (isinstance(name, str) and isinstance(code, str) and name and code):
        return None
    parts = data.get("components")
    kept = [_kept(each) for each in parts if isinstance(each, Mapping)] if isinstance(parts, list) else []
    components = tuple(each for each in kept if isinstance(each.get("type"), str))
    return Template(plain(name), plain(code), plain(status), plain(str(data.get("category") or "UTILITY")), components)


def no_account(account: str) -> Rejected:
    """Why nothing is listed of an account that somebody has named."""
    return Rejected(f"the key knows no account {account}", hint="copy its digits from WhatsApp Manager: --account ID")


def _kept(value: Json, name: str = "") -> Json:
    if isinstance(value, Mapping):
        return {key: _kept(each, key) for key, each in value.items() if key not in _PASSING and each is not None}
    if isinstance(value, list):
        return [_kept(each) for each in value]
    return value.upper() if name in _IN_CAPITALS and isinstance(value, str) else value
