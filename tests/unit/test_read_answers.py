"""What is read of a text that somebody wrote, and what later steps may read of an answer."""

from datetime import datetime
from typing import Any

import pytest

from flowrunner.engine.answers.typed import typed
from flowrunner.model import Expect
from flowrunner.spec.plainly import plainly, says
from support.talks import NOW, Talk

READ: list[tuple[Expect, str, Any]] = [
    *(
        ("number", text, value)
        for text, value in [
            ("12", 12),
            ("12.5", 12.5),
            ("12,5", 12.5),
            ("1.234,5", 1234.5),
            ("1,234.50 USD", 1234.5),
            ("$ 1 234", 1234),
            ("somos 12", 12),
            ("−3", -3),
            ("٣٤", 34),
            ("5️⃣", 5),
            ("0.500", 0.5),
            ("12.", 12),
            ("12 o 13", None),
            ("12-15", None),
            ("1/2", None),
            ("3.14.15", None),
            ("v2.0.1", None),
            ("I have waited for 3 weeks by now", None),
            ("le doy un 10, gracias", 10),
            ("ocho", 8),
            ("Un diez, gracias!", 10),
            ("somos dois", 2),
            ("zero", 0),
            ("los dos", None),
            ("uno nunca sabe", None),
            ("dos o tres", None),
            ("20 mil", None),
            ("15k", None),
            ("1,5 millones", None),
            ("R$ 2 milhões", None),
            ("3 y medio", None),
            ("2 dozen", None),
            ("mi edad es 30", 30),
            ("para mi 3", 3),
            ("cuarto 12", 12),
            ("quarto 12", 12),
            ("4 para mi", 4),
            ("5 mi", None),
            ("3 y cuarto", None),
            ("mil 200", None),
            ("9" * 30, None),
            ("1" + " " * 5000, None),
        ]
    ),
    ("integer", "1.234", 1234),
    ("integer", "1,234", 1234),
    ("integer", "12.0", 12),
    ("integer", "12.5", None),
    ("date", "2026-03-12", "2026-03-12"),
    ("date", "12/3/2026", "2026-03-12"),
    ("date", "12.3.26", "2026-03-12"),
    ("date", "3/25/2026", "2026-03-25"),
    ("date", "el 12/3", "2026-03-12"),
    ("date", "1/1", "2027-01-01"),
    ("date", "29/2", "2028-02-29"),
    ("date", "31/4/2026", None),
    ("date", "lunes 15 de diciembre, por favor", "2026-12-15"),
    ("date", "Dec 15th", "2026-12-15"),
    ("date", "1º de enero de 2027", "2027-01-01"),
    ("date", "15 de março", "2026-03-15"),
    ("date", "30 de febrero", None),
    ("date", "15 y 16 de diciembre", None),
    ("date", "dec 2026", None),
    ("date", "mar 15", None),
    ("date", "2 days ago", None),
    ("date", "May I come 5 days later", None),
    ("date", "3-4-90", "1990-04-03"),
    ("date", "1/1/1", None),
    ("date", "12/3/202", None),
    ("date", "12/3/20266", None),
    ("date", "1.2.3.4", None),
    ("date", "el 12.3.26.", "2026-03-12"),
    ("date", "12/3/26, 14h", "2026-03-12"),
    ("date", "3-4-36", "2036-04-03"),
    ("date", "1/1 o 2/1", None),
    ("time", "14:30", "14:30"),
    ("time", "14h30", "14:30"),
    ("time", "2:30 p.m.", "14:30"),
    ("time", "12 am", "00:00"),
    ("time", "a las 9", "09:00"),
    ("time", "9h", "09:00"),
    ("time", "25:00", None),
    ("time", "14 pm", None),
    ("time", "a las 4 de la tarde", "16:00"),
    ("time", "4 da tarde", "16:00"),
    ("time", "at 4 in the afternoon", "16:00"),
    ("time", "12 del mediodía", "12:00"),
    ("time", "8:30 de la noche", "20:30"),
    ("time", "20:30 de la noche", "20:30"),
    ("time", "12 de la noche", "00:00"),
    ("time", "2 at night", None),
    ("time", "10 de la mañana", "10:00"),
    ("time", "a las 4 por favor", "04:00"),
    ("time", "4 aprox", "04:00"),
    ("time", "2:30p", "14:30"),
    ("time", "half past 4", None),
    ("time", "12 de marzo", None),
    ("time", "el lunes 12 de marzo", None),
    ("time", "March 5th", None),
    ("time", "el lunes a las 12", "12:00"),
    ("time", "10 y media", None),
    ("time", "1030", None),
    ("time", "2026", None),
    ("time", "a las 4 en mi casa", "04:00"),
    ("time", "8 a la noche", "20:00"),
    ("time", "8 a noite", "20:00"),
    ("time", "a las 5 a la tarde", "17:00"),
    ("time", "9 a", "09:00"),
    ("time", "8p mañana", "20:00"),
    ("time", "boa tarde, 9h", "09:00"),
    ("time", "Boa noite! Às 10h", "10:00"),
    ("time", "good evening, 9:30", "09:30"),
    ("time", "Good afternoon, 4 in the afternoon", "16:00"),
    ("time", "más tarde, a las 9", "09:00"),
    ("time", "mais tarde, às 9", "09:00"),
    ("time", "9 mas tarde no", "09:00"),
    ("time", "5 tarde", "17:00"),
    ("time", "cuarto para las 5", None),
    ("email", "it is ana@example.com.", "ana@example.com"),
    ("email", "a@b", None),
    ("email", "“ana@example.com”", "ana@example.com"),
    ("email", "*ana@example.com*", "ana@example.com"),
    ("email", "¿ana@example.com?", "ana@example.com"),
    ("email", "ana@example.com👍", "ana@example.com"),
    ("email", "mailto:ana@example.com", "ana@example.com"),
    ("email", "o'neil+x@example.co.uk", "o'neil+x@example.co.uk"),
    ("email", "ana..b@example.com", None),
    ("email", "ana@example..com", None),
    ("email", "ana@-example.com", None),
    ("email", f"{'a' * 65}@example.com", None),
    ("email", "a@b.co, c@d.co", None),
    ("email", "r&d@example.com", "r&d@example.com"),
    ("phone", "+49 151 23456789", "+4915123456789"),
    ("phone", "55 1234 5678", "+525512345678"),
    ("phone", "12", None),
    ("phone", "mi número es 55 1234 5678", "+525512345678"),
    ("phone", "5512345678, gracias 👍", "+525512345678"),
    ("phone", "5512345678 o 5587654321", None),
    ("phone", "my order that has not come yet is 5512345678", None),
    *(
        ("yes_no", text, True)
        for text in (
            "Sí!", "YES", "claro", "ok 👍", "👍", "sí, por favor", "Sim", "s", "siii", "okk", "👍👍", "👍🏽", "☑️",
            "Sí, claro", "claro que sí", "Por supuesto", "of course", "yes, I do", "sí quiero",
            "confirmo", "com certeza", "por supuesto que sí", "obvio que sí",
        )
    ),
    *(
        ("yes_no", text, False)
        for text in (
            "no", "NÃO", "nein", "👎", "no, gracias", "nooo", "no no", "claro que no", "para nada",
            "no puedo", "not yet",
            "não quero", "I can’t", "🚫", "I do not", "no, I will not", "i dont", "i cant", "of course not",
            "por supuesto que no", "obvio que no",
        )
    ),
    *(
        ("yes_no", text, None)
        for text in (
            "tal vez", "no sé", "sí pero no", "gracias", "", "¿por qué no?", "por que no", "ok?", "ja ja ja", "👍👎",
            "no problem", "no hay problema", "si puedo", "sí o no", "por favor",
        )
    ),
    ("text", "  ", "  "),
]  # fmt: skip


