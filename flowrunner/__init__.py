"""flowrunner: WhatsApp messages as code.

The Python API, in the order of the path a flow takes::

    loaded = flowrunner.load("flows/onboarding.yaml")
    recipient = flowrunner.Recipient(phone="+52...")
    rendering = flowrunner.render(loaded, {"name": "Ana"}, recipient=recipient)
    print(flowrunner.preview(rendering))
    result = flowrunner.run(rendering, key="...", journal="journal.db")

All that the command line does is here: each function that waits has a twin whose name ends in ``_async``. Nothing
heavy is imported before it is used.
"""

TYPE_CHECKING = False  # as typing's, whose import would be a third of the time in which Ctrl-C is Python's still
if TYPE_CHECKING:
    from flowrunner.app.audience import AudienceError, AudienceRequest, NobodyLeftError
    from flowrunner.app.campaign import CampaignResult, run_campaign, run_campaign_async
    from flowrunner.app.cancel import cancel, cancel_async
    from flowrunner.app.check import CheckResult, check, check_flows
    from flowrunner.app.diff import DiffResult, compare
    from flowrunner.app.emulator import Emulator, open_emulator
    from flowrunner.app.flows import load, render
    from flowrunner.app.make_plan import make_plan, make_plan_async
    from flowrunner.app.preview import preview
    from flowrunner.app.recipients import RecipientError, find_recipient, find_recipient_async
    from flowrunner.app.report import CampaignSummary, Report, report, report_async, runs, runs_async
    from flowrunner.app.resume import resume, resume_async
    from flowrunner.app.run_plan import run_plan, run_plan_async
    from flowrunner.app.send import RunResult, SentBeforeError, run, run_async
    from flowrunner.app.sender import Sender, SenderError
    from flowrunner.app.status import refresh, refresh_async
    from flowrunner.campaign import CampaignEvent, Facts, Limits, Schedule, Selection
    from flowrunner.delivery.pace import Rate
    from flowrunner.diagnostics import Diagnostic, Location, Note, Severity
    from flowrunner.diagnostics.errors import FlowError, RefusedError
    from flowrunner.flow import Loaded
    from flowrunner.journal import JournalError
    from flowrunner.journal.sqlite.backup import back_up
    from flowrunner.journal.sqlite.checking import check_journal
    from flowrunner.journal.sqlite.loss import accept_loss
    from flowrunner.model import (
        Bundle,
        Event,
        EventKind,
        Flow,
        Input,
        Message,
        MessageStep,
        Passed,
        Pause,
        PauseStep,
        Reading,
        Recipient,
        Rendering,
        Run,
        Skipped,
        Step,
        Variable,
    )
    from flowrunner.plan.values import PlanError

__version__ = "0.1.0"

_HOMES = {
    "app.audience": "AudienceError AudienceRequest NobodyLeftError",
    "app.campaign": "CampaignResult run_campaign run_campaign_async",
    "app.cancel": "cancel cancel_async",
    "app.check": "CheckResult check check_flows",
    "app.diff": "DiffResult compare",
    "app.emulator": "Emulator open_emulator",
    "app.flows": "load render",
    "app.make_plan": "make_plan make_plan_async",
    "app.run_plan": "run_plan run_plan_async",
    "app.preview": "preview",
    "app.recipients": "RecipientError find_recipient find_recipient_async",
    "app.report": "CampaignSummary Report report report_async runs runs_async",
    "app.resume": "resume resume_async",
    "app.send": "RunResult SentBeforeError run run_async",
    "app.sender": "Sender SenderError",
    "app.status": "refresh refresh_async",
    "campaign": "CampaignEvent Facts Limits Schedule Selection",
    "delivery.pace": "Rate",
    "diagnostics": "Diagnostic Location Note Severity",
    "diagnostics.errors": "FlowError RefusedError",
    "flow": "Loaded",
    "journal": "JournalError",
    "journal.sqlite.backup": "back_up",
    "journal.sqlite.checking": "check_journal",
    "journal.sqlite.loss": "accept_loss",
    "model": "Bundle Event EventKind Flow Input Message MessageStep Passed Pause PauseStep Reading Recipient Rendering"
    " Run Skipped Step Variable",
    "plan.values": "PlanError",
}
"""Where each public name comes from."""

__all__ = [
    "AudienceError",
    "AudienceRequest",
    "Bundle",
    "CampaignEvent",
    "CampaignResult",
    "CampaignSummary",
    "CheckResult",
    "Diagnostic",
    "DiffResult",
    "Emulator",
    "Event",
    "EventKind",
    "Facts",
    "Flow",
    "FlowError",
    "Input",
    "JournalError",
    "Limits",
    "Loaded",
    "Location",
    "Message",
    "MessageStep",
    "NobodyLeftError",
    "Note",
    "Passed",
    "Pause",
    "PauseStep",
    "PlanError",
    "Rate",
    "Reading",
    "Recipient",
    "RecipientError",
    "RefusedError",
    "Rendering",
    "Report",
    "Run",
    "RunResult",
    "Schedule",
    "Selection",
    "Sender",
    "SenderError",
    "SentBeforeError",
    "Severity",
    "Skipped",
    "Step",
    "Variable",
    "accept_loss",
    "back_up",
    "cancel",
    "cancel_async",
    "check",
    "check_flows",
    "check_journal",
    "compare",
    "find_recipient",
    "find_recipient_async",
    "load",
    "make_plan",
    "make_plan_async",
    "open_emulator",
    "preview",
    "refresh",
    "refresh_async",
    "render",
    "report",
    "report_async",
    "resume",
    "resume_async",
    "run",
    "run_async",
    "run_campaign",
    "run_campaign_async",
    "run_plan",
    "run_plan_async",
    "runs",
    "runs_async",
]


def __getattr__(name: str) -> object:
    """Import a public name from its room when it is first asked for."""
    from importlib import import_module

    home = next((home for home, names in _HOMES.items() if name in names.split()), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__
