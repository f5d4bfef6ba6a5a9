"""What v1's own refusals mean; those that it passes on from Meta are in `flowrunner.client.outcomes`."""

from typing import Final

from flowrunner.dialects.refusals import reject

REFUSALS: Final = (
    reject("409", "", "agent execution", "an agent holds this conversation: hand it over or stop the agent in Kapso"),
    reject("404", "", "message not found", "check reacted_to_message_id: no message has that id"),
    reject("404", "", "", "a conversation ends 24 hours after its last message: find the new one by --phone"),
    reject("409", "", "", "look at the conversation in Kapso: its state does not let this message in"),
)
