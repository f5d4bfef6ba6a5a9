"""A comparison as other programs read it."""

import json
from typing import Any

from flowrunner.diff.values import Case, Comparison, FlowDifference, StepChange, WayChange
from flowrunner.engine.ahead.outline import Way
from flowrunner.model import Action, Flow, Message
from flowrunner.views.message.answers import leads_to
from flowrunner.views.problems.json import diagnostic_data


def as_json(comparison: Comparison) -> str:
    """One JSON object in ASCII, without a line break at its end.

    Fields may be added to version 1, never changed or taken away::

        version     1
        before      the old side, as it was named; after: the new one
        differs     whether a customer sees any difference
        flows       every flow of both sides, by path:
          path, state (same, changed, added, removed, unknown: it cannot be compared), notes
          before, after: null, or path, name and digest of the flow
          problems: diagnostics, as `flowrunner validate --format json` has them
          cases: for each set of values (none where the file is the same):
            rows: of the audience; empty without one
            languages: of the flow, those in which it differs so; empty for rows, and where it is in one
            variables: by name, with value and origin
            counts: kept, added, removed, moved, changed
            steps: in the order of the new flow:
              change (kept, added, removed, moved, changed), moved
              under: the branches that lead there, from the outermost: address, kind, name, words
              before, after: null, or number, id, does (message, pause, skipped), and the message as it is posted,
                until, timeout and on_timeout; or the seconds; or the reason
              fields: route and old_route (empty where it is not there), name, before, after (null: not there),
                spans (kind: same, removed, added; and text)
            branches: those that are not as they were, of questions and choices that both have:
              change (added, removed, moved, changed), moved, step (number, id; null: anytime), under
              before, after: null, or address, kind, name and words, as in under
    """
    report = {
        "version": 1,
        "before": comparison.before,
        "after": comparison.after,
        "differs": comparison.differs,
        "flows": [_flow(flow) for flow in comparison.flows],
    }
    return json.dumps(report, indent=2)


def _flow(flow: FlowDifference) -> dict[str, Any]:
    return {
        "path": flow.path,
        "state": flow.state,
        "notes": list(flow.notes),
        "before": _file(flow.before),
        "after": _file(flow.after),
        "problems": [diagnostic_data(problem) for problem in flow.problems],
        "cases": [_case(case) for case in flow.cases],
    }


def _file(flow: Flow | None) -> dict[str, str] | None:
    return None if flow is None else {"path": flow.bundle.path, "name": flow.name, "digest": flow.bundle.digest}


def _case(case: Case) -> dict[str, Any]:
    return {
        "rows": list(case.rows),
        "languages": list(case.languages),
        "variables": {each.name: {"value": each.value, "origin": each.origin} for each in case.variables},
        "counts": case.counts,
        "steps": [_step(change) for change in case.steps],
        "branches": [_branch(change) for change in case.ways],
    }


def _branch(change: WayChange) -> dict[str, Any]:
    action = change.step
    return {
        "change": change.kind,
        "moved": change.moved,
        "step": None if action is None else _who(action),
        "under": list(map(_way, change.under)),
        "before": _way(change.before),
        "after": _way(change.after),
    }


def _way(way: Way | None) -> dict[str, Any] | None:
    if way is None:
        return None
    return {"address": way.address, "kind": way.kind, "name": way.name, "words": leads_to(way)}


def _step(change: StepChange) -> dict[str, Any]:
    return {
        "change": change.kind,
        "moved": change.moved,
        "under": list(map(_way, change.under)),
        "before": _action(change.before),
        "after": _action(change.after),
        "fields": [
            {
                "route": field.route,
                "old_route": field.old_route,
                "name": field.name,
                "before": field.before,
                "after": field.after,
                "spans": [span._asdict() for span in field.spans],
            }
            for field in change.fields
        ],
    }


def _who(action: Action) -> dict[str, Any]:
    address = action.step.address
    return {"number": int(address) if address.isdecimal() else address, "id": action.step.id}


def _action(action: Action | None) -> dict[str, Any] | None:
    if action is None:
        return None
    who = _who(action)
    if isinstance(action, Message):
        step = action.step
        waits = {"until": step.until, "timeout": step.timeout, "on_timeout": step.on_timeout}
        return {**who, "does": "message", "message": action.body, **waits}
    values = {name: value for name, value in action._asdict().items() if name != "step"}
    return {**who, "does": type(action).__name__.lower(), **values}
