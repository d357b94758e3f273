"""SLIT: a linear model, in closed form, of which items follow which within the next few events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import scipy.linalg
import scipy.sparse as sp

from recsys.dataset import Dataset
from recsys.language_models import Progress
from recsys.models.base import ClosedFormRecommender, Queries
from recsys.models.ease import product
from recsys.models.sequences import next_item_targets
from recsys.models.settings import ModelConfig, Setting
from recsys.models.shared_settings import LENGTH, MAX_ITEMS, RECENCY, REGULARISATION
from recsys.schema import N_
from recsys.splitting import first_meetings

_MAX_POSITIONS = Setting(
    N_("Positions counted at most"),
    N_("Drawn at random where there are more."),
    minimum=1,
    maximum=1_000_000_000,
    step=100_000,
    shown="flag",
)


@dataclass(frozen=True)
class SlitConfig(ModelConfig):
    """Settings of SLIT, chosen on the validation users of MovieLens.

    Attributes:
        regularisation: λ, the ridge on the item-to-item weights.
        recency: how fast weights fall with age: the p-th event before the latest one weighs
            (1 + p)^-recency.
        length: events of a history that are read at most.
        max_items: only this many most popular items get weights, the others score 0.
        max_positions: cutoffs that the weights are computed from at most, drawn at random where
            there are more. On MovieLens-1M a million cutoffs with 32 events each rank as well as
            with 128, in a fifth of the time, and far better than a seventh of the cutoffs (NDCG@10
            .171, .153).
    """

    regularisation: Annotated[float, REGULARISATION] = 300.0
    recency: Annotated[float, RECENCY] = 0.8
    length: Annotated[int, LENGTH] = 32
    max_items: Annotated[int, MAX_ITEMS] = 8_000
    max_positions: Annotated[int, _MAX_POSITIONS] = 1_500_000


class Slit(ClosedFormRecommender):
    """Session-aware linear item-item transition model (Choi et al. 2021, arXiv:2103.16104).

    B minimises ‖Y - XB‖² + λ‖B‖²: row n of X holds a user's items before one cutoff, the latest
    weighing most, and row n of Y the items just after it. EASE predicts the other items of the
    same history; this predicts the next ones. Other than in the paper, every event is a cutoff,
    and weights fall by a power of the age.
    """

    name: ClassVar[str] = "slit"
    title: ClassVar[str] = N_("SLIT")
    summary: ClassVar[str] = N_(
        "What follows what, computed in one step from every moment of every history. The strongest "
        "of the simple models where order matters."
    )

    def __init__(self, config: SlitConfig = SlitConfig()) -> None:
        self.config = config
        self.kept = np.zeros(0, dtype=np.int64)  # (m,) item positions that have weights
        self.weights = np.zeros((0, 0), dtype=np.float32)  # B, (m, m)

    def fit(self, train: Dataset, progress: Progress | None = None) -> None:
        transitions = Transitions.of(train, self.config)
        self.kept = transitions.kept
        weights = transitions.weights(*transitions.sums())
        # Saved as float16, so round now: a model scores the same before and after saving.
        self.weights = np.ascontiguousarray(weights.astype(np.float16).astype(np.float32))

    def score(self, queries: Queries) -> np.ndarray:
        ends = queries.history.offsets[np.asarray(queries.users) + 1]
        recency, length = self.config.recency, self.config.length
        history = recent_events(queries.history, queries.users, ends, recency, length)
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
        model = cls(SlitConfig(**config))
        model.kept = tensors["kept"]
        model.weights = tensors["weights"].astype(np.float32)
        return model


@dataclass(frozen=True)
class Transitions:
    """The rows of X and Y: the items before and just after n cutoffs.

    Attributes:
        users, events: (n,) whose event, and its position in the training data.
        kept: (m,) item positions that the columns stand for.
        before, after: (n, m) the rows of X and Y.
    """

    config: SlitConfig
    users: np.ndarray
    events: np.ndarray
    kept: np.ndarray
    before: sp.csr_matrix
    after: sp.csr_matrix

    @classmethod
    def of(cls, train: Dataset, config: SlitConfig) -> Self:
        """Those at all training events that have an event before them and are not repeats."""
        met = np.bincount(train.item, minlength=train.n_items)
        most = np.argsort(-met, kind="stable")[: config.max_items]
        kept = np.sort(most).astype(np.int64)
        is_new = first_meetings(train)
        is_used = is_new.copy()
        is_used[train.offsets[:-1][np.diff(train.offsets) > 0]] = False
        events = np.flatnonzero(is_used)
        if len(events) > config.max_positions:
            rng = np.random.default_rng(0)
            events = np.sort(rng.choice(events, config.max_positions, replace=False))
        users = np.searchsorted(train.offsets, events, side="right") - 1
        before = recent_events(train, users, events, config.recency, config.length)
        items, counts = next_item_targets(train, users, events, is_new)  # (n, k)
        rows = np.repeat(np.arange(len(events)), items.shape[1])
        after = sp.csr_matrix((counts.ravel(), (rows, items.ravel())), shape=before.shape)
        return cls(config, users, events, kept, before[:, kept], after[:, kept])

    def sums(self, rows: np.ndarray | slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """XᵀX and YᵀX over some rows: (m, m) each."""
        before = self.before[rows]
        return product(before, before), product(self.after[rows], before)

    def weights(self, gram: np.ndarray, together: np.ndarray) -> np.ndarray:
        """B = (XᵀX + λI)⁻¹ XᵀY, (m, m), from what `sums` gave; both are overwritten."""
        gram[np.diag_indices_from(gram)] += self.config.regularisation
        # Transposed, both have the order of memory that LAPACK works on in place.
        factor = scipy.linalg.cho_factor(gram.T, lower=True, overwrite_a=True, check_finite=False)
        weights: np.ndarray = scipy.linalg.cho_solve(
            factor, together.T, overwrite_b=True, check_finite=False
        )
        return weights


def recent_events(
    data: Dataset, users: np.ndarray, ends: np.ndarray, recency: float, length: int
) -> sp.csr_matrix:
    """The items before n cutoffs: (n, n_items), the p-th event back weighing (1 + p)^-recency.

    Args:
        users: (n,) whose events.
        ends: (n,) the position in `data` of the first event that is not known yet.
        length: events known at most. An item met several times has the sum of its weights.
    """
    lengths = np.minimum(ends - data.offsets[users], length)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    age = np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)
    items = data.item[np.repeat(ends, lengths) - 1 - age]
    weights = np.power(1.0 + age, -recency, dtype=np.float32)
    matrix = sp.csr_matrix((weights, items, indptr), shape=(len(ends), data.n_items))
    matrix.sum_duplicates()
    return matrix
