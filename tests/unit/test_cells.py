"""Cells: trimmed, typed as their inputs want, and told where they hold what nobody means."""

# ruff: noqa: E501  # a table's row is read as one line

import json
from pathlib import Path
from typing import Any

import pytest

from flowrunner.audience.oddities import hardly_meant, never_meant
from flowrunner.diagnostics import Diagnostic
from flowrunner.engine import Prepared
from flowrunner.flow import load_text
from flowrunner.model import Input
from flowrunner.numbers import as_shown
from flowrunner.source.marks import trimmed
from support.audiences import ANA, opened, said

BLANKS = [
    "",
    " ",
    "\u00a0",
    "\u3000 ",
    "\u200b",
    "\ufeff",
    "\u2060\u200e",
    "\u00ad",
    "\u200d",
    "\ufe0f",
    "\u3164",
    "\ufffc",
]
TRIMMED = [
    (" Ana", "Ana"),
    ("Bo ", "Bo"),
    ("\u00a0Ana\u202f", "Ana"),
    ("\u200bAna\ufeff", "Ana"),
    ("\tAna Paz\r\n", "Ana Paz"),
    ("\u200e \u2060Ana\u00ad ", "Ana"),
    ("\u202bדנה\u202c", "דנה"),
    ("Ana \u202bדנה\u202c", "Ana \u202bדנה\u202c"),  # a pair is not parted
    ("I ❤\ufe0f ", "I ❤\ufe0f"),
    ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ("രാജന\u0d4d\u200d", "രാജന\u0d4d\u200d"),
    ("a  b", "a  b"),
    ("A\u200bna", "A\u200bna"),
]  # fmt: skip
NEVER = [
    "#NOMBRE?", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#¡REF!", "#¿NOMBRE?", "#¡VALOR!", "#N/D",
    "#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#VALEUR!", "#NOM?", "#RIF!", "#VALORE!", "#NOME?", "#N/B", "#WAARDE!", "#Н/Д", "#ERROR!",
    "########", "Err:502", "Ana #N/A", "=VLOOKUP(A2,B:C,2,0)", "=BUSCARV(A1;B:C;2)", "=A2", '=A2&" "&B2', "=$B$3", "=Sheet1!A2",
    "='My Sheet'!A2", "=-(A2)", '="007"', "=1+1", "={SUM(A1:A3)}", "{{ name }}", "Hi {{name}}", "{% if x %}", "Jos\ufffd",
    "#DESBORDAMIENTO!", "#CAMPO!", "#BRAK", "Erro:502", "{=A1}", "=Tabela1[@Nome]", "=[@Nome]", "=Tabela1[#All]",
]  # fmt: skip
HARDLY = [
    "NULL", "null", "None", "nan", "NaN", "N/A", "n/a", "undefined", "-", "—", "test", "?", "(null)", "[object Object]",
    "ZoÃ«", "JosÃ©", "GarcÃ­a", "Ãlvaro Ã‰va", "ZoÃƒÂ«", "Itâ€™s", "ðŸ‘‹", "ÐŸÑ€Ð¸Ð²ÐµÑ‚", "FranÃ§ois MÃ¼ller", "Zoë Ã‰va",
    "Sin Nombre", "n/d", "s/d", "(vazio)", "null null", "undefined undefined", "desconhecido", "inconnu", "なし", "不明", "غير معروف", "अज्ञात", "(en blanco)", "<null>", "Loading...", "Cargando...", "first_name",
    "{name}", "${name}", "%name%", "[name]", "<name>", "<<name>>", "«Nombre»", "*|FNAME|*",
    "1.23457E+15", "1,23457E+15", "2E+05", "00/01/1900", "1/0/1900", "1/0/00", "1900-01-00", "30/12/1899", "12/30/1899 0:00:00",
]  # fmt: skip
MEANT = [
    "Ana", "José", "Zoë", "JOÃO", "ÂNGELA", "RÚŽA", "Ángel Ñandú", "Åsa", "Ærøskøbing", "L’Île…", "Œuvre « complète »", "#1",
    "#VIP", "Calle 5 #12-34", "=)", "=D", "=[", "{=}", "= Ana", "100%", "[x] ok", "a <b", "2*3", "Nonna", "Nullo", "Testa", "-5", "A-B", "Na",
    "naïve", "Ã", "Σ", "👋", "שלום", "x@y.com", "$5", "{", "Ana {la}", "%", "50% off 20%",
    "1E5", "1.5E+3", "Tower 2E+05", "10/10/1900", "A/00", "1900", "01/01/1900",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [*TRIMMED, *((blank, "") for blank in BLANKS)])
