"""`flowrunner record`: a run of the journal becomes a test that passes, and has nothing private of the run."""

from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from flowrunner.app.flows import given
from flowrunner.cli.group import commands
from flowrunner.engine import moment
from flowrunner.model import Recipient
from support.chats import Chat, Said, chatted, tap, text
from support.lab import prepared_flow
from support.virtual import VirtualClock

FLOW = """\
name: signup
inputs:
  name: {type: string, minLength: 1, example: Ana}
  plan: {enum: [free, team], default: free}
anytime:
  - words: [stop, baja]
    steps: [{message: You will not hear from us again.}]
    end: opted_out
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: "Hi {{ name }}, shall we set up your account?"
      buttons: [{id: now, title: Start}, {id: later, title: Later}]
    reply:
      within: 20h
      remind: {after: 3h, message: "Whenever you like, {{ name }}: tap Start."}
      answers:
        - button: now
          steps: []
        - button: later
          steps: [{message: No hurry.}, {end: finished}]
      otherwise: {again: Please tap one of the two., times: 2, then: [{end: finished}]}
      no_reply: [{end: finished}]
  - id: company
    message: Great. First, your company. Or call +34 912 345 678.
    reply: {within: 20h, no_reply: [{end: finished}]}
  - message: "Thank you! 12 people can join {{ company.text | truncate(60) }}."
"""
PHONE = "5215512345678"
"""The digits of the person of `support.chats`."""


Turn = tuple[float, Said]
"""After how many seconds, and what is said."""


def carried_out(tmp_path: Path, clock: VirtualClock, said: list[Turn], **values: str) -> str:
    """Carry the flow out while its person says that; gives the id of the run."""
    (tmp_path / "signup.yaml").write_text(FLOW, encoding="utf-8")
    runs: list[str] = []

    async def work(chat: Chat) -> None:
        prepared = prepared_flow(FLOW, "signup.yaml")
        rendering, problems = prepared.render(Recipient("c1", f"+{PHONE}"), given(values), moment(clock.now()))
        assert rendering is not None, problems
        run = await chat.begin_rendered(rendering)
        runs.append(run.id)
        async with chat.listening():
            await chat.later(*said)
            await chat.until(run)

    chatted(tmp_path, clock, work, look=10.0)
    return runs[0]


def recorded(tmp_path: Path, run: str, *options: str) -> Result:
    """What `flowrunner record` says of it."""
    where = ("--journal", str(tmp_path / "journal.db"), "--flow", str(tmp_path / "signup.yaml"))
    return program("record", run, *where, *options)


def program(*words: str) -> Result:
    return CliRunner().invoke(commands, list(words), standalone_mode=False)


def passes(file: Path) -> bool:
    return program("test", str(file)).return_value == 0


def test_a_run_becomes_a_test_that_passes(tmp_path: Path, clock: VirtualClock) -> None:
    run = carried_out(tmp_path, clock, [(30, tap("now", "Start")), (300, text("Lopez Hermanos"))], name="Maria Lopez")
    done = recorded(tmp_path, run)
    assert done.return_value == 0, done.output
    file = tmp_path / "signup.test.yaml"
    said = file.read_text(encoding="utf-8")
    assert "- customer: {tap: now}" in said
    assert "- wait: 5m" in said
    assert "ends: finished" in said
    assert passes(file)
    assert "replaced name: Maria Lopez -> Ana" in done.stderr
    for secret in ("Maria", "Lopez", PHONE, "912 345 678"):
        assert secret not in said


def test_a_reminder_and_silence(tmp_path: Path, clock: VirtualClock) -> None:
    run = carried_out(tmp_path, clock, [], name="Maria")
    assert recorded(tmp_path, run).return_value == 0
    said = (tmp_path / "signup.test.yaml").read_text(encoding="utf-8")
    assert "- wait: 3h\n" in said
    assert '- bot: "Whenever you like, Ana: tap Start."' in said
    assert passes(tmp_path / "signup.test.yaml")


