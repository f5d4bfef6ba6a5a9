"""The drawings that a person reads: problems, the chat, progress and runs."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len

from flowrunner.diagnostics import Diagnostic, Location, Note, Severity
from flowrunner.model import (
    Bundle,
    Event,
    EventKind,
    Flow,
    Message,
    MessageStep,
    Pause,
    PauseStep,
    Recipient,
    Rendering,
    Skipped,
    Variable,
)
from flowrunner.spec import KINDS
from flowrunner.views.problems.text import summary
from flowrunner.views.problems.text import text as problems
from flowrunner.views.report.json import event_json
from flowrunner.views.terminal import chat, events, runs, senders
from flowrunner.views.terminal.cards import card
from flowrunner.views.terminal.paragraphs import Paragraph, fold, render
from flowrunner.views.times import duration
from support.message_cases import VALID

ESCAPE = "\x1b"
SGR = re.compile(r"\x1b\[[0-9;]*m")
COLUMN = re.compile(r"\x1b\[(\d+)G")
"""The column at which a frame's right side is put."""


def seen(line: str) -> str:
    """A line as a terminal shows it."""
    text, column, side = COLUMN.split(SGR.sub("", line)) if COLUMN.search(line) else (SGR.sub("", line), 0, "")
    return text + " " * (int(column) - 1 - cell_len(text)) + side


LONG_ID = "wamid.HBgNNTIxNTUxMjM0NTY3OBUCABEYEjdCMDk5RkU3QTU2RjQwNjA0MQA="

BODIES: dict[str, dict[str, Any]] = {
    "text": {
        "message_type": "text",
        "content": "¡Hola *Ana*! 👋\n\nTu _plan_ es ~viejo~ *nuevo*: `A-12`\n> lo que dijiste\n- uno\n- dos y algo "
        "mucho más largo que no cabe en un renglón\n```x = 1```",
    },
    "cjk": {
        "message_type": "text",
        "content": "欢迎使用我们的服务，我们很高兴为您提供帮助。请随时与我们联系，祝您生活愉快！" * 2,
    },
    "rtl": {"message_type": "text", "content": "שלום לך, ברוך הבא לשירות שלנו. נשמח לעזור לך בכל שאלה שתהיה לך היום"},
    "long_word": {"message_type": "text", "content": "https://example.com/" + "abcdefghij" * 9 + " fin 👨‍👩‍👧👍🏽🇲🇽"},
    "image": {
        "message_type": "image",
        "media_url": "https://cdn.example.com/img/welcome-free.jpg?v=2",
        "caption": "Tu plan: *Free*",
    },
    "image_content": {"message_type": "image", "media_id": "1013859600285441", "content": "Pie de foto"},
    "video": {"message_type": "video", "media_url": "https://cdn.example.com/tour.mp4"},
    "audio": {"message_type": "audio", "media_id": "42", "content": "a record nobody sees"},
    "document": {
        "message_type": "document",
        "media_url": "https://cdn.example.com/d/991",
        "filename": "Factura 2024.pdf",
        "caption": "Tu factura",
    },
    "location": {
        "message_type": "location",
        "latitude": 19.4326,
        "longitude": -99.1332,
        "location_name": "Oficina Centro",
        "location_address": "Av. Juárez 1, Ciudad de México",
    },
    "location_bare": {"message_type": "location", "latitude": -33, "longitude": 0.5},
    "button": {
        "message_type": "interactive",
        "interactive_type": "button",
        "header_text": "Un paso más",
        "body_text": "¿Empezamos con la *configuración*?",
        "footer_text": "Puedes cambiarlo después",
        "buttons": [{"id": "si", "title": "Sí 🎉"}, {"id": "luego", "title": "Más tarde"}],
    },
    "list": {
        "message_type": "interactive",
        "interactive_type": "list",
        "body_text": "Elige un horario",
        "list_button_text": "Ver horarios",
        "sections": [
            {
                "title": "Mañana",
                "rows": [
                    {
                        "id": "9",
                        "title": "9:00",
                        "description": "Con la Dra. Ruiz, consultorio 4, segundo piso, al fondo",
                    },
                    {"id": "10", "title": "10:00"},
                ],
            },
            {"title": "Tarde", "rows": [{"id": "16", "title": "16:00", "description": "En línea"}]},
        ],
    },
    "template": {
        "message_type": "template",
        "template_name": "appointment_reminder",
        "template_language": "es_MX",
        "template_params": ["Ana", "mañana a las 9:00"],
    },
    "template_named": {
        "message_type": "template",
        "template_name": "invoice",
        "template_language": "en",
        "header_type": "document",
        "header_params": "https://cdn.example.com/invoice.pdf",
        "header_filename": "invoice.pdf",
        "template_params": {"header": {"month": "May"}, "body": {"name": "Ana", "total": "$12"}},
    },
    "reaction": {"message_type": "reaction", "reaction_emoji": "👍🏽", "reacted_to_message_id": LONG_ID},
    "reaction_removed": {"message_type": "reaction", "reaction_emoji": "", "reacted_to_message_id": "wamid.X"},
    "contacts": {
        "message_type": "contacts",
        "contacts": [
            {
                "name": {"formatted_name": "Dra. Julia Ruiz", "first_name": "Julia"},
                "phones": [{"phone": "+5215512345678", "type": "CELL", "wa_id": "5215512345678"}, {"phone": "55 1"}],
                "emails": [{"email": "julia@example.com", "type": "WORK"}],
                "org": {"company": "Clínica Sur", "title": "Médica"},
                "urls": [{"url": "https://example.com"}],
                "addresses": [{"street": "Av. 1", "city": "CDMX", "type": "WORK"}],
                "birthday": "1980-02-01",
            },
            {"first_name": "Luis", "last_name": "Paz"},
        ],
    },
    "unknown": {"message_type": "polling", "media_id": "7"},
}


