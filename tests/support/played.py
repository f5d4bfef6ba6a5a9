"""Tests of flows made by hand, for the tests of what plays them."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from flowrunner.diagnostics import Location
from flowrunner.flow import Loaded, load_text
from flowrunner.testing.outcomes import Outcome
from flowrunner.testing.playing import play
from flowrunner.testing.turns import Bot, Check, Customer, Predicate, Said, Silence, Turn, Until, Wait
from flowrunner.testing.values import After, Case, Given, Golden, Word

AT = Location("a.test.yaml", 7, 9)
NOW = datetime(2026, 11, 23, 10, 0)


@cache
def flow_of(text: str) -> Loaded:
    """A flow, read once: what is kept of it is kept for all tests of it."""
    loaded = load_text(text, "flow.yaml")
    assert loaded.flow is not None, [(each.location.line, each.message) for each in loaded.diagnostics]
    return loaded


def check(route: tuple[str | int, ...], value: Any, kind: Any = "equals") -> Check:
    """What is asked of one value."""
    return Check(route, (Predicate(kind, value, AT),), AT)


def bot(text: str, kind: Any = "equals") -> Bot:
    """The flow sends this text."""
    return Bot(AT, (check(("text",), text, kind),))


ANY = Bot(AT)


def says(*texts: str) -> Customer:
    """The customer writes this, at once."""
    return Customer(AT, tuple(Said("text", text, AT) for text in texts))


def does(kind: Any, value: Any, about: str = "", text: str = "", **more: str) -> Customer:
    """The customer does something else."""
    return Customer(AT, (Said(kind, value, AT, about, text, more),))


def tap(name: str) -> Customer:
    """The customer taps a button."""
    return does("tap", name)


def silence(seconds: float) -> Silence:
    """Nothing is said."""
    return Silence(AT, seconds)


def wait(seconds: float) -> Wait:
    """Time passes."""
    return Wait(AT, seconds)


def until(moment: str) -> Until:
    """Time passes up to a moment."""
    return Until(AT, datetime.fromisoformat(moment))


def played(
    flow: str, *turns: Turn, ends: Any = "", given: Mapping[str, Any] | None = None, golden: Golden | None = None,
    **after: Any,
) -> Outcome:  # fmt: skip
    """What comes of a test."""
    its = Given(now=NOW)._replace(**(given or {}))
    asked = After(ends=Word(ends, AT) if ends else None)._replace(**after)
    outcome = play(Case("a test", AT, its, turns, asked, golden), flow_of(flow))
    assert outcome.verdict != "internal", outcome.internal
    return outcome


def failing(flow: str, *turns: Turn, **more: Any) -> str:
    """What is wrong first, with its turn; empty for nothing."""
    failures = played(flow, *turns, **more).failures
    return f"{failures[0].turn}: {failures[0].says}" if failures else ""
