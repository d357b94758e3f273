"""Prepared data on disk under its content hash, and in memory while the server runs."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from recsys.dataset import Dataset
from recsys.privacy.kept import data_folder, studio_folder
from recsys.runs.checked import Count, Line
from recsys.runs.files import read_json, write_text
from recsys.schema import DataError, Message

if TYPE_CHECKING:
    from recsys.cleaning import CleaningReport

#: Data sets held in memory at once, over all sessions.
_HELD = 4


def folder() -> Path:
    """Where the app keeps data and drafts."""
    return studio_folder()


def sample(name: str) -> str:
    """The key of a sample, prepared with its own defaults and kept."""
    key = _sample(name)
    if not _place(key).exists() or load(key) is None:  # emptied while the server ran, or damaged
        _sample.clear()
        key = _sample(name)
    return key


@st.cache_resource(show_spinner=False)
def _sample(name: str) -> str:
    from recsys.cleaning import prepare

    data, report = prepare(name)
    save(data, report, name)
    return data.content_hash


def save(data: Dataset, report: CleaningReport, origin: str) -> None:
    """Keep data, its report and where it came from under the data's content hash."""
    place = _place(data.content_hash)
    if place.exists():
        if load(data.content_hash) is not None:
            return
        _remove(place)  # damaged
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as temporary:
        unfinished = Path(temporary) / "data"
        data.save(unfinished)
        told = json.dumps(_as_json(report, origin), ensure_ascii=False, default=str)
        write(unfinished / "report.json", told)
        with suppress(OSError):  # another session was faster
            unfinished.rename(place)


def _remove(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    with suppress(OSError):
        place.unlink()  # no folder at all


def load(key: str) -> tuple[Dataset, CleaningReport, str] | None:
    """What `save` kept under `key`, or None where it is gone or damaged."""
    try:
        return _load(key, str(folder()))
    except (DataError, OSError, ValueError, KeyError, TypeError):
        return None


@st.cache_resource(max_entries=_HELD, show_spinner=False)
def _load(key: str, where: str) -> tuple[Dataset, CleaningReport, str]:
    place = _place(key)
    kept = TypeAdapter(_Kept).validate_python(read_json(place / "report.json"))
    return Dataset.load(place), _from_json(kept), kept["origin"]


def _place(key: str) -> Path:
    return data_folder() / key


def _as_json(report: CleaningReport, origin: str) -> dict[str, Any]:
    steps = [
        {
            "reason": [step.reason.template, step.reason.params],
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
        "notes": [[note.template, note.params] for note in report.notes],
        "steps": steps,
    }


class _Rows(TypedDict):
    columns: list[Any]
    index: list[Any]
    data: list[list[Any]]


class _Step(TypedDict):
    reason: tuple[str, dict[str, Any]]
    count: Count
    repaired: bool
    table: Literal["interactions", "items", "users", "knowledge"]
    rows: _Rows


class _Kept(TypedDict):
    """What `report.json` holds."""

    origin: Line
    rows_in: Count
    rows_out: Count
    notes: list[tuple[str, dict[str, Any]]]
    steps: list[_Step]


def _from_json(kept: _Kept) -> CleaningReport:
    from recsys.cleaning import CleaningReport, CleaningStep

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


def write(path: Path, text: str) -> None:
    """Write a small file whole: a reader sees the old or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
