"""Codes of languages, ``es``, ``pt_BR``, as WhatsApp's templates have them."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from flowrunner.data import table
from flowrunner.diagnostics import nearest

_CODE: Final = r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?"


def normal(written: str) -> str:
    """A code as it is usually written (``pt-br`` is ``pt_BR``); empty for what does not look like one."""
    found = re.fullmatch(_CODE, written.strip())
    if found is None:
        return ""
    language, script, region = found.groups()
    return "_".join(filter(None, (language.lower(), (script or "").title(), (region or "").upper())))


@cache
def is_language(code: str) -> bool:
    """Whether a code in its usual form is one of a language that is known, with whatever region."""
    from babel.localedata import exists

    return exists(code.partition("_")[0])


def is_code(value: object) -> bool:
    """Whether a value is the code of a language, as somebody may write it."""
    return isinstance(value, str) and bool(its := normal(value)) and is_language(its)


def meant(written: str) -> str:
    """The code that somebody meant who wrote ``Spanish``, ``español``, ``ES`` or ``pt-br``; empty where none is."""
    code = normal(written)
    if code and is_language(code):
        return code
    names: dict[str, str] = table("languages/names.json")
    folded = written.strip().casefold()
    return names.get(folded) or names.get(nearest(folded, [*names], alike=0.8), "")


def among(code: str, languages: Sequence[str]) -> str:
    """Which of a flow's languages serves who speaks the one with this code; empty where none does.

    It itself; else the one without a region (``es`` for ``es_MX``); else the first in another region or script
    (``pt_PT`` for ``pt``, ``pt_BR`` for ``pt_PT``).
    """
    its = normal(code)
    if not its or its in languages:
        return its
    language = its.split("_")[0]
    if language in languages:
        return language
    related = [each for each in languages if each.split("_")[0] == language]
    alike = [each for each in related if {*each.split("_")} <= {*its.split("_")}]
    return next(iter(alike or related), "")