def message(body: dict[str, Any]) -> Message:
    return Message(MessageStep("1", ("steps", 0), message=body), body, json.dumps(body))


def rendering(*actions: Message | Pause | Skipped, **variables: tuple[Any, str]) -> Rendering:
    flow = Flow(Bundle.of("flows/x.yaml", ""), "onboarding", "First-day welcome.", {}, ())
    given = tuple(Variable(name, value, origin) for name, (value, origin) in variables.items())
    return Rendering(flow, Recipient("c-123", "+5215512345678"), given, "2024-01-01T00:00:00+00:00", actions)


# --- the chat


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("name", BODIES)
def test_each_message_type_is_drawn(name: str, width: int, golden: Callable[[str, str], None]) -> None:
    """The plain drawing of every type is the one that was looked at and found good."""
    golden(f"chat/{name}-{width}.txt", chat.bubble(message(BODIES[name]), width=width, colour=False))


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("name", BODIES)
def test_no_line_of_a_bubble_is_wider_than_the_terminal(name: str, colour: bool) -> None:
    """Every line ends at the right edge, or at the hundredth column of a wider terminal, and no frame is broken."""
    for width in (16, 20, 24, 37, 61, 80, 200):
        drawn = chat.bubble(message(BODIES[name]), width=width, colour=colour, ticks="✓✓", time="10:32")
        assert {cell_len(seen(line)) for line in drawn.splitlines()} == {min(width, chat.WIDEST)}, width


@pytest.mark.parametrize("name", BODIES)
def test_only_colour_brings_escape_codes(name: str) -> None:
    """Plain output has no escape code, and coloured output has no other than styles and columns."""
    plain, coloured = (chat.bubble(message(BODIES[name]), width=60, colour=colour) for colour in (False, True))
    assert ESCAPE not in plain
    assert ESCAPE in coloured
    assert ESCAPE not in "".join(seen(line) for line in coloured.splitlines())


TYPED = [
    "*bold* _it_ ~no~ ```mono``` `in`",
    "> quote",
    "- item",
    "  two  spaces ",
    "2*3*4 snake_case_name",
    "e\u0301 한국어 नमस्ते",
]


@pytest.mark.parametrize("text", TYPED)
def test_plain_bubbles_keep_what_was_typed(text: str) -> None:
    """Without colour a line that fits stands there exactly as its author wrote it."""
    drawn = chat.bubble(message({"message_type": "text", "content": text}), width=80, colour=False)
    assert f"│ {text} │" in drawn


