"""The words nearest to trained prompt vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch

#: Words listed for each vector.
NEAREST = 8


class NearWord(NamedTuple):
    """A word, and the cosine between it and a trained vector."""

    word: str
    likeness: float


def nearest_words(
    vectors: torch.Tensor, words: Sequence[str], table: torch.Tensor, k: int = NEAREST
) -> list[list[NearWord]]:
    """The `k` words nearest to each vector, the nearest first.

    By the cosine, as Lester, Al-Rfou & Constant 2021 (section 7) read soft prompts, once the mean
    of all words is subtracted, which distinguishes none of them (Mu & Viswanath 2018).

    Args:
        vectors: (n, d).
        words: m of them.
        table: (m, d) their vectors.
    """
    import torch.nn.functional as F

    if not len(words):
        return [[] for _ in vectors]
    mean = table.mean(0)
    cosines = F.normalize(vectors - mean, dim=1) @ F.normalize(table - mean, dim=1).T  # (n, m)
    likest = cosines.topk(min(k, len(words)), dim=1)
    return [
        [NearWord(words[place], round(cosine, 4)) for place, cosine in zip(*pair, strict=True)]
        for pair in zip(likest.indices.cpu().tolist(), likest.values.cpu().tolist(), strict=True)
    ]
