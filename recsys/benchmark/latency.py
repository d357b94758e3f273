"""The suite `latency`: how long a person waits for a list, and the memory that a catalogue takes.

A model trained briefly on the MovieLens sample, as it is and grown to many items by copies (see
`growing`), is saved, loaded in a process of its own, and asked: every number is that of the code
and the class that people use, from a query to a ranked frame.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from recsys.benchmark.growing import grown_data, grown_tensors
from recsys.benchmark.measuring import Trained, train
from recsys.benchmark.memory import peak_mb
from recsys.benchmark.quality import CLEANING
from recsys.benchmark.suites import Record, SuiteRequest, check_name
from recsys.cleaning import prepare
from recsys.dataset import Dataset
from recsys.models import MODELS, Queries, Recommender
from recsys.recommend import recommend
from recsys.splitting import Split, leave_last_out

#: Models whose tensors have a row an item, and so can be grown.
KNOWN = ("popularity", "sasrec", "prompt-fusion")
#: Catalogues that are measured; None for that of the sample.
SIZES = (None, 100_000, 1_000_000)
#: Weights after so short a training cost as much to use as any.
MINUTES = 0.2
#: Lists for one user that are timed.
LISTS = 300
WARM_UP = 10


def run(asked: SuiteRequest) -> Iterator[Record]:
    """Train each model briefly, then measure the latency of its lists."""
    for name in asked.models:
        check_name(name, KNOWN)
    data, _ = prepare("movielens", cleaning=CLEANING)
    yield from latency_records(asked, leave_last_out(data))


def latency_records(
    asked: SuiteRequest,
    split: Split,
    sizes: tuple[int | None, ...] = SIZES,
    lists: int = LISTS,
    models: Any = MODELS,
) -> Iterator[Record]:
    """The records of the suite, a slice a catalogue.

    `metrics` holds "p50_ms" and "p95_ms" of lists for one user, "all_users_seconds" for lists of
    everybody at once, and "peak_mb" of the process that loads data and model and makes the lists;
    intervals are by the bootstrap over lists, where there are many.
    """
    data = split.test.history
    asked.report_data(data.name, data.n_users, data.n_items, "lists of 10, one user at a time")
    for name in asked.models:
        for seed in range(asked.seeds):
            trained = train(models[name](), seed, split, MINUTES, asked.observe)
            for size in sizes:
                with tempfile.TemporaryDirectory() as folder:
                    _save(trained, data, size or data.n_items, Path(folder))
                    latencies = _measured(name, Path(folder), lists)
                part = f"{size or data.n_items:,} items"
                yield {**trained.record(asked.suite, name, {}, part), **latencies}


def _save(trained: Trained, data: Dataset, n_items: int, folder: Path) -> None:
    """Data and model, as a run keeps them, grown to `n_items`."""
    from safetensors.numpy import save_file

    model = trained.model
    model.save(folder / "model")
    if n_items > data.n_items:
        tensors = grown_tensors(model.tensors(), data.n_items, n_items)
        save_file(tensors, folder / "model" / "model.safetensors")
        data = grown_data(data, n_items)
    data.save(folder / "dataset")


def _measured(name: str, folder: Path, lists: int) -> dict[str, Any]:
    """What a fresh process measures: see `main`."""
    command = [sys.executable, "-m", "recsys.benchmark.latency", name, str(folder), str(lists)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the process that measures ended:\n{done.stderr[-2000:]}")
    latencies: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return latencies


def measure(model: Recommender, data: Dataset, lists: int) -> dict[str, dict[str, float]]:
    """The metrics of the suite, but for memory."""
    # No group of users is scored twice: a model may cache the states of a group.
    rng = np.random.default_rng(0)
    users = rng.permutation(data.n_users)[: WARM_UP + lists]
    waits = [_wait(model, data, np.array([user])) for user in users][WARM_UP:]
    everybody = [_wait(model, data, rng.permutation(data.n_users)) / 1000 for _ in range(3)]
    return {
        "p50_ms": _percentile(waits, 50),
        "p95_ms": _percentile(waits, 95),
        "all_users_seconds": {
            "value": float(np.median(everybody)),
            "low": min(everybody),
            "high": max(everybody),
        },
    }


def _wait(model: Recommender, data: Dataset, users: np.ndarray) -> float:
    """Milliseconds from a query to a ranked frame."""
    begin = time.perf_counter()
    recommend(model, Queries(data, users), 10)
    return 1000 * (time.perf_counter() - begin)


def _percentile(waits: list[float], percent: float) -> dict[str, float]:
    drawn = np.random.default_rng(0).choice(waits, (2000, len(waits)))
    low, high = np.percentile(np.percentile(drawn, percent, axis=1), [2.5, 97.5])
    value = float(np.percentile(waits, percent))
    return {"value": value, "low": float(low), "high": float(high)}


def main(name: str, folder: Path, lists: int) -> None:
    """Load data and model from a folder, measure, and print the metrics and the peak memory."""
    data = Dataset.load(folder / "dataset")
    model = MODELS[name].load(folder / "model", data)
    metrics = measure(model, data, lists)
    peak = peak_mb()
    metrics["peak_mb"] = {"value": peak, "low": peak, "high": peak}
    print(json.dumps({"metrics": metrics, "peak_mb": peak}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
