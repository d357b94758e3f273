"""What is trained when a language model is tuned: vectors, weights of the model, an item head."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import nn


class TunedNetwork(nn.Module):
    """The trained part. The language model itself is no part of it, so that what stays frozen is
    neither saved nor copied when an epoch was the best.

    States are whitened with the directions of the item texts (Su et al. 2021, "Whitening sentence
    representations"): a language model puts all texts of a catalogue, and all prompts of a
    template, close together, and only their differences matter.

    Args:
        soft: peft's prompt embedding, (n_vectors, d); None for no trained vectors.
        tuned: parameters of the language model that are trained, by name.
        n_items, dimension: of the item head.
        dropout: of query dimensions, while training.
        head_gain: the head learns this many times faster than everything else.
        read_gain: the matrix that makes queries of states learns this many times faster than keys.
    """

    def __init__(
        self,
        soft: nn.Module | None,
        tuned: Mapping[str, nn.Parameter],
        *,
        n_items: int,
        dimension: int,
        dropout: float,
        head_gain: float,
        read_gain: float,
    ) -> None:
        super().__init__()
        self.centre: torch.Tensor
        self.white: torch.Tensor
        self.soft = soft
        # A dot in a name would mean a module within a module.
        self.tuned = nn.ParameterDict({k.replace(".", "/"): v for k, v in tuned.items()})
        self.register_buffer("centre", torch.zeros(dimension))
        self.register_buffer("white", torch.eye(dimension))
        self.read = nn.Linear(dimension, dimension)
        self.items = nn.Embedding(n_items, dimension)
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.dropout = nn.Dropout(dropout)
        self.gain = head_gain
        # A step of Adam moves all entries of a matrix alike, and so a wide layer's outputs far
        # more than a narrow one's; inputs made smaller by the root keep such steps alike.
        self.root = math.sqrt(dimension) / read_gain

    def vectors(self) -> torch.Tensor | None:
        """The trained vectors, (n_vectors, d)."""
        if self.soft is None:
            return None
        weight: torch.Tensor = self.soft.embedding.weight  # type: ignore[union-attr,assignment]
        found: torch.Tensor = self.soft(torch.arange(len(weight), device=weight.device))
        return found

    def queries(self, states: torch.Tensor) -> torch.Tensor:
        """Queries (n, d) from the language model's states (n, d)."""
        whitened = (states - self.centre) @ self.white.T  # (n, d)
        queries: torch.Tensor = self.dropout(self.gain * self.read(whitened / self.root))
        return queries

    def keys(self) -> torch.Tensor:
        """Keys of all items, (n_items, d)."""
        return self.gain * self.items.weight

    @torch.no_grad()
    def start(
        self, items: torch.Tensor, prompts: torch.Tensor, spread: float, floor: float
    ) -> None:
        """Set the head so that a prompt scores the items with words like its own higher.

        Args:
            items: (n_items, d) states of the item texts.
            prompts: (n, d) states of some prompts, whose mean is subtracted.
            spread: standard deviation of the first scores.
            floor: how much of the largest spread is added to that of every direction.
        """
        d = items.shape[1]
        centred = items - items.mean(0)
        _, values, directions = torch.linalg.svd(centred, full_matrices=False)
        white = directions / (values + floor * values[0] + 1e-6)[:, None]  # (r, d)
        white = torch.cat([white, white.new_zeros(d - len(white), d)])  # few items leave gaps
        keys = centred @ white.T  # (n_items, d)
        queries = (prompts - prompts.mean(0)) @ white.T  # (n, d)
        scale = 1 / queries.square().mean().sqrt().clamp(min=1e-6)
        keys = keys / keys.square().sum(1).mean().sqrt().clamp(min=1e-6)
        self.centre.copy_(prompts.mean(0))
        self.white.copy_(scale * white)
        first = spread / max(float((scale * queries @ keys.T).std()), 1e-6)
        self.items.weight.copy_(keys / self.gain)
        self.read.weight.copy_(first * self.root * torch.eye(d, device=items.device) / self.gain)
        self.read.bias.zero_()
