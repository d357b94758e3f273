"""What the events of a run add up to: the curves and the numbers of the moment."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class RatingLosses(NamedTuple):
    """Mean squared errors of held-out ratings after so many epochs and steps."""

    epoch: float
    step: float
    validation: float
    test: float
    best: bool


class SoftPromptWords(NamedTuple):
    """After so many epochs, of every trained vector the nearest words with their likeness."""

    epoch: float
    words: list[list[tuple[str, float]]]


@dataclass
class Curves:
    """A run as far as its events tell it.

    Attributes:
        epochs: how many are planned; 0 before training begins.
        parameters: trainable parameters.
        loss: (step, loss) a report.
        ndcg: (epochs made, NDCG@10 on the validation users) a measurement.
        best: the best of `ndcg`, or None.
        tested: what the held-out ratings said of a model of ratings, measurement by measurement.
        soft: what the trained vectors of the prompt said, measurement by measurement.
        stage: which part of the training this is, how many there are, and what it trains; all
            other attributes but `general` are those of this part. None where there is one only.
        general: NDCG@10 of the model that this one builds on, measured before the first step.
        epoch: the one being trained, from 1; 0 before.
        rate: training positions a second.
        eta: seconds to the planned end of training, or of what is counted, or None.
        elapsed: seconds of training so far, all parts together.
        began: how many of them lie before this part.
        reason: why training ended (see `recsys.training.Finished`), or None.
        measuring: the model being measured on the test users, or None.
        converting: the language model that is being prepared for its first use, or None.
        counting: (what, done, total) of the texts or users that are counted, or None.
    """

    epochs: int = 0
    parameters: int = 0
    loss: list[tuple[float, float]] = field(default_factory=list)
    ndcg: list[tuple[float, float]] = field(default_factory=list)
    best: tuple[float, float] | None = None
    tested: list[RatingLosses] = field(default_factory=list)
    soft: list[SoftPromptWords] = field(default_factory=list)
    stage: tuple[int, int, str] | None = None
    general: float | None = None
    epoch: int = 0
    rate: float | None = None
    eta: float | None = None
    elapsed: float = 0.0
    began: float = 0.0
    reason: str | None = None
    measuring: str | None = None
    converting: str | None = None
    counting: tuple[str, int, int] | None = None

    @property
    def share(self) -> float:
        """How much of the training is over, 0 to 1, by its own estimate of the time left.

        Parts of a training count alike, however long they take. While users are scored: how many
        of them are.
        """
        if self.counting is not None and self.counting[0] == "scoring":
            return self.counting[1] / max(self.counting[2], 1)
        if self.reason is not None:
            return 1.0
        share = 0.0
        if self.eta is not None and self.elapsed + self.eta > 0:
            spent = self.elapsed - self.began
            share = min(1.0, spent / (spent + self.eta)) if spent + self.eta > 0 else 0.0
        number, of, _ = self.stage or (1, 1, "")
        return (number - 1 + share) / of

    @property
    def best_tested(self) -> RatingLosses | None:
        """The measurement whose weights are kept."""
        return next((losses for losses in reversed(self.tested) if losses.best), None)

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
            self.counting = self.converting = None
        elif kind == "stage":
            self._next_stage(event)
        elif kind == "step":
            self.epoch, self.rate = event["epoch"], event["positions_per_second"]
            self.eta, self.elapsed = event["eta_seconds"], event["elapsed"]
            if event["loss"] is not None:
                self.loss.append((event["step"], event["loss"]))
        elif kind == "validated":
            self.epoch, self.elapsed = math.ceil(event["epoch"]), event["elapsed"]
            if event["ndcg"] is not None:
                self.ndcg.append((event["epoch"], event["ndcg"]))
                if event["epoch"] == 0:
                    self.general = event["ndcg"]
                if event["best"]:
                    self.best = self.ndcg[-1]
        elif kind == "tested":
            self.epoch, self.elapsed = math.ceil(event["epoch"]), event["elapsed"]
            losses = event["validation_loss"], event["test_loss"]
            self.tested.append(RatingLosses(event["epoch"], event["step"], *losses, event["best"]))
        elif kind == "soft-prompt":
            words = [[(word, likeness) for word, likeness in near] for near in event["words"]]
            self.soft.append(SoftPromptWords(event["epoch"], words))
        elif kind == "finished":
            self.reason, self.elapsed = event["reason"], event["elapsed"]
            self.rate, self.eta = event["positions_per_second"], 0.0
        elif kind == "evaluating":
            self.measuring, self.counting = event["what"], None
        elif kind == "converting":
            self.converting = event["language_model"]
        elif "done" in event and "total" in event:
            self.counting = (str(event.get("what", kind)), event["done"], event["total"])
            self.eta = event.get("eta_seconds", self.eta)

    def _next_stage(self, event: dict[str, Any]) -> None:
        self.stage = (event["stage"], event["of"], event["model"])
        self.loss, self.ndcg, self.soft, self.best, self.eta = [], [], [], None, None
        self.elapsed = self.began = event["elapsed"]


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
