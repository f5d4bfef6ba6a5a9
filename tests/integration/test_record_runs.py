"""Runs of every kind of history become tests: of a campaign, from PostgreSQL, in doubt, by an older flow."""

# ruff: noqa: E501  # a table's row is read as one line

import asyncio
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind, Recipient
from flowrunner.testing.reading import read_suite
from support.chats import Chat, text
from support.lab import Lab, rendered
from support.recorded import Act, Played, carried_out, program
from support.slices import crossed
from support.virtual import VirtualClock

NAMED = """
name: welcome
inputs: {name: {type: string, example: Ana}}
steps:
  - message: "Hello {{ name }}"
  - message: Good bye.
"""
ROWS = """
name: orders
inputs:
  orders:
    type: array
    items: {type: object, properties: {id: {type: string}, title: {type: string}}, required: [id, title]}
    example: [{id: "1", title: Tea}]
steps:
  - id: which
    message:
      message_type: interactive
      interactive_type: list
      body_text: Which of them?
      list_button_text: Orders
      sections: [{title: Yours, rows: "{{ orders }}"}]
    reply: {within: 1h, no_reply: continue}
  - message: "{{ which.title | default('Nothing') }}, then."
"""


def runs_of(journal: Path, *phones: str) -> list[str]:
    """The ids of all runs that are no campaign's; else of those that were sent to these phones."""

    async def read() -> list[str]:
        async with open_journal(journal, read_only=True, clock=SYSTEM) as its:
            found = [each.run.id for each in await its.runs()]
            for phone in phones:
                found += {each.run for each in await its.sent_to("emulator", Recipient("", phone))}
            return found

    return asyncio.run(read())


def test_each_run_of_a_campaign(tmp_path: Path) -> None:
    (tmp_path / "flow.yaml").write_text(NAMED, encoding="utf-8")
    (tmp_path / "people.csv").write_text(
        "phone,name\n+5215598765432,Maria Lopez\n+5511987654321,João Brâncuși\n", "utf-8"
    )
    journal = tmp_path / "journal.db"
    where = ("--journal", str(journal), "--emulator")
    done = program(
        "run", str(tmp_path / "flow.yaml"), "--audience", str(tmp_path / "people.csv"), *where, "--yes-send-to", "2"
    )
    assert done.return_value == 0, done.output
    runs = runs_of(journal, "+5215598765432", "+5511987654321")
    assert len(runs) == 2
    for run in runs:
        said = Played(tmp_path, run).recorded()
    assert said.count("- name: recorded on") == 2
    for secret in ("Maria", "Lopez", "João", "Brâncuși", "98765432", "87654321"):
        assert secret not in said


def test_a_run_of_a_journal_in_postgresql(tmp_path: Path, clock: VirtualClock, postgres_journal: str) -> None:
    played = carried_out(
        tmp_path, clock, ROWS, [(30, text("None, says Maria"))], values={"orders": [{"id": "77", "title": "Rum"}]}
    )
    copied = program("journal", "copy", str(tmp_path / "journal.db"), postgres_journal)
    assert copied.return_value == 0, copied.output
    there = program("record", played.run, "--journal", postgres_journal, "--flow", str(tmp_path / "flow.yaml"))
    assert there.return_value == 0, there.output
    from_server = played.file.read_text(encoding="utf-8")
    played.file.unlink()
    assert from_server == played.recorded()


def test_what_was_chosen_of_rows_that_were_given(tmp_path: Path, clock: VirtualClock) -> None:
    orders = [{"id": "A-77001", "title": "Rum for Maria"}, {"id": "A-77002", "title": "Cohiba"}]
    chosen: Act = {"message_type": "interactive", "list_reply": {"id": "A-77002", "title": "Cohiba"}}
    said = carried_out(tmp_path, clock, ROWS, [(30, chosen)], values={"orders": orders}).recorded()
    assert "choose: " in said
    for secret in ("77001", "77002", "Maria", "Cohiba", "Rum"):
        assert secret not in said


