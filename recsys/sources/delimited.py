"""Delimited text → rows of cells, whatever the delimiter, with ragged rows repaired."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa

from recsys.schema import N_, DataError, Message
from recsys.sources.columns import known_names
from recsys.sources.tables import empty_table, header_names, numbered

#: In order of preference where the text leaves the choice open.
_DELIMITERS = ",\t;|^~\x01\x1e\x1f:#!/$%&*+=@ "
_SAMPLE_LINES = 60
_CHUNK_ROWS = 50_000
#: What stands in for a delimiter of two characters, as in MovieLens' "1::1193::5".
_UNIT_SEPARATOR = "\x1f"


def read_delimited(text: str, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """Read a whole delimited text; every cell is a string, exactly as written.

    Rows that are too short are filled with empty cells; rows that are too long are dropped, for
    nobody can tell which of their cells is one too many.

    Raises:
        DataError: no rows, or most rows do not fit the header.
    """
    if not text.strip():
        raise empty_table(filename)
    # One line may be one long cell; the default limit of 128 KiB was meant for slow disks.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    text, delimiter = _find_delimiter(text)
    try:
        return _read(csv.reader(_lines(text), delimiter=delimiter, strict=True), filename)
    except csv.Error as error:
        unclosed = "unexpected end of data" in str(error)
    if not unclosed:
        return _read(csv.reader(_lines(text), delimiter=delimiter), filename)
    reader = csv.reader(_lines(text), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    frame, notes = _read(reader, filename)
    note = N_("A quotation mark in {filename} is never closed; they were read as plain letters.")
    return frame, [Message(note, {"filename": filename}), *notes]


def _lines(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")


def _find_delimiter(text: str) -> tuple[str, str]:
    """The text and its delimiter; a two-character delimiter is replaced by a single one."""
    head = "".join(itertools.islice(_lines(text), _SAMPLE_LINES))
    if len(head) > 200_000:  # a very long line: its beginning tells enough
        head = head[:200_000]
    first = next((line for line in head.splitlines() if line.strip()), "")
    if "::" in first and _UNIT_SEPARATOR not in text:
        return text.replace("::", _UNIT_SEPARATOR), _UNIT_SEPARATOR
    candidates = [d for d in _DELIMITERS if d in first]
    others = set(re.findall(r"[^\w\s\"'.\-()\[\]{}]", first)) - set(_DELIMITERS)
    candidates += sorted(others)
    if not candidates:
        return text, ","
    # max() keeps the first of equals, so the order of preference breaks ties.
    return text, max(candidates, key=lambda delimiter: _fitness(head, delimiter))


def _fitness(head: str, delimiter: str) -> tuple[int, float, bool]:
    """How well a delimiter fits: known column names, share of rows as wide as the header."""
    rows = [row for row in csv.reader(_lines(head), delimiter=delimiter) if row]
    header, body = rows[0], rows[1:-1] or rows[1:]  # the last line may be cut
    if len(header) < 2:
        return 0, 0.0, False
    same = sum(len(row) == len(header) for row in body) / len(body) if body else 1.0
    return min(known_names(header), 2), round(same, 1), delimiter in ",\t;|"


def _read(rows: Iterator[list[str]], filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """Rows of cells → a frame whose index holds their numbers in the file; blank ones are left."""
    position, header = next((i, row) for i, row in enumerate(rows, 1) if row)
    shape = _Shape(header, position)
    for chunk in iter(lambda: list(itertools.islice(rows, _CHUNK_ROWS)), []):
        shape.add(chunk)
    return shape.finish(filename)


class _Shape:
    """Collects rows column by column, in compact arrays, and makes them as wide as the header."""

    def __init__(self, header: list[str], position: int) -> None:
        self.header = header
        self.columns: list[list[pa.Array]] = [[] for _ in header]
        self.numbers: list[range | list[int]] = []
        self.seen = position  # rows so far, the header and blank ones included
        self.filled: list[int] = []
        self.dropped: list[int] = []

    def add(self, chunk: list[list[str]]) -> None:
        """Append rows, in order."""
        if not any(self.columns):
            self._settle_width(chunk)
        width = len(self.header)
        first = self.seen + 1
        self.seen += len(chunk)
        numbers: range | list[int] = range(first, self.seen + 1)
        if any(len(row) != width for row in chunk):
            numbers, chunk = self._mend(chunk, first)
        if not chunk:
            return
        self.numbers.append(numbers)
        for column, cells in zip(self.columns, zip(*chunk, strict=True), strict=True):
            column.append(pa.array(cells, pa.large_string()))

    def _settle_width(self, chunk: list[list[str]]) -> None:
        """Widen a header that lacks the name of a leading row number, as R writes it."""
        widths = {len(row) for row in chunk if row}
        if widths == {len(self.header) + 1} and any(row[-1] for row in chunk if row):
            self.header = ["", *self.header]
            self.columns.append([])

    def _mend(self, chunk: list[list[str]], first: int) -> tuple[list[int], list[list[str]]]:
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
        return numbers, kept

    def finish(self, filename: str) -> tuple[pd.DataFrame, list[Message]]:
        """The frame and what was repaired. Raises `DataError` where nothing sensible is left."""
        kept = sum(map(len, self.numbers))
        if not kept and not self.dropped:
            raise empty_table(filename)
        if len(self.dropped) > kept:
            raise DataError(
                N_(
                    "Most rows of {filename} have more cells than its first row, for example row "
                    "{row}. Check the column names in the first row and the delimiter."
                ),
                filename=filename,
                row=self.dropped[0],
            )
        data = {
            place: pd.array(pa.chunked_array(arrays), dtype="str")
            for place, arrays in enumerate(self.columns)
        }
        index = pd.Index(list(itertools.chain.from_iterable(self.numbers)), name="row")
        frame, notes = header_names(self.header, pd.DataFrame(data, index=index), filename)
        return frame, [*self._notes(filename), *notes]

    def _notes(self, filename: str) -> list[Message]:
        notes = []
        if self.filled:
            note = N_("{filename}: rows with too few cells, filled up: {count} (row {rows}).")
            notes.append(numbered(note, filename, self.filled))
        if self.dropped:
            note = N_("{filename}: rows with too many cells, dropped: {count} (row {rows}).")
            notes.append(numbered(note, filename, self.dropped))
        return notes
