"""The report of a campaign: the same truth in every form, and hostile text stays text in each."""

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from flowrunner.model import Recipient
from flowrunner.model.campaigns import CampaignReport, QuestionTally, RecipientReport
from flowrunner.views.report.csv import as_csv
from flowrunner.views.report.facts import FACTS
from flowrunner.views.report.html import MOST_RECIPIENTS, as_html
from flowrunner.views.report.json import as_json
from flowrunner.views.report.junit import as_junit
from flowrunner.views.report.questions import questions_drawn
from flowrunner.views.report.text import as_text
from flowrunner.views.visible import visible
from support.journals import listed
from support.reported import CAMPAIGN, NASTY, QUESTIONS, REASONS, STATES, entry, nasty, recipients, report

DATA = Path(__file__).parents[1] / "data"

COMMAND = "flowrunner report c7x2k9 --journal j.db"
EMPTY = report([], states={}, tallies=(), reasons=(), timeline=(), campaign=CAMPAIGN._replace(total=0))


def text(its: CampaignReport, width: int = 100, **more: Any) -> str:
    return "".join(listed(as_text(its, command=COMMAND, width=width, colour=False, **more))).removesuffix("\n")


def html(its: CampaignReport) -> str:
    return "".join(listed(as_html(its, command=COMMAND)))


def test_the_terminal_shows_states_steps_and_reasons() -> None:
    """Every number of the figures is there, under its word."""
    lines = text(report()).splitlines()
    assert lines[0] == "onboarding  c7x2k9"
    assert "people.csv (2,400 recipients) by flows/onboarding.yaml" in lines[1]
    assert lines[2] == "2026-03-01 16:00:00 to 2026-03-01 16:49:42"
    words = {" ".join(line.split()) for line in lines}
    assert {"1,111 finished", "400 begun", "3 in doubt", "60 left out", "6 invalid"} <= words
    assert {"ready interactive button 1,120 1,115 1,090 702 3 1 1,110"} <= words
    assert f"27 {REASONS[0][0]}" in words
    assert lines[-2:] == [
        "Everybody who failed: flowrunner report c7x2k9 --journal j.db --state failed --format csv",
        "Every recipient: flowrunner report c7x2k9 --journal j.db --format csv",
    ]
    assert sum(" photo " in line and (" failed " in line or " in doubt " in line) for line in lines) == 30


ASKED = """\
ready  1,120 asked, 767 answered, 402 reminded
  now                           640   57.1%  ███████████████████████
  later                          96    8.6%  ███
  something else                 31    2.8%  █
  silent                        210   18.8%  ████████
  not answered                  143   12.8%  █████

people  640 asked, 500 answered
  a1                            500   78.1%  ███████████████████████████████
  not answered                  140   21.9%  █████████"""


def test_the_terminal_draws_what_was_answered() -> None:
    """A bar for each branch, for silence, and for who is waited for; nothing of what nobody was asked."""
    assert ASKED in text(report(questions=QUESTIONS), width=100)
    for width in (60, 40, 28):
        assert all(len(line) <= width for line in list(questions_drawn(QUESTIONS, width=width, colour=False))[1:7])
    assert "asked" not in text(report())


def test_a_branch_without_a_name_is_called_by_what_must_be_answered() -> None:
    """``a1`` tells nobody what it is; whoever reads JSON finds the words beside it."""
    people = QuestionTally("5", "people", 640, {"a1": 500}, words={"a1": "a number from 1 to 5,000"})
    its = report(questions=(people,))
    assert "  a number from 1 to 5,000      500   78.1%" in text(its, width=100)
    assert "a number from 1 to 5,000" in html(its)
    [told] = json.loads("".join(listed(as_json(its))))["questions"]
    assert (told["answered"], told["words"]) == ({"a1": 500}, {"a1": "a number from 1 to 5,000"})


def test_the_page_and_the_json_have_what_was_answered() -> None:
    """Text stays text; the table behind the chart has every figure."""
    its = report(questions=(*QUESTIONS, QuestionTally("7", NASTY, 3, {NASTY: 2}, 1)))
    page = html(its)
    assert "Answers by question" in page
    assert "<script>alert" not in page
    assert "57.1%" in page
    told = json.loads("".join(listed(as_json(its))))["questions"]
    assert told[0] == {
        "step": "4", "label": "ready", "asked": 1120, "answered": {"now": 640, "later": 96, "otherwise": 31},
        "silent": 210, "reminded": 402, "words": {}, "open": 143,
    }  # fmt: skip
    assert "questions" not in json.loads("".join(listed(as_json(report()))))


