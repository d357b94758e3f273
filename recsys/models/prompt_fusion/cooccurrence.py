"""What follows what, beside what the network learned: a second view of the same events."""

from __future__ import annotations

from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.models.slit import Slit, SlitConfig, recent_events

#: The item-to-item weights kept for each item, the largest in size.
NEIGHBOURS = 200


class CoOccurrence:
    """The strongest item-to-item weights of SLIT: what follows what, counted.

    A transformer generalises and forgets pairs that few people have; counting does the reverse.
    Their sum is better than either.

    Args:
        weights: (n_items, n_items) sparse; row i says what meeting item i adds to each score.
    """

    def __init__(self, weights: sp.csr_matrix) -> None:
        self._weights = weights
        self._config = SlitConfig()

    @classmethod
    def fit(cls, train: Dataset) -> Self:
        """Compute the weights from the training events."""
        slit = Slit()
        slit.fit(train)
        dense = slit.weights  # (m, m) over the items kept
        rows, columns = np.arange(len(dense)), np.arange(len(dense))
        if len(dense) > NEIGHBOURS:
            columns = np.argpartition(-np.abs(dense), NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        values = np.take_along_axis(
            dense, np.broadcast_to(columns, (len(rows), columns.shape[-1])), 1
        )
        row = np.repeat(slit.kept[rows], values.shape[1])
        column = slit.kept[np.broadcast_to(columns, values.shape)].ravel()
        n = train.n_items
        weights = sp.csr_matrix((values.ravel(), (row, column)), shape=(n, n), dtype=np.float32)
        weights.eliminate_zeros()
        return cls(weights)

    def score(self, history: Dataset, users: np.ndarray) -> np.ndarray:
        """Scores (n, n_items) float32; 0 where nothing in a history speaks for an item."""
        ends = history.offsets[np.asarray(users) + 1]
        recent = recent_events(history, users, ends, self._config.recency, self._config.length)
        scores = recent @ self._weights
        dense: np.ndarray = scores.toarray().astype(np.float32, copy=False)
        return dense

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights as `from_tensors` takes them."""
        return {
            "data": self._weights.data.astype(np.float16),
            "indices": self._weights.indices.astype(np.int32),
            "indptr": self._weights.indptr.astype(np.int64),
        }

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray]) -> Self:
        """Rebuild what `tensors` gave."""
        n = len(tensors["indptr"]) - 1
        parts = (tensors["data"].astype(np.float32), tensors["indices"], tensors["indptr"])
        return cls(sp.csr_matrix(parts, shape=(n, n)))
