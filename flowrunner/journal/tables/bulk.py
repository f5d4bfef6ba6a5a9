"""Many rows in one statement.

Python lets other threads run during every SQLite call and then has to win the interpreter back. Beside a busy event
loop that took about a millisecond a call: one statement a row wrote 865 rows/s there, one for 100 rows 12,700,
and all that time the file is locked for other processes.
"""

from collections.abc import Iterator, Sequence

_SIZES = (1, 16, 128)
"""Few sizes, so that SQLite's prepared statements are used again. The largest, times the columns, stays under the
999 parameters that SQLite before 3.32 takes (https://www.sqlite.org/limits.html)."""


def blocks(rows: Sequence[tuple[object, ...]]) -> Iterator[tuple[str, list[object]]]:
    """Cut ``rows`` into blocks, each as the text for after ``VALUES`` and its parameters.

    A block may end in rows of nothing but NULL: the statement must ignore them.
    """
    largest = _SIZES[-1]
    for start in range(0, len(rows), largest):
        part = rows[start : start + largest]
        size = next(size for size in _SIZES if size >= len(part))
        width = len(part[0])
        row_marks = f"({','.join('?' * width)})"
        parameters = [value for row in part for value in row]
        parameters.extend([None] * (width * (size - len(part))))
        yield ",".join([row_marks] * size), parameters
