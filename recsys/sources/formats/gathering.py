"""Rows of text, one after the other → a frame of strings; few are held as objects at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

import pandas as pd
import pyarrow as pa

from recsys.sources import limits
from recsys.sources.progress import report_share

_CHUNK_ROWS = 20_000
_CHUNK_CELLS = 500_000
_SAMPLE_ROWS = 200

Key = TypeVar("Key", int, str)


class Sketch(Generic[Key]):
    """What is known of tables before one of them is chosen: how long and wide, their first rows.

    Attributes:
        counts: key of a table → its rows.
        widths: key → cells of its widest row.
        first: key → its first rows.
    """

    def __init__(self, rows: Iterable[tuple[Key, list[str]]], *, blank: bool) -> None:
        """Go through rows with the key of their table; `blank` ones without a word count, too."""
        self.counts: dict[Key, int] = {}
        self.widths: dict[Key, int] = {}
        self.first: dict[Key, list[list[str]]] = {}
        for key, row in rows:
            if blank or any(row):
                self.counts[key] = self.counts.get(key, 0) + 1
            self.widths[key] = max(self.widths.get(key, 0), len(row))
            if len(kept := self.first.setdefault(key, [])) < _SAMPLE_ROWS:
                kept.append(row)


def padded(row: list[str], width: int) -> list[str]:
    """A row with empty cells behind it, up to a width."""
    return [*row, *[""] * (width - len(row))]


def gathered(rows: Iterable[Sequence[str]], width: int, filename: str) -> pd.DataFrame:
    """A frame with columns numbered from 0, of rows that are `width` cells wide; counted from 1.

    Raises:
        DataError: there are too many cells, or too much text; both are counted on the way.
    """
    columns: list[list[pa.Array]] = [[] for _ in range(width)]
    count = text = 0
    left = iter(rows)
    size = max(1, min(_CHUNK_ROWS, _CHUNK_CELLS // max(width, 1)))
    while chunk := list(itertools.islice(left, size)):
        count += len(chunk)
        if count * width > 3 * limits.MAX_CELLS:
            raise limits.too_many_cells(filename, limits.MAX_CELLS)
        for column, cells in zip(columns, zip(*chunk, strict=True), strict=True):
            array = pa.array(cells, pa.large_string())
            text += array.nbytes
            column.append(array)
        if text > 2 * limits.MAX_TEXT_BYTES + 8 * count * width:
            raise limits.too_much_text(filename)
        report_share(0.5)
    data = {
        place: pd.array(pa.chunked_array(arrays, pa.large_string()), dtype="str")
        for place, arrays in enumerate(columns)
    }
    return pd.DataFrame(data, index=pd.RangeIndex(1, count + 1, name="row"))
