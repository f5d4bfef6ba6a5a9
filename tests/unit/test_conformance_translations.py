"""Flows with their translations: each gives exactly what its files expect, and nothing else."""

from pathlib import Path

import pytest

from flowrunner.diagnostics.codes import rules
from flowrunner.flow import find_flows, load_bundle, load_file
from support.conformance_cases import expected

FOLDER = Path(__file__).parents[1] / "conformance_translations"
FLOWS = find_flows([FOLDER])[0]
ABOUT = {"missing-text", "unknown-text", "text-needs-id", "placeholder-differs", "untranslated-text"}
"""What only a translation has."""


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: f"{flow.parent.name}/{flow.stem}")
def test_case_gives_exactly_what_it_expects(flow: Path) -> None:
    """Each diagnostic by file, line, column, severity and code; a valid case has none."""
    files = [flow, *sorted(flow.parent.glob(f"{flow.stem}.*.yaml"))]
    wanted = [(path.name, each) for path in files for each in expected(path)]
    loaded = load_file(flow)
    said = [
        (Path(at.path).name, f"{at.line}:{at.column} {'' if each.is_error else 'warning '}{each.code}")
        for each in loaded.diagnostics
        for at in [each.location]
    ]
    assert sorted(said) == sorted(wanted)
    assert bool(said) is (flow.parent.name == "invalid")
    assert all(each.hint for each in loaded.diagnostics)
    if loaded.flow is not None:
        again = load_bundle(loaded.flow.bundle)
        assert again.translations.keys() == loaded.translations.keys() == {"es"}
        for code, its in loaded.translations.items():
            assert its.flow is not None
            assert again.translations[code].flow == its.flow


def test_there_are_cases_of_both_kinds_and_of_every_code() -> None:
    """A folder that is read wrongly would let the others pass."""
    kinds = [flow.parent.name for flow in FLOWS]
    assert kinds.count("valid") >= 10
    assert kinds.count("invalid") >= 30
    seen = {each.split()[-1] for path in FOLDER.glob("invalid/*.yaml") for each in expected(path)}
    assert ABOUT <= seen <= set(rules())
