"""The keys of a ``flowrunner.toml``, and what is wrong with a table that does not fit."""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, Final

from flowrunner.client.access import OtherDialectError, address
from flowrunner.config.secrets import SECRETS, is_variable
from flowrunner.delivery.rate.pace import Rate
from flowrunner.diagnostics import Problem, Route, nearest
from flowrunner.dialects import DIALECTS, dialect_of
from flowrunner.journal.errors import JournalError
from flowrunner.journal.places import passwords, place_of
from flowrunner.spec.words import json_kind, kind_words, listed, shown

Check = Callable[[str, Mapping[str, Any], Container[str]], tuple[str, str] | None]
"""What is wrong with a text of its table, and what mends it; told the whole table and the environment."""


def _one_of(known: tuple[str, ...]) -> Check:
    def check(text: str, _: Mapping[str, Any], __: Container[str]) -> tuple[str, str] | None:
        if text in known:
            return None
        near = nearest(text, list(known))
        return f"{shown(text)} is not one of the values allowed", f"write {near or listed(known)}"

    return check


def _variable(key: str) -> Check:
    what, example = ENVIRONMENT[key]

    def check(text: str, _: Mapping[str, Any], environ: Container[str]) -> tuple[str, str] | None:
        if is_variable(text, environ):
            return None
        wrong = (
            f"is not the name of an environment variable; if it is the {what} itself, whoever reads this file has it"
        )
        return wrong, f'put the {what} in an environment variable, and write its name here: {key} = "{example}"'

    return check


ENVIRONMENT: Final[Mapping[str, tuple[str, str]]] = {
    "key_env": ("key", "KAPSO_API_KEY"),
    "webhook_secret_env": ("secret", "KAPSO_WEBHOOK_SECRET"),
    "webhook_verify_env": ("token", "META_VERIFY_TOKEN"),
}
"""The keys of a sender that name an environment variable: what is in it, and how one may be called."""
_SECRET: Final[Mapping[str, str]] = {
    **dict.fromkeys(SECRETS, "key_env"),
    **dict.fromkeys(("webhook_secret", "webhook_secret_key", "app_secret", "secret_key"), "webhook_secret_env"),
    **dict.fromkeys(
        ("webhook_verify", "verify_token", "webhook_verify_token", "hub_verify_token"), "webhook_verify_env"
    ),
}
"""What people call a secret where they write it down -> the key that names its variable."""


def _url(text: str, table: Mapping[str, Any], _: Container[str]) -> tuple[str, str] | None:
    dialect = table.get("dialect", DIALECTS[0])
    spoken = dialect_of(dialect if dialect in DIALECTS else DIALECTS[0])
    try:
        address(text, spoken)
    except OtherDialectError as error:
        return str(error), f'write dialect = "{error.spoken}" for this sender, or another URL'
    except ValueError as error:
        return str(error), f"write it like {spoken.PRODUCTION_URL}, or remove it for that one"
    return None


def _number(text: str, table: Mapping[str, Any], _: Container[str]) -> tuple[str, str] | None:
    dialect = table.get("dialect", DIALECTS[0])
    if dialect not in DIALECTS or (its := dialect_of(dialect).NUMBER).fits(text):
        return None
    return f"{shown(text)} is not a {its.name}", f"copy the id, without spaces: it looks like {its.example}"


def _rate(text: str, _: Mapping[str, Any], __: Container[str]) -> tuple[str, str] | None:
    try:
        Rate.parse(text)
    except ValueError:
        return f"{shown(text)} is not a rate", "write a number and a unit, such as 100/min or 80/s"
    return None


def _region(text: str, _: Mapping[str, Any], __: Container[str]) -> tuple[str, str] | None:
    from flowrunner.phones.numbers import is_region

    return None if is_region(text) else (f"{shown(text)} is not a two-letter country code", "write MX, ES, BR or so")


def _hours(text: str, _: Mapping[str, Any], __: Container[str]) -> tuple[str, str] | None:
    from flowrunner.campaign.schedule import parse_quiet

    try:
        parse_quiet(text)
    except ValueError:
        return f"{shown(text)} is not a time range", "write it like 21:00-08:00"
    return None


def _zone(text: str, _: Mapping[str, Any], __: Container[str]) -> tuple[str, str] | None:
    from flowrunner.phones.zones import named_zone

    wrong = f"{shown(text)} is not a time zone", "write a name like America/Mexico_City"
    return None if named_zone(text) is not None else wrong


def _journal(text: str, _: Mapping[str, Any], __: Container[str]) -> tuple[str, str] | None:
    try:
        place_of(text)
    except JournalError as error:
        return f"is not the place of a journal: {error.message}", error.hint
    if any(passwords([text])):
        hint = "put it in PGPASSWORD or in ~/.pgpass, or the whole URL in FLOWRUNNER_JOURNAL"
        return "has a password, and whoever reads this file has it", hint
    return None


