"""flowrunner.toml on the command line: what wins over what, whose key is used, and who goes on with what was begun."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from flowrunner import check_senders, load_config
from flowrunner.clock import SYSTEM
from flowrunner.dialects.values import Account
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.program import KEY, environment, flow, flowrunner, texts

ONE = ['{message: "one"}']
OTHER_KEY = "k-another+planted=secret/9"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a flow, in which a file is looked for no further up."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "flows").mkdir()
    flow(tmp_path / "flows" / "one.yaml", ONE)
    return tmp_path


@pytest.fixture
def other() -> Iterator[tuple[EmulatorState, str]]:
    """A second API, with another key."""
    state = EmulatorState(api_key=OTHER_KEY, clock=SYSTEM)
    state.conversations.create("+5215512345678", conversation_id="c1")
    with running(state) as url:
        yield state, url


def write(project: Path, text: str) -> None:
    (project / "flowrunner.toml").write_text(text, encoding="utf-8")


def two(url: str, other_url: str, defaults: str = "") -> str:
    return f"""
[defaults]
{defaults}
[senders.staging]
url = "{url}"
[senders.production]
url = "{other_url}"
key_env = "PRODUCTION_KEY"
"""


def planned(project: Path, *options: str, **more: str) -> str:
    """The API that a plan names."""
    done = flowrunner(
        "plan", "flows/one.yaml", "--conversation", "c9", "--format", "json", *options, cwd=project, **more
    )
    assert done.returncode == 0, done.stderr
    target = json.loads(done.stdout)["target"]
    assert isinstance(target, str)
    return target


def test_flags_win_over_the_environment_and_that_over_the_file(project: Path) -> None:
    """For each key by itself."""
    write(project, '[senders.a]\nurl = "https://a.example"\nnumber = "na"\n[senders.b]\nurl = "https://b.example"\n')
    env = {"FLOWRUNNER_API_URL": "https://env.example", "FLOWRUNNER_NUMBER": "ne"}
    assert planned(project, "--sender", "a") == "https://a.example/api/v1?whatsapp_config_id=na"
    assert planned(project, FLOWRUNNER_SENDER="b") == "https://b.example/api/v1"
    assert planned(project, "--sender", "a", FLOWRUNNER_SENDER="b").startswith("https://a.example")
    assert planned(project, "--sender", "a", FLOWRUNNER_NUMBER="ne") == "https://a.example/api/v1?whatsapp_config_id=ne"
    assert planned(project, "--sender", "a", **env) == "https://env.example/api/v1?whatsapp_config_id=ne"
    assert planned(project, "--sender", "a", "--api-url", "https://flag.example", "--number", "nf", **env) == (
        "https://flag.example/api/v1?whatsapp_config_id=nf"
    )
    assert planned(project, "--sender", "a", "--dialect", "meta", "--number", "12") == (
        "meta https://a.example/meta/whatsapp/v24.0/12"
    )
    assert planned(project, "--api-url", "https://flag.example") == "https://flag.example/api/v1"


def test_the_rate_is_the_flag_s_the_environment_s_the_sender_s_the_default(project: Path) -> None:
    """As how long a plan takes: three messages at one a minute take two minutes."""
    flow(project / "flows" / "one.yaml", ['{message: "1"}', '{message: "2"}', '{message: "3"}'])

    def seconds(*options: str, **more: str) -> float:
        done = flowrunner(
            "plan", "flows/one.yaml", "--conversation", "c9", "--format", "json", *options, cwd=project, **more
        )
        assert done.returncode == 0, done.stderr
        return float(json.loads(done.stdout)["seconds"])

    usual = seconds()
    write(project, '[defaults]\nrate = "1/min"\n')
    assert seconds() > 100 > usual
    write(project, '[defaults]\nrate = "1/min"\n[senders.a]\nrate = "80/s"\n')
    assert seconds() < 100
    assert seconds(FLOWRUNNER_RATE="1/min") > 100
    assert seconds("--rate", "80/s", FLOWRUNNER_RATE="1/min") < 100


def test_without_a_file_all_is_as_it_was(project: Path) -> None:
    """The key of KAPSO_API_KEY, the production address, the journal of this folder."""
    assert planned(project) == "https://app.kapso.ai/api/v1"
    done = flowrunner("run", "flows/one.yaml", "--conversation", "c1", cwd=project, KAPSO_API_KEY="")
    assert done.stderr == (
        "error: there is no API key\n  hint: set KAPSO_API_KEY, or try it out with flowrunner emulator\n"
    )
    assert flowrunner("run", "flows/one.yaml", "--emulator", cwd=project).returncode == 0
    assert (project / ".flowrunner" / "journal.db").is_file()


def test_each_sender_has_its_own_key(
    project: Path, state: EmulatorState, url: str, other: tuple[EmulatorState, str]
) -> None:
    """The other API takes the message of the other sender."""
    write(project, two(url, other[1]))
    run = ("run", "flows/one.yaml", "--conversation", "c1")
    assert flowrunner(*run, "--sender", "staging", cwd=project).returncode == 0
    assert len(texts(state)) == 1
    assert texts(other[0]) == []
    done = flowrunner(*run, "--sender", "production", cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert done.returncode == 0, done.stderr
    assert len(texts(other[0])) == 1
    missing = flowrunner(*run, "--sender", "production", "--again", cwd=project)
    assert missing.returncode == 1
    assert "flowrunner.toml:8:11: error[no-key]: the environment variable PRODUCTION_KEY" in missing.stderr
    assert "hint: set PRODUCTION_KEY to the key" in missing.stderr
    nobody = flowrunner(*run, cwd=project)
    assert nobody.returncode == 1
    assert "flowrunner.toml has 2 senders, and none is named" in nobody.stderr


WRONG = [
    (("--phone", "Ana"), "--phone: Ana is not a phone number"),
    (("--phone", "55123"), "--phone: 55123 has no country code"),
    (("--conversation", "a b"), "--conversation: 'a b' is not the id of a conversation"),
    (("--conversation", "c1", "--var", "nam=Ana"), "nam is not an input of one"),
]


@pytest.mark.parametrize("senders", ["", '[senders.a]\nkey_env = "A_KEY"\n'], ids=["no file", "file"])
@pytest.mark.parametrize(("options", "said"), WRONG)
def test_what_is_wrong_here_is_told_before_the_key_is_missed(
    project: Path, options: tuple[str, ...], said: str, senders: str
) -> None:
    """Whoever mends it would be told of it afterwards; a plan and a preview of it say the same, without any key."""
    if senders:
        write(project, senders)
    done = flowrunner("run", "flows/one.yaml", *options, cwd=project, KAPSO_API_KEY="", A_KEY="")
    assert (done.returncode, said in done.stderr, "key" in done.stderr) == (1, True, False), done.stderr
    for command in ("plan", "preview"):
        done = flowrunner(command, "flows/one.yaml", *options, cwd=project)
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr


def test_a_run_reads_a_phone_as_its_plan_does(project: Path, state: EmulatorState, url: str) -> None:
    """With the country that is configured, or by --region: the person of the plan is who gets the messages."""
    run = ("run", "flows/one.yaml", "--phone", "5512345678", "--api-url", url)
    done = flowrunner(*run, "--region", "MX", cwd=project)
    assert (done.returncode, len(texts(state))) == (0, 1), done.stderr
    write(project, '[defaults]\nregion = "MX"\n')
    done = flowrunner(*run, "--again", cwd=project)
    assert (done.returncode, len(texts(state))) == (0, 2), done.stderr
    shown = flowrunner("preview", "flows/one.yaml", "--phone", "5512345678", cwd=project).stdout
    assert "to +525512345678" in shown


def test_a_preview_draws_for_whomever_a_run_asks_the_api_for(project: Path) -> None:
    """Whether somebody has the number is for the API to say: those of tests are nobody's."""
    done = flowrunner("preview", "flows/one.yaml", "--phone", "+1 555 000 1111", cwd=project)
    assert (done.returncode, "to +15550001111" in done.stdout) == (0, True), done.stderr


