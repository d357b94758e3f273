"""The inputs of the objective at one training step, by the form of the scores."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class SoftmaxBatch:
    """One training step: queries, keys, and which keys each query should find.

    Scores are `queries @ keys.T + bias`, that is R_ui = Q_uᵀK_i + b_i, and on top of that
    `known_scores` at `known`: fixed scores of some items, which are added to the products.
    """

    queries: torch.Tensor  # (n, d)
    keys: torch.Tensor  # (m, d)
    bias: torch.Tensor  # (m,)
    targets: torch.Tensor  # (n,) or (n, k) positions into keys
    weights: torch.Tensor | None = None  # (n, k) how much each target counts; None: all alike
    known: torch.Tensor | None = None  # (n, c) positions into keys, different ones in a row
    known_scores: torch.Tensor | None = None  # (n, c)


@dataclass(frozen=True)
class CandidateBatch:
    """One training step of a model whose scores are no products: scores of some items.

    Every query has the same candidates, besides its own target.
    """

    target_scores: torch.Tensor  # (n,)
    scores: torch.Tensor  # (n, c) of the candidates
    targets: torch.Tensor  # (n,) item positions
    candidates: torch.Tensor  # (c,) item positions, different ones
    n_items: int  # of the whole catalogue


@dataclass(frozen=True)
class RegressionBatch:
    """One training step on ratings: what is predicted, and what was given."""

    predictions: torch.Tensor  # (n,)
    targets: torch.Tensor  # (n,)


Batch = SoftmaxBatch | CandidateBatch | RegressionBatch