def test_ends_are_trimmed_of_what_nobody_sees(text: str, expected: str) -> None:
    """White space and marks; what belongs to the last letter, or to a pair, stays."""
    assert trimmed(text) == expected


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_blank_cell_is_blank(tmp_path: Path, blank: str, form: str) -> None:
    """In a table it gives nothing; in JSON an empty text, which `minLength: 1` refuses."""
    line = json.dumps({"phone": ANA, "name": blank}, ensure_ascii=False)
    content = f'phone,name\n{ANA},"{blank}"\n' if form == "csv" else f"{line}\n"
    audience, _ = opened(tmp_path / "a", content)
    assert audience is not None
    (row,) = audience
    assert row.values == ({} if form == "csv" else {"name": ""})


@pytest.mark.parametrize("text", NEVER)
def test_what_is_never_meant_is_an_error(text: str, tmp_path: Path) -> None:
    """At its cell, also where another cell of the row is good."""
    assert (found := never_meant(text)) is not None
    assert found.hint
    assert places(tmp_path, text) == [("2:3 broken-cell", True), ("1:58 broken-cell", True)]


@pytest.mark.parametrize("text", HARDLY)
def test_what_is_hardly_meant_is_a_warning(text: str, tmp_path: Path) -> None:
    """It is sent all the same."""
    assert never_meant(text) is None
    assert (found := hardly_meant(text)) is not None
    assert found.hint
    assert places(tmp_path, text) == [("2:3 odd-cell", False), ("1:58 odd-cell", False)]


@pytest.mark.parametrize("text", MEANT)
def test_what_may_be_meant_is_not_told(text: str, tmp_path: Path) -> None:
    """Names with strange letters are names."""
    assert never_meant(text) is None
    assert hardly_meant(text) is None
    assert places(tmp_path, text) == []


def places(tmp_path: Path, text: str) -> list[tuple[str, bool]]:
    """Where a text is told in a CSV file and in JSON Lines, and whether as an error."""
    quoted = text.replace('"', '""')
    told: list[Diagnostic] = []
    for content in (
        f'phone,city,name\n{ANA},"{quoted}","{quoted}"\n',
        f"{json.dumps({'phone': ANA, 'city': text[:0] + 'x' * 10, 'name': text}, ensure_ascii=False)}\n",
    ):
        audience, _ = opened(tmp_path / "a", content, inputs={"name": Input("name", {"type": "string"})})
        assert audience is not None
        (row,) = audience
        assert (row.fault is not None) is any(each.is_error for each in row.cells)
        told += row.cells
    return [(said(each)[0], each.is_error) for each in told]


def test_what_an_input_may_be_is_not_odd(tmp_path: Path) -> None:
    """``enum: [none, test]`` says so."""
    inputs = {"plan": Input("plan", {"enum": ["none", "test", "#N/A"]})}
    audience, _ = opened(tmp_path / "a", f"phone,plan\n{ANA},none\n{ANA},#N/A\n", inputs=inputs)
    assert audience is not None
    assert [row.cells for row in audience] == [(), ()]


