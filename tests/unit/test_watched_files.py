"""Which files `preview --watch` looks at."""

from pathlib import Path

import pytest

from flowrunner.app.reviewing.watched_files import files_beside
from flowrunner.cli.watch_files import _stamps


def test_a_file_is_looked_at_once_by_whatever_way_it_is_named(tmp_path: Path) -> None:
    """Also one that includes itself, which is only being written."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yaml").write_text("steps: [{include: sub/../a.yaml}, {include: ./b.yaml}]\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("steps: [{include: sub/../b.yaml}]\n", encoding="utf-8")
    assert files_beside(tmp_path / "sub" / ".." / "a.yaml") == [tmp_path / "b.yaml"]


@pytest.mark.parametrize("step", ['include: "b\\0.yaml"', 'message: {message_type: image, media_file: "b\\0.png"}'])
def test_a_name_that_no_file_has_is_looked_at_as_one_that_is_not_there(tmp_path: Path, step: str) -> None:
    """What is wrong with it is told by the preview."""
    file = tmp_path / "a.yaml"
    file.write_text(f"steps: [{{{step}}}]\n", encoding="utf-8")
    assert _stamps(files_beside(file), file) == [None]
