"""For whom both sides are rendered: with the values that are given, or as each chosen row of an audience."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from flowrunner.audience import read_audience
from flowrunner.diagnostics import Diagnostic, Location, nearest
from flowrunner.diff.values import MOST_ROWS
from flowrunner.engine import Given
from flowrunner.flow import Loaded
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.model import EXAMPLE_RECIPIENT, Input, Reading, Recipient


class RecipientValues(NamedTuple):
    """Whom a flow is rendered for.

    Attributes:
        row: The number of the row in the audience, counted from 1; 0 where there is no audience.
        lacking: What says that the row has no value for an input; None where an example may stand in.
        language: The code of the one of a flow's languages in which it is shown; empty where nobody says it.
    """

    row: int
    recipient: Recipient
    values: Mapping[str, Given]
    lacking: Callable[[str], Diagnostic] | None = None
    language: str = ""


class Recipients(NamedTuple):
    """Who is asked for.

    Attributes:
        given: Values that win over those of a row.
        audience: The file of recipients; None for the example recipient.
        rows: The numbers of the rows that are wanted, counted from 1 and rising; empty for all.
        how: How the audience is to be read.
    """

    given: Mapping[str, Given]
    audience: Path | None = None
    rows: Sequence[int] = ()
    how: Reading = Reading()

    def of(self, inputs: Mapping[str, Input], languages: Sequence[str] = ()) -> Iterator[RecipientValues | Diagnostic]:
        """Each recipient, with all values there are for these inputs; and what is wrong with a row or with the file.

        Where nobody is named it is one for each of the ``languages``.
        """
        if self.audience is None:
            if len(languages) < 2 or LANGUAGE in self.given:
                yield RecipientValues(0, EXAMPLE_RECIPIENT, self.given)
                return
            for code in languages:
                given = {**self.given, LANGUAGE: Given(code, Location(f"language {code}"))}
                yield RecipientValues(0, EXAMPLE_RECIPIENT, given, language=code)
            return
        audience, found = read_audience(self.audience, inputs=inputs, reading=self.how)
        yield from found
        if audience is None:
            return
        last, wanted = self.rows[-1] if self.rows else MOST_ROWS, frozenset(self.rows)
        number = 0
        with audience:
            for number, row in enumerate(audience, 1):
                if number > last:
                    break
                if wanted and number not in wanted:
                    continue
                values = {**audience.given(row), **self.given}
                yield row.fault or RecipientValues(number, row.recipient, values, audience.lacking(row))
        yield from self._beyond(number, last)

    def _beyond(self, number: int, last: int) -> Iterator[Diagnostic]:
        place = Location(str(self.audience))
        if self.rows and number < last:
            yield Diagnostic("bad-audience", f"there is no row {last}", place, hint=f"its last row is {number}")
        elif not self.rows and number > last:
            message = f"there are more than {MOST_ROWS:,} rows"
            yield Diagnostic("bad-audience", message, place, hint=f"choose some, as --rows 1-{MOST_ROWS}")


def unknown_values(given: Mapping[str, Given], flows: Sequence[Loaded]) -> list[Diagnostic]:
    """What is given for a name that no flow has as an input."""
    known = sorted({name for loaded in flows if loaded.flow for name in loaded.flow.inputs})
    found = []
    for name in [name for name in given if name not in known]:
        close = nearest(name, known)
        hint = (
            f"did you mean {close}?" if close else f"the inputs are {', '.join(known)}" if known else "there are none"
        )
        message = f"{name} is not an input on either side"
        found.append(
            Diagnostic("unknown-variable", message, given[name].origin, hint=hint, excerpt=given[name].excerpt)
        )
    return found
