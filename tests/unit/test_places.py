"""Where a journal is: a file, or the URL of a database, of which nobody sees the password."""

import re
import tomllib
import traceback
from pathlib import Path

import pytest

from flowrunner.journal import JournalError
from flowrunner.journal.places import INSTALL, DatabaseUrl, is_there, passwords, place_of, shown, without_passwords

SECRET = "s3cr3t"
URLS = [
    (f"postgresql://ana:{SECRET}@db.example:5433/flows", "postgresql://ana@db.example:5433/flows"),
    (f"postgres://ana:{SECRET}@db.example/flows", "postgres://ana@db.example/flows"),
    (f"postgresql://:{SECRET}@db.example", "postgresql://db.example"),
    (f"postgresql://ana:a:b{SECRET}?#@h/flows", "postgresql://ana@h/flows"),
    (f"postgresql://ana:%40{SECRET}%2F@h/flows", "postgresql://ana@h/flows"),
    (f"postgresql://h/flows?user=ana&password={SECRET}", "postgresql://h/flows?user=ana"),
    (f"postgresql://h/flows?password={SECRET}&sslmode=require", "postgresql://h/flows?sslmode=require"),
    (f"postgresql://h/flows?sslpassword={SECRET}", "postgresql://h/flows"),
    (f"postgresql://ana:{SECRET}@h1:1,h2,[::1]:3/flows?target_session_attrs=read-write",
     "postgresql://ana@h1:1,h2,[::1]:3/flows?target_session_attrs=read-write"),
    ("postgresql:///flows?host=/var/run/postgresql&options=-csearch_path%3Dsales",
     "postgresql:///flows?host=/var/run/postgresql&options=-csearch_path%3Dsales"),
    (f"postgresql://h/flows?pasword={SECRET}&user=ana", "postgresql://h/flows?pasword=***&user=ana"),
    ("postgresql://%2Fvar%2Frun/flows", "postgresql://%2Fvar%2Frun/flows"),
    ("postgresql://", "postgresql://"),
]  # fmt: skip
"""What is given, and what is shown of it."""
WRONG = [
    f"postgresql://ana:{SECRET}/x@h/flows",
    f"postgresql://ana:12/{SECRET}@h/flows",
    f"postgresql://ana:p@{SECRET}@h/flows",
    f"postgresql://ana:{SECRET}%zz@h/flows",
    f"postgresql://ana:{SECRET}%@h/flows",
    f"postgresql://ana:{SECRET}%00@h/flows",
    f"postgresql://ana:{SECRET}@h:port/flows",
    f"postgresql://ana:{SECRET}@h/flows#{SECRET}",
    f"postgresql://h/flows?password=x&{SECRET}",
    f"postgresql://h/flows?password=x={SECRET}",
    f"postgresql://h/flows?password={SECRET}&password={SECRET}",
    f"postgresql:ana:{SECRET}@h/flows",
    f"postgresql:/ana:{SECRET}@h/flows",
    f"POSTGRESQL://ana:{SECRET}@h/flows",
    f"postgresql+psycopg://ana:{SECRET}@h/flows",
    f"postgresql://ana:{SECRET}@h h/flows",
    f"postgresql://ana:{SECRET}@h/flows\n",
    f"mysql://ana:{SECRET}@h/flows",
    f"https://ana:{SECRET}@h/flows",
]


@pytest.mark.parametrize(("url", "its"), URLS)
def test_a_url_is_shown_without_its_password(url: str, its: str) -> None:
    """However it is shown: all the rest is there, so that it can be used with the password from elsewhere."""
    place = place_of(url)
    assert isinstance(place, DatabaseUrl)
    assert place.url == url
    assert [str(place), f"{place}", shown(place), shown(url)] == [its] * 4
    assert repr([place]) == f"[DatabaseUrl({its!r})]"
    assert place_of(place) is place
    assert place == DatabaseUrl(url) != DatabaseUrl(f"{url}x")
    assert without_passwords(f"flowrunner runs --journal '{url}'") == f"flowrunner runs --journal '{its}'"


@pytest.mark.parametrize("url", WRONG)
def test_a_url_that_cannot_be_used_is_refused_and_not_repeated(url: str) -> None:
    """No file is made whose name has a password in it; neither the message, nor the hint, nor a traceback has it."""
    with pytest.raises(JournalError) as refused:
        place_of(url)
    told = "".join(traceback.format_exception(refused.value))
    for text in (refused.value.message, refused.value.hint, told, shown(url)):
        assert SECRET not in text
    assert re.search("postgresql://USER@HOST:PORT/DATABASE|%25|%20|once", refused.value.hint)


@pytest.mark.parametrize(
    "said", ["journal.db", "a/b c.db", "/a/x.db", "./postgresql.db", "postgres/journal.db", "C:/x.db"]
)
def test_all_else_is_a_file(said: str) -> None:
    """By its path, shown as it is."""
    assert place_of(said) == Path(said) == place_of(Path(said))
    assert shown(said) == said


def test_what_a_database_needs_is_named_as_the_package_declares_it() -> None:
    """By packages that an index has: flowrunner itself is on none yet."""
    declared = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    needed = declared["project"]["optional-dependencies"]["cluster"]
    assert sorted(re.findall(r'"(.*?)"', INSTALL)) == sorted(needed)


def test_a_url_is_no_path() -> None:
    """As a path it has lost a slash: it would be the name of a file, with the password in it."""
    with pytest.raises(JournalError, match="given as a path") as refused:
        place_of(Path(f"postgresql://ana:{SECRET}@h/flows"))
    assert SECRET not in str(refused.value)


def test_passwords_are_found_as_they_stand_and_as_they_are_meant() -> None:
    """In whatever a program was told."""
    told = ["runs", "--journal=postgresql://ana:a%40b@h/flows?sslpassword=c", "postgresql://h/flows", "mysql://a:x@h"]
    assert set(passwords(told)) == {"a%40b", "a@b", "c"}


def test_a_journal_that_may_not_be_looked_at_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is opened, which says what is in the way and what to do; `runs` had said "Permission denied" alone."""

    def refused(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refused)
    assert is_there(Path("somebody's/journal.db"))
