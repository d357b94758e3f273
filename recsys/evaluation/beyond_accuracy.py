"""Metrics of lists beyond accuracy: coverage, novelty, diversity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.evaluation.significance import Interval


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The data about items that these metrics use.

    Attributes:
        popularity: (n_items,) share of training users who met the item, smoothed as
            (users + 1) / (all users + 1), so that an item that nobody met stays finite.
        values: (n_items, n_values) 1 where an item has an attribute value; None where no two
            items share any.
        vectors: (n_items, d) item vectors; where given, diversity uses them.
    """

    popularity: np.ndarray
    values: sp.csr_matrix | None = None
    vectors: np.ndarray | None = None

    @property
    def has_similarity(self) -> bool:
        return self.values is not None or self.vectors is not None

    @classmethod
    def of(cls, train: Dataset, vectors: np.ndarray | None = None) -> Catalogue:
        """These data, from the training events."""
        met = np.bincount(train.matrix().indices, minlength=train.n_items)
        popularity = (met + 1.0) / (train.n_users + 1.0)
        return cls(popularity, _attribute_matrix(train) if vectors is None else None, vectors)


def coverage(recommended: np.ndarray, catalogue: Catalogue) -> Interval:
    """Share of the catalogue that stands in at least one list.

    Its interval comes from the jackknife over users, value ± 1.96 standard errors. (A bootstrap
    leaves out a third of the users each time, and with them their items, so its interval would
    lie below the value itself.) Leaving out one user loses the items that only this user got, so
    this is the variance that Heltshe and Forrester 1983 give for species richness.
    """
    n_items = len(catalogue.popularity)
    n = len(recommended)
    rows, columns = np.nonzero(recommended >= 0)
    items = recommended[rows, columns]
    lists = np.bincount(items, minlength=n_items)  # how many lists hold each item
    value = np.count_nonzero(lists) / n_items
    lost = np.bincount(rows[lists[items] == 1], minlength=n) / n_items  # (n,)
    error = 1.96 * np.sqrt((n - 1) / n * np.square(lost - lost.mean()).sum())
    return Interval(float(value), float(max(0.0, value - error)), float(min(1.0, value + error)))


def novelty(recommended: np.ndarray, catalogue: Catalogue) -> np.ndarray:
    """Mean self-information of each list, -log2 of the share of users who met an item, in bits.

    Castells, Hurley and Vargas 2015, "Novelty and diversity in recommender systems". Returns
    (n,); 0 for an empty list.
    """
    information = -np.log2(catalogue.popularity)
    real = recommended >= 0
    total = np.where(real, information[recommended], 0.0).sum(axis=1)
    return total / np.maximum(real.sum(axis=1), 1)


def diversity(recommended: np.ndarray, catalogue: Catalogue) -> np.ndarray:
    """One minus the mean similarity of the pairs in each list (Ziegler et al. 2005), (n,).

    Similarity is the cosine of item vectors where there are any, else the Jaccard similarity of
    the sets of attribute values (0 for items without values). 0 for a list of fewer than two.

    Raises:
        ValueError: if the catalogue has neither vectors nor attribute values.
    """
    first, second = np.triu_indices(recommended.shape[1], k=1)
    left, right = recommended[:, first], recommended[:, second]  # (n, pairs)
    real = (left >= 0) & (right >= 0)
    if catalogue.vectors is not None:
        similarity = _cosine(catalogue.vectors, recommended)[:, first, second]
    elif catalogue.values is not None:
        similarity = _jaccard(catalogue.values, left, right)
    else:
        raise ValueError("diversity needs item vectors or attribute values")
    pairs = real.sum(axis=1)
    mean = np.where(real, similarity, 0.0).sum(axis=1) / np.maximum(pairs, 1)
    return np.where(pairs > 0, 1.0 - mean, 0.0)


def _cosine(vectors: np.ndarray, recommended: np.ndarray) -> np.ndarray:
    """Cosines within each list: (n, k, k)."""
    chosen = vectors[recommended]  # (n, k, d); padding picks some vector, and is masked later
    length = np.linalg.norm(chosen, axis=2, keepdims=True)
    unit = chosen / np.where(length > 0, length, 1.0)
    return unit @ unit.transpose(0, 2, 1)


def _jaccard(values: sp.csr_matrix, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Jaccard similarity of the value sets of items, pair by pair, in the shape of `left`."""
    # Lists share many pairs (popular items go together), so each pair is worked out once.
    n_items = values.shape[0]
    low, high = np.minimum(left, right), np.maximum(left, right)
    pairs, place = np.unique(
        np.maximum(low, 0) * n_items + np.maximum(high, 0), return_inverse=True
    )
    a, b = pairs // n_items, pairs % n_items
    common = np.asarray(values[a].multiply(values[b]).sum(axis=1), dtype=np.float64).ravel()
    sizes = np.diff(values.indptr)
    union = sizes[a] + sizes[b] - common
    return (common / np.maximum(union, 1))[place].reshape(left.shape)


def _attribute_matrix(train: Dataset) -> sp.csr_matrix | None:
    """Items × (attribute, value) pairs that at least two items share; None where there are none.

    A value that one item alone has (a summary, a link) says nothing of how alike items are.
    """
    codes: dict[tuple[str, str], int] = {}
    rows, columns = [], []
    for attribute in train.item_attributes:
        for item, cell in enumerate(train.attribute_values(attribute)):
            for value in set(cell):
                rows.append(item)
                columns.append(codes.setdefault((attribute, value), len(codes)))
    shape = (train.n_items, len(codes))
    matrix = sp.csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)
    matrix = matrix[:, np.asarray(matrix.sum(axis=0)).ravel() >= 2]
    return matrix if matrix.nnz else None
