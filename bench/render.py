"""Rendering and checking one flow for an audience, as a ratio to a plain loop with Jinja and `jsonschema`."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from bench.rounds import Figure, table, take_turns
from flowrunner.diagnostics import Location
from flowrunner.engine import Given, Prepared
from flowrunner.flow import load_file
from flowrunner.model import Message, MessageStep, Recipient
from flowrunner.source import plain
from flowrunner.spec import message_schema

ROWS = 500
ROUNDS = 7
PLAIN = "jinja2 + jsonschema, compiled once"
OURS = "flowrunner, one core"
AT_LEAST = 35_000
TIMES: Final = 8.0
_NOW = "2026-03-01T10:00:00+00:00"
_FLOW = Path(__file__).parents[1] / "flows" / "onboarding.yaml"


def main() -> bool:
    """Print the table; answer whether the bounds were kept."""
    rows = [_row(number) for number in range(ROWS)]
    ours, plainly = _ours(rows), _plainly(rows)
    if ours() != plainly():
        print("the two give different messages")
        return False
    figures = take_turns({PLAIN: _rate(plainly), OURS: _rate(ours)}, PLAIN, ROUNDS)
    bound = f"at least {AT_LEAST:,}, and {TIMES:.0f} times"
    times = f"flowrunner is {figures[OURS].ratio:.1f} times as fast"
    title = f"{_FLOW.stem} typed, rendered and checked for {ROWS} rows: {times}"
    print(table(title, figures, {OURS: bound}, "messages a second", 1))
    return _kept(figures[OURS])


def _kept(figure: Figure) -> bool:
    return figure.median >= AT_LEAST and figure.ratio >= TIMES


def _row(number: int) -> dict[str, str]:
    return {
        "name": f"Ana María {number}",
        "plan": ("esencial", "premium")[number % 2],
        "business": f"Café Aurora {number % 50}",
        "first_message_id": f"wamid.{number:08}" if number % 4 else "",
    }


def _rate(work: Callable[[], list[list[str]]]) -> Callable[[], float]:
    """Measures messages a second."""

    def measure() -> float:
        begun = time.perf_counter()
        made = sum(map(len, work()))
        return made / (time.perf_counter() - begun)

    return measure


def _ours(rows: list[dict[str, str]]) -> Callable[[], list[list[str]]]:
    loaded = load_file(_FLOW)
    prepared = Prepared(loaded)

    def work() -> list[list[str]]:
        made = []
        for number, row in enumerate(rows):
            given = {name: Given(plain(text), Location("a row", number)) for name, text in row.items()}
            bound, _ = prepared.inputs.bind(given)
            assert bound is not None  # noqa: S101  # the rows are right
            actions, _ = prepared.actions(Recipient(f"c{number}"), bound, _NOW)
            assert actions is not None  # noqa: S101
            made.append([each.text for each in actions if isinstance(each, Message)])
        return made

    return work


def _plainly(rows: list[dict[str, str]]) -> Callable[[], list[list[str]]]:
    """What a script would do: every template and every validator made once, texts without braces not rendered."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment
    from jsonschema import Draft202012Validator

    environment = SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)

    def ready(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: ready(value) for key, value in data.items()}
        if isinstance(data, list):
            return [ready(item) for item in data]
        return environment.from_string(data).render if isinstance(data, str) and "{" in data else data

    def rendered(node: Any, values: Mapping[str, Any]) -> Any:
        if isinstance(node, dict):
            return {key: rendered(value, values) for key, value in node.items()}
        if isinstance(node, list):
            return [rendered(item, values) for item in node]
        return node(values) if callable(node) else node

    flow = load_file(_FLOW).flow
    assert flow is not None  # noqa: S101  # it is one of ours
    inputs = Draft202012Validator({"properties": {name: dict(each.schema) for name, each in flow.inputs.items()}})
    steps = [
        (
            step.id,
            environment.compile_expression(step.when) if isinstance(step.when, str) else None,
            ready(step.message),
            Draft202012Validator(dict(message_schema(step.message.get("message_type", "text")))),
        )
        for step in flow.steps
        if isinstance(step, MessageStep)
    ]

    def work() -> list[list[str]]:
        made = []
        for row in rows:
            inputs.validate(row)
            values: dict[str, Any] = dict(row)
            wires = []
            for name, when, message, validator in steps:
                skipped = when is not None and not when(**values)
                if not skipped:
                    body = rendered(message, values)
                    validator.validate(body)
                    wires.append(json.dumps(body, ensure_ascii=False, separators=(",", ":")))
                values[name] = {"skipped": skipped}
            made.append(wires)
        return made

    return work
