"""What a person wrote, held against what a question may be answered with: the first answer that it is, is taken.

Every rule is a row of the table in ``docs/listening.md``.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from flowrunner.engine.answers.typed import SPELLED, number_in, typed
from flowrunner.engine.history.answered import OTHERWISE, Answered
from flowrunner.model import Again, Answer, Anytime, Inbound, Json, Match, Message, Reply
from flowrunner.spec.choices import choices_of
from flowrunner.spec.patterns import matches_whole
from flowrunner.spec.plainly import plainly, says, words_of

FILES: Final = frozenset(["image", "video", "audio", "sticker", "document"])
"""The kinds of what is written that are files."""

NUMBER: Final = re.compile(
    rf"#? ?(?:(?:la|el|the|a|o|opcion|opcao|option|numero|number) )*(\d{{1,2}}|{'|'.join(SPELLED)})"
)
"""The number of an option, as people write it: ``2``, ``la 2``, ``opción dos``."""
_OTHER: Final = "otherwise"
_ENDS: Final = ("finished", "handed_over", "opted_out")
"""How an entry of ``anytime`` may end a run, the last for good."""


class Option(NamedTuple):
    """A button or a row of a list, as a person may choose it."""

    kind: str
    id: str
    title: str


class Said(NamedTuple):
    """What was written at once, as a question hears it.

    Attributes:
        messages: At least one, as they were written one after the other.
        options: What the question lets choose from.
        typed: Whether an option is chosen by its typed title or number, too.
        now: When the run began, in its zone.
        phone: That of its writer; empty where it is not known.
    """

    messages: tuple[Inbound, ...]
    options: tuple[Option, ...] = ()
    typed: bool = True
    now: datetime = datetime.min
    phone: str = ""

    @property
    def text(self) -> str:
        """All that was written, one line a message."""
        return "\n".join(each.text for each in self.messages if each.text)

    @property
    def is_reaction(self) -> bool:
        """Whether it is an emoji put on a message."""
        return self.messages[-1].kind == "reaction"

    @property
    def choice(self) -> Option | None:
        """What was chosen: by a tap, or by its typed title or its number in the list."""
        last = self.messages[-1]
        if last.choice or last.kind in ("button", "row"):
            by_id = (each for each in self.options if last.choice and each.id == last.choice)
            its = next(by_id, None) or self._titled(last.text)
            return its or (Option(last.kind, last.choice, last.text) if last.choice else None)
        if not self.typed:
            return None
        texts = (each.text for each in self.messages if each.kind in ("text", "edited"))
        found = dict.fromkeys(its for text in texts if (its := self._titled(text) or self._numbered(text)) is not None)
        return next(iter(found)) if len(found) == 1 else None

    def read(self, reader: Callable[[str], Json]) -> Json:
        """The value of all that was written; where that has none, the one value that its messages have."""
        value = reader(self.text)
        if value is not None or len(self.messages) == 1:
            return value
        each_of = (reader(each.text) for each in self.messages if each.text)
        found = {repr(its): its for its in each_of if its is not None}
        return next(iter(found.values())) if len(found) == 1 else None

    def _numbered(self, text: str) -> Option | None:
        found = NUMBER.fullmatch(plainly(text))
        its = found[1] if found else "0"
        number = SPELLED[its] if its in SPELLED else int(its)
        return self.options[number - 1] if 1 <= number <= len(self.options) else None

    def _titled(self, text: str) -> Option | None:
        said, words = plainly(text), words_of(text)
        titled = (each for each in self.options if said and plainly(each.title) == said)
        both = (each for number, each in enumerate(self.options, 1) if words == words_of(f"{number} {each.title}"))
        return next(titled, None) or next(both, None)


def options_of(message: Message) -> tuple[Option, ...]:
    """What a message lets choose from, as far as that is known: its buttons, rows, its template's quick replies."""
    return tuple(Option(each.kind, each.id, each.title) for each in choices_of(message.body, message.template) or ())