def test_few_recipients_are_listed_in_the_terminal() -> None:
    """Up to thirty, each with its line, state, step, status and reason."""
    its = report([entry(2, "skipped"), entry(3, "failed")], states={"failed": 1, "skipped": 1})
    listed = [line.split() for line in text(its, 160).splitlines()[-2:]]
    assert listed[0][0] == "+5215500000003", "who failed comes first"
    assert listed[0][-4:] == ["3", "failed", "photo", "accepted"]
    assert listed[1] == ["+5215500000002", "already", "had", "this", "flow", "2", "left", "out"]


def test_a_campaign_without_anybody_has_no_empty_tables() -> None:
    """Nothing but what it is."""
    assert len(text(EMPTY).split("\n")) == 3


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_a_narrow_terminal_cuts_only_labels_and_reasons(width: int) -> None:
    """The numbers stay whole."""
    shown = text(report(), width)
    for number in ("1,111", "2,270", "1,430", "1,110"):
        assert number in shown
    assert ("…" in shown) == (width < 115)


def test_what_has_not_begun_is_not_passed_over() -> None:
    """A campaign whose beginning was cut short shows how many people are missing."""
    its = report([], states={"waiting": 1_000})
    assert "1,400  not written down yet" in text(its)
    assert "<dt>not written down yet</dt><dd>1,400</dd>" in html(its)


def test_colour_adds_nothing_but_colour() -> None:
    """Without the escape codes the text is the same."""
    plain, coloured = (
        "".join(listed(as_text(report(), command=COMMAND, width=100, colour=colour))) for colour in (False, True)
    )
    assert plain != coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def records(its: CampaignReport, inputs: Sequence[str] = ()) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(listed(as_csv(its, inputs))), newline="")))


def test_the_csv_has_every_recipient() -> None:
    """More than fit one piece; read back, each value is what it was."""
    rows = records(report())
    assert len(rows) == sum(STATES.values())
    assert tuple(rows[0]) == ("phone", *FACTS)
    for row, each in zip(rows, recipients(), strict=True):
        assert (row["line"], row["phone"], row["run"]) == (str(each.row), each.recipient.phone, each.run)
        assert (row["state"], row["step"], row["reason"]) == (each.state, each.step, each.reason)
    assert rows[0]["updated_at"] == "2026-03-01T16:00:02.000+00:00"


def test_the_csv_and_the_json_have_what_each_has_answered() -> None:
    """A column for each question that anybody was asked; what people wrote is run by no spreadsheet."""
    people = [entry(2, "finished")._replace(answers={"people": "12", "ready": "=1+1"}), entry(3, "finished")]
    its = report(people, questions=QUESTIONS)
    rows = records(its, ["answer_ready"])
    assert tuple(rows[0]) == ("phone", "answer_ready", *FACTS, "report_answer_ready", "answer_people")
    assert [(row["answer_people"], row["report_answer_ready"]) for row in rows] == [("12", "'=1+1"), ("", "")]
    told = json.loads("".join(listed(as_json(its))))["recipients"]
    assert [each.get("answers") for each in told] == [{"people": "12", "ready": "=1+1"}, None]


