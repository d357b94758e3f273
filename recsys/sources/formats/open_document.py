"""What an .ods workbook will take once it is built: cells and rows in it say how often they repeat.

A cell that says "16,384 times" in a row that says "1,048,576 times" is a file of a kilobyte. Blank
ones at the end of a row or a sheet, which every honest file has, take nothing.
"""

from __future__ import annotations

from typing import IO

from recsys.sources.formats.sheets import Enough, Extent, parse

_CELLS = ("table-cell", "covered-table-cell")


class _Tables:
    """Follows the elements of ``content.xml``; `total` is what all tables take together."""

    def __init__(self, most_cells: int, most_text: int) -> None:
        self.most_cells = most_cells
        self.most_text = most_text
        self.total = Extent()
        self.area = 0
        self._sheet = Extent()
        self._row = self._rows = 0
        self._column = self._times = 0
        self._filled: list[tuple[int, int]] = []  # last column of a run of cells, their text
        self._letters = -1  # of the cell that is open; -1: none is
        self._has_value = False

    def start(self, name: str, found: dict[str, str]) -> None:
        if name == "table":
            self._sheet = Extent()
            self._row = 0
        elif name == "table-row":
            self._rows = _times(found, "number-rows-repeated")
            self._column = 0
            self._filled = []
        elif name in _CELLS:
            self._times = _times(found, "number-columns-repeated")
            kind = _attribute(found, "value-type")
            written = _attribute(found, "string-value")
            self._letters = len(written) if written or kind else 0
            self._has_value = bool(kind)

    def letters(self, text: str) -> None:
        if self._letters >= 0:
            self._letters += len(text)

    def end(self, name: str) -> None:
        if name in _CELLS:
            self._column += self._times
            if self._letters > 0 or self._has_value:
                self._filled.append((self._column, self._letters * self._times))
            self._letters = -1
        elif name == "table-row":
            self._finish_row()
        elif name == "table":
            self.area += self._sheet.area
            self._check()

    def _finish_row(self) -> None:
        self._row += self._rows
        if self._filled:
            first = self._row - self._rows + 1
            width = self._filled[-1][0]
            self._sheet.add(first, 1)
            self._sheet.add(self._row, width)
            self.total.cells += width * self._rows
            self.total.text += sum(text for _, text in self._filled) * self._rows
        self._check()

    def _check(self) -> None:
        area = self.area + self._sheet.area
        if max(area, self.total.cells) > self.most_cells or self.total.text > self.most_text:
            self.total.cells = max(area, self.total.cells)
            raise Enough


def total_of(stream: IO[bytes], most_cells: int, most_text: int) -> Extent:
    """How many cells and how much text all tables of a ``content.xml`` unfold to.

    Counting ends where either is over its limit.
    """
    tables = _Tables(most_cells, most_text)
    parse(stream, tables.start, tables.end, tables.letters)
    tables.total.cells = max(tables.total.cells, tables.area)
    return tables.total


def _attribute(found: dict[str, str], name: str) -> str:
    return next((v for k, v in found.items() if k.rpartition(":")[2] == name), "")


def _times(found: dict[str, str], name: str) -> int:
    value = _attribute(found, name)
    return max(int(value), 1) if value.isdecimal() and len(value) < 12 else 1
