"""Rows of a table that are none of its rows: headings that come again, lines, totals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from recsys.schema import N_, Message
from recsys.sources.tables import numbered
from recsys.sources.text.headers import is_border, is_number
from recsys.sources.text.totals import is_called_total, titles_above, totals_within

#: So many rows at the beginning are looked at, and at the end.
_FIRST, _LAST = 3, 8


def trimmed(
    frame: pd.DataFrame, header: Sequence[str] | None, filename: str
) -> tuple[pd.DataFrame, list[Message]]:
    """The table without repeated headers, drawn lines, and sums and remarks at its end.

    Args:
        frame: columns are numbered from 0.
        header: the names of the columns, where the file has any.
    """
    notes: list[Message] = []
    drop = np.zeros(len(frame), dtype=bool)
    if header is not None:
        repeated = _repeated(frame, header)
        if repeated.any():
            note = N_("{filename}: column names within the table, dropped: {count} (row {rows}).")
            notes.append(numbered(note, filename, frame.index[repeated].tolist()))
        drop |= repeated
    if (titles := titles_above(frame, drop)).any():
        note = N_("{filename}: titles of pages within the table, dropped: {count} (row {rows}).")
        notes.append(numbered(note, filename, frame.index[titles].tolist()))
    drop |= titles
    totals = totals_within(frame)
    below = np.flatnonzero(drop) + 1  # of a heading that comes again
    ends = {*_ends(len(frame)), *below[below < len(frame)].tolist()}
    borders = [place for place in sorted(ends) if is_border(_row(frame, place))]
    drop[borders] = True
    footers = _footers(frame, drop)
    totals[footers] = False
    if totals.any():
        drop |= totals
        note = N_("{filename}: rows that add up others, dropped: {count} (row {rows}).")
        notes.append(numbered(note, filename, frame.index[totals].tolist()))
    if footers:
        drop[footers] = True
        shown = "; ".join(_shown(_row(frame, place)) for place in footers[:3])
        note = N_("{filename}: {count} rows at the end are no data and were dropped: {rows}.")
        notes.append(Message(note, {"filename": filename, "count": len(footers), "rows": shown}))
    if not drop.any() or drop.all():
        return frame, [] if drop.all() else notes
    return frame[~drop], notes


def _ends(rows: int) -> list[int]:
    return sorted({*range(min(_FIRST, rows)), *range(max(rows - _LAST, 0), rows)})


def _row(frame: pd.DataFrame, place: int) -> list[str]:
    return [cell if isinstance(cell, str) else "" for cell in frame.iloc[place]]


def _repeated(frame: pd.DataFrame, header: Sequence[str]) -> np.ndarray:
    """Rows that are the header once more, (rows,) bool."""
    names = [name.strip() for name in header]
    place = next((p for p, name in enumerate(names) if name and not is_number(name)), None)
    if place is None:
        return np.zeros(len(frame), dtype=bool)
    alike = (frame.iloc[:, place] == header[place]).to_numpy(dtype=bool, copy=True)
    found = np.flatnonzero(alike)
    if len(found) > len(frame) // 2:
        return np.zeros(len(frame), dtype=bool)
    for row in found:
        cells = [cell.strip() for cell in _row(frame, int(row))]
        alike[row] = cells == names and sum(map(bool, names)) > 1
    return alike


def _footers(frame: pd.DataFrame, drop: np.ndarray) -> list[int]:
    """Places of rows at the end that are sums, or a text in one cell where the others are full."""
    rows = len(frame)
    found: list[int] = []
    usual = _usually_filled(frame)
    for place in range(rows - 1, max(rows - _LAST, 1) - 1, -1):
        row = _row(frame, place)
        filled = [cell for cell in row if cell.strip()]
        if drop[place] or not filled:
            continue
        alone = len(filled) == 1 and usual > 1 and row[0].strip() == filled[0].strip()
        # An id may stand alone; a sentence is none, nor is a mark below rows that are full.
        mark = usual == len(row) and not any(map(str.isalnum, filled[0]))
        remark = alone and (mark or " " in filled[0].strip())
        # "Rows: 183" says something of the table.
        said = filled[0].strip() == row[0].strip() and filled[0].strip().endswith((":", "："))
        remark = remark or (said and len(filled) == 2 < usual and is_number(filled[1]))
        if not (remark or _is_sum(row, frame)):
            break
        found.append(place)
    return found[::-1]


def _usually_filled(frame: pd.DataFrame) -> int:
    first = (_row(frame, place) for place in range(min(len(frame), 50)))
    rows = (row for row in first if not is_border(row))
    counts = sorted(sum(1 for cell in row if cell.strip()) for row in rows)
    return counts[len(counts) // 2] if counts else 0


def _is_sum(row: Sequence[str], frame: pd.DataFrame) -> bool:
    place = next((p for p, cell in enumerate(row) if cell.strip()), None)
    if place is None or len(frame) < 3:
        return False
    if not is_called_total(row[place]):
        return False
    if int((frame.iloc[:, place] == row[place]).sum()) > 1:
        return False  # somebody who is called so
    others = [cell for p, cell in enumerate(row) if p != place and cell.strip()]
    return all(map(is_number, others))


def _shown(row: Sequence[str]) -> str:
    return " | ".join(cell.strip()[:30] for cell in row if cell.strip())
