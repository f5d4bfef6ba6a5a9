"""All that the command line does, done by a Python program: one call for each use case."""

from pathlib import Path

import pytest

import flowrunner
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from support.program import KEY, flow, texts
from support.program import flowrunner as program

PHONE = "+5215512345678"


@pytest.fixture
def loaded(tmp_path: Path) -> flowrunner.Loaded:
    """A flow of two messages for somebody with a name."""
    steps = ['{message: "hi {{ name }}"}', '{message: "bye"}']
    return flowrunner.load(flow(tmp_path / "hello.yaml", steps, "{name: {type: string}}"))


@pytest.fixture
def people(tmp_path: Path, state: EmulatorState) -> Path:
    """Three people, each with a conversation."""
    lines = ["phone,name"]
    for number in range(3):
        state.conversations.create(f"+52155123456{number:02}")
        lines.append(f"+52155123456{number:02},Ana {number}")
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_somebody_is_looked_up_by_phone(url: str) -> None:
    """In any spelling; whoever has no conversation is an error with a remedy."""
    sender = flowrunner.Sender(KEY, url)
    assert flowrunner.find_recipient("+52 55 1234-5678", sender).conversation == "c1"
    with pytest.raises(flowrunner.RecipientError, match="no active conversation") as caught:
        flowrunner.find_recipient("+4915112345678", sender)
    assert caught.value.hint
    with pytest.raises(flowrunner.SenderError, match="no API key"):
        flowrunner.find_recipient(PHONE, flowrunner.Sender(api_url=url))


def test_a_campaign_is_confirmed_sent_and_reported(
    tmp_path: Path, state: EmulatorState, url: str, loaded: flowrunner.Loaded, people: Path
) -> None:
    """What is confirmed is what is sent; the report has every recipient; nobody is sent it twice."""
    sender, journal = flowrunner.Sender(KEY, url, flowrunner.Rate(1000, 1.0)), tmp_path / "j.db"
    seen: list[flowrunner.Facts] = []
    events: list[flowrunner.CampaignEvent] = []

    with pytest.raises(flowrunner.RefusedError, match="not confirmed"):
        flowrunner.run_campaign(loaded, people, sender, journal=journal, confirm=lambda _: False)
    assert texts(state) == []
    result = flowrunner.run_campaign(
        loaded, people, sender, journal=journal, on_event=events.append,
        confirm=lambda facts: not seen.append(facts),  # type: ignore[func-returns-value]
    )  # fmt: skip
    assert (seen[0].people, seen[0].messages) == (3, 6)
    assert dict(result.states) == {"finished": 3}
    assert len(texts(state)) == 6
    assert {each.line for each in events} == {2, 3, 4}
    report = flowrunner.report(result.campaign.id, journal=journal)
    assert [(each.state, each.variables["name"]) for each in report.recipients] == [
        ("finished", f"Ana {number}") for number in range(3)
    ]
    with pytest.raises(flowrunner.NobodyLeftError) as caught:
        flowrunner.run_campaign(loaded, people, sender, journal=journal, confirm=lambda _: True)
    assert caught.value.checked.left_out == {"had this flow before": 3}


def test_what_is_wrong_with_an_audience_is_said_before_anything_is_sent(
    tmp_path: Path, state: EmulatorState, url: str, loaded: flowrunner.Loaded, people: Path
) -> None:
    """As Diagnostics with their places; invalid rows can be left out."""
    people.write_text(people.read_text(encoding="utf-8") + "nobody,Ana\n", encoding="utf-8")
    sender = flowrunner.Sender(KEY, url, flowrunner.Rate(1000, 1.0))
    with pytest.raises(flowrunner.AudienceError) as caught:
        flowrunner.run_campaign(loaded, people, sender, journal=tmp_path / "j.db", confirm=lambda _: True)
    assert [(each.location.line, each.code) for each in caught.value.diagnostics] == [(5, "bad-recipient")]
    assert texts(state) == []
    request = flowrunner.AudienceRequest(people, selection=flowrunner.Selection(skip_invalid=True))
    result = flowrunner.run_campaign(loaded, request, sender, journal=tmp_path / "j.db", confirm=lambda _: True)
    assert dict(result.states) == {"finished": 3, "invalid": 1}