@pytest.mark.parametrize("fault", ["cut-after:count=1", "cut-before:count=1", "timeout-after:count=1,seconds=9"])
@pytest.mark.parametrize("dialect", ["kapso-v1", "meta"])
def test_what_was_in_doubt_or_tried_again(tmp_path: Path, clock: VirtualClock, fault: str, dialect: str) -> None:
    (tmp_path / "flow.yaml").write_text("name: two\nsteps: [{message: One}, {message: Two}]\n", encoding="utf-8")
    lab = Lab(tmp_path, fault, clock=clock, dialect=dialect)
    clock.run(lab.run(rendered((tmp_path / "flow.yaml").read_text("utf-8"))))
    [run] = runs_of(tmp_path / "journal.db")
    said = Played(tmp_path, run).recorded()
    assert said.count("- bot: ") == 2
    assert "fault" not in said


def test_the_flow_has_other_words_by_now(tmp_path: Path, clock: VirtualClock) -> None:
    played = carried_out(tmp_path, clock, NAMED, values={"name": "Maria"})
    (tmp_path / "flow.yaml").write_text(NAMED.replace("Hello", "Welcome"), encoding="utf-8")
    done = played.record()
    assert "was changed after the run" in done.output
    assert "- bot: Welcome Ana" in played.file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("Call +34 912 345 678. " + "We are here for you. " * 30, '{contains: ". We are here'),
        ("\\n".join(["91234"] * 300), "{exists: true}"),
    ],
    ids=["words", "numbers alone"],
)
def test_a_long_message_with_numbers_in_it(tmp_path: Path, clock: VirtualClock, words: str, asked: str) -> None:
    """A pattern may not be as long: of such a text the longest part is asked for, if there is one."""
    said = carried_out(tmp_path, clock, f'name: t\nsteps: [{{message: "{words}"}}]\n').recorded()
    assert "912" not in said
    assert f"- bot: {asked}" in said


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\x7f", "\x9b", "\u202e"], ids=ascii)
def test_what_a_phone_may_write_and_no_file_may_hold(tmp_path: Path, clock: VirtualClock, sign: str) -> None:
    """Nobody sees it; in a file it is written as an escape."""
    flow = (
        'name: t\nsteps: [{id: a, message: "Hi\\u2028you", reply: {within: 1h, no_reply: continue}}, {message: Ok.}]\n'
    )
    said = carried_out(tmp_path, clock, flow, [(30, text(f"so{sign}so"))]).recorded("--keep", "a")
    assert "Hi\\u2028you" in said
    assert f"so\\u{ord(sign):04x}so" in said


@pytest.mark.sliced
@pytest.mark.parametrize(
    ("sent", "said"),
    crossed(
        3,
        ["Hi {{ '{{' }} you {{ '{%' }} {{ '{#' }}", "null", "any", "Hi"],
        ["null", "~", "true", "12", "any", "- x"],
    ),
)
def test_words_that_mean_something_in_a_test(tmp_path: Path, clock: VirtualClock, sent: str, said: str) -> None:
    """They are what was said."""
    flow = (
        f'name: t\nsteps: [{{id: a, message: "{sent}", reply: {{within: 1h, no_reply: continue}}}}, {{message: Ok.}}]'
    )
    made = carried_out(tmp_path, clock, f"{flow}\n", [(30, text(said))]).recorded("--keep", "a")
    assert f"- customer: {said}\n" in made or f'- customer: "{said}"\n' in made
    assert f"- bot: {sent}\n" in made or f'- bot: "{sent}"\n' in made


