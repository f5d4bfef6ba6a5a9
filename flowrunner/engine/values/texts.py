"""A text without a type of its own, as a cell has it or ``--var``: the value that an input wants, or what is wrong."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final, Literal

from flowrunner.model import Json
from flowrunner.numbers import WrittenFloat, as_written, is_number
from flowrunner.source import Plain, plain, read
from flowrunner.source.marks import first_mark, visible, without_marks
from flowrunner.spec import as_typed, kinds
from flowrunner.spec.words import written

Notation = Literal["data", "text", "cell", "comma"]
"""How a value is given: as data with types; as text; as a cell's text; as a cell's text in which 12,5 is a number."""

_YES: Final = frozenset(
    "true yes y on 1 sí si sim oui ja verdadero verdadeiro vrai vero wahr waar sant tak да истина".split()
)
_NO: Final = frozenset("false no n off 0 não nao non nein nee falso faux falsch onwaar falskt nie нет ложь".split())
_NUMBERS: Final = frozenset(["number", "integer"])
_COMMA: Final = r"(?a)([-+]?)(\d{1,3}(?:[.'\u0020\u00a0\u202f]\d{3})+|\d+),(\d+)"
"""A number with a decimal comma, and perhaps marks between its thousands."""
_PARTS: Final = r"(?a)[^\d.,+()%-]{0,8}([-+]?)[^\d.,+()%-]{0,8}(\d[\d.,' ]*?)([^\d.,+()%-]{0,12})"
"""A number with a currency or a unit beside it: the sign, the digits with their marks, and what stands behind them."""
_MANY: Final = frozenset(
    "k m mm b bn mil mio mln mrd tsd thousand million millions millón millones milhão milhões mille millions milliard "
    "lakh lakhs lac crore crores cr 千 百 万 萬 億 亿 ألف مليون लाख करोड़ हज़ार тыс млн".split()
)
"""What makes another number of the one before it, or may: k, m."""
_GROUPED: Final = r"(?a)\d{1,3}([.,])\d{3}(?:\1\d{3})*"
_THOUSANDS: Final = r"(?a)[-+]?[1-9]\d{0,2}\.000"
"""A thousand as half of the world writes it, and one with three decimals."""
_APOSTROPHES: Final = "'\u2019\u2018`\u00b4"
_DASHES: Final = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))


def reader(schema: Mapping[str, Json], *, comma: bool = False) -> Callable[[str], Json] | None:
    """What reads a text as an input of this declaration wants it; None where it is wanted as it is.

    What it cannot read it gives back as it is.

    Args:
        schema: What the input declares.
        comma: Whether ``12,5`` is a number; then ``12.5`` is none.
    """
    wanted = kinds(schema)
    if not wanted or "string" in wanted:
        return None
    if wanted <= {"array", "object"}:
        return lambda text: _structure(text, schema)
    counts, decides, may_lack = not wanted.isdisjoint(_NUMBERS), "boolean" in wanted, "null" in wanted
    is_whole = counts and "number" not in wanted

    def read_text(text: str) -> Json:
        if decides and (text.isalpha() or not counts) and (answer := _answer(text)) is not None:
            return answer
        if comma and counts and ("," in text or "." in text):
            return _with_comma(text)
        typed = plain(text)
        if type(typed) is not Plain or (is_whole and re.fullmatch(_THOUSANDS, text)):
            return text
        value = typed.value
        if value is None:
            return value if may_lack else text
        return text if value is True or value is False else as_written(value, text)

    return read_text


def misread(text: str, schema: Mapping[str, Json], notation: Notation) -> tuple[str, str] | None:
    """What is wrong with a text where another type is wanted, and what to write.

    None where the schema's own words are better.
    """
    wanted = kinds(schema)
    if not wanted.isdisjoint(_NUMBERS):
        whole = "number" not in wanted
        if whole and notation != "comma" and re.fullmatch(_THOUSANDS, text):
            thousand, unit = text.replace(".", ""), text.partition(".")[0]
            return f"{_shown(text)} may be {thousand} or {unit}", f"write {thousand} or {unit}"
        return f"{_shown(text)} is not a {'whole number' if whole else 'number'}", number_hint(
            text, notation, whole=whole
        )
    if wanted and wanted <= {"array"}:
        return f"{_shown(text)} is not a list", f"write {written(_items(text))}"
    if wanted and wanted <= {"object"}:
        return f"{_shown(text)} is not an object", "write its values in braces, such as {name: Ana, plan: pro}"
    if "boolean" in wanted:
        return f"{_shown(text)} is not true or false", "write true or false; yes, no, 1 and 0 are read as well"
    return None


def number_hint(text: str, notation: Notation, *, whole: bool = False) -> str:
    """What to write instead of a text that is no number."""
    if text[:1] in _APOSTROPHES and _is_numeral(text[1:], whole=whole):
        return f"remove the {text[0]} before the number"
    if (mark := first_mark(text)) and _is_numeral(without_marks(text), whole=whole):
        return f"remove the invisible character U+{ord(mark):04X}"
    plainly = _plainly(text)
    found = re.fullmatch(_PARTS, plainly)
    if found is not None and found[3].casefold().strip(" .") in _MANY:
        found = None
    readings = [f"{found[1]}{each}" for each in _readings(found[2])] if found is not None else []
    if share := re.fullmatch(r"(?a)([-+]?\d{1,3}) ?%", plainly):
        readings = [share[1], str(int(share[1]) / 100)]
    likely = [each for each in readings if _is_numeral(each, whole=whole)]
    likely = likely[:1] if whole else likely  # 1,000 of them is a thousand
    if not likely:
        likely = [f"a {'whole ' if whole else ''}number, such as {'12' if whole else '12.5'}"]
    hint = f"write {' or '.join(likely)}"
    if notation == "comma":
        return hint.replace(".", ",")
    return (
        f"{hint}, or pass --decimal-comma" if notation == "cell" and re.fullmatch(_COMMA, text) and not whole else hint
    )


def _plainly(text: str) -> str:
    """The text with the digits and signs of numbers: of other scripts, less than zero in brackets or by a last -."""
    text = unicodedata.normalize("NFKC", without_marks(text)).translate(_DASHES).strip()
    text = "".join(str(unicodedata.digit(each)) if each.isdigit() else each for each in text)
    below_zero = re.fullmatch(r"\(([^-()]+)\)|([^-()]+)-", text)
    return f"-{(below_zero[1] or below_zero[2]).strip()}" if below_zero is not None else text


def _structure(text: str, schema: Mapping[str, Json]) -> Json:
    document, found = read(text, "")
    return as_typed(document.data if document is not None and not found else plain(text), schema, written=True)


def _items(text: str) -> list[str]:
    """The items of a list that is written as one text: ``a, b; c``."""
    return [item for each in re.split(r"[;,|\n]", text) if (item := each.strip())]


def _answer(text: str) -> bool | None:
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def _with_comma(text: str) -> Json:
    found = re.fullmatch(_COMMA, text)
    if found is None:
        return text
    sign, whole, rest = found.groups()
    return WrittenFloat(float(f"{sign}{re.sub('[^0-9]', '', whole)}.{rest}"), text)


def _readings(digits: str) -> list[str]:
    """What ``1,234.50`` may mean, written as numbers are."""
    digits = re.sub("[' ]", "", digits)
    if not {".", ","} & {*digits}:
        return [digits]
    decimal = max(".,", key=digits.rfind)
    whole, _, rest = digits.rpartition(decimal)
    grouped = re.sub("[.,]", "", digits) if re.fullmatch(_GROUPED, digits) and whole.strip("0") else ""
    fraction = f"{re.sub('[.,]', '', whole)}.{rest}" if decimal not in whole and rest else ""
    return [each for each in (grouped, fraction) if each]


def _is_numeral(text: str, *, whole: bool) -> bool:
    value: Json = getattr(plain(text), "value", None)
    return is_number(value) and (not whole or value == int(value))


def _shown(text: str) -> str:
    return f'"{visible(text if len(text) <= 40 else f"{text[:39]}…")}"'
