"""Uploaded files, read and cleaned in a process of its own with limits; see `process`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys.reading.process import DATA, Limits, Reading

if TYPE_CHECKING:
    from recsys.cleaning import CleaningConfig, CleaningReport
    from recsys.dataset import Dataset

__all__ = ["DATA", "Limits", "Reading", "prepare_apart"]

_TOLD_SECONDS = 0.5


def prepare_apart(
    spec: str | Path,
    *,
    cleaning: CleaningConfig | None = None,
    observe: Callable[[Reading], None] | None = None,
    limits: Limits | None = None,
    **options: Any,
) -> tuple[Dataset, CleaningReport]:
    """`recsys.cleaning.prepare`, with files read in a process of its own.

    Args:
        observe: called with the reading twice a second, to show its progress.
        limits: of the process.
        options: the others of `prepare`.

    Raises:
        DataError, ConfigError: as `prepare`; or the process came to a limit or broke off.
    """
    from recsys.cleaning import prepare
    from recsys.sources import SOURCES

    files = [v for k, v in options.items() if v and k in ("items", "users", "knowledge")]
    if str(spec) in SOURCES and not files:
        return prepare(spec, cleaning=cleaning, **options)
    from recsys.reading.tables import load_prepared
    from recsys.sources.options import READ

    options |= {name: asdict(read) for name in READ if (read := options.get(name))}
    task = {
        "do": "from_files",
        "spec": str(spec),
        "cleaning": None if cleaning is None else asdict(cleaning),
        "options": options,
    }
    filename = Path(files[0] if str(spec) in SOURCES else spec).name
    reading = Reading(task, filename, limits=limits)
    try:
        _wait(reading, observe)
        data, report, _origin = load_prepared(reading.folder / DATA)
    finally:
        reading.close()
    return data, report


def _wait(reading: Reading, observe: Callable[[Reading], None] | None) -> dict[str, Any]:
    while not reading.wait(_TOLD_SECONDS):
        if observe is not None:
            observe(reading)
    return reading.get()
