"""An account's templates in a terminal, a line each. No text ends with a line break."""

from collections.abc import Mapping, Sequence

from flowrunner.model.templates import Template
from flowrunner.views.terminal.styles import GREEN, RED, YELLOW
from flowrunner.views.terminal.table import drawn, tabled
from flowrunner.views.visible import visible

_COLUMNS = ("NAME", "LANGUAGE", "CATEGORY", "STATUS", "HEADER", "VALUES")
_STATUS = _COLUMNS.index("STATUS")
_STYLES: Mapping[str, str] = {"APPROVED": GREEN, "REJECTED": RED, "DISABLED": RED}
_ELASTIC = {0: 12, len(_COLUMNS) - 1: 6}


def templates_table(templates: Sequence[Template], *, width: int, colour: bool) -> str:
    """The templates under a head: what each is, and the places of its body that take values."""
    table = [[*_COLUMNS], *([visible(cell) for cell in _cells(each)] for each in templates)]
    styles = {_STATUS: [_STYLES.get(each.status, YELLOW) for each in templates]}
    return drawn(tabled(table, width, _ELASTIC, colour=colour, styles=styles))


def _cells(template: Template) -> list[str]:
    header = template.part("HEADER")
    places = " ".join(f"{{{{{name}}}}}" for name in template.places("BODY"))
    sort = str(header.get("format", "TEXT")).lower() if header else "-"
    return [*template[:2], template.category.lower(), template.status.lower(), sort, places or "-"]
