"""Quotation marks that open no cell: inch marks, or a quote that somebody forgot to close.

Read as the CSV rules have it, one such mark makes a single cell of all rows up to the next one. A
quoted cell over several lines is honest where its lines are text, and not where they are rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

import numpy as np

from recsys.sources.headers import _mask, is_number, typical_width

#: Stands for a mark that is a letter while the text is read; it must not occur in the text.
STAND_INS = (b"\x1d", b"\x1c", b"\x0e", b"\x0f")
_BLOCK_BYTES = 8 * 1024**2
#: So many lines within a cell are compared with rows.
_MOST_LINES = 50
_ROW_LIKE = 0.8
#: Where no column has a build of its own, so many lines must be as wide as rows.
_LEAST_PLAIN_LINES = 5
_MOST_STRAYS = 20_000


class RowLikeness:
    """Whether a line is a row of a table, by its width and by the build of its cells.

    Args:
        rows: some rows of the table.
        separator: a single letter.
        quote: the mark around cells.
    """

    def __init__(self, rows: Sequence[Sequence[str]], separator: str, quote: str) -> None:
        self.width = typical_width(rows)
        self._separator, self._quote = separator, quote
        fitting = [row for row in rows if len(row) == self.width][:200]
        self._numbers: list[int] = []
        self._masks: dict[int, set[str]] = {}
        for place in range(self.width if len(fitting) > 2 else 0):
            cells = [row[place] for row in fitting if row[place]]
            if not cells:
                continue
            masks = {_mask(cell) for cell in cells}
            if sum(map(is_number, cells)) >= 0.9 * len(cells):
                self._numbers.append(place)
            elif len(masks) <= 3 and any("9" in mask for mask in masks):
                self._masks[place] = masks

    @property
    def has_build(self) -> bool:
        return bool(self._numbers or self._masks)

    def __call__(self, line: str) -> bool:
        try:
            cells = next(csv.reader([line], delimiter=self._separator, quotechar=self._quote), [])
        except csv.Error:
            cells = []
        if len(cells) != self.width:
            cells = line.split(self._separator)
        if len(cells) != self.width or self.width < 2:
            return False
        numbers = all(is_number(cells[p]) for p in self._numbers if cells[p])
        return numbers and all(_mask(cells[p]) in m for p, m in self._masks.items() if cells[p])


def find_strays(text: bytes, separator: str, quote: str, is_row: RowLikeness) -> np.ndarray | None:
    """Where marks stand that are letters though a cell begins with them, (n,) int64.

    Those are marks without a second one, marks whose second one stands rows further on, and marks
    within a cell. None: there are so many that no mark can be trusted.
    """
    mark, cut = quote.encode(), separator.encode()
    if mark not in text or len(cut) > 1:
        return np.zeros(0, dtype=np.int64)
    opening = re.compile(rb"(?:(?<=[\r\n" + re.escape(cut) + rb"])|\A)" + mark)
    inside = re.compile(rb"(?:[^" + mark + rb"]++|" + mark + mark + rb")*+" + mark)
    after = re.compile(rb"[\r\n" + re.escape(cut) + rb"]")
    found: list[int] = []
    place = scanned = 0
    while place < len(text):
        end = _block_end(text, place)
        if _is_plain(text[place:end], mark, cut):
            place = end
            continue
        while place < end and (begin := opening.search(text, place)):
            start = begin.start()
            if start >= end:
                place = end
                break
            close = inside.match(text, start + 1)
            stop = close.end() if close else len(text)
            scanned += stop - start
            if close is None or _is_stray(text, start, stop, after, is_row):
                found.append(start)
                place = start + 1
            else:
                place = stop
            if len(found) > _MOST_STRAYS or scanned > 4 * len(text) + _BLOCK_BYTES:
                return None
        else:
            place = max(place, end)
    return np.array(found, dtype=np.int64)


def _block_end(text: bytes, place: int) -> int:
    end = place + _BLOCK_BYTES
    if end >= len(text):
        return len(text)
    cut = max(text.rfind(b"\n", place, end), text.rfind(b"\r", place, end))
    return cut + 1 if cut >= place else end


def _is_plain(block: bytes, mark: bytes, cut: bytes) -> bool:
    """Whether every mark opens or closes a cell of one line, or is doubled within one."""
    letters = np.frombuffer(block, np.uint8)
    marks = np.flatnonzero(letters == mark[0])
    if not len(marks):
        return True
    if len(marks) % 2:
        return False
    edge = np.zeros(256, dtype=bool)
    edge[[mark[0], 10, 13, cut[0]]] = True
    before, behind = marks[0::2] - 1, marks[1::2] + 1
    before, behind = before[before >= 0], behind[behind < len(letters)]
    if not (edge[letters[before]].all() and edge[letters[behind]].all()):
        return False
    ends = np.flatnonzero((letters == 10) | (letters == 13))
    return bool((np.searchsorted(ends, marks[0::2]) == np.searchsorted(ends, marks[1::2])).all())


def _is_stray(
    text: bytes, start: int, stop: int, after: re.Pattern[bytes], is_row: RowLikeness
) -> bool:
    """Whether the mark at `start`, whose second one ends at `stop`, is a letter."""
    cell = text[start:stop]
    if b"\n" in cell or b"\r" in cell:
        return _swallows_rows(text, start, stop, is_row)
    if stop == len(text) or after.match(text, stop):
        return False
    line = _line_around(text, start, stop)  # 'a "word" more': a letter where the width stays
    return is_row.width > 1 and is_row(line) and len(line.split(is_row._separator)) == is_row.width


def _line_around(text: bytes, start: int, stop: int) -> str:
    begin = max(text.rfind(b"\n", 0, start), text.rfind(b"\r", 0, start)) + 1
    end = min((p for p in (text.find(b"\n", stop), text.find(b"\r", stop)) if p >= 0), default=-1)
    return text[begin : end if end >= 0 else len(text)].decode(errors="replace")


def _swallows_rows(text: bytes, start: int, stop: int, is_row: RowLikeness) -> bool:
    """Whether the lines of a cell are rows of the table themselves."""
    begin = max(text.rfind(b"\n", 0, start), text.rfind(b"\r", 0, start)) + 1
    lines = text[begin : min(stop, start + 200_000)].splitlines()[: _MOST_LINES + 2]
    first, *rest = lines
    whole = [line for line in rest[:-1] if line.strip()]
    if not whole:
        end = min(
            (p for p in (text.find(b"\n", stop), text.find(b"\r", stop)) if p >= 0),
            default=len(text),
        )
        last = text[start:end].splitlines()[-1:]
        if not is_row.has_build or not last:
            return False
        return all(is_row(line.decode(errors="replace")) for line in (first, *last))
    alike = sum(is_row(line.decode(errors="replace")) for line in whole)
    if not is_row.has_build and alike < _LEAST_PLAIN_LINES:
        return False
    return alike >= _ROW_LIKE * len(whole)
