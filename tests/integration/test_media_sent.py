"""The files of a flow: uploaded once for each sender, before the first message leaves, and sent by their ids."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowrunner.app.campaigns.send import run_campaign_async
from flowrunner.app.plans.make import make_plan_async
from flowrunner.app.plans.run import run_plan_async
from flowrunner.app.resuming.resume import resume_async
from flowrunner.app.runs.send import RunResult, begin_run
from flowrunner.app.senders.sender import Sender
from flowrunner.client import EMULATOR
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Rate
from flowrunner.delivery.uploads import DAY, UploadError
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.flow import load_file
from flowrunner.journal import Upload, open_journal
from flowrunner.model import EventKind, Recipient
from support.clocks import FastClock
from support.media_files import SAMPLES, png
from support.media_judge import NUMBER, MediaJudge, judging
from support.program import KEY, logged

PICTURE, PDF = png(), SAMPLES["pdf"][0]
FLOW = """name: guide
steps:
  - message: {message_type: document, media_file: "./guía \\"1\\".pdf"}
  - message: {message_type: image, media_file: ./hello.png}
  - message: {message_type: image, media_file: hello.png, caption: again}
"""
PEOPLE = [Recipient(phone=f"+521551234567{number}") for number in range(3)]


@pytest.fixture
def judge() -> Iterator[MediaJudge]:
    with judging() as judge:
        yield judge


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    (tmp_path / "hello.png").write_bytes(PICTURE)
    (tmp_path / 'guía "1".pdf').write_bytes(PDF)
    (tmp_path / "guide.yaml").write_text(FLOW, "utf-8")
    (tmp_path / "people.csv").write_text("phone\n" + "".join(f"{each.phone}\n" for each in PEOPLE), "utf-8")
    return tmp_path / "guide.yaml"


def sender(judge: MediaJudge, **more: object) -> Sender:
    settings = {"rate": Rate(100_000, 1.0), "grace": 0.3, "timeout": 30.0, "max_wait": 5.0, **more}
    return Sender(KEY, judge.url, dialect="meta", number=NUMBER, **settings)


async def sent(flow: Path, its: Sender, whom: Recipient = PEOPLE[0], clock: Clock | None = None) -> RunResult:
    """The flow, to one person."""
    journal, loaded = flow.parent / "j.db", load_file(flow)
    clock = clock or FastClock()
    async with begin_run(loaded, {}, whom, its, journal, warn=lambda _: None, again=True, clock=clock) as delivery:
        return await delivery.carried_out(None)


def test_each_file_is_uploaded_once_before_the_first_message(judge: MediaJudge, flow: Path) -> None:
    """However many messages, runs and people it is for; as a strict server reads forms."""
    for person in PEOPLE:
        assert asyncio.run(sent(flow, sender(judge), person)).state == "finished"
    assert judge.asked[:3] == ["media", "media", "messages"]
    assert judge.uploads == 2
    assert sorted(judge.files.values()) == [(PDF, "application/pdf"), (PICTURE, "image/png")]
    assert judge.sent == [PDF, PICTURE, PICTURE] * len(PEOPLE)


def test_another_sender_uploads_its_own(judge: MediaJudge, flow: Path) -> None:
    """Only the number that has uploaded a file may send it."""
    asyncio.run(sent(flow, sender(judge)))
    with judging() as other:
        asyncio.run(sent(flow, sender(other)))
        assert (judge.uploads, other.uploads) == (2, 2)


@pytest.mark.parametrize(("days", "uploads"), [(28.9, 2), (29.1, 4), (40, 4)])
def test_an_upload_is_good_for_a_day_less_than_it_is_kept(
    judge: MediaJudge, flow: Path, days: float, uploads: int
) -> None:
    """30 days, by Meta's page."""
    asyncio.run(sent(flow, sender(judge)))
    asyncio.run(sent(flow, sender(judge), PEOPLE[1], FastClock(days * DAY)))
    assert judge.uploads == uploads


def test_what_the_api_has_lost_is_uploaded_again_once(judge: MediaJudge, flow: Path) -> None:
    """Its refusal says so; a message that it refuses again has failed."""
    asyncio.run(sent(flow, sender(judge)))
    judge.forget()
    result = asyncio.run(sent(flow, sender(judge), PEOPLE[1]))
    assert result.state == "finished"
    assert judge.uploads == 4
    assert [each.kind for each in result.events].count(EventKind.RETRYING) == 2
    assert judge.sent == [PDF, PICTURE, PICTURE] * 2


