"""How much of a file is read. What is over a limit is counted before it is built, and shown.

A file of a megabyte can ask for terabytes: by a cell in the last corner of a sheet, by one long
string that thousands of cells refer to, by a value that a column repeats a billion times.
"""

from __future__ import annotations

import pandas as pd

from recsys.schema import N_, DataError

#: The most that a compressed file may unpack to, in bytes.
MAX_UNPACKED_BYTES = 2 * 1024**3
#: More columns than this are not attributes but a matrix, which needs another shape to be read.
MAX_COLUMNS = 1_000
#: Columns of a text that may be such a matrix, as long as its cells are not too many, either.
MAX_MATRIX_COLUMNS = 10_000
#: A column name is a few words; a longer one is a row of data, or text that is no table.
MAX_NAME_LETTERS = 1_000
#: Cells of a Parquet file, and values in its lists: each becomes text of about 20 bytes.
MAX_CELLS = 50_000_000
#: Values in lists and other nested columns: each becomes an object of about 60 bytes.
MAX_NESTED_VALUES = 10_000_000
#: Events that a table of another shape is turned into: each takes about 100 bytes on the way.
MAX_RESHAPED_EVENTS = 20_000_000
#: Cells in the rectangle around everything in a sheet, which takes 32 bytes for each.
#: All rows of a sheet at 19 columns are just within.
MAX_SHEET_CELLS = 20_000_000
MAX_SHEETS = 1_000
#: Row groups of a Parquet file: each is read by itself.
MAX_ROW_GROUPS = 10_000
#: Text of a file that may repeat it without holding it, in bytes.
MAX_TEXT_BYTES = 512 * 1024**2


def too_many_columns(filename: str, count: int) -> DataError:
    """The error for a table that is wider than any list of attributes."""
    return DataError(
        N_(
            "{filename} has {count} columns; at most {limit} are read. Keep the columns that are "
            "needed. A table with a column for each item must become one row for each event."
        ),
        filename=filename,
        count=f"{count:,}",
        limit=f"{MAX_COLUMNS:,}",
    )


def check_columns(frame: pd.DataFrame, filename: str) -> None:
    """Raise `DataError` where a table that is no matrix is as wide as one."""
    if len(frame.columns) > MAX_COLUMNS:
        raise too_many_columns(filename, len(frame.columns))


def too_many_cells(filename: str, limit: int) -> DataError:
    """The error for a table with too many cells."""
    return DataError(
        N_("{filename} holds more than {limit} cells. Upload a part of it, or fewer columns."),
        filename=filename,
        limit=f"{limit:,}",
    )


def too_many_events(filename: str, limit: int = MAX_RESHAPED_EVENTS) -> DataError:
    """The error for a matrix, or for lists, with too many events."""
    return DataError(
        N_("{filename} holds more than {limit} events in its cells. Upload a part of it."),
        filename=filename,
        limit=f"{limit:,}",
    )


def too_wide_a_sheet(filename: str, sheet: str, rows: int, columns: int) -> DataError:
    """The error for a sheet whose cells lie too far apart."""
    return DataError(
        N_(
            'The sheet "{sheet}" of {filename} reaches over {rows} rows and {columns} columns; at '
            "most {limit} cells are read. Delete what lies far from the table, or save as CSV."
        ),
        sheet=sheet,
        filename=filename,
        rows=f"{rows:,}",
        columns=f"{columns:,}",
        limit=f"{MAX_SHEET_CELLS:,}",
    )


def too_much_text(filename: str) -> DataError:
    """The error for a file whose text is repeated so often that it does not fit."""
    return DataError(
        N_("{filename} holds more than {limit} MB of text. Upload a part of it."),
        filename=filename,
        limit=MAX_TEXT_BYTES // 1024**2,
    )


def unpacks_too_far(filename: str, most: int = MAX_UNPACKED_BYTES) -> DataError:
    """The error for a compressed file that is larger than `most` bytes once it is unpacked."""
    return DataError(
        N_("{filename} unpacks to more than {limit} MB. Upload a part of it."),
        filename=filename,
        limit=most // 1000**2 if most % 1024 else most // 1024**2,
    )


def unreadable(filename: str, format_name: str) -> DataError:
    """The error for a file that is not what it begins as."""
    return DataError(
        N_("{filename} is damaged or is not a readable {format} file. Save it again, or as CSV."),
        filename=filename,
        format=format_name,
    )