MARKS = [
    ("*bold*", "\x1b[1mbold\x1b[0m"),
    ("_it_", "\x1b[3mit\x1b[0m"),
    ("~no~", "\x1b[9mno\x1b[0m"),
    ("*_both_*", "\x1b[1;3mboth\x1b[0m"),
    ("(*b*), fin", "(\x1b[1mb\x1b[0m), fin"),
    ("`*x*`", "\x1b[36m*x*\x1b[0m"),
    ("```a *b*```", "\x1b[36ma *b*\x1b[0m"),
    ("> quote", "▌ \x1b[2mquote\x1b[0m"),
    ("- item", "• item"),
    ("* item", "• item"),
    ("1. first", "1. first"),
    ("2*3*4", "2*3*4"),
    ("snake_case_name", "snake_case_name"),
    ("* not bold *", "• not bold *"),
    ("a *b", "a *b"),
    ("¡*Hola*!", "¡\x1b[1mHola\x1b[0m!"),
]


@pytest.mark.parametrize(("typed", "drawn"), MARKS)
def test_marks_become_styles_in_colour(typed: str, drawn: str) -> None:
    """WhatsApp's marks are drawn as the phone draws them, and text that only looks like a mark is left alone."""
    assert f" {drawn} " in chat.bubble(message({"content": typed}), width=80, colour=True)


def test_endless_nesting_of_marks_is_drawn() -> None:
    """Marks nested a thousand deep are text after the third."""
    typed = "*_" * 1000 + "x" + "_*" * 1000
    assert "x" in chat.bubble(message({"content": typed}), width=80, colour=True)


def test_a_frame_is_kept_where_terminals_disagree_on_a_width() -> None:
    """After an emoji of several code points the right side is put at its column; plain lines need no such help."""
    lines = chat.bubble(message({"content": "❤️\n🇲🇽\n👋 ñ 中"}), width=40, colour=True).splitlines()
    assert ["\x1b[40G" in line for line in lines] == [False, True, True, False, False]


def test_code_over_several_lines_is_code_on_each() -> None:
    """A fence opened on one line and closed on another styles both, and takes no mark inside."""
    drawn = chat.bubble(message({"content": "```one\n> two```"}), width=80, colour=True)
    assert "\x1b[36mone\x1b[0m" in drawn
    assert "\x1b[36m> two\x1b[0m" in drawn


FOLDS = [
    ("one two three", 7, ["one two", "three"]),
    ("one  two", 4, ["one ", "two"]),
    ("one two", 3, ["one", "two"]),
    ("abcdefgh", 3, ["abc", "def", "gh"]),
    ("hi abcdefgh", 6, ["hi", "abcdef", "gh"]),
    ("中文字", 4, ["中文", "字"]),
    ("ab 中文字", 6, ["ab 中", "文字"]),
    ("👨‍👩‍👧👨‍👩‍👧", 3, ["👨‍👩‍👧", "👨‍👩‍👧"]),
    ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
    ("שלום עולם", 6, ["שלום", "עולם"]),
    ("", 5, [""]),
]


@pytest.mark.parametrize(("text", "cells", "lines"), FOLDS)
def test_text_folds_by_cells(text: str, cells: int, lines: list[str]) -> None:
    """Words stay whole where they can; nothing a person sees as one character is ever cut."""
    folded = fold([Paragraph(((text, ""),))], cells, False)
    assert [render(line, False) for line, _ in folded] == lines


def test_conversation_says_who_what_and_what_was_assumed() -> None:
    """The head names flow and recipient and only the values nobody gave; pauses and left-out steps are seen."""
    drawn = chat.conversation(
        rendering(
            message(BODIES["text"]),
            Pause(PauseStep("2", ("steps", 1)), 90),
            Skipped(MessageStep("3", ("steps", 2), id="ready"), 'plan == "pro" is false'),
            name=("Ana", "example"),
            plan=("free", "default"),
            tags=(["a", 1], "default"),
            city=("Lima", "--var city"),
        ),
        width=80,
        colour=False,
    )
    lines = [line.strip() for line in drawn.splitlines()]
    assert lines[:6] == [
        "onboarding",
        "First-day welcome.",
        "to +5215512345678 · conversation c-123",
        "name = Ana (example)",
        "plan = free (default)",
        'tags = ["a", 1] (default)',
    ]
    assert "Lima" not in drawn
    assert [line for line in lines if line.startswith("·")] == ["· 1 min 30 s later ·"]
    assert 'ready is left out: plan == "pro" is false' in lines
    assert drawn.count("╭") == 1


