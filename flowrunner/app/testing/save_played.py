"""What was played on the emulator's page, as a test: the run is looked up in the journal that it was sent from."""

import asyncio
from collections.abc import Callable
from threading import Lock

from flowrunner.app.testing.record import record_run
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.page.saving import SavedTest
from flowrunner.journal import RunRecord, open_journal
from flowrunner.journal.places import Place
from flowrunner.model import Event, Recipient
from flowrunner.testing.recording.writing import in_file


def saver(journal: Place) -> Callable[[Talk, str], SavedTest]:
    """What makes a test of the last run in a conversation; one at a time."""
    alone = Lock()

    def make(talk: Talk, address: str) -> SavedTest:
        with alone:
            found, events = asyncio.run(_last(journal, talk, address))
            saved = record_run(found, events)
        text = in_file("", saved.flow, saved.item) or ""
        replaced = [f"replaced {each.name} by {each.now}" for each in saved.replaced]
        return SavedTest(saved.path.name, text, [*([saved.note] if saved.note else []), *replaced])

    return make


async def _last(place: Place, talk: Talk, address: str) -> tuple[RunRecord, list[Event]]:
    """The last run that was sent to a conversation at an address."""
    phone = f"+{talk.phone.lstrip('+')}" if talk.phone else ""
    async with open_journal(place, read_only=True, clock=SYSTEM) as journal:
        found: RunRecord | None = None
        for target in await journal.targets():
            if address not in target:
                continue
            for run in dict.fromkeys(each.run for each in await journal.sent_to(target, Recipient(talk.id, phone))):
                record = await journal.record(run)
                if record is not None and (found is None or record.run.created_at >= found.run.created_at):
                    found = record
        if found is None:
            message = f"the journal {place} has no run that was sent to this conversation"
            raise RefusedError(message, "name the journal with flowrunner emulator --journal")
        return found, await journal.events(found.run.id)