def test_a_plan_is_made_and_carried_out_unchanged(
    tmp_path: Path, state: EmulatorState, url: str, loaded: flowrunner.Loaded, people: Path
) -> None:
    """For an audience and for one recipient; a plan whose flow has changed since is refused."""
    sender, journal = flowrunner.Sender(KEY, url, flowrunner.Rate(1000, 1.0)), tmp_path / "j.db"
    facts = flowrunner.make_plan(loaded, people, tmp_path / "all.plan", sender, journal=journal)
    assert (facts.people, facts.messages, texts(state)) == (3, 6, [])
    result = flowrunner.run_plan(tmp_path / "all.plan", sender, confirm=lambda facts: facts.people == 3)
    assert dict(result.states) == {"finished": 3}
    with pytest.raises(flowrunner.PlanError, match="had the flow after"):
        flowrunner.run_plan(tmp_path / "all.plan", sender, confirm=lambda _: True)
    whom = flowrunner.Recipient(phone=PHONE)
    flowrunner.make_plan(loaded, whom, tmp_path / "one.plan", sender, journal=journal, variables={"name": "Ana"})
    Path(loaded.path).write_text("name: other\nsteps: [{message: hi}]\n", encoding="utf-8")
    with pytest.raises(flowrunner.PlanError, match="was changed"):
        flowrunner.run_plan(tmp_path / "one.plan", sender, confirm=lambda _: True)