@pytest.mark.parametrize("width", [16, 20, 24, 40, 120])
def test_conversation_fits_the_terminal(width: int) -> None:
    """No line is wider than the terminal, however long a name, a value or a reason is."""
    drawn = chat.conversation(
        rendering(
            *(message(body) for body in BODIES.values()),
            Skipped(MessageStep("3", ("steps", 2), id="x" * 50), "because " * 20),
            name=("v" * 200, "example"),
        ),
        width=width,
        colour=False,
    )
    assert max(cell_len(line) for line in drawn.splitlines()) == min(width, chat.WIDEST)


DURATIONS = [
    (0.5, "500 ms"),
    (2, "2 s"),
    (2.5, "2.5 s"),
    (90, "1 min 30 s"),
    (300, "5 min"),
    (7200, "2 h"),
    (259200, "3 d"),
]


@pytest.mark.parametrize(("seconds", "said"), DURATIONS)
def test_durations_are_said_in_their_units(seconds: float, said: str) -> None:
    """A pause is told as a person would tell it."""
    assert duration(seconds) == said


HOSTILE = "a\x1b[31mred\x07\x9b2J\u202egnp\r\x7f\ud83d\u2028b"


def test_hostile_text_cannot_steer_the_terminal() -> None:
    """What files and values hold is shown as signs: in bubbles, heads, problems, progress and tables."""
    place = Location(f"f{HOSTILE}.yaml", 1, 1, 1, 3)
    event = Event(EventKind.FAILED, "r", 0, message_id=HOSTILE, detail={"reason": HOSTILE})
    row = runs.RunRow(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 0, 1, 0, 0)
    drawn = [
        chat.conversation(rendering(message({"content": HOSTILE}), x=(HOSTILE, "example")), width=80, colour=False),
        *(
            chat.bubble(message({**BODIES[name], key: HOSTILE}), width=80, colour=False)
            for name, key in [("document", "filename"), ("location", "location_name"), ("reaction", "reaction_emoji")]
        ),
        problems([Diagnostic("c", HOSTILE, place, hint=HOSTILE, excerpt=HOSTILE, link=HOSTILE)], False),
        events.line(event, HOSTILE, HOSTILE, colour=False),
        event_json(event),
        runs.runs_table([row], width=300, colour=False),
    ]
    for text in drawn:
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028\ud83d]", text)
        text.encode("utf-8")


# --- problems


def diagnostic(excerpt: str, column: int, end_column: int, **more: Any) -> Diagnostic:
    place = Location("flows/welcome.yaml", 9, column, more.pop("end_line", 9), end_column)
    return Diagnostic("too-many-items", "buttons has 4 items, at most 3 are allowed", place, excerpt=excerpt, **more)


def test_a_problem_says_where_what_and_how_to_mend_it() -> None:
    """The first line is the one editors follow; then source, caret, origin and hint; a blank line before the next."""
    note = Note("the value is 4 long", Location("--var name"))
    drawn = problems(
        [
            diagnostic("  buttons: [a, b, c, d]", 12, 24, hint="take one away", link="https://e.org/x", notes=(note,)),
            diagnostic("", 1, 2, severity=Severity.WARNING),
        ],
        colour=False,
    )
    assert drawn.splitlines() == [
        "flows/welcome.yaml:9:12: error[too-many-items]: buttons has 4 items, at most 3 are allowed",
        "    9 |   buttons: [a, b, c, d]",
        "      |            ^^^^^^^^^^^^",
        "  from --var name: the value is 4 long",
        "  hint: take one away",
        "",
        "flows/welcome.yaml:9:1: warning[too-many-items]: buttons has 4 items, at most 3 are allowed",
        "",
        "1 error, 1 warning in 1 file",
    ]


