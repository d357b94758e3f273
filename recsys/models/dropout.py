"""Dropout that draws a quarter of the random bytes, which take most of its time on a CPU."""

from __future__ import annotations

import torch
from torch import nn


class ByteDropout(nn.Module):
    """Dropout (Srivastava et al. 2014) that draws one byte for each element.

    `torch.nn.Dropout` draws 32 bits for each, one after the other, which is a fifth of a training
    step of a small transformer.

    Args:
        share: of the elements that become 0, rounded to 1/256; the others grow to keep the mean.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`x` of any shape, some of it 0 in training; itself otherwise."""
        dropped = round(self.share * 256)
        if not self.training or not dropped:
            return x
        n = x.numel()
        drawn = torch.empty((n + 3) // 4, dtype=torch.int32, device=x.device)
        drawn.random_(-(2**31), 2**31)
        kept = drawn.view(torch.uint8)[:n].view(x.shape) >= dropped
        return x * kept.to(x.dtype).mul_(256 / (256 - dropped))

    def extra_repr(self) -> str:
        return f"share={self.share}"
