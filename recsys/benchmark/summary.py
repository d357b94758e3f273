"""The records of a suite, a row a model: what tables and pictures show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Measured = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A model, in a slice where the suite has slices: means over its seeds.

    Attributes:
        title: what a person calls the model (a gettext template).
        part: the slice.
        metrics: by name, the value and its 95% interval over users; bounds are means, too.
        spread: by name, the standard deviation of the value over seeds; 0 for one seed.
    """

    model: str
    title: str
    part: str | None
    seeds: int
    metrics: dict[str, tuple[float, float, float]]
    spread: dict[str, float]
    train_seconds: float
    positions_per_second: float
    peak_mb: float
    trainable_parameters: int


def summarise(records: Iterable[Measured]) -> list[Row]:
    """A row for each model and slice, in the order of the records; comparisons are passed over."""
    groups: dict[tuple[str, str | None], list[Measured]] = {}
    for record in records:
        if "model" in record:
            groups.setdefault((record["model"], record.get("slice")), []).append(record)
    return [_row(model, part, of_model) for (model, part), of_model in groups.items()]


def comparisons(records: Iterable[Measured]) -> list[Measured]:
    """The lines that compare two models."""
    return [record for record in records if "a" in record]


def metrics_of(rows: Sequence[Row], wanted: Sequence[str] = ()) -> list[str]:
    """Those of the `wanted` metrics that some row has; all that there are where none is."""
    found = list(dict.fromkeys(name for row in rows for name in row.metrics))
    return [name for name in wanted if name in found] or found


def _row(model: str, part: str | None, records: Sequence[Measured]) -> Row:
    names = [name for name in records[0]["metrics"] if all(name in r["metrics"] for r in records)]
    values = {name: [r["metrics"][name]["value"] for r in records] for name in names}

    def mean(name: str, part: str) -> float:
        return _mean(record["metrics"][name][part] for record in records)

    return Row(
        model=model,
        title=records[0].get("title", model),
        part=part,
        seeds=len(records),
        metrics={
            name: (mean(name, "value"), mean(name, "low"), mean(name, "high")) for name in names
        },
        spread={name: _deviation(values[name]) for name in names},
        train_seconds=_mean(r["train_seconds"] for r in records),
        positions_per_second=_mean(r["positions_per_second"] for r in records),
        peak_mb=_mean(r["peak_mb"] for r in records),
        trainable_parameters=records[-1]["trainable_parameters"],
    )


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def _deviation(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = _mean(values)
    return float((sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5)