def test_resume_finds_the_sender_by_where_it_was_begun(
    project: Path, state: EmulatorState, url: str, other: tuple[EmulatorState, str]
) -> None:
    """Whatever the default is meanwhile; a sender of another API is refused."""
    flow(project / "flows" / "one.yaml", ['{message: "one"}', '{message: "two"}'])
    write(project, two(url, other[1], 'sender = "production"'))
    other[0].faults.add(parse_fault("status:code=401,after=1,count=1"))
    run = ("run", "flows/one.yaml", "--conversation", "c1", "--max-wait", "0")
    begun = flowrunner(*run, cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert begun.returncode == 3, begun.stderr
    assert "continue with: flowrunner resume " in begun.stderr
    run_id = begun.stderr.split()[-1]
    other[0].faults.clear()
    write(project, two(url, other[1], 'sender = "staging"'))
    wrong = flowrunner("resume", run_id, "--sender", "staging", cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert "hint: leave it out, or write --sender production" in wrong.stderr
    done = flowrunner("resume", run_id, cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert done.returncode == 0, done.stderr
    assert len(texts(other[0])) == 2
    assert texts(state) == []
    refreshed = flowrunner("status", "--refresh", cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert refreshed.returncode == 0, refreshed.stderr
    assert OTHER_KEY.encode() not in (project / ".flowrunner" / "journal.db").read_bytes()


def switched(url: str, dialect: str) -> str:
    number = 'number = "100000000000001"\n' if dialect == "meta" else ""
    return f'[senders.shop]\ndialect = "{dialect}"\nurl = "{url}"\nkey_env = "PRODUCTION_KEY"\n{number}'


@pytest.mark.parametrize(("before", "after"), [("kapso-v1", "meta"), ("meta", "kapso-v1")])
def test_what_was_begun_in_one_dialect_is_not_gone_on_with_in_another(
    project: Path, other: tuple[EmulatorState, str], before: str, after: str
) -> None:
    """Neither a run nor a plan: it is said that nobody sends there any more, and nothing leaves until somebody does."""
    state, url = other
    asks = "{id: name, message: Who are you?, reply: {within: 1h, no_reply: continue}}"
    flow(project / "flows" / "one.yaml", [asks, '{message: "two"}'])
    phone = state.conversations.get("c1").phone
    write(project, switched(url, before))
    to = ("flows/one.yaml", "--phone", phone)
    begun = flowrunner("run", *to, cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert (begun.returncode, len(texts(state))) == (0, 1), begun.stderr
    planned = flowrunner("plan", *to, "--again", "--output", "one.plan", cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert planned.returncode == 0, planned.stderr
    run_id = json.loads(flowrunner("runs", "--format", "json", cwd=project).stdout)["runs"][0]["id"]
    write(project, switched(url, after))
    for command in (("resume", run_id), ("run", "one.plan", "--yes-send-to", "1")):
        for more in ((), ("--sender", "shop")):
            refused = flowrunner(*command, *more, cwd=project, PRODUCTION_KEY=OTHER_KEY, KAPSO_API_KEY="")
            assert (refused.returncode, len(texts(state))) == (1, 1), refused.stderr
            assert "where no sender of flowrunner.toml sends" in refused.stderr
    asked = flowrunner("status", "--refresh", cwd=project, PRODUCTION_KEY=OTHER_KEY, KAPSO_API_KEY="")
    assert (asked.returncode, run_id in asked.stdout) == (3, True), asked.stderr
    assert "error: 1 conversation could not be read: this goes to" in asked.stderr
    hint = refused.stderr.partition("write one with ")[2].partition(", or set KAPSO_API_KEY")[0]
    keys = hint.replace(" and ", ", ").split(", ")
    write(project, "\n".join(["[senders.shop]", *keys, 'key_env = "PRODUCTION_KEY"']))
    gone_on = flowrunner("resume", run_id, cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert gone_on.returncode == 0, gone_on.stderr


def test_a_plan_keeps_the_target_and_is_sent_by_its_sender(
    project: Path, url: str, other: tuple[EmulatorState, str]
) -> None:
    """Not its key. A plan for another API is refused."""
    write(project, two(url, other[1]))
    plan = ("plan", "flows/one.yaml", "--conversation", "c1", "--sender", "production", "--output", "one.plan")
    assert flowrunner(*plan, cwd=project, PRODUCTION_KEY=OTHER_KEY).returncode == 0
    assert OTHER_KEY not in (project / "one.plan").read_text("utf-8")
    send = ("run", "one.plan", "--yes-send-to", "1")
    wrong = flowrunner(*send, "--sender", "staging", cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert (wrong.returncode, texts(other[0])) == (1, [])
    assert "where the sender staging does not send" in wrong.stderr
    elsewhere = flowrunner(*send, "--api-url", url, cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert "make it again for that API, or leave out --api-url and unset FLOWRUNNER_API_URL" in elsewhere.stderr
    done = flowrunner(*send, cwd=project, PRODUCTION_KEY=OTHER_KEY)
    assert done.returncode == 0, done.stderr
    assert len(texts(other[0])) == 1


def test_a_plan_by_another_dialect_than_the_default_s_is_sent(project: Path, url: str) -> None:
    """What the default speaks is not what was said."""
    number = 'dialect = "meta"\nnumber = "100000000000001"\n'
    write(project, f'[defaults]\nsender = "v"\n[senders.v]\nurl = "{url}"\n[senders.m]\nurl = "{url}"\n{number}')
    plan = ("plan", "flows/one.yaml", "--phone", "+5215512345678", "--sender", "m", "--output", "one.plan")
    assert flowrunner(*plan, cwd=project).returncode == 0
    done = flowrunner("run", "one.plan", "--yes-send-to", "1", cwd=project)
    assert done.returncode == 0, done.stderr
    other = flowrunner("run", "one.plan", "--yes-send-to", "1", "--dialect", "kapso-v1", cwd=project)
    assert "hint: choose it, --dialect meta, or another URL" in other.stderr


def test_paths_are_relative_to_the_file_and_commands_that_are_shown_find_it(project: Path, url: str) -> None:
    """From wherever they are typed: the journal is the file's, and --config is said where nobody would find it."""
    flow(project / "flows" / "one.yaml", ['{message: "one"}', "{pause: 1h}", '{message: "two"}'])
    write(project, f'[defaults]\njournal = "state/runs.db"\n[senders.a]\nurl = "{url}"\n')
    (project / "elsewhere").mkdir()
    (project / "elsewhere" / ".git").mkdir()
    inside = flowrunner("runs", cwd=project / "flows")
    assert "state/runs.db" in inside.stdout
    run = ("run", "../flows/one.yaml", "--conversation", "nobody")
    assert flowrunner(*run, cwd=project / "elsewhere").returncode == 1
    (project / "elsewhere" / "flowrunner.toml").write_text("", encoding="utf-8")
    done = flowrunner("plan", *run[1:], "--output", "x.plan", cwd=project / "elsewhere")
    path = project / "flowrunner.toml"
    assert done.stdout.splitlines()[-1] == f"saved; flowrunner run x.plan --config {path} sends exactly this"
    assert (
        flowrunner("run", "x.plan", "--yes-send-to", "1", "--config", path, cwd=project / "elsewhere").returncode == 3
    )
    assert (project / "state" / "runs.db").is_file()
    listed = flowrunner("runs", "--config", path, cwd=project / "elsewhere").stdout
    assert "one" in listed


def test_defaults_are_for_audiences(project: Path, url: str) -> None:
    """Region, exclusions and quiet hours; none of them is a flag that needs --audience."""
    (project / "people.csv").write_text("phone\n5512345678\n5512345679\n", encoding="utf-8")
    (project / "stop.csv").write_text("phone\n+525512345679\n", encoding="utf-8")
    defaults = '[defaults]\nregion = "MX"\nexclude = "stop.csv"\nquiet_hours = "00:00-23:59"\n'
    defaults += 'timezone = "America/Mexico_City"\n'
    write(project, f'{defaults}[senders.a]\nurl = "{url}"\n')
    done = flowrunner("plan", "flows/one.yaml", "--audience", "people.csv", "--format", "json", cwd=project)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["people"], facts["left_out"], len(facts["held"])) == (
        1,
        [{"reason": "on the do-not-contact list", "people": 1}],
        1,
    )
    again = flowrunner(
        "plan", "flows/one.yaml", "--audience", "people.csv", "--quiet-hours", "03:00-03:01", "--format", "json",
        cwd=project,
    )  # fmt: skip
    assert json.loads(again.stdout)["people"] == 1
    assert flowrunner("validate", "flows", "--audience", "people.csv", cwd=project).returncode == 0
    assert flowrunner("preview", "flows/one.yaml", "--audience", "people.csv", cwd=project).returncode == 0
    assert flowrunner("run", "flows/one.yaml", "--conversation", "c1", cwd=project).returncode == 0
    assert planned(project) == f"{url}/api/v1"


def test_a_sender_s_region_wins_over_the_default(project: Path) -> None:
    """Numbers of an audience are read by it."""
    (project / "people.csv").write_text("phone\n11987654321\n", encoding="utf-8")
    write(project, '[defaults]\nregion = "MX"\n[senders.a]\n[senders.brazil]\nregion = "BR"\n')
    check = ("validate", "flows", "--audience", "people.csv")
    assert flowrunner(*check, "--sender", "brazil", cwd=project).returncode == 0
    assert flowrunner(*check, cwd=project, FLOWRUNNER_SENDER="brazil").returncode == 0
    assert flowrunner(*check, "--sender", "a", cwd=project).returncode == 1
    assert flowrunner(*check, "--sender", "a", "--region", "BR", cwd=project).returncode == 0
    assert flowrunner("diff", "flows", "flows", "--sender", "brazil", cwd=project).returncode == 0
    unknown = flowrunner(*check, "--sender", "brasil", cwd=project)
    assert unknown.stderr == "error: flowrunner.toml has no sender brasil\n  hint: did you mean brazil?\n"


@pytest.mark.parametrize(
    "command",
    [
        "validate flows", "preview flows/one.yaml", "plan flows/one.yaml --conversation c", "diff flows flows",
        "run flows/one.yaml --emulator", "resume", "runs", "status", "report x", "cancel x", "journal check",
    ],
)  # fmt: skip
def test_a_wrong_file_stops_every_command_that_uses_it(project: Path, command: str) -> None:
    """Before anything is done; its help is there all the same."""
    write(project, '[senders.a]\nratee = "1/s"\nkey = "planted-9"\n')
    done = flowrunner(*command.split(), cwd=project)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "flowrunner.toml:2:1: error[unknown-key]: ratee is not a key of this table" in done.stderr
    assert "flowrunner.toml:3:1: error[key-in-file]" in done.stderr
    assert "planted" not in done.stderr
    assert flowrunner(*command.split(), "--help", cwd=project).returncode == 0


def test_the_file_can_be_named(project: Path) -> None:
    """By a flag, else by the environment; one that is not there is said to be."""
    for name in ("x", "y"):
        (project / f"{name}.toml").write_text(f'[senders.a]\nurl = "https://{name}.example"\n', encoding="utf-8")
    write(project, "[")
    assert planned(project, FLOWRUNNER_CONFIG="x.toml") == "https://x.example/api/v1"
    assert planned(project, "--config", "y.toml", FLOWRUNNER_CONFIG="x.toml") == "https://y.example/api/v1"
    missing = flowrunner("validate", "flows", "--config", "z.toml", cwd=project)
    assert (missing.returncode, "z.toml: error[unreadable]: z.toml does not exist" in missing.stderr) == (1, True)


def test_env_files_are_not_read(project: Path, url: str) -> None:
    """A key that stands in a .env file is nobody's."""
    write(project, f'[senders.a]\nurl = "{url}"\nkey_env = "FROM_FILE"\n')
    (project / ".env").write_text(f"FROM_FILE={KEY}\n", encoding="utf-8")
    done = flowrunner("run", "flows/one.yaml", "--conversation", "c1", cwd=project)
    assert "FROM_FILE with the key of the sender a is not set" in done.stderr
    assert KEY not in done.stderr + done.stdout
    assert "FROM_FILE" not in environment()


CHECKED = """
[defaults]
sender = "v1"
[senders.v1]
url = "{url}"
[senders.graph]
dialect = "meta"
url = "{url}/v24.0"
number = "100000000000001"
auth = "bearer"
[senders.proxy]
dialect = "meta"
url = "{url}"
number = "100000000000001"
[senders.wrong]
url = "{url}"
key_env = "WRONG_KEY"
[senders.missing]
url = "{url}"
key_env = "MISSING_KEY"
[senders.number]
url = "{url}"
number = "nobody"
"""


def test_senders_says_of_each_whether_it_can_send(project: Path, url: str) -> None:
    """Which number it is and how that is; no key is shown, and the exit code is 3 where one cannot."""
    write(project, CHECKED.format(url=url))
    done = flowrunner("senders", cwd=project, WRONG_KEY=OTHER_KEY)
    assert done.returncode == 3
    assert done.stderr == ""
    assert KEY not in done.stdout
    assert OTHER_KEY not in done.stdout
    rows = [line.split() for line in done.stdout.splitlines() if line[0] != " "]
    assert [(row[0], row[-1]) for row in rows] == [
        ("SENDER", "HEALTH"), ("v1", "healthy"), ("graph", "healthy"), ("proxy", "healthy"),
        ("wrong", "fails"), ("missing", "fails"), ("number", "fails"),
    ]  # fmt: skip
    assert "v1 (default)" in done.stdout
    assert "  hint: check the API key in WRONG_KEY\n" in done.stdout
    assert "  hint: set MISSING_KEY to the key" in done.stdout
    assert "whatsapp_config_id nobody" in done.stdout
    good = flowrunner("senders", "proxy", "v1", cwd=project)
    assert (good.returncode, len(good.stdout.splitlines())) == (0, 5)
    unknown = flowrunner("senders", "v2", cwd=project)
    assert (unknown.returncode, unknown.stderr) == (
        1, "error: flowrunner.toml has no sender v2\n  hint: it has v1, graph, proxy, wrong, missing, number\n",
    )  # fmt: skip


def test_senders_as_json_and_without_asking(project: Path, state: EmulatorState, url: str) -> None:
    """Offline nothing is asked, so that nothing is known to work or not."""
    write(project, CHECKED.format(url=url))
    asked = json.loads(flowrunner("senders", "--format", "json", cwd=project).stdout)["senders"]
    assert {each["name"]: each["works"] for each in asked} == {
        "v1": True, "graph": True, "proxy": True, "wrong": False, "missing": False, "number": False,
    }  # fmt: skip
    assert asked[1]["account"] == {
        "number": "100000000000001", "phone": "+1 555-010-0001", "name": "Emulator", "health": "healthy", "reason": "",
    }  # fmt: skip
    assert (asked[0]["default"], asked[3]["key_env"], asked[3]["key_is_set"]) == (True, "WRONG_KEY", False)
    done = flowrunner("senders", "--offline", "--format", "json", cwd=project, FLOWRUNNER_API_URL="http://127.0.0.1:1")
    assert done.returncode == 0
    assert {each["works"] for each in json.loads(done.stdout)["senders"]} == {None}
    assert "note: FLOWRUNNER_API_URL is set, and wins over the file" in done.stderr
    assert state.received() == ()


def test_without_a_file_there_are_no_senders(project: Path) -> None:
    """It says what to write, and what it would be called."""
    done = flowrunner("senders", cwd=project)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: there is no flowrunner.toml in {project} or above it\n  hint: write one")
    write(project, "")
    assert flowrunner("senders", cwd=project).stdout == "flowrunner.toml has no senders\n"


def test_many_senders_are_asked_at_once_but_not_all(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight at a time, and the answers keep the order of the file."""
    most = busy = 0

    class Client:
        rate = None

        async def account(self) -> Account:
            nonlocal most, busy
            busy += 1
            most = max(most, busy)
            for _ in range(50):
                await asyncio.sleep(0)
            busy -= 1
            return Account(health="healthy")

    @asynccontextmanager
    async def opened(_sender: object, **_more: object) -> AsyncIterator[tuple[Client, None]]:
        yield Client(), None

    monkeypatch.setattr("flowrunner.app.senders.check.open_sender", opened)
    monkeypatch.setenv("KAPSO_API_KEY", KEY)
    names = [f"s{number}" for number in range(20)]
    write(project, "\n".join(f'[senders.{name}]\nurl = "https://{name}.example"' for name in names))
    found = check_senders(load_config(project / "flowrunner.toml"))
    assert [each.entry.name for each in found] == names
    assert all(each.works for each in found)
    assert most == 8


def test_a_bug_s_lines_have_no_key_of_any_sender(project: Path) -> None:
    """The traceback of what nobody foresaw is scrubbed of each of them."""
    write(project, '[senders.a]\nkey_env = "PRODUCTION_KEY"\n')
    code = f"""
import sys
import flowrunner.app.reviewing.preview as preview
def broken(*_): raise RuntimeError({OTHER_KEY!r})
preview.read_previews = broken
sys.argv = ["flowrunner", "preview", "flows/one.yaml"]
from flowrunner.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env=environment(PRODUCTION_KEY=OTHER_KEY), capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "RuntimeError: ***" in done.stderr
    assert OTHER_KEY not in done.stderr


def test_nobody_on_the_list_is_written_to_alone_either(project: Path, state: EmulatorState, url: str) -> None:
    """By their phone or by their conversation, in a run and in a plan; others are, and so is an emulator."""
    (project / "stop.csv").write_text("phone\n+52 1 55 1234 5678\n", encoding="utf-8")
    state.conversations.create("+5215512345670", conversation_id="c2")
    write(project, f'[defaults]\nexclude = "stop.csv"\nregion = "MX"\n[senders.a]\nurl = "{url}"\n')
    said = "is on the do-not-contact list stop.csv, in line 2; nothing was sent"
    for whom in (("--conversation", "c1"), ("--phone", "+5215512345678")):
        done = flowrunner("run", "flows/one.yaml", *whom, cwd=project)
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    plan = flowrunner("plan", "flows/one.yaml", "--phone", "5512345678", cwd=project)
    assert (plan.returncode, said in plan.stderr) == (1, True)
    assert texts(state) == []
    assert flowrunner("run", "flows/one.yaml", "--conversation", "c2", cwd=project).returncode == 0
    assert flowrunner("run", "flows/one.yaml", "--emulator", cwd=project).returncode == 0
    (project / "stop.csv").write_text("phone\nAna\n", encoding="utf-8")
    broken = flowrunner("run", "flows/one.yaml", "--conversation", "c2", "--again", cwd=project)
    assert (broken.returncode, "stop.csv:2:1: error[bad-recipient]" in broken.stderr) == (1, True)


def test_the_commands_of_a_preview_take_the_sender_s_key(project: Path) -> None:
    """As curl would: the API, the way to show the key, and the variable that has it."""
    write(
        project,
        '[senders.g]\ndialect = "meta"\nurl = "https://graph.facebook.com"\nnumber = "12"\nkey_env = "GRAPH_TOKEN"\n',
    )
    shown = flowrunner("preview", "flows/one.yaml", "--format", "curl", cwd=project).stdout
    assert "export GRAPH_TOKEN=..." in shown
    assert '"https://graph.facebook.com/v24.0/12/messages"' in shown
    assert "Authorization: Bearer $GRAPH_TOKEN" in shown
    assert "KAPSO_API_KEY" not in shown
