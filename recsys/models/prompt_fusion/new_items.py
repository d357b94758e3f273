"""Items that nobody met in training, known by those whose texts are most like theirs."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from recsys.ranking import unit_rows

#: Items that a new one is like, and how fast the weight falls with the distance (in cosines).
_NEIGHBOURS, _TEMPERATURE = 10, 0.1
#: Multiplications at most; in a large catalogue, only the best known items can be neighbours.
_MOST_WORK = 1_000_000_000_000
_ROWS = 4096


def text_neighbours(texts: np.ndarray, counts: np.ndarray) -> sp.csr_matrix:
    """For each new item the items most like it, weights of 1 in all; other rows are empty.

    So a catalogue's newest items get what gradients cannot give them (Gantner et al. 2010,
    "Learning attribute-to-feature mappings for cold-start recommendations", by neighbours).

    Args:
        texts: (n_items, dim) vectors of the items' texts; their mean, which says what they all are,
            is taken away.
        counts: (n_items,) how often each item was met in training; 0 makes it a new one.

    Returns:
        (n_items, n_items) sparse.
    """
    n, dim = texts.shape
    new = np.flatnonzero(counts == 0)
    most = max(_NEIGHBOURS, _MOST_WORK // max(len(new) * dim, 1))
    met = np.argsort(-counts, kind="stable")[: min(n - len(new), most)]
    k = min(_NEIGHBOURS, len(met))
    if not k or not len(new):
        return sp.csr_matrix((n, n), dtype=np.float32)
    mean = texts.mean(0)
    known = unit_rows(texts[met] - mean)
    columns, weights = [], []
    for start in range(0, len(new), _ROWS):
        likeness = unit_rows(texts[new[start : start + _ROWS]] - mean) @ known.T  # (r, m)
        nearest = np.argpartition(-likeness, k - 1, axis=1)[:, :k]
        alike = np.take_along_axis(likeness, nearest, 1)
        weight = np.exp((alike - alike.max(1, keepdims=True)) / _TEMPERATURE)
        columns.append(met[nearest])
        weights.append(weight / weight.sum(1, keepdims=True))
    cells = (np.repeat(new, k), np.concatenate(columns).ravel())
    values = np.concatenate(weights).ravel().astype(np.float32)
    return sp.csr_matrix((values, cells), shape=(n, n))