@pytest.mark.parametrize(("expect", "text", "value"), READ)
def test_what_a_text_is_read_as(expect: Expect, text: str, value: Any) -> None:
    """As ``docs/listening.md`` says; what is ambiguous is not guessed."""
    assert typed(expect, text, datetime.fromisoformat(NOW), "+525500000000") == value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("¡Sí! 👍", "si"),
        ("  Más\ttarde… ", "mas tarde"),
        ("ＳＴＯＰ", "stop"),
        ("Straße", "STRASSE"),
        ("👍🏽", "👍"),
        ("❤️", "❤"),
        ("I’m in", "i'm in"),
        ("stop\u200b", "stop"),
        ("*Later*", "later"),
        ("Sí, ahí estaré", "si ahi estare"),
        ("Sí. ¡Claro!", "sí,claro"),
        ("👍👍", "👍"),
    ],
)
def test_texts_that_are_the_same_to_a_person_are_the_same(one: str, other: str) -> None:
    """Without case, accents, and emoji, spaces and signs at the ends."""
    assert plainly(one) == plainly(other)


@pytest.mark.parametrize(
    ("text", "word", "is_said"),
    [
        ("please STOP now", "stop", True),
        ("stopped", "stop", False),
        ("No me interesa, gracias", "no me interesa", True),
        ("no, me interesa", "no me interesa", True),
        ("👍 va", "👍", True),
        ("?", "stop", False),
        ("", "stop", False),
    ],
)
def test_a_word_is_said_whole(text: str, word: str, is_said: bool) -> None:
    """Anywhere in the text."""
    assert says(text, word) is is_said