def test_a_code_leads_to_the_page_of_its_rule_where_the_terminal_makes_links() -> None:
    """Nowhere else does an address stand between the reader and the next problem."""
    found = [diagnostic("abc", 1, 2, link="https://e.org/x"), diagnostic("abc", 1, 2)]
    first, *_, second, _, _, _, _ = problems(found, colour=False, links=True).splitlines()
    assert "error[\x1b]8;;https://e.org/x\x1b\\too-many-items\x1b]8;;\x1b\\]: buttons" in first
    assert "error[too-many-items]: buttons" in second
    for colour in (False, True):
        assert "e.org" not in problems(found, colour=colour)


def test_a_problem_takes_at_most_seven_lines() -> None:
    """Many notes are counted, not dropped in silence."""
    notes = tuple(Note("first used", Location("f.yaml", line, 1)) for line in range(5))
    lines = problems([diagnostic("abc", 1, 2, hint="h", link="l", notes=notes)], colour=False).splitlines()
    assert lines[-2:] == ["", "1 error in 1 file"]
    assert len(lines) - 2 == 7
    assert "  and from 3 more places" in lines


CARETS = [
    ("ascii", "key: value", 6, 11, "     ^^^^^"),
    ("emoji before", 'a: "👋👋" x', 9, 10, "          ^"),
    ("wide marked", "a: 中文", 4, 6, "   ^^^^"),
    ("combining", "e\u0301: x", 5, 6, "   ^"),
    ("tab", "\tkey: 1", 7, 8, "         ^"),
    ("control", "\x1b\x1bx", 3, 4, "  ^"),
    ("after the end", "key:", 5, 5, "    ^"),
    ("spaces at the end", "key:   ", 1, 8, "^^^^"),
    ("spaces at the end of a part", "ab  }}", 1, 4, "^^"),
]


@pytest.mark.parametrize(("name", "excerpt", "column", "end", "carets"), CARETS)
def test_carets_stand_under_what_they_mean(name: str, excerpt: str, column: int, end: int, carets: str) -> None:
    """Columns are code points, carets are cells; the line is whole."""
    _, line, marks, *_ = problems([diagnostic(excerpt, column, end)], colour=False).splitlines()
    assert marks == f"      | {carets}"
    if excerpt.isprintable():
        assert line.rstrip() == f"    9 | {excerpt}".rstrip()


def test_a_place_over_several_lines_is_marked_to_the_end_of_its_first() -> None:
    """A block's carets stop where its first line does."""
    assert problems([diagnostic("a: [1,", 4, 2, end_line=12)], False).splitlines()[2] == "      |    ^^^"


@pytest.mark.parametrize("filler", ["x", "中"])
@pytest.mark.parametrize(("column", "length"), [(1, 5), (200, 5), (396, 5), (1, 400), (150, 200)])
def test_long_lines_are_shown_around_the_caret(filler: str, column: int, length: int) -> None:
    """The marked text is in view, what was cut is an ellipsis, and the line stays short."""
    excerpt = filler * (column - 1) + "#" * length + filler * (400 - column - length + 1)
    _, line, caret, *_ = problems([diagnostic(excerpt, column, column + length)], False).splitlines()
    assert cell_len(line) <= 110
    assert "…" in line
    start = cell_len(caret) - len(caret.strip("| "))
    assert cell_len(line[: line.index("#")]) == start
    assert cell_len(caret) <= cell_len(line)


SUMMARIES = [
    ([], "no problems"),
    ("e", "1 error in 1 file"),
    ("ewe", "2 errors, 1 warning in 1 file"),
    ("ww", "2 warnings in 1 file"),
]


@pytest.mark.parametrize(("kinds", "said"), SUMMARIES)
def test_the_summary_counts(kinds: str, said: str) -> None:
    """Errors and warnings are counted apart, and so are their files."""
    severities = {"e": Severity.ERROR, "w": Severity.WARNING}
    assert summary([diagnostic("", 1, 2, severity=severities[kind]) for kind in kinds]) == said


def test_the_summary_counts_no_option_as_a_file() -> None:
    """A value on the command line and the standard input are no files."""
    assert summary([Diagnostic("c", "m", Location("--var x")), Diagnostic("c", "m", Location("<stdin>"))]) == (
        "2 errors"
    )


