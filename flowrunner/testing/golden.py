"""Golden chats: the whole of a test's chat held against the text file that its reviewer has read."""

from pathlib import Path
from typing import Final

from flowrunner.testing.outcomes import Failure, Outcome
from flowrunner.testing.values import Golden
from flowrunner.views.tests.transcript import bare, transcript

_UPDATE: Final = "where the chat is as it should be, write it: flowrunner test --update"


def held(outcome: Outcome) -> Outcome:
    """The outcome of a golden test with what its file and its chat differ in; any other as it is."""
    golden = outcome.case.golden
    if golden is None or outcome.verdict == "internal" or _is_cut(outcome):
        return outcome
    failure = _difference(golden, transcript(outcome.chat, outcome.ended))
    if failure is None:
        return outcome
    return outcome._replace(verdict="failed", failures=(failure, *outcome.failures))


def drawn(outcome: Outcome) -> str | None:
    """What the file of a golden test should have in it; None where the chat was not played to its end."""
    return None if _is_cut(outcome) else transcript(outcome.chat, outcome.ended)


def _is_cut(outcome: Outcome) -> bool:
    return outcome.verdict == "internal" or any(failure.turn for failure in outcome.failures) or not outcome.ended


def _difference(golden: Golden, chat: str) -> Failure | None:
    """The first paragraph in which a file and a chat differ."""
    path = Path(golden.file)
    try:
        text = path.read_bytes().decode().replace("\r\n", "\n")
    except FileNotFoundError:
        return Failure(golden.at, 0, f"there is no {path.name} yet", hint=_UPDATE)
    except (OSError, UnicodeDecodeError) as error:
        return Failure(golden.at, 0, f"{path.name} cannot be read: {error}", hint="")
    if text == chat:
        return None
    wanted, there = text.rstrip("\n").split("\n\n"), chat.rstrip("\n").split("\n\n")
    alike = next((at for at, (one, other) in enumerate(zip(wanted, there, strict=False)) if one != other), None)
    at = min(len(wanted), len(there)) if alike is None else alike
    line = sum(paragraph.count("\n") + 2 for paragraph in wanted[:at]) + 1
    place = f"{path.name}:{line}"
    if at == len(wanted):
        return Failure(golden.at, 0, f"the chat goes on where {path.name} ends", got=bare(there[at]), hint=_UPDATE)
    if at == len(there):
        return Failure(golden.at, 0, f"the chat ends before {place}", bare(wanted[at]), hint=_UPDATE)
    return Failure(golden.at, 0, f"another chat than at {place}", bare(wanted[at]), bare(there[at]), hint=_UPDATE)
