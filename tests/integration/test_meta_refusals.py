"""What Meta's API refuses, in either form of an error, what becomes of it, and how far messages came."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.senders.sender import Sender
from flowrunner.cli.cautions import warn_of_doubts
from flowrunner.delivery.doubt.attempt import quoted_by
from flowrunner.engine.history.state import state_of
from flowrunner.flow import load_text
from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind, Message, MessageStep, Recipient
from support.meta_judge import MetaJudge
from support.meta_runs import ANA, TARGET, carried_out, refreshed
from support.virtual import VirtualClock

ONE = "name: one\nsteps:\n  - message: Hola\n"
NEWS = "name: news\nsteps:\n  - message: {message_type: template, template_name: news, template_language: es}\n"
OTHER = NEWS.replace("news", "offer")
MARIA = Recipient(user_id="MX.13491208655302741918")
BUSY = [
    {"error": "Another message is already in-flight for this conversation. Please retry shortly."},
    {"error": {"message": "A message is being sent to this recipient. Wait and retry.", "code": 409}},
    None,
]
"""409 has one meaning there, whatever its words are."""
SHUT = "Cannot send non-template messages outside the 24-hour window."
CREDIT = {
    "error": "Your Kapso balance doesn't cover it.",
    "code": "insufficient_credits",
    "billing_url": "https://b.example",
}
STOPPED = {"error": "Contact stopped marketing messages", "code": "marketing_preference_stopped"}


def failed(events: list[Event]) -> dict[str, Any]:
    assert events[-1].kind is EventKind.FAILED
    return dict(events[-1].detail)


REFUSALS: list[tuple[int, Any, str, str, str]] = [
    (402, CREDIT, "insufficient_credits", "sender", "https://b.example"),
    (401, {"error": {"message": "Invalid OAuth access token.", "code": 190}}, "190", "sender", "connect the number"),
    (422, {"error": "Messaging account does not match", "code": "messaging_account_mismatch"},
     "messaging_account_mismatch", "sender", "account"),
    (422, STOPPED, "marketing_preference_stopped", "recipient", "stopped marketing"),
    (422, {"error": {"message": SHUT, "type": "MessageError", "code": 131047}}, "131047", "recipient", "template"),
    (422, {"error": SHUT}, "131047", "recipient", "template"),
    (422, {"error": {"message": "Receiver Incapable", "code": 1026}}, "1026", "", "another kind"),
    (400, {"error": {"message": "(#131009) Parameter value is not valid", "code": 131009,
                     "error_data": {"details": "text is too long"}}}, "131009", "", "wrong"),
    (404, {"error": {"message": "Template name does not exist", "code": 132001}}, "132001", "", "template_name"),
    (400, {"error": {"message": "Unsupported post request. Object with ID '17' does not exist, cannot be loaded due "
                                "to missing permissions, or does not support this operation.",
                     "type": "GraphMethodException", "code": 100, "error_subcode": 33}}, "100", "sender", "--number"),
    (404, {"error": {"message": "Phone number not found", "code": 100}}, "100", "sender", "--number"),
    (400, {"error": {"message": "(#131030) Recipient phone number not in allowed list", "code": 131030}}, "131030",
     "recipient", "on its list"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "code", "concerns", "hint"), REFUSALS)
def test_each_refusal_is_told_in_its_own_words(
    status: int, body: Any, code: str, concerns: str, hint: str, tmp_path: Path, clock: VirtualClock
) -> None:
    """Nothing was sent; whoever it concerns, and what to do, stands in the event."""
    judge = MetaJudge(clock, answers={1: (status, body)})
    told = failed(clock.run(carried_out(judge, tmp_path, ONE)))
    assert (told.get("code", ""), told.get("concerns", "")) == (code, concerns)
    assert hint in told["hint"]
    assert judge.taken == []


@pytest.mark.parametrize("busy", BUSY, ids=["words", "other words", "none"])
def test_what_is_in_flight_is_waited_for(busy: Any, tmp_path: Path, clock: VirtualClock) -> None:
    """A moment later the same message goes out, once, by its next attempt."""
    judge = MetaJudge(clock, answers={1: (409, busy), 2: (400, {"error": {"message": "rate", "code": 131056}})})
    events = clock.run(carried_out(judge, tmp_path, ONE))
    assert (judge.copies(), events[-1].kind) == (["Hola"], EventKind.FINISHED)
    assert [each["biz_opaque_callback_data"].rpartition(":")[2] for each in judge.posts] == ["1", "2", "3"]
    run = events[0].run
    assert judge.posts[-1]["biz_opaque_callback_data"] == f"fr:{run}:1:3"
    assert ANA.phone.strip("+") not in judge.posts[-1]["biz_opaque_callback_data"]


@pytest.mark.parametrize("late", [False, True], ids=["refused", "failed on its way"])
def test_who_has_stopped_marketing_gets_no_flow_that_begins_with_a_template(
    late: bool, tmp_path: Path, clock: VirtualClock
) -> None:
    """For good, by whatever flow; what they may be sent within a day of writing they still are."""
    judge = MetaJudge(clock, answers={} if late else {1: (422, STOPPED)})
    if late:
        judge.lag, judge.failures = 0.0, [{"code": 131050, "title": "User has stopped marketing messages"}]
    first = NEWS.replace("template_language: es}", "template_language: es}\n    until: delivered")
    failed(clock.run(carried_out(judge, tmp_path, first)))
    posts = len(judge.posts)
    for flow in (first, OTHER):
        (withheld,) = clock.run(carried_out(judge, tmp_path, flow))
        assert (withheld.kind, withheld.step) == (EventKind.SKIPPED, "")
        assert withheld.detail["reason"] == "has stopped marketing messages"
    assert len(judge.posts) == posts
    judge.failures = []
    assert clock.run(carried_out(judge, tmp_path, ONE))[-1].kind is EventKind.FINISHED
    other = Recipient(phone="+5215500000009")
    assert clock.run(carried_out(judge, tmp_path, NEWS, other))[-1].kind is EventKind.FINISHED


def test_what_whatsapp_holds_is_said(tmp_path: Path, clock: VirtualClock) -> None:
    """It was accepted, and may still fail."""
    judge = MetaJudge(clock, held=True)
    events = clock.run(carried_out(judge, tmp_path, NEWS))
    (accepted,) = [event for event in events if event.kind is EventKind.ACCEPTED]
    assert accepted.detail["held"] is True
    assert "may still fail" in str(accepted.detail["reason"])
    assert events[-1].kind is EventKind.FINISHED


def test_a_status_is_one_question_a_look(tmp_path: Path, clock: VirtualClock) -> None:
    """No list is read for it; that the API told what it was posted with is kept."""
    judge = MetaJudge(clock, lag=3.0)
    clock.run(carried_out(judge, tmp_path, ONE + "    until: delivered\n"))
    assert judge.asked[0] == "POST /meta/whatsapp/v24.0/17/messages"
    assert set(judge.asked[1:]) == {"GET /platform/v1/whatsapp/messages/wamid.000"}

    async def echoes() -> bool:
        async with open_journal(tmp_path / "journal.db", clock=clock) as journal:
            return await journal.echoes(TARGET)

    assert clock.run(echoes())


@pytest.mark.parametrize(("cut", "there"), [("after", ["Hola"]), ("before", ["Hola"])])
def test_somebody_without_a_number_is_written_to_and_looked_up(
    cut: str, there: list[str], tmp_path: Path, clock: VirtualClock
) -> None:
    """By the user id alone, null in every field that has a number."""
    judge = MetaJudge(clock, cuts={1: cut}, lag=0.0)
    judge.foreign(3, "Hola", whom="MX.7")
    events = clock.run(carried_out(judge, tmp_path, ONE, MARIA))
    assert (judge.copies(), events[-1].kind) == (there, EventKind.FINISHED)
    assert judge.posts[0]["recipient"] == MARIA.user_id
    assert "to" not in judge.posts[0]


def test_without_statuses_only_time_is_waited_for(tmp_path: Path, clock: VirtualClock) -> None:
    """Nothing is asked of an API that tells nothing."""
    judge = MetaJudge(clock, lists=False)
    clock.run(carried_out(judge, tmp_path, ONE + "    until: delivered\n    on_timeout: continue\n  - message: dos\n"))
    assert {each.partition(" ")[0] for each in judge.asked} == {"POST"}
    assert judge.copies() == ["Hola", "dos"]


def test_a_quote_is_of_what_was_sent() -> None:
    """The step's id stands in the flow, WhatsApp's on the wire; what was not taken is not quoted."""
    flow = load_text("name: f\nsteps:\n  - id: hello\n    message: Hola\n  - message: dos\n", "f.yaml").flow
    assert flow is not None
    step = flow.steps[1]
    assert isinstance(step, MessageStep)
    begun = Event(EventKind.BEGUN, "r", 1.0, "1")
    accepted = Event(EventKind.ACCEPTED, "r", 2.0, "1", "wamid.A")
    for body, events, quoted in (
        ({"content": "dos", "reply_to": "hello"}, [begun, accepted], "wamid.A"),
        ({"content": "dos", "reply_to": "hello"}, [begun], ""),
        ({"content": "dos", "reply_to": "wamid.B"}, [begun, accepted], ""),
        ({"content": "dos"}, [begun, accepted], ""),
    ):
        assert quoted_by(Message(step, body, ""), state_of(events), flow) == quoted


@pytest.mark.parametrize(
    ("sender", "target", "warned"),
    [
        (Sender("k", dialect="meta", number="1"), "meta https://graph.facebook.com/v24.0/1", True),
        (Sender("k", in_doubt="stop"), "meta https://graph.facebook.com/v24.0/1", False),
        (Sender("k"), "meta https://api.kapso.ai/meta/whatsapp/v24.0/1", False),
        (Sender("k"), "https://app.kapso.ai/api/v1", False),
        (Sender("k"), "emulator meta", False),
    ],
)
def test_what_cannot_be_looked_up_is_said_before_it_begins(
    sender: Sender, target: str, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do."""
    warn_of_doubts(sender, target)
    said = capsys.readouterr().err
    assert ("lists no messages" in said, "--in-doubt" in said) == (warned, warned)