@pytest.mark.sliced
@pytest.mark.parametrize(
    ("keep", "said"),
    crossed(
        2,
        [True, False],
        ["Hi {{ name }}", "{% if 90817264 %}", "{{", "{#", "{{ '{{' }}", '{{ "{{" }}', "{{{{%"],
    ),
)
def test_what_looks_like_an_expression(tmp_path: Path, clock: VirtualClock, said: str, keep: bool) -> None:
    """It was said, it was given, and it is sent again: it is written as in a flow."""
    flow = """
name: t
inputs: {note: {type: string, example: None}}
steps:
  - {id: a, message: "{{ note }}?", reply: {within: 1h, no_reply: [{end: finished}]}}
  - message: "You said {{ a.text | truncate(60) }}."
"""
    played = carried_out(tmp_path, clock, flow, [(30, text(said))], values={"note": said})
    kept = ("--keep", "a", "--keep", "note") if keep else ()
    played.recorded(*kept)
    played.recorded(*kept, "--as", "golden")
    suite = read_suite(played.file).suite
    assert suite is not None
    assert [(each.given.vars["note"] == said) == keep for each in suite.cases] == [True, True]


def test_the_same_test_each_time(tmp_path: Path, clock: VirtualClock) -> None:
    orders = [{"id": "A-77001", "title": "Rum"}]
    played = carried_out(tmp_path, clock, ROWS, [(30, text("Maria asks"))], values={"orders": orders})
    assert played.record("--output", "-").stdout == played.record("--output", "-").stdout


def test_a_name_that_is_told_twice_is_replaced_by_one(tmp_path: Path, clock: VirtualClock) -> None:
    flow = """
name: names
inputs: {name: {type: string, example: Ana}, friend: {type: string, example: Eva}}
steps:
  - id: who
    message: "{{ name }}, is {{ friend }} your friend?"
    reply: {within: 1h, no_reply: continue, answers: [{when: who.text == name, steps: [{message: "That is you, {{ name }}."}]}], otherwise: continue}
"""
    said = carried_out(
        tmp_path, clock, flow, [(30, text("Maria"))], values={"name": "Maria", "friend": "Pedro"}
    ).recorded()
    assert "- customer: Ana" in said
    assert "- bot: That is you, Ana." in said


def test_what_is_no_test(tmp_path: Path, clock: VirtualClock) -> None:
    flow = NAMED.replace("steps:", "steps:\n  - pause: 1h")

    async def cancel(chat: Chat, run: object) -> None:
        await chat.journal.append(Event(EventKind.CANCELLED, played_run(run), chat.clock.now()))

    def played_run(run: object) -> str:
        return str(getattr(run, "id", ""))

    played = carried_out(tmp_path, clock, flow, [(30, cancel)], values={"name": "Maria"})
    done = played.record()
    assert done.return_value == 1
    assert "the run was cancelled" in done.output
    assert not played.file.exists()


SECRETS = {
    "a name": ("I am Maria Lopez", "the name of the run would stand in", "--keep name", 0),
    "the phone": ("call (55) 1234-5678", "the phone of the run would stand in", "without the --keep", 1),
}


def test_a_phone_that_the_api_alone_has_told_is_looked_for_too(tmp_path: Path, clock: VirtualClock) -> None:
    flow = NAMED.replace("Good bye.", "Good bye.\n    id: end\n    reply: {within: 1h, no_reply: continue}")
    said = [(30.0, text("call 55 1234 5678"))]
    played = carried_out(tmp_path, clock, flow, said, values={"name": "Maria"}, person=Recipient("c1"))
    assert "the phone of the run would stand in" in played.record("--keep", "end").output


@pytest.mark.parametrize("kind", SECRETS)
def test_what_is_kept_and_has_a_secret_in_it_is_not_saved(tmp_path: Path, clock: VirtualClock, kind: str) -> None:
    words, message, hint, code = SECRETS[kind]
    flow = NAMED.replace("Good bye.", "Good bye.\n    id: end\n    reply: {within: 1h, no_reply: continue}")
    played = carried_out(tmp_path, clock, flow, [(30, text(words))], values={"name": "Maria Lopez"})
    done = played.record("--keep", "end")
    assert done.return_value == 1
    assert message in done.output
    assert hint in done.output
    assert f"- customer: {words}" in done.output
    assert not played.file.exists()
    assert played.record("--keep", "end", "--keep", "name").return_value == code  # the hint, followed
