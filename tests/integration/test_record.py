"""`flowrunner record`: a run of the journal becomes a test that passes, and has nothing private of the run."""

from pathlib import Path
from random import Random

import pytest

from support import recorded
from support.chats import tap, text
from support.recorded import Act, Played, program
from support.slices import part
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


def carried_out(folder: Path, clock: VirtualClock, acts: list[tuple[float, Act]], **values: str) -> Played:
    """Carry the flow out while its person does that; of one who does nothing, to the end of their silence."""
    return recorded.carried_out(folder, clock, FLOW, acts, values=values, days=0.1 if acts else 2.0)


def passes(file: Path) -> bool:
    return program("test", str(file)).return_value == 0


def test_a_run_becomes_a_test_that_passes(tmp_path: Path, clock: VirtualClock) -> None:
    played = carried_out(
        tmp_path, clock, [(30, tap("now", "Start")), (300, text("Lopez Hermanos"))], name="Maria Lopez"
    )
    done = played.record()
    assert done.return_value == 0, done.output
    file = played.file
    said = file.read_text(encoding="utf-8")
    assert "- customer: {tap: now}" in said
    assert "- wait: 5m" in said
    assert "ends: finished" in said
    assert passes(file)
    assert "replaced name: Maria Lopez -> Ana" in done.stderr
    for secret in ("Maria", "Lopez", PHONE, "912 345 678"):
        assert secret not in said


def test_a_reminder_and_silence(tmp_path: Path, clock: VirtualClock) -> None:
    played = carried_out(tmp_path, clock, [], name="Maria")
    assert played.record().return_value == 0
    said = (played.file).read_text(encoding="utf-8")
    assert "- wait: 3h\n" in said
    assert '- bot: "Whenever you like, Ana: tap Start."' in said
    assert passes(played.file)


def test_a_file_that_is_there_gets_the_test_below_its_own(tmp_path: Path, clock: VirtualClock) -> None:
    played = carried_out(tmp_path, clock, [(30, tap("later", "Later"))], name="Maria")
    file = played.file
    before = """flow: flow.yaml   # ours
tests:
    # by hand
    - {name: nobody, given: {vars: {name: Eva}}, chat: [{bot: any}], ends: waiting}   # kept

given: {vars: {plan: team}}
"""
    file.write_text(before, encoding="utf-8")
    for keep in ((), ("--keep", "name")):
        assert played.record(*keep).return_value == 0
    after = file.read_text(encoding="utf-8")
    assert all(line in after.split("\n") for line in before.split("\n"))
    assert after.count("recorded on") == 2
    assert after.count("(2)") == 1
    assert program("test", str(file)).output.startswith("3 passed")


@pytest.mark.parametrize("form", ["test", "golden"])
def test_a_run_that_is_recorded_again_is_there_already(tmp_path: Path, clock: VirtualClock, form: str) -> None:
    """Nothing is added, whatever its author calls the test by now; who asks for it printed gets it."""
    played = carried_out(tmp_path, clock, [(30, tap("later", "Later"))], name="Maria")
    assert "added to" in played.record("--as", form).output
    renamed = played.file.read_text(encoding="utf-8").replace("name: recorded on", "name: she has no time on")
    played.file.write_text(renamed, encoding="utf-8")
    files = sorted(tmp_path.rglob("*"))
    again = played.record("--as", form)
    assert again.return_value == 0
    assert f"{played.file} has this test already: she has no time on" in again.output
    assert (played.file.read_text(encoding="utf-8"), sorted(tmp_path.rglob("*"))) == (renamed, files)
    assert "- name: recorded on" in played.record("--as", form, "--output", "-").stdout
    assert "added to" in played.record("--as", "golden" if form == "test" else "test").output


def test_what_is_kept_stays(tmp_path: Path, clock: VirtualClock) -> None:
    played = carried_out(tmp_path, clock, [(30, tap("now", "Start")), (30, text("Acme SA"))], name="Maria")
    done = played.record("--keep", "company", "--output", "-")
    assert "- customer: Acme SA" in done.stdout
    assert "Maria" not in done.stdout
    assert not (played.file).exists()
    assert "the run has no value called surname" in played.record("--keep", "surname").output


def test_a_golden_chat(tmp_path: Path, clock: VirtualClock) -> None:
    played = carried_out(tmp_path, clock, [(30, tap("now", "Start")), (30, text("Acme SA"))], name="Maria")
    assert played.record("--as", "golden").return_value == 0
    assert passes(played.file)
    [golden] = (tmp_path / "golden").iterdir()
    assert "Maria" not in golden.read_text(encoding="utf-8")


def test_what_the_flow_does_no_more_is_not_saved(tmp_path: Path, clock: VirtualClock) -> None:
    played = carried_out(tmp_path, clock, [(30, tap("later", "Later"))], name="Maria")
    flow = tmp_path / "flow.yaml"
    flow.write_text(FLOW.replace("{message: No hurry.}, ", ""), "utf-8")
    done = played.record()
    assert done.return_value == 1
    assert "the flow was changed after the run" in done.output
    assert "turn 3" in done.output
    assert not (played.file).exists()


@pytest.mark.sliced
@pytest.mark.parametrize("seed", part(range(8), 3))
def test_no_secret_of_a_run_is_in_its_test(tmp_path: Path, clock: VirtualClock, seed: int) -> None:
    """Planted in what was given, and in what was said, wherever that may be."""
    dice = Random(seed)  # noqa: S311  # repeats itself, and keeps no secret
    name = dice.choice(["Ana", "Maria Lopez", "Zoë", "Jo", "O'Neil", "李雷", "Ana: [x]"]) + dice.choice(["", " Qvist"])
    secrets = [
        f"{name} is me", f"mail zed{seed}@firm.example.org now", f"call +52 1 55 98 {dice.randrange(10, 99)} 43 21",
        f"code {dice.randrange(10_000, 10_000_000)}", f"https://x.example.org/a?token=t{seed}", name,
    ]  # fmt: skip
    said: list[tuple[float, Act]] = [(dice.choice([25, 90]), text(dice.choice(secrets)))] if dice.random() < 0.5 else []
    said += [(dice.choice([25, 4000]), tap("now", "Start"))]
    said += [(dice.choice([25, 700]), text(dice.choice(secrets)))]
    played = carried_out(tmp_path, clock, said, name=name, plan=dice.choice(["free", "team"]))
    done = played.record()
    assert done.return_value == 0, done.output
    file = played.file
    assert passes(file)
    for secret in [*secrets, name, PHONE, f"zed{seed}", f"token=t{seed}", "912 345"]:
        if secret != "Ana":  # the flow's own example
            assert secret not in file.read_text(encoding="utf-8")