def test_what_fails_after_a_run_ended_stops_marketing_too(tmp_path: Path, clock: VirtualClock) -> None:
    """Most refusals come later: whoever asks for statuses learns of them, one question a message."""
    judge = MetaJudge(clock, lag=0.0, failures=[{"code": 131050, "title": "User has stopped marketing messages"}])
    assert clock.run(carried_out(judge, tmp_path, NEWS))[-1].kind is EventKind.FINISHED
    learnt = clock.run(refreshed(judge, tmp_path))
    assert (learnt.asked, learnt.failed) == (1, 1)
    (withheld,) = clock.run(carried_out(judge, tmp_path, OTHER))
    assert withheld.detail["reason"] == "has stopped marketing messages"


def test_an_api_that_tells_no_statuses_says_so(tmp_path: Path, clock: VirtualClock) -> None:
    """Once for each run, and asks nothing."""
    judge = MetaJudge(clock, lists=False)
    clock.run(carried_out(judge, tmp_path, NEWS))
    learnt = clock.run(refreshed(judge, tmp_path))
    assert (learnt.asked, learnt.unread) == (0, 1)
    assert "does not tell how far" in learnt.reason
    assert len(judge.asked) == 1


def test_one_message_that_the_api_does_not_know_any_more_hides_no_other(tmp_path: Path, clock: VirtualClock) -> None:
    """What became of those that it knows is learnt."""
    judge = MetaJudge(clock, lag=0.0)
    clock.run(carried_out(judge, tmp_path, "name: two\nsteps: [{message: uno}, {message: dos}]\n"))
    del judge.taken[0]
    learnt = clock.run(refreshed(judge, tmp_path))
    assert (learnt.asked, learnt.unread, learnt.moved) == (1, 0, 1)


