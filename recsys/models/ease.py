"""EASE: a linear item-to-item model in closed form, read with recent items first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from recsys.dataset import Dataset
from recsys.language_models import Progress
from recsys.models.base import ClosedFormRecommender, Queries
from recsys.models.settings import ModelConfig
from recsys.models.shared_settings import MAX_ITEMS, RECENCY, REGULARISATION
from recsys.schema import N_

_BLOCK = 512  # rows worked on at once where a whole n × n temporary would not fit


@dataclass(frozen=True)
class EaseConfig(ModelConfig):
    """Settings of EASE.

    Attributes:
        regularisation: λ, the ridge on the item-to-item weights.
        recency: how strongly recent items lead: the item met p different items before the latest
            one weighs (1 + p)^-recency. 0 is EASE as published. 1 was chosen on the validation
            users of MovieLens (NDCG@10 .072, against .050 with 0).
        max_items: only this many most popular items get weights, the others score 0. Memory is
            two matrices of max_items² float32 (512 MB at 8,000), time grows with max_items³.
    """

    regularisation: Annotated[float, REGULARISATION] = 300.0
    recency: Annotated[float, RECENCY] = 1.0
    max_items: Annotated[int, MAX_ITEMS] = 8_000


class Ease(ClosedFormRecommender):
    """Embarrassingly shallow autoencoder (Steck 2019, arXiv:1905.03375).

    B minimises ‖X - XB‖² + λ‖B‖² under diag(B) = 0, for the users × items matrix X of the training
    events; a user's scores are the history, weighted by recency, times B.
    """

    name: ClassVar[str] = "ease"
    title: ClassVar[str] = N_("EASE")
    summary: ClassVar[str] = N_(
        "What goes with what, computed in one step from who met which items; recent items count "
        "more. Hard to beat without words or order."
    )

    def __init__(self, config: EaseConfig = EaseConfig()) -> None:
        self.config = config
        self.kept = np.zeros(0, dtype=np.int64)  # (m,) item positions that have weights
        self.weights = np.zeros((0, 0), dtype=np.float32)  # B, (m, m)

    def fit(self, train: Dataset, progress: Progress | None = None) -> None:
        self.fit_matrix(train.matrix())

    def fit_matrix(self, matrix: sp.csr_matrix) -> None:
        """The weights of X, (n_users, n_items); a row times √w counts its user w times."""
        n_items = matrix.shape[1]
        met = np.bincount(matrix.indices, minlength=n_items)
        most = np.argsort(-met, kind="stable")[: self.config.max_items]
        self.kept = np.sort(most).astype(np.int64)
        kept = matrix[:, self.kept]
        gram = product(kept, kept)
        gram[np.diag_indices_from(gram)] += self.config.regularisation
        inverse = _inverse(gram)  # P in the paper
        inverse /= -np.diagonal(inverse).copy()  # B_ij = -P_ij / P_jj
        np.fill_diagonal(inverse, 0.0)
        # Saved as float16, so round now: a model scores the same before and after saving.
        for start in range(0, len(inverse), _BLOCK):
            block = inverse[start : start + _BLOCK]
            block[:] = block.astype(np.float16)
        self.weights = inverse

    def score(self, queries: Queries) -> np.ndarray:
        history = recent_first(queries.history, queries.users, self.config.recency)
        known: np.ndarray = history[:, self.kept] @ self.weights
        if len(self.kept) == queries.history.n_items:
            return known
        scores = np.zeros(history.shape, dtype=np.float32)
        scores[:, self.kept] = known
        return scores

    def tensors(self) -> dict[str, np.ndarray]:
        return {"kept": self.kept, "weights": self.weights.astype(np.float16)}

    @classmethod
    def from_tensors(
        cls, config: dict[str, Any], tensors: dict[str, np.ndarray], data: Dataset
    ) -> Self:
        model = cls(EaseConfig(**config))
        model.kept = tensors["kept"]
        model.weights = tensors["weights"].astype(np.float32)
        return model


def recent_first(history: Dataset, users: np.ndarray, recency: float) -> sp.csr_matrix:
    """Histories (n, n_items) in which the p-th different item from the end weighs (1 + p)^-recency.

    An item met several times stands where it was met last.
    """
    rows = []
    for user in users:
        backwards = history.history(int(user))[::-1]
        items, first = np.unique(backwards, return_index=True)
        rows.append(items[np.argsort(first)])  # different items, latest first
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    place = np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)
    weight = np.power(1.0 + place, -recency, dtype=np.float32)
    items = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    return sp.csr_matrix((weight, items, indptr), shape=(len(rows), history.n_items))


def product(left: sp.csr_matrix, right: sp.csr_matrix) -> np.ndarray:
    """leftᵀ right as a dense float32 array, a block of rows at a time to bound the sparse part."""
    n = left.shape[1]
    dense = np.empty((n, right.shape[1]), dtype=np.float32)
    transposed = left.T.tocsr()
    for start in range(0, n, _BLOCK):
        dense[start : start + _BLOCK] = (transposed[start : start + _BLOCK] @ right).toarray()
    return dense


def _inverse(gram: np.ndarray) -> np.ndarray:
    """The inverse of a symmetric positive definite float32 matrix, in its own memory."""
    # `.T` of a C-ordered array is Fortran-ordered, which lets LAPACK work in place.
    factor, info = lapack.spotrf(gram.T, lower=True, overwrite_a=True, clean=False)
    if info == 0:
        half, info = lapack.spotri(factor, lower=True, overwrite_c=True)
    if info != 0:
        raise np.linalg.LinAlgError("XᵀX + λI is not positive definite; is λ > 0?")
    inverse: np.ndarray = half.T  # its upper triangle is filled
    for start in range(0, len(inverse), _BLOCK):
        stop = start + _BLOCK
        block = np.triu(inverse[start:stop, start:stop])
        inverse[start:stop, start:stop] = block + np.triu(block, 1).T
        inverse[stop:, start:stop] = inverse[start:stop, stop:].T
    return inverse
