"""Whole rows in single cells, as each line of a CSV in quotation marks, or pasted into column A."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.schema import N_, Message
from recsys.sources.base import Table
from recsys.sources.columns.choosing import known_names
from recsys.sources.options import DOUBLED, ReadOptions
from recsys.sources.text.delimited import read_delimited
from recsys.sources.text.dialects import find_separator
from recsys.sources.text.headers import is_number, mask

_SAMPLE_ROWS = 300
_EVEN = 0.95
#: What programs write between cells. Other marks stand in titles.
_SEPARATORS = (",", ";", "\t", "|", "\x01", *DOUBLED)
#: What is said of a first row that was thought to be of one cell.
_OF_ONE_CELL = ("has no column names", "was taken for column names", "columns without a name")
#: A number of so many digits is a time, or an id of many.
_LONG = 9


def unwrapped(table: Table, options: ReadOptions, filename: str) -> Table:
    """The table within the cells of a table's only column, if they hold one; else the table.

    A column of lists, such as tags, holds one where its rows have one length only by accident: its
    parts are of one kind, and have no names.

    Raises:
        DataError: what the cells hold is no table that can be read, or over a limit.
    """
    column = _only_column(table.frame)
    if column is None or options.shape in ("lists", "sequences"):
        return table
    names = list(map(str, table.frame.columns))
    cells = pa.array(table.frame[column], pa.large_string())
    head = cells.slice(0, _SAMPLE_ROWS).to_pylist()
    if len(names) == 1 and table.found.header:
        head = [column, *head]
    separator = _separator(head, names, options)
    if separator is None:
        return table
    lines = pa.chunked_array([pc.replace_substring_regex(cells, r"[\r\n]+", " ")])
    numbers = table.frame.index.to_numpy()
    if table.found.header:
        first = column if len(names) == 1 else separator.join(names)
        lines = pa.chunked_array([pa.array([first], pa.large_string()), *lines.chunks])
        numbers = np.concatenate([numbers[:1] - 1, numbers])
    text = _joined(lines)
    found = replace(options, separator=separator, skip=None, sheet=None)
    inner = read_delimited(text, filename, found)
    index = pd.Index(numbers[inner.frame.index.to_numpy() - 1], name="row")
    note = N_(
        "{filename}: each cell held a whole row; they were taken apart into {count} columns, at "
        "“{separator}”."
    )
    shown = "Tab" if separator == "\t" else separator
    params = {"filename": filename, "count": len(inner.frame.columns), "separator": shown}
    kept = [n for n in table.notes if not any(part in n.template for part in _OF_ONE_CELL)]
    return Table(
        inner.frame.set_axis(index),
        [*kept, Message(note, params), *inner.notes],
        replace(table.found, separator=separator, header=inner.found.header),
    )


def _joined(lines: pa.ChunkedArray) -> bytes:
    """All lines, each with its end, in UTF-8."""
    nothing, end = (pa.scalar(letter, pa.large_string()) for letter in ("", "\n"))
    ended = pc.binary_join_element_wise(lines, nothing, end)
    return b"".join(chunk.buffers()[2].to_pybytes() for chunk in ended.chunks if len(chunk))


def _only_column(frame: pd.DataFrame) -> str | None:
    """The first column, if it is text and nothing stands in the others."""
    if not len(frame.columns) or any(frame[c].dtype == object for c in frame.columns):
        return None
    first, *others = frame.columns
    if any((frame[c].head(_SAMPLE_ROWS) != "").any() for c in others):
        return None
    return None if any((frame[c] != "").any() for c in others) else str(first)


def _separator(cells: Sequence[str], names: Sequence[str], options: ReadOptions) -> str | None:
    """What cuts the cells into rows of one width, which are those of a table."""
    filled = [cell for cell in cells if cell.strip()]
    separator = options.separator or find_separator(filled)
    if len(filled) < 2 or separator not in _SEPARATORS:
        return None
    mark = "\x1f" if separator in DOUBLED else separator
    try:
        rows = list(csv.reader((c.replace(separator, mark) for c in filled), delimiter=mark))
    except csv.Error:
        return None
    width = len(rows[0])
    if width < 2 or sum(len(row) == width for row in rows) < _EVEN * len(rows):
        return None
    if len(names) > 1:  # which stand in cells of their own
        return separator if width == len(names) else None
    even = [row for row in rows if len(row) == width]
    named = known_names([cell.strip() for cell in rows[0]]) > 1
    return separator if named or _is_table(even[1:]) else None


def _is_table(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the columns of rows differ in what they hold, which those of lists do not."""
    columns = [[cell.strip() for cell in column] for column in zip(*rows, strict=True)]
    kinds = {_kind(column) for column in columns}
    words = [set(column) - {""} for column in columns]
    apart = all(not a & b for n, a in enumerate(words) for b in words[:n])
    return len(kinds) > 1 and (apart or "time" in kinds or "few" in kinds) and len(columns) > 2


def _kind(cells: Sequence[str]) -> str:
    filled = [cell for cell in cells if cell]
    if filled and all(map(is_number, filled)):
        if all(len(cell.split(".")[0]) >= _LONG for cell in filled):
            return "time"
        small = all(len(cell) <= 4 for cell in filled)
        return "few" if small and len(set(filled)) <= min(11, len(filled) / 2) else "number"
    masks = {mask(cell) for cell in filled}
    if len(masks) > 2:
        return "text"
    return min(masks, default="")
