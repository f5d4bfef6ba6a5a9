"""The example flows: those that talk past their reader, and those that listen.

They are named here, and not found by reading them all, for which every worker of the tests would wait;
`tests/unit/test_flows.py` holds that it is so.
"""

from pathlib import Path

from flowrunner.flow.folders import find_flows

ROOT = Path(__file__).parents[2]
EVERY = find_flows([ROOT / "flows"])[0]
_LISTENING = {
    "account_setup", "ask_for_review", "first_week", "moving_a_visit", "parcel", "tax_document", "team_size",
}  # fmt: skip
_ONLY_META = {"username_welcome", "workshop_booking"}

LISTENING = [path for path in EVERY if path.stem in _LISTENING]
TALKING = [path for path in EVERY if path not in LISTENING]
ONLY_META = [path for path in TALKING if path.stem in _ONLY_META]
ON_BOTH = [path for path in TALKING if path not in ONLY_META]
"""Those of `TALKING` that either dialect can write."""
