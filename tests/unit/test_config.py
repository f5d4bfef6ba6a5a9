"""flowrunner.toml: what is right is read, what is wrong is said at its place, and no key is ever repeated."""

import json
import tomllib
from pathlib import Path

import jsonschema_rs
import pytest

from flowrunner.app.senders.configured import chosen, chosen_at, load_config, sender_from
from flowrunner.app.senders.sender import Sender, SenderError
from flowrunner.client import EMULATOR
from flowrunner.config.checking import DEFAULT_KEYS, SENDER_KEYS
from flowrunner.config.finding import find_config
from flowrunner.config.overrides import Overrides
from flowrunner.config.reading import ConfigError, read_config
from flowrunner.config.values import Config, Defaults
from flowrunner.data import schemas
from flowrunner.delivery.rate.pace import Rate
from flowrunner.diagnostics import Diagnostic
from flowrunner.diagnostics.errors import RefusedError

KEY = "kp_live_51H8xYzAbC12dEf"
WHOLE = """
[defaults]
sender = "staging"
journal = "state/runs.db"
region = "MX"
rate = "80/s"
quiet_hours = "21:00-08:00"
timezone = "America/Mexico_City"
exclude = "../stop.csv"

[senders.production]
dialect = "meta"
url = "https://api.kapso.ai"
key_env = "PRODUCTION_KEY"
number = "1234567890"
rate = "100/min"
region = "BR"
auth = "bearer"
webhook_secret_env = "KAPSO_WEBHOOK_SECRET"
webhook_verify_env = "META_VERIFY_TOKEN"

[senders.staging]
"""


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own keys are nobody's business."""
    for name in ("KAPSO_API_KEY", "PRODUCTION_KEY", "STAGING_KEY"):
        monkeypatch.delenv(name, raising=False)


def read(tmp_path: Path, text: str) -> tuple[Config | None, list[Diagnostic]]:
    (tmp_path / "flowrunner.toml").write_text(text, encoding="utf-8")
    return read_config(tmp_path / "flowrunner.toml")


def config_of(tmp_path: Path, text: str) -> Config:
    config, problems = read(tmp_path, text)
    assert problems == []
    assert config is not None
    return config


def test_every_key_is_read(tmp_path: Path) -> None:
    """Paths are relative to the file, and what is not said is empty."""
    config = config_of(tmp_path, WHOLE)
    assert config.defaults == Defaults(
        "staging",
        tmp_path / "state/runs.db",
        "MX",
        Rate(80, 1.0),
        "21:00-08:00",
        "America/Mexico_City",
        tmp_path / "../stop.csv",
    )
    production, staging = config.senders.values()
    assert production[:8] == (
        "production", "meta", "https://api.kapso.ai", "PRODUCTION_KEY", "1234567890", Rate(100, 60.0), "BR", "bearer",
    )  # fmt: skip
    assert staging[:8] == ("staging", "kapso-v1", "", "KAPSO_API_KEY", "", None, "", "")
    assert (production.at.line, production.key_at.line, staging.key_at.line) == (11, 14, 22)
    written = tomllib.loads(WHOLE)
    assert {*written["defaults"]} == {*DEFAULT_KEYS}
    assert {*written["senders"]["production"]} == {*SENDER_KEYS}


