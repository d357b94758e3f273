"""Parquet → a frame of strings, row group by row group, counted before it is built."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recsys.schema import N_, DataError, Message
from recsys.sources import limits
from recsys.sources.formats.workbook import cell_text
from recsys.sources.progress import report_share
from recsys.sources.tables import empty_table, header_names

PARQUET = b"PAR1"
_BATCH_VALUES = 500_000
_BATCH_ROWS = 50_000
_BATCH_BYTES = 256 * 1024**2
_LEAST_ROWS = 500
#: Ways to pack text that Arrow reads as a dictionary.
_DICTIONARY = frozenset({"PLAIN", "RLE", "BIT_PACKED", "PLAIN_DICTIONARY", "RLE_DICTIONARY"})
#: A fixed-size value of at most so many bytes is a number; longer ones are counted as text.
_NUMBER_BYTES = 32


def read_parquet(data: bytes, filename: str) -> tuple[pd.DataFrame, list[Message]]:
    """All columns as text; a list column keeps its lists.

    A column may say a long value once and repeat it by a number of two bytes. So text is taken out
    of the file as it lies there, as a dictionary, and its letters are counted before they are
    written out.

    Raises:
        DataError: it is damaged, empty, or over a limit.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        _check(file, filename)
        texts, packed = _texts(file)
        _check_nested(data, [path for path in texts if "." in path], filename)
        flat = [path for path in texts if "." not in path]
        file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=flat)
        columns = _columns(file, packed, filename)
    except (pa.ArrowMemoryError, MemoryError):
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise limits.unreadable(filename, "Parquet") from error
    rows = file.metadata.num_rows
    if rows == 0 or not columns or any(len(column) != rows for column in columns.values()):
        if rows and columns:  # it holds other rows than it says
            raise limits.unreadable(filename, "Parquet")
        raise empty_table(filename)
    index = pd.RangeIndex(1, rows + 1, name="row")
    frame = pd.DataFrame(columns, index=range(rows)).set_axis(index)
    return header_names(file.schema_arrow.names, frame, filename)


def _check(file: pq.ParquetFile, filename: str) -> None:
    """Raise `DataError` where the file says that it holds more than is read."""
    metadata = file.metadata
    if metadata.num_columns > limits.MAX_COLUMNS:
        raise limits.too_many_columns(filename, metadata.num_columns)
    if metadata.num_row_groups > limits.MAX_ROW_GROUPS:
        raise DataError(
            N_(
                "{filename} is cut into {count} row groups; at most {limit} are read. Save it anew."
            ),
            filename=filename,
            count=f"{metadata.num_row_groups:,}",
            limit=f"{limits.MAX_ROW_GROUPS:,}",
        )
    if metadata.num_rows * max(metadata.num_columns, 1) > limits.MAX_CELLS:
        raise limits.too_many_cells(filename, limits.MAX_CELLS)
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    if sum(group.total_byte_size for group in groups) > limits.MAX_UNPACKED_BYTES:
        raise limits.unpacks_too_far(filename)
    for place in range(metadata.num_columns):
        column = file.schema.column(place)
        if column.physical_type == "FIXED_LEN_BYTE_ARRAY" and column.length > _NUMBER_BYTES:
            if column.length * metadata.num_rows > limits.MAX_TEXT_BYTES:
                raise limits.too_much_text(filename)
    nested = [p for p in range(metadata.num_columns) if file.schema.column(p).max_repetition_level]
    values = sum(group.column(place).num_values for group in groups for place in nested)
    if values > limits.MAX_NESTED_VALUES:
        raise limits.too_many_cells(filename, limits.MAX_NESTED_VALUES)


def _texts(file: pq.ParquetFile) -> tuple[list[str], int]:
    """Paths of the columns of text that can be read as a dictionary, and how long others may be.

    Text is packed in other ways, too, of which Arrow makes no dictionary. One of them writes a
    value as what it shares with the one before, so it may be as long as all of its chunk, in bytes.
    """
    places = [
        place
        for place in range(len(file.schema))
        if file.schema.column(place).physical_type == "BYTE_ARRAY"
    ]
    groups = [file.metadata.row_group(group) for group in range(file.num_row_groups)]
    texts: list[str] = []
    longest = 0
    for place in places:
        chunks = [group.column(place) for group in groups]
        if all(_DICTIONARY.issuperset(chunk.encodings) for chunk in chunks):
            texts.append(file.schema.column(place).path)
        else:
            longest = max(longest, *(chunk.total_uncompressed_size for chunk in chunks))
    return texts, longest


