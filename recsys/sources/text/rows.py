"""Rows of cells → columns as wide as the header, in compact arrays; ragged rows are repaired."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from recsys.schema import N_, DataError, Message
from recsys.sources.limits import MAX_COLUMNS, MAX_SHEET_CELLS, too_many_cells, too_many_columns
from recsys.sources.progress import report_share
from recsys.sources.tables import check_header, empty_table, numbered
from recsys.sources.text.blocks import Lines
from recsys.sources.text.dialects import MARKERS, Dialect
from recsys.sources.text.headers import is_border

_CHUNK_ROWS = 50_000
_CHUNK_CELLS = 2_000_000
#: Spreadsheets end at 16,384 columns and write a delimiter for each.
_MAX_WIDTH = 20_000
#: The most cells that are read, those included that fill rows up. A file of 200 MB with a letter
#: in every cell has 100 million; each takes at least 8 bytes.
_MAX_CELLS = 150_000_000


class ReadRows(NamedTuple):
    """All rows of a text.

    Attributes:
        frame: columns are numbered from 0, rows as in the file, from 1.
        header: the names of the columns.
        remarks: how many rows were passed over because they are remarks.
        notes: what was repaired.
    """

    frame: pd.DataFrame
    header: list[str]
    remarks: int
    notes: list[Message]


def read_rows(
    lines: Lines,
    rows: Iterator[list[str]],
    dialect: Dialect,
    filename: str,
    names: Sequence[str] | None,
) -> ReadRows:
    """All rows, with columns numbered from 0, and the names that the first row has for them.

    Plain blocks go past `rows`, a reader of the lines, which goes on behind them.
    """
    position, header = dialect.skip, list(names or [""] * dialect.width)
    if dialect.header and names is None:
        blank, header = next(((i, row) for i, row in enumerate(rows) if row), (0, []))
        position += blank + 1
        header = _without_trailing(header, dialect.width)
    if not header:
        raise empty_table(filename)
    check_header(header, filename)
    if len(header) > _MAX_WIDTH:  # most without a name, so `check_header` does not count them
        raise too_many_columns(filename, len(header))
    collected = _Rows(header, position, filename)
    if dialect.header and names is None:
        collected.settle_width(rows)
    while lines.position < len(lines.text):
        report_share(lines.position / len(lines.text))
        block, end = lines.block()
        columns = lines.table(block, len(collected.header))
        if columns is None:
            while lines.position < end:
                collected.add(list(itertools.islice(rows, collected.chunk_rows)))
        else:
            collected.add_columns(columns)
            lines.move_to(end)
    report_share(1.0)
    return collected.finish()


def _without_trailing(header: list[str], width: int) -> list[str]:
    """The names without empty ones behind the last column of the rows."""
    while len(header) > max(width, 1) and not header[-1].strip():
        header = header[:-1]
    return header


class _Rows:
    """Collects rows column by column, in compact arrays, and makes them as wide as the header."""

    def __init__(self, header: list[str], position: int, filename: str) -> None:
        self.header = header
        self.filename = filename
        self.columns: list[list[pa.Array]] = [[] for _ in header]
        self.numbers: list[np.ndarray | range] = []
        self.kept = 0
        self.seen = position  # rows so far, the header and blank ones included
        self.filled = array("q")
        self.dropped = array("q")
        self.remarks = 0

    @property
    def chunk_rows(self) -> int:
        """How many rows are held at once as lists of strings."""
        return max(1, min(_CHUNK_ROWS, _CHUNK_CELLS // len(self.header)))

    def settle_width(self, rows: Iterator[list[str]]) -> None:
        """Widen a header that lacks the name of a leading row number, as R writes it.

        Told by the first rows, which are read and added: all have one cell more.
        """
        chunk: list[list[str]] = []
        width = len(self.header) + 1
        wider = filled = False
        for row in itertools.islice(rows, _CHUNK_ROWS):
            chunk.append(row)
            if row:
                wider = len(row) == width
                filled = filled or bool(row[-1])
                if not wider:
                    break
            if len(chunk) * width > _CHUNK_CELLS * 2:
                break
        if wider and filled:
            self.header = ["", *self.header]
            self.columns.append([])
        self.add(chunk)

    def add(self, chunk: list[list[str]]) -> None:
        """Append rows, in order."""
        width = len(self.header)
        first = self.seen + 1
        self.seen += len(chunk)
        numbers: range | np.ndarray = range(first, self.seen + 1)
        if any(len(row) != width for row in chunk):
            numbers, chunk = self._mend(chunk, first)
        if not chunk:
            return
        self._count(numbers)
        for column, cells in zip(self.columns, zip(*chunk, strict=True), strict=True):
            column.append(pa.array(cells, pa.large_string()))

    def add_columns(self, columns: list[pa.ChunkedArray]) -> None:
        """Append rows that are as wide as the header, in order."""
        rows = len(columns[0])
        self._count(range(self.seen + 1, self.seen + 1 + rows))
        self.seen += rows
        for column, cells in zip(self.columns, columns, strict=True):
            column.extend(cells.chunks)

    def _count(self, numbers: range | np.ndarray) -> None:
        self.numbers.append(numbers)
        self.kept += len(numbers)
        most = _MAX_CELLS if len(self.header) <= MAX_COLUMNS else MAX_SHEET_CELLS
        if self.kept * len(self.header) > most:
            raise too_many_cells(self.filename, most)

    def _mend(self, chunk: list[list[str]], first: int) -> tuple[np.ndarray, list[list[str]]]:
        width = len(self.header)
        numbers: list[int] = []
        kept: list[list[str]] = []
        for number, row in enumerate(chunk, first):
            if not row:
                continue
            if len(row) != width and row[0].lstrip().startswith(MARKERS) and not _fits(row, width):
                self.remarks += 1
                continue
            if len(row) != width and is_border(row):
                continue
            if len(row) < width:
                row = row + [""] * (width - len(row))
                self.filled.append(number)
            elif any(row[width:]):
                self.dropped.append(number)
                continue
            numbers.append(number)
            kept.append(row[:width])
        return np.array(numbers, dtype=np.int64), kept

    def finish(self) -> ReadRows:
        """What was read, with what was repaired.

        Raises:
            DataError: nothing sensible is left.
        """
        if not self.kept and not self.dropped:
            raise empty_table(self.filename)
        if len(self.dropped) > self.kept:
            raise DataError(
                N_(
                    "Most rows of {filename} have more cells than its first row, for example row "
                    "{row}. Check the column names in the first row and the delimiter."
                ),
                filename=self.filename,
                row=self.dropped[0],
            )
        data = {
            place: pd.array(pa.chunked_array(arrays), dtype="str")
            for place, arrays in enumerate(self.columns)
        }
        frame = pd.DataFrame(data, index=self._index())
        return ReadRows(frame, self.header, self.remarks, self._notes())

    def _index(self) -> pd.Index:
        """The numbers of the kept rows; those of a table without gaps take no memory."""
        first = int(self.numbers[0][0])
        if int(self.numbers[-1][-1]) - first + 1 == self.kept:
            return pd.RangeIndex(first, first + self.kept, name="row")
        return pd.Index(np.concatenate([np.asarray(n, np.int64) for n in self.numbers]), name="row")

    def _notes(self) -> list[Message]:
        notes = []
        if self.filled:
            note = N_("{filename}: rows with too few cells, filled up: {count} (row {rows}).")
            notes.append(numbered(note, self.filename, self.filled))
        if self.dropped:
            note = N_("{filename}: rows with too many cells, dropped: {count} (row {rows}).")
            notes.append(numbered(note, self.filename, self.dropped))
        return notes


def _fits(row: list[str], width: int) -> bool:
    return len(row) > width and not any(row[width:])
