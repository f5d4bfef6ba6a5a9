"""What there is to say of a step on some paths alone, with the path: what was answered on it."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from flowrunner.diagnostics import Diagnostic, Severity
from flowrunner.engine.ahead.samples import LONG, Sample
from flowrunner.engine.history.answered import OTHERWISE, SILENCE

_OF_VALUES: Final = frozenset(["undefined-value", "expression-failed", "expression-limit", "when-not-boolean"])
"""What the values of another way to the step might not have: not said where no sample leads there."""
_PART: Final = re.compile(r"there is no (\w+) in this value")
_OWN: Final = frozenset(
    "answered answer text value choice button row title at message_id media location form skipped message".split()
)
"""The parts of a question's name itself."""
_DEFAULT: Final = "write | default('...') after it"
_COUNTED: Final = re.compile(r"\b(\d[\d,]*) characters.*at most (\d[\d,]*)")


class Path(NamedTuple):
    """What was answered on one way to a step, by what a person calls the question, and what there is to say then."""

    said: Mapping[str, Sample]
    found: tuple[Diagnostic, ...]
    is_forced: bool = False


def told_of(paths: Sequence[Path], read: Mapping[str, str]) -> list[Diagnostic]:
    """Each problem once.

    Args:
        paths: Every way to one step that was gone.
        read: The questions on which the step depends, each with the name by which it reads it.
    """
    found: dict[tuple[str, object], list[tuple[Diagnostic, Path]]] = {}
    for path in paths:
        for each in path.found:
            if not (path.is_forced and each.code in _OF_VALUES):
                found.setdefault((each.code, each.location), []).append((each, path))
    told = []
    for several in found.values():
        bounded = [pair for pair in several if not _is_free(pair, read)]
        each, path = (bounded or several)[0]
        everywhere = len({id(path.said) for _, path in several}) == len({id(path.said) for path in paths})
        it = _on_path(each, path, read, everywhere=everywhere, guarded=_guarded(several, read))
        if not bounded and not everywhere:
            it = it._replace(severity=Severity.WARNING, hint=_shortened(each, path, read, paths) or it.hint)
        told.append(it)
    return told


def _guarded(several: Sequence[tuple[Diagnostic, Path]], read: Mapping[str, str]) -> bool:
    """Whether it is never so where the one question that the step reads was answered."""
    label = next(iter(read), "")
    samples = [path.said.get(label) for _, path in several]
    return len(read) == 1 and all(each is not None and each.answered.branch[:1] != "a" for each in samples)


def _is_free(pair: tuple[Diagnostic, Path], read: Mapping[str, str]) -> bool:
    """Whether it is so only because of an answer that nothing bounds."""
    each, path = pair
    return each.code != "undefined-value" and any(path.said[label].is_free for label in read if label in path.said)


def _on_path(each: Diagnostic, path: Path, read: Mapping[str, str], *, everywhere: bool, guarded: bool) -> Diagnostic:
    """The same with its path; ``guarded`` says that it is not so where the question is answered."""
    own, said = _said(path, read)
    where = "" if everywhere else " and ".join(_in_words(label, sample) for label, sample in said.items())
    message, hint = each.message, each.hint
    lacking = _PART.fullmatch(message)
    if lacking is not None and len(own) == 1 and (name := read.get(next(iter(own)))):
        whole = f"{name}.{lacking[1]}" if lacking[1] in _OWN else lacking[1]  # else a part of one of its parts
        message = f"{whole} has no value"
        hint = f"use it where {name}.answered, or {_DEFAULT}" if guarded else _DEFAULT
    return each._replace(message=f"{message} where {where}" if where else message, hint=hint)


def _said(path: Path, read: Mapping[str, str]) -> tuple[Mapping[str, Sample], Mapping[str, Sample]]:
    """What was answered to the questions that the step reads; and what is told of: that, or all, where it is none."""
    own = {label: path.said[label] for label in read if label in path.said}
    return own, own or path.said


def _in_words(label: str, sample: Sample) -> str:
    answered = sample.answered
    if answered.branch == SILENCE:
        return f"{label} is not answered"
    if answered.branch == OTHERWISE:
        return f"{label} is answered with {_what(sample) or 'something else'}"
    text = answered.text if answered.text == answered.text.strip() else f'"{answered.text}"'
    return f"{label} is answered with {_what(sample) or text or answered.name}"


def _what(sample: Sample) -> str:
    said = sample.said[-1]
    if len(said.text) > 100:
        return f"a text of {len(said.text):,} characters"
    if said.kind not in ("text", "button", "row"):
        return f"{'an' if said.kind[0] in 'aeiou' else 'a'} {said.kind}" + ("" if said.text else " without a text")
    return ""


def _shortened(each: Diagnostic, path: Path, read: Mapping[str, str], paths: Sequence[Path]) -> str:
    """How to bound a text that may be too long, and on other paths missing; empty where that is not what is wrong."""
    _, said = _said(path, read)
    counted = _COUNTED.search(each.message)
    free = [label for label, sample in said.items() if sample.is_free and sample.answered.text]
    if counted is None or len(free) != 1 or free[0] not in read:
        return ""
    has, most = (int(number.replace(",", "")) for number in counted.groups())
    written = len(said[free[0]].answered.text)
    times = max(round(has / written), 1)
    left = (most - (has - times * written)) // times
    others = (its.said.get(free[0]) for its in paths)
    may_lack = any(its is None or its.answered.branch == SILENCE for its in others)
    text = f"{read[free[0]]}.text" + (" | default('...')" if may_lack else "")
    return f"write {{{{ {text} | truncate({left}, leeway=0) }}}}" if 3 < left < len(LONG) else ""