def test_problems_in_colour_say_the_same() -> None:
    """Colour adds styles and nothing else."""
    found = [diagnostic("a: 👋", 4, 5, hint="h", link="l")]
    assert SGR.sub("", problems(found, colour=True)) == problems(found, colour=False)
    assert problems([], colour=True) == ""


# --- progress and runs

ACCEPTED = Event(EventKind.ACCEPTED, "r1", 1700000000.5, "1", "0123456789ab", {"status": "pending"})

LINES = [
    (ACCEPTED, "hello             text          accepted   01234567"),
    (Event(EventKind.BEGUN, "r1", 0, "1"), "hello             text          sending"),
    (
        Event(EventKind.FAILED, "r1", 0, "1", detail={"reason": "The key is wrong.", "hint": "set KAPSO_API_KEY"}),
        "hello             text          failed     The key is wrong. Set KAPSO_API_KEY",
    ),
    (Event(EventKind.ASKED, "r1", 0, "1", detail={"wake_at": 60}), "hello             text          asking"),
    (
        Event(EventKind.HEARD, "r1", 0, message_id="wamid.1", detail={"kind": "text", "text": "1\n2 " + "x" * 80}),
        'hello             text          heard      "1 2 ' + "x" * 55 + '…"',
    ),
    (
        Event(EventKind.HEARD, "r1", 0, message_id="wamid.1", detail={"kind": "image"}),
        "hello             text          heard      image",
    ),
    (
        Event(EventKind.ANSWERED, "r1", 0, "1", detail={"name": "now", "text": "Start", "ids": ["wamid.1"]}),
        'hello             text          answered   now: "Start"',
    ),
    (
        Event(EventKind.ANSWERED, "r1", 0, "1", detail={"name": "no_reply", "ids": []}),
        "hello             text          answered   nothing was answered",
    ),
    (
        Event(EventKind.OPTED_OUT, "r1", 0, detail={"reason": "wrote stop"}),
        "hello             text          opted out  wrote stop",
    ),
]


@pytest.mark.parametrize(("event", "said"), LINES)
def test_progress_is_one_line_an_event(event: Event, said: str) -> None:
    """Label, what it is, status word, the id's beginning and the reason."""
    assert events.line(event, "hello", "text", colour=False) == said
    assert SGR.sub("", events.line(event, "hello", "text", colour=True)).split() == said.split()


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_has_a_word(kind: EventKind) -> None:
    """No event that a run can give is without a line."""
    assert events.line(Event(kind, "r", 0), "a", "b", colour=False).split()[2:]


def test_an_event_is_one_line_of_json_with_stable_keys() -> None:
    """Whatever an event holds, its line has the same keys in the same order."""
    for event in (ACCEPTED, Event(EventKind.FINISHED, "r1", 2.0, detail={"reason": "línea\nnueva"})):
        text = event_json(event)
        assert "\n" not in text
        assert list(json.loads(text)) == ["kind", "run", "step", "at", "message_id", "detail"]
        assert json.loads(text)["detail"] == event.detail


ROW = runs.RunRow("k3f9", "onboarding", "+5215512345678", "in doubt", 3, 7, 1700000000, 1700000065)


def test_the_table_of_runs_has_a_line_each() -> None:
    """Columns stand under their heads, times are those of the zone."""
    other = ROW._replace(id="longer-id", flow="订单更新", state="finished")
    assert runs.runs_table([ROW, other], width=120, colour=False).splitlines() == [
        "RUN        FLOW        RECIPIENT       STATE     STEPS  STARTED      UPDATED",
        "k3f9       onboarding  +5215512345678  in doubt  3/7    11-14 22:13  11-14 22:14",
        "longer-id  订单更新    +5215512345678  finished  3/7    11-14 22:13  11-14 22:14",
    ]


def test_a_narrow_table_cuts_names_and_says_so() -> None:
    """Run ids, states and times stay whole, so that they can be copied."""
    lines = runs.runs_table([ROW], width=74, colour=True).splitlines()
    plain = SGR.sub("", lines[1])
    assert max(cell_len(SGR.sub("", line)) for line in lines) <= 74
    assert plain.startswith("k3f9  ")
    assert plain.endswith("in doubt  3/7    11-14 22:13  11-14 22:14")
    assert "…" in plain