SAME_RATE = "give both the same rate: it is the limit of that number"
# What is wrong: the text, then (place, code, a part of the message, the hint) of each problem.
WRONG = {
    "a table that is none": ('[sender.a]\nurl = "x"\n', [("1:2", "unknown-key", "sender", "did you mean senders?")]),
    "a key outside of tables": ('region = "MX"\n', [("1:1", "unknown-key", "no table", "write [defaults] above it")]),
    "a sender's key outside": ('number = "1"\n', [("1:1", "unknown-key", "", "write [senders.NAME] above it")]),
    "a key among senders": (
        '[senders]\nurl = "https://x.com"\n',
        [("2:1", "unknown-key", "one sender", "write [senders.NAME] above it")],
    ),
    "a sender that is text": ('[senders]\na = "b"\n', [("2:5", "wrong-type", "a table", "write [senders.a] for it")]),
    "senders that are none": ("senders = 1\n", [("1:11", "wrong-type", "", "write [senders.NAME] above the keys")]),
    "defaults that are none": ("defaults = 1\n", [("1:12", "wrong-type", "", "write [defaults] above its keys")]),
    "a misspelt key": ('[senders.a]\nkey-env = "A"\n', [("2:1", "unknown-key", "key-env", "did you mean key_env?")]),
    "a key of the other table": (
        '[defaults]\nnumber = "1"\n',
        [
            (
                "2:1", "unknown-key", "number",
                "remove it; the keys are sender, journal, region, rate, quiet_hours, timezone and exclude",
            )
        ],
    ),
    "what the flag calls it": (
        '[senders.a]\napi_url = "https://x.com"\n', [("2:1", "unknown-key", "api_url", "did you mean url?")],
    ),
    "what Meta calls it": (
        '[senders.a]\ndialect = "meta"\nphone_number_id = "12"\n',
        [("3:1", "unknown-key", "phone_number_id", "did you mean number?")],
    ),
    "what people call it": (
        '[defaults]\nTime-Zone = "UTC"\ncountry = "MX"\n',
        [("2:1", "unknown-key", "", "did you mean timezone?"), ("3:1", "unknown-key", "", "did you mean region?")],
    ),
    "another dialect's address": (
        '[senders.a]\nurl = "https://graph.facebook.com"\n',
        [("2:7", "bad-value", "speaks meta, not kapso-v1", 'write dialect = "meta" for this sender, or another URL')],
    ),
    "a number that is no text": (
        '[senders.a]\ndialect = "meta"\nnumber = 123\n',
        [("3:10", "wrong-type", "number must be text, not a number", 'write "123", in quotes')],
    ),
    "a rate that is a number": (
        "[defaults]\nrate = 100\n",
        [("2:8", "wrong-type", "rate", 'write a number and a unit in double quotes, such as "100/min"')],
    ),
    "a moment": (
        "[defaults]\njournal = 2026-01-01\n",
        [("2:11", "wrong-type", "a moment", "write one text in double quotes")],
    ),
    "blank": ('[defaults]\nexclude = " "\n', [("2:11", "blank-text", "exclude", "write it, or remove the key")]),
    "a dialect that is none": (
        '[senders.a]\ndialect = "v1"\n',
        [("2:11", "bad-value", '"v1"', "write kapso-v1 or meta")],
    ),
    "a dialect misspelt": ('[senders.a]\ndialect = "kapso_v1"\n', [("2:11", "bad-value", "", "write kapso-v1")]),
    "meta without a number": (
        '[senders.a]\ndialect = "meta"\n',
        [("1:10", "missing-field", "number", 'add its phone_number_id: number = "1234567890"')],
    ),
    "a number with a space": (
        '[senders.a]\ndialect = "meta"\nnumber = "+52 1"\n',
        [("3:10", "bad-value", "phone_number_id", "copy the id, without spaces: it looks like 1234567890")],
    ),
    "a URL that is none": (
        '[senders.a]\nurl = "app.kapso.ai"\n',
        [("2:7", "bad-value", "https://", "write it like https://app.kapso.ai, or remove it for that one")],
    ),
    "a rate that is none": (
        '[senders.a]\nrate = "fast"\n',
        [("2:8", "bad-value", '"fast"', "write a number and a unit, such as 100/min or 80/s")],
    ),
    "a country that is none": (
        '[defaults]\nregion = "UK"\n',
        [("2:10", "bad-value", '"UK"', "write MX, ES, BR or so")],
    ),
    "hours that are none": (
        '[defaults]\nquiet_hours = "night"\n',
        [("2:15", "bad-value", '"night"', "write it like 21:00-08:00")],
    ),
    "a time zone that is none": (
        '[defaults]\ntimezone = "Mexico"\n',
        [("2:12", "bad-value", '"Mexico"', "write a name like America/Mexico_City")],
    ),
    "a way to send the key": ('[senders.a]\nauth = "basic"\n', [("2:8", "bad-value", "", "write x-api-key or bearer")]),
    "nobody": (
        '[defaults]\nsender = "a"\n',
        [("2:10", "unknown-sender", "", "add a table [senders.a], or remove this")],
    ),
    "somebody misspelt": (
        '[defaults]\nsender = "sale"\n[senders.sales]\n',
        [("2:10", "unknown-sender", "sale", "did you mean sales?")],
    ),
    "two rates of a number": (
        '[senders.a]\ndialect = "meta"\nnumber = "1"\n[senders.b]\ndialect = "meta"\nnumber = "1"\nrate = "80/s"\n',
        [("4:10", "sender-clash", "b sends from the same number as a", SAME_RATE)],
    ),
    "two rates of the only number": (
        '[senders.a]\nrate = "9/s"\n[senders.b]\nurl = "https://APP.kapso.ai:443/api/v1/"\n',
        [("3:10", "sender-clash", "", SAME_RATE)],
    ),
    "two tables in one": (
        'senders = {a = {dialekt = "meta"}, b = {rate = 1}}\n',
        [
            ("1:17", "unknown-key", "dialekt", "did you mean dialect?"),
            ("1:48", "wrong-type", "rate", 'write a number and a unit in double quotes, such as "100/min"'),
        ],
    ),
    "no TOML": ("[senders.a\n", [("1:11", "toml-syntax", "not closed", "close it with ]")]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_its_place_and_remedy(
    tmp_path: Path, text: str, expected: list[tuple[str, str, str, str]]
) -> None:
    """All of it, in the order of the file."""
    config, problems = read(tmp_path, text)
    assert config is None
    found = [
        (str(each.location).removeprefix(f"{tmp_path}/flowrunner.toml:"), each.code, each.hint) for each in problems
    ]
    assert found == [(where, code, hint) for where, code, _, hint in expected]
    for problem, (_, _, message, _) in zip(problems, expected, strict=True):
        assert message in problem.message


RIGHT = {
    "nothing": "",
    "one sender": "[senders.a]\n",
    "two numbers with two rates": (
        '[senders.a]\ndialect = "meta"\nnumber = "1"\nrate = "1/s"\n[senders.b]\ndialect = "meta"\nnumber = "2"\n'
    ),
    "two accounts with two rates": '[senders.a]\nkey_env = "A"\nrate = "1/s"\n[senders.b]\nkey_env = "B"\n',
    "one number with one rate, said and not said": '[senders.a]\nrate = "100/min"\n[senders.b]\n',
    "Graph itself": '[senders.a]\ndialect = "meta"\nurl = "https://graph.facebook.com/v24.0"\nnumber = "1"\n',
    "this machine": '[senders.a]\nurl = "http://127.0.0.1:8600"\n',
    "a configuration": '[senders.a]\nnumber = "123e4567-e89b-12d3-a456-426614174000"\n',
    "names of variables": "\n".join(
        f'[senders.{name}]\nkey_env = "{name}"'
        for name in ("KAPSO_API_KEY", "_A", "SALES2_KEY", "A_PRODUCTION_KEY_2026")
    ),
    "in another order": 'defaults.sender = "a b"\nsenders."a b".region = "mx"\n',
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_read(tmp_path: Path, text: str) -> None:
    """Nothing is said of it."""
    assert [*config_of(tmp_path, text).senders] == [*tomllib.loads(text).get("senders", {})]


def test_the_editors_schema_agrees(tmp_path: Path) -> None:
    """It knows the same keys, takes what is right, and refuses all that can be told of one value."""
    schema = json.loads((schemas() / "config.json").read_text("utf-8"))
    jsonschema_rs.meta.validate(schema)
    assert {*schema["$defs"]["sender"]["properties"]} == {*SENDER_KEYS}
    assert {*schema["$defs"]["defaults"]["properties"]} == {*DEFAULT_KEYS}
    judge = jsonschema_rs.validator_for(schema)
    assert judge.is_valid(tomllib.loads(WHOLE))
    for text in RIGHT.values():
        assert judge.is_valid(tomllib.loads(text)), text
    beyond = {
        "nobody",
        "somebody misspelt",
        "a country that is none",
        "another dialect's address",
        "a time zone that is none",
        "two rates of a number",
        "no TOML",
    }
    for name in WRONG.keys() - beyond - {"two rates of the only number", "a moment"}:
        assert not judge.is_valid(tomllib.loads(WRONG[name][0])), name


PLANTED = {
    "as the name": f'[senders.a]\nkey_env = "{KEY}"\n',
    "as another name": f'[senders.a]\nkey_env = "{KEY.replace("_", "-")}"\n',
    "in lower case": '[senders.a]\nkey_env = "abcdefghkey"\n',
    "short, in capitals": '[senders.a]\nkey_env = "A1B2C3D4E5F6"\n',
    "as api_key": '[senders.a]\napi_key = "short1"\n',
    "as token, within a line": '[senders]\na = {token = "short1", rate = 1}\n',
    "as key, in apostrophes": "[senders.a]\nkey = 'short1'\n",
    "as some other key": f'[senders.a]\nwhatever = "{KEY}"\n',
    "as a key's name": f'[senders.a]\n{KEY} = ""\n',
    "as the number": f'[senders.a]\ndialect = "meta"\nnumber = "{KEY}"\n',
    "as the dialect": f'[senders.a]\ndialect = "{KEY}"\n',
    "in the URL": '[senders.a]\nurl = "https://short1:short2@app.kapso.ai"\n',
    "in the URL's query": '[senders.a]\nurl = "https://app.kapso.ai?key=short1"\n',
    "without quotes": "[senders.a]\nkey_env = abcdefghkey\n",
    "without quotes, after a colon": "[senders.a]\napi_key: short1\n",
    "at the top": 'key = "short1"\n',
    "as the webhook's secret": f'[senders.a]\nwebhook_secret_env = "{KEY}"\n',
    "as a secret of its own": '[senders.a]\nwebhook_secret = "short1"\n',
    "as the verify token": '[senders.a]\nverify_token = "short1"\n',
    "as the verify token's name": '[senders.a]\nwebhook_verify_env = "abcdefghkey"\n',
    "in defaults": f'[defaults]\nregion = "{KEY}"\n',
}


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED)
def test_no_key_is_repeated(tmp_path: Path, text: str) -> None:
    """Neither in a message, nor in a hint, nor in the line that is shown; which is as long as before."""
    config, problems = read(tmp_path, text)
    assert config is None
    said = repr(problems)
    assert problems
    for secret in (KEY, KEY.replace("_", "-"), "51H8x", "abcdefghkey", "A1B2C3D4E5F6", "short1", "short2"):
        assert secret not in said
    lines = text.splitlines()
    assert all(len(each.excerpt) in {0, len(lines[each.location.line - 1])} for each in problems)


def test_what_is_in_the_environment_is_the_name_of_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is written."""
    monkeypatch.setenv("my_key_for_sales", "k")
    assert sender_from(config_of(tmp_path, '[senders.a]\nkey_env = "my_key_for_sales"\n')).key == "k"


class TestFinding:
    """Where the file is looked for."""

    @pytest.fixture
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        (tmp_path / "repo" / "flows" / "deep").mkdir(parents=True)
        monkeypatch.setenv("HOME", str(tmp_path))
        return tmp_path

    def put(self, folder: Path) -> Path:
        (folder / "flowrunner.toml").write_text("", encoding="utf-8")
        return folder / "flowrunner.toml"

    def test_upwards_from_the_flow(self, home: Path) -> None:
        """The nearest one, also from a file that is not there."""
        above = self.put(home / "repo")
        assert find_config(home / "repo/flows/deep") == above
        assert find_config(home / "repo/flows/deep/none.yaml") == above
        near = self.put(home / "repo/flows")
        assert find_config(home / "repo/flows/deep") == near
        assert find_config(home / "repo") == above

    def test_no_further_than_the_repository(self, home: Path) -> None:
        """Its root is looked into; a worktree's .git is a file."""
        self.put(home)
        (home / "repo/flows/.git").write_text("gitdir: elsewhere\n", encoding="utf-8")
        assert find_config(home / "repo/flows/deep") is None
        assert find_config(home / "repo/flows/deep", home / "repo") == home / "flowrunner.toml"
        inside = self.put(home / "repo/flows")
        assert find_config(home / "repo/flows/deep") == inside

    def test_no_further_than_the_home_folder(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is looked into; what is above it is not."""
        self.put(home)
        assert find_config(home / "repo/flows") == home / "flowrunner.toml"
        monkeypatch.setenv("HOME", str(home / "repo"))
        assert find_config(home / "repo/flows") is None

    def test_not_where_anybody_may_write(self, home: Path) -> None:
        """Unless the flow itself is there: somebody else's file could say where a key is sent."""
        self.put(home / "repo").parent.chmod(0o1777)
        assert find_config(home / "repo/flows") is None
        assert find_config(home / "repo") is not None

    def test_load_config_says_that_there_is_none(self, home: Path) -> None:
        """By itself it looks from the folder that is named, or this one."""
        with pytest.raises(RefusedError, match=r"there is no flowrunner\.toml in .*deep or above it"):
            load_config(near=home / "repo/flows/deep")
        path = self.put(home / "repo")
        assert load_config(near=home / "repo/flows/deep") == Config(path, {})
        with pytest.raises(ConfigError) as caught:
            load_config(home / "none.toml")
        assert [each.code for each in caught.value.diagnostics] == ["unreadable"]


class TestChoosing:
    """Who sends."""

    TEXT = """
[senders.a]
url = "http://127.0.0.1:1"
key_env = "STAGING_KEY"
rate = "1/s"
[senders.b]
dialect = "meta"
number = "12"
key_env = "PRODUCTION_KEY"
auth = "bearer"
"""

    @pytest.fixture
    def config(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
        monkeypatch.setenv("STAGING_KEY", "for a")
        monkeypatch.setenv("PRODUCTION_KEY", "for b")
        monkeypatch.setenv("KAPSO_API_KEY", "for nobody")
        return config_of(tmp_path, self.TEXT)

    def test_by_its_name(self, config: Config) -> None:
        """With its key, and the rest as it was."""
        its = sender_from(config, "b")
        assert its._replace(key_of=None) == Sender(
            "for b", "", Rate(100, 60.0), dialect="meta", number="12", auth="bearer", key_env="PRODUCTION_KEY"
        )
        kept = Sender(timeout=1.0, insecure=True)
        assert chosen(config, Overrides("a"), kept) == kept._replace(
            key="for a", api_url="http://127.0.0.1:1", rate=Rate(1, 1.0), key_env="STAGING_KEY",
            key_of=("a", config.senders["a"].key_at),
        )  # fmt: skip

    def test_what_is_said_wins_key_by_key(self, config: Config) -> None:
        """What is not said is the file's."""
        its = chosen(config, Overrides("b", "http://127.0.0.1:2", "kapso-v1", "x", Rate(5, 1.0)), Sender())
        assert its[:3] == ("for b", "http://127.0.0.1:2", Rate(5, 1.0))
        assert (its.dialect, its.number, its.auth) == ("kapso-v1", "x", "bearer")

    def test_without_a_name(self, tmp_path: Path, config: Config) -> None:
        """The default, or the only one; where there are several, nobody guesses, unless an API is named."""
        with pytest.raises(SenderError, match="2 senders") as caught:
            sender_from(config)
        assert caught.value.hint == 'name one: --sender a or --sender b; or write sender = "a" below [defaults]'
        assert chosen(config, Overrides(api_url="http://127.0.0.1:3"), Sender()).key == "for nobody"
        assert sender_from(config_of(tmp_path, f'[defaults]\nsender = "b"\n{self.TEXT}')).key == "for b"
        assert sender_from(config_of(tmp_path, '[senders.x]\nkey_env = "STAGING_KEY"\n')).key == "for a"
        assert sender_from(config_of(tmp_path, '[defaults]\nrate = "7/s"\n')) == Sender("for nobody", rate=Rate(7, 1.0))

    def test_a_name_that_is_none(self, config: Config) -> None:
        """With the one that was meant."""
        with pytest.raises(SenderError, match="has no sender A") as caught:
            sender_from(config, "A")
        assert caught.value.hint == "did you mean a?"
        with pytest.raises(SenderError, match=r"there is no flowrunner\.toml, and so no sender a"):
            chosen(None, Overrides("a"), Sender())

    def test_without_its_key(self, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
        """Overrides at its place, unless nothing needs it."""
        monkeypatch.setenv("STAGING_KEY", " ")
        with pytest.raises(ConfigError) as caught:
            sender_from(config, "a")
        [problem] = caught.value.diagnostics
        assert (problem.code, problem.location.line, problem.location.column) == ("no-key", 4, 11)
        assert problem.hint == "set STAGING_KEY to the key, or try it out with --emulator"
        assert chosen(config, Overrides("a", EMULATOR), Sender()).api_url == EMULATOR
        assert chosen(config, Overrides("a"), Sender(), needs_key=False).api_url == "http://127.0.0.1:1"

    def test_by_where_it_was_begun(self, config: Config) -> None:
        """In whatever spelling; who is none of the file's has the key of today."""
        assert chosen_at(config, "http://localhost:1/api/v1", Overrides(), Sender()).key == "for a"
        its = chosen_at(config, "meta https://api.kapso.ai/meta/whatsapp/v24.0/12", Overrides(), Sender())
        assert (its.key, its.dialect, its.number, its.auth) == ("for b", "meta", "12", "bearer")
        assert its.target == "meta https://api.kapso.ai/meta/whatsapp/v24.0/12"
        assert chosen_at(config, "https://app.kapso.ai/api/v1", Overrides(), Sender()).key == "for nobody"
        assert chosen_at(None, "http://localhost:1/api/v1", Overrides(), Sender()).key == "for nobody"

    def test_a_name_where_it_does_not_send(self, config: Config) -> None:
        """Who would send from another number is refused."""
        with pytest.raises(SenderError, match="where the sender b does not send") as caught:
            chosen_at(config, "http://localhost:1/api/v1", Overrides("b"), Sender())
        assert caught.value.hint == "leave it out, or write --sender a"
        assert chosen_at(config, "http://localhost:1/api/v1", Overrides("a", rate=Rate(9, 1.0)), Sender()).rate == Rate(
            9, 1.0
        )

    @pytest.mark.usefixtures("config")
    def test_several_that_send_there(self, tmp_path: Path) -> None:
        """The default of them, or the one that is named."""
        text = '[senders.x]\nkey_env = "STAGING_KEY"\n[senders.y]\nkey_env = "PRODUCTION_KEY"\n'
        target = "https://app.kapso.ai/api/v1"
        two = config_of(tmp_path, text)
        with pytest.raises(SenderError, match="several senders"):
            chosen_at(two, target, Overrides(), Sender())
        assert chosen_at(two, target, Overrides("y"), Sender()).key == "for b"
        usual = config_of(tmp_path, f'[defaults]\nsender = "x"\n{text}')
        assert chosen_at(usual, target, Overrides(), Sender()).key == "for a"
