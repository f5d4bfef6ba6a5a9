"""An audience is sent to: what is wrong with it is said, it is confirmed, and then sent."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from shlex import quote

from flowrunner.app.campaigns.audience import AudienceError, AudienceRequest, NobodyLeftError, ready_for
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import AudienceCheck
from flowrunner.cli.campaign_run import send_ready
from flowrunner.cli.confirmation import counts, left_out
from flowrunner.cli.console import DONE, complain, say, tell
from flowrunner.cli.recipient_options import Extent
from flowrunner.cli.table_options import as_typed
from flowrunner.clock import SYSTEM
from flowrunner.flow import Loaded
from flowrunner.journal import open_journal
from flowrunner.journal.places import Place
from flowrunner.views.report.json import summary_line


async def run_audience(
    loaded: Loaded, request: AudienceRequest, sender: Sender, journal: Place, extent: Extent, form: str
) -> int:
    """Check everybody, ask, begin, send. Returns the exit code."""
    target = sender.check()  # before the minutes that a large audience takes
    if extent.detach:
        from flowrunner.app.campaigns.detach import require_detachable

        require_detachable(journal, sender)
    try:
        with explained(loaded, request):
            async with (
                open_journal(journal, clock=SYSTEM) as its,
                ready_for(loaded, request, target, its, warn=complain) as ready,
            ):
                tell_more(ready.checked, loaded, request)
                return await send_ready(ready, its, journal, extent, sender, form)
    except NobodyLeftError as nobody:
        if form == "jsonl":
            say(summary_line(None, {}, (), **counts(nobody.checked)))
        else:
            say(nobody_left(nobody))
        return DONE


@contextmanager
def explained(loaded: Loaded, request: AudienceRequest) -> Iterator[None]:
    """Within, an audience is checked; what forbids to begin takes along what is not shown of it, and how to see it."""
    try:
        yield
    except AudienceError as error:
        if error.more > 0:
            error.add_note(f"and {error.more:,} more; {_checking(loaded.path, request)} shows them all")
        error.add_note("nothing was sent; --skip-invalid sends to the others")
        raise
    except NobodyLeftError as nobody:
        tell_more(nobody.checked, loaded, request)
        raise


def tell_more(checked: AudienceCheck, loaded: Loaded, request: AudienceRequest) -> None:
    """Say how many warnings are not shown, and how to see them."""
    more = checked.oddities - len(checked.odd)
    if more > 0:
        tell(f"and {more:,} more warnings; {_checking(loaded.path, request)} shows them all")


def nobody_left(nobody: NobodyLeftError) -> str:
    """Why nobody is sent to."""
    return f"{nobody.message}: {left_out(nobody.checked.left_out)}"


def _checking(flow: str, request: AudienceRequest) -> str:
    """The command that says all that is wrong with an audience, as it would be sent to."""
    said = request.selection.schedule._replace(not_within=math.inf).data()
    clocks = "".join(f" --{name.replace('_', '-')} {value}" for name, value in said.items())
    how = as_typed(request.reading)
    paths = [f"./{each}" if each.startswith("-") else each for each in (flow, str(request.file))]  # no options
    return f"flowrunner validate {quote(paths[0])} --audience {quote(paths[1])}{how}{clocks} --format json"
