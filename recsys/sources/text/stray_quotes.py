"""Quotation marks that open no cell: inch marks, or a quote that somebody forgot to close.

Read as the CSV rules have it, one such mark makes a single cell of all rows up to the next one. A
quoted cell over several lines is honest where its lines are text, and not where they are rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

import numpy as np

from recsys.sources.text.headers import is_number, mask, typical_width

#: Stands for a mark that is a letter while the text is read; it must not occur in the text.
STAND_INS = (b"\x1d", b"\x1c", b"\x0e", b"\x0f")
_BLOCK_BYTES = 8 * 1024**2
#: So many lines within a cell are compared with rows.
_MOST_LINES = 50
_ROW_LIKE = 0.8
#: Lines are not looked at further than this.
_LONGEST = 100_000
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
            masks = {mask(cell) for cell in cells}
            if sum(map(is_number, cells)) >= 0.9 * len(cells):
                self._numbers.append(place)
            elif len(masks) <= 3 and any("9" in one for one in masks):
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
        return numbers and all(mask(cells[p]) in m for p, m in self._masks.items() if cells[p])


def find_strays(text: bytes, separator: str, quote: str, is_row: RowLikeness) -> np.ndarray | None:
    """Where marks stand that are letters though a cell begins with them, (n,) int64.

    Those are marks without a second one, marks whose second one stands rows further on, and marks
    within a cell. None: there are so many that no mark can be trusted.
    """
    mark, cut = quote.encode(), separator.encode()
    if mark not in text or len(cut) > 1:
        return np.zeros(0, dtype=np.int64)
    scan = _Scan(text, mark, cut, is_row)
    place = 0
    while place < len(text):
        end, marks = scan.block(place)
        place = end if scan.is_honest(place, end, marks) else scan.one_by_one(place, end)
        if len(scan.found) > _MOST_STRAYS or scan.scanned > 4 * len(text) + _BLOCK_BYTES:
            return None
    return np.array(scan.found, dtype=np.int64)


class _Scan:
    """Goes through a text from one place outside of cells to the next; `found` are the strays."""

    def __init__(self, text: bytes, mark: bytes, cut: bytes, is_row: RowLikeness) -> None:
        self.text, self.mark, self.cut, self.is_row = text, mark, cut, is_row
        self.found: list[int] = []
        self.scanned = 0
        self._edges = frozenset(b"\r\n" + cut)
        self._inside = re.compile(rb"(?:[^" + mark + rb"]++|" + mark + mark + rb")*+" + mark)

    def block(self, place: int) -> tuple[int, np.ndarray]:
        """Where to stop after some megabytes, and the places of the marks before, from `place`.

        That is behind the last end of a line with an even number of marks before it.
        """
        block = self.text[place : place + _BLOCK_BYTES]
        letters = np.frombuffer(block, np.uint8)
        marks = np.flatnonzero(letters == self.mark[0])
        if place + len(block) == len(self.text):
            return len(self.text), marks
        ends = np.flatnonzero((letters == 10) | (letters == 13))
        whole = ends[np.searchsorted(marks, ends) % 2 == 0]
        if not len(whole):
            return place + len(block), marks
        last = int(whole[-1]) + 1
        return place + last, marks[marks < last]

    def is_honest(self, place: int, end: int, marks: np.ndarray) -> bool:
        """Whether every mark opens or closes a cell, or is doubled, and no cell holds rows."""
        if not len(marks):
            return True
        if len(marks) % 2:
            return False
        letters = np.frombuffer(self.text[place:end], np.uint8)
        edge = np.zeros(256, dtype=bool)
        edge[[self.mark[0], 10, 13, self.cut[0]]] = True
        before, behind = marks[0::2] - 1, marks[1::2] + 1
        before, behind = before[before >= 0], behind[behind < len(letters)]
        if not (edge[letters[before]].all() and edge[letters[behind]].all()):
            return False
        ends = np.flatnonzero((letters == 10) | (letters == 13))
        first, last = np.searchsorted(ends, marks[0::2]), np.searchsorted(ends, marks[1::2])
        long = np.flatnonzero(last - first)
        return not any(
            self._swallows_rows(place + int(marks[2 * n]), place + int(marks[2 * n + 1]) + 1)
            for n in long
        )

    def one_by_one(self, place: int, end: int) -> int:
        """Judge each mark that begins a cell; where to go on, at `end` or behind it."""
        text = self.text
        while (start := text.find(self.mark, place, end)) >= 0:
            if start and text[start - 1] not in self._edges:
                place = start + 1
                continue
            close = self._inside.match(text, start + 1)
            stop = close.end() if close else len(text)
            self.scanned += stop - start
            if close is None or self._is_stray(start, stop):
                self.found.append(start)
                place = start + 1
            else:
                place = stop
            if len(self.found) > _MOST_STRAYS or self.scanned > 4 * len(text) + _BLOCK_BYTES:
                break
        return max(place, end)

    def _is_stray(self, start: int, stop: int) -> bool:
        """Whether the mark at `start`, whose second one ends at `stop`, is a letter."""
        text = self.text
        if text.find(b"\n", start, stop) >= 0 or text.find(b"\r", start, stop) >= 0:
            return self._swallows_rows(start, stop)
        if stop == len(text) or text[stop] in self._edges:
            return False
        # 'a "word" more' is a letter where the row keeps its width.
        line = self._line(self._begin(start), stop)
        return self.is_row(line) and line.count(self.cut.decode()) == self.is_row.width - 1

    def _swallows_rows(self, start: int, stop: int) -> bool:
        """Whether the lines of a cell are rows of the table themselves."""
        begin = self._begin(start)
        lines = self.text[begin : min(stop, start + _LONGEST)].splitlines()[: _MOST_LINES + 2]
        whole = [line for line in lines[1:-1] if line.strip()]
        if not whole:
            if not self.is_row.has_build:
                return False
            last = self._line(self._begin(stop), stop)
            return self.is_row(lines[0].decode(errors="replace")) and self.is_row(last)
        alike = sum(self.is_row(line.decode(errors="replace")) for line in whole)
        if not self.is_row.has_build and alike < _LEAST_PLAIN_LINES:
            return False
        return alike >= _ROW_LIKE * len(whole)

    def _begin(self, place: int) -> int:
        """Where the line begins that `place` is in; lines are not looked at without end."""
        floor = max(0, place - _LONGEST)
        begin = max(self.text.rfind(b"\n", floor, place) + 1, floor)
        return max(begin, self.text.rfind(b"\r", begin, place) + 1)

    def _line(self, begin: int, place: int) -> str:
        """From `begin` to the end of the line that `place` is in."""
        ceiling = min(len(self.text), place + _LONGEST)
        for end in (b"\n", b"\r"):
            found = self.text.find(end, place, ceiling)
            ceiling = found if found >= 0 else ceiling
        return self.text[begin:ceiling].decode(errors="replace")
