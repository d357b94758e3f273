"""Delimited text → rows of cells, whatever the delimiter, with ragged rows repaired."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.schema import N_, DataError, Message
from recsys.sources.base import Table
from recsys.sources.limits import MAX_COLUMNS, MAX_SHEET_CELLS, too_many_cells, too_many_columns
from recsys.sources.options import DOUBLED, ReadOptions
from recsys.sources.progress import tell_share
from recsys.sources.tables import check_header, empty_table, header_names, numbered, said_of_top
from recsys.sources.text import edges, stray_quotes
from recsys.sources.text.aligned import UNIT
from recsys.sources.text.blocks import Lines
from recsys.sources.text.dialects import MARKERS, SPACES, Dialect, find_dialect
from recsys.sources.text.escapes import without_escapes
from recsys.sources.text.headers import Top, is_border
from recsys.sources.text.layouts import (
    Layout,
    are_fields,
    find_layout,
    read_fields,
    split_lists,
    without_types,
)

_CHUNK_ROWS = 50_000
_CHUNK_CELLS = 2_000_000
#: Spreadsheets end at 16,384 columns and write a delimiter for each.
_MAX_WIDTH = 20_000
#: The most cells that are read, those included that fill rows up. A file of 200 MB with a letter
#: in every cell has 100 million; each takes at least 8 bytes.
_MAX_CELLS = 150_000_000
#: Rows that are looked at to tell a row from a line of text within a cell.
_SAMPLE_ROWS = 300
#: More rows that begin so are called so.
_FEW_REMARKS = 0.1


def read_delimited(text: bytes, filename: str, options: ReadOptions | None = None) -> Table:
    """Read a whole delimited text in UTF-8; every cell is a string, exactly as written.

    Rows that are too short are filled with empty cells; rows that are too long are dropped, for
    nobody can tell which of their cells is one too many. How far it is, is told by `tell_share`.

    Args:
        options: what is given; the rest is found out, see `dialects`.

    Raises:
        DataError: no rows, or most rows do not fit the header, or too many columns or cells.
    """
    if all(map(str.isspace, codecs.iterdecode(_pieces(text), "utf-8"))):
        raise empty_table(filename)
    options = options or ReadOptions()
    # One line may be one long cell; the default limit of 128 KiB was meant for slow disks.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    if options.separator is None and options.skip is None:
        if (layout := find_layout(text, filename)) is not None:
            return in_layout(layout, filename, options)
        if are_fields(text):
            frame, header = read_fields(text, filename)
            frame, notes = header_names(header, frame, filename)
            return Table(frame, notes, replace(options, header=True))
    unescaped = without_escapes(text, options)
    text = _with_marks_at_edges(unescaped.text)
    dialect = find_dialect(text, options)
    found = replace(options, separator=dialect.separator, header=dialect.header, skip=dialect.skip)
    frame, notes = read_table_in(text, dialect, filename, stand_ins=unescaped.stand_ins)
    return Table(frame, [*_said(dialect, options, filename), *notes], found)


def in_layout(layout: Layout, filename: str, options: ReadOptions) -> Table:
    """A table in another layout, read as the delimited text that it was turned into."""
    if not layout.text.strip():
        raise empty_table(filename)
    width = len(layout.names or ())
    dialect = Dialect(layout.separator, layout.quote, header=False, width=width)
    frame, notes = read_table_in(layout.text, dialect, filename, layout.names)
    if layout.missing:
        frame = frame.replace(layout.missing, "")
    frame.index = frame.index + layout.skip
    return Table(frame, [*layout.notes, *notes], replace(options, header=layout.names is not None))


def read_table_in(
    text: bytes,
    dialect: Dialect,
    filename: str,
    names: Sequence[str] | None = None,
    stand_ins: Mapping[bytes, str] | None = None,
) -> tuple[pd.DataFrame, list[Message]]:
    """Read a text whose dialect is known.

    Args:
        names: those of columns that it does not hold.
        stand_ins: letters in it that stand for another one, see `escapes`.
    """
    text = _from_line(text, dialect.skip).removeprefix(codecs.BOM_UTF8)
    if dialect.marker:
        text = text.lstrip(b" ").removeprefix(dialect.marker.encode()).lstrip(b" ")
    separator = dialect.separator
    if dialect.gaps is not None and separator == SPACES:
        text, separator = dialect.gaps.rewritten(text), UNIT
    elif separator in DOUBLED:  # `csv` takes a single character
        text, separator = text.replace(separator.encode(), UNIT.encode()), UNIT
    single = replace(dialect, separator=separator)
    stand_ins = dict(stand_ins or {})
    text, stand_in, notes = _without_strays(text, single, filename, stand_ins)
    quotes = dialect.quote if stand_in is not None else ""

    def read(strict: bool, quote: str) -> tuple[pd.DataFrame, list[str], list[Message]]:
        lines = Lines(text, separator, quote)
        rows = csv.reader(
            lines,
            delimiter=separator,
            strict=strict,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        )
        return _read(lines, rows, single, filename, names)

    try:
        frame, header, more = read(True, quotes)
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            frame, header, more = read(False, "")
            note = N_(
                "A quotation mark in {filename} is never closed; they were read as plain letters."
            )
            notes = [Message(note, {"filename": filename}), *notes]
        else:
            frame, header, more = read(False, quotes)
    if stand_in:
        stand_ins[stand_in] = dialect.quote
    for letter, meant in stand_ins.items():
        frame, header = _with_letters(frame, header, letter, meant)
    if dialect.padded:
        frame = _stripped(frame)
    frame, remarks = _without_remarks(frame, dialect, filename)
    notes += remarks
    frame, cut = edges.trimmed(frame, header if dialect.header else None, filename)
    if dialect.header and (typed := without_types(header)) is not None:
        header, lists = typed
        frame = split_lists(frame, lists, filename)
    frame, named = header_names(header, frame, filename)
    return frame, [*notes, *more, *cut, *named]


def _without_remarks(
    frame: pd.DataFrame, dialect: Dialect, filename: str
) -> tuple[pd.DataFrame, list[Message]]:
    """Rows without remarks that are cut into as many cells, where remarks stand above, too."""
    if not dialect.comments and not dialect.marker:
        return frame, []
    marked = frame[0].str.lstrip().str.startswith("#").to_numpy(dtype=bool)
    if not 0 < marked.sum() <= _FEW_REMARKS * len(frame):
        return frame, []
    note = N_("{filename}: remarks between the rows were passed over: {count}.")
    said = Message(note, {"filename": filename, "count": int(marked.sum())})
    return frame[~marked], [said]


def _said(dialect: Dialect, options: ReadOptions, filename: str) -> list[Message]:
    """What was found out about the beginning of the file, where it could surprise."""
    notes = []
    if dialect.comments:
        note = N_("{filename}: remarks above the table were passed over: {count}.")
        notes.append(Message(note, {"filename": filename, "count": dialect.comments}))
    top = Top(dialect.skip, dialect.header, dialect.sure)
    above = dialect.skip - dialect.comments
    return [*notes, *said_of_top(filename, options, top, dialect.skip, above)]


def _pieces(text: bytes) -> Iterator[bytes]:
    return (text[place : place + 65536] for place in range(0, len(text), 65536))


def _from_line(text: bytes, number: int) -> bytes:
    """The text without its first lines."""
    place = 0
    for end in itertools.islice(re.finditer(rb"\r\n|\r|\n", text), number):
        place = end.end()
    return text[place:] if number else text


def _with_marks_at_edges(text: bytes) -> bytes:
    """Quotation marks right behind separators, where a blank is written between the two."""
    head = text[:100_000]
    apart = len(re.findall(rb'[,;] +"', head))
    if 2 * apart <= head.count(b"\n") or apart <= len(re.findall(rb'[,;]"', head)):
        return text
    return re.sub(rb'([,;]) +(?=")', rb"\1", text)


def _without_strays(
    text: bytes, dialect: Dialect, filename: str, taken: Mapping[bytes, str]
) -> tuple[bytes, bytes | None, list[Message]]:
    """The text with a stand-in for each mark that is a letter; which one, b"" where there is none.

    None in its place: there are so many that no mark can be trusted. `taken` stand for others.
    """
    mark = dialect.quote.encode()
    if mark not in text:
        return text, b"", []
    lines = Lines(text[:500_000], dialect.separator, "")
    plain = csv.reader(
        lines, delimiter=dialect.separator, quotechar=dialect.quote, quoting=csv.QUOTE_MINIMAL
    )
    sample = _sample_rows(plain)
    is_row = stray_quotes.RowLikeness(
        sample[1 if dialect.header else 0 :], dialect.separator, dialect.quote
    )
    strays = stray_quotes.find_strays(text, dialect.separator, dialect.quote, is_row)
    unused = (letter for letter in stray_quotes.STAND_INS if letter not in text)
    free = next((letter for letter in unused if letter not in taken), None)
    if strays is None or (len(strays) and free is None):
        note = N_("Quotation marks in {filename} do not pair up; they were read as plain letters.")
        return text, None, [Message(note, {"filename": filename})]
    if not len(strays) or free is None:
        return text, b"", []
    letters = np.frombuffer(text, np.uint8).copy()
    letters[strays] = free[0]
    rows = [_line_number(text, int(place)) + dialect.skip for place in strays[:6]]
    note = N_(
        "{filename}: quotation marks that close no cell of their row were read as letters, so that "
        "no rows are lost: {count} (line {rows})."
    )
    said = numbered(note, filename, rows)
    said = replace(said, params={**said.params, "count": len(strays)})
    return letters.tobytes(), free, [said]


def _sample_rows(rows: Iterator[list[str]]) -> list[list[str]]:
    sample: list[list[str]] = []
    try:
        for row in itertools.islice(rows, _SAMPLE_ROWS):
            sample.append(row)
    except csv.Error:
        pass
    return sample[:-1] if len(sample) > 2 else sample


def _line_number(text: bytes, place: int) -> int:
    return 1 + len(re.findall(rb"\r\n|\r|\n", text[:place]))


def _with_letters(
    frame: pd.DataFrame, header: list[str], stand_in: bytes, meant: str
) -> tuple[pd.DataFrame, list[str]]:
    """The letters that are meant back in place of their stand-in."""
    letter = stand_in.decode()
    columns = {
        place: pd.array(
            pc.replace_substring(pa.array(frame[place], pa.large_string()), letter, meant),
            dtype="str",
        )
        for place in frame.columns
    }
    return pd.DataFrame(columns, index=frame.index), [n.replace(letter, meant) for n in header]


def _stripped(frame: pd.DataFrame) -> pd.DataFrame:
    """The cells without the blanks that align them."""
    columns = {
        place: pd.array(pc.utf8_trim(pa.array(frame[place], pa.large_string()), " \t"), dtype="str")
        for place in frame.columns
    }
    return pd.DataFrame(columns, index=frame.index)


def _read(
    lines: Lines,
    rows: Iterator[list[str]],
    dialect: Dialect,
    filename: str,
    names: Sequence[str] | None,
) -> tuple[pd.DataFrame, list[str], list[Message]]:
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
    shape = _Shape(header, position, filename)
    if dialect.header and names is None:
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


def _without_trailing(header: list[str], width: int) -> list[str]:
    """The names without empty ones behind the last column of the rows."""
    while len(header) > max(width, 1) and not header[-1].strip():
        header = header[:-1]
    return header


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

    def finish(self) -> tuple[pd.DataFrame, list[str], list[Message]]:
        """The frame, its names and what was repaired.

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
        return pd.DataFrame(data, index=self._index()), self.header, self._notes()

    def _index(self) -> pd.Index:
        """The numbers of the kept rows; those of a table without gaps take no memory."""
        first = int(self.numbers[0][0])
        if int(self.numbers[-1][-1]) - first + 1 == self.kept:
            return pd.RangeIndex(first, first + self.kept, name="row")
        return pd.Index(np.concatenate([np.asarray(n, np.int64) for n in self.numbers]), name="row")

    def _notes(self) -> list[Message]:
        notes = []
        if self.remarks:
            note = N_("{filename}: remarks between the rows were passed over: {count}.")
            notes.append(Message(note, {"filename": self.filename, "count": self.remarks}))
        if self.filled:
            note = N_("{filename}: rows with too few cells, filled up: {count} (row {rows}).")
            notes.append(numbered(note, self.filename, self.filled))
        if self.dropped:
            note = N_("{filename}: rows with too many cells, dropped: {count} (row {rows}).")
            notes.append(numbered(note, self.filename, self.dropped))
        return notes


def _fits(row: list[str], width: int) -> bool:
    return len(row) > width and not any(row[width:])