NUMBER, WHOLE, TRUTH = {"type": "number"}, {"type": "integer"}, {"type": "boolean"}
WHOLE_OR_NOTHING = {"type": ["integer", "null"]}
READ: list[tuple[dict[str, Any], str, Any, str]] = [
    (NUMBER, " 12.50 ", 12.5, "12.50"),
    (NUMBER, "\u200b12\ufeff", 12, "12"),
    (NUMBER, "+5", 5, "+5"),
    (NUMBER, "1.000", 1, "1.000"),
    (WHOLE, "12.0", 12, "12.0"),
    (WHOLE, "12.00", 12, "12.00"),
    (WHOLE, "0.000", 0, "0.000"),
    (WHOLE, "1000.000", 1000, "1000.000"),
    (WHOLE, "12.0000", 12, "12.0000"),
    *((TRUTH, text, True, "true") for text in ("true", "TRUE", "True", "yes", "Yes", "Y", "1", "sí", "Sí", "si", "on", "VERDADERO", "oui", "ja", "sim")),
    *((TRUTH, text, False, "false") for text in ("false", "FALSE", "no", "No", "N", "0", "off", "FALSO", "non", "nein", "não")),
    ({"type": ["boolean", "integer"]}, "1", 1, "1"),
    ({"type": ["boolean", "integer"]}, "yes", True, "true"),
    ({"type": "string"}, "yes", "yes", "yes"),
    ({"type": ["number", "null"]}, "NULL", None, "null"),
]  # fmt: skip
MISREAD = [
    (NUMBER, "12,5", '"12,5" is not a number', "write 12.5, or pass --decimal-comma"),
    (NUMBER, "1,234.50", '"1,234.50" is not a number', "write 1234.50"),
    (NUMBER, "1.234,50", '"1.234,50" is not a number', "write 1234.50, or pass --decimal-comma"),
    (NUMBER, "1 234,50", '"1 234,50" is not a number', "write 1234.50, or pass --decimal-comma"),
    (NUMBER, "1,234", '"1,234" is not a number', "write 1234 or 1.234, or pass --decimal-comma"),
    (NUMBER, "1,234,567", '"1,234,567" is not a number', "write 1234567"),
    (NUMBER, "$12.50", '"$12.50" is not a number', "write 12.50"),
    (NUMBER, "-$12.50", '"-$12.50" is not a number', "write -12.50"),
    (NUMBER, "12.50 €", '"12.50 €" is not a number', "write 12.50"),
    (NUMBER, "MXN 12", '"MXN 12" is not a number', "write 12"),
    (NUMBER, "'12", "\"'12\" is not a number", "remove the ' before the number"),
    (NUMBER, "１２．５", '"１２．５" is not a number', "write 12.5"),
    (NUMBER, "−5", '"−5" is not a number', "write -5"),
    (NUMBER, "1\u20662", '"1<U+2066>2" is not a number', "remove the invisible character U+2066"),
    (NUMBER, "50%", '"50%" is not a number', "write 50 or 0.5"),
    (NUMBER, "(12.50)", '"(12.50)" is not a number', "write -12.50"),
    (NUMBER, "12.5.0", '"12.5.0" is not a number', "write a number, such as 12.5"),
    (NUMBER, "twelve", '"twelve" is not a number', "write a number, such as 12.5"),
    (NUMBER, "NULL", '"NULL" is not a number', "write a number, such as 12.5"),
    (NUMBER, "true", '"true" is not a number', "write a number, such as 12.5"),
    (WHOLE, "1.5", '"1.5" is not a whole number', "write a whole number, such as 12"),
    (WHOLE, "1,234", '"1,234" is not a whole number', "write 1234"),
    (WHOLE, "1.000", '"1.000" may be 1000 or 1', "write 1000 or 1"),
    (WHOLE, "-12.000", '"-12.000" may be -12000 or -12', "write -12000 or -12"),
    (WHOLE, "1.234", '"1.234" is not a whole number', "write 1234"),
    (WHOLE, "1.000.000", '"1.000.000" is not a whole number', "write 1000000"),
    (WHOLE_OR_NOTHING, "1.000", '"1.000" may be 1000 or 1', "write 1000 or 1"),
    (TRUTH, "maybe", '"maybe" is not true or false', "write true or false; yes, no, 1 and 0 are read as well"),
    (TRUTH, "2", '"2" is not true or false', "write true or false; yes, no, 1 and 0 are read as well"),
]  # fmt: skip


