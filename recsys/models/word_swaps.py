"""Which words of a prompt to exchange, by the gradient of the loss, to first order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch

#: Words that one word is exchanged for at most.
_CHOICES = 3


class WordSwap(NamedTuple):
    """A word of a prompt, another one, and by how much the loss should fall with it."""

    word: str
    other: str
    gain: float


def word_swaps(
    gradients: Mapping[int, torch.Tensor],
    embed: Callable[[torch.Tensor], torch.Tensor],
    vocabulary: Mapping[str, int],
) -> list[WordSwap]:
    """The most promising exchanges of whole words, the best first.

    To first order, the loss changes by (e_other - e_word)ᵀ ∂loss/∂e_word (Ebrahimi et al. 2018,
    "HotFlip"; Shin et al. 2020, "AutoPrompt", equation 2).

    Args:
        gradients: token id → ∂loss/∂ its embedding (d,), summed over the places where it stands.
        embed: token ids (m,) → their embeddings (m, d).
        vocabulary: words that are one token each → token id.
    """
    import torch

    words = list(vocabulary)
    ids = torch.tensor(list(vocabulary.values()))
    table = embed(ids)  # (m, d)
    place_of = {token: place for place, token in enumerate(ids.tolist())}
    found = []
    for token, gradient in gradients.items():
        place = place_of.get(token)
        if place is None:  # a part of a word, or a mark
            continue
        change = (table - table[place]) @ gradient  # (m,)
        best = change.topk(min(_CHOICES, len(words)), largest=False)
        for other, loss in zip(best.indices.tolist(), best.values.tolist(), strict=True):
            if loss < 0:
                found.append(WordSwap(words[place], words[other], -loss))
    return sorted(found, key=lambda swap: -swap.gain)


def add_gradients(
    total: dict[int, torch.Tensor], ids: torch.Tensor, gradients: torch.Tensor
) -> None:
    """Add the gradients (n, d) of tokens with `ids` (n,) to those known; negative ids are none."""
    for token in ids.unique().tolist():
        if token >= 0:
            here = gradients[ids == token].sum(0)
            total[token] = total[token] + here if token in total else here
