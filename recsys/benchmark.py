"""Models trained and compared on the same split, the same users, the same stopping rule."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recsys.cleaning import prepare
from recsys.cli.output import aligned
from recsys.evaluation import Evaluation, paired_bootstrap
from recsys.schema import N_, ConfigError
from recsys.sources import CleaningConfig
from recsys.splitting import Split, leave_last_out

#: What every model is compared with.
REFERENCE = "sasrec"
COMPARED = ("ndcg@10", "recall@10", "mrr@10", "hit_rate@10")


@dataclass(frozen=True)
class Suite:
    """A data set made ready in one way, and a limit on training time for all models."""

    data: str
    cleaning: CleaningConfig
    minutes: float


SUITES = {
    # As in the published figures on MovieLens latest-small: items with at least 5 ratings.
    "movielens-small": Suite("movielens", CleaningConfig(min_item_events=5), minutes=5.0),
}
#: The suite that times training on the data of `movielens-small`, see `recsys.benchmark_speed`.
SPEED = "speed"


def run_suite(
    suite: str,
    models: Sequence[str] | None,
    seeds: int,
    observe: Callable[[dict[str, Any]], None] = lambda event: None,
) -> Iterator[dict[str, Any]]:
    """Train every model with every seed; yields a record for each, then one a comparison.

    A record is `{"suite", "model", "seed", "metrics", "train_seconds", "positions_per_second",
    "peak_mb", "trainable_parameters"}`; a comparison with `REFERENCE` is `{"suite", "a", "b",
    "metric", "delta", "low", "high", "p_value"}`, by the paired bootstrap over users, of each
    user's mean over the seeds. The suite `speed` compares with peft in a plain `Trainer` instead,
    by loss.

    Raises:
        ConfigError: if there is no such suite or model.
    """
    from recsys.models import MODELS

    _check(suite, [*SUITES, SPEED])
    if suite == SPEED:
        yield from _speed(models, seeds, observe)
        return
    names = list(MODELS) if models is None else [name.strip() for name in models]
    for name in names:
        _check(name, MODELS)
    settings = SUITES[suite]
    dataset, _ = prepare(settings.data, cleaning=settings.cleaning)
    split = leave_last_out(dataset)
    per_user: dict[str, list[Evaluation]] = {name: [] for name in names}
    for name in names:
        for seed in range(seeds):
            measured, evaluation = _measure(name, seed, split, settings.minutes, observe)
            per_user[name].append(evaluation)
            yield {"suite": suite, **measured}
    if REFERENCE in names:
        for name in names:
            if name != REFERENCE:
                yield from _compare(suite, name, per_user[name], per_user[REFERENCE])


def table(records: Sequence[Mapping[str, Any]]) -> str:
    """The records of `run_suite` as plain text: means over the seeds, also of the intervals."""
    measured = [r["metrics"] for r in records if "model" in r]
    shown = [metric for metric in (*COMPARED, "loss") if all(metric in m for m in measured)]
    trained: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        if "model" in record:
            trained.setdefault(record["model"], []).append(record)
    header = ["model", *shown, "train s", "positions/s", "peak MB", "parameters"]
    rows = [[name, *_row(of_model, shown)] for name, of_model in trained.items()]
    compared = [
        f"{r['a']} - {r['b']}: {r['metric']} {r['delta']:+.4f} "
        f"[{r['low']:+.4f} {r['high']:+.4f}], p = {r['p_value']:.4f}"
        for r in records
        if "a" in r
    ]
    return "\n".join([aligned(header, rows), *compared])


def _row(of_model: Sequence[Mapping[str, Any]], shown: Sequence[str]) -> list[str]:
    def mean(values: Iterable[float]) -> float:
        return float(np.mean(list(values)))

    few = of_model[-1]["positions_per_second"] < 100
    cells = []
    for metric in shown:
        value, low, high = (
            mean(r["metrics"][metric][part] for r in of_model) for part in ("value", "low", "high")
        )
        cells.append(f"{value:.4f} [{low:.4f} {high:.4f}]")
    return [
        *cells,
        f"{mean(r['train_seconds'] for r in of_model):.1f}",
        f"{mean(r['positions_per_second'] for r in of_model):,.{1 if few else 0}f}",
        f"{mean(r['peak_mb'] for r in of_model):,.0f}",
        f"{of_model[-1]['trainable_parameters']:,}",
    ]


def _speed(
    models: Sequence[str] | None, seeds: int, observe: Callable[[dict[str, Any]], None]
) -> Iterator[dict[str, Any]]:
    """The suite `speed`."""
    from recsys import benchmark_speed

    known = [benchmark_speed.BASELINE, *benchmark_speed.trainable()]
    for name in models or ():
        _check(name, known)
    settings = SUITES["movielens-small"]
    dataset, _ = prepare(settings.data, cleaning=settings.cleaning)
    split = leave_last_out(dataset)
    for record in benchmark_speed.run_speed(split, models, seeds, observe):
        yield {"suite": SPEED, **record}


def _measure(
    name: str,
    seed: int,
    split: Split,
    minutes: float,
    observe: Callable[[dict[str, Any]], None],
) -> tuple[dict[str, Any], Evaluation]:
    """Train one model with one seed and measure it."""
    from recsys.models import MODELS
    from recsys.runs.measure import evaluate_model, validation_ndcg
    from recsys.training import Finished, Started, TrainingConfig, fit

    reset_peak()
    model = MODELS[name]()
    began = time.perf_counter()
    parameters, rate = 0, 0.0
    training = TrainingConfig(minutes=minutes, seed=seed)

    def reading(done: int, total: int) -> None:
        observe({"event": "reading", "done": done, "total": total})

    for event in fit(model, split, training, validate=validation_ndcg(split), progress=reading):
        observe(event.to_dict())
        if isinstance(event, Started):
            parameters = event.trainable_parameters
        elif isinstance(event, Finished):
            rate = event.positions_per_second
    seconds = time.perf_counter() - began
    evaluation = evaluate_model(model, split)
    return {
        "model": name,
        "seed": seed,
        "metrics": evaluation.to_dict()["metrics"],
        "train_seconds": seconds,
        "positions_per_second": rate,
        "peak_mb": peak_mb(),
        "trainable_parameters": parameters,
    }, evaluation


def _compare(
    suite: str, name: str, ours: Sequence[Evaluation], reference: Sequence[Evaluation]
) -> Iterator[dict[str, Any]]:
    for metric in COMPARED:
        a = np.mean([one.per_user[metric] for one in ours], axis=0)
        b = np.mean([one.per_user[metric] for one in reference], axis=0)
        comparison = paired_bootstrap(a, b).to_dict()
        yield {"suite": suite, "a": name, "b": REFERENCE, "metric": metric, **comparison}


def _check(name: str, known: Collection[str]) -> None:
    if name not in known:
        raise ConfigError(
            N_('There is no "{name}" to compare. Choose one of: {names}.'),
            name=name,
            names=", ".join(known),
        )


def reset_peak() -> None:
    """Let the kernel count the highest memory use anew, where it can (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def peak_mb() -> float:
    """The highest memory use of this process, in MB (since `reset_peak` on Linux)."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
