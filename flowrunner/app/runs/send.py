"""One run: its recipient is found, it is rendered, begun, and carried out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from flowrunner.app.blocking import blocking
from flowrunner.app.flows import for_dialect, given, rendered, sound
from flowrunner.app.people.named import RecipientError, checked, dialled
from flowrunner.app.people.optout_check import require_willing
from flowrunner.app.people.recipients import look_up, needs_nothing
from flowrunner.app.runs.deliver import Delivery
from flowrunner.app.runs.result import RunResult
from flowrunner.app.senders.sender import Sender, open_sender, paced
from flowrunner.client import EMULATOR
from flowrunner.client.targets import read_target
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Pace, Rate, Uploads, begin, new_run
from flowrunner.delivery.ending import TAKEN_EARLIER
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.diagnostics.errors import FlowError, RefusedError
from flowrunner.engine import Given, Prepared, Scope, moment
from flowrunner.engine.history.recipient_learnt import filled
from flowrunner.flow import Loaded, load_bundle
from flowrunner.journal import Journal, RunRecord, open_journal
from flowrunner.journal.places import Place
from flowrunner.model import EXAMPLE_RECIPIENT, NOBODY, Recipient, Rendering, Run


class SentBeforeError(RefusedError):
    """The person had the flow before, or is getting it. Nothing was sent.

    Attributes:
        record: The run that is in the way.
        run_id: Its id.
        whom: ``this conversation``, or ``this person`` where the run was another conversation's, or nobody's yet.
    """

    def __init__(self, record: RunRecord, recipient: Recipient = NOBODY) -> None:
        is_there = not recipient.conversation or record.conversation == recipient.conversation
        self.whom = "this conversation" if is_there and record.conversation else "this person"
        super().__init__(f"{record.run.flow_name} went to {self.whom} before, in run {record.run.id}")
        self.record, self.run_id = record, record.run.id


@asynccontextmanager
async def begin_run(
    loaded: Loaded,
    values: Mapping[str, Given],
    recipient: Recipient,
    sender: Sender,
    journal: Place,
    *,
    again: bool = False,
    exclude: Path | None = None,
    region: str = "",
    warn: Callable[[Sequence[Diagnostic]], None],
    clock: Clock = SYSTEM,
) -> AsyncIterator[Delivery]:
    """Check everything, look the recipient up, and begin a run.

    Args:
        loaded: A flow without errors.
        values: A value for each input without a default.
        recipient: Named by conversation, phone or user id; who has a phone and gets a template first is not looked up.
        sender: Who sends.
        journal: The file that keeps what was done; made if it is not there.
        again: Begin it even if the conversation had the flow before.
        exclude: A file of people who are not to be written to.
        region: The country of phones without a country code, theirs and those of that file, as two letters.
        warn: Told what is odd about the messages, before anything is written.
        clock: Where time comes from.

    Raises:
        FlowError: A value is missing or wrong, or a message breaks a rule.
        SenderError: The API's URL or the key cannot be used.
        RecipientError: Nobody can be named so, or their conversation could not be found.
        UploadError: A file of the flow cannot be handed over.
        JournalError: The journal cannot be used.
        RefusedError: They are not to be written to.
        OptedOutError: They have said stop.
        SentBeforeError: The conversation had the flow before.
    """
    recipient = checked(recipient, region, is_looked_up=True)
    prepared = Prepared(for_dialect(loaded, sender.spoken.name), sender.spoken)
    bound, diagnostics = prepared.inputs.bind(values, recipient)
    if bound is not None and not _needs_recipient(loaded):
        # All that can be wrong is said before anything leaves this machine.
        _, diagnostics = prepared.actions(recipient, bound, moment(clock.now()))
    if bound is None or any(each.is_error for each in diagnostics):
        raise FlowError(diagnostics)
    async with open_sender(sender, recipient, clock=clock) as (client, meant), AsyncExitStack() as stack:
        # The API is asked while the journal's file is synced. Before anything is sent the rate is not felt; and whoever
        # waits at the terminal asks once more themselves.
        opening = asyncio.ensure_future(stack.enter_async_context(open_journal(journal, clock=clock)))

        async def look() -> Recipient:
            whom = meant._replace(phone="") if meant.conversation else meant
            if not any(getattr(whom, name) for name in client.dialect.names):
                whom = await (await opening).known(sender.target, whom)
            if needs_nothing(prepared, bound, whom, moment(clock.now()), client.dialect):
                return dialled(whom)
            return await look_up(whom, client, Pace(Rate(100, 60.0), clock=clock), 0.0)

        its, found = await asyncio.gather(opening, look(), return_exceptions=True)
        if isinstance(its, BaseException):
            raise its
        if isinstance(found, BaseException):
            raise found
        found = filled(found, Recipient(user_id=recipient.user_id))
        if exclude is not None:
            from flowrunner.app.people.exclusions import require_wanted  # who has no list loads nothing of it

            await require_wanted(found, exclude, region, sender.target, its)
        rendering, diagnostics = prepared.render(found, values, moment(clock.now()))
        if rendering is None:
            raise FlowError(diagnostics)
        warn(diagnostics)
        pace = await stack.enter_async_context(paced(sender, its, clock))
        uploads = Uploads(prepared.flow.bundle, sender.target, client, its, pace, sender.max_wait)
        await uploads.ready(clock.sleep)
        run = await _begun(rendering, found, sender.target, its, again=again, clock=clock)
        yield Delivery(run, prepared, rendering, sender, client, pace, its, uploads)


@asynccontextmanager
async def resume_run(run: Run, sender: Sender, journal: Journal, *, clock: Clock = SYSTEM) -> AsyncIterator[Delivery]:
    """Go on with a run of the journal, with the API that it was begun with.

    Raises:
        RefusedError: Its emulator has ended.
        FlowError: An older flowrunner took its flow, and this one does not.
        SenderError: The API's URL or the key cannot be used.
    """
    if read_target(run.target).url == EMULATOR:
        raise RefusedError(f"run {run.id} was sent to an emulator that has ended", "run the flow again")
    prepared, rendering = _rendered(run)
    its = sender.at(run.target)
    async with open_sender(its, run.recipient, clock=clock) as (client, _), paced(its, journal, clock) as pace:
        uploads = Uploads(run.bundle, run.target, client, journal, pace, sender.max_wait)
        yield Delivery(run, prepared, rendering, sender, client, pace, journal, uploads)


def prepared_again(run: Run, prepared: Prepared | None = None) -> tuple[Prepared, Scope]:
    """A run's flow, ready to be gone on with, and what its first step may read.

    Args:
        run: The run.
        prepared: The same flow for the same API, where it was made ready before.

    Raises:
        FlowError: An older flowrunner took it, and this one does not.
    """
    with _taken_earlier():
        prepared = prepared or Prepared(sound(load_bundle(run.bundle)), read_target(run.target).spoken)
        bound, diagnostics = prepared.inputs.bind(_values(run))
        if bound is None:
            raise FlowError(diagnostics)
    return prepared, prepared.scope(run.recipient, bound.values, run.now, bound.given)


def _rendered(run: Run) -> tuple[Prepared, Rendering]:
    """A run's flow and what it sends: the same text, values and moment give the same messages.

    Raises:
        FlowError: An older flowrunner took it, and this one does not.
    """
    with _taken_earlier():
        prepared = Prepared(sound(load_bundle(run.bundle)), read_target(run.target).spoken)
        return prepared, rendered(prepared, _values(run), run.recipient, run.now)


def _values(run: Run) -> dict[str, Given]:
    return {name: Given(value, Location(f"the run's {name}")) for name, value in run.variables.items()}


@contextmanager
def _taken_earlier() -> Iterator[None]:
    """Within, what is refused is said with what helps: nobody can write a begun run's values anew."""
    try:
        yield
    except FlowError as error:
        raise FlowError([each._replace(hint=TAKEN_EARLIER) for each in error.diagnostics if each.is_error]) from None


