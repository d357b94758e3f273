"""A table as read, and clean data with its report, on disk between two processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
from typing_extensions import TypedDict

from recsys.cleaning.report import CleaningReport, CleaningStep
from recsys.dataset import Dataset
from recsys.schema import Message
from recsys.storage.checked import Count, Line, reader
from recsys.storage.files import read_json, write_text

#: The table of a task, in its folder.
TABLE = "table.arrow"
#: The items that stand in the same file as that table.
ITEMS = "items.arrow"
REPORT = "report.json"


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as `read_table` gives it: strings, lists of strings, and row numbers."""
    arrays: list[Any] = [pa.array(frame.index.to_numpy(), pa.int64())]
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        if column.dtype == object:
            arrays.append(pa.array(column.tolist(), pa.list_(pa.large_string())))
        else:
            arrays.append(pa.chunked_array(pa.array(column.array, pa.large_string())))
    names = ["row", *map(str, frame.columns)]  # a column may be called "row", too
    table = pa.Table.from_arrays(arrays, names=names)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=1 << 20)


def open_table(path: Path) -> pd.DataFrame:
    """The same table; its text stays in the file, which is mapped into memory."""
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    index = pd.Index(table.column(0).to_numpy(), name="row")
    data = {}
    for place, column in enumerate(table.columns[1:]):
        if pa.types.is_list(column.type):
            data[place] = pd.Series(column.to_pylist(), index=index, dtype=object)
        else:
            data[place] = pd.Series(pd.array(column, dtype="str"), index=index)
    frame = pd.DataFrame(data, index=index)
    frame.columns = pd.Index(table.column_names[1:], dtype=object)
    return frame


def save_prepared(folder: Path, data: Dataset, report: CleaningReport, origin: str) -> None:
    """Write clean data, its report and where it came from into a folder."""
    data.save(folder)
    report_json = json.dumps(_report_as_json(report, origin), ensure_ascii=False, default=str)
    write_text(folder / REPORT, report_json)


def load_prepared(folder: Path) -> tuple[Dataset, CleaningReport, str]:
    """What `save_prepared` wrote. Raises `DataError`, OSError or ValueError if it is not there."""
    report, origin = load_report(folder)
    return Dataset.load(folder), report, origin


def load_report(folder: Path) -> tuple[CleaningReport, str]:
    """Only the report, and where the data came from."""
    kept = reader(_Kept).validate_python(read_json(folder / REPORT))
    return _report_from_json(kept), kept["origin"]


def _report_as_json(report: CleaningReport, origin: str) -> dict[str, Any]:
    steps = [
        {
            "reason": [step.reason.template, step.reason.params, step.reason.grave],
            "count": step.count,
            "repaired": step.repaired,
            "table": step.table,
            "rows": json.loads(step.rows.to_json(orient="split", default_handler=str)),
        }
        for step in report.steps
    ]
    return {
        "origin": origin,
        "rows_in": report.rows_in,
        "rows_out": report.rows_out,
        "notes": [[note.template, note.params, note.grave] for note in report.notes],
        "steps": steps,
    }


class _Rows(TypedDict):
    columns: list[Any]
    index: list[Any]
    data: list[list[Any]]


class _Step(TypedDict):
    reason: tuple[str, dict[str, Any], bool] | tuple[str, dict[str, Any]]
    count: Count
    repaired: bool
    table: Literal["interactions", "items", "users", "knowledge"]
    rows: _Rows


class _Kept(TypedDict):
    """What the report of kept data holds."""

    origin: Line
    rows_in: Count
    rows_out: Count
    notes: list[tuple[str, dict[str, Any], bool] | tuple[str, dict[str, Any]]]
    steps: list[_Step]


def _report_from_json(kept: _Kept) -> CleaningReport:
    steps = tuple(
        CleaningStep(
            reason=Message(*step["reason"]),
            count=step["count"],
            rows=pd.DataFrame(**step["rows"]),
            repaired=step["repaired"],
            table=step["table"],
        )
        for step in kept["steps"]
    )
    notes = tuple(Message(*note) for note in kept["notes"])
    return CleaningReport(steps, kept["rows_in"], kept["rows_out"], notes)
