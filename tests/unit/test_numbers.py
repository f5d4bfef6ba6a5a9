"""Numbers as they were written: shown so everywhere, and still numbers; through the journal, plans and processes."""

import asyncio
import json
import pickle
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowrunner.cli.group import commands
from flowrunner.engine import Given, Prepared, given_file, given_text
from flowrunner.flow import load_text
from flowrunner.journal import Journal
from flowrunner.journal.many import Beginning
from flowrunner.model import Bundle, Recipient
from flowrunner.model.campaigns import Campaign
from flowrunner.numbers import WRITTEN, as_shown, as_written, exact, packed, unpacked
from flowrunner.plan.reading import open_plan
from flowrunner.source import Plain, plain
from support.journalled import RUN
from support.journals import blocking

NOW = "2026-03-01T10:00:00Z"
FLOW = """name: t
inputs:
  total: {type: number, default: 1}
  items: {type: array, items: {type: object, properties: {price: {type: number}}}, default: [{price: 3.50}]}
steps:
  - message: TEXT
"""
WRITTEN_SO = [
    "12.00", "12.50", "0.10", "1000", "1e3", "1E+3", "007", "+5", "-0", "-3.40", "5.", ".5", "0x1F", "9007199254740993",
    "12345678901234567890.12", "0.1000000000000000055511151231257827",
]  # fmt: skip


def number(written: str) -> Any:
    """What a cell or a file makes of it where a number is wanted."""
    read = plain(written)
    assert isinstance(read, Plain)
    return as_written(read.value, written)


def content(text: str, default: str = "1", **values: Given) -> str:
    """What a flow sends."""
    flow = FLOW.replace("TEXT", json.dumps(text)).replace("default: 1}", f"default: {default}}}")
    loaded = load_text(flow, "f")
    assert loaded.flow is not None, loaded.diagnostics
    rendering, problems = Prepared(loaded).render(Recipient("c"), values, NOW)
    assert rendering is not None, problems
    return str(rendering.messages[0].body["content"])


@pytest.mark.parametrize("written", WRITTEN_SO)
def test_a_number_is_shown_as_it_was_written(written: str, tmp_path: Path) -> None:
    """From the command line, a YAML file, the flow's own default, and (where JSON has such numbers) a JSON file."""
    assert content("{{ total }}", total=given_text("total", written)) == written
    assert content("{{ total }}", default=written) == written
    files = {"v.yaml": f"total: {written}\n"}
    with suppress(ValueError):
        files["v.json"] = json.dumps({"total": json.loads(written)}).replace(str(json.loads(written)), written)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        assert content("{{ total }}", **given_file(tmp_path / name)[0]) == written


SHOWN = {
    "{{ total }}": "12.00",
    "{{ total | string }}": "12.00",
    "{{ total ~ ' €' }}": "12.00 €",
    "{{ '%s' | format(total) }}": "12.00",
    "{{ 'Sum: %s' % total }}": "Sum: 12.00",
    "{{ [total, 3] | join(', ') }}": "12.00, 3",
    "{{ total | default('none') }}": "12.00",
    "{{ total or 'none' }}": "12.00",
    "{{ total if total > 5 else '' }}": "12.00",
    "{{ total | upper }}": "12.00",
    "{{ [3, total] | max }}": "12.00",
    "{% set x = total %}{{ x }}": "12.00",
    "{% for x in [total] %}{{ x }}{% endfor %}": "12.00",
    "{{ items[0].price }}": "3.50",
    "{{ items | map(attribute='price') | join }}": "3.50",
    "{{ '%.1f' | format(total) }}": "12.0",
    "{{ '%d' | format(total) }}": "12",
    "{{ total | round(1) }}": "12.0",
    "{{ total | int }}": "12",
    "{{ total + 1 }}": "13.0",
    "{{ -total }}": "-12.0",
    "{{ [total, total] | sum }}": "24.0",
    "{{ total == 12 and total in [11, 12] and total < 12.5 }}": "true",
    "{{ {12: 'yes'}[total] }}": "yes",
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.items())
def test_what_does_not_count_or_format_shows_what_was_written(text: str, shown: str) -> None:
    """Comparisons are of numbers; arithmetic and formats give what they compute."""
    assert content(text, total=given_text("total", "12.00")) == shown


