"""The form with which a person turns a fault on: every kind with a sentence about it and a field for each parameter."""

from collections.abc import Mapping

from flowrunner.emulator.api.faults import KINDS, SAYS, Parameter
from flowrunner.views.html.page import safe

_COMMON: Mapping[str, tuple[str, str]] = {
    "count": ("How often", "always"),
    "after": ("Skip the first", "0"),
    "probability": ("Probability", "1"),
}
"""What is asked of every kind."""


def fault_fields() -> str:
    """The fields of the form; only those of the kind that is chosen are to be shown."""
    kinds = "".join(f"<option>{kind}</option>" for kind in KINDS)
    common = "".join(_input(name, words, hint) for name, (words, hint) in _COMMON.items())
    return (
        f'<label>Kind <select name="kind">{kinds}</select></label>'
        f"{''.join(_fields(kind, parameters) for kind, parameters in KINDS.items())}"
        f'<div class="fields">{common}</div>'
    )


def _fields(kind: str, parameters: Mapping[str, Parameter]) -> str:
    shown = "".join(_field(name, parameter) for name, parameter in parameters.items())
    return (
        f'<fieldset data-kind="{kind}" hidden disabled><legend class="unseen">{kind}</legend>'
        f'<p>{safe(SAYS[kind])}</p><div class="fields">{shown}</div></fieldset>'
    )


def _field(name: str, parameter: Parameter) -> str:
    choices = ("no", "yes") if isinstance(parameter.default, bool) else parameter.choices
    if not choices:
        return _input(name, parameter.words, str(parameter.default))
    options = "".join(f"<option>{word}</option>" for word in choices)
    return f'<label>{parameter.words} <select name="{name}">{options}</select></label>'


def _input(name: str, words: str, hint: str) -> str:
    return f'<label>{safe(words)} <input name="{name}" placeholder="{safe(hint)}" autocomplete="off"></label>'
