"""Whether somebody has said stop: an answer after which nothing comes but some last words."""

from collections.abc import Iterable, Sequence
from typing import Final

from flowrunner.engine.answers.candidates import TAPS, belongs
from flowrunner.engine.answers.matching import Option, Said, anytime_of, met, several
from flowrunner.engine.answers.questions import steps_of
from flowrunner.engine.decisions import TakeAnswer
from flowrunner.engine.history.state import State
from flowrunner.flow.steps import walk, walk_flow
from flowrunner.model import EndStep, Flow, Inbound, Match, MessageStep, Step
from flowrunner.spec.choices import choices_of
from flowrunner.spec.plainly import plainly, words_of


def stopped(flow: Flow, taken: TakeAnswer) -> str | None:
    """Why a person who answered so wants to be written to no more; None where they may not want that.

    They want it from that answer on, not only once the last words have left: those may be refused, or held until the
    morning.
    """
    question, said = taken.step, taken.answered
    if question is None:
        its = next((each for each in flow.anytime if each.address == said.branch), None)
        return said.text if its is not None and its.end == "opted_out" and _are_words(its.steps) else None
    return _out(steps_of(question.reply, said.branch)) if question.reply is not None else None


def _out(steps: Sequence[Step]) -> str | None:
    """The reason of an end by which somebody opts out before these ask anything; None where there is none."""
    for place, step in enumerate(steps):
        if isinstance(step, EndStep) and step.when is None:
            return step.reason if step.how == "opted_out" and _are_words(steps[:place]) else None
    return None


def stops(flow: Flow, said: Inbound) -> bool:
    """Whether a message is nothing but a word, or a tap, by which a flow is stopped at any time.

    It is asked of what is written while no run takes it: then a word within a sentence may mean something else.
    """
    matches = [match for each in flow.anytime if each.end == "opted_out" for match in each.matches]
    if said.kind in TAPS and _is_tapped(matches, said):
        return True
    words = (word for match in matches if match.kind in ("words", "text") for word in several(match.value))
    return any(_is_nothing_but(said.text, word) for word in words)


def takes_out(flow: Flow, said: Inbound) -> bool:
    """Whether a run of a flow takes a message for one that stops it at any time, once it hears it."""
    taken = anytime_of(flow.anytime, said)
    return taken is not None and any(each.address == taken.branch and each.end == "opted_out" for each in flow.anytime)


def taps_out(flow: Flow, state: State, said: Inbound) -> bool:
    """Whether somebody taps a button of a question by which they opt out, though that is not what is asked now.

    It is no answer any more, and means what it says all the same.

    Args:
        flow: That of their last run.
        state: What its events come to.
        said: What they wrote.
    """
    asked = [each for each in walk_flow(flow) if isinstance(each, MessageStep) and each.reply is not None]
    if said.kind not in TAPS or not any(_leads_out(each, said) for each in asked):
        return False
    of = state.accepted.get(said.context)
    its = [each for each in asked if (belongs(each.address, of.step) if of is not None else _offers(each, said))]
    is_asked_now = any(state.last is not None and belongs(each.address, state.last.step) for each in its)
    return not is_asked_now and bool(its) and all(_leads_out(each, said) for each in its)


def _leads_out(asked: MessageStep, said: Inbound) -> bool:
    """Whether a tap is an answer to a question after which nothing comes but some last words."""
    answers = asked.reply.answers if asked.reply is not None else ()
    matches = (each.matches for each in answers if each.when is None and _out(each.steps) is not None)
    return _is_tapped([match for its in matches for match in its], said, _options(asked))


def _offers(asked: MessageStep, said: Inbound) -> bool:
    """Whether a question has what was tapped: of a template's buttons nothing is known here."""
    options = _options(asked)
    return Said((said,), options).choice in options if options else _leads_out(asked, said)


def _options(asked: MessageStep) -> tuple[Option, ...]:
    return tuple(Option(each.kind, each.id, each.title) for each in choices_of(asked.message) or ())


def _is_tapped(matches: Iterable[Match], said: Inbound, options: Sequence[Option] = ()) -> bool:
    its = Said((said,), tuple(options))
    return any(match.kind in TAPS and met(match, its, None) for match in matches)


def _is_nothing_but(text: str, word: str) -> bool:
    """Whether somebody says a word, perhaps again and again, and please and thank you."""
    if plainly(word) == plainly(text) != "":
        return True
    wanted = words_of(word).split()
    if not wanted:  # an emoji
        return bool(plainly(word)) and not plainly(text).replace(plainly(word), "").strip()
    written = [each for each in words_of(text).split() if each in wanted or each not in _POLITE]
    return bool(written) and written == wanted * (len(written) // len(wanted))


_POLITE: Final = frozenset(
    "please pls thanks thank you por favor gracias obrigado obrigada merci svp danke bitte grazie".split()
)
"""What may be said beside a word for stop, and changes nothing of it."""


def _are_words(steps: Iterable[Step]) -> bool:
    """Whether none of these asks anything, or ends the run."""
    return not any(
        isinstance(each, EndStep) or (isinstance(each, MessageStep) and each.reply is not None) for each in walk(steps)
    )
