"""What is said before anything is sent, to whoever may want to choose otherwise."""

from flowrunner.app.senders.sender import Sender
from flowrunner.cli.console import tell


def warn_of_doubts(sender: Sender, target: str) -> None:
    """Say, where it is so, that a message in doubt will stop its run, since this API cannot be asked for it."""
    if sender.in_doubt == "reconcile" and not sender.at(target).can_look_up:
        tell("this API lists no messages: one of which it is not known whether it was taken stops its run")
        tell("hint: receive its webhooks (flowrunner listen), or say what to do then: --in-doubt ask, resend or skip")
