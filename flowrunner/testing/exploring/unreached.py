"""What no way through a flow has led to, and why where that is known."""

from collections.abc import Iterator

from flowrunner.diagnostics import Diagnostic, Severity
from flowrunner.engine.answers.matching import anytime_of, several
from flowrunner.flow import Loaded
from flowrunner.flow.steps import walk_flow
from flowrunner.model import Answer, Inbound, MessageStep
from flowrunner.testing.covered import Coverage, Item


def unreached(flow: Loaded, covered: Coverage, walked: int) -> Iterator[Diagnostic]:
    """A warning for each thing of a flow that is missing, but for what lies behind one that is.

    Args:
        flow: The flow, without errors.
        covered: What the ways through it have led to.
        walked: How many they were.
    """
    missing = {each.key for each in covered.missing}
    taken = _heard_before(flow)
    for item in covered.missing:
        if not _lies_behind(item, missing):
            message = f"no way that was tried leads here: {item.name}{f' is {item.never}' if item.never else ''}"
            hint = f"{walked} ways were walked; see whether an answer, or a value, can lead here"
            if item.key in taken:
                message += f", since `anytime` of {flow.path} hears that first"
                hint = "leave it out, unless another flow includes this file or it is sent by itself, without `anytime`"
                if item.at.path == flow.path:
                    hint = "leave it out, or take its words out of `anytime`"
            yield Diagnostic("way-unreached", message, item.at, Severity.WARNING, hint)


def _heard_before(flow: Loaded) -> set[str]:
    """The addresses of those answers whose every word is one that the flow looks for at any time."""
    its = flow.flow
    steps = walk_flow(its) if its is not None else ()
    replies = [each.reply for each in steps if isinstance(each, MessageStep) and each.reply is not None]
    return {each.address for reply in replies for each in reply.answers if _is_heard(flow, each)}


def _is_heard(flow: Loaded, answer: Answer) -> bool:
    texts = [str(text) for match in answer.matches for text in several(match.value)]
    are_words = bool(texts) and all(match.kind in ("text", "words") for match in answer.matches)
    anytime = flow.flow.anytime if flow.flow is not None else ()
    return are_words and all(anytime_of(anytime, Inbound("", 0.0, "text", text)) is not None for text in texts)


def _lies_behind(item: Item, missing: set[str]) -> bool:
    """Whether what leads to it is missing itself, which is said already."""
    parts = item.key.partition("?")[0]
    if "?" not in item.key and f"{item.key}?true" in missing:
        return True
    while "." in parts:
        parts = parts.rpartition(".")[0]
        if parts in missing or f"{parts}?true" in missing:
            return True
    return False