def value_of(reply: Reply, said: Said) -> Json:
    """What was written as the question expects it; None where it cannot be read so."""
    last, text = said.messages[-1], said.text
    match reply.expect:
        case "choice":
            return said.choice.id if said.choice is not None else None
        case "location":
            place = (each for each in said.messages if each.kind == "location")
            return next(({name: each.data.get(name) for name in ("latitude", "longitude")} for each in place), None)
        case "form":
            return next((each.data.get("response") for each in said.messages if each.kind == "form"), None)
        case "media":
            files = [each for each in said.messages if each.kind in FILES]
            return str(files[0].data.get("media_id") or files[0].data.get("url") or files[0].id) if files else None
        case "any":
            return said.choice.id if said.choice is not None else text or last.kind
        case expect:
            return said.read(lambda written: typed(expect, written, said.now, said.phone)) if text else None


def answer_to(reply: Reply, said: Said, again: int, holds: Callable[[Answer, Answered], bool]) -> Answered | None:
    """What a question takes something for; None for what is no answer at all: a reaction that no answer names.

    Args:
        reply: The question.
        said: What was written.
        again: How often the question was put again.
        holds: Whether the condition of an answer holds, taken for one.
    """
    value = value_of(reply, said)
    number = value if reply.expect in ("number", "integer") else said.read(number_in)
    chosen = said.choice.id if said.choice is not None else ""
    as_said = Answered("", tuple(each.id for each in said.messages), said.text, value, "", chosen)
    for place, answer in enumerate(reply.answers, 1):
        its = as_said._replace(branch=f"a{place}", name=answer.name)
        if answer.matches:
            if not any(met(each, said, number) for each in answer.matches):
                continue
        elif value is None or said.is_reaction:
            continue
        if answer.when is None or holds(answer, its):
            return its
    if said.is_reaction:
        return None
    if not reply.answers and (value is not None or reply.otherwise is None):
        return as_said._replace(branch="any", name="any")
    if isinstance(reply.otherwise, Again) and again < len(reply.otherwise.steps):
        return as_said._replace(branch=f"g{again + 1}", name=_OTHER)
    return as_said._replace(branch=OTHERWISE, name=_OTHER)


def anytime_of(anytime: Sequence[Anytime], inbound: Inbound, before: tuple[Inbound, ...] = ()) -> Answered | None:
    """What something is taken for whenever it is written: alone, or else with what was written just ``before`` it.

    None for nothing.
    """
    for messages in ((inbound,), (*before, inbound)) if before else ((inbound,),):
        said = Said(messages)
        for each in anytime:
            if any(met(match, said, said.read(number_in)) for match in each.matches):
                chosen, ids = inbound.choice or "", tuple(its.id for its in messages)
                return Answered(each.address, ids, said.text, None, said.text or chosen, chosen)
    return None


def outdoing(anytime: Sequence[Anytime], taken: str) -> Sequence[Anytime]:
    """What is still looked for once an entry was taken, by its address; all of it before.

    Whoever has asked for a person may say stop, and whoever is shown some help may do both.
    """
    its = next((_ENDS.index(each.end) for each in anytime if each.address == taken), None)
    return anytime if its is None else [each for each in anytime if _ENDS.index(each.end) > its]


def met(match: Match, said: Said, number: Json) -> bool:
    """Whether something is what an answer names; ``number`` is the one in it, None where there is none."""
    if said.is_reaction and match.kind not in ("text", "words"):
        return False
    text = said.text
    match match.kind:
        case "button" | "row":
            its = said.choice
            # A template's quick replies are not known here: one may be named by its title.
            titled = its is not None and its not in said.options and plainly(its.title) == plainly(str(match.value))
            return its is not None and (its.id == match.value or titled)
        case "text":
            return bool(text) and plainly(text) in {plainly(each) for each in several(match.value)}
        case "words":
            return bool(text) and any(says(text, each) for each in several(match.value))
        case "matches":
            return bool(text) and matches_whole(str(match.value), text.strip())
        case "number":
            return number is not None and _within(number, match.value)
        case "media":
            kinds = {each.kind for each in said.messages}
            return not kinds.isdisjoint(several(match.value))


def _within(number: float, bounds: Json) -> bool:
    low, high = (bounds.get("min"), bounds.get("max")) if isinstance(bounds, Mapping) else (bounds, bounds)
    return (low is None or number >= low) and (high is None or number <= high)


def several(value: Json) -> list[str]:
    """What an answer names, as texts: it may be one thing or a list."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
