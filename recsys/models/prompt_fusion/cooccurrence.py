"""What goes with what, beside what the network learned: a second view of the same events."""

from __future__ import annotations

from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.models.ease import Ease, recent_first

#: The item-to-item weights kept for each item, the largest in size.
NEIGHBOURS = 200


class CoOccurrence:
    """The strongest item-to-item weights of EASE (Steck 2019), read with recent items first.

    A transformer generalises and forgets pairs that few people have; counting does the reverse.
    Their sum is better than either.

    Args:
        weights: (n_items, n_items) sparse; row i says what meeting item i adds to each score.
        recency: see `EaseConfig`.
    """

    def __init__(self, weights: sp.csr_matrix, recency: float) -> None:
        self._weights = weights
        self._recency = recency

    @classmethod
    def fit(cls, train: Dataset) -> Self:
        """Compute the weights from the training events."""
        ease = Ease()
        ease.fit(train)
        dense = ease.weights  # (m, m) over the items kept
        rows, columns = np.arange(len(dense)), np.arange(len(dense))
        if len(dense) > NEIGHBOURS:
            columns = np.argpartition(-np.abs(dense), NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        values = np.take_along_axis(
            dense, np.broadcast_to(columns, (len(rows), columns.shape[-1])), 1
        )
        row = np.repeat(ease.kept[rows], values.shape[1])
        column = ease.kept[np.broadcast_to(columns, values.shape)].ravel()
        n = train.n_items
        weights = sp.csr_matrix((values.ravel(), (row, column)), shape=(n, n), dtype=np.float32)
        weights.eliminate_zeros()
        return cls(weights, ease.config.recency)

    def score(self, history: Dataset, users: np.ndarray) -> np.ndarray:
        """Scores (n, n_items) float32; 0 where nothing in a history speaks for an item."""
        scores = recent_first(history, users, self._recency) @ self._weights
        dense: np.ndarray = scores.toarray().astype(np.float32, copy=False)
        return dense

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights as `from_tensors` takes them."""
        return {
            "data": self._weights.data.astype(np.float16),
            "indices": self._weights.indices.astype(np.int32),
            "indptr": self._weights.indptr.astype(np.int64),
            "recency": np.array([self._recency], dtype=np.float32),
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray]) -> Self:
        """Rebuild what `tensors` gave."""
        n = len(tensors["indptr"]) - 1
        parts = (tensors["data"].astype(np.float32), tensors["indices"], tensors["indptr"])
        return cls(sp.csr_matrix(parts, shape=(n, n)), float(tensors["recency"][0]))
