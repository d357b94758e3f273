"""Tables in HTML, which many programs write under the name .xls → a frame of strings.

All of it is text: nothing is rendered, no script or style is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import unescape

import pandas as pd

from recsys.schema import N_, DataError, Message
from recsys.sources import limits
from recsys.sources.base import Table
from recsys.sources.columns.choosing import Kind
from recsys.sources.formats.gathering import Sketch, gathered, padded
from recsys.sources.likeness import Likeness, likeness
from recsys.sources.options import ReadOptions
from recsys.sources.tables import empty_table, header_names, said_of_top
from recsys.sources.text.edges import trimmed
from recsys.sources.text.headers import find_top

#: Remarks, and the tags that matter to tables; the others only format what stands in cells. It is
#: many times faster than a whole parser of HTML, and takes time in proportion to the size.
_TAG = re.compile(
    rb"<!--(?:[^-]++|-(?!->))*+(?:-->|\Z)"
    rb"|<(/?)(table|tr|td|th|br|p|div|li|script|style)(?![\w:-])([^<>]*+)>",
    re.IGNORECASE,
)
_FORMATTING = re.compile(r"</?[A-Za-z!?][^<>]*+>|<!\[[^<>]*+>")
_SPAN = re.compile(rb"\b(row|col)span\s*+=\s*+[\"']?\s*+(\d{1,6})", re.IGNORECASE)
#: As browsers do (HTML standard, "forming a table").
_WIDEST_SPAN, _LONGEST_SPAN = 1_000, 65_534
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


class _Tables:
    """Collects the rows of all tables, or of one, of a page.

    Attributes:
        rows: those that ended since they were last taken, with the number of their table.
    """

    def __init__(self, filename: str, wanted: int | None) -> None:
        self.filename = filename
        self.wanted = wanted
        self.open: list[_Open] = []
        self.count = 0
        self.letters = self.cells = 0
        self.rows: list[tuple[int, list[str]]] = []

    def start(self, tag: bytes, attributes: bytes) -> None:
        if tag == b"table":
            if self.count >= _MOST_TABLES or len(self.open) >= _DEEPEST:
                raise limits.unreadable(self.filename, "HTML")
            self.open.append(_Open(self.count))
            self.count += 1
        elif not self.open:
            return
        elif tag == b"tr":
            self._end_row()
            self.open[-1].row = []
        elif tag in (b"td", b"th"):
            self._end_cell()
            table = self.open[-1]
            if table.row is None:
                table.row = []
            table.spans = _spans(attributes)
            table.cell = []
        elif self.open[-1].cell is not None:
            self.open[-1].cell.append(" ")

    def end(self, tag: bytes) -> None:
        if not self.open:
            return
        if tag == b"table":
            self._end_row()
            self.open.pop()
        elif tag == b"tr":
            self._end_row()
        elif tag in (b"td", b"th"):
            self._end_cell()

    def text(self, data: bytes) -> None:
        if self.open and self.open[-1].cell is not None:
            decoded = data.decode(errors="replace")
            if "<" in decoded:
                decoded = _FORMATTING.sub("", decoded)
            self.open[-1].cell.append(unescape(decoded) if "&" in decoded else decoded)

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


def _spans(attributes: bytes) -> tuple[int, int]:
    """How many rows and columns a cell goes over."""
    if b"span" not in attributes.lower():
        return 1, 1
    counts = {name.lower(): int(count) for name, count in _SPAN.findall(attributes)}
    down, across = counts.get(b"row", 1), counts.get(b"col", 1)
    return min(max(down, 1), _LONGEST_SPAN), min(max(across, 1), _WIDEST_SPAN)


def _rows(text: bytes, filename: str, wanted: int | None = None) -> Iterator[tuple[int, list[str]]]:
    """The rows of the tables of a page, each with the number of its table."""
    tables = _Tables(filename, wanted)
    place = 0
    skipped = b""
    for found in _TAG.finditer(text):
        tag = (found[2] or b"").lower()
        if skipped:  # a script, or a style, up to its end
            if found[1] and tag == skipped:
                skipped, place = b"", found.end()
            continue
        if found.start() > place:
            tables.text(text[place : found.start()])
        place = found.end()
        if not tag:
            continue
        if found[1]:
            tables.end(tag)
        elif tag in (b"script", b"style"):
            skipped = tag
        else:
            tables.start(tag, found[3])
        if tables.rows:
            yield from tables.rows
            tables.rows.clear()
    while tables.open:  # never closed
        tables.end(b"table")
    yield from tables.rows


def read_web_page(text: bytes, filename: str, options: ReadOptions, kind: Kind) -> Table:
    """The table of a page that looks most like one of `kind`, of many the longest.

    Raises:
        DataError: there is no table with rows, or it is over a limit.
    """
    sketch = Sketch(_rows(text, filename), blank=False)
    counts = sketch.counts
    if not counts:
        raise DataError(
            N_(
                "{filename} is a web page without a table. Save the table as CSV or Parquet, and "
                "upload that."
            ),
            filename=filename,
        )

    def looks(number: int) -> Likeness:
        found = likeness(sketch.first[number], "", kind, rows_in_all=counts[number])
        return found._replace(columns=found.columns if counts[number] > 1 else -1)

    best = max(counts, key=looks)
    width = sketch.widths[best]
    if width > limits.MAX_MATRIX_COLUMNS:
        raise limits.too_many_columns(filename, width)
    if width * counts[best] > 2 * limits.MAX_CELLS:
        raise limits.too_many_cells(filename, limits.MAX_CELLS)
    rows = (padded(row, width) for _, row in _rows(text, filename, best))
    first = [padded(row, width) for row in sketch.first[best]]
    table = topped(gathered(rows, width, filename), first, filename, options)
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
