"""Delimited text → rows of cells, whatever the delimiter, with ragged rows repaired."""

from __future__ import annotations

import codecs
import csv
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.schema import N_, Message
from recsys.sources.base import Table
from recsys.sources.options import DOUBLED, ReadOptions
from recsys.sources.tables import empty_table, header_names, said_of_top
from recsys.sources.text import edges
from recsys.sources.text.aligned import UNIT
from recsys.sources.text.blocks import Lines
from recsys.sources.text.dialects import SPACES, Dialect, find_dialect
from recsys.sources.text.escapes import without_escapes
from recsys.sources.text.headers import Top
from recsys.sources.text.layouts import (
    Layout,
    are_fields,
    find_layout,
    read_fields,
    split_lists,
    without_types,
)
from recsys.sources.text.rows import ReadRows, read_rows
from recsys.sources.text.stand_ins import with_letters, without_strays

#: More rows that begin so are called so.
_FEW_REMARKS = 0.1


def read_delimited(text: bytes, filename: str, options: ReadOptions | None = None) -> Table:
    """Read a whole delimited text in UTF-8; every cell is a string, exactly as written.

    Rows that are too short are filled with empty cells; rows that are too long are dropped, for
    it is unclear which of their cells is one too many. `report_share` reports the progress.

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
    text, stand_in, notes = without_strays(text, single, filename, stand_ins)
    quotes = dialect.quote if stand_in is not None else ""

    def read(strict: bool, quote: str) -> ReadRows:
        lines = Lines(text, separator, quote)
        rows = csv.reader(
            lines,
            delimiter=separator,
            strict=strict,
            quotechar=quote or None,
            quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        )
        return read_rows(lines, rows, single, filename, names)

    try:
        frame, header, remarks, more = read(True, quotes)
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            frame, header, remarks, more = read(False, "")
            note = N_(
                "A quotation mark in {filename} is never closed; they were read as plain letters."
            )
            notes = [Message(note, {"filename": filename}), *notes]
        else:
            frame, header, remarks, more = read(False, quotes)
    if stand_in:
        stand_ins[stand_in] = dialect.quote
    for letter, meant in stand_ins.items():
        frame, header = with_letters(frame, header, letter, meant)
    if dialect.padded:
        frame = _stripped(frame)
    frame, few = _without_few_remarks(frame, dialect)
    if remarks + few:
        note = N_("{filename}: remarks between the rows were passed over: {count}.")
        notes.append(Message(note, {"filename": filename, "count": remarks + few}))
    frame, cut = edges.trimmed(frame, header if dialect.header else None, filename)
    if dialect.header and (typed := without_types(header)) is not None:
        header, lists = typed
        frame = split_lists(frame, lists, filename)
    frame, named = header_names(header, frame, filename)
    return frame, [*notes, *more, *cut, *named]


def _without_few_remarks(frame: pd.DataFrame, dialect: Dialect) -> tuple[pd.DataFrame, int]:
    """Rows without remarks, and how many those are, where some stand above the table, too.

    They are cut into as many cells as rows, so that only their first letter marks them.
    """
    if not dialect.comments and not dialect.marker:
        return frame, 0
    marked = frame[0].str.lstrip().str.startswith("#").to_numpy(dtype=bool)
    if not 0 < marked.sum() <= _FEW_REMARKS * len(frame):
        return frame, 0
    return frame[~marked], int(marked.sum())


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


def _stripped(frame: pd.DataFrame) -> pd.DataFrame:
    """The cells without the blanks that align them."""
    columns = {
        place: pd.array(pc.utf8_trim(pa.array(frame[place], pa.large_string()), " \t"), dtype="str")
        for place in frame.columns
    }
    return pd.DataFrame(columns, index=frame.index)
