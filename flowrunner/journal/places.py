"""Where a journal is: a file, or a PostgreSQL database by its URL, of which nobody is shown the password."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, cast
from urllib.parse import unquote

from flowrunner.journal.errors import JournalError

_MEANT: Final = r"(?i)(postgres(ql)?(\+\w+)?:|[a-z][a-z0-9+.-]*://)"
"""What begins so is meant as a URL, whatever is wrong with it: a file of that name would have the password in it."""
_URL: Final = (
    r"(?P<scheme>postgres(?:ql)?)://"
    r"(?:(?P<user>[^:@/]*)(?::(?P<password>[^@/]*))?@)?"
    r"(?P<hosts>(?:(?:\[[0-9A-Fa-f:.]+\]|[\w.%-]*)(?::\d+)?)(?:,(?:\[[0-9A-Fa-f:.]+\]|[\w.%-]*)(?::\d+)?)*)"
    r"(?:/(?P<database>[^?/@#]*))?"
    r"(?:\?(?P<query>\w+=[^=&#]*(?:&\w+=[^=&#]*)*))?"
)
"""As libpq reads it (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS)."""
_SECRET: Final = ("password", "sslpassword", "oauth_client_secret")
"""Parameters of a URL that nobody is shown."""
_PLAIN: Final = frozenset(
    "host hostaddr port dbname user options service passfile sslmode sslnegotiation sslrootcert sslcert sslkey sslcrl"
    " channel_binding require_auth gssencmode krbsrvname application_name fallback_application_name client_encoding"
    " connect_timeout keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout"
    " target_session_attrs load_balance_hosts".split()
)
"""Parameters that are shown as they are. Of others the name is: one may be a misspelt password."""
MASK: Final = "***"
INSTALL: Final = 'pip install "psycopg[binary]>=3.2" "pgqueuer>=1.6,<2"'
"""What brings what a journal in PostgreSQL needs: the extra ``cluster``."""
_HOW: Final = "postgresql://USER@HOST:PORT/DATABASE"
_ANYWHERE: Final = r"""(?i)\bpostgres(?:ql)?(?:\+\w+)?:[^\s"'`<>]*"""


class DatabaseUrl:
    """A journal's place in PostgreSQL. Shown, in a traceback too, it has no password: only `url` does.

    Attributes:
        url: All of it.
    """

    __slots__ = ("url",)

    def __init__(self, url: str) -> None:
        """Of a text that `place_of` has looked at."""
        self.url = url

    def __str__(self) -> str:
        found = self._parts
        user = f"{found['user']}@" if found["user"] else ""
        database = "" if found["database"] is None else f"/{found['database']}"
        pairs = [each.partition("=")[::2] for each in _parameters(found)]
        query = "&".join(f"{name}={value if name in _PLAIN else MASK}" for name, value in pairs if name not in _SECRET)
        return f"{found['scheme']}://{user}{found['hosts']}{database}{'?' if query else ''}{query}"

    @property
    def _parts(self) -> re.Match[str]:
        return cast("re.Match[str]", re.fullmatch(_URL, self.url))

    def __repr__(self) -> str:
        return f"DatabaseUrl({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatabaseUrl) and other.url == self.url

    def __hash__(self) -> int:
        return hash(self.url)


Place = Path | DatabaseUrl


def place_of(said: Place | str) -> Place:
    """Where a journal is, as it was said: a file, or a URL that begins with ``postgresql://`` or ``postgres://``.

    Raises:
        JournalError: It is a URL, but cannot be read, or not one of PostgreSQL. What was said is not repeated.
    """
    if isinstance(said, DatabaseUrl):
        return said
    text = os.fspath(said)
    if not _is_url(text):
        return Path(said)
    if isinstance(said, Path):
        raise JournalError("a journal's URL was given as a path", f"give it as a text: {_HOW}")
    if not re.match("postgres(ql)?:", text):
        raise JournalError("a journal is a file, or a database of PostgreSQL", f"name a file, or write {_HOW}")
    if (wrong := _wrong(text)) is not None:
        raise JournalError(f"the journal's URL cannot be read: {wrong[0]}", wrong[1])
    return DatabaseUrl(text)


def _is_url(text: str) -> bool:
    """Whether a database is meant, and no file."""
    return ":" in text and re.match(_MEANT, text) is not None


def shown(place: Place | str) -> str:
    """What may be shown of a place: all of it but a password."""
    text = str(place)
    return _safe(text) if _is_url(text) else text


def without_passwords(text: str) -> str:
    """A text in which URLs of databases are shown as they may be."""
    return re.sub(_ANYWHERE, lambda found: _safe(found[0]), text)


def passwords(texts: Iterable[str]) -> Iterator[str]:
    """Every password of the URLs among some texts, as it stands there and as it is meant."""
    for text in texts:
        for found in filter(None, (re.fullmatch(_URL, each) for each in re.findall(r"postgres.*", text))):
            pairs = [each.partition("=")[::2] for each in _parameters(found)]
            for said in (found["password"] or "", *(value for name, value in pairs if name in _SECRET)):
                yield from {said, unquote(said)} - {""}


def is_there(place: Place) -> bool:
    """Whether there is a journal, or was one; of a database, or what may not be looked at, opening it says."""
    if isinstance(place, DatabaseUrl):
        return True
    try:
        return place.exists() or place.with_name(f"{place.name}-mark").exists()
    except PermissionError:
        return True


def _parameters(found: re.Match[str]) -> list[str]:
    return found["query"].split("&") if found["query"] else []


def _safe(url: str) -> str:
    return str(DatabaseUrl(url)) if _wrong(url) is None else f"{url.partition(':')[0]}://{MASK}"


def _wrong(url: str) -> tuple[str, str] | None:
    """What is wrong with a URL, in words that repeat nothing of it, and what mends it."""
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        return "a space or a line break is in it", "write a space as %20, and nothing after the last character"
    found = re.fullmatch(_URL, url)
    if found is None:
        hint = "; in a password write % @ : / ? # = & as %25 %40 %3A %2F %3F %23 %3D %26"
        return "it is not formed as one", f"write {_HOW}{hint}"
    if re.search(r"%(?![0-9A-Fa-f]{2})|%00", url):
        return "a % in it begins no character", "write % itself as %25"
    names = [each.partition("=")[0] for each in _parameters(found)]
    if len(names) != len(set(names)):
        return "a parameter stands in it twice", "write each once"
    return None
