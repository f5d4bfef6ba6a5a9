"""The Python API: the path a flow takes, one function for each stretch of it."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.engine import Given, bind, moment
from flowrunner.engine import render as render_flow
from flowrunner.flow import Loaded, find_flows, load_file
from flowrunner.model import EXAMPLE_RECIPIENT, Event, EventKind, Recipient, Rendering

if TYPE_CHECKING:
    from flowrunner.client.http import Client
    from flowrunner.delivery import Pace
    from flowrunner.journal import RunRecord


class FlowError(Exception):
    """A flow, or a value for it, is wrong. Nothing was sent.

    Attributes:
        diagnostics: Every problem, with its place and remedy.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        first = next((each for each in self.diagnostics if each.is_error), None)
        super().__init__(f"{first.location}: {first.message}" if first else "the flow is wrong")


class SentBeforeError(Exception):
    """The conversation had the flow before, or is getting it. Nothing was sent.

    Attributes:
        run_id: The run that is in the way.
    """

    def __init__(self, record: "RunRecord") -> None:
        super().__init__(f"{record.run.flow_name} went to this conversation before, in run {record.run.id}")
        self.run_id = record.run.id


class RecipientError(Exception):
    """The recipient's conversation could not be found. Nothing was written or sent.

    Attributes:
        hint: What to do; empty where nobody knows.
    """

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(f"{reason}: {hint}" if hint else reason)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended.

    Attributes:
        run_id: What `flowrunner resume` takes.
        state: ``finished``, ``failed``, ``in_doubt`` or ``stopped``.
        events: Its events, in order.
    """

    run_id: str
    state: str
    events: tuple[Event, ...]


def check(paths: Iterable[Path | str]) -> list[Diagnostic]:
    """Every problem of every flow file among ``paths`` (files and folders); an empty list means none."""
    files, diagnostics = find_flows(Path(path) for path in paths)
    for file in files:
        diagnostics += load_file(file).diagnostics
    return diagnostics


def load(path: Path | str) -> Loaded:
    """Read and check one flow file.

    Raises:
        FlowError: It has errors.
    """
    loaded = load_file(Path(path))
    if loaded.flow is None:
        raise FlowError(loaded.diagnostics)
    return loaded


def render(
    loaded: Loaded,
    variables: Mapping[str, Any] | None = None,
    *,
    recipient: Recipient = EXAMPLE_RECIPIENT,
    examples: bool = False,
    now: datetime | None = None,
) -> Rendering:
    """Render and check every step.

    Args:
        loaded: What `load` gave.
        variables: A value for each input without a default.
        recipient: Whom it is for.
        examples: Whether the example of an input may stand in for a missing value.
        now: The moment that ``now`` is in expressions; by default, this one.

    Raises:
        FlowError: A value is missing or wrong, or a message breaks a rule.
    """
    given = {name: Given(value, Location(f"variable {name}")) for name, value in (variables or {}).items()}
    bound, diagnostics = bind(loaded, given, examples=examples)
    if bound is None:
        raise FlowError(diagnostics)
    rendering, diagnostics = render_flow(loaded, recipient, bound, moment(now))
    if rendering is None:
        raise FlowError(diagnostics)
    return rendering


def preview(rendering: Rendering, *, width: int = 80, colour: bool = False) -> str:
    """The conversation as text, as the customer will see it."""
    from flowrunner.views.terminal.chat import conversation

    return conversation(rendering, width=width, colour=colour)


async def run_async(
    rendering: Rendering,
    *,
    key: str,
    journal: Path | str,
    api_url: str = "",
    again: bool = False,
    insecure: bool = False,
    stop: asyncio.Event | None = None,
) -> RunResult:
    """Send a rendering to its recipient, in order, once.

    Args:
        rendering: What `render` gave for a recipient; one that has only a phone is looked up.
        key: The API key.
        journal: The file that keeps what was done; made if it is not there.
        api_url: The API's base URL; by default the production address.
        again: Send it even if the conversation had the flow before.
        insecure: Allow http to another computer, where the key can be read on the way.
        stop: Once set, no further message is begun.

    Raises:
        ValueError: The key or the URL cannot be used.
        RecipientError: The recipient's conversation could not be found; nothing was written or sent.
        JournalError: The journal cannot be used; nothing was sent.
        SentBeforeError: The conversation had the flow before.
    """
    from flowrunner.client import open_client
    from flowrunner.client.access import address
    from flowrunner.delivery import Pace, Rate, begin, carry_out, new_run
    from flowrunner.dialects.kapso_v1 import PRODUCTION_URL
    from flowrunner.journal import Journal

    stop = stop or asyncio.Event()
    pace = Pace(Rate(100, 60.0))
    target = address(api_url or PRODUCTION_URL, insecure=insecure).root
    transport = open_client(target, key, insecure=insecure)
    try:
        recipient = await _found(rendering.recipient, transport, pace)
        values = {each.name: each.value for each in rendering.variables}
        begun = new_run(rendering.flow, recipient, values, rendering.now, target)
        with Journal.open(Path(journal)) as book:
            earlier = await begin(begun, book, again=again)
            if earlier is not None:
                raise SentBeforeError(earlier)
            stream = carry_out(begun, rendering._replace(recipient=recipient), transport, book, stop=stop, pace=pace)
            async with aclosing(stream):
                events = [event async for event in stream]
    finally:
        await transport.aclose()
    return RunResult(begun.id, _STATES.get(events[-1].kind, "stopped") if events else "stopped", tuple(events))


def run(
    rendering: Rendering,
    *,
    key: str,
    journal: Path | str,
    api_url: str = "",
    again: bool = False,
    insecure: bool = False,
) -> RunResult:
    """`run_async` for callers without an event loop, with the same arguments and errors.

    Raises:
        RuntimeError: There is a running event loop, as in Jupyter and FastAPI; nothing was sent.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(
            run_async(rendering, key=key, journal=journal, api_url=api_url, again=again, insecure=insecure)
        )
    raise RuntimeError(
        "flowrunner.run() cannot be called while an event loop is running, as in Jupyter and FastAPI: "
        "write `await flowrunner.run_async(...)` with the same arguments"
    )


async def _found(meant: Recipient, transport: "Client", pace: "Pace") -> Recipient:
    """The recipient with the conversation that the API knows; their phone stays as it was rendered."""
    from flowrunner.client import TransportError
    from flowrunner.delivery import find, sleep_until

    if meant == EXAMPLE_RECIPIENT or not (meant.conversation or meant.phone):
        hint = "give render() recipient=flowrunner.Recipient(phone=...) or Recipient(conversation=...)"
        raise RecipientError("the flow was rendered without a recipient", hint)
    sleep = partial(sleep_until, asyncio.Event())
    plain = meant._replace(phone="".join(sign for sign in meant.phone if sign not in " -()./"))
    try:
        found = await find(plain, transport, pace, sleep, 120.0, called=meant.phone)
    except TransportError as error:
        raise RecipientError(error.reason, error.hint) from None
    assert found is not None  # noqa: S101  # nothing stops it
    return Recipient(found.conversation, meant.phone or found.phone)


_STATES = {EventKind.FINISHED: "finished", EventKind.FAILED: "failed", EventKind.IN_DOUBT: "in_doubt"}
