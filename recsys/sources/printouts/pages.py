"""Tables between bars with other lines among them: Markdown, lists that SAP prints in pages.

A page title, a rule, a heading that comes again and a total are no rows; all tables with the same
names are one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from recsys.schema import N_, Message
from recsys.sources.columns.choosing import known_names
from recsys.sources.text.headers import is_number
from recsys.sources.text.laid_out import check_size, first_lines, in_places, laid_out, lines_of
from recsys.sources.text.layouts import Layout

_BARS = "|│║┃"
_BAR = re.compile(rf"(?<!\\)[{_BARS}]")
_RULE = re.compile(r"[\s|│║┃+:\-=_─━═┄┈╌┌┬┐├┼┤└┴┘╔╦╗╠╬╣╚╩╝╞╪╡╟╫╢╒╤╕╘╧╛╓╥╖╙╨╜┏┳┓┣╋┫┗┻┛┡╇┩]+")
_STROKE = re.compile(r"[-=_─━═┄┈╌]{2}|:-|-:|\|\s*-\s*\|")
_STARS = re.compile(r"\*{1,9}")


@dataclass
class _Table:
    """Rows below one heading, each with the place of its line in the file."""

    names: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def tables_between_bars(text: bytes, filename: str) -> Layout | None:
    """The table in a text whose rows stand between bars; None where there is none.

    Raises:
        DataError: there are too many cells.
    """
    if not _holds_tables(first_lines(text)):
        return None
    lines = lines_of(text)
    tables = _tables(lines)
    if not tables:
        return None
    best = max(tables, key=lambda table: (min(known_names(table.names), 2), len(table.rows)))
    kept = [(place, row) for place, row in best.rows if not _is_total(row)]
    check_size(filename, len(kept), len(best.names))
    if not kept:
        return None
    notes = []
    if totals := len(best.rows) - len(kept):
        note = N_("{filename}: rows that add up others, marked by “*”, were left out: {count}.")
        notes.append(Message(note, {"filename": filename, "count": totals}))
    if others := [table for table in tables if table is not best]:
        note = N_(
            "{filename} holds tables with other columns, too, which were left out: {names}. Save "
            "them as files of their own."
        )
        names = "; ".join(", ".join(table.names) for table in others[:3])
        notes.append(Message(note, {"filename": filename, "names": names}, grave=True))
    return laid_out(in_places(kept), best.names, notes)


def _holds_tables(lines: Sequence[str]) -> bool:
    """Whether a heading between bars has a rule below it, and rows of its width follow."""
    for place, line in enumerate(lines[:-2]):
        if _is_heading(line, lines[place + 1]):
            bars = _bars(line)
            width = len(_cut(line, bars))
            return any(
                _is_framed(row) and not _is_rule(row) and len(_cut(row, bars)) == width
                for row in lines[place + 2 : place + 6]
            )
    return False


def _tables(lines: Sequence[str]) -> list[_Table]:
    """All tables, those with the same names as one."""
    found: dict[tuple[str, ...], _Table] = {}
    table: _Table | None = None
    bars: tuple[int, ...] = ()
    fresh = True  # no row since the last line that is none
    for place, line in enumerate(lines):
        if _is_rule(line):
            continue
        if not _is_framed(line):
            fresh = True
            continue
        if fresh and _is_heading(line, lines[place + 1] if place + 1 < len(lines) else ""):
            bars = _bars(line)
            names = _cut(line, bars)
            table = found.setdefault(tuple(names), _Table(names))
        elif table is not None and (row := _cut(line, bars)) != table.names:
            width = len(table.names)
            table.rows.append((place, (row + [""] * width)[:width]))
        fresh = False
    return list(found.values())


def _is_framed(line: str) -> bool:
    bare = line.strip()
    return len(bare) > 2 and bare[0] in _BARS and bare[-1] in _BARS


def _is_rule(line: str) -> bool:
    return _RULE.fullmatch(line) is not None and _STROKE.search(line) is not None


def _is_heading(line: str, below: str) -> bool:
    """Whether a line names columns: it has a rule below it, and holds no number and no star."""
    if not _is_framed(line) or _is_rule(line) or not _is_rule(below):
        return False
    cells = [cell for cell in _cut(line, ()) if cell]
    return len(cells) > 1 and not any(is_number(c) or _STARS.fullmatch(c) for c in cells)


def _bars(line: str) -> tuple[int, ...]:
    return tuple(hit.start() for hit in _BAR.finditer(line))


def _cut(line: str, bars: Sequence[int]) -> list[str]:
    """The cells of a line, at the places where the heading has its bars, if it has some there."""
    if bars and len(line) > bars[-1] and all(line[place] in _BARS for place in bars):
        if not line[bars[-1] + 1 :].strip():
            return [line[a + 1 : b].replace(r"\|", "|").strip() for a, b in pairwise(bars)]
    return [cell.replace(r"\|", "|").strip() for cell in _BAR.split(line.strip())[1:-1]]


def _is_total(row: Sequence[str]) -> bool:
    """Whether stars stand in the first column, as SAP marks what adds up the rows above."""
    return _STARS.fullmatch(row[0]) is not None and not all(row)
