"""A baseline without training: items whose text vectors are near to the history's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np

from recsys.benchmark.suites import BASELINE_TITLES
from recsys.dataset import Dataset
from recsys.language_models import Progress, load_encoder
from recsys.language_models.item_texts import item_texts
from recsys.models.base import ClosedFormRecommender, Queries
from recsys.models.ease import recent_first
from recsys.models.settings import ModelConfig
from recsys.models.shared_settings import LANGUAGE_MODEL, RECENCY
from recsys.ranking import unit_rows


@dataclass(frozen=True)
class TextNeighboursConfig(ModelConfig):
    """Settings of `TextNeighbours`; see `recent_first` for `recency`."""

    language_model: Annotated[str, LANGUAGE_MODEL] = "minilm"
    recency: Annotated[float, RECENCY] = 0.5


class TextNeighbours(ClosedFormRecommender):
    """The cosine between an item's text vector and the mean of the history's, recent ones first.

    The mean of all items is taken away before, as it says only that they are all films. It uses
    no interactions of other users, so that new items are ranked as well as old ones. A wish counts
    as one more text, as much as the whole history.
    """

    name: ClassVar[str] = "text-knn"
    title: ClassVar[str] = BASELINE_TITLES["text-knn"]
    summary: ClassVar[str] = "The items whose texts are most like those of the history."

    def __init__(self, config: TextNeighboursConfig = TextNeighboursConfig()) -> None:
        self.config = config
        self.vectors = np.zeros((0, 0), dtype=np.float32)  # (n_items, dim)
        self.mean = np.zeros(0, dtype=np.float32)  # (dim,) of the items' vectors

    def fit(self, train: Dataset, progress: Progress | None = None) -> None:
        encoder = load_encoder(self.config.language_model)
        vectors = encoder.encode(item_texts(train), progress)
        self.mean = vectors.mean(0)
        self.vectors = unit_rows(vectors - self.mean)

    def score(self, queries: Queries) -> np.ndarray:
        history = recent_first(queries.history, queries.users, self.config.recency)
        wanted = unit_rows(history @ self.vectors)  # (n, dim)
        if queries.intent:
            (wish,) = load_encoder(self.config.language_model).encode([queries.intent])
            wanted = wanted + unit_rows((wish - self.mean)[None])
        scores: np.ndarray = wanted @ self.vectors.T
        return scores

    def item_vectors(self) -> np.ndarray:
        return self.vectors

    def tensors(self) -> dict[str, np.ndarray]:
        return {"vectors": self.vectors, "mean": self.mean}

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        model = cls(TextNeighboursConfig(**config))
        model.vectors, model.mean = tensors["vectors"], tensors["mean"]
        return model
