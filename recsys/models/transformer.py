"""The causal transformer that encodes a history as a state before each event and after the last."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from recsys.models.dropout import ByteDropout


class Block(nn.Module):
    """Pre-norm self-attention and feed-forward, as in GPT-2."""

    def __init__(self, dimension: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(dimension)
        self.query_key_value = nn.Linear(dimension, 3 * dimension)
        self.output = nn.Linear(dimension, dimension)
        self.feed_forward_norm = nn.LayerNorm(dimension)
        self.feed_forward = nn.Sequential(
            nn.Linear(dimension, 4 * dimension),
            nn.GELU(),
            ByteDropout(dropout),
            nn.Linear(4 * dimension, dimension),
        )
        self.dropout = ByteDropout(dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        b, t, d = x.shape
        split = self.query_key_value(self.attention_norm(x)).view(
            b, t, 3, self.heads, d // self.heads
        )
        q, k, v = split.permute(2, 0, 3, 1, 4)  # each (b, heads, t, d / heads)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.dropout(self.output(mixed.transpose(1, 2).reshape(b, t, d)))
        return x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))  # (b, t, d)


class CausalTransformer(nn.Module):
    """States before every event of a sequence (Kang & McAuley 2018, with pre-norm blocks).

    Args:
        dimension: width d of items and states.
        length: how many events a sequence may hold.
    """

    def __init__(
        self, dimension: int, *, layers: int, heads: int, dropout: float, length: int
    ) -> None:
        super().__init__()
        self.length = length
        self.start = nn.Parameter(torch.randn(dimension) * 0.02)
        self.positions = nn.Parameter(torch.randn(length + 1, dimension) * 0.02)
        self.blocks = nn.ModuleList(Block(dimension, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(dimension)
        self.dropout = ByteDropout(dropout)

    def forward(self, events: torch.Tensor) -> torch.Tensor:
        """States (b, t + 1, d) from event vectors (b, t, d).

        State j has seen events 0 … j-1; state 0 has seen nothing.
        """
        b, t, d = events.shape
        x = torch.cat([self.start.expand(b, 1, d), events], dim=1)  # (b, t + 1, d)
        x = self.dropout(x + self.positions[: t + 1])
        for block in self.blocks:
            x = block(x)
        return self.norm(x)
