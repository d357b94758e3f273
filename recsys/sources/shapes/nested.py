"""Lists of records in cells, as the lines of an order in JSON → a row for each record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from recsys.schema import ITEM_ID, N_, TIMESTAMP, TITLE, Message
from recsys.sources import limits
from recsys.sources.columns.named import named_items, named_users
from recsys.sources.columns.names import meaning
from recsys.sources.formats.records import Records, python_as_json, short_names
from recsys.sources.values.cells import is_nothing

_SAMPLE_ROWS = 100
_MOST_COLUMNS = 200
_LONGEST = 100_000
#: Records within records, such as the orders of a customer and the lines of each.
_MOST_LEVELS = 3
_BEGIN = re.compile(r"\s*\[\s*(?:\{|\])")


def with_row_for_each_record(
    frame: pd.DataFrame, filename: str
) -> tuple[pd.DataFrame, list[Message]]:
    """A row for each record in a column of lists of them, if those hold the items.

    The other cells of a row stand beside each of its records. Names of both are as they are; a
    name that both have gets that of the column before it in the records.

    Raises:
        DataError: there would be too many cells, or too much text; it is counted before.
    """
    notes: list[Message] = []
    for _ in range(_MOST_LEVELS):
        column = _column_of_records(frame)
        if column is None:
            break
        before = len(frame)
        frame = _exploded(frame, column, filename)
        note = N_(
            "{filename}: the column {column} holds lists of records; they were read as {rows} rows "
            "of {before}."
        )
        params = {"filename": filename, "column": column}
        notes.append(Message(note, {**params, "rows": f"{len(frame):,}", "before": f"{before:,}"}))
    return frame, notes


def _column_of_records(frame: pd.DataFrame) -> str | None:
    """The column with lists of records of items, where no other column can hold the items.

    Where nothing is called an item, records with a time of their own are events.
    """
    if len(frame.columns) > _MOST_COLUMNS:
        return None
    sample = frame.head(_SAMPLE_ROWS)
    keys = {str(c): _keys(sample[c]) for c in frame.columns if sample[c].dtype != object}
    deep = [column for column, names in keys.items() if names]
    if not deep or set(named_items(frame)) - set(deep):
        return None
    timed = [c for c in deep if any(meaning(name)[0] == TIMESTAMP for name in keys[c])]
    if len(deep) > 1 or not timed:
        timed = []  # without a time of their own they may be what is said of one event
    return next((c for c in deep if _holds_items(c, keys[c])), next(iter(timed), None))


def _keys(cells: pd.Series) -> list[str]:
    """The names in the records of cells; none where they are no records."""
    filled = [cell for cell in cells if not is_nothing(cell)]
    if not filled or not all(_BEGIN.match(cell) for cell in filled):
        return []
    names: dict[str, None] = {}
    for cell in filled:
        if len(cell) <= _LONGEST:
            for record in _parsed(cell):
                names |= dict.fromkeys(_deep_keys(record))
    return list(names)


def _deep_keys(record: dict[str, Any]) -> Iterator[str]:
    for name, value in record.items():
        yield from (f"{name}.{inner}" for inner in value) if isinstance(value, dict) else [name]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from (f"{name}.{inner}" for inner in value[0])


def _holds_items(column: str, names: list[str]) -> bool:
    return any(meaning(name)[0] == ITEM_ID for name in _full_names(column, names, set()))


def _full_names(column: str, names: list[str], taken: set[str]) -> list[str]:
    """The names of records, with that of their column where they say nothing without it."""
    known = any(meaning(name)[0] == ITEM_ID for name in names)
    return [
        f"{column}.{name}" if name in taken or (not known and name.casefold() == "id") else name
        for name in names
    ]


def _parsed(cell: str) -> list[dict[str, Any]]:
    """The records of a cell, as JSON or as Python prints them; none where it is neither."""
    try:
        value = json.loads(cell, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        try:
            value = json.loads(python_as_json(cell), parse_float=str, parse_int=str)
        except (ValueError, RecursionError):
            return []
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _exploded(frame: pd.DataFrame, column: str, filename: str) -> pd.DataFrame:
    counts = np.zeros(len(frame), dtype=np.int64)
    text = pa.array(frame[column], pa.large_string())
    if (pc.sum(pc.count_substring(text, "{")).as_py() or 0) > limits.MAX_NESTED_VALUES:
        raise limits.too_many_events(filename, limits.MAX_NESTED_VALUES)

    def records() -> Iterator[dict[str, Any]]:
        for place, cell in enumerate(frame[column]):
            found = _parsed(cell) if cell else []
            counts[place] = len(found)
            yield from found

    inner, names = Records(filename).collect(records())
    around = [c for c in frame.columns if c != column and frame[c].dtype != object]
    users = named_users(frame[around])
    if any(not frame[c].is_unique for c in users):
        # Ids beside the users are of visits, of sites: the items stand in the records.
        around = [c for c in around if c in users or meaning(str(c))[0] != ITEM_ID]
    names = _full_names(column, short_names(names), set(map(str, around)))
    if any(meaning(name)[0] == TITLE for name in names):
        # The name of an order is no title of what was ordered.
        around = [c for c in around if meaning(str(c))[0] != TITLE]
    if len(inner) * (len(around) + len(names)) > limits.MAX_CELLS:
        raise limits.too_many_cells(filename, limits.MAX_CELLS)
    outer = {c: pa.array(frame[c], pa.large_string()) for c in around}
    lengths = (np.nan_to_num(pc.binary_length(cells).to_numpy()) for cells in outer.values())
    if sum(int((length * counts).sum()) for length in lengths) > limits.MAX_TEXT_BYTES:
        raise limits.too_much_text(filename)
    places = pa.array(np.repeat(np.arange(len(frame)), counts))
    columns = {str(c): pd.array(cells.take(places), dtype="str") for c, cells in outer.items()}
    beside = inner.set_axis(names, axis="columns")
    index = pd.Index(frame.index.to_numpy().repeat(counts), name="row")
    columns |= {name: beside.iloc[:, place].array for place, name in enumerate(names)}
    return pd.DataFrame(columns).set_axis(index)
