"""A flow and the files that it includes travel as one: with a run, a campaign and a plan."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from flowrunner.flow import load_bundle, load_text
from flowrunner.journal.many import Beginning
from flowrunner.journal.sqlite.checking import check_journal
from flowrunner.model import FILE_NAME, Bundle, Recipient
from flowrunner.model.campaigns import Campaign
from flowrunner.plan.reading import open_plan
from flowrunner.plan.values import Header, PlanError
from flowrunner.plan.writing import plan_lines
from support.journalled import RUN, event, named
from support.journals import blocking

TEXT = "name: f\nsteps: [{message: hi}]\n"
OTHERS = {"goodbye.yaml": "name: g\nsteps: [{message: ¡Adiós!}]\n", "es/texts.yaml": "hola: ¡Hola!\n"}
BOTH = Bundle.of("flows/f.yaml", TEXT, OTHERS)
CAMPAIGN = Campaign("c7", "f", BOTH, RUN.target, RUN.now, RUN.created_at, "people.csv", 1)


def test_one_file_has_the_digest_of_its_text() -> None:
    """Journals and plans of old say it so."""
    one = Bundle.of("flows/f.yaml", TEXT)
    assert one == ("flows/f.yaml", {"f.yaml": TEXT}, sha256(TEXT.encode()).hexdigest())
    assert (one.text, one.others) == (TEXT, {})


def test_more_files_have_a_digest_of_names_and_texts() -> None:
    """Whichever comes first; but not whichever is called what."""
    turned = Bundle.of("flows/f.yaml", TEXT, dict(reversed(OTHERS.items())))
    assert turned.digest == BOTH.digest
    assert (BOTH.text, BOTH.others) == (TEXT, OTHERS)
    others = [{}, {**OTHERS, "goodbye.yaml": ""}, {"bye.yaml": OTHERS["goodbye.yaml"]}, dict.fromkeys(OTHERS, "")]
    assert len({BOTH.digest, *(Bundle.of("f.yaml", TEXT, each).digest for each in others)}) == 5


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/etc/passwd", "../x.yaml", "a/../x", "a/..", "./x", "a//b", "a/", "c:x", "a\\b", "a\0"]
)
def test_a_file_is_named_from_the_flows_folder(name: str) -> None:
    """A bundle that somebody else made cannot name what is not below it; the same on every system."""
    with pytest.raises(ValueError, match="not the name of a file"):
        Bundle.of("f.yaml", TEXT, {name: ""})
    assert re.fullmatch(FILE_NAME, "..a/b..c/.hidden.yaml")


def test_the_flows_own_name_is_taken() -> None:
    """Nothing can stand in for the flow itself."""
    with pytest.raises(ValueError, match="not the name of a file"):
        Bundle.of("flows/f.yaml", TEXT, {"f.yaml": "name: another"})


def test_a_bundle_is_read_again_as_it_was() -> None:
    """What a run keeps is enough to read its flow, and to go on with it."""
    flow = load_bundle(BOTH).flow
    assert flow is not None
    assert flow.bundle == BOTH


def test_a_run_and_a_campaign_keep_all_files(tmp_path: Path) -> None:
    """The journal gives back what it was given, to whoever goes on with it; and a flow of one file beside it."""
    path = tmp_path / "j.db"
    with blocking(path) as journal:
        journal.begin(named("two", bundle=BOTH))
        journal.begin(RUN)
        journal.begin_campaign(CAMPAIGN)
        journal.begin_runs(CAMPAIGN.id, [Beginning("r1", Recipient("c1"), {}, 2)])
    with blocking(path) as journal:
        assert [each.run.bundle for each in journal.runs() if each.run.id in {"two", RUN.id}] == [RUN.bundle, BOTH]
        assert [each.bundle for each in journal.campaigns()] == [BOTH]
        assert [each.run.bundle for each in journal.pending(CAMPAIGN.id, limit=9)] == [BOTH]
        journal.append(event("finished", "", run="two"))
    assert check_journal(path).is_whole


def plan(path: Path, bundle: Bundle) -> dict[str, Any]:
    """A plan for nobody is saved. Returns its first line."""
    header = Header(bundle, {}, "", "j.db", "http://t/api/v1", "2026-11-23T14:05:00+01:00", 0.0, {})
    path.write_text("".join(plan_lines(header, load_bundle(bundle), [], [])), encoding="utf-8")
    return dict(json.loads(path.read_text(encoding="utf-8").splitlines()[0]))


def test_a_plan_keeps_all_files(tmp_path: Path) -> None:
    """An older flowrunner refuses it by its version."""
    first = plan(tmp_path / "one", Bundle.of("f.yaml", TEXT))
    assert list(first)[:4] == ["flowrunner_plan", "flow_path", "flow_text", "files"]
    assert first["flowrunner_plan"] == 3
    assert open_plan(tmp_path / "one").header.bundle == Bundle.of("f.yaml", TEXT)
    assert plan(tmp_path / "two", BOTH)["flow_files"] == BOTH.others
    assert open_plan(tmp_path / "two").header.bundle == BOTH


@pytest.mark.parametrize(
    "wrong",
    [
        {"flowrunner_plan": 1},
        {"flow_files": {}},
        {"flow_files": {"../x.yaml": ""}},
        {"flow_files": {"f.yaml": ""}},
        {"flow_files": {"x": 1}},
        {"flow_files": None},
    ],
)
def test_a_plan_cannot_hold_other_files_than_it_may(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """However well it is sealed."""
    first = {**plan(tmp_path / "p", BOTH), **wrong}
    line = json.dumps(first) + "\n"
    seal = json.dumps({"sha256": sha256(line.encode()).hexdigest()})
    (tmp_path / "p").write_text(f"{line}{seal}\n", encoding="utf-8")
    with pytest.raises(PlanError, match="line 1 of it is not what flowrunner writes"):
        open_plan(tmp_path / "p")


def test_a_text_that_is_no_bundle_is_one() -> None:
    """What is read from a file, or from a text, is a bundle of one."""
    flow = load_text(TEXT, "flows/f.yaml").flow
    assert flow is not None
    assert flow.bundle == Bundle.of("flows/f.yaml", TEXT)