def _any(_: str, __: Mapping[str, Any], ___: Container[str]) -> None:
    return None


SENDER_KEYS: Final[Mapping[str, Check]] = {
    "dialect": _one_of(DIALECTS),
    "url": _url,
    "key_env": _variable("key_env"),
    "number": _number,
    "rate": _rate,
    "region": _region,
    "auth": _one_of(("x-api-key", "bearer")),
    "webhook_secret_env": _variable("webhook_secret_env"),
    "webhook_verify_env": _variable("webhook_verify_env"),
}
"""The keys of a sender."""
DEFAULT_KEYS: Final[Mapping[str, Check]] = {
    "sender": _any,
    "journal": _journal,
    "region": _region,
    "rate": _rate,
    "quiet_hours": _hours,
    "timezone": _zone,
    "exclude": _any,
}
"""The keys of ``[defaults]``."""


def table_problems(
    table: Mapping[str, Any], known: Mapping[str, Check], route: Route, environ: Container[str]
) -> Iterator[Problem]:
    """Everything that is wrong with the keys of one table and their values."""
    for key, value in table.items():
        if key not in known:
            yield _unknown(key, known, (*route, key))
        elif not isinstance(value, str):
            yield Problem("wrong-type", f"{key} must be text, not {_kind(value)}", (*route, key), _as_text(key, value))
        elif not value.strip():
            yield Problem(
                "blank-text", f"{key} is blank, text is required", (*route, key), "write it, or remove the key"
            )
        elif (wrong := known[key](value, table, environ)) is not None:
            message, hint = wrong
            code = "key-in-file" if key in ENVIRONMENT else "bad-value"
            yield Problem(code, f"{key} {message}" if key != "url" else message, (*route, key), hint)
    has_number = "number" in table or any(_near(key, known) == "number" for key in table if key not in known)
    if known is SENDER_KEYS and not has_number and (dialect := table.get("dialect")) in DIALECTS:
        its = dialect_of(dialect).NUMBER
        if its.is_required:
            message = f"a sender with dialect {dialect} needs the number that it sends from"
            hint = f'add its {its.name}: number = "{its.example}"'
            yield Problem("missing-field", message, route, hint, at_key=True)


_MEANT: Final = {
    **dict.fromkeys(("api_url", "base_url", "address", "host", "endpoint"), "url"),
    **dict.fromkeys(
        ("phone_number_id", "phone_id", "whatsapp_config_id", "config_id", "phone", "phone_number"), "number"
    ),
    **dict.fromkeys(("env", "key_var", "env_key", "api_key_env", "token_env", "key_name"), "key_env"),
    **dict.fromkeys(("api", "type", "provider", "version"), "dialect"),
    **dict.fromkeys(("rate_limit", "limit"), "rate"),
    **dict.fromkeys(("country", "country_code"), "region"),
    **dict.fromkeys(("exclusions", "exclude_file", "do_not_contact"), "exclude"),
    **dict.fromkeys(("quiet", "hours"), "quiet_hours"),
    **dict.fromkeys(("time_zone", "tz", "zone"), "timezone"),
    **dict.fromkeys(("default", "default_sender"), "sender"),
}
"""Keys by what other programs, and people, call them."""


def _unknown(key: str, known: Mapping[str, Check], route: Route) -> Problem:
    meant = _SECRET.get(key.casefold().replace("-", "_"))
    if meant and known is SENDER_KEYS:
        what, example = ENVIRONMENT[meant]
        message = f"{key}: a {what} does not belong in a file that others read"
        hint = f'put it in an environment variable, and write its name here: {meant} = "{example}"'
        return Problem("key-in-file", message, route, hint, at_key=True)
    near = _near(key, known)
    hint = f"did you mean {near}?" if near else f"remove it; the keys are {listed(known, 'and')}"
    return Problem("unknown-key", f"{key} is not a key of this table", route, hint, at_key=True)


def _near(key: str, known: Mapping[str, Check]) -> str:
    """The key that was probably meant; empty where that is anybody's guess."""
    meant = _MEANT.get(key.casefold().replace("-", "_"), "")
    return meant if meant in known else nearest(key, list(known))


def _kind(value: Any) -> str:
    return kind_words([json_kind(value)]) if isinstance(value, bool | int | float | list | dict) else "a moment"


def _as_text(key: str, value: Any) -> str:
    if key == "rate":
        return 'write a number and a unit in double quotes, such as "100/min"'
    if key == "number" and isinstance(value, int) and not isinstance(value, bool):
        return f'write "{value}", in quotes'
    return "write one text in double quotes"
