"""One uploaded table → a frame of strings, whatever its format; nothing in it is ever executed."""

from __future__ import annotations

import datetime as dt
import io
import math
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from recsys.schema import N_, DataError, Message
from recsys.sources.decoding import decode
from recsys.sources.delimited import read_delimited
from recsys.sources.tables import empty_table, header_names

#: The largest file that is read, in bytes.
MAX_BYTES = 200 * 1024**2
#: The most that a compressed file may unpack to, in bytes.
MAX_UNPACKED_BYTES = 2 * 1024**3

_ZIP, _OLE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"


def read_table(
    source: Path | bytes, filename: str = "", *, encoding: str | None = None
) -> tuple[pd.DataFrame, list[Message]]:
    """Read a table; the content decides the format, not the name.

    Args:
        source: a path, or the bytes of an upload.
        filename: what to call the file in messages; the path's name where it is left out.
        encoding: of a text file; None looks at the bytes.

    Returns:
        A frame with an index called ``row`` (row numbers in the file; the header is row 1, and in
        Parquet, which has none, rows count from 1). Cells are strings exactly as written and ""
        where there is nothing; only list columns of Parquet hold lists. And notes for people
        on what was repaired.

    Raises:
        DataError: the file cannot be read, is too large, or holds no rows.
    """
    filename = filename or (source.name if isinstance(source, Path) else "file")
    data = source if isinstance(source, bytes) else _read_bytes(source, filename)
    if len(data) > MAX_BYTES:
        raise _too_large(filename)
    if data.startswith(_PARQUET):
        return _read_parquet(data, filename)
    if data.startswith((_ZIP, _OLE)):
        return _read_excel(data, filename)
    text, notes = decode(data, filename, encoding)
    frame, more = read_delimited(text, filename)
    return frame, notes + more


def _read_bytes(path: Path, filename: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(filename)
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            N_("{path} cannot be read. Check that the file is there and may be opened."),
            path=str(path),
        ) from error


def _too_large(filename: str) -> DataError:
    return DataError(
        N_("{filename} is larger than {limit} MB. Upload a part of it, or save it as Parquet."),
        filename=filename,
        limit=MAX_BYTES // 1024**2,
    )


def _unreadable(filename: str, format_name: str) -> DataError:
    return DataError(
        N_("{filename} is damaged or is not a readable {format} file. Save it again, or as CSV."),
        filename=filename,
        format=format_name,
    )


def _read_excel(data: bytes, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """The first sheet that holds anything."""
    try:
        if data.startswith(_ZIP):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
                    raise _too_large(filename)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [(name, book.get_sheet_by_name(name).to_python()) for name in book.sheet_names]
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise _unreadable(filename, "Excel") from error
    filled = [(name, rows) for name, rows in sheets if rows]
    if not filled:
        raise empty_table(filename)
    name, rows = filled[0]
    start = book.get_sheet_by_name(name).start
    first = (start[0] if start else 0) + 1
    header, *body = [[_cell_text(cell) for cell in row] for row in rows]
    numbers = [n for n, row in enumerate(body, first + 1) if any(row)]
    body = [row for row in body if any(row)]
    if not body:
        raise empty_table(filename)
    index = pd.Index(numbers, name="row")
    frame, notes = header_names(header, pd.DataFrame(body, index=index, dtype="str"), filename)
    if len(filled) > 1:
        note = N_('{filename} has several sheets; only the first one, "{sheet}", was read.')
        notes.insert(0, Message(note, {"filename": filename, "sheet": name}))
    return frame, notes


def _cell_text(cell: Any) -> str:
    """A typed cell as people see it: 7.0 is "7", and a date is written year first."""
    if isinstance(cell, float):
        if math.isnan(cell):
            return ""
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _read_parquet(data: bytes, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > MAX_UNPACKED_BYTES:
            raise _too_large(filename)
        table = file.read()
        columns = {place: _column(array) for place, array in enumerate(table.columns)}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _unreadable(filename, "Parquet") from error
    if table.num_rows == 0 or not columns:
        raise empty_table(filename)
    index = pd.RangeIndex(1, table.num_rows + 1, name="row")
    frame = pd.DataFrame(columns, index=range(table.num_rows)).set_axis(index)
    return header_names(table.column_names, frame, filename)


def _column(array: pa.ChunkedArray) -> pd.Series:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _column(array.cast(kind.value_type))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        lists = array.to_pylist()
        return pd.Series([[_cell_text(v) for v in cell or []] for cell in lists], dtype=object)
    if pa.types.is_nested(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pd.Series([_cell_text(v) for v in array.to_pylist()], dtype="str")
    if pa.types.is_null(kind):
        return pd.Series([""] * len(array), dtype="str")
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        array = array.cast(pa.timestamp(kind.unit))  # in UTC, which is how times are read
    text = array.cast(pa.large_string())
    return pd.Series(pd.array(pc.fill_null(text, ""), dtype="str"))
