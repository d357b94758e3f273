"""What the events of a run add up to: the curves and the numbers of the moment."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Curves:
    """A run as far as its events tell it.

    Attributes:
        epochs: how many are planned; 0 before training begins.
        parameters: trainable parameters.
        loss: (step, loss) a report.
        ndcg: (epochs made, NDCG@10 on the validation users) a measurement.
        best: the best of `ndcg`, or None.
        epoch: the one being trained, from 1; 0 before.
        rate: training positions a second.
        eta: seconds to the planned end of training, or None.
        elapsed: seconds of training so far.
        reason: why training ended (see `recsys.training.Finished`), or None.
        measuring: the model being measured on the test users, or None.
        counting: (what, done, total) of the preparation that is counted, or None.
    """

    epochs: int = 0
    parameters: int = 0
    loss: list[tuple[float, float]] = field(default_factory=list)
    ndcg: list[tuple[float, float]] = field(default_factory=list)
    best: tuple[float, float] | None = None
    epoch: int = 0
    rate: float | None = None
    eta: float | None = None
    elapsed: float = 0.0
    reason: str | None = None
    measuring: str | None = None
    counting: tuple[str, int, int] | None = None

    @property
    def share(self) -> float:
        """How much of the training is over, 0 to 1, by its own estimate of the time left."""
        if self.reason is not None:
            return 1.0
        if self.eta is None or self.elapsed + self.eta <= 0:
            return 0.0
        return min(1.0, self.elapsed / (self.elapsed + self.eta))

    @classmethod
    def of(cls, events: Iterable[dict[str, Any]], max_points: int = 600) -> Curves:
        """Add up events as `Run.events` gives them.

        Args:
            max_points: a longer loss curve is thinned to about so many points, means of
                neighbours, for a browser draws no more.
        """
        curves = cls()
        for event in events:
            curves._add(event)
        curves.loss = _thinned(curves.loss, max_points)
        return curves

    def _add(self, event: dict[str, Any]) -> None:
        kind = event.get("event")
        if kind == "started":
            self.epochs, self.parameters = event["epochs"], event["trainable_parameters"]
            self.counting = None
        elif kind == "step":
            self.epoch, self.rate = event["epoch"], event["positions_per_second"]
            self.eta, self.elapsed = event["eta_seconds"], event["elapsed"]
            if event["loss"] is not None:
                self.loss.append((event["step"], event["loss"]))
        elif kind == "validated":
            self.epoch, self.elapsed = math.ceil(event["epoch"]), event["elapsed"]
            if event["ndcg"] is not None:
                self.ndcg.append((event["epoch"], event["ndcg"]))
                if event["best"]:
                    self.best = self.ndcg[-1]
        elif kind == "finished":
            self.reason, self.elapsed = event["reason"], event["elapsed"]
            self.rate, self.eta = event["positions_per_second"], 0.0
        elif kind == "evaluating":
            self.measuring = event["what"]
        elif "done" in event and "total" in event:
            self.counting = (str(event.get("what", kind)), event["done"], event["total"])


def _thinned(points: list[tuple[float, float]], limit: int) -> list[tuple[float, float]]:
    """Means of neighbouring points, at most `limit` of them; the last point stays as it is."""
    width = -(-len(points) // limit)
    if width <= 1:
        return points
    groups = [points[start : start + width] for start in range(0, len(points), width)]
    means = [
        (sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group))
        for group in groups
    ]
    return [*means[:-1], points[-1]]