LIST = """
name: t
steps:
  - id: day
    message:
      message_type: interactive
      interactive_type: list
      body_text: Which day?
      list_button_text: Days
      sections: [{rows: [{id: mo, title: Monday}, {id: tu, title: Tuesday}]}]
    reply: {within: 1h, answers: [{row: mo}, {row: tu}], otherwise: continue, no_reply: continue}
  - message: "%s"
anytime: [{words: [stop], end: opted_out}]
"""
ASK = """
name: t
steps:
  - id: it
    message: Well?
    reply: {within: 1h, expect: %s, no_reply: continue}
  - message: "%s"
anytime: [{words: [stop], end: opted_out}]
"""
SAID = [
    (LIST, "", "{{ day.answered }} {{ day.row }} {{ day.choice }} {{ day.title }} {{ day.answer }} {{ day.text }}",
     {"text": "tuesday!"}, "true tu tu Tuesday tu tuesday!"),
    (LIST, "", "{{ day.answered }} {{ day.answer }} {{ day.text }}", {"text": "hm"}, "false otherwise hm"),
    (ASK, "any", "{{ it.at.hour }} {{ it.message_id }} {{ it.answer }}", {"text": "x", "id": "wamid.q"},
     "10 wamid.q any"),
    (ASK, "date", "{{ it.value | date('%d.%m.') }} {{ it.value.year }}", {"text": "12/3"}, "12.03. 2026"),
    (ASK, "time", "{{ it.value.hour }}", {"text": "2:30 pm"}, "14"),
    (ASK, "integer", "{{ it.value + 1 }}", {"text": "1.234"}, "1235"),
    (ASK, "yes_no", "{{ 'yes' if it.value else 'no' }}", {"text": "nope"}, "no"),
    (ASK, "media", "{{ it.media.type }} {{ it.media.id }} {{ it.media.caption }} {{ it.text }} {{ it.value }}",
     {"text": "look", "kind": "image", "data": {"media_id": "7"}}, "image 7 look look 7"),
    (ASK, "location", "{{ it.location.latitude }} {{ it.location.name }} {{ it.value.longitude }}",
     {"kind": "location", "data": {"latitude": 1.5, "longitude": 2.5, "name": "Here"}}, "1.5 Here 2.5"),
    (ASK, "form", "{{ it.form.size }} {{ it.value.size }}", {"kind": "form", "data": {"response": {"size": "L"}}},
     "L L"),
]  # fmt: skip


