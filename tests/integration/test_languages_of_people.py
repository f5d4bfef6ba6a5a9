"""One flow in several languages, sent: to one person, to many, by a plan, and gone on with."""

import json
from pathlib import Path

import pytest

from flowrunner.emulator.api.state import EmulatorState
from flowrunner.flow import load_file
from flowrunner.model import Recipient
from support.campaigns import QUICK
from support.journalled import named
from support.journals import blocking
from support.program import flowrunner, texts

FLOW = """\
name: visit
languages: [en, es, pt_BR]
inputs:
  price: {type: number, default: 1234.5}
steps:
  - id: hello
    message: "Good morning: {{ '2026-11-25T18:30+00:00' | datetime }}, {{ price | number(2) }}"
  - {id: bye, message: See you}
"""
SPANISH = """\
hello: "Buenos días: {{ '2026-11-25T18:30+00:00' | datetime }}, {{ price | number(2) }}"
bye: Hasta luego
"""
BRAZILIAN = """\
hello: "Bom dia: {{ '2026-11-25T18:30+00:00' | datetime }}, {{ price | number(2) }}"
bye: Até logo
"""
ENGLISH_SAID = ["Good morning: Nov 25, 2026, 6:30 PM, 1,234.50", "See you"]
SPANISH_SAID = ["Buenos días: 25 nov 2026, 6:30 p.m., 1,234.50", "Hasta luego"]
MEXICAN, AMERICAN, GERMAN = "+525598765432", "+14155552671", "+4915112345678"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the flow and its translations."""
    for name, text in (("visit", FLOW), ("visit.es", SPANISH), ("visit.pt_BR", BRAZILIAN)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def said(state: EmulatorState) -> dict[str, list[str]]:
    """What each phone got, in order."""
    phones = {each.id: each.phone for each in state.conversations}
    got: dict[str, list[str]] = {}
    for each in state.received():
        content = json.loads(each.raw)["message"]["content"].replace("\xa0", " ")
        got.setdefault(phones[each.conversation_id], []).append(content)
    return got


@pytest.mark.parametrize(
    ("phone", "options", "expected"),
    [
        (MEXICAN, [], SPANISH_SAID),
        (AMERICAN, [], ENGLISH_SAID),
        (GERMAN, [], ["Good morning: 25 Nov 2026, 19:30, 1.234,50", "See you"]),
        (AMERICAN, ["--var", "language=es-MX"], ["Buenos días: 25 nov 2026, 6:30 p.m., 1,234.50", "Hasta luego"]),
        (AMERICAN, ["--var", "language=es", "--var", "timezone=Asia/Tokyo"],
         ["Buenos días: 26 nov 2026, 3:30 a.m., 1,234.50", "Hasta luego"]),
    ],
)  # fmt: skip
def test_one_person_is_written_to_in_their_language(
    folder: Path, state: EmulatorState, url: str, phone: str, options: list[str], expected: list[str]
) -> None:
    """By the phone, or as it is said; whoever resumes has it in the run."""
    assert state.conversations.create(phone)
    done = flowrunner(
        "run", "visit.yaml", "--phone", phone, *options, "--journal", "j.db", "--api-url", url, *QUICK, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    assert said(state) == {phone: expected}
    with blocking(folder / "j.db") as journal:
        [record] = journal.runs()
    assert {"language", "timezone"} < record.run.variables.keys()


def test_a_run_is_gone_on_with_in_its_language(folder: Path, state: EmulatorState, url: str) -> None:
    """Whatever the phone says, and whatever has become of the files."""
    flow = load_file(folder / "visit.yaml").flow
    assert flow is not None
    values = {"price": 1.5, "language": "pt_BR", "timezone": "America/Sao_Paulo"}
    conversation = state.conversations.create(MEXICAN).id
    run = named(
        "two", flow_name="visit", bundle=flow.bundle, recipient=Recipient(conversation, MEXICAN), target=url,
        variables=values, now="2026-11-23T14:05:00+01:00",
    )  # fmt: skip
    for path in folder.glob("*.yaml"):
        path.unlink()
    with blocking(folder / "j.db") as journal:
        journal.begin(run)
    done = flowrunner("resume", "two", "--journal", "j.db", *QUICK, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert said(state) == {MEXICAN: ["Bom dia: 25 de nov. de 2026 15:30, 1,50", "Até logo"]}


PEOPLE = f"""\
phone,language,timezone
{MEXICAN},,America/Mexico_City
{AMERICAN},pt,America/Sao_Paulo
{GERMAN},,
"""
EVERYBODY = {
    MEXICAN: ["Buenos días: 25 nov 2026, 12:30 p.m., 1,234.50", "Hasta luego"],
    AMERICAN: ["Bom dia: 25 de nov. de 2026 15:30, 1.234,50", "Até logo"],
    GERMAN: ["Good morning: 25 Nov 2026, 19:30, 1.234,50", "See you"],
}


@pytest.mark.parametrize("planned", [False, True], ids=["campaign", "plan"])
def test_everybody_is_written_to_in_their_language(folder: Path, state: EmulatorState, url: str, planned: bool) -> None:
    """By the columns language and timezone of an audience, else by their phones; planned or not."""
    for phone in (MEXICAN, AMERICAN, GERMAN):
        state.conversations.create(phone)
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    named_so = ["visit.yaml", "--audience", "people.csv", "--journal", "j.db", "--api-url", url]
    if planned:
        made = flowrunner("plan", *named_so, "--output", "p.plan", cwd=folder)
        assert made.returncode == 0, made.stderr
        named_so = ["p.plan"]
    done = flowrunner("run", *named_so, "--yes-send-to", "3", *QUICK, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert said(state) == EVERYBODY
    with blocking(folder / "j.db") as journal:
        [campaign] = journal.campaigns()
    told = {}
    for form in ("text", "json", "html", "csv"):
        report = flowrunner("report", campaign.id, "--journal", "j.db", "--format", form, cwd=folder)
        assert report.returncode == 0, report.stderr
        told[form] = report.stdout
    assert "by language\n          1  en: 1 finished\n          1  es: 1 finished\n" in told["text"]
    assert json.loads(told["json"])["languages"] == {code: {"finished": 1} for code in ("en", "es", "pt_BR")}
    assert "Recipients by language" in told["html"]
    assert [line.split(",")[2] for line in told["csv"].splitlines()] == ["language", "es", "pt_BR", "en"]


def test_an_audience_is_checked_in_the_language_of_each(folder: Path, state: EmulatorState, url: str) -> None:
    """A language that the flow does not have, and a text that is too long in one alone, stand at their rows."""
    flow = (folder / "visit.yaml").read_text(encoding="utf-8")
    button = "{message_type: interactive, interactive_type: button, body_text: Hi, buttons: [{id: a, title: Go}]}"
    (folder / "visit.yaml").write_text(flow.replace("See you", button), encoding="utf-8")
    title = "{body_text: Hola, buttons: {a: 'A {{ price | number(2) }} €'}}"
    spanish = SPANISH.replace("Hasta luego", f"{title}  # flowrunner: ignore[placeholder-differs]")
    (folder / "visit.es.yaml").write_text(spanish, encoding="utf-8")
    (folder / "visit.pt_BR.yaml").write_text(BRAZILIAN.replace("Até logo", "{body_text: Oi, buttons: {a: Ir}}"))
    much = 123456789012345
    rows = [f"{MEXICAN},,1", f"{AMERICAN},de,1", f"{GERMAN},es,{much}", f"{MEXICAN[:-1]}9,pt,{much}"]
    (folder / "people.csv").write_text("\n".join(["phone,language,price", *rows, ""]), encoding="utf-8")
    done = flowrunner("validate", "visit.yaml", "--audience", "people.csv", cwd=folder)
    lines = [line for line in done.stdout.splitlines() if ": error[" in line]
    assert len(lines) == 2, done.stdout
    assert lines[0].startswith("people.csv:3:2: error[bad-variable]: language: ")
    assert lines[1].startswith("people.csv:4:3: error[too-long]: es: title has 26 characters, at most 20 are allowed")
    assert lines[1].endswith("(visit.es.yaml:2:37)")
    assert texts(state) == []
