"""People of a campaign by their names: phones, conversations, user ids, and what the journal knows of them."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from flowrunner.model import Recipient
from support.campaigns import QUICK, received
from support.journals import blocking
from support.program import flow, flowrunner

PHONE, USER = "+5215512345601", "MX.1349"


@pytest.fixture
def url(state: EmulatorState) -> Iterator[str]:
    with running(state) as url:
        yield url


@pytest.fixture
def known(tmp_path: Path, url: str) -> Path:
    """A folder whose journal knows one person by three names."""
    with blocking(tmp_path / ".flowrunner" / "journal.db") as journal:
        journal.learn(f"{url}/api/v1", Recipient("c1", PHONE, USER))
    return tmp_path


def audience(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def send(folder: Path, url: str, file: Path, *options: str) -> "tuple[int, str]":
    done = flowrunner(
        "run", "f.yaml", "--audience", file, "--api-url", url, "--at-most", "9", *QUICK, *options, cwd=folder
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return flow(tmp_path / "f.yaml", ["{message: Hi}"])


REPEATED = [
    "phone,conversation\n{phone},\n,c1\n",
    "user_id,phone\n{user},\n,{phone}\n",
    "conversation,user_id\nc1,\n,{user}\n",
]


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("rows", REPEATED)
def test_two_rows_of_one_person_are_repeated_where_the_journal_knows(
    known: Path, state: EmulatorState, url: str, rows: str
) -> None:
    """As two rows of one phone are; the later one is left out, if that is wished."""
    state.conversations.create(PHONE, conversation_id="c1")
    people = audience(known / "p.csv", rows.format(phone=PHONE, user=USER))
    code, said = send(known, url, people)
    assert code == 1
    assert "was on line 2 already: the journal knows that they are the same person" in said
    assert "hint: remove one of them, or leave the later ones out: --skip-repeated" in said
    assert not state.received()
    code, said = send(known, url, people, "--skip-repeated")
    assert (code, received(state)) == (0, {"c1": ["Hi"]})


EXCLUDED = [("phone\n{phone}\n", "{user}\n"), ("conversation\nc1\n", "{phone}\n"), ("user_id\n{user}\n", "c1\n")]


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize(("row", "excluded"), EXCLUDED)
def test_who_must_not_be_written_to_is_known_by_another_name(
    known: Path, state: EmulatorState, url: str, row: str, excluded: str
) -> None:
    """The list has one name of them, the audience another."""
    names = {"phone": PHONE, "user": USER}
    people, no = audience(known / "p.csv", row.format(**names)), audience(known / "no.txt", excluded.format(**names))
    code, said = send(known, url, people, "--exclude", str(no))
    assert code == 0
    assert "nobody is left to send to: 1 on the do-not-contact list" in said
    assert not state.received()


@pytest.mark.usefixtures("file")
def test_whom_no_list_can_recognise_is_not_written_to(known: Path, state: EmulatorState, url: str) -> None:
    """A person without a phone and a list of phones: nobody could say."""
    no = audience(known / "no.txt", "+5215500000000\n")
    mixed = audience(known / "p.csv", f"phone,conversation\n{PHONE},\n,c2\n")
    code, said = send(known, url, mixed, "--exclude", str(no))
    assert code == 1
    assert f"{no} names people by phone, which 1 in {mixed} do not have: they could not be recognised" in said
    alone = audience(known / "p.csv", "conversation\nc2\n")
    code, said = send(known, url, alone, "--exclude", str(no))
    assert (code, "nobody could be recognised" in said) == (1, True)
    assert not state.received()


@pytest.mark.usefixtures("file")
def test_two_campaigns_with_one_person_under_two_names(known: Path, state: EmulatorState, url: str) -> None:
    """The second has nobody left; it may be sent again."""
    state.conversations.create(PHONE, conversation_id="c1")
    first, second = audience(known / "p.csv", f"phone\n{PHONE}\n"), audience(known / "u.csv", f"user_id\n{USER}\n")
    assert send(known, url, first)[0] == 0
    code, said = send(known, url, second)
    assert code == 0
    assert "nobody is left to send to: 1 had this flow before" in said
    code, said = send(known, url, second, "--again")
    assert (code, received(state)) == (0, {"c1": ["Hi", "Hi"]}), said


@pytest.mark.usefixtures("file")
def test_an_api_that_writes_to_nobody_by_a_user_id_says_so_before_anything_is_sent(
    tmp_path: Path, state: EmulatorState, url: str
) -> None:
    """At the row, with what can be done; nobody else gets anything either."""
    people = audience(tmp_path / "p.csv", f"phone,user_id\n{PHONE},\n,{USER}\n")
    code, said = send(tmp_path, url, people)
    assert code == 1
    assert f"{people}:3:2: error[bad-recipient]: user_id: the API writes to nobody by a user_id alone" in said
    assert "hint: give their phone or conversation, too, or send with the dialect meta" in said
    assert not state.received()
    code, said = send(tmp_path, url, people, "--skip-invalid")
    assert (code, len(state.received())) == (0, 1)


def test_a_number_that_somebody_does_not_have_is_an_error_at_their_row(tmp_path: Path, url: str) -> None:
    """Before anything is sent, with the place in the flow."""
    flow(tmp_path / "f.yaml", ['{message: "Call {{ recipient.phone }}"}'])
    people = audience(tmp_path / "p.csv", f"conversation,phone\nc1,{PHONE}\nc2,\n")
    code, said = send(tmp_path, url, people)
    assert code == 1
    assert f"{people}:3:1: error[undefined-value]: recipient.phone is not known here: the recipient is given by" in said
    assert "(f.yaml:4:" in said


@pytest.mark.usefixtures("file")
def test_a_plan_and_a_report_name_people_by_all_that_was_given(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """What was planned is sent to the same people, and the report can be an audience again."""
    people = audience(tmp_path / "p.csv", f"phone,user_id,conversation\n{PHONE},{USER},\n,,c2\n")
    planned = flowrunner("plan", "f.yaml", "--audience", people, "--api-url", url, "--output", "p.jsonl", cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    rows = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()[1:-1]]
    assert [{key: row[key] for key in row.keys() & set(Recipient._fields)} for row in rows] == [
        {"phone": PHONE, "user_id": USER},
        {"conversation": "c2"},
    ]
    done = flowrunner("run", "p.jsonl", "--at-most", "9", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(state.received()) == 2
    with blocking(tmp_path / ".flowrunner" / "journal.db") as journal:
        (campaign,) = journal.campaigns()
        assert journal.known(f"{url}/api/v1", Recipient(user_id=USER)).phone == PHONE
    written = flowrunner("report", campaign.id, "--format", "csv", cwd=tmp_path).stdout
    told = list(csv.DictReader(written.splitlines()))
    assert [(each["phone"], each["user_id"], each["conversation"]) for each in told] == [
        (PHONE, USER, ""),
        ("", "", "c2"),
    ]
    report = json.loads(flowrunner("report", campaign.id, "--format", "json", cwd=tmp_path).stdout)
    assert [each.get("user_id") for each in report["recipients"]] == [USER, None]
