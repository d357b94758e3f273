"""From scores to ranked lists: what evaluation and recommendation both stand on."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset


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
    scores[np.isnan(scores)] = -np.inf
    if allowed is not None:
        scores[:, ~allowed] = -np.inf
    if exclude is not None:
        rows = np.repeat(np.arange(n), np.diff(exclude.indptr))
        scores[rows, exclude.indices] = -np.inf
    width = min(k, n_items)
    items = np.full((n, k), -1, dtype=np.int64)
    best = np.full((n, k), -np.inf, dtype=np.float32)
    if width == 0 or n == 0:
        return items, best
    # `chosen` holds exactly `width` places a row, in order of item; a stable sort keeps ties so.
    chosen = np.nonzero(_best_places(scores, width))[1].reshape(n, width)
    values = np.take_along_axis(scores, chosen, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    best[:, :width] = np.take_along_axis(values, order, axis=1)
    items[:, :width] = np.take_along_axis(chosen, order, axis=1)
    items[best == -np.inf] = -1
    return items, best


def _best_places(scores: np.ndarray, k: int) -> np.ndarray:
    """Mask with exactly k places a row: the highest scores, ties to the lower item."""
    n_items = scores.shape[1]
    threshold = np.partition(scores, n_items - k, axis=1)[:, n_items - k, None]  # k-th best
    mask = scores >= threshold
    crowded = np.flatnonzero(np.count_nonzero(mask, axis=1) > k)
    if len(crowded):  # several items share the last place
        above = scores[crowded] > threshold[crowded]
        ties = scores[crowded] == threshold[crowded]
        free = k - np.count_nonzero(above, axis=1)[:, None]
        mask[crowded] = above | (ties & (np.cumsum(ties, axis=1) <= free))
    return mask
