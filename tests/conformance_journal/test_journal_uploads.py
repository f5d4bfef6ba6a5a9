"""By what each API has which file."""

import pytest

from flowrunner.journal import Upload
from support.journals import Blocking, Opening, blocked

META = "meta https://api.kapso.ai/meta/whatsapp/v24.0/17"
FILE, OTHER = "a" * 64, "b" * 64


def test_what_was_kept_last_is_told_of_that_file_and_that_sender_alone(journal: Blocking) -> None:
    """Another number of the same API has uploads of its own."""
    assert journal.upload(META, FILE) is None
    journal.uploaded(META, FILE, Upload("41", 1_800_000_000.0))
    journal.uploaded(META, FILE, Upload("42", 1_800_000_000.5))
    assert journal.upload(META, FILE) == Upload("42", 1_800_000_000.5)
    assert journal.upload(META, OTHER) is None
    assert journal.upload(META.replace("/17", "/18"), FILE) is None


@pytest.mark.parametrize("spelling", ["meta https://API.kapso.ai:443/meta/whatsapp/v24.0/17", META])
def test_every_spelling_of_an_api_is_one(journal: Blocking, spelling: str) -> None:
    """As for everything else that is kept of it."""
    journal.uploaded(META, FILE, Upload("42", 1.0))
    journal.uploaded(spelling, OTHER, Upload("43", 1.0))
    assert [journal.upload(each, file) for each in (META, spelling) for file in (FILE, OTHER)] == [
        Upload("42", 1.0),
        Upload("43", 1.0),
    ] * 2


def test_it_is_there_for_whoever_opens_the_journal_next(opening: Opening) -> None:
    """It was uploaded once, and is not uploaded again."""
    with blocked(opening()) as journal:
        journal.uploaded(META, FILE, Upload("42", 7.5))
    with blocked(opening()) as journal:
        assert journal.upload(META, FILE) == Upload("42", 7.5)


def test_pruning_forgets_what_no_api_has_any_more(journal: Blocking) -> None:
    """And nothing else."""
    journal.uploaded(META, FILE, Upload("42", 1000.0))
    journal.uploaded(META, OTHER, Upload("43", 2000.0))
    journal.prune(1500.0)
    assert journal.upload(META, FILE) is None
    assert journal.upload(META, OTHER) == Upload("43", 2000.0)