def test_a_run_in_full_dates_its_events() -> None:
    """The facts of the run, then a dated line an event, steps called by their labels."""
    events = [ACCEPTED, Event(EventKind.FINISHED, "r1", 1700000001)]
    lines = runs.run_detail(ROW, events, {"1": ("hello", "text")}, colour=False).splitlines()
    assert lines[:2] == ["run        k3f9", "flow       onboarding"]
    assert lines[-2].split() == ["2023-11-14", "22:13:20", "hello", "text", "accepted", "01234567"]
    assert lines[-1].split() == ["2023-11-14", "22:13:21", "run", "finished"]


@pytest.mark.parametrize(("width", "kept"), [(120, 7), (81, 7), (80, 6), (68, 6), (60, 5), (55, 5)])
def test_the_table_of_runs_fits_a_narrow_terminal(width: int, kept: int) -> None:
    """Times are left out before a name is cut to less than a phone number; what a person types stays whole."""
    row = ROW._replace(id="t6h2pq0710bd", flow="onboarding-of-new-customers")
    lines = runs.runs_table([row], width=width, colour=False).splitlines()
    assert len(lines[0].split()) == kept
    assert max(map(cell_len, lines)) <= width
    assert lines[1].startswith("t6h2pq0710bd  onboard")
    assert "+5215512345678  in doubt  3/7" in lines[1]


RUN_RECORD = """\
RUN        t6h2pq0710bd
FLOW       welcome
RECIPIENT  +5215512345678
STATE      in doubt
STEPS      3/7
STARTED    11-14 22:13
UPDATED    11-14 22:14

RUN        k3f9
FLOW       onboarding
RECIPIENT  +5215512345678
STATE      in doubt
STEPS      3/7
STARTED    11-14 22:13
UPDATED    11-14 22:14"""
SENDER_RECORD = """\
SENDER  production
RATE    100/min
KEY     KAPSO_API_KEY
PHONE   -
NAME    -
HEALTH  fails
  the key is refused

SENDER  test
RATE    100/min
KEY     KAPSO_API_KEY
PHONE   -
NAME    -
HEALTH  healthy"""
SENDERS = [
    senders.SenderRow("production", "100/min", "KAPSO_API_KEY", "", "", "fails", ["the key is refused"]),
    senders.SenderRow("test", "100/min", "KAPSO_API_KEY", "", "", "healthy"),
]


@pytest.mark.parametrize("width", [40, 20])
@pytest.mark.parametrize("colour", [False, True])
def test_a_row_that_fits_no_line_is_a_record(width: int, colour: bool) -> None:
    """A line for each of its cells, all of them whole, by what the head of the table calls them."""
    row = ROW._replace(id="t6h2pq0710bd", flow="welcome")
    assert SGR.sub("", runs.runs_table([row, ROW], width=width, colour=colour)) == RUN_RECORD
    assert SGR.sub("", senders.senders_table(SENDERS, width=width, colour=colour)) == SENDER_RECORD


def test_what_is_piped_is_a_line_a_row() -> None:
    """However long it becomes: other programs read it by lines."""
    row = ROW._replace(id="t6h2pq0710bd" * 9)
    assert len(runs.runs_table([row, ROW], width=80, colour=False).splitlines()) == 3
    assert runs.runs_table([], width=20, colour=False).startswith("RUN  FLOW")


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_type_has_a_card(kind: str) -> None:
    """A type that has none is shown as JSON."""
    assert "message_type" not in repr(card(VALID[kind]))


@pytest.mark.parametrize(("is_open", "said"), [(True, "free text"), (False, "a template only")])
def test_what_was_asked_of_the_24_hours_is_said(is_open: bool, said: str) -> None:
    """In the words of whoever reads it."""
    shown = events.line(
        Event(EventKind.WINDOW, "r1", 2.0, "news", detail={"open": is_open}), "news", "text", colour=False
    )
    assert shown == f"news              text          asked      they may be sent {said}"
