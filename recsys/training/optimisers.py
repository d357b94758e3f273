"""The optimiser of a plan, and its learning rate over time."""

from __future__ import annotations

import math

import torch

from recsys.models.base import Optimisation

#: Steps over which the learning rate rises.
WARM_UP_STEPS = 50
#: The learning rate ends at this share of the highest.
FINAL_RATE = 0.05


def optimiser_for(network: torch.nn.Module, plan: Optimisation) -> torch.optim.Optimizer:
    """Adam where the plan is plain, else AdamW (Loshchilov & Hutter 2019).

    AdamW decays the matrices of layers only: biases, norms and vectors that stand for something
    by themselves (a soft prompt, a position) would only shrink towards zero.
    """
    trainable = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    if plan.plain:
        parameters = [p for _, p in trainable]
        return torch.optim.Adam(parameters, plan.learning_rate, weight_decay=plan.weight_decay)
    decayed = [p for name, p in trainable if name.endswith("weight") and p.dim() > 1]
    others = [p for name, p in trainable if not (name.endswith("weight") and p.dim() > 1)]
    groups = [
        {"params": decayed, "weight_decay": plan.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=plan.learning_rate, betas=(0.9, 0.98))


def learning_rate(plan: Optimisation, steps: int, progress: float) -> float:
    """The rate after `steps`: it rises at first, then falls along a cosine, unless plain.

    Args:
        progress: the share of the training that is over.
    """
    if plan.plain:
        return plan.learning_rate
    warm = min(1.0, (steps + 1) / WARM_UP_STEPS)
    cosine = 0.5 * (1 + math.cos(math.pi * progress))
    return plan.learning_rate * warm * (FINAL_RATE + (1 - FINAL_RATE) * cosine)