async def run_async(
    rendering: Rendering,
    *,
    key: str,
    journal: Place | str,
    api_url: str = "",
    again: bool = False,
    insecure: bool = False,
    stop: asyncio.Event | None = None,
    clock: Clock = SYSTEM,
) -> RunResult:
    """Send a rendering to its recipient, in order, once.

    Args:
        rendering: What `render` gave for a recipient; one with only a phone is looked up, unless a template is first.
        key: The API key.
        journal: The file that keeps what was done; made if it is not there.
        api_url: The API's base URL; by default the production address.
        again: Send it even if the conversation had the flow before.
        insecure: Allow http to another computer, where the key can be read on the way.
        stop: Once set, no further message is begun.
        clock: Where time comes from.

    Raises:
        ValueError: The key or the URL cannot be used.
        RecipientError: The recipient's conversation could not be found; nothing was written or sent.
        JournalError: The journal cannot be used; nothing was sent.
        OptedOutError: They have said stop.
        SentBeforeError: The conversation had the flow before.
    """
    sender, meant = Sender(key, api_url, insecure=insecure), rendering.recipient
    prepared = Prepared(load_bundle(rendering.flow.bundle), sender.spoken)
    if meant == EXAMPLE_RECIPIENT or not any(meant):
        hint = "give render() recipient=flowrunner.Recipient(phone=...) or Recipient(conversation=...)"
        raise RecipientError("the flow was rendered without a recipient", hint)
    async with open_sender(sender, meant, clock=clock) as (client, whom):
        values = given({each.name: each.value for each in rendering.variables})
        bound, _ = prepared.inputs.bind(values, meant)
        is_found = bound is not None and needs_nothing(prepared, bound, whom, rendering.now, client.dialect)
        asking = Pace(sender.rate, clock=clock)
        found = dialled(whom) if is_found else await look_up(whom, client, asking, sender.max_wait)
        recipient = Recipient(found.conversation, meant.phone or found.phone, meant.user_id)  # as it was rendered
        anew = rendered(prepared, values, recipient, rendering.now)  # as whoever resumes it does
        if sender.api_url != EMULATOR and anew.actions != rendering.actions:
            hint = "give render() recipient=flowrunner.find_recipient(phone, sender)"
            raise RecipientError("the flow depends on the conversation, and was rendered without it", hint)
        async with open_journal(journal, clock=clock) as its, paced(sender, its, clock) as pace:
            uploads = Uploads(prepared.flow.bundle, sender.target, client, its, pace, sender.max_wait)
            await uploads.ready(clock.sleep)
            run = await _begun(rendering, recipient, sender.target, its, again=again, clock=clock)
            return await Delivery(run, prepared, rendering, sender, client, pace, its, uploads).carried_out(stop)


run = blocking(run_async)


async def _begun(
    rendering: Rendering, recipient: Recipient, target: str, journal: Journal, *, again: bool, clock: Clock
) -> Run:
    values = {each.name: each.value for each in rendering.variables}
    await require_willing(recipient, target, journal)
    run = new_run(rendering.flow, recipient, values, rendering.now, target, clock)
    # An emulator inside of this program has new people each time, by whatever names.
    again = again or read_target(target).url == EMULATOR
    if (earlier := await begin(run, journal, again=again, clock=clock)) is not None:
        raise SentBeforeError(earlier, recipient)
    return run


def _needs_recipient(loaded: Loaded) -> bool:
    names = {use.name for each in loaded.fields.values() for field in each for use in field.expression.uses}
    return bool(names & {"recipient", "conversation"})