MARK = """
name: marking
steps: [{message: Hola}, {message: {message_type: read, typing: true}}, {message: dos}]
"""


@pytest.mark.parametrize("cuts", [{}, {2: "before"}, {2: "after"}], ids=str)
def test_what_the_person_wrote_last_is_marked_as_read(
    cuts: dict[int, str], tmp_path: Path, clock: VirtualClock
) -> None:
    """Again, where nobody knows whether it was done; nothing of it is in doubt, and none is a message."""
    judge = MetaJudge(clock, inbound=["wamid.in.1", "wamid.in.2"], cuts=cuts)
    events = clock.run(carried_out(judge, tmp_path, MARK))
    assert (judge.copies(), events[-1].kind) == (["Hola", "dos"], EventKind.FINISHED)
    assert {each["message_id"] for each in judge.marks} == {"wamid.in.2"}
    assert judge.marks[0]["typing_indicator"] == {"type": "text"}
    assert len(judge.marks) == (2 if cuts.get(2) == "after" else 1)
    assert not [event for event in events if event.kind is EventKind.IN_DOUBT]


def test_what_was_taken_is_kept_before_it_is_asked_what_to_mark(tmp_path: Path, clock: VirtualClock) -> None:
    """A crash while the API is asked leaves nothing in doubt."""
    kept: list[int] = []

    class Looking(MetaJudge):
        def _get(self, path: str, query: Any) -> tuple[int, Any]:
            with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
                kept.extend(db.execute("SELECT count(*) FROM events WHERE kind = 'accepted'").fetchone())
            return super()._get(path, query)

    clock.run(carried_out(Looking(clock, inbound=["wamid.in.1"]), tmp_path, MARK))
    assert kept
    assert {*kept} == {1}