def test_what_could_not_be_gone_on_with_is_not_begun(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """Chance depends on the conversation: who resumes a run makes the very texts that were begun, or none."""
    drawn = "{{ range(9999) | random }}"
    flow_of_chance = flowrunner.load(flow(tmp_path / "f.yaml", [f"{{message: '{drawn}'}}", f"{{message: '{drawn}'}}"]))
    sender, journal, whom = flowrunner.Sender(KEY, url), tmp_path / "j.db", flowrunner.Recipient(phone=PHONE)
    with pytest.raises(flowrunner.RecipientError, match="depends on the conversation") as caught:
        flowrunner.run(flowrunner.render(flow_of_chance, recipient=whom), key=KEY, journal=journal, api_url=url)
    assert "find_recipient" in caught.value.hint
    assert texts(state) == []
    rendering = flowrunner.render(flow_of_chance, recipient=flowrunner.find_recipient(PHONE, sender))
    state.faults.add(parse_fault("status:code=401,after=1,count=1"))
    begun = flowrunner.run(rendering, key=KEY, journal=journal, api_url=url)
    assert (begun.state, len(texts(state))) == ("failed", 1)
    assert getattr(flowrunner.resume(begun.run_id, sender, journal=journal), "state", "") == "finished"
    assert texts(state) == [each.wire for each in rendering.messages]


def test_a_run_and_a_campaign_are_resumed_refreshed_listed_and_cancelled(
    tmp_path: Path, state: EmulatorState, url: str, loaded: flowrunner.Loaded, people: Path
) -> None:
    """By the same ids as on the command line, in the same journal."""
    sender, journal = flowrunner.Sender(KEY, url, flowrunner.Rate(1000, 1.0)), tmp_path / "j.db"
    state.faults.add(parse_fault("status:code=401,after=1,count=1"))
    rendering = flowrunner.render(loaded, {"name": "Ana"}, recipient=flowrunner.Recipient(phone=PHONE))
    begun = flowrunner.run(rendering, key=KEY, journal=journal, api_url=url)
    assert begun.state == "failed"
    resumed = flowrunner.resume(begun.run_id, sender, journal=journal)
    assert isinstance(resumed, flowrunner.RunResult)
    assert (resumed.state, len(texts(state))) == ("finished", 2)
    assert flowrunner.resume(begun.run_id, sender, journal=journal) == flowrunner.RunResult(
        begun.run_id, "finished", ()
    )
    limits = flowrunner.Limits(canary=1)
    first = flowrunner.run_campaign(loaded, people, sender, journal=journal, limits=limits, confirm=lambda _: True)
    assert first.is_canary
    rest = flowrunner.resume(first.campaign.id, sender, journal=journal)
    assert isinstance(rest, flowrunner.CampaignResult)
    assert dict(rest.states) == {"finished": 3}
    learnt = flowrunner.refresh(sender, journal=journal)
    assert sum(each.asked for each in learnt) == 4
    campaign, run = flowrunner.runs(journal=journal)
    assert isinstance(campaign, flowrunner.CampaignSummary)
    assert (campaign.campaign.id, run.id) == (first.campaign.id, begun.run_id)  # type: ignore[union-attr]
    assert flowrunner.cancel(begun.run_id, journal=journal) == "ended"
    with pytest.raises(flowrunner.RefusedError, match="no run matches"):
        flowrunner.cancel("nosuch", journal=journal)
    shown = program("runs", begun.run_id, "--journal", "j.db", cwd=tmp_path)
    assert (shown.returncode, "finished" in shown.stdout) == (0, True)


def test_an_emulator_is_there_as_long_as_it_is_wanted(tmp_path: Path, loaded: flowrunner.Loaded) -> None:
    """On a port of its own; a run can be tried on it, faults and all."""
    with flowrunner.open_emulator(faults=["status:code=429,retry_after=0.05,count=1"]) as emulator:
        rendering = flowrunner.render(loaded, {"name": "Ana"}, recipient=flowrunner.Recipient(phone=PHONE))
        result = flowrunner.run(rendering, key="any-key-at-all", journal=tmp_path / "j.db", api_url=emulator.url)
        assert result.state == "finished"
        assert "retrying" in [event.kind for event in result.events]
        assert texts(emulator.state) == [each.wire for each in rendering.messages]
    with pytest.raises(ValueError, match="nonsense"), flowrunner.open_emulator(faults=["nonsense"]):
        pass


def test_two_flows_are_compared_by_what_customers_see(tmp_path: Path, loaded: flowrunner.Loaded) -> None:
    """A word that is another is a difference; a value for no input is an error with its name."""
    other = flow(tmp_path / "other.yaml", ['{message: "hello {{ name }}"}', '{message: "bye"}'],
                 "{name: {type: string}}")  # fmt: skip
    found = flowrunner.compare(loaded.path, str(other), {"name": "Ana"}).comparison
    assert found.differs
    with pytest.raises(flowrunner.FlowError, match="nam is not an input"):
        flowrunner.compare(loaded.path, str(other), {"nam": "Ana"})


def test_a_journal_is_checked_and_copied(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """What is whole is said to be; the copy is a journal."""
    loaded = flowrunner.load(flow(tmp_path / "f.yaml", ["{message: hi}"]))
    rendering = flowrunner.render(loaded, recipient=flowrunner.Recipient(phone=PHONE))
    flowrunner.run(rendering, key=KEY, journal=tmp_path / "j.db", api_url=url)
    assert flowrunner.check_journal(tmp_path / "j.db").is_whole
    flowrunner.back_up(tmp_path / "j.db", tmp_path / "copy.db")
    assert len(flowrunner.runs(journal=tmp_path / "copy.db")) == 1
    assert len(texts(state)) == 1


def test_every_function_that_waits_has_a_twin_for_event_loops() -> None:
    """Of the same arguments, under the same name with ``_async``."""
    twins = [name.removesuffix("_async") for name in flowrunner.__all__ if name.endswith("_async")]
    assert set(twins) >= {"run", "resume", "run_campaign", "run_plan", "make_plan", "refresh", "report", "cancel"}
    for name in twins:
        assert getattr(flowrunner, name).__wrapped__ is getattr(flowrunner, f"{name}_async")


def test_whoever_stops_listening_stops_the_campaign(
    tmp_path: Path, state: EmulatorState, url: str, loaded: flowrunner.Loaded, people: Path
) -> None:
    """Nothing hangs, nothing is lost or sent twice: the rest is sent when it is resumed."""
    sender, journal = flowrunner.Sender(KEY, url, flowrunner.Rate(1000, 1.0), timeout=0.5, grace=0.1), tmp_path / "j.db"

    def refuse(event: flowrunner.CampaignEvent) -> None:
        raise LookupError(event.line)

    with pytest.raises(LookupError):
        flowrunner.run_campaign(loaded, people, sender, journal=journal, confirm=lambda _: True, on_event=refuse)
    [campaign] = flowrunner.runs(journal=journal)
    assert isinstance(campaign, flowrunner.CampaignSummary)
    result = flowrunner.resume(campaign.campaign.id, sender, journal=journal)
    assert isinstance(result, flowrunner.CampaignResult)
    assert dict(result.states) == {"finished": 3}
    assert len(texts(state)) == 6
