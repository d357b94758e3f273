"""Evaluate page: the results of several runs on the same test, and how they differ."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages._ui.common import runs
from pages._ui.common.i18n import ngettext
from recsys.defaults import SEQUENTIAL_BASELINE
from recsys.evaluation import METRICS, Comparison, Interval, bootstrap_interval, paired_bootstrap
from recsys.evaluation.slices import by_history_length
from recsys.runs import Run
from recsys.runs.choosing import best_first, was_trained_enough
from recsys.schema import Message

#: The list lengths that every run is measured at.
KS = (5, 10, 20)


@dataclass(frozen=True)
class Result:
    """One model on the test users.

    Attributes:
        run: the run that holds the result.
        key: its name in `Run.per_user`: "model", or the baseline's.
        model: a key of `MODELS`.
        title: unique among the others in the comparison; plain text.
        metrics: "ndcg@10" → its value and interval.
    """

    run: Run
    key: str
    model: str
    title: str
    metrics: dict[str, Interval]


def comparable(anchor: Run, measured: list[Run]) -> list[Run]:
    """The runs that were tested like `anchor`: same data, same protocol."""
    return [run for run in measured if _test_of(run) == _test_of(anchor)]


def best_sequential(measured: list[Run]) -> Run | None:
    """The best run of the sequential baseline among those given.

    One that was stopped after a few of its epochs is none: anything beats it.
    """
    found = [run for run in measured if run.config.model == SEQUENTIAL_BASELINE]
    return next(iter(best_first(filter(was_trained_enough, found))), None)


def results(chosen: list[Run], anchor: Run) -> list[Result]:
    """The chosen runs in order, then the baselines that the first of them was measured beside.

    Raises:
        RunError: if a run's results cannot be read.
    """
    kinds = [run.config.model for run in chosen]
    most = max((run.evaluation()["users"] for run in chosen), default=0)
    found = []
    for run in chosen:
        title = _title(run, chosen)
        if run.evaluation()["users"] < most:  # a slow model, measured on some of them
            users = run.evaluation()["users"]
            title += " · " + ngettext("{count} test user", "{count} test users", users)
        metrics = _intervals(run.evaluation()["metrics"])
        found.append(Result(run, "model", run.config.model, title, metrics))
    holder = chosen[0] if chosen else anchor
    for name, metrics in holder.evaluation()["baselines"].items():
        if name not in kinds:
            title = runs.model_title(name)
            found.append(Result(holder, name, name, title, _intervals(metrics)))
    return found


def _title(run: Run, chosen: list[Run]) -> str:
    """The label of a run among those chosen: its model; with its prompt, or else its name."""
    title = runs.model_title(run.config.model)
    alike = [other.config for other in chosen if other.config.model == run.config.model]
    if len(alike) == 1:
        return title
    prompts = [runs.prompt_title(config) for config in alike]
    own = runs.prompt_title(run.config)
    return f"{title} · {own if prompts.count(own) == 1 else runs.run_name(run)}"


def names_at(found: list[Result], k: int) -> list[str]:
    """The metrics that all results have at list length k, in the order of `METRICS`."""
    return [m for m in METRICS if all(f"{m}@{k}" in result.metrics for result in found)]


def difference(a: Result, b: Result, metric: str) -> Comparison | None:
    """How much better a is than b over the same users; None for a metric of whole catalogues."""
    return _difference(*_place(a), *_place(b), metric)


@st.cache_data(max_entries=512, show_spinner=False)
def _difference(
    folder_a: str, key_a: str, changed_a: int, folder_b: str, key_b: str, changed_b: int,
    metric: str,
) -> Comparison | None:  # fmt: skip
    a = Run(Path(folder_a)).per_user().get(key_a, {}).get(metric)
    b = Run(Path(folder_b)).per_user().get(key_b, {}).get(metric)
    if a is None or b is None or len(a) != len(b):
        return None
    return paired_bootstrap(a, b)


@dataclass(frozen=True)
class Group:
    """A group of users and what each result reaches on it, in the order of the results."""

    title: str
    description: Message
    values: list[Interval]


def groups(found: list[Result], metric: str) -> list[Group]:
    """The metric for new, light and heavy users; empty for a metric of whole catalogues."""
    return _groups(tuple(_place(result) for result in found), metric)


@st.cache_data(max_entries=64, show_spinner=False)
def _groups(places: tuple[tuple[str, str, int], ...], metric: str) -> list[Group]:
    first = runs.loaded(Run(Path(places[0][0])))
    test = first.split().test
    values = [
        Run(Path(folder)).per_user().get(key, {}).get(metric) for folder, key, _changed in places
    ]
    if any(v is None or len(v) != len(test.users) for v in values):  # or measured on some users
        return []
    return [
        Group(
            part.title,
            part.description,
            [bootstrap_interval(np.asarray(v)[part.mask]) for v in values],
        )
        for part in by_history_length(test).values()
    ]


def long_table(found: list[Result]) -> pd.DataFrame:
    """Every number in a row of its own, with what it takes to read it."""
    rows = []
    for result in found:
        about = result.run.evaluation()
        for name, interval in result.metrics.items():
            metric, k = name.split("@")
            rows.append(_row(result, about, metric, int(k), interval.to_dict()))
        if result.key == "model" and "ratings" in about:
            for metric, values in about["ratings"]["metrics"].items():
                rows.append(_row(result, about, metric, None, values))
    return pd.DataFrame(rows).astype({"k": "Int64"})


def _row(
    result: Result, about: dict[str, Any], metric: str, k: int | None, values: dict[str, float]
) -> dict[str, Any]:
    return {
        "model": result.model,
        "run": result.run.name if result.key == "model" else "",
        "metric": metric,
        "k": k,
        **values,
        "users": about["users"],
        "items": about["items"],
        "protocol": about["protocol"],
        "data": about["data"],
    }


def as_json(found: list[Result]) -> dict[str, Any]:
    """The same as one JSON object."""
    about = found[0].run.evaluation()
    return {
        **{key: about.get(key) for key in ("data", "data_hash", "protocol", "users", "items")},
        "results": [
            {
                "model": result.model,
                "run": result.run.name if result.key == "model" else None,
                "metrics": {name: value.to_dict() for name, value in result.metrics.items()},
                **_ratings(result),
            }
            for result in found
        ],
    }


def _ratings(result: Result) -> dict[str, Any]:
    about = result.run.evaluation() if result.key == "model" else {}
    return {"ratings": about["ratings"]} if "ratings" in about else {}


def _test_of(run: Run) -> tuple[str, str]:
    return run.config.data_hash, run.config.protocol


def _place(result: Result) -> tuple[str, str, int]:
    """What names a result's per-user values, and changes when they do."""
    try:
        changed = (result.run.folder / "evaluation.json").stat().st_mtime_ns
    except OSError:
        changed = 0  # deleted just now
    return str(result.run.folder), result.key, changed


def _intervals(metrics: dict[str, dict[str, float]]) -> dict[str, Interval]:
    return {name: Interval(**values) for name, values in metrics.items()}
