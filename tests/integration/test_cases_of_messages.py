"""Cases met in the field, as their readers met them: what stands in a message."""

import json
import re
import shutil
from pathlib import Path

from support.program import flowrunner

CASES = Path(__file__).parents[1] / "data" / "cases"
SAID = re.compile(
    r"^(\S+:\d+:\d+): (error|warning)\[([a-z0-9-]+)\].*\n(?:(?:  | {2,}\d).*\n)*?  hint: (.*)$", re.MULTILINE
)


def validated(tmp_path: Path, case: str, *args: str) -> tuple[int, list[tuple[str, str, str, str]]]:
    """The exit code, and the place, severity, code and hint of each problem."""
    shutil.copytree(CASES / case, tmp_path, dirs_exist_ok=True)
    done = flowrunner("validate", *args, cwd=tmp_path)
    return done.returncode, SAID.findall(done.stdout + done.stderr)


def test_unknown_languages_lead_to_known_ones(tmp_path: Path) -> None:
    """Case 09: the part before the underscore, where that is a language of Meta's list."""
    codes = "fr de it tr ru pl ko hi nl nb he ar en_GB zh_CN en".split()
    _, said = validated(tmp_path, "09-language-hints", "l.yaml")
    assert [hint for _, _, _, hint in said] == [f"did you mean {code}?" for code in codes]
    assert [place.split(":")[1] for place, _, _, _ in said] == [str(line) for line in range(4, 19)]


def test_white_space_is_in_no_address(tmp_path: Path) -> None:
    """Case 10: in a cell, whose ends are trimmed, as in a flow; and nothing is previewed."""
    code, said = validated(tmp_path, "10-media-url-white-space", "--strict", "u.yaml", "--audience", "u.csv")
    assert code == 1
    assert [(place.rsplit(":", 1)[0], kind, rule) for place, kind, rule, _ in said] == [
        (f"u.csv:{line}", "error", "bad-format") for line in (2, 6)
    ]
    code, said = validated(tmp_path, "10-media-url-white-space", "--strict", "block.yaml")
    assert (code, [each[:3] for each in said]) == (1, [("block.yaml:5:18", "error", "bad-format")])
    preview = flowrunner("preview", "block.yaml", "--format", "json", cwd=tmp_path)
    assert (preview.returncode, preview.stdout) == (1, "")


def test_a_document_without_a_name_is_a_warning(tmp_path: Path) -> None:
    """Case 13: in a header, and where the address has no name in it."""
    code, said = validated(tmp_path, "13-untitled-document", "--strict", "doc.yaml")
    assert (code, [each[:3] for each in said]) == (
        1,
        [("doc.yaml:11:22", "warning", "no-file-name"), ("doc.yaml:12:50", "warning", "no-file-name")],
    )


def test_a_card_that_invites_is_a_warning(tmp_path: Path) -> None:
    """Case 14: and what is no phone, e-mail or web address is an error."""
    code, said = validated(tmp_path, "14-contact-without-wa-id", "--strict", "card.yaml")
    assert (code, [each[:3] for each in said]) == (1, [("card.yaml:8:20", "warning", "no-wa-id")])
    code, said = validated(tmp_path, "14-contact-without-wa-id", "--strict", "card2.yaml")
    assert (code, [each[:3] for each in said]) == (
        1,
        [
            ("card2.yaml:8:28", "error", "bad-format"),
            ("card2.yaml:8:44", "warning", "wa-id-not-digits"),
            ("card2.yaml:9:28", "error", "bad-format"),
            ("card2.yaml:10:24", "error", "bad-format"),
        ],
    )


def test_a_typed_escape_is_a_warning(tmp_path: Path) -> None:
    """Case 15: in the flow once, and of a value where it is shown."""
    code, said = validated(tmp_path, "15-literal-backslash-n", "--strict", "nl.yaml")
    assert (code, [each[:3] for each in said]) == (
        1,
        [("nl.yaml:5:14", "warning", "literal-escape"), ("nl.yaml:6:21", "warning", "literal-escape")],
    )
    preview = flowrunner("preview", "nl.yaml", "--format", "json", cwd=tmp_path)
    assert [place for place, _, _, _ in SAID.findall(preview.stderr)] == [
        "nl.yaml:5:14",
        "nl.yaml:6:21",
        "nl.yaml:8:14",
    ]
    assert len(json.loads(preview.stdout)) == 4


FLOW = """name: n
inputs: {t: {}, u: {}}
steps:
  - message: "{{ t }}"
  - message: {message_type: image, media_url: "{{ u }}"}
    until: delivered
  - message: "{{ t }}!"
"""
ROWS = r"""phone,t,u
+5215512345601,hello,https://cdn.example.com/a.jpg
+5215512345602,one\ntwo,https://cdn.example.com/a.jpg
+5215512345603,**x**,https://youtu.be/1
+5215512345604,hello,https://cdn.example.com/a b.jpg
"""


def test_what_a_cell_brings_is_told_at_the_cell(tmp_path: Path) -> None:
    """Once for each cell, however many messages show it; a warning forbids nothing, unless it is asked to."""
    (tmp_path / "n.yaml").write_text(FLOW)
    (tmp_path / "n.csv").write_text(ROWS)
    told = flowrunner("validate", "n.yaml", "--audience", "n.csv", cwd=tmp_path)
    assert sorted(each[:3] for each in SAID.findall(told.stdout)) == [
        ("n.csv:3:2", "warning", "literal-escape"),
        ("n.csv:4:2", "warning", "markdown"),
        ("n.csv:4:3", "warning", "page-not-file"),
        ("n.csv:5:3", "error", "bad-format"),
    ]
    (tmp_path / "n.csv").write_text(ROWS.replace("a b.jpg", "a.jpg"))
    assert flowrunner("validate", "n.yaml", "--audience", "n.csv", cwd=tmp_path).returncode == 0
    assert flowrunner("validate", "n.yaml", "--audience", "n.csv", "--strict", cwd=tmp_path).returncode == 1


def test_fields_beside_message_are_to_be_indented(tmp_path: Path) -> None:
    """Case 25: one error, and indented they are a message."""
    code, [(place, _, rule, hint)] = validated(tmp_path, "25-indent-under-message", "ind.yaml")
    assert (code, place, rule) == (1, "ind.yaml:4:5", "one-verb")
    assert hint == "indent message_type and content by two more spaces"
    flow = tmp_path / "ind.yaml"
    flow.write_text(
        flow.read_text().replace("    message_type", "      message_type").replace("    content", "      content")
    )
    assert flowrunner("validate", "--strict", "ind.yaml", cwd=tmp_path).returncode == 0
