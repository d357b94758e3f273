"""Item-to-item transition weights, whose scores are added to those of the network."""

from __future__ import annotations

from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.models.slit import Slit, SlitConfig, recent_events
from recsys.models.tensors import rounded, sparse_from_tensors, sparse_tensors

#: Weights in all, more than which a large catalogue's new items get none.
_MOST_WEIGHTS = 50_000_000


class CoOccurrence:
    """The largest item-to-item weights of SLIT.

    A transformer generalises and underfits rare pairs of items; a linear model fits these. The sum
    ranks better than either.

    Args:
        weights: (n_items, n_items) sparse; row i is what an event with item i adds to each score.
    """

    def __init__(self, weights: sp.csr_matrix) -> None:
        self._weights = weights
        self._config = SlitConfig()

    @classmethod
    def fit(cls, train: Dataset, neighbours: int) -> Self:
        """Compute the weights from the training events; `neighbours` are kept for each item."""
        slit = Slit()
        slit.fit(train)
        return cls(strongest(slit.weights, slit.kept, train.n_items, neighbours))

    def introduce(self, neighbours: sp.csr_matrix) -> None:
        """Give new items the mean weights of their neighbours; see `NewItems`."""
        met = self._weights.shape[0] - np.count_nonzero(np.diff(neighbours.indptr))
        if self._weights.nnz * (1 + neighbours.nnz / max(met, 1)) < _MOST_WEIGHTS:
            self._weights = rounded(sp.csr_matrix(self._weights + self._weights @ neighbours.T))

    def score(self, history: Dataset, users: np.ndarray) -> np.ndarray:
        """Scores (n, n_items) float32; 0 for items without a weight from the history."""
        ends = history.offsets[np.asarray(users) + 1]
        recent = recent_events(history, users, ends, self._config.recency, self._config.length)
        scores = recent @ self._weights
        dense: np.ndarray = scores.toarray().astype(np.float32, copy=False)
        return dense

    def tensors(self) -> dict[str, np.ndarray]:
        """The weights as `from_tensors` takes them."""
        return sparse_tensors(self._weights)

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray]) -> Self:
        """Rebuild what `tensors` gave."""
        return cls(sparse_from_tensors(tensors))


def strongest(dense: np.ndarray, kept: np.ndarray, n_items: int, neighbours: int) -> sp.csr_matrix:
    """The largest weights of each row, (n_items, n_items) sparse, of a matrix over some items.

    Args:
        dense: (m, m) weights.
        kept: (m,) the item positions that its rows and columns stand for.
        neighbours: weights of a row that stay.
    """
    rows, columns = np.arange(len(dense)), np.arange(len(dense))
    if len(dense) > neighbours:
        columns = np.argpartition(-np.abs(dense), neighbours, axis=1)[:, :neighbours]
    values = np.take_along_axis(dense, np.broadcast_to(columns, (len(rows), columns.shape[-1])), 1)
    row = np.repeat(kept[rows], values.shape[1])
    column = kept[np.broadcast_to(columns, values.shape)].ravel()
    shape = (n_items, n_items)
    weights = sp.csr_matrix((values.ravel(), (row, column)), shape=shape, dtype=np.float32)
    weights.eliminate_zeros()
    return weights