def test_a_message_that_stays_refused_fails(judge: MediaJudge, flow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is uploaded for ever."""
    refused = 400, {"error": {"message": "Media upload error", "code": 131053}}
    monkeypatch.setattr(judge, "message", lambda _: refused)
    assert asyncio.run(sent(flow, sender(judge))).state == "failed"
    assert asyncio.run(sent(flow, sender(judge))).state == "failed"
    assert judge.uploads == 3, "the second run could not know that it would help nobody"


@pytest.mark.parametrize("how", ["busy", "cuts"])
def test_an_upload_that_did_not_end_well_is_made_again(judge: MediaJudge, flow: Path, how: str) -> None:
    """Nobody is sent anything by it, so nothing is in doubt."""
    setattr(judge, how, 1)
    assert asyncio.run(sent(flow, sender(judge))).state == "finished"
    assert judge.sent == [PDF, PICTURE, PICTURE]


def test_a_file_that_the_api_refuses_stops_before_anything_is_sent(judge: MediaJudge, flow: Path) -> None:
    """In its own words; nothing is written either."""
    judge.refuses = 400, {"error": {"message": "Media upload error", "code": 131053}}
    with pytest.raises(UploadError, match="could not be uploaded: Media upload error"):
        asyncio.run(sent(flow, sender(judge)))
    assert judge.sent == []

    async def runs() -> int:
        async with open_journal(flow.parent / "j.db", clock=SYSTEM) as journal:
            return len(await journal.runs())

    assert asyncio.run(runs()) == 0


def test_two_that_begin_at_once_upload_once(judge: MediaJudge, flow: Path) -> None:
    """The second waits for the first."""
    judge.gate.clear()

    async def both() -> None:
        runs = [asyncio.create_task(sent(flow, sender(judge), person)) for person in PEOPLE[:2]]
        await asyncio.to_thread(judge.begun.wait, 20)
        await asyncio.sleep(0.3)
        judge.gate.set()
        assert [(await each).state for each in runs] == ["finished", "finished"]

    asyncio.run(both())
    assert judge.uploads == 2


def test_an_upload_that_was_given_up_is_made_again(judge: MediaJudge, flow: Path) -> None:
    """Whoever was stopped in the middle leaves nothing behind that another would wait for."""
    judge.gate.clear()

    async def stopped() -> None:
        run = asyncio.create_task(sent(flow, sender(judge)))
        await asyncio.to_thread(judge.begun.wait, 20)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)

    asyncio.run(stopped())
    judge.gate.set()
    assert asyncio.run(sent(flow, sender(judge))).state == "finished"


_KILLED = """
import asyncio, sys
from pathlib import Path
from flowrunner.app.runs.send import begin_run
from flowrunner.app.senders.sender import Sender
from flowrunner.flow import load_file
from flowrunner.model import Recipient

async def main(flow, url, number, key):
    its = Sender(key, url, dialect="meta", number=number)
    whom = Recipient(phone="+5215512345670")
    async with begin_run(load_file(flow), {}, whom, its, flow.parent / "j.db", warn=lambda _: None):
        pass

asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
"""


def test_an_upload_that_was_killed_is_made_again(judge: MediaJudge, flow: Path) -> None:
    """At once: that its process has ended is known, whatever lease it had."""
    judge.gate.clear()
    given = (_KILLED, flow, judge.url, NUMBER, KEY)
    with logged(*given, cwd=flow.parent, log=flow.parent / "log", module="support.script") as process:
        assert judge.begun.wait(20)
        process.kill()
    judge.gate.set()
    assert asyncio.run(asyncio.wait_for(sent(flow, sender(judge)), 20)).state == "finished"
    assert judge.sent == [PDF, PICTURE, PICTURE]


async def _begun(flow: Path, judge: MediaJudge) -> str:
    """A run that has stopped after its first message."""
    stop = asyncio.Event()
    loaded = load_file(flow)
    async with begin_run(loaded, {}, PEOPLE[0], sender(judge), flow.parent / "j.db", warn=lambda _: None) as delivery:
        await delivery.carried_out(stop, lambda each: stop.set() if each.kind is EventKind.ACCEPTED else None)
        return delivery.run.id


@pytest.mark.parametrize("change", ["changed", "gone"])
@pytest.mark.parametrize("is_kept", [True, False])
def test_a_run_goes_on_with_the_file_that_it_began_with(
    judge: MediaJudge, flow: Path, change: str, is_kept: bool
) -> None:
    """By its upload as long as there is one; then never with another file."""
    run, file = asyncio.run(_begun(flow, judge)), flow.parent / "hello.png"
    file.unlink() if change == "gone" else file.write_bytes(png(9, 9))
    clock = FastClock(0 if is_kept else 31 * DAY)
    going_on = resume_async(run, sender(judge), journal=flow.parent / "j.db", clock=clock)
    if is_kept:
        assert asyncio.run(going_on).state == "finished"
        assert judge.sent == [PDF, PICTURE, PICTURE]
        return
    with pytest.raises(UploadError, match=r"hello.png (cannot be read|is another file)"):
        asyncio.run(going_on)
    file.write_bytes(PICTURE)
    again = resume_async(run, sender(judge), journal=flow.parent / "j.db", clock=clock)
    assert asyncio.run(again).state == "finished"
    assert judge.sent == [PDF, PICTURE, PICTURE]


def test_a_file_whose_message_was_sent_need_not_be_there(judge: MediaJudge, flow: Path) -> None:
    """Only what is still to be sent is needed."""
    run = asyncio.run(_begun(flow, judge))
    (flow.parent / 'guía "1".pdf').unlink()
    going_on = resume_async(run, sender(judge), journal=flow.parent / "j.db", clock=FastClock(31 * DAY))
    assert asyncio.run(going_on).state == "finished"


def test_a_campaign_uploads_all_files_first(judge: MediaJudge, flow: Path) -> None:
    """Before anybody gets anything; each once."""
    its = run_campaign_async(
        load_file(flow),
        flow.parent / "people.csv",
        sender(judge),
        journal=flow.parent / "j.db",
        confirm=lambda _: True,
        clock=FastClock(),
    )
    result = asyncio.run(its)
    assert result.states == {"finished": len(PEOPLE)}
    assert judge.asked[:2] == ["media", "media"]
    assert judge.asked.count("media") == 2
    assert sorted(judge.sent, key=str) == sorted([PDF, PICTURE, PICTURE] * len(PEOPLE), key=str)


def test_a_plan_is_of_the_files_that_were_looked_at(judge: MediaJudge, flow: Path) -> None:
    """What was planned is sent, or nothing is."""
    plan, journal = flow.parent / "guide.plan", flow.parent / "j.db"
    its = sender(judge)
    asyncio.run(make_plan_async(load_file(flow), flow.parent / "people.csv", plan, its, journal=journal))
    assert judge.asked == []
    (flow.parent / "hello.png").write_bytes(png(9, 9))
    with pytest.raises(RefusedError, match=r"hello\.png was changed after the plan was made"):
        asyncio.run(run_plan_async(plan, its, confirm=lambda _: True))
    assert judge.sent == []
    (flow.parent / "hello.png").write_bytes(PICTURE)


def test_a_plan_is_carried_out_with_its_files(judge: MediaJudge, flow: Path) -> None:
    """From anywhere else's point of view the same."""
    plan, journal = flow.parent / "guide.plan", flow.parent / "j.db"
    asyncio.run(make_plan_async(load_file(flow), flow.parent / "people.csv", plan, sender(judge), journal=journal))
    result = asyncio.run(run_plan_async(plan, sender(judge), confirm=lambda _: True))
    assert result.states == {"finished": len(PEOPLE)}
    assert judge.uploads == 2


def test_an_upload_takes_its_turn_at_the_rate(judge: MediaJudge, flow: Path) -> None:
    """Two uploads leave as many fewer messages of what the key may send in a minute."""

    async def waits() -> list[bool]:
        its = sender(judge, rate=Rate(100, 60.0))
        journal, loaded = flow.parent / "j.db", load_file(flow)
        async with begin_run(loaded, {}, PEOPLE[0], its, journal, warn=lambda _: None) as delivery:
            return [delivery.pace.forecast(count) > 0 for count in (98, 99)]

    assert asyncio.run(waits()) == [False, True]


def test_the_embedded_emulator_takes_files_and_the_journal_does_not_rely_on_it(flow: Path, tmp_path: Path) -> None:
    """It ends with the program."""
    its = Sender(KEY, EMULATOR, dialect="meta", number=NUMBER_ID)
    assert asyncio.run(sent(flow, its)).state == "finished"
    assert asyncio.run(sent(flow, its)).state == "finished"

    async def kept() -> Upload | None:
        media = load_file(flow).flow.bundle.media  # type: ignore[union-attr]
        async with open_journal(tmp_path / "j.db", clock=SYSTEM) as journal:
            return await journal.upload(its.target, media["hello.png"].digest)

    assert asyncio.run(kept()) is None


def test_the_emulator_on_a_socket_takes_them(url: str, state: EmulatorState, flow: Path) -> None:
    """It tells types by the bytes, and refuses an id that is none."""
    its = Sender(KEY, url, rate=Rate(100_000, 1.0), grace=0.3, timeout=5.0, dialect="meta", number=NUMBER_ID)
    assert asyncio.run(sent(flow, its, Recipient(phone="+5215512345678"))).state == "finished"
    kept = [state.uploads.get(str(300_000_000_000_001 + number)) for number in range(3)]
    assert [each and each.mime for each in kept] == ["application/pdf", "image/png", None]


@pytest.mark.parametrize("fault", ["cut-before", "cut-after"])
def test_a_picture_in_doubt_is_known_by_its_upload(url: str, state: EmulatorState, flow: Path, fault: str) -> None:
    """The list has its id, and nothing else that tells it from another: sent once, whether it was taken or not."""
    state.faults.add(parse_fault("no-echo:count=9"))
    state.faults.add(parse_fault(f"{fault}:after=1,count=1"))
    its = Sender(KEY, url, rate=Rate(100_000, 1.0), grace=0.3, timeout=2.0, dialect="meta", number=NUMBER_ID)
    result = asyncio.run(sent(flow, its, Recipient(phone="+5215512345678")))
    assert (result.state, EventKind.IN_DOUBT in [each.kind for each in result.events]) == ("finished", True)
    assert [json.loads(each.raw)["type"] for each in state.received()] == ["document", "image", "image"]


def test_v1_takes_no_files(flow: Path, tmp_path: Path) -> None:
    """Said before anything is sent."""
    its = Sender(KEY, EMULATOR)
    with pytest.raises(Exception, match="kapso-v1"):
        asyncio.run(sent(flow, its, Recipient(phone="+5215512345678")))
