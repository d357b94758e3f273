"""Softmax cross-entropy over a whole catalogue, its gradient computed on the way."""

from __future__ import annotations

from typing import Any

import torch

#: Logits held at once: few enough to stay in a processor's cache from one step to the next.
_LOGITS_AT_ONCE = 2**21


class FusedSoftmaxLoss(torch.autograd.Function):
    """Σ_nk weight_nk · (logsumexp_m(s_n) − s_n[target_nk]) for scores s_n = q_n·K + b + known_n.

    The logits (n, m) are never kept: they are made for some queries at a time, turned in place
    into the gradient, and multiplied into the gradients of queries, keys and bias. This is the
    memory traffic of one pass instead of six (Hsu et al. 2024, "Liger Kernel", for the idea).
    """

    @staticmethod
    def forward(
        ctx: Any,
        queries: torch.Tensor,  # (n, d)
        keys: torch.Tensor,  # (m, d)
        bias: torch.Tensor,  # (m,)
        targets: torch.Tensor,  # (n, k)
        weights: torch.Tensor,  # (n, k)
        known: torch.Tensor,  # (n, c)
        known_scores: torch.Tensor,  # (n, c)
    ) -> torch.Tensor:
        for_queries, for_known = torch.empty_like(queries), torch.empty_like(known_scores)
        for_keys, for_bias = torch.zeros_like(keys), torch.zeros_like(bias)
        loss = queries.new_zeros(())
        rows = max(1, _LOGITS_AT_ONCE // len(keys))
        per_query = (queries, for_queries, for_known, targets, weights, known, known_scores)
        for part, into, into_known, wanted, counts, places, scores in zip(
            *(tensor.split(rows) for tensor in per_query), strict=True
        ):
            logits = torch.addmm(bias, part, keys.T)  # (r, m)
            logits.scatter_add_(1, places, scores)
            highest = logits.amax(1, keepdim=True)
            chosen = logits.gather(1, wanted) - highest  # (r, k)
            likely = logits.sub_(highest).exp_()
            total = likely.sum(1, keepdim=True)
            loss += ((total.log() - chosen) * counts).sum()
            gradient = likely.mul_(counts.sum(1, keepdim=True) / total)
            gradient.scatter_add_(1, wanted, -counts)
            torch.gather(gradient, 1, places, out=into_known)
            torch.mm(gradient, keys, out=into)
            if ctx.needs_input_grad[1]:  # not those of a frozen model
                for_keys.addmm_(gradient.T, part)
            if ctx.needs_input_grad[2]:
                for_bias += gradient.sum(0)
        ctx.save_for_backward(for_queries, for_keys, for_bias, for_known)
        return loss

    @staticmethod
    def backward(ctx: Any, *outer: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (scale,) = outer
        for_queries, for_keys, for_bias, for_known = ctx.saved_tensors
        found = (for_queries * scale, for_keys * scale, for_bias * scale)
        return *found, None, None, None, for_known * scale
