"""The values that cross the walls between rooms. All are frozen; none does any work.

Named tuples, not data classes: making 22 data classes costs every start as much as the interpreter itself.
"""

from flowrunner.model.flows import FILE_NAME, Bundle, Flow, Input
from flowrunner.model.messages import Action, Message, Passed, Pause, Rendering, Sample, Skipped, Variable
from flowrunner.model.plain import Json, compact
from flowrunner.model.recipients import CONVERSATION_ID, EXAMPLE_RECIPIENT, NOBODY, USER_ID, OptOut, Reading, Recipient
from flowrunner.model.replies import Again, Answer, Anytime, Expect, Inbound, Match, Reminder, Reply
from flowrunner.model.runs import Event, EventKind, Run, Told
from flowrunner.model.steps import (
    Branch,
    ChooseStep,
    EndStep,
    ForEachStep,
    IncludeStep,
    MessageStep,
    OnTimeout,
    PauseStep,
    Status,
    Step,
)

__all__ = [
    "CONVERSATION_ID",
    "EXAMPLE_RECIPIENT",
    "FILE_NAME",
    "NOBODY",
    "USER_ID",
    "Action",
    "Again",
    "Answer",
    "Anytime",
    "Branch",
    "Bundle",
    "ChooseStep",
    "EndStep",
    "Event",
    "EventKind",
    "Expect",
    "Flow",
    "ForEachStep",
    "Inbound",
    "IncludeStep",
    "Input",
    "Json",
    "Match",
    "Message",
    "MessageStep",
    "OnTimeout",
    "OptOut",
    "Passed",
    "Pause",
    "PauseStep",
    "Reading",
    "Recipient",
    "Reminder",
    "Rendering",
    "Reply",
    "Run",
    "Sample",
    "Skipped",
    "Status",
    "Step",
    "Told",
    "Variable",
    "compact",
]
