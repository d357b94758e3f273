"""Tables in HTML, which many programs write under the name .xls → a frame of strings.

All of it is text: nothing is rendered, no script or style is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pandas as pd

from recsys.schema import N_, DataError, Message
from recsys.sources import limits
from recsys.sources.base import Table
from recsys.sources.columns import Kind
from recsys.sources.edges import trimmed
from recsys.sources.gathering import gathered
from recsys.sources.headers import find_top
from recsys.sources.likeness import Likeness, likeness
from recsys.sources.options import ReadOptions
from recsys.sources.tables import empty_table, header_names, said_of_top

_PIECE_BYTES = 1 << 20
#: A tag, or a remark, that goes on beyond so many letters is none.
_LONGEST_TAG = 8 * _PIECE_BYTES
_SAMPLE_ROWS = 200
#: As browsers do (HTML standard, "forming a table").
_WIDEST_SPAN = 1_000
_MOST_TABLES = 10_000
_DEEPEST = 100
_BEGIN = re.compile(
    rb"\s*+(?:<\?xml[^>]*+>\s*+)?(?:<!--(?:[^-]++|-(?!->))*+-->\s*+)*+"
    rb"<(?:!doctype\s+html|html|table|head|meta|body|style|div|center)\b",
    re.IGNORECASE,
)
_BLANK = re.compile(r"\s+")


def is_web_page(text: bytes) -> bool:
    """Whether a text in UTF-8 begins as HTML does."""
    return _BEGIN.match(text[:20_000]) is not None


@dataclass
class _Open:
    """A table that is being read.

    Attributes:
        number: which one of the page it is, in the order of their beginnings.
        row: the cells of the row so far; None between rows.
        cell: the text of the cell so far; None between cells.
        below: column → the rows that a cell goes on for, and its text.
    """

    number: int
    row: list[str] | None = None
    cell: list[str] | None = None
    spans: tuple[int, int] = (1, 1)
    below: dict[int, tuple[int, str]] = field(default_factory=dict)


class _Tables(HTMLParser):
    """Collects the rows of all tables, or of one, of a page.

    Attributes:
        rows: those that ended since they were last taken, with the number of their table.
    """

    def __init__(self, filename: str, wanted: int | None) -> None:
        super().__init__(convert_charrefs=True)
        self.filename = filename
        self.wanted = wanted
        self.open: list[_Open] = []
        self.count = 0
        self.letters = self.cells = 0
        self.rows: list[tuple[int, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            if self.count >= _MOST_TABLES or len(self.open) >= _DEEPEST:
                raise limits.unreadable(self.filename, "HTML")
            self.open.append(_Open(self.count))
            self.count += 1
        elif not self.open:
            return
        elif tag == "tr":
            self._end_row()
            self.open[-1].row = []
        elif tag in ("td", "th"):
            self._end_cell()
            table = self.open[-1]
            if table.row is None:
                table.row = []
            given = dict(attrs)
            table.spans = (_span(given.get("rowspan")), _span(given.get("colspan")))
            table.cell = []
        elif tag in ("br", "p", "div", "li") and self.open[-1].cell is not None:
            self.open[-1].cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if not self.open:
            return
        if tag == "table":
            self._end_row()
            self.open.pop()
        elif tag == "tr":
            self._end_row()
        elif tag in ("td", "th"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1].cell is not None:
            self.open[-1].cell.append(data)

    def _end_cell(self) -> None:
        table = self.open[-1]
        if table.cell is None or table.row is None:
            return
        text = _BLANK.sub(" ", "".join(table.cell)).strip()
        table.cell = None
        self._fill(table)
        down, across = table.spans
        for place in range(len(table.row), len(table.row) + across):
            # What stands over several columns is said once, as in a sheet with merged cells.
            shown = text if place == len(table.row) else ""
            if down > 1:
                table.below[place] = (down - 1, shown)
            self._count(shown)
        table.row += [text, *[""] * (across - 1)]

    def _fill(self, table: _Open) -> None:
        """Put the cells that go on from the rows above where the row has come to them."""
        assert table.row is not None
        while (found := table.below.pop(len(table.row), None)) is not None:
            left, text = found
            if left > 1:
                table.below[len(table.row)] = (left - 1, text)
            self._count(text)
            table.row.append(text)

    def _end_row(self) -> None:
        self._end_cell()
        table = self.open[-1]
        if table.row is not None:
            self._fill(table)
            if self.wanted is None or table.number == self.wanted:
                self.rows.append((table.number, table.row))
        table.row = None

    def _count(self, text: str) -> None:
        """Raise `DataError` where cells that span many others hold more than is read."""
        self.cells += 1
        self.letters += len(text)
        if self.cells > limits.MAX_CELLS:
            raise limits.too_many_cells(self.filename, limits.MAX_CELLS)
        if self.letters > limits.MAX_TEXT_BYTES:
            raise limits.too_much_text(self.filename)


def _span(told: str | None) -> int:
    digits = (told or "").strip()[:6]
    return min(max(int(digits), 1), _WIDEST_SPAN) if digits.isdecimal() else 1


def _rows(text: bytes, filename: str, wanted: int | None = None) -> Iterator[tuple[int, list[str]]]:
    """The rows of the tables of a page, each with the number of its table."""
    parser = _Tables(filename, wanted)
    place = 0
    while place < len(text):
        end = min(place + _PIECE_BYTES, len(text))
        while end < len(text) and text[end] & 0xC0 == 0x80:  # within a letter
            end += 1
        try:
            parser.feed(text[place:end].decode(errors="replace"))
        except AssertionError as error:  # a declaration of a kind that the parser does not know
            raise limits.unreadable(filename, "HTML") from error
        if len(parser.rawdata) > _LONGEST_TAG:
            raise limits.unreadable(filename, "HTML")
        place = end
        yield from parser.rows
        parser.rows.clear()
    while parser.open:  # never closed
        parser.handle_endtag("table")
    yield from parser.rows


def read_web_page(text: bytes, filename: str, options: ReadOptions, kind: Kind) -> Table:
    """The table of a page that looks most like one of `kind`, of many the longest.

    Raises:
        DataError: there is no table with rows, or it is over a limit.
    """
    counts: dict[int, int] = {}
    widths: dict[int, int] = {}
    samples: dict[int, list[list[str]]] = {}
    for number, row in _rows(text, filename):
        if any(row):
            counts[number] = counts.get(number, 0) + 1
        widths[number] = max(widths.get(number, 0), len(row))
        kept = samples.setdefault(number, [])
        if len(kept) < _SAMPLE_ROWS:
            kept.append(row)
    if not counts:
        raise DataError(
            N_(
                "{filename} is a web page without a table. Save the table as CSV or Parquet, and "
                "upload that."
            ),
            filename=filename,
        )

    def looks(number: int) -> Likeness:
        found = likeness(samples[number], "", kind, rows_in_all=counts[number])
        return found._replace(columns=found.columns if counts[number] > 1 else -1)

    best = max(counts, key=looks)
    width = widths[best]
    if width > limits.MAX_MATRIX_COLUMNS:
        raise limits.too_many_columns(filename, width)
    if width * counts[best] > 2 * limits.MAX_CELLS:
        raise limits.too_many_cells(filename, limits.MAX_CELLS)
    padded = ([*row, *[""] * (width - len(row))] for _, row in _rows(text, filename, best))
    frame = gathered(padded, width, filename)
    sample = [[*row, *[""] * (width - len(row))] for row in samples[best]]
    table = topped(frame, sample, filename, options)
    others = len([number for number, count in counts.items() if count > 1]) - 1
    if others > 0:
        note = N_(
            "{filename} is a web page with several tables; the one with {rows} rows was read, and "
            "{others} others were not."
        )
        params = {"filename": filename, "rows": f"{counts[best]:,}", "others": others}
        table.notes.insert(0, Message(note, params))
    return table


def topped(
    frame: pd.DataFrame, sample: Sequence[Sequence[str]], filename: str, options: ReadOptions
) -> Table:
    """The table in rows of cells, by its names; what stands above it is left out.

    Args:
        sample: the first rows, as wide as the frame, whose columns are numbered from 0.

    Raises:
        DataError: there are no rows below the names.
    """
    width = len(frame.columns)
    top = find_top(sample, header=options.header, skip=options.skip)
    header = list(sample[top.skip]) if top.header and top.skip < len(sample) else [""] * width
    frame = frame.iloc[top.skip + bool(top.header) :]
    frame = frame[(frame != "").any(axis=1)]
    if frame.empty:
        raise empty_table(filename)
    frame, cut = trimmed(frame, header if top.header else None, filename)
    frame, named = header_names(header, frame, filename)
    notes = [*said_of_top(filename, options, top, top.skip, top.skip), *cut, *named]
    return Table(frame, notes, replace(options, header=top.header, skip=top.skip))
