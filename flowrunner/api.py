"""The Python API: the path a flow takes, one function for each stretch of it."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.loading import Loaded, find_flows, load_file
from flowrunner.model import EXAMPLE_RECIPIENT, Event, EventKind, Recipient, Rendering
from flowrunner.rendering import Given, bind, moment
from flowrunner.rendering import render as render_flow

if TYPE_CHECKING:
    from flowrunner.journal import RunRecord
    from flowrunner.transport import Transport


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
    from flowrunner.views.chat import conversation

    return conversation(rendering, width=width, colour=colour)


async def run_async(
    rendering: Rendering,
    *,
    journal: Path | str,
    transport: "Transport",
    target: str,
    stop: asyncio.Event | None = None,
    again: bool = False,
) -> RunResult:
    """Send a rendering to its recipient, in order, once.

    Args:
        rendering: What `render` gave, for a recipient with a conversation.
        journal: The file that keeps what was done; made if it is not there.
        transport: `flowrunner.transport.open_transport`'s, or one of your own. It is not closed.
        target: What the journal calls the other side; the API's base URL.
        stop: Once set, no further message is begun.
        again: Send it even if the conversation had the flow before.

    Raises:
        JournalError: The journal cannot be used; nothing was sent.
        SentBeforeError: The conversation had the flow before.
    """
    from flowrunner.journal import Journal
    from flowrunner.runner import begin, carry_out, new_run

    values = {each.name: each.value for each in rendering.variables}
    begun = new_run(rendering.flow, rendering.recipient, values, rendering.now, target)
    with Journal.open(Path(journal)) as book:
        earlier = await begin(begun, book, again=again)
        if earlier is not None:
            raise SentBeforeError(earlier)
        stream = carry_out(begun, rendering, transport, book, stop=stop or asyncio.Event())
        async with aclosing(stream):
            events = [event async for event in stream]
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
    """`run_async` for callers without an event loop, over the network.

    Args:
        rendering: What `render` gave, for a recipient with a conversation.
        key: The API key.
        journal: The file that keeps what was done.
        api_url: The API's base URL; by default the production address.
        again: Send it even if the conversation had the flow before.
        insecure: Allow http to another computer, where the key can be read on the way.

    Raises:
        ValueError: The key or the URL cannot be used.
        JournalError: The journal cannot be used; nothing was sent.
        SentBeforeError: The conversation had the flow before.
    """
    from flowrunner.transport import PRODUCTION_URL, open_transport

    target = api_url or PRODUCTION_URL

    async def whole() -> RunResult:
        transport = open_transport(target, key, insecure=insecure)
        try:
            return await run_async(rendering, journal=journal, transport=transport, target=target, again=again)
        finally:
            await transport.aclose()

    return asyncio.run(whole())


_STATES = {EventKind.FINISHED: "finished", EventKind.FAILED: "failed", EventKind.IN_DOUBT: "in_doubt"}
