"""What is so after the last turn."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from flowrunner.diagnostics import Route
from flowrunner.diagnostics.codes import rules
from flowrunner.flow.keys import kind
from flowrunner.model.runs import EventKind
from flowrunner.testing.reading.checks import counted, value_checks
from flowrunner.testing.reading.reader import Reader, keys_of
from flowrunner.testing.turns import Check
from flowrunner.testing.values import After, EndWord, Word, Words

EVENTS: Final = (*(str(each).replace("_", " ") for each in EventKind), "looked up")
"""The words for what can happen in a run."""
_BOUNDS: Final = ("equals", "min", "max")


def read_after(reader: Reader, data: Mapping[str, Any], route: Route) -> After:
    """What a test says of the end."""
    after = After()
    if "ends" in data:
        word = reader.word(data["ends"], (*route, "ends"), get_args(EndWord))
        # What is wrong is said; with a word that no flow rules out, nothing more is said of it.
        after = after._replace(ends=Word(word or "failed", reader.at((*route, "ends"))))
    if "vars" in data:
        after = after._replace(vars=_variables(reader, data["vars"], (*route, "vars")))
    if "warnings" in data:
        codes = [code for code, rule in rules().items() if rule.severity == "warning"]
        after = after._replace(warnings=_words(reader, data["warnings"], (*route, "warnings"), codes, "[long-burst]"))
    if "events" in data:
        after = after._replace(
            events=_words(reader, data["events"], (*route, "events"), EVENTS, "[in doubt, looked up]")
        )
    if "sent" in data:
        after = after._replace(sent=_sent(reader, data["sent"], (*route, "sent")))
    if "doubled" in data:
        after = after._replace(doubled=counted(reader, data["doubled"], (*route, "doubled"), ("doubled",), _BOUNDS))
    return after


def _variables(reader: Reader, data: Any, route: Route) -> tuple[Check, ...]:
    if not isinstance(data, Mapping):
        hint = "write company.text: Acme SA lines below it"
        reader.wrong("wrong-type", f"vars must be an object, not {kind(data)}", route, hint)
        return ()
    checks: list[Check] = []
    for name, value in data.items():
        checks += value_checks(reader, value, (*route, name), tuple(str(name).split(".")))
    return tuple(checks)


def _words(reader: Reader, data: Any, route: Route, known: Sequence[str], example: str) -> Words | None:
    found = [(at, reader.word(each, at, known)) for at, each in reader.several(data, route, example)]
    if not isinstance(data, list):
        return None
    return Words(tuple(Word(word, reader.at(at)) for at, word in found if word is not None), reader.at(route))


def _sent(reader: Reader, data: Any, route: Route) -> tuple[Check, ...]:
    if not isinstance(data, Mapping):
        found = counted(reader, data, route, ("messages",), _BOUNDS)
        return (found,) if found is not None else ()
    its = reader.object(data, route, "sent", "{messages: 4}")
    found_all = [counted(reader, each, (*route, key), (key,), _BOUNDS) for key, each in (its or {}).items()]
    if not data:
        reader.wrong("wrong-type", "sent says nothing", route, f"write {' or '.join(keys_of('sent'))}")
    return tuple(each for each in found_all if each is not None)
