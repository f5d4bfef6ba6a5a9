"""What is said of a text that is no day or no moment: the day that it means, or nothing where nobody can tell."""

import pytest

from flowrunner.flow import load_text
from flowrunner.languages.days import day_hint, moment_hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("26 de noviembre de 2026", "write 2026-11-26"),
        ("26th of November 2026", "write 2026-11-26"),
        ("Nov 26, 2026", "write 2026-11-26"),
        ("26-Nov-26", "write 2026-11-26"),
        ("31 Feb 2026", "write a day that there is, like 2026-01-31"),
        ("5 5 May", ""),
        ("May 5-6", ""),
        ("26 November, 10am", ""),
        ("10 May at 12", ""),
        ("26 Nov 26", "write 2026-11-26"),
        ("9999999 Nov 2", ""),
        ("2026 2026 May", ""),
        ("May 2026", ""),
    ],
)
def test_a_day_in_words(text: str, hint: str) -> None:
    """As an input's default, too, which is told in one problem; numbers of which none is a year tell no day."""
    assert (day_hint(text), moment_hint(text)) == (hint, hint)
    flow = f'name: t\ninputs: {{x: {{type: string, format: date, default: "{text}"}}}}\n'
    flow += 'steps: [{message: "{{ x }}"}]\n'
    [told] = load_text(flow, "flow.yaml").diagnostics
    assert told.hint == (hint or "write it like 2026-01-31")
