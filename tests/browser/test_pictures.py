"""The pictures of README and docs: all there, and the command that makes them anew still can."""

import re
import struct
from pathlib import Path

import pytest

from support import pictures
from support.browser import Windows
from support.pictures import ROOT

pytestmark = pytest.mark.browser


def size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG."""
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n"), path
    width, height = struct.unpack(">II", head[16:])
    return int(width), int(height)


def test_every_picture_can_be_made_anew(tmp_path: Path, browser: Windows) -> None:
    """Those that the pages show are those that the command makes, and no others lie about."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    shown = re.findall(r"\]\((?:\.\./)?(pictures/[\w-]+\.png)\)", text)
    pictures.make(tmp_path / "pictures", browser)
    made = {path.name: size(path) for path in (tmp_path / "pictures").iterdir()}
    kept = {path.name: size(path) for path in (ROOT / "pictures").glob("*.png")}
    assert sorted(f"pictures/{name}" for name in made) == sorted(shown)
    assert made == kept
