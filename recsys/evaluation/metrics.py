"""Ranking metrics, a value a user, and the registry of all metrics.

Everywhere `recommended` is (n, k) item positions, best first, padded with -1, and `targets` is
(n, n_items) bool, the items to be found. k is the width of `recommended`: pass
`recommended[:, :10]` for @10. A user with no recommendations, or nothing to find, counts as 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from recsys.evaluation.beyond_accuracy import Catalogue, coverage, diversity, novelty
from recsys.evaluation.significance import Interval
from recsys.schema import N_


def hits(recommended: np.ndarray, targets: sp.csr_matrix) -> np.ndarray:
    """Whether each recommended item is a target: (n, k) bool."""
    n, n_items = targets.shape
    rows = np.repeat(np.arange(n), np.diff(targets.indptr))
    wanted = rows * n_items + targets.indices
    found = np.isin(np.arange(n)[:, None] * n_items + recommended, wanted)
    return found & (recommended >= 0)


def ndcg(recommended: np.ndarray, targets: sp.csr_matrix) -> np.ndarray:
    """Normalised discounted cumulative gain with binary gains (Järvelin and Kekäläinen 2002).

    The ideal list has all targets in front, at most k of them. Returns (n,).
    """
    k = recommended.shape[1]
    discount = 1.0 / np.log2(np.arange(2, k + 2))  # (k,)
    gain = hits(recommended, targets) @ discount
    ideal = np.concatenate([[1.0], np.cumsum(discount)])  # by number of targets; 1 avoids 0 / 0
    return gain / ideal[np.minimum(_n_relevant(targets), k)]


def recall(recommended: np.ndarray, targets: sp.csr_matrix) -> np.ndarray:
    """Share of a user's targets that were recommended, (n,)."""
    return hits(recommended, targets).sum(axis=1) / np.maximum(_n_relevant(targets), 1)


def mrr(recommended: np.ndarray, targets: sp.csr_matrix) -> np.ndarray:
    """One divided by the rank of the first target, 0 where none is in the list: (n,)."""
    found = hits(recommended, targets)
    return np.where(found.any(axis=1), 1.0 / (found.argmax(axis=1) + 1.0), 0.0)


def hit_rate(recommended: np.ndarray, targets: sp.csr_matrix) -> np.ndarray:
    """1 where at least one target is in the list: (n,) float."""
    return np.where(hits(recommended, targets).any(axis=1), 1.0, 0.0)


def _n_relevant(targets: sp.csr_matrix) -> np.ndarray:
    return np.diff(targets.indptr)


@dataclass(frozen=True)
class RankingMetric:
    """A metric of lists against targets: `measure(recommended, targets)` gives (n,)."""

    title: str
    description: str
    measure: Callable[[np.ndarray, sp.csr_matrix], np.ndarray]


@dataclass(frozen=True)
class ListMetric:
    """A metric of lists by themselves: `measure(recommended, catalogue)` gives (n,).

    `needs_similarity` says that it means nothing where items cannot be compared.
    """

    title: str
    description: str
    measure: Callable[[np.ndarray, Catalogue], np.ndarray]
    needs_similarity: bool = False


@dataclass(frozen=True)
class CatalogueMetric:
    """A metric of all lists together, with an interval of its own."""

    title: str
    description: str
    measure: Callable[[np.ndarray, Catalogue], Interval]


Metric = RankingMetric | ListMetric | CatalogueMetric

METRICS: dict[str, Metric] = {
    "ndcg": RankingMetric(
        N_("NDCG"),
        N_("How high the hidden items stand in the list: 1 is the perfect order, 0 is none found."),
        ndcg,
    ),
    "recall": RankingMetric(
        N_("Recall"), N_("The share of a user's hidden items that are in the list."), recall
    ),
    "mrr": RankingMetric(
        N_("MRR"),
        N_("One divided by the rank of the first hidden item; 0 where none is in the list."),
        mrr,
    ),
    "hit_rate": RankingMetric(
        N_("Hit rate"), N_("The share of users with a hidden item in their list."), hit_rate
    ),
    "coverage": CatalogueMetric(
        N_("Catalogue coverage"),
        N_("The share of the catalogue that is recommended to at least one user."),
        coverage,
    ),
    "novelty": ListMetric(
        N_("Novelty"),
        N_("How little known the recommended items are: each bit halves the users who met them."),
        novelty,
    ),
    "diversity": ListMetric(
        N_("Diversity"),
        N_("How different the items of one list are: 0 is all alike, 1 is nothing in common."),
        diversity,
        needs_similarity=True,
    ),
}
