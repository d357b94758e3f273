"""Results of suites on disk, as the app and the README show them."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NotRequired

from typing_extensions import TypedDict

from recsys.benchmark.suites import BASELINE_TITLES, SUITES, Record
from recsys.bundle import ASSETS, IS_INSTALLED
from recsys.jobs.status import Score
from recsys.schema import N_, RunError
from recsys.storage.checked import FiniteFloat, reader
from recsys.storage.folders import cache_folder

#: Where the results that come with the product lie, a file a suite.
FOLDER = ASSETS / "benchmarks"


@dataclass(frozen=True)
class Results:
    """What was measured of a suite.

    Attributes:
        suite: a key of `SUITES`.
        about: "data", "users", "items", "protocol".
        records: of models and comparisons, as `run_suite` yields them; those of models with
            "title" (a gettext template), and "date" (YYYY-MM-DD), "cores" and "versions" of
            where they were measured.
    """

    suite: str
    about: Mapping[str, Any] = field(default_factory=dict)
    records: tuple[Record, ...] = ()


def save_results(
    suite: str, records: Sequence[Record], about: Mapping[str, Any], folder: Path | None = None
) -> Path:
    """Keep records beside those of other models; what was measured again is replaced.

    Results on other data are not comparable and are dropped.

    Args:
        folder: None for `assets/benchmarks` of a checkout; an installed package is not
            written to, and its results lie in the cache folder, where they hide those that came
            with it.
    """
    from recsys.models import MODELS
    from recsys.runs import installed_versions

    titles = BASELINE_TITLES | {name: kind.title for name, kind in MODELS.items()}
    where = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cores": os.cpu_count(),
        "versions": installed_versions(),
    }
    fresh = [
        {**r, "title": titles.get(r["model"], r["model"]), **where} if "model" in r else dict(r)
        for r in records
    ]
    before = load_results(suite, folder) if _path(suite, folder).is_file() else Results(suite)
    kept = before.records if dict(before.about) == dict(about) else ()
    again = {_measured(record) for record in fresh}
    merged = [*(r for r in kept if _measured(r) not in again), *fresh]
    path = (folder or _measured_here()) / f"{suite}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [{"suite": suite, **about}, *_models_first(merged)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def load_results(suite: str, folder: Path | None = None) -> Results:
    """Read what `save_results` wrote.

    Raises:
        RunError: if nothing was saved, or the file is damaged.
    """
    path = _path(suite, folder)
    if not path.is_file():
        raise RunError(
            N_("There are no saved results of {suite}. Measure it with --save first."), suite=suite
        )
    try:
        about, *records = map(json.loads, path.read_text("utf-8").splitlines())
        _check(about, records)
        return Results(suite, {k: v for k, v in about.items() if k != "suite"}, tuple(records))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(
            N_("The saved results in {path} cannot be read. Measure them again."), path=str(path)
        ) from error


class _About(TypedDict, total=False):
    data: str
    users: int
    items: int
    protocol: str


class _OfModel(TypedDict):
    model: str
    title: NotRequired[str]
    slice: NotRequired[str]
    date: NotRequired[str]
    cores: NotRequired[int]
    metrics: dict[str, Score]
    train_seconds: FiniteFloat
    positions_per_second: FiniteFloat
    peak_mb: FiniteFloat
    trainable_parameters: int


class _OfTwo(TypedDict):
    a: str
    b: str
    metric: str
    delta: FiniteFloat
    low: FiniteFloat
    high: FiniteFloat
    p_value: FiniteFloat
    slice: NotRequired[str]
    speedup: NotRequired[FiniteFloat]


def _check(about: object, records: Sequence[object]) -> None:
    """Raise `ValueError` where something is missing, or has another type."""
    reader(_About).validate_python(about)
    of_model, of_two = reader(_OfModel), reader(_OfTwo)
    for record in records:
        two = isinstance(record, dict) and "a" in record
        (of_two if two else of_model).validate_python(record)


def saved_suites(folder: Path | None = None) -> list[str]:
    """The suites that have saved results, in the order of `SUITES`."""
    return [suite for suite in SUITES if _path(suite, folder).is_file()]


def _path(suite: str, folder: Path | None) -> Path:
    """The file with a suite's results: those that were measured here, if there are any."""
    if folder is not None:
        return folder / f"{suite}.jsonl"
    own = _measured_here() / f"{suite}.jsonl"
    return own if own.is_file() else FOLDER / f"{suite}.jsonl"


def _measured_here() -> Path:
    return cache_folder() / "benchmarks" if IS_INSTALLED else FOLDER


def _measured(record: Record) -> tuple[Any, ...]:
    """What a record is about: two records of the same are the same measurement, repeated.

    A model measured again replaces all its seeds and slices, so that none is left from before.
    """
    if "model" in record:
        return (record["model"],)
    return record["a"], record["b"]


def _models_first(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: "a" in record)  # stable
