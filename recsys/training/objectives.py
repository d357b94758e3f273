"""Losses: of scores, `queries @ keys.T + bias` where they are products, and of ratings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from recsys.models.batches import CandidateBatch, RegressionBatch, SoftmaxBatch
from recsys.training.fused import FusedSoftmaxLoss

#: A loss, a scalar, from what `forward` gave; the generator draws what has to be drawn, on the CPU
#: wherever the batch lies.
Objective = Callable[[Any, torch.Generator], torch.Tensor]

#: Above this catalogue size a full softmax costs more time than it gains in quality.
FULL_SOFTMAX_ITEMS = 20_000
#: Keys drawn for `sampled_softmax`, shared by all queries of a batch.
SAMPLED_KEYS = 4096


def full_softmax(batch: SoftmaxBatch, generator: torch.Generator) -> torch.Tensor:
    """Cross-entropy over every item of the catalogue.

    The strong form of training for sequential recommenders (Klenitskiy & Vasilev 2023,
    "Turning Dross Into Gold Loss: is BERT4Rec really better than SASRec?").
    """
    targets = batch.targets if batch.targets.dim() == 2 else batch.targets[:, None]  # (n, k)
    counts = batch.queries.new_ones(targets.shape) if batch.weights is None else batch.weights
    weights = counts / counts.sum(1, keepdim=True) / len(targets)  # (n, k)
    return FusedSoftmaxLoss.apply(
        batch.queries, batch.keys, batch.bias, targets, weights, *_known(batch)
    )


def sampled_softmax(batch: SoftmaxBatch, generator: torch.Generator) -> torch.Tensor:
    """Cross-entropy over the batch's targets and uniformly drawn keys (Jean et al. 2015).

    The target is always among the candidates, and every other candidate stands for
    `m / drawn` keys, which the added log keeps unbiased for large samples.
    """
    m = len(batch.keys)
    if m <= SAMPLED_KEYS:
        return full_softmax(batch, generator)
    targets = batch.targets if batch.targets.dim() == 2 else batch.targets[:, None]  # (n, k)
    known, known_scores = _known(batch)
    drawn = torch.randint(m, (SAMPLED_KEYS,), generator=generator).unique().to(batch.keys.device)
    negatives = batch.queries @ batch.keys[drawn].T + batch.bias[drawn]  # (n, s)
    negatives = negatives + math.log(m / len(drawn))
    place = drawn.new_full((m,), -1)
    place[drawn] = torch.arange(len(drawn), device=drawn.device)
    among = place[known]  # (n, c)
    negatives = negatives.scatter_add(1, among.clamp(min=0), known_scores * (among >= 0))
    for column in targets.T:  # a drawn target must not count twice
        negatives = negatives.masked_fill(drawn == column[:, None], -torch.inf)
    others = torch.logsumexp(negatives, 1, keepdim=True)  # (n, 1)
    positive = torch.einsum("nd,nkd->nk", batch.queries, batch.keys[targets])
    is_known = targets[:, :, None] == known[:, None]  # (n, k, c)
    positive = positive + batch.bias[targets] + (is_known * known_scores[:, None]).sum(-1)  # (n, k)
    return _weighted(torch.logaddexp(others, positive) - positive, batch)


def candidate_softmax(batch: CandidateBatch, generator: torch.Generator) -> torch.Tensor:
    """Cross-entropy over drawn candidates and the target, as in `sampled_softmax`."""
    others = batch.scores + math.log(batch.n_items / len(batch.candidates))  # (n, c)
    others = others.masked_fill(batch.candidates == batch.targets[:, None], -torch.inf)
    total = torch.logaddexp(torch.logsumexp(others, 1), batch.target_scores)  # (n,)
    return (total - batch.target_scores).mean()


def mean_squared_error(batch: RegressionBatch, generator: torch.Generator) -> torch.Tensor:
    """The mean squared difference between ratings and predictions (Koren, Bell & Volinsky 2009)."""
    return F.mse_loss(batch.predictions, batch.targets)


def _known(batch: SoftmaxBatch) -> tuple[torch.Tensor, torch.Tensor]:
    """Where scores are known, and those scores; (n, 0) without any."""
    if batch.known is None or batch.known_scores is None:
        n = len(batch.queries)
        return batch.targets.new_zeros(n, 0), batch.queries.new_zeros(n, 0)
    return batch.known, batch.known_scores


def _weighted(losses: torch.Tensor, batch: SoftmaxBatch) -> torch.Tensor:
    """The mean over queries of the weighted mean over their targets (n, k)."""
    if batch.weights is None:
        return losses.mean()
    return ((losses * batch.weights).sum(1) / batch.weights.sum(1)).mean()


OBJECTIVES: dict[str, Objective] = {
    "full-softmax": full_softmax,
    "sampled-softmax": sampled_softmax,
    "candidate-softmax": candidate_softmax,
    "mse": mean_squared_error,
}


def objective_for(name: str, n_items: int) -> Objective:
    """The objective of a plan; of a large catalogue, the full softmax becomes a sampled one."""
    sampled = name == "full-softmax" and n_items > FULL_SOFTMAX_ITEMS
    return OBJECTIVES["sampled-softmax" if sampled else name]
