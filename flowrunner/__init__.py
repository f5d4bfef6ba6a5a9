"""flowrunner: WhatsApp messages as code.

The Python API, in the order of the path a flow takes::

    loaded = flowrunner.load("flows/onboarding.yaml")
    recipient = flowrunner.Recipient(phone="+52...")
    rendering = flowrunner.render(loaded, {"name": "Ana"}, recipient=recipient)
    print(flowrunner.preview(rendering))
    result = flowrunner.run(rendering, key="...", journal="journal.db")

Nothing heavy is imported before it is used.
"""

TYPE_CHECKING = False  # as typing's, whose import would be a third of the time in which Ctrl-C is Python's still
if TYPE_CHECKING:
    from flowrunner.app.check import check
    from flowrunner.app.flows import load, render
    from flowrunner.app.preview import preview
    from flowrunner.app.recipients import RecipientError, find_recipient
    from flowrunner.app.send import RunResult, SentBeforeError, run, run_async
    from flowrunner.app.sender import Sender, SenderError
    from flowrunner.diagnostics import Diagnostic, Location, Note, Severity
    from flowrunner.diagnostics.errors import FlowError, RefusedError
    from flowrunner.flow import Loaded
    from flowrunner.model import (
        Event,
        EventKind,
        Flow,
        Input,
        Message,
        MessageStep,
        Pause,
        PauseStep,
        Recipient,
        Rendering,
        Run,
        Skipped,
        Step,
        Variable,
    )

__version__ = "0.1.0"

_ROOMS = {
    "check": "flowrunner.app.check",
    **dict.fromkeys(["load", "render"], "flowrunner.app.flows"),
    "preview": "flowrunner.app.preview",
    **dict.fromkeys(["RecipientError", "find_recipient"], "flowrunner.app.recipients"),
    **dict.fromkeys(["RunResult", "SentBeforeError", "run", "run_async"], "flowrunner.app.send"),
    **dict.fromkeys(["Sender", "SenderError"], "flowrunner.app.sender"),
    **dict.fromkeys(["FlowError", "RefusedError"], "flowrunner.diagnostics.errors"),
    **dict.fromkeys(["Diagnostic", "Location", "Note", "Severity"], "flowrunner.diagnostics"),
    "Loaded": "flowrunner.flow",
    **dict.fromkeys(
        (
            "Event EventKind Flow Input Message MessageStep Pause PauseStep "
            "Recipient Rendering Run Skipped Step Variable"
        ).split(),
        "flowrunner.model",
    ),
}

__all__ = [
    "Diagnostic",
    "Event",
    "EventKind",
    "Flow",
    "FlowError",
    "Input",
    "Loaded",
    "Location",
    "Message",
    "MessageStep",
    "Note",
    "Pause",
    "PauseStep",
    "Recipient",
    "RecipientError",
    "RefusedError",
    "Rendering",
    "Run",
    "RunResult",
    "Sender",
    "SenderError",
    "SentBeforeError",
    "Severity",
    "Skipped",
    "Step",
    "Variable",
    "check",
    "find_recipient",
    "load",
    "preview",
    "render",
    "run",
    "run_async",
]


def __getattr__(name: str) -> object:
    """Import a public name from its room when it is first asked for."""
    from importlib import import_module

    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ROOMS[name]), name)


def __dir__() -> list[str]:
    return __all__
