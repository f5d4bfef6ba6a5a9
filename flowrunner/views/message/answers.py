"""What a branch of a question answers to, in words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from flowrunner.engine.ahead.outline import Way
from flowrunner.model import Answer, Anytime, Branch, Expect, Json, Match, Message, Reminder
from flowrunner.views.message.approved import approved
from flowrunner.views.message.body import Body
from flowrunner.views.quiet import ending
from flowrunner.views.times import duration

Titles = Mapping[str, str]
"""What stands on each button or row of a message, by its id."""

_A: Final = {
    "image": "an image",
    "video": "a video",
    "audio": "a sound",
    "document": "a document",
    "sticker": "a sticker",
    "location": "a location",
    "contacts": "a contact",
    "form": "a form",
}

_EXPECTED: Final[Mapping[Expect, str]] = {
    "choice": "any choice",
    "text": "a text",
    "number": "a number",
    "integer": "a whole number",
    "date": "a day",
    "time": "a time of day",
    "email": "an e-mail address",
    "phone": "a phone number",
    "yes_no": "yes or no",
    "location": "a location",
    "media": "a file",
    "form": "a form",
    "any": "anything",
}


def titles(message: Message) -> Titles:
    """What can be tapped at a message, a template's quick replies included."""
    body = message.body
    rows = [row for section in _list(body, "sections") for row in _list(section, "rows")]
    found = {str(each.get("id")): str(each.get("title", "")) for each in (*_list(body, "buttons"), *rows)}
    if message.template is not None and message.template.components:
        its = approved(body, message.template).buttons
        found |= {each.told or each.label: each.label for each in its if each.sort == "reply"}
    return found


def _list(body: Body, name: str) -> Sequence[Body]:
    value = body.get(name)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def answers_to(answer: Answer | Anytime, names: Titles) -> str:
    """What must be answered for a branch: ``“Start”``, ``a number from 1 to 5,000``, ``the word stop or baja``.

    Args:
        answer: The branch.
        names: What stands on the buttons and rows that it may name.
    """
    said = alternatives(_WORDS[each.kind](each, names) for each in answer.matches)
    when = condition(answer.when) if isinstance(answer, Answer) else ""
    return " ".join(filter(None, (said, when))) or "anything"


def leads_to(way: Way) -> str:
    """What leads to a way on from a question or a choice, in words."""
    match way.entry:
        case Reminder(after=after):
            return f"no answer for {duration(after)}"
        case Branch(when=when):
            return condition(when)
        case Answer() | Anytime() as entry:
            return answers_to(entry, titles(way.question) if way.question else {})
    if way.kind == "no_reply":
        return silence(way.within)
    if way.kind == "then":
        return f"anything else, after it was asked again {f'{way.times} times' if way.times > 1 else 'once'}"
    if way.kind == "answer":
        reply = way.question.step.reply if way.question else None
        return _EXPECTED[reply.expect] if reply is not None and reply.otherwise is not None else "anything"
    return "otherwise" if way.kind == "branch" else way.label or "anything else"


def comes_after(way: Way) -> str:
    """What follows what a way's scenes say, in words; empty where they say it all."""
    if isinstance(way.entry, Anytime):
        return ending(way.entry.end)
    goes_on = not way.scenes and way.kind in {"answer", "otherwise", "then", "no_reply", "branch"}
    return "the flow goes on" if goes_on else ""


def condition(when: Json) -> str:
    """What must hold, too; empty where there is nothing."""
    return "" if when is None else f"when {when}"


def silence(within: float) -> str:
    """That nobody has answered."""
    return f"no answer within {duration(within)}"


def alternatives(words: Iterable[str]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    *some, last = [*words] or [""]
    return f"{', '.join(some)} or {last}" if some else last


def _tap(match: Match, names: Titles) -> str:
    return f"“{names.get(str(match.value)) or match.value}”"


def _texts(match: Match, _: Titles) -> str:
    return alternatives(f"“{each}”" for each in _values(match))


def _words(match: Match, _: Titles) -> str:
    return f"the word {alternatives(_values(match))}"


def _number(match: Match, _: Titles) -> str:
    value = match.value if isinstance(match.value, Mapping) else {}
    low, high = value.get("min"), value.get("max")
    if low is not None and high is not None:
        return f"a number from {_figure(low)} to {_figure(high)}"
    if low is not None:
        return f"a number of at least {_figure(low)}"
    return f"a number of at most {_figure(high)}" if high is not None else "a number"


def _figure(value: Json) -> str:
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def _values(match: Match) -> list[str]:
    return [str(each) for each in match.value] if isinstance(match.value, (list, tuple)) else [str(match.value)]


_WORDS: Final[Mapping[str, Callable[[Match, Titles], str]]] = {
    "button": _tap,
    "row": _tap,
    "text": _texts,
    "words": _words,
    "matches": lambda match, _: f"a text like {match.value}",
    "number": _number,
    "media": lambda match, _: alternatives(_A.get(each, f"a message of type {each}") for each in _values(match)),
}