def _check_nested(data: bytes, paths: list[str], filename: str) -> None:
    """Raise `DataError` where the lists hold too much text, going through them once more for that.

    Arrow gives lists of a dictionary only where one dictionary serves a whole row group. Where it
    does not, the text lies in the file as often as it is said, or the process limits tell.
    """
    if not paths:
        return
    file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=paths)
    text = 0
    for group in range(file.num_row_groups):
        try:
            for batch in file.iter_batches(
                _BATCH_ROWS, row_groups=[group], columns=paths, use_threads=False
            ):
                text += sum(map(_text_bytes, batch.columns))
                if text > limits.MAX_TEXT_BYTES:
                    raise limits.too_much_text(filename)
        except pa.ArrowNotImplementedError:
            continue


def _columns(file: pq.ParquetFile, longest: int, filename: str) -> dict[int, pd.Series]:
    """Position → column; rows are taken in batches, and their text is counted.

    Args:
        longest: the bytes of a value that is written out before it can be counted.
    """
    arrays: list[list[pa.Array]] = [[] for _ in file.schema_arrow.names]
    size = max(1, _BATCH_VALUES // max(len(arrays), 1))
    size = min(size, max(_LEAST_ROWS, _BATCH_BYTES // max(longest, 1)))
    text = seen = 0
    for batch in file.iter_batches(batch_size=size, use_threads=False):
        text += sum(map(_text_bytes, batch.columns))
        if text > limits.MAX_TEXT_BYTES:
            raise limits.too_much_text(filename)
        for found, array in zip(arrays, batch.columns, strict=True):
            found.append(_as_text(array))
        seen += batch.num_rows
        if seen > file.metadata.num_rows:
            raise limits.unreadable(filename, "Parquet")
        report_share(seen / file.metadata.num_rows)
    return {place: _series(found) for place, found in enumerate(arrays) if found}


def _text_bytes(array: pa.Array) -> int:
    """The bytes of text that an array takes once it is written out."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        if not _is_text(kind.value_type):
            return 0
        lengths = pc.binary_length(array.dictionary)
        return int(pc.sum(lengths.take(array.indices)).as_py() or 0)
    if _is_text(kind):
        return int(pc.sum(pc.binary_length(array)).as_py() or 0)
    if pa.types.is_struct(kind):
        return sum(map(_text_bytes, array.flatten()))
    if pa.types.is_map(kind):
        return _text_bytes(array.keys) + _text_bytes(array.items)
    if _is_list(kind):
        return _text_bytes(array.flatten())
    return 0


def _is_text(kind: pa.DataType) -> bool:
    binary = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return binary or pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _is_list(kind: pa.DataType) -> bool:
    fixed = pa.types.is_fixed_size_list(kind)
    return fixed or pa.types.is_list(kind) or pa.types.is_large_list(kind)


def _as_text(array: pa.Array) -> pa.Array:
    """Cells as text, lists as lists of text; nothing is ""."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _as_text(array.cast(kind.value_type))
    if _is_list(kind):
        lists = [[cell_text(v) for v in cell or []] for cell in array.to_pylist()]
        return pa.array(lists, pa.list_(pa.large_string()))
    if pa.types.is_nested(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pa.array([cell_text(v) for v in array.to_pylist()], pa.large_string())
    if pa.types.is_null(kind):
        return pa.array([""] * len(array), pa.large_string())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        array = array.cast(pa.timestamp(kind.unit))  # in UTC, which is how times are read
    return pc.fill_null(array.cast(pa.large_string()), "")


def _series(arrays: list[pa.Array]) -> pd.Series:
    if pa.types.is_list(arrays[0].type):
        return pd.Series([cell for array in arrays for cell in array.to_pylist()], dtype=object)
    return pd.Series(pd.array(pa.chunked_array(arrays), dtype="str"))
