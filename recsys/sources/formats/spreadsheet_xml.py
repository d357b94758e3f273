"""Workbooks in the XML of Excel 2003, which many programs write under the name .xls → a frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from recsys.sources import limits
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.formats.elements import parsed
from recsys.sources.formats.gathering import Sketch, gathered, padded
from recsys.sources.formats.web_tables import topped
from recsys.sources.likeness import likeness, no_such_part, said_of_sheets
from recsys.sources.options import ReadOptions
from recsys.sources.tables import empty_table

_MARK = b"urn:schemas-microsoft-com:office:spreadsheet"


def is_spreadsheet_xml(text: bytes) -> bool:
    """Whether a text in UTF-8 begins as such a workbook, and not as a web page for Excel."""
    head = text[:10_000].lstrip()
    return head.startswith(b"<?xml") and _MARK in head and b"<Workbook" in head


class _Rows:
    """Collects the rows of all sheets.

    Attributes:
        done: those that ended since they were last taken, with the name of their sheet.
    """

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self._cells = 0
        self.done: list[tuple[str, list[str]]] = []
        self._sheet = ""
        self._row: list[str] | None = None
        self._across = 1
        self._text: list[str] | None = None
        self._tags: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        by_name = {name.rpartition(":")[2]: value for name, value in attributes.items()}
        self._tags.append(tag)
        if tag == "Worksheet":
            self._sheet = by_name.get("Name", "")
        elif tag == "Row":
            self._row = []
        elif tag == "Cell" and self._row is not None:
            place = _number(by_name.get("Index"))
            if place > len(self._row) + 1:  # the cells between are empty
                self._cells += place - 1 - len(self._row)
                self._check()
                self._row += [""] * (place - 1 - len(self._row))
            self._across = 1 + _number(by_name.get("MergeAcross"))
            self._text = []

    def end(self) -> None:
        tag = self._tags.pop()
        if tag == "Cell" and self._row is not None and self._text is not None:
            self._cells += self._across
            self._check()
            self._row += ["".join(self._text).strip(), *[""] * (self._across - 1)]
            self._text = None
        elif tag == "Row" and self._row is not None:
            self.done.append((self._sheet, self._row))
            self._row = None

    def _check(self) -> None:
        """Raise `DataError` where cells that stand far apart make too many between them."""
        if self._cells > limits.MAX_SHEET_CELLS:
            raise limits.too_many_cells(self._filename, limits.MAX_SHEET_CELLS)

    def letters(self, data: str) -> None:
        if self._text is not None and "Data" in self._tags[-4:]:
            self._text.append(data)


def _number(written: str | None) -> int:
    digits = (written or "")[:6]
    return min(int(digits), limits.MAX_MATRIX_COLUMNS + 1) if digits.isdecimal() else 0


def _rows(text: bytes, filename: str, wanted: str | None = None) -> Iterator[tuple[str, list[str]]]:
    collector = _Rows(filename)
    for _ in parsed(text, collector.start, collector.end, collector.letters):
        for sheet, row in collector.done:
            if wanted is None or sheet == wanted:
                yield sheet, row
        collector.done.clear()


def read_spreadsheet_xml(text: bytes, filename: str, options: ReadOptions, kind: Kind) -> Table:
    """The sheet that is given, or else looks most like a table of `kind`.

    Raises:
        DataError: it holds no rows or no such sheet, or is over a limit.
        Malformed: it is no whole XML, or declares a document type.
    """
    sketch = Sketch(_rows(text, filename), blank=True)
    counts = sketch.counts
    if not counts:
        raise empty_table(filename)
    if options.sheet is not None and options.sheet not in counts:
        raise no_such_part(filename, options.sheet, list(counts))
    best = options.sheet or max(
        counts, key=lambda s: likeness(sketch.first[s], s, kind, rows_in_all=counts[s])
    )
    width = sketch.widths[best]
    if width > limits.MAX_MATRIX_COLUMNS:
        raise limits.too_many_columns(filename, width)
    if width * counts[best] > limits.MAX_CELLS:
        raise limits.too_many_cells(filename, limits.MAX_CELLS)
    rows = (padded(row, width) for _, row in _rows(text, filename, best))
    first = [padded(row, width) for row in sketch.first[best]]
    table = topped(gathered(rows, width, filename), first, filename, options)
    others = [sheet for sheet in counts if sheet != best]
    if options.sheet is None and others:
        table.notes.insert(0, said_of_sheets(filename, best, others))
    found = replace(table.found, sheet=best)
    return replace(table, found=found, others=tuple(others), sheets=True)