FORMULAS = [
    ("=1+1", "'=1+1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
    ("+1+1", "'+1+1"),
    ("\t=1", "'\t=1"),
    ("+5215512345678", "+5215512345678"),
    ("-5", "-5"),
    ("a=1", "a=1"),
    ('two\nlines, "quoted"', 'two\nlines, "quoted"'),
    ("", ""),
]


@pytest.mark.parametrize(("value", "written"), FORMULAS)
def test_no_value_becomes_a_formula(value: str, written: str) -> None:
    """A spreadsheet must not run what an API or a file said; phone numbers stay as they are."""
    its = report([RecipientReport(value, Recipient(value, value), 1, "failed", value, "", value)])
    (row,) = records(its)
    who = "phone" if value else "conversation"
    assert [row[name] for name in ("conversation_id", who, "step", "reason", "run")] == [written] * 5


def test_the_csv_has_the_audiences_own_columns() -> None:
    """Values as a cell has them; what an input is called is the input's."""
    values = {"name": '=Ana, "A"', "state": "Jalisco", "vip": True, "sum": 12.5, "tags": ["a", "ñ"], "none": None}
    its = report([entry(2, "failed")._replace(variables=values, timezone="Asia/Tokyo"), entry(3, "invalid")])
    first, second = records(its, list(values))
    assert [first[name] for name in values] == ['=Ana, "A"', "Jalisco", "true", "12.5", '["a", "ñ"]', ""]
    assert (first["report_state"], first["timezone"], first["phone"]) == ("failed", "Asia/Tokyo", "+5215500000002")
    assert [second[name] for name in values] == [""] * 6
    assert records(report(iter([])), ["name"]) == []


@pytest.mark.parametrize("its", [EMPTY, report(), nasty(), report([entry(2, "failed")])])
def test_the_json_is_one_object_with_all_there_is(its: CampaignReport) -> None:
    """In pieces it is written, whole it is read; ASCII, so nothing steers a terminal."""
    written = "".join(listed(as_json(its)))
    assert written.isascii()
    read = json.loads(written)
    assert read["version"] == 1
    assert read["campaign"]["options"] == dict(its.campaign.options)
    assert read["states"] == dict(its.states)
    assert [step["label"] for step in read["steps"]] == [tally.label for tally in its.tallies]
    assert [(each["reason"], each["recipients"]) for each in read["reasons"]] == list(its.reasons)
    assert len(read["timeline"]) == len(its.timeline)
    assert [each["reason"] for each in read["recipients"]] == [each.reason for each in its.recipients]
    assert [each["conversation"] for each in read["recipients"]] == [
        each.recipient.conversation for each in its.recipients
    ]


@pytest.mark.parametrize("its", [EMPTY, report(), nasty()])
def test_the_junit_report_is_valid_and_counts_right(its: CampaignReport) -> None:
    """Jenkins' schema takes it; a test for each recipient, failed, in error or skipped as its state says."""
    tree = etree.fromstring("".join(listed(as_junit(its))).encode())
    etree.XMLSchema(etree.parse(str(DATA / "junit-10.xsd"))).assertValid(tree)
    people = list(its.recipients)
    assert len(tree.findall("testcase")) == len(people)
    if set(its.states) <= set(STATES):
        for kind, states in [("failure", {"failed"}), ("error", {"in_doubt"})]:
            assert len(tree.findall(f"testcase/{kind}")) == sum(each.state in states for each in people)
        passed = sum(each.state == "finished" for each in people)
        assert len(tree.findall("testcase/skipped")) == len(people) - passed - STATES["failed"] * bool(
            people
        ) - 3 * bool(people)
        assert tree.get("failures") == str(its.states.get("failed", 0))


def test_recipients_are_read_as_they_are_written() -> None:
    """No form asks for all of a million people before it gives out the first piece."""
    asked = 0

    def endless() -> Iterator[RecipientReport]:
        nonlocal asked
        while True:
            asked += 1
            yield entry(asked, "finished")

    its = report(endless())

    async def first_two(pieces: AsyncIterator[str]) -> list[str]:
        return [await anext(pieces), await anext(pieces)]

    for form in (as_csv(its, ()), as_json(its), as_junit(its)):
        asked = 0
        assert all(asyncio.run(first_two(form)))
        assert asked <= 500
    asked = 0
    assert "".join(listed(as_html(report(endless()), command=COMMAND)))
    assert asked <= MOST_RECIPIENTS + 1


class Page(HTMLParser):
    """The elements of a page, the text of its first table row, and where its links lead."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action")]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag not in ("meta", "link", "input", "rect", "line", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its signature
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("its", [EMPTY, report(), nasty()])
def test_the_page_needs_nothing_and_keeps_text_text(its: CampaignReport) -> None:
    """One script and one style, both ours; no address, no handler, every element closed."""
    page = Page(html(its))
    assert (page.tags.count("script"), page.tags.count("style"), page.tags.count("img")) == (1, 1, 0)
    assert page.addresses == ["data:,"]
    assert page.handlers == []
    assert page.open == []


def test_hostile_text_is_shown_as_it_is() -> None:
    """What it says is readable, what would turn the writing direction or steer a terminal is a sign."""
    shown = html(nasty())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "&amp;amp;" in shown
    for form in (shown, text(nasty(), 4_000), "".join(listed(as_csv(nasty(), ()))), "".join(listed(as_junit(nasty())))):
        assert not set(form) & set("\u202e\x1b\x00\ud83d")
        assert "<U+202E>" in form.replace("&lt;", "<").replace("&gt;", ">")
        form.encode()
    assert visible(NASTY) in text(nasty(), 4_000)


def test_the_page_says_a_campaign_s_options_as_people_do() -> None:
    """It had `only null`, `look ups 26` and `max failures 0.05`."""
    options = {
        "window": 100, "max_failures": 0.05, "canary": 0, "only": None, "wait": False, "quiet_hours": "21:00-08:00",
        "not_within": 604_800.0, "messages": 20_000, "look_ups": 26, "looks": 0, "is_flat": True,
    }  # fmt: skip
    shown = html(report(campaign=report().campaign._replace(options=options)))
    told = re.findall(r"<dt>(.*?)</dt><dd><bdi>(.*?)</bdi></dd>", shown)
    assert told[6:] == [
        ("At once", "100"), ("Stops above", "5% failed"), ("Quiet hours", "21:00-08:00"), ("Not within", "7 days"),
        ("Messages", "20,000"),
    ]  # fmt: skip
    never = html(report(campaign=report().campaign._replace(options={"max_failures": 0.0, "canary": 5})))
    assert "0% failed" in never
    assert "Canary" in never


def test_the_page_says_what_it_leaves_out() -> None:
    """The first thousand are in it, and where the rest is."""
    shown = html(report())
    assert shown.count("<tr data-state=") == MOST_RECIPIENTS
    assert "The first 1,000 of 2,400, in the order of the audience" in shown
    assert "flowrunner report c7x2k9 --journal j.db --format csv" in shown
    few = html(report([entry(2, "failed")], states={"failed": 1}))
    assert few.count("<tr data-state=") == 1
    assert "All of them." in few


SHARES = [(0, "0%"), (1, "&lt;0.1%"), (10, "0.1%"), (5_000, "50%"), (9_999, "&gt;99.9%"), (10_000, "100%")]


@pytest.mark.parametrize(("count", "share"), SHARES)
def test_a_share_is_never_rounded_to_all_or_nothing(count: int, share: str) -> None:
    """One failure in ten thousand is not 0%, and one missing is not 100%."""
    tally = report().tallies[0]._replace(accepted=count)
    shown = html(report([], states={"finished": 10_000}, tallies=(tally,)))
    assert f'<span class="number">{count:,} <small>{share}</small></span>' in shown


def test_every_chart_has_a_table_of_its_figures() -> None:
    """With a caption, and heads for its columns and rows."""
    shown = html(report())
    assert shown.count("<figure>") == shown.count("<details>") == 3
    assert shown.count("<caption>") == shown.count("<table") == 4
    for number in ("2,270", "1,430", "1,110", "27"):
        assert f"<bdi>{number}</bdi>" in shown
    assert shown.count('<th scope="row"><bdi>2026-03-01') == len(report().timeline)


def test_a_bar_is_as_long_as_its_share_says() -> None:
    """Also where one reason has most of those who failed."""
    its = report()._replace(reasons=(("one", 69), ("two", 31)))
    page = "".join(listed(as_html(its, command="flowrunner report x")))
    drawn = page.partition('<ol class="reasons">')[2].partition("</ol>")[0]
    assert re.findall(r'class="fill" width="([\d.]+)%"', drawn) == ["69.00", "31.00"]
    assert re.findall(r"<small>(.*?)</small>", drawn) == ["69%", "31%"]


def test_a_step_is_called_as_its_author_knows_it() -> None:
    """By its place in the flow, and by its id where it has one."""
    drawn = "".join(listed(as_html(report(), command="flowrunner report x")))
    heads = re.findall(r"<h3>(Step .*?)</h3>", drawn)
    assert heads[0] == "Step 1 · <bdi>hello</bdi> · text"
    assert heads[-1] == "Step 5 · text"
