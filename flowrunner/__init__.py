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
    "app.report": "CampaignSummary Report report report_async runs runs_async",
    "app.resume": "resume resume_async",
    "app.send": "RunResult SentBeforeError run run_async",
    "app.sender": "RecipientError Sender SenderError find_recipient find_recipient_async",
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

__all__ = sorted(name for names in _HOMES.values() for name in names.split())  # noqa: PLE0605


def __getattr__(name: str) -> object:
    """Import a public name from its room when it is first asked for."""
    from importlib import import_module

    home = next((home for home, names in _HOMES.items() if name in names.split()), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return __all__