def test_a_file_that_is_there_gets_the_test_below_its_own(tmp_path: Path, clock: VirtualClock) -> None:
    run = carried_out(tmp_path, clock, [(30, tap("later", "Later"))], name="Maria")
    file = tmp_path / "signup.test.yaml"
    before = """flow: signup.yaml   # ours
tests:
    # by hand
    - {name: nobody, given: {vars: {name: Eva}}, chat: [{bot: any}], ends: waiting}   # kept

given: {vars: {plan: team}}
"""
    file.write_text(before, encoding="utf-8")
    for _ in range(2):
        assert recorded(tmp_path, run).return_value == 0
    after = file.read_text(encoding="utf-8")
    assert all(line in after.split("\n") for line in before.split("\n"))
    assert program("test", str(file)).output.startswith("3 passed")


def test_what_is_kept_stays(tmp_path: Path, clock: VirtualClock) -> None:
    run = carried_out(tmp_path, clock, [(30, tap("now", "Start")), (30, text("Acme SA"))], name="Maria")
    done = recorded(tmp_path, run, "--keep", "company", "--output", "-")
    assert "- customer: Acme SA" in done.stdout
    assert "Maria" not in done.stdout
    assert not (tmp_path / "signup.test.yaml").exists()
    assert "the run has no value called surname" in recorded(tmp_path, run, "--keep", "surname").output


def test_a_golden_chat(tmp_path: Path, clock: VirtualClock) -> None:
    run = carried_out(tmp_path, clock, [(30, tap("now", "Start")), (30, text("Acme SA"))], name="Maria")
    assert recorded(tmp_path, run, "--as", "golden").return_value == 0
    assert passes(tmp_path / "signup.test.yaml")
    [golden] = (tmp_path / "golden").iterdir()
    assert "Maria" not in golden.read_text(encoding="utf-8")


def test_what_the_flow_does_no_more_is_not_saved(tmp_path: Path, clock: VirtualClock) -> None:
    run = carried_out(tmp_path, clock, [(30, tap("later", "Later"))], name="Maria")
    flow = tmp_path / "signup.yaml"
    flow.write_text(FLOW.replace("{message: No hurry.}, ", ""), "utf-8")
    done = recorded(tmp_path, run)
    assert done.return_value == 1
    assert "the flow was changed after the run" in done.output
    assert "turn 3" in done.output
    assert not (tmp_path / "signup.test.yaml").exists()


@pytest.mark.parametrize("seed", range(8))
def test_no_secret_of_a_run_is_in_its_test(tmp_path: Path, clock: VirtualClock, seed: int) -> None:
    """Planted in what was given, and in what was said, wherever that may be."""
    dice = Random(seed)  # noqa: S311  # repeats itself, and keeps no secret
    name = dice.choice(["Ana", "Maria Lopez", "Zoë", "Jo", "O'Neil", "李雷", "Ana: [x]"]) + dice.choice(["", " Qvist"])
    secrets = [
        f"{name} is me", f"mail zed{seed}@firm.example.org now", f"call +52 1 55 98 {dice.randrange(10, 99)} 43 21",
        f"code {dice.randrange(10_000, 10_000_000)}", f"https://x.example.org/a?token=t{seed}", name,
    ]  # fmt: skip
    said: list[Turn] = [(dice.choice([25, 90]), text(dice.choice(secrets)))] if dice.random() < 0.5 else []
    said += [(dice.choice([25, 4000]), tap("now", "Start"))]
    said += [(dice.choice([25, 700]), text(dice.choice(secrets)))]
    run = carried_out(tmp_path, clock, said, name=name, plan=dice.choice(["free", "team"]))
    done = recorded(tmp_path, run)
    assert done.return_value == 0, done.output
    file = tmp_path / "signup.test.yaml"
    assert passes(file)
    for secret in [*secrets, name, PHONE, f"zed{seed}", f"token=t{seed}", "912 345"]:
        if secret != "Ana":  # the flow's own example
            assert secret not in file.read_text(encoding="utf-8")
