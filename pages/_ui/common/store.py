"""Prepared data on disk under its content hash, and in memory while the server runs."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from recsys.dataset import Dataset
from recsys.privacy.copies import data_folder, studio_folder
from recsys.reading.tables import load_prepared, save_prepared
from recsys.schema import DataError
from recsys.storage.files import write_text

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
        save_prepared(unfinished, data, report, origin)
        with suppress(OSError):  # another session was faster
            unfinished.rename(place)


def _remove(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    with suppress(OSError):
        place.unlink()  # no folder at all


def adopt(prepared: Path, key: str) -> None:
    """Keep data that another process prepared, with its report, in a folder of the cache."""
    place = _place(key)
    if place.exists() and load(key) is None:
        _remove(place)  # damaged
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            prepared.rename(place)
        except OSError:
            if not place.exists():  # else another session was faster
                raise


def place_of(data: Dataset, report: CleaningReport, origin: str) -> Path:
    """The folder where data is kept; it is kept anew where it is gone."""
    save(data, report, origin)
    return _place(data.content_hash)


def load(key: str) -> tuple[Dataset, CleaningReport, str] | None:
    """What `save` kept under `key`, or None where it is gone or damaged."""
    try:
        return _load(key, str(folder()))
    except (DataError, OSError, ValueError, KeyError, TypeError):
        return None


@st.cache_resource(max_entries=_HELD, show_spinner=False)
def _load(key: str, where: str) -> tuple[Dataset, CleaningReport, str]:
    return load_prepared(_place(key))


def _place(key: str) -> Path:
    return data_folder() / key


def write(path: Path, text: str) -> None:
    """Write a small file whole: a reader sees the old or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
