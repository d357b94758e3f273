"""What every tabular file goes through, whatever its format: its column names are put right."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from recsys.schema import N_, DataError, Message, listed
from recsys.sources import limits
from recsys.sources.options import ReadOptions
from recsys.sources.text.headers import Top

_SHOWN_ROWS = 5


def empty_table(filename: str) -> DataError:
    """The error for a file without a single row of data."""
    return DataError(
        N_("{filename} holds no rows. Upload a table with column names and at least one row."),
        filename=filename,
    )


def numbered(template: str, filename: str, rows: Sequence[int]) -> Message:
    """A note with `{filename}`, `{count}` and the first few of `{rows}`."""
    shown = listed(rows, _SHOWN_ROWS)
    return Message(template, {"filename": filename, "count": len(rows), "rows": shown})


def said_of_top(
    filename: str, options: ReadOptions, top: Top, skip: int, above: int
) -> list[Message]:
    """What was found out about how a table begins, where it could surprise.

    Args:
        skip: rows of the file above the table.
        above: how many of them hold something that was passed over.
    """
    notes = []
    if options.skip is None and above > 0:
        note = N_("{filename}: the table was taken to begin in row {row}.")
        notes.append(Message(note, {"filename": filename, "row": skip + 1}))
    if options.header is None and not top.header:
        note = N_("{filename} has no column names; its first row was read as data.")
        notes.append(Message(note, {"filename": filename}))
    elif options.header is None and not top.sure:
        note = N_(
            "{filename}: its first row was taken for column names. If it is data, choose “no "
            "header”."
        )
        notes.append(Message(note, {"filename": filename}))
    return notes


def header_names(
    header: Sequence[str], frame: pd.DataFrame, filename: str
) -> tuple[pd.DataFrame, list[Message]]:
    """Name the columns of `frame` (in the order of `header`) and say what had to be changed.

    Padded names are trimmed, missing ones become ``column_1`` …, of duplicate ones the first keeps
    its name.

    Raises:
        DataError: there are too many columns, or a name is no name but a text.
    """
    notes: list[Message] = []
    check_header(header, filename)
    trimmed = [name.strip() for name in header]
    if trimmed != list(header):
        padded = [new for new, old in zip(trimmed, header, strict=True) if new != old and new]
        note = N_("{filename}: spaces around column names were removed: {names}.")
        notes.append(Message(note, {"filename": filename, "names": ", ".join(padded)}))
    used = [p for p, name in enumerate(trimmed) if name or _any_cell(frame.iloc[:, p])]
    if len(used) > limits.MAX_MATRIX_COLUMNS:
        raise limits.too_many_columns(filename, len(used))
    frame = frame.iloc[:, used]
    names, more = _unique_names([(p, trimmed[p]) for p in used], filename)
    frame.columns = pd.Index(names, dtype=object)
    return frame, notes + more


def check_header(header: Sequence[str], filename: str) -> None:
    """Raise `DataError` where a header names too many columns, or holds what is no name."""
    named = sum(1 for name in header if name and not name.isspace())
    if named > limits.MAX_MATRIX_COLUMNS:
        raise limits.too_many_columns(filename, named)
    longest = max(map(len, header), default=0)
    if longest > limits.MAX_NAME_LETTERS:
        raise DataError(
            N_(
                "A column name of {filename} has {count} letters. Check that the first row holds "
                "the column names, the delimiter, and that quotation marks are closed."
            ),
            filename=filename,
            count=f"{longest:,}",
        )


def _any_cell(column: pd.Series) -> bool:
    if column.dtype == object:
        return bool(column.map(bool).any())
    return bool((column != "").any())


def _unique_names(
    places: Sequence[tuple[int, str]], filename: str
) -> tuple[list[str], list[Message]]:
    """Names that differ, for (position, name) pairs; the notes name what was missing or doubled."""
    taken = {name for _, name in places if name}
    given: set[str] = set()
    names: list[str] = []
    unnamed: list[str] = []
    doubled: dict[str, str] = {}
    for place, name in places:
        if not name:
            fresh = _fresh(f"column_{place + 1}", taken)
            unnamed.append(fresh)
        elif name in given:
            fresh = doubled[name] = _fresh(name, taken)
        else:
            fresh = name
            given.add(name)
        taken.add(fresh)
        names.append(fresh)
    notes = []
    if unnamed and taken != set(unnamed):  # where no column has one, that is said already
        note = N_("{filename}: columns without a name were called {names}.")
        notes.append(Message(note, {"filename": filename, "names": ", ".join(unnamed)}))
    if doubled:
        note = N_(
            '{filename}: more than one column is called "{names}". The first one keeps the name; '
            "the others were called {renamed}."
        )
        params = {"names": '", "'.join(doubled), "renamed": ", ".join(doubled.values())}
        notes.append(Message(note, {"filename": filename, **params}))
    return names, notes


def _fresh(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    return next(n for i in range(2, len(taken) + 3) if (n := f"{name} ({i})") not in taken)
