"""Recommend the items that most users met: the baseline of every other model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from recsys.dataset import Dataset
from recsys.language_models import Progress
from recsys.models.base import ClosedFormRecommender, Queries
from recsys.models.settings import ModelConfig
from recsys.schema import N_


@dataclass(frozen=True)
class PopularityConfig(ModelConfig):
    """There is nothing to set."""


class Popularity(ClosedFormRecommender):
    """Scores an item by the number of training users who met it, the same for everyone."""

    name: ClassVar[str] = "popularity"
    title: ClassVar[str] = N_("Popularity")
    summary: ClassVar[str] = N_("The items that most people met. The same for everyone.")
    reads_history: ClassVar[bool] = False

    def __init__(self, config: PopularityConfig = PopularityConfig()) -> None:
        self.config = config
        self.users_met = np.zeros(0, dtype=np.float32)  # (n_items,)

    def fit(self, train: Dataset, progress: Progress | None = None) -> None:
        """Count users, not events: a user with many events counts once."""
        met = np.bincount(train.matrix().indices, minlength=train.n_items)
        self.users_met = met.astype(np.float32)

    def score(self, queries: Queries) -> np.ndarray:
        return np.tile(self.users_met, (len(queries.users), 1))

    def tensors(self) -> dict[str, np.ndarray]:
        return {"users_met": self.users_met}

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        model = cls(PopularityConfig(**config))
        model.users_met = tensors["users_met"]
        return model
