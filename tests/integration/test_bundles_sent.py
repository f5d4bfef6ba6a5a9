"""A flow of more than one file is gone on with, and planned, with all of them."""

import time
from pathlib import Path

from flowrunner.campaign import CampaignRecipient
from flowrunner.client.access import address
from flowrunner.dialects import kapso_v1
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.flow import load_bundle
from flowrunner.model import Bundle, Recipient
from flowrunner.plan.values import Header
from flowrunner.plan.writing import plan_lines
from support.campaigns import QUICK
from support.journalled import named
from support.journals import blocking
from support.program import flowrunner, texts

BUNDLE = Bundle.of("f.yaml", "name: f\nsteps: [{message: hi}, {message: bye}]\n", {"texts/es.yaml": "hi: ¡Hola!\n"})
NOW = "2026-11-23T14:05:00+01:00"
SENT = ['{"message_type":"text","content":"hi"}', '{"message_type":"text","content":"bye"}']


def test_a_run_is_resumed_with_all_its_files(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """None of them is on disk any more."""
    run = named("two", flow_name="f", bundle=BUNDLE, recipient=Recipient("c1"), target=url, variables={}, now=NOW)
    with blocking(tmp_path / "j.db") as journal:
        journal.begin(run)
    done = flowrunner("resume", "two", "--journal", "j.db", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert texts(state) == SENT
    with blocking(tmp_path / "j.db") as journal:
        assert journal.record("two").run.bundle == BUNDLE


def test_a_plan_is_carried_out_with_all_its_files(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """The campaign that it begins keeps them."""
    header = Header(BUNDLE, {}, "", "j.db", address(url, kapso_v1).root, NOW, time.time(), {})
    lines = plan_lines(header, load_bundle(BUNDLE), [CampaignRecipient(1, Recipient("c1"), {})], [])
    (tmp_path / "p.plan").write_text("".join(lines), encoding="utf-8")
    done = flowrunner("run", "p.plan", "--yes-send-to", "1", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert texts(state) == SENT
    with blocking(tmp_path / "j.db") as journal:
        assert [each.bundle for each in journal.campaigns()] == [BUNDLE]