@pytest.mark.parametrize("written", WRITTEN_SO)
def test_what_an_included_file_is_given_shows_what_was_written(written: str) -> None:
    """Below `with:` as in a default."""
    part = "name: e\ninputs: {total: {type: number}}\nsteps: [{message: '{{ total }}'}]\n"
    main = f"name: m\nsteps:\n  - include: e.yaml\n    with: {{total: {written}}}\n"
    rendering, found = Prepared(load_text(main, "m.yaml", {"e.yaml": part})).render(Recipient("c"), {}, NOW)
    assert rendering is not None, found
    assert [each.body["content"] for each in rendering.messages] == [written]


@pytest.mark.parametrize("written", WRITTEN_SO)
def test_the_text_outlives_json_and_processes(written: str) -> None:
    """What the journal and a plan keep gives the same bytes; the number itself is JSON's."""
    value = number(written)
    data = {"total": value, "list": [value, {"x": value}], "text": written}
    forked = pickle.loads(pickle.dumps(data))  # noqa: S301  # our own
    for again in (unpacked(json.loads(json.dumps(packed(data)))), forked):
        assert again == data
        assert [as_shown(again["total"]), as_shown(again["list"][0]), str(again["list"][1]["x"])] == [written] * 3
        assert type(again["total"]) is type(value)
    assert type(exact(value)) in {int, float}
    assert json.loads(json.dumps(value)) == value


def test_a_number_that_python_shows_so_is_a_plain_number() -> None:
    """So nearly nothing is special."""
    assert not {type(number(each)) for each in ("12", "12.5", "-7", "0.1")} & WRITTEN


def test_a_message_field_gets_the_number() -> None:
    """On the wire a number is JSON's; where the spec wants text, it is the text that was written."""
    flow = FLOW.replace(
        "TEXT", '{message_type: location, latitude: "{{ total }}", longitude: 1.50, location_name: "{{ total }}"}'
    )
    loaded = load_text(flow, "f")
    rendering, found = Prepared(loaded).render(Recipient("c"), {"total": given_text("total", "19.40")}, NOW)
    assert rendering is not None, found
    wire = rendering.messages[0].wire
    numbers = '"latitude":19.4,"longitude":1.5'
    assert wire == f'{{"message_type":"location",{numbers},"location_name":"19.40","content":"19.40"}}'


def test_limits_are_those_of_the_number() -> None:
    """A validator sees a number, not its text."""
    flow = FLOW.replace("type: number, default", "type: number, maximum: 11, default").replace("TEXT", "x")
    loaded = load_text(flow, "f")
    bound, found = Prepared(loaded).inputs.bind({"total": given_text("total", "12.00")})
    assert bound is None
    assert "at most 11" in found[0].message


def test_a_resumed_run_shows_what_was_written(tmp_path: Path) -> None:
    """The journal gives the text back, for a single run and for one of a campaign."""
    variables = {"total": number("12.00"), "items": [{"price": number("1e3")}]}
    beginning = Beginning("c1-1", Recipient("c1"), variables, 1, "")
    campaign = Campaign("c1", "t", Bundle.of("f", "x"), "emulator", NOW, 1.0, "a.csv", 1)

    async def write(book: Journal) -> None:
        await book.begin(RUN._replace(variables=variables))
        await book.begin_campaign(campaign)
        await book.begin_runs("c1", [beginning])

    with blocking(tmp_path / "journal.db") as book:
        asyncio.run(write(book))
    with blocking(tmp_path / "journal.db") as book:
        for run_id in (RUN.id, "c1-1"):
            record = book.record(run_id)
            assert record is not None
            kept = record.run.variables
            assert (str(kept["total"]), str(kept["items"][0]["price"])) == ("12.00", "1e3")


def test_a_plan_shows_what_was_written(tmp_path: Path) -> None:
    """`run PLAN` renders what it holds once more, and must come to the same messages."""
    flow, people, plan = tmp_path / "f.yaml", tmp_path / "a.csv", tmp_path / "x.plan"
    flow.write_text(FLOW.replace("TEXT", '"{{ total }}"'))
    people.write_text("conversation,total\nc1,12.00\n")
    command = ["plan", str(flow), "--audience", str(people), "--output", str(plan), "--journal", str(tmp_path / "j.db")]
    made = CliRunner().invoke(commands, command, standalone_mode=False)
    assert made.return_value == 0, made.output
    assert '"content":"12.00"' in plan.read_text()
    planned = next(open_plan(plan).people())
    assert str(planned.whom.variables["total"]) == "12.00"
