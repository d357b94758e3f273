"""A model of one file with one setting, as docs/extending.md says it: nothing else knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np

from recsys.dataset import Dataset
from recsys.language_models import Progress
from recsys.models.base import ClosedFormRecommender, Queries
from recsys.models.settings import ModelConfig, Setting


@dataclass(frozen=True)
class DecayConfig(ModelConfig):
    """Settings of `Decay`."""

    half_life: Annotated[
        float,
        Setting("Half-life", "Events until one counts half.", minimum=1, maximum=1000, step=10),
    ] = 50.0


class Decay(ClosedFormRecommender):
    """What was met most, where an event counts half once `half_life` others came after it."""

    name: ClassVar[str] = "decay"
    title: ClassVar[str] = "Decaying popularity"
    summary: ClassVar[str] = "What most people met of late."
    reads_history: ClassVar[bool] = False

    def __init__(self, config: DecayConfig | None = None) -> None:
        self.config = config or DecayConfig()
        self.counts = np.zeros(0, dtype=np.float32)  # (n_items,)

    def fit(self, train: Dataset, progress: Progress | None = None) -> None:
        age = np.arange(train.n_events)[::-1]
        weights = 0.5 ** (age / self.config.half_life)
        self.counts = np.bincount(train.item, weights, train.n_items).astype(np.float32)

    def score(self, queries: Queries) -> np.ndarray:
        return np.tile(self.counts, (len(queries.users), 1))

    def tensors(self) -> dict[str, np.ndarray]:
        return {"counts": self.counts}

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        model = cls(DecayConfig(**config))
        model.counts = tensors["counts"]
        return model
