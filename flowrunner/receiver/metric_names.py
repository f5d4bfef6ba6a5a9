"""Which figures a process gives: the name of each, without the program's, its type, and what it says."""

from collections.abc import Mapping
from typing import Final

Figures = Mapping[str, tuple[str, str]]
_OF_RUNS: Final[Figures] = {
    "messages_total": ("counter", "Messages by what became of the request."),
    "run_events_total": ("counter", "Events of the runs that were gone on with."),
    "run_errors_total": ("counter", "Runs that could not be gone on with for a reason that nobody foresaw."),
    "waiting": ("gauge", "Runs that wait for an answer."),
}
LISTENER: Final[Figures] = {
    "webhooks_total": ("counter", "Webhooks by how they were answered."),
    "webhook_duplicates_total": ("counter", "Webhooks that had been received before."),
    "webhook_ignored_total": ("counter", "What webhooks told that nothing is made of, by the name of the event."),
    "webhook_seconds": ("histogram", "Seconds from a webhook's last byte until its answer."),
    "heard_total": ("counter", "Messages of people that were told, by who told."),
    "statuses_total": ("counter", "Statuses of messages that were told."),
    "polls_total": ("counter", "Questions to the API what people wrote."),
    **_OF_RUNS,
    "notifications_total": ("counter", "Notifications by how they were answered."),
    "listening_since_seconds": ("gauge", "When this process began, in seconds since the epoch."),
}
"""Those of ``flowrunner listen``."""
WORKER: Final[Figures] = {
    **_OF_RUNS,
    "queue_units": ("gauge", "Parts of campaigns that no worker has begun yet."),
    "units": ("gauge", "Parts of campaigns that this worker carries out."),
    "in_flight": ("gauge", "People whom this worker is sending to, each claimed by it."),
    "in_doubt": ("gauge", "Runs with a message that may have been taken, of all workers."),
    "lag_seconds": ("gauge", "How long the run has been due that has waited longest; 0 where none is due."),
    "requests_total": ("counter", "Requests that have left, of all sorts."),
    "rate_allowed": ("gauge", "Requests a second that the sender may make, over all workers."),
    "sender_refused": ("gauge", "1 while the API refuses the sender, and nothing is tried with it."),
    "clock_offset_seconds": ("gauge", "How far this machine's clock is ahead of the journal's."),
    "journal_up": ("gauge", "1 while the journal can be reached."),
    "workers": ("gauge", "Workers that are there, this one included."),
    "working_since_seconds": ("gauge", "When this process began, in seconds since the epoch."),
}
"""Those of ``flowrunner worker``."""