def value(tmp_path: Path, schema: dict[str, Any], text: str, **how: Any) -> tuple[Any, Diagnostic | None]:
    """What an input gets from a cell, and what is said of it."""
    loaded = load_text(f"name: t\ninputs: {json.dumps({'x': schema})}\nsteps: [{{message: x}}]\n", "f")
    assert loaded.flow is not None
    audience, _ = opened(tmp_path / "a.csv", f'x,phone\n"{text}",{ANA}\n', inputs=loaded.flow.inputs, **how)
    assert audience is not None
    (row,) = audience
    bound, found = Prepared(loaded).inputs.bind(audience.given(row), lacking=audience.lacking(row))
    return (bound.values["x"] if bound is not None else None), (found[0] if found else None)


@pytest.mark.parametrize(("schema", "text", "expected", "shown"), READ)
def test_a_cell_is_read_as_its_input_wants_it(
    tmp_path: Path, schema: dict[str, Any], text: str, expected: Any, shown: str
) -> None:
    """Words for true and false, in the languages that spreadsheets write."""
    found, problem = value(tmp_path, schema, text)
    assert problem is None
    assert found == expected
    assert isinstance(found, bool) is isinstance(expected, bool)
    assert as_shown(found) == shown


@pytest.mark.parametrize(("schema", "text", "message", "hint"), MISREAD)
def test_a_cell_that_cannot_be_read_is_shown_with_the_remedy(
    tmp_path: Path, schema: dict[str, Any], text: str, message: str, hint: str
) -> None:
    """Nothing is told to lose quotes; what the hint says to write is read."""
    _, problem = value(tmp_path, schema, text)
    assert problem is not None
    assert (said(problem), problem.hint) == (("2:1 bad-variable", f"x: {message}"), hint)
    if hint.startswith("write ") and schema is not TRUTH and "such as" not in hint:
        for each in hint.removeprefix("write ").split(",")[0].split(" or "):
            assert value(tmp_path, schema, each)[1] is None


@pytest.mark.parametrize(
    ("text", "number", "hint"),
    [
        ("12,5", 12.5, ""), ("1.234,50", 1234.5, ""), ("1 234,50", 1234.5, ""), ("-3,0", -3.0, ""), ("12", 12, ""),
        ("12.5", None, "write 12,5"), ("1.234", None, "write 1234 or 1,234"), ("1,234.50", None, "write 1234,50"),
        ("$12,50", None, "write 12,50"),
    ],
)  # fmt: skip
def test_a_decimal_comma_is_read_where_it_is_asked_for(
    tmp_path: Path, text: str, number: float | None, hint: str
) -> None:
    """Then a point is none; the number is shown as it was written."""
    found, problem = value(tmp_path, NUMBER, text, comma=True)
    assert found == number
    assert (problem.hint if problem else "") == hint
    if number is not None:
        assert as_shown(found) == text


def test_json_text_is_no_number(tmp_path: Path) -> None:
    """There quotes are quotes."""
    loaded = load_text("name: t\ninputs: {x: {type: number}}\nsteps: [{message: x}]\n", "f")
    assert loaded.flow is not None
    audience, _ = opened(tmp_path / "a", f'{{"phone": "{ANA}", "x": "12"}}', inputs=loaded.flow.inputs)
    assert audience is not None
    (row,) = audience
    _, (problem,) = Prepared(loaded).inputs.bind(audience.given(row))
    assert "without quotes" in problem.hint
