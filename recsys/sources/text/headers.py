"""Where a table begins, and whether its first row names the columns: found by what cells hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from recsys.sources.columns.choosing import known_names

Row = Sequence[str]

#: A number with a decimal mark or groups of thousands, a sign, an exponent or a percent sign.
_NUMBER = re.compile(
    r"[-+]?(?:\d{1,3}(?:[,.'  ]\d{3})+|\d+)?(?:[.,]\d+|(?<=\d)[.,]?)(?:[eE][-+]?\d+)?\s?%?"
)
#: What stands for "nothing" in a column of anything.
MISSING = frozenset(
    ["", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "\\n", "-", "--", "?", "—", "unknown"]
)
#: How names of columns end that are no words of a text.
_NAME = re.compile(
    r"[\w .-]*(?:_|-|\s|\b|(?<=[a-z]))"
    r"(?:ids?|no|nr|nos|num|key|code|name|title|date|time|type|count|genres?|categor(?:y|ies))",
    re.IGNORECASE,
)
#: What lines are drawn of.
_STROKES = "-=*_"
_LETTERS, _DIGITS = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")
#: A header stands below so many rows at most.
_MOST_ABOVE = 30
#: A kind of cell is that of a column where so many of its cells are of it.
_MOSTLY = 0.9
#: Masks differ within a column, too: "u1" and "u-1".
_SAME_MASK = 0.7


@dataclass(frozen=True)
class Top:
    """How a table begins.

    Attributes:
        skip: rows above the first one of the table, blank ones included.
        header: whether that one holds the names of the columns.
        sure: whether anything spoke for it.
    """

    skip: int
    header: bool
    sure: bool = True


def is_number(cell: str) -> bool:
    """Whether a cell is a number as people write it: "1,234.5", "3,5", "80 %"."""
    cell = cell.strip()
    return bool(cell) and any(map(str.isdigit, cell)) and _NUMBER.fullmatch(cell) is not None


def is_border(row: Row) -> bool:
    """Whether a row is only a line, as under the header of what a database prints."""
    filled = [cell for cell in row if cell.strip()]
    return bool(filled) and all(map(_is_drawn, filled))


def _is_drawn(cell: str) -> bool:
    return not cell.strip(f"{_STROKES}|+: \t") and sum(cell.count(s) for s in _STROKES) > 1


def typical_width(rows: Sequence[Row]) -> int:
    """How many cells most rows have; of those with more than one, if any have."""
    used = max((_last_filled(row) for row in rows), default=1)  # all are empty behind that one
    widths = Counter(min(len(row), used) for row in rows if len(row) > 1)
    if not widths:
        return 1
    return max(widths, key=lambda width: (widths[width], width))


def _last_filled(row: Row) -> int:
    return next((place for place in range(len(row), 0, -1) if row[place - 1].strip()), 0)


def find_top(rows: Sequence[Row], *, header: bool | None = None, skip: int | None = None) -> Top:
    """Where the table in `rows`, a sample from the beginning of a file, begins.

    Titles, dates and blank rows above it are found by their width or their empty cells; names of
    columns by their spelling and by being of another kind than the cells below.

    Args:
        header, skip: what is given.
    """
    if skip is None:
        skip = _rows_above(rows, header)
    if header is not None:
        return Top(skip, header)
    votes = _header_votes(rows[skip:])
    return Top(skip, votes >= 0, votes != 0)


def _rows_above(rows: Sequence[Row], header: bool | None) -> int:
    width = typical_width(rows)
    first = next((place for place, row in enumerate(rows) if _filled(row)), 0)
    start = first
    while start < min(_MOST_ABOVE, len(rows) - 1) and _is_short(rows[start], width):
        start += 1
    if start >= min(_MOST_ABOVE, len(rows) - 1):
        start = first  # nothing but short rows: they are the table
    if header is False:
        return start
    named = next(
        (place for place in range(start, min(_MOST_ABOVE, len(rows))) if _names(rows[place]) > 1),
        start,
    )
    if named > start and not _names(rows[start]) and _stands_apart(rows, start, named):
        return named
    partly = start
    while partly < min(_MOST_ABOVE, len(rows) - 1) and _is_partly_filled(rows, partly, width):
        partly += 1
    if partly > start and partly < len(rows) - 1 and _header_votes(rows[partly:]) > 0:
        return partly
    return start


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell and not cell.isspace())


def _is_short(row: Row, width: int) -> bool:
    """Whether a row cannot be one of a table so wide: R leaves out one name of a header."""
    return not _filled(row) or is_border(row) or len(row) < max(width - 1, 2)


def _stands_apart(rows: Sequence[Row], start: int, named: int) -> bool:
    """Whether rows above one with known names are no rows of the table: others, or set off."""
    above, width = rows[start:named], len(rows[named])
    if any(not _filled(row) for row in above):
        return True
    return all(len(row) != width or _filled(row) < _filled(rows[named]) for row in above)


def _is_partly_filled(rows: Sequence[Row], place: int, width: int) -> bool:
    """Whether a row has a text at its beginning and nothing behind it, where others are full."""
    row = rows[place]
    if _is_short(row, width):
        return True
    filled = _filled(row)
    others = sorted(map(_filled, rows[place + 1 :]))
    usual = others[len(others) // 2] if others else 0
    trailing = all(cell.strip() for cell in row[:filled])
    return trailing and filled <= width / 2 and filled < usual and not _names(row)


def _names(row: Row) -> int:
    return known_names(row)


def _header_votes(rows: Sequence[Row]) -> float:
    """How much speaks for the first row being names, above 0, or being data, below 0."""
    first = rows[0] if rows else []
    if not _filled(first):
        return 0
    body = [row for row in rows[1:] if _filled(row) and list(row) != list(first)]
    body = [row for row in body if not is_border(row)]
    columns = [[row[place] for row in body if place < len(row)] for place in range(len(first))]
    fresh = [c for c, cells in zip(first, columns, strict=True) if c not in cells]
    named = known_names(fresh)
    if named > 1 or (named and len(first) == 1):
        return named
    if not body and any(_filled(row) for row in rows[1:]):
        return -1  # all rows are the same
    if all(is_number(cell) for cell in first if cell.strip()):
        return 1 if _names_items(first, body) else -1
    if _names_items(first, body):
        return 1
    votes = sum(_vote(cell, cells) for cell, cells in zip(first, columns, strict=True))
    if named:
        votes += 1.5
    return votes


def _names_items(first: Row, body: Sequence[Row]) -> bool:
    """Whether numbers in the first row are names of columns: of the items of a matrix.

    They are whole and differ, and what is below them is no number that could go on with them.
    """
    corner, rest = first[0].strip(), [cell.strip() for cell in first[1:]]
    if is_number(corner) or len(rest) < (3 if not corner or known_names([corner]) else 8):
        return False
    if not all(cell.isdecimal() for cell in rest) or len(set(rest)) < len(rest):
        return False
    if corner and known_names([corner]):
        return corner not in {row[0].strip() for row in body}
    below = {cell.strip() for row in body for cell in row[1:]} - {""}
    return not below & set(rest) or (not corner and len(below) < len(rest))


def _vote(first: str, cells: Sequence[str]) -> float:
    """What one column says: above 0, its first cell is a name; below 0, it is like the others."""
    body = [cell for cell in cells if cell.strip().casefold() not in MISSING]
    if not body or first.strip().casefold() in MISSING:
        return 0
    if _share(map(is_number, body)) >= _MOSTLY:
        return -1 if is_number(first) else 1
    if _share(cell.startswith(("http://", "https://")) for cell in body) >= _MOSTLY:
        return -1 if first.startswith("http") else 1
    if first in body:
        return -1
    masks = Counter(map(mask, body))
    usual, times = masks.most_common(1)[0]
    digits = any(map(str.isdigit, first))
    if "9" in usual and times >= _SAME_MASK * len(body):
        return -1 if masks[mask(first)] >= 0.05 * len(body) else (0 if digits else 1)
    if _share(any(map(str.isdigit, cell)) for cell in body) >= _MOSTLY:
        return 0 if digits else 1
    if _NAME.fullmatch(first.strip()) and not any(map(_NAME.fullmatch, body)):
        return 1
    if len(body) >= 10 and len(set(body)) <= 0.2 * len(body):
        return 1
    if len(body) >= 10 and first[0].islower() and not any(cell[0].islower() for cell in body):
        return 0.5
    return 0


def _share(found: object) -> float:
    marks = list(found)  # type: ignore[call-overload]
    return sum(marks) / len(marks) if marks else 0.0


@lru_cache(maxsize=4096)
def mask(cell: str) -> str:
    """The build of a cell: "AX0190-QK" and "BY7-Z" are both "a9-a"."""
    return _DIGITS.sub("9", _LETTERS.sub("a", cell[:100].strip()))