def test_who_has_written_nothing_has_nothing_marked(tmp_path: Path, clock: VirtualClock) -> None:
    """The step is left out, and the flow goes on."""
    judge = MetaJudge(clock)
    events = clock.run(carried_out(judge, tmp_path, MARK))
    assert (judge.copies(), judge.marks, events[-1].kind) == (["Hola", "dos"], [], EventKind.FINISHED)
    (skipped,) = [event for event in events if event.kind is EventKind.SKIPPED]
    assert "written nothing" in str(skipped.detail["reason"])


@pytest.mark.parametrize("taken", [True, False])
def test_a_program_that_ended_while_it_marked_marks_once_more(taken: bool, tmp_path: Path, clock: VirtualClock) -> None:
    """Nothing of it is in doubt, nor looked up; the messages before and after it are there once."""
    judge = MetaJudge(clock, inbound=["wamid.in.1"], cuts={2: "after" if taken else "before"})
    stop = asyncio.Event()
    judge.heard[2] = stop.set
    events = clock.run(carried_out(judge, tmp_path, MARK, stop=stop))
    assert (judge.copies(), len(judge.marks)) == (["Hola"], int(taken))
    judge.cuts, asked = {}, len(judge.asked)
    events = clock.run(carried_out(judge, tmp_path, MARK, goes_on=True))
    assert (judge.copies(), len(judge.marks)) == (["Hola", "dos"], int(taken) + 1)
    assert not [event for event in events if event.kind is EventKind.IN_DOUBT]
    wrote = "GET /meta/whatsapp/v24.0/17/messages"
    assert [each.rpartition("/")[2] for each in judge.asked[asked:] if each != wrote] == [
        "conversations",
        "conversations",
        "messages",
        "messages",
    ]  # by both spellings of the phone; the mark, and the message


def test_a_message_that_is_named_is_marked_without_a_question(tmp_path: Path, clock: VirtualClock) -> None:
    """Also where the API lists nothing; there the last one is not known, and the step is left out."""
    named = MARK.replace("typing: true", "message_id: wamid.in.7")
    judge = MetaJudge(clock, lists=False)
    assert clock.run(carried_out(judge, tmp_path, named))[-1].kind is EventKind.FINISHED
    assert [(each["message_id"], "typing_indicator" in each) for each in judge.marks] == [("wamid.in.7", False)]
    assert len(judge.asked) == 3
    events = clock.run(carried_out(judge, tmp_path, MARK))
    (skipped,) = [event for event in events if event.kind is EventKind.SKIPPED]
    assert "message_id would name it" in str(skipped.detail["reason"])


def test_a_mark_that_is_refused_is_said_with_its_reason(tmp_path: Path, clock: VirtualClock) -> None:
    """The run stops there, as at a message."""
    judge = MetaJudge(clock, inbound=["wamid.in.1"], answers={2: (400, {"error": {"message": "too old", "code": 100}})})
    last = clock.run(carried_out(judge, tmp_path, MARK))[-1]
    assert (last.kind, "too old" in str(last.detail["reason"])) == (EventKind.FAILED, True)


def test_a_mark_has_no_status_to_ask_for(tmp_path: Path, clock: VirtualClock) -> None:
    """Nor is it waited for."""
    judge = MetaJudge(clock, inbound=["wamid.in.1"])
    clock.run(carried_out(judge, tmp_path, MARK))
    clock.run(refreshed(judge, tmp_path))
    asked = [each for each in judge.asked if "/platform/" in each]
    assert [each.rpartition("/")[2] for each in asked] == ["wamid.000", "wamid.001"]
