"""Files of people as spreadsheets and programs save them: what is wrong is told with what mends it."""

# ruff: noqa: E501  # a table's row is read as one line

import re
from pathlib import Path

import pytest

from flowrunner.app.reviewing.check import check_flows
from flowrunner.diagnostics import Diagnostic
from flowrunner.model import Reading

FLOW = """\
name: t
inputs:
  name: {type: string, minLength: 1}
  day: {type: string, format: date, default: 2026-01-31}
  total: {type: number, default: 1}
steps:
  - message: "{{ name }} {{ day }} {{ total }}"
"""
ROW = "+5215512345601,Ana"


def found(folder: Path, content: bytes | str, reading: Reading | None = None) -> list[Diagnostic]:
    (folder / "flow.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "people.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return check_flows([folder / "flow.yaml"], audience=folder / "people.csv", reading=reading or Reading()).diagnostics


FILES = [
    ("a title above the header", f"Clients in November,,\nphone,name\n{ROW}\n", "remove what stands above line 2"),
    ("a title and a blank line", "Clients in November\n\nphone;name\n+5215512345601;Ana\n", "remove what stands above line 3"),
    ("two rows of headers", f"Contact,,Order\nphone,name\n{ROW}\n", "remove what stands above line 2"),
    ("a page", "<html><table><tr><td>phone</td></tr></table></html>", "save it as CSV UTF-8"),
    ("a page with a mark before it", "\ufeff<!DOCTYPE html><p>phone", "save it as CSV UTF-8"),
    ("another delimiter than the header's", "phone;name\n+5215512345601,Ana\n", "write ; for , in it, as in the header"),
    ("a tab for the header's comma", "phone,name\n+5215512345601\tAna\n", "write , for a tab in it, as in the header"),
    ("a key that is there twice", '{"phone":"+5215512345601","name":"Ana","name":"Bo"}\n', "remove one of the two"),
    ("UTF-32", f"phone,name\n{ROW}\n".encode("utf-32"), "save the file as UTF-8 (in Excel: CSV UTF-8), or pass --encoding utf-32"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "hint"), FILES, ids=[each[0] for each in FILES])
def test_one_problem_with_its_remedy(name: str, content: bytes | str, hint: str, tmp_path: Path) -> None:
    """Nothing is said besides."""
    (said,) = found(tmp_path, content)
    assert said.hint == hint, name
    lines = content.splitlines() if isinstance(content, str) else []
    if above := re.fullmatch(r"remove what stands above line (\d)", hint):
        assert found(tmp_path, "\n".join(lines[int(above[1]) - 1 :])) == []
    elif exchanged := re.match(r"write (.+) for (.+) in it", hint):
        new, old = ("\t" if each == "a tab" else each for each in exchanged.groups())
        assert found(tmp_path, f"{lines[0]}\n{lines[1].replace(old, new)}") == []
    elif "--encoding" in hint:
        assert found(tmp_path, content, Reading(encoding=hint.rsplit(maxsplit=1)[-1])) == []


NO_TITLES = [
    ("name,channel\nAna,phone\nBo,mail\n", "name one phone, conversation or user_id"),
    ("telefono,name\n+5215512345601,phone\n", 'did you mean phone? Rename telefono, or pass --map phone="telefono"'),
    ("mobile;name\n+5215512345601;Ana, phone\n", 'did you mean phone? Rename mobile, or pass --map phone="mobile"'),
]


@pytest.mark.parametrize(("content", "hint"), NO_TITLES)
def test_a_cell_that_holds_a_column_s_name_makes_no_header(content: str, hint: str, tmp_path: Path) -> None:
    """Whoever removed what stands above it would remove the header."""
    assert [each.hint for each in found(tmp_path, content)] == [hint]


CELLS = [
    ("day", "25/11/2026", ["2026-11-25"]),
    ("day", "11/25/2026", ["2026-11-25"]),
    ("day", "25.11.2026", ["2026-11-25"]),
    ("day", "03/04/2026", ["2026-04-03", "2026-03-04"]),
    ("day", "3/4/26", ["2026-04-03", "2026-03-04"]),
    ("day", "26-11-25", ["2025-11-26", "2026-11-25"]),
    ("day", "2026/11/25", ["2026-11-25"]),
    ("day", "2026-11-25 00:00:00", ["2026-11-25"]),
    ("day", "2026-11-25T10:30:00Z", ["2026-11-25"]),
    ("day", "46351", ["2026-11-25"]),
    ("day", "46351.5", ["2026-11-25"]),
    ("day", "2026-02-30", []),
    ("day", "30/02/2026", []),
    ("day", "soon", []),
    ("total", "12%", ["12", "0.12"]),
    ("total", "(12)", ["-12"]),
    ("total", "(1.234,50 €)", ["-1234.50"]),
    ("total", "12-", ["-12"]),
    ("total", "\u0661\u0662", ["12"]),
]


@pytest.mark.parametrize(("column", "text", "meant"), CELLS)
def test_a_cell_is_told_with_what_it_may_mean(column: str, text: str, meant: list[str], tmp_path: Path) -> None:
    """Each of it is right; where nobody knows there is an example."""
    sheet = "phone\tname\t{}\n+5215512345601\tAna\t{}\n"
    (said,) = found(tmp_path, sheet.format(column, text))
    assert (said.code, said.location[1:3]) == ("bad-variable", (2, 3))
    if meant:
        assert said.hint == f"write {' or '.join(meant)}"
    else:
        assert said.hint in {"write a day that there is, like 2026-01-31", "write it like 2026-01-31"}
    for each in meant or ["2026-01-31"]:
        assert found(tmp_path, sheet.format(column, each)) == []
