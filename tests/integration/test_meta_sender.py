"""A sender of the dialect meta: runs, campaigns, plans, resume and statuses, as with v1, against the emulator."""

import asyncio
import json
from pathlib import Path

import pytest

from flowrunner.app.campaigns.audience import AudienceRequest
from flowrunner.app.campaigns.send import run_campaign_async
from flowrunner.app.plans.make import make_plan_async
from flowrunner.app.plans.run import run_plan_async
from flowrunner.app.reports.statuses import refresh_async
from flowrunner.app.resuming.resume import resume_async
from flowrunner.app.runs.send import RunResult, begin_run
from flowrunner.app.senders.sender import Sender, SenderError
from flowrunner.client import EMULATOR
from flowrunner.delivery import Rate
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.flow import load_text
from flowrunner.model import Recipient
from support.program import KEY

PHONE = "+5215512345678"
FLOW = """
name: three
steps:
  - message: one
  - id: picture
    message: {message_type: image, media_url: "https://cdn.example.com/a.jpg", caption: two}
    until: delivered
  - message: {message_type: template, template_name: welcome, template_language: es, template_params: [Ana]}
"""


@pytest.fixture
def sender(url: str) -> Sender:
    return Sender(KEY, url, rate=Rate(100_000, 1.0), grace=0.3, timeout=2.0, dialect="meta", number=NUMBER_ID)


async def sent(sender: Sender, whom: Recipient, folder: Path, stop: asyncio.Event | None = None) -> RunResult:
    loaded = load_text(FLOW, "three.yaml")
    async with begin_run(loaded, {}, whom, sender, folder / "j.db", warn=lambda _: None) as delivery:
        return await delivery.carried_out(stop)


def kept(state: EmulatorState) -> list[str]:
    """What the emulator took, by type."""
    return [json.loads(each.raw)["type"] for each in state.received()]


@pytest.mark.parametrize("whom", [Recipient(phone=PHONE), Recipient("c1")], ids=["phone", "conversation"])
def test_a_run_is_sent_and_resumed_and_its_statuses_are_asked_for(
    whom: Recipient, sender: Sender, state: EmulatorState, tmp_path: Path
) -> None:
    """By the target that the journal keeps: whoever resumes says no more than the key."""
    state.faults.add(parse_fault("status:code=422,after=1,count=1"))
    failed = asyncio.run(sent(sender, whom, tmp_path))
    assert failed.state == "failed"
    assert kept(state) == ["text"]
    nobody = Sender(KEY, rate=Rate(100_000, 1.0), grace=0.3, timeout=2.0)
    done = asyncio.run(resume_async(failed.run_id, nobody, journal=tmp_path / "j.db"))
    assert isinstance(done, RunResult)
    assert done.state == "finished"
    assert kept(state) == ["text", "image", "template"]
    (learnt,) = asyncio.run(refresh_async(nobody, journal=tmp_path / "j.db"))
    assert (learnt.asked, learnt.unread) == (1, 0)


def test_the_emulator_inside_speaks_it(tmp_path: Path) -> None:
    """Nobody needs a number there."""
    sender = Sender(api_url=EMULATOR, dialect="meta", rate=Rate(100_000, 1.0))
    assert asyncio.run(sent(sender, Recipient(phone=PHONE), tmp_path)).state == "finished"


def test_a_campaign_and_a_plan_need_no_look_up(sender: Sender, state: EmulatorState, tmp_path: Path) -> None:
    """A phone is whom Meta's API writes to."""
    people = tmp_path / "p.csv"
    phones = [f"+52155123456{number:02}" for number in range(10)]
    for phone in phones:
        state.conversations.create(phone)
    people.write_text("phone\n" + "\n".join(phones[:5]), encoding="utf-8")
    loaded = load_text("name: one\nsteps: [{message: hola}]", "one.yaml")
    result = asyncio.run(
        run_campaign_async(loaded, AudienceRequest(people), sender, journal=tmp_path / "j.db", confirm=lambda _: True)
    )
    assert result.states == {"finished": 5}
    people.write_text("phone\n" + "\n".join(phones[5:]), encoding="utf-8")
    (tmp_path / "one.yaml").write_text("name: one\nsteps: [{message: hola}]", encoding="utf-8")
    from flowrunner.flow import load_file

    plan, flow = tmp_path / "one.plan", load_file(tmp_path / "one.yaml")
    asyncio.run(make_plan_async(flow, people, plan, sender, journal=tmp_path / "j.db"))
    assert '"type":"text","text":{"body":"hola"}' in plan.read_text(encoding="utf-8")
    nobody = Sender(KEY, rate=Rate(100_000, 1.0))
    result = asyncio.run(run_plan_async(plan, nobody, confirm=lambda _: True))
    assert result.states == {"finished": 5}
    assert kept(state) == ["text"] * 10


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Sender(KEY, dialect="meta"), "no number to send from"),
        (Sender(KEY, dialect="meta", number="+1 555"), "is not a phone_number_id"),
        (Sender(KEY, dialect="kapso", number="1"), "'kapso' is not a dialect"),
        (Sender(KEY, number="a b"), "is not a whatsapp_config_id"),
        (Sender(dialect="meta", number="1"), "no API key"),
    ],
)
def test_a_sender_that_cannot_send_is_refused_with_a_remedy(wrong: Sender, said: str) -> None:
    """Before anything is written or sent."""
    with pytest.raises(SenderError, match=said) as refused:
        wrong.check()
    assert refused.value.hint
