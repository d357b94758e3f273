"""From scores to ranked lists: what evaluation and recommendation both stand on."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset

#: Items whose highest score is looked at together.
_STRETCH = 64


def seen_items(history: Dataset, users: np.ndarray) -> sp.csr_matrix:
    """The items that each user met: (n, n_items) bool, row r for `users[r]`."""
    starts, ends = history.offsets[users], history.offsets[np.asarray(users) + 1]
    lengths = ends - starts
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    events = np.arange(indptr[-1]) + np.repeat(starts - indptr[:-1], lengths)
    parts = (np.ones(len(events), dtype=bool), history.item[events], indptr)
    return sp.csr_matrix(parts, shape=(len(users), history.n_items))


def top_k(
    scores: np.ndarray,
    k: int,
    exclude: sp.csr_matrix | None = None,
    allowed: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The k best items of each row, best first; of equal scores the lower item comes first.

    NaN and -inf mean "never". Where fewer than k items are left, lists end in item -1 with
    score -inf. `scores` is not changed.

    Args:
        scores: (n, n_items).
        exclude: (n, n_items) sparse; stored places are left out (seen items).
        allowed: (n_items,) bool; items outside are left out.

    Returns:
        Items (n, k) int64 and their scores (n, k) float32.
    """
    scores = np.array(scores, dtype=np.float32)
    n, n_items = scores.shape
    unknown = np.isnan(scores)
    if unknown.any():
        scores[unknown] = -np.inf
    if allowed is not None:
        scores[:, ~allowed] = -np.inf
    if exclude is not None:
        rows = np.repeat(np.arange(n), np.diff(exclude.indptr))
        scores[rows, exclude.indices] = -np.inf
    items = np.full((n, k), -1, dtype=np.int64)
    best = np.full((n, k), -np.inf, dtype=np.float32)
    width = min(k, n_items)
    if width == 0 or n == 0:
        return items, best
    rows, places = np.nonzero(scores >= _bounds(scores, width)[:, None])
    values = scores[rows, places]
    # The places come in order of item; a stable sort leaves those of equal scores so.
    order = np.lexsort((-values, rows))
    starts = np.searchsorted(rows, np.arange(n))
    rank = np.arange(len(rows)) - starts[rows]  # `rows` is sorted already
    kept = rank < width
    rows, rank, order = rows[kept], rank[kept], order[kept]
    items[rows, rank], best[rows, rank] = places[order], values[order]
    items[best == -np.inf] = -1
    return items, best


def _bounds(scores: np.ndarray, k: int) -> np.ndarray:
    """A score of each row (n,) that at least k of its items reach, and not many more.

    It is the k-th highest among the highest of each stretch of items: far quicker to find than the
    k-th highest score itself, where there are many items.
    """
    n_items = scores.shape[1]
    starts = np.arange(0, n_items, max(1, min(_STRETCH, n_items // (4 * k))))
    highest = np.maximum.reduceat(scores, starts, axis=1)  # (n, stretches)
    place = len(starts) - k
    bounds: np.ndarray = np.partition(highest, place, axis=1)[:, place]
    return bounds


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Vectors (n, d) of length 1 each, so that products are cosines; a zero vector stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: np.ndarray = vectors / np.where(lengths > 0, lengths, 1.0)
    return unit
