"""What suites share: a model trained on the clock, its record, and comparisons."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recsys.benchmark.memory import peak_mb, reset_peak
from recsys.benchmark.suites import Observe, Record
from recsys.evaluation import Interval, paired_bootstrap
from recsys.models import Recommender
from recsys.runs.measure import validation_ndcg
from recsys.splitting import Split
from recsys.training import Finished, Started, TrainingConfig, fit


@dataclass(frozen=True)
class Trained:
    """A model and what its training took."""

    model: Recommender
    seed: int
    seconds: float
    positions_per_second: float
    trainable_parameters: int

    def record(
        self, suite: str, name: str, metrics: Mapping[str, Interval], part: str | None = None
    ) -> Record:
        """The line of a suite, or of its slice `part`; memory is the highest until now."""
        return {
            "suite": suite,
            "model": name,
            "seed": self.seed,
            **({} if part is None else {"slice": part}),
            "metrics": {metric: value.to_dict() for metric, value in metrics.items()},
            "train_seconds": self.seconds,
            "positions_per_second": self.positions_per_second,
            "peak_mb": peak_mb(),
            "trainable_parameters": self.trainable_parameters,
        }


def train(
    model: Recommender, seed: int, split: Split, minutes: float | None, observe: Observe
) -> Trained:
    """Train on `split.train`, stopped by NDCG@10 on `split.validation`, or after `minutes`.

    The time counts everything from the raw split to the model: texts read, counts, steps,
    validation.
    """
    reset_peak()
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
    return Trained(model, seed, time.perf_counter() - began, rate, parameters)


def untrained(
    suite: str, name: str, metrics: Mapping[str, Interval], part: str, seconds: float
) -> Record:
    """The line of what is no model, and what it took to compute."""
    return {
        "suite": suite,
        "model": name,
        "seed": 0,
        "slice": part,
        "metrics": {metric: value.to_dict() for metric, value in metrics.items()},
        "train_seconds": seconds,
        "positions_per_second": 0.0,
        "peak_mb": peak_mb(),
        "trainable_parameters": 0,
    }


def compared(
    suite: str,
    names: tuple[str, str],
    metric: str,
    values: tuple[Sequence[np.ndarray], Sequence[np.ndarray]],
    part: str | None = None,
) -> Record:
    """How much better the first is than the second, over users.

    Args:
        values: of each of `names`, a list over seeds of values (n,) a user.
    """
    a, b = (np.mean(of_seeds, axis=0) for of_seeds in values)
    return {
        "suite": suite,
        "a": names[0],
        "b": names[1],
        **({} if part is None else {"slice": part}),
        "metric": metric,
        **paired_bootstrap(a, b).to_dict(),
    }
