"""Items without training events, scored by the known items with the most similar texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.models.prompt_fusion.config import PromptFusionConfig
from recsys.models.slit import SlitConfig, recent_events
from recsys.models.tensors import rounded, sparse_from_tensors, sparse_tensors
from recsys.ranking import unit_rows

#: Of a small catalogue, only one item in so many is compared, and at least so many are: the others
#: are not like it.
_ONE_IN, _FEWEST_COMPARED = 15, 10
#: Multiplications at most; in a large catalogue, only the best known items can be neighbours.
_MOST_WORK = 1_000_000_000_000
#: Pairs of a new item and one that it is compared with, at most.
_MOST_PAIRS = 20_000_000
_ROWS = 4096


class NewItems:
    """score(i) += w · Σ r_h likeness(h, i) / Σ r_h over the history h, for new items i.

    Gradients do not train them, so they get from items with similar texts (Gantner et al.
    2010, "Learning attribute-to-feature mappings for cold-start recommendations", by neighbours):
    the vectors and the popularity of `neighbours`, and scores by `likeness` to each user's history.

    Args:
        neighbours: (n_items, n_items) sparse, for each new item the items most like it, weights of
            1 in all; other rows are empty.
        likeness: (n_items, n_items) sparse; row h is what an event with item h adds to the score of
            each new item, in cosines.
        scale: w.
    """

    def __init__(self, neighbours: sp.csr_matrix, likeness: sp.csr_matrix, scale: float) -> None:
        self.neighbours = neighbours
        self._likeness = likeness
        self._scale = scale
        self._config = SlitConfig()

    @classmethod
    def of(cls, texts: np.ndarray, counts: np.ndarray, config: PromptFusionConfig) -> Self:
        """Compare the texts of new items with those of all others.

        Args:
            texts: (n_items, dim) vectors of the items' texts; their mean, which all have in
                common, is subtracted.
            counts: (n_items,) how often each item was met in training; 0 makes it a new one.
        """
        new = np.flatnonzero(counts == 0)
        shape = (len(texts), len(texts))
        neighbours = min(config.new_item_neighbours, len(texts) - len(new))
        compared = _n_compared(len(texts) - len(new), len(new), config.new_item_compared)
        shares, nearness = [], []
        for rows, places, alike in _nearest(texts, new, counts, max(neighbours, compared)):
            weight = np.exp((alike[:, :neighbours] - alike[:, :1]) / config.new_item_temperature)
            weight /= weight.sum(1, keepdims=True)
            shares.append(sp.csr_matrix(_cells(weight, rows, places[:, :neighbours]), shape=shape))
            nearer = alike[:, :compared] - alike[:, compared - 1 : compared]
            nearness.append(sp.csr_matrix(_cells(nearer, rows, places[:, :compared]), shape=shape))
        nothing = sp.csr_matrix(shape, dtype=np.float32)
        likeness = sp.csr_matrix(sum(nearness, nothing).T)
        neighbours_of = sp.csr_matrix(sum(shares, nothing))
        return cls(neighbours_of, rounded(likeness), config.new_item_scale)

    def add_to(self, scores: np.ndarray, history: Dataset, users: np.ndarray) -> None:
        """Raise the scores (n, n_items) of new items by their likeness to the users' histories."""
        if not self._likeness.nnz:
            return
        users = np.asarray(users)
        ends = history.offsets[users + 1]
        met = recent_events(history, users, ends, self._config.recency, self._config.length)
        total = np.asarray(met.sum(1)).ravel()
        per_event = sp.diags(self._scale / np.maximum(total, 1e-9))
        gain = sp.csr_matrix(per_event @ met @ self._likeness)
        rows = np.repeat(np.arange(len(users)), np.diff(gain.indptr))
        scores[rows, gain.indices] += gain.data

    def tensors(self) -> dict[str, np.ndarray]:
        """What is needed after training, as `from_tensors` takes it."""
        return sparse_tensors(self._likeness)

    @classmethod
    def from_tensors(cls, tensors: dict[str, np.ndarray], n_items: int, scale: float) -> Self:
        """Rebuild what `tensors` gave (nothing, in an older model), without neighbours."""
        nothing = sp.csr_matrix((n_items, n_items), dtype=np.float32)
        return cls(nothing, sparse_from_tensors(tensors) if tensors else nothing, scale)


def _n_compared(known: int, new: int, most: int) -> int:
    """How many of the known items each new one is compared with, `most` at most."""
    share = max(_FEWEST_COMPARED, known // _ONE_IN)
    return min(known, most, share, max(_FEWEST_COMPARED, _MOST_PAIRS // max(new, 1)))


def _nearest(
    texts: np.ndarray, new: np.ndarray, counts: np.ndarray, k: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Blocks of new items (r,), the k items most like each, nearest first, and cosines (r, k)."""
    most = max(k, _MOST_WORK // max(len(new) * texts.shape[1], 1))
    met = np.argsort(-counts, kind="stable")[: min(len(counts) - len(new), most)]
    if not k or not len(new):
        return
    mean = texts.mean(0)
    known = unit_rows(texts[met] - mean)
    for start in range(0, len(new), _ROWS):
        rows = new[start : start + _ROWS]
        alike = unit_rows(texts[rows] - mean) @ known.T  # (r, m)
        nearest = np.argpartition(-alike, k - 1, axis=1)[:, :k]
        cosines = np.take_along_axis(alike, nearest, 1)
        order = np.argsort(-cosines, axis=1, kind="stable")
        yield (
            rows,
            met[np.take_along_axis(nearest, order, 1)],
            np.take_along_axis(cosines, order, 1),
        )


def _cells(
    values: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Values (r, k) as a sparse matrix takes them."""
    places = (np.repeat(rows, columns.shape[1]), columns.ravel())
    return values.ravel().astype(np.float32), places