@pytest.mark.parametrize(("flow", "expect", "text", "said", "shown"), SAID)
def test_what_later_steps_read_of_an_answer(
    flow: str, expect: str, text: str, said: dict[str, Any], shown: str
) -> None:
    """By the question's id."""
    talk = Talk(flow % ((expect, text) if expect else text))
    talk.hears(**said)
    talk.ends()
    assert talk.texts[-1] == shown


def test_what_is_expected_and_not_read_is_asked_again() -> None:
    """Without answers, too."""
    again = "otherwise: {again: An address!, times: 1, then: end}, no_reply: end}"
    flow = (ASK % ("email", "Sent to {{ it.value }}")).replace("no_reply: continue}", again)
    talk = Talk(flow)
    for text in ("hola", "es ana@example.com"):
        talk.hears(text)
        talk.passes(3)
        talk.go_on()
    talk.ends()
    assert talk.texts == ["Well?", "An address!", "Sent to ana@example.com"]


DATES = """
name: t
steps:
  - id: it
    message: Well?
    reply: {within: 1h, expect: %s, answers: [{when: '%s'}], otherwise: continue, no_reply: continue}
  - message: "{{ it.answered }} {{ it.value | default('-') }}"
anytime: [{words: [stop], end: opted_out}]
"""
COMPARED = [
    ("date", 'it.value > "2026-03-11"', "12/3", True),
    ("date", 'it.value > "2026-03-12"', "12/3", False),
    ("date", 'it.value == "2026-03-12"', "12/3", True),
    ("date", 'it.value in ["2026-03-11", "2026-03-12"]', "12/3", True),
    ("date", '"2026-03-11" < it.value <= "2026-03-12"', "12/3", True),
    ("date", 'it.value != "2026-03-12"', "12/3", False),
    ("date", '"2026-03-11" != it.value', "12/3", True),
    ("date", '"2026-03-12" != it.value', "12/3", False),
    ("date", "it.value != now", "1/3/2026", False),
    ("date", "it.value != it.value.day", "1/3/2026", True),
    ("date", "now.date() < it.value", "12/3", True),
    ("date", "it.value > now", "12/3", True),
    ("date", "it.value == now", "1/3/2026", True),
    ("date", "it.value < now", "1/3/2026", False),
    ("date", "it.value >= now.date()", "1/3/2026", True),
    ("date", "(it.value - now.date()).days == 11", "12/3", True),
    ("time", 'it.value >= "9:00" and it.value <= "18:00"', "6 pm", True),
    ("time", 'it.value >= "09:00"', "8:59", False),
    ("time", 'it.value == "14:30"', "2:30 pm", True),
    ("time", "it.value < now.time()", "9:59", True),
    ("time", 'it.value != "14:30"', "2:30 pm", False),
    ("time", 'it.value != "9:00"', "8:59", True),
]


@pytest.mark.parametrize(("expect", "when", "text", "holds"), COMPARED)
def test_a_day_and_an_hour_are_compared_as_they_are_written(expect: str, when: str, text: str, holds: bool) -> None:
    """With texts, as inputs have them, with ``now``, and with their own kind."""
    talk = Talk(DATES % (expect, when))
    talk.hears(text)
    talk.ends()
    assert talk.texts[-1].split()[0] == str(holds).lower()


def test_what_is_not_known_of_an_answer_has_no_value() -> None:
    """Silence has no text."""
    talk = Talk(
        ASK % ("any", "{{ it.answered }} {{ it.answer }} {{ it.text | default('-') }} {{ it.value is defined }}")
    )
    talk.ends()
    assert talk.texts[-1] == "false no_reply - false"
