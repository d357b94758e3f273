"""Delimited text → rows of cells, whatever the delimiter, with ragged rows repaired."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from array import array
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from recsys.schema import N_, DataError, Message
from recsys.sources.blocks import Lines
from recsys.sources.columns import known_names
from recsys.sources.limits import too_many_cells, too_many_columns
from recsys.sources.progress import tell_share
from recsys.sources.tables import check_header, empty_table, header_names, numbered

#: In order of preference where the text leaves the choice open.
_DELIMITERS = ",\t;|^~\x01\x1e\x1f:#!/$%&*+=@ "
_SAMPLE_LINES = 60
_SAMPLE_LETTERS = 200_000
#: So many marks of the first line are tried as delimiters beside those above.
_MAX_OTHERS = 16
_CHUNK_ROWS = 50_000
_CHUNK_CELLS = 2_000_000
#: Spreadsheets end at 16,384 columns and write a delimiter for each.
_MAX_WIDTH = 20_000
#: The most cells that are read, those included that fill rows up. A file of 200 MB with a letter
#: in every cell has 100 million; each takes at least 8 bytes.
_MAX_CELLS = 150_000_000
#: What stands in for a delimiter of two characters, as in MovieLens' "1::1193::5".
_UNIT_SEPARATOR = "\x1f"


def read_delimited(text: bytes, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """Read a whole delimited text in UTF-8; every cell is a string, exactly as written.

    Rows that are too short are filled with empty cells; rows that are too long are dropped, for
    nobody can tell which of their cells is one too many. How far it is, is told by `tell_share`.

    Raises:
        DataError: no rows, or most rows do not fit the header, or too many columns or cells.
    """
    if all(map(str.isspace, codecs.iterdecode(_pieces(text), "utf-8"))):
        raise empty_table(filename)
    # One line may be one long cell; the default limit of 128 KiB was meant for slow disks.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    delimiter = _find_delimiter(text)
    if delimiter == "::":  # `csv` takes a single character
        text, delimiter = text.replace(b"::", _UNIT_SEPARATOR.encode()), _UNIT_SEPARATOR

    def read(strict: bool = False, quotes: bool = True) -> tuple[pd.DataFrame, list[Message]]:
        lines = Lines(text, delimiter, quotes)
        rows = csv.reader(
            lines,
            delimiter=delimiter,
            strict=strict,
            quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
        )
        return _read(lines, rows, filename)

    try:
        return read(strict=True)
    except csv.Error as error:
        unclosed = "unexpected end of data" in str(error)
    if not unclosed:
        return read()
    frame, notes = read(quotes=False)
    note = N_("A quotation mark in {filename} is never closed; they were read as plain letters.")
    return frame, [Message(note, {"filename": filename}), *notes]


def _pieces(text: bytes) -> Iterator[bytes]:
    return (text[place : place + 65536] for place in range(0, len(text), 65536))


def _find_delimiter(text: bytes) -> str:
    """The delimiter, a single character or "::"."""
    # Only the beginning is looked at: of 4 bytes a letter at most, and it may be one long line.
    head = text[: 4 * _SAMPLE_LETTERS + 4].decode(errors="ignore")
    lines = itertools.islice(io.StringIO(head, newline=""), _SAMPLE_LINES)
    head = "".join(lines)[:_SAMPLE_LETTERS]
    first = next((line for line in head.splitlines() if line.strip()), "")
    if "::" in first and _UNIT_SEPARATOR.encode() not in text:
        return "::"
    candidates = [d for d in _DELIMITERS if d in first]
    counts = Counter(re.findall(r"[^\w\s\"'.\-()\[\]{}]", first))
    others = sorted(counts.keys() - set(_DELIMITERS), key=lambda mark: (-counts[mark], mark))
    candidates += sorted(others[:_MAX_OTHERS])
    if not candidates:
        return ","
    # max() keeps the first of equals, so the order of preference breaks ties.
    return max(candidates, key=lambda delimiter: _fitness(head, delimiter))


def _fitness(head: str, delimiter: str) -> tuple[int, float, bool]:
    """How well a delimiter fits: known column names, share of rows as wide as the header."""
    rows = [row for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row]
    header, body = rows[0], rows[1:-1] or rows[1:]  # the last line may be cut
    if len(header) < 2:
        return 0, 0.0, False
    same = sum(len(row) == len(header) for row in body) / len(body) if body else 1.0
    return min(known_names(header), 2), round(same, 1), delimiter in ",\t;|"


def _read(
    lines: Lines, rows: Iterator[list[str]], filename: str
) -> tuple[pd.DataFrame, list[Message]]:
    """All rows; plain blocks go past `rows`, a reader of the lines, which goes on behind them."""
    position, header = next((i, row) for i, row in enumerate(rows, 1) if row)
    check_header(header, filename)
    if len(header) > _MAX_WIDTH:  # most without a name, so `check_header` does not count them
        raise too_many_columns(filename, len(header))
    shape = _Shape(header, position, filename)
    shape.settle_width(rows)
    while lines.position < len(lines.text):
        tell_share(lines.position / len(lines.text))
        block, end = lines.block()
        columns = lines.table(block, len(shape.header))
        if columns is None:
            while lines.position < end:
                shape.add(list(itertools.islice(rows, shape.chunk_rows)))
        else:
            shape.add_columns(columns)
            lines.move_to(end)
    tell_share(1.0)
    return shape.finish()


class _Shape:
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
        if self.kept * len(self.header) > _MAX_CELLS:
            raise too_many_cells(self.filename, _MAX_CELLS)

    def _mend(self, chunk: list[list[str]], first: int) -> tuple[np.ndarray, list[list[str]]]:
        width = len(self.header)
        numbers: list[int] = []
        kept: list[list[str]] = []
        for number, row in enumerate(chunk, first):
            if not row:
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

    def finish(self) -> tuple[pd.DataFrame, list[Message]]:
        """The frame and what was repaired. Raises `DataError` where nothing sensible is left."""
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
        frame, notes = header_names(self.header, frame, self.filename)
        return frame, [*self._notes(), *notes]

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
