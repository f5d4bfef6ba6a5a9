"""A saved plan: who gets which messages, byte for byte, to be looked at today and carried out unchanged."""

from flowrunner.plan.checking import check_plan, missing_files
from flowrunner.plan.reading import Plan, is_plan, open_plan
from flowrunner.plan.values import Header, PlanError
from flowrunner.plan.writing import fingerprint, plan_lines

__all__ = [
    "Header",
    "Plan",
    "PlanError",
    "check_plan",
    "fingerprint",
    "is_plan",
    "missing_files",
    "open_plan",
    "plan_lines",
]
