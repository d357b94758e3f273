"""Rows that were read from a text in another layout → the delimited text that they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from recsys.schema import Message
from recsys.sources import limits
from recsys.sources.text.aligned import UNIT
from recsys.sources.text.layouts import Layout

#: Stands around no cell: no text holds it once it was decoded by `lines_of`.
NO_MARK = "\x1e"
_HEAD_BYTES = 200_000
_SAMPLE_LINES = 300
_ENDS = re.compile(r"\r\n|\r|\n")


def lines_of(text: bytes) -> list[str]:
    """The lines of a text in UTF-8, in which neither `UNIT` nor `NO_MARK` stands."""
    plain = text.decode(errors="replace").removeprefix("\ufeff")
    return _ENDS.split(plain.replace(UNIT, " ").replace(NO_MARK, " "))


def first_lines(text: bytes) -> list[str]:
    """Lines from the beginning, by which a layout is recognised; the last may be cut."""
    lines = lines_of(text[:_HEAD_BYTES])
    cut = len(text) > _HEAD_BYTES and len(lines) > 1
    return (lines[:-1] if cut else lines)[:_SAMPLE_LINES]


def check_size(filename: str, rows: int, columns: int) -> None:
    """Raise `DataError` where a table of so many rows would be over a limit."""
    if columns > limits.MAX_COLUMNS:
        raise limits.too_many_columns(filename, columns)
    if rows * columns > limits.MAX_CELLS:
        raise limits.too_many_cells(filename, limits.MAX_CELLS)


def in_places(placed: Iterable[tuple[int, Sequence[str]]]) -> list[Sequence[str] | None]:
    """Rows for `laid_out`, each at the place of its line in the file, which ascend from 0."""
    rows: list[Sequence[str] | None] = []
    for place, row in placed:
        rows += [None] * (place - len(rows))
        rows.append(row)
    return rows


def laid_out(
    rows: Iterable[Sequence[str] | None], names: Sequence[str], notes: Sequence[Message] = ()
) -> Layout:
    """Rows, one for each line of the file, so that they keep its numbers; None for no row."""
    lines = [UNIT.join(row) if row is not None else "" for row in rows]
    text = "\n".join(lines).encode()
    return Layout(text, UNIT, list(names), quote=NO_MARK, notes=list(notes))
